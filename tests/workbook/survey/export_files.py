"""Files as survey programs export them: their columns, rows of headings, quotes and encodings.

Each asks two people what a journalist and a podcast are worth, in the way usual in that program;
they said 2.5 and 4, and nothing and 12, and one wrote a remark that misleads a careless reader.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

GOODS = ("Journalist", "Podcast")
ANSWERS = ((2.5, 4.0), (None, 12.0))
QUESTION = "What is one of each good worth, in researchers of the usual kind?"
ITEMS = [f"{QUESTION} [{good}]" for good in GOODS]
REMARK = 'Hard to say; 1, 2 or 3 "usual" ones?\nI thought of\n2,5\n300,5'
FIRST, SECOND = ("2.5", "4"), ("", "12")

Rows = Sequence[Sequence[str]]


def table(
    rows: Rows, delimiter: str = ",", quoting: Any = csv.QUOTE_MINIMAL, end: str = "\n"
) -> str:
    written = io.StringIO()
    writer = csv.writer(written, delimiter=delimiter, quoting=quoting, lineterminator=end)
    writer.writerows(rows)
    return written.getvalue()


def with_commas(numbers: Sequence[str], delimiter: str) -> list[str]:
    """Numbers as they are written where a semicolon separates cells."""
    return [each.replace(".", ",") if delimiter == ";" else each for each in numbers]


QUALTRICS = """\
StartDate|Start Date|startDate|2023-11-05 15:02:11|2023-11-05 16:40:02
EndDate|End Date|endDate|2023-11-05 15:11:22|2023-11-05 16:44:59
Status|Response Type|status|IP Address|IP Address
IPAddress|IP Address|ipAddress|192.0.2.17|198.51.100.4
Progress|Progress|progress|100|100
Duration (in seconds)|Duration (in seconds)|duration|551|297
Finished|Finished|finished|True|True
RecordedDate|Recorded Date|recordedDate|2023-11-05 15:11:23|2023-11-05 16:45:00
ResponseId|Response ID|_recordId|R_2xAbCdEfGhIjKlM|R_3yNoPqRsTuVwXyZ
RecipientLastName|Recipient Last Name|recipientLastName||
RecipientFirstName|Recipient First Name|recipientFirstName||
RecipientEmail|Recipient Email|recipientEmail||
ExternalReference|External Data Reference|externalDataReference||
LocationLatitude|Location Latitude|locationLatitude|51.7520|52.2053
LocationLongitude|Location Longitude|locationLongitude|1.2577|0.1218
DistributionChannel|Distribution Channel|distributionChannel|anonymous|anonymous
UserLanguage|User Language|userLanguage|EN|EN
Q_RecaptchaScore|Q_RecaptchaScore|Q_RecaptchaScore|1|0.9
Q1_First Click|Timing - First Click|QID1_FIRST_CLICK|1.25|3.5
Q1_Last Click|Timing - Last Click|QID1_LAST_CLICK|63.2|31.9
Q1_Page Submit|Timing - Page Submit|QID1_PAGE_SUBMIT|64.1|33.07
Q1_Click Count|Timing - Click Count|QID1_CLICK_COUNT|3|4"""


def qualtrics(delimiter: str = ",", three: bool = True) -> bytes:
    """Three rows of headings: short ids, questions, and what an import needs; older: two."""
    columns = [
        *(line.split("|") for line in QUALTRICS.splitlines()),
        ["Q2_1", f"{QUESTION} - Journalist", "QID2_1", "2.5", ""],
        ["Q2_2", f"{QUESTION} - Podcast", "QID2_2", "4", "12"],
        ["Q3", "Is there anything to add?", "QID3_TEXT", REMARK, "No."],
    ]
    rows = [list(row) for row in zip(*columns, strict=True)]
    zone = {"timeZone": "America/Denver"}
    rows[2] = [
        json.dumps({"ImportId": each} | (zone if "Date" in each else {}), separators=(",", ":"))
        for each in rows[2]
    ]
    if not three:
        del rows[2]
    return table(rows, delimiter).encode("utf-8-sig" if delimiter == "," else "utf-16")


def google_forms() -> bytes:
    """A grid of short answers: a column for each of its rows; everything is quoted."""
    rows = [
        ["Timestamp", "Username", *ITEMS, "Any other thoughts?"],
        ["2023/11/05 3:11:22 PM GMT+1", "ann@example.org", *FIRST, REMARK],
        ["2023/11/05 4:44:59 PM GMT+1", "bob@example.org", *SECOND, ""],
    ]
    return table(rows, quoting=csv.QUOTE_ALL).encode()


def google_sheet() -> bytes:
    """The sheet behind a German form: a question for each good, and decimal commas, quoted."""
    rows = [
        ["Zeitstempel", "E-Mail-Adresse", *(f"Wie viel ist ein(e) {good} wert?" for good in GOODS)],
        ["05.11.2023 15:11:22", "ann@example.org", "2,5", "4"],
        ["05.11.2023 16:44:59", "bob@example.org", "", "12"],
    ]
    return table(rows, end="\r\n").encode()


def surveymonkey(last: int = 9) -> bytes:
    """Two rows of headings: a question stands above its first column alone."""
    own = [
        *("Respondent ID", "Collector ID", "Start Date", "End Date", "IP Address"),
        *("Email Address", "First Name", "Last Name", "Custom Data 1"),
    ]
    day = ["11/05/2023 03:02:11 PM", "11/05/2023 03:11:22 PM", "192.0.2.17", "", "", "", ""]
    rows = [
        [*own[:last], QUESTION, "", "Is there anything else?"],
        [*[""] * last, *GOODS, "Open-Ended Response"],
        [*["118412345678", "12", *day][:last], *FIRST, REMARK],
        [*["118412345699", "12", *day][:last], *SECOND, ""],
    ]
    return table(rows).encode("utf-8-sig")


def surveymonkey_questions() -> bytes:
    """The newer headings, and a question for each good: all have "Open-Ended Response" below."""
    own = ["respondent_id", "collector_id", "date_created", "date_modified", "ip_address"]
    day = ["11/05/2023 03:02:11 PM", "11/05/2023 03:11:22 PM", "192.0.2.17"]
    rows = [
        [*own, *GOODS, "Is there anything else?"],
        [*[""] * 5, *["Open-Ended Response"] * 3],
        ["118412345678", "438112233", *day, *FIRST, REMARK],
        ["118412345699", "438112233", *day, *SECOND, ""],
    ]
    return table(rows, end="\r\n").encode("utf-8-sig")


LIMESURVEY = """\
id|Response ID|7|9
submitdate|Date submitted|2023-11-05 15:11:22|
lastpage|Last page|3|2
startlanguage|Start language|en|en
seed|Seed|1672531199|512345678
startdate|Date started|2023-11-05 15:02:11|2023-11-05 16:40:02
datestamp|Date last action|2023-11-05 15:11:22|2023-11-05 16:44:59
ipaddr|IP address|192.0.2.17|198.51.100.4
refurl|Referrer URL|https://example.org/?a=1;b=2|"""

LIMESURVEY_TIMES = """\
interviewtime|Total time|551.21|297.5
groupTime12|Group time: What things are worth|500.02|250.25
G01Q01Time|Question time: G01Q01|400.5|200
G01Q02Time|Question time: G01Q02|99.52|50.25"""


def limesurvey(heading: int = 1, delimiter: str = ",") -> bytes:
    """Everything is quoted, headings are codes or full texts, and numbers have ten decimals."""
    asked = [
        ["G01Q01[SQ001]", ITEMS[0], "2.5000000000", ""],
        ["G01Q01[SQ002]", ITEMS[1], "4.0000000000", "12.0000000000"],
        ["G01Q02", "Anything to add?", REMARK, ""],
    ]
    own, times = (
        [line.split("|") for line in text.splitlines()] for text in (LIMESURVEY, LIMESURVEY_TIMES)
    )
    numbers = [[*each[:2], *with_commas(each[2:], delimiter)] for each in (*asked[:2], *times)]
    columns = [*own, *numbers[:2], asked[2], *numbers[2:]]
    rows = list(zip(*([each[heading], *each[2:]] for each in columns), strict=True))
    return table(rows, delimiter, csv.QUOTE_ALL).encode("utf-8-sig")


def ms_forms(delimiter: str = ",") -> bytes:
    """The sheet of answers saved as CSV; where its decimal mark is a comma, with semicolons."""
    rows = [
        [
            *("ID", "Start time", "Completion time", "Email", "Name", "Last modified time"),
            *(f"What is one {good} worth,\nin researchers?\xa0" for good in GOODS),
            "Which of these do you know?",
        ],
        ["1", "11/5/23 15:02:11", "11/5/23 15:11:22", "anonymous", "", ""],
        ["2", "11/5/23 16:40:02", "11/5/23 16:44:59", "anonymous", "", ""],
    ]
    rows[1] += [*with_commas(FIRST, delimiter), "Journalist;Podcast;"]
    rows[2] += [*with_commas(SECOND, delimiter), "Podcast;"]
    return table(rows, delimiter, end="\r\n").encode("cp1252" if delimiter == ";" else "utf-8-sig")


def typeform() -> bytes:
    """Tokens first, questions with their asterisks, and last what the program keeps."""
    rows = [
        [
            "#",
            *(f"*{good}*: what is one worth, in researchers?" for good in GOODS),
            *("Would you take part again?", "Why?", "Response Type", "Start Date (UTC)"),
            *("Stage Date (UTC)", "Submit Date (UTC)", "Network ID", "Tags", "Ending"),
        ],
        ["068127e3d5e9ca5f5fac8e04fa692a9e", *FIRST, "1", REMARK, "completed"],
        ["yq0k2m6u8l3w1n5r7t9vyq0k2m6u8l3w", *SECOND, "0", "", "completed"],
    ]
    rows[1] += ["2023-11-05 14:02:11", "", "2023-11-05 14:11:22", "d3560842b2", "", "Thank you"]
    rows[2] += ["2023-11-05 15:40:02", "", "2023-11-05 15:44:59", "5b1c9e77aa", "", "Thank you"]
    return table(rows).encode()
