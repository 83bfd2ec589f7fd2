"""Survey programs' exports: read unedited, and nothing left out or renamed without a word."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pycore.errors import InputError
from pycore.model.tables import GOODS as KNOWN
from tests.workbook.survey import export_files as exports
from workbook.read import read_book
from workbook.sheets.people.survey import LONGEST_GOOD
from workbook.survey.exports import read_export
from workbook.survey.responses import plain_name

CODES = ("G01Q01[SQ001]", "G01Q01[SQ002]")

EXPORTS = {
    "Qualtrics": (exports.qualtrics(), 22, 25),
    "Qualtrics, tabs": (exports.qualtrics("\t"), 22, 25),
    "Qualtrics, two rows": (exports.qualtrics(three=False), 22, 25),
    "Google Forms": (exports.google_forms(), 2, 5),
    "Google Forms, sheet": (exports.google_sheet(), 2, 4),
    "SurveyMonkey": (exports.surveymonkey(), 9, 12),
    "SurveyMonkey, condensed": (exports.surveymonkey(5), 5, 8),
    "SurveyMonkey, questions": (exports.surveymonkey_questions(), 5, 8),
    "LimeSurvey": (exports.limesurvey(), 9, 16),
    "LimeSurvey, codes": (exports.limesurvey(0), 9, 16),
    "LimeSurvey, semicolons": (exports.limesurvey(1, ";"), 9, 16),
    "LimeSurvey, codes, semicolons": (exports.limesurvey(0, ";"), 9, 16),
    "Microsoft Forms": (exports.ms_forms(), 6, 9),
    "Microsoft Forms, semicolons": (exports.ms_forms(";"), 6, 9),
    "Typeform": (exports.typeform(), 1, 12),
}
"""Each with the column of the first of its two goods, and how many columns it has."""


@pytest.mark.parametrize("program", EXPORTS)
@pytest.mark.parametrize("known", [(), KNOWN])
def test_an_export_is_read_unedited(program: str, known: tuple[str, ...]) -> None:
    data, first, width = EXPORTS[program]
    goods = CODES if "codes" in program else exports.GOODS
    survey = read_export(data, "s.csv", known=known)
    assert (survey.goods, survey.answers) == (goods, exports.ANSWERS)
    *notes, last = survey.notes
    letters = [chr(ord("A") + at) for at in range(width)]
    own = letters[first : first + 2]
    assert last == f"read as goods: {own[0]} ({goods[0]}), {own[1]} ({goods[1]})"
    # Each other column is named once with the reason, and each good that was renamed.
    left = " ".join(note for note in notes if note.startswith("left out, "))
    assert [left.count(f" {each} (") for each in letters] == [each not in own for each in letters]
    renamed = [note for note in notes if note.startswith("column ")]
    assert len(renamed) == (0 if "codes" in program or "questions" in program else 2)
    assert all(good in note for good, note in zip(goods, renamed, strict=False))


@pytest.mark.parametrize(
    ("text", "goods", "left"),
    [
        ("Journalist,Collector ID,Duration\n2,438112233,551\n", ("Journalist",), 2),
        ("Journalist,last page,Progress\n2,3,100\n", ("Journalist",), 2),
        ("Journalist,LocationLatitude,Longitude\n2,51.7,1.25\n", ("Journalist",), 2),
        ("Journalist,IP Address,Your IP\n2,192.0.2.17,192.0.2.18\n", ("Journalist",), 2),
        ("Journalist,Beantwortet,Adresse\n2,05.11.2023 15:11,a@b.org\n", ("Journalist",), 2),
        ("Journalist,Mitglied\n2,118412345678\n3,118412345699\n", ("Journalist",), 1),
        ("Journalist,record_id,redcap_survey_timestamp\n2,1,2023-11-05\n", ("Journalist",), 2),
        ("Journalist,Tags,Of this kind?\n2,,1\n3,,0\n", ("Journalist",), 2),
        ("Journalist,Seed,Why?\n2,5,x\n3,4,\n", ("Journalist",), 2),
        ("Journalist,Seed,Why?\n2,5,\n3,4,\n", ("Journalist",), 2),
        ("Time,Journalist\n2,4\n", ("Journalist",), 1),
        ("Journalist,Age,Years of experience\n2,33,8\n", ("Journalist",), 2),
        ("Journalist,How old are you?,SubmissionId\n2,33,8\n", ("Journalist",), 2),
        ("Journalist,TIME001,Q_VIEWER\n2,33,0\n", ("Journalist",), 2),
    ],
)
def test_what_programs_keep_is_no_good(text: str, goods: tuple[str, ...], left: int) -> None:
    survey = read_export(text.encode(), "s.csv")
    assert survey.goods == goods
    assert survey.answers[0] == (float(text.partition("\n")[2].split(",")[text.startswith("T")]),)
    assert sum(note.count(" (") for note in survey.notes[:-1]) == left


def test_a_good_that_is_known_is_read_whatever_its_name() -> None:
    survey = read_export(b"Timestamp,Time,Score\n1/2/2023,2,4\n", "s.csv", known=["time", " "])
    assert (survey.goods, survey.answers) == (("Time",), ((2.0,),))
    with pytest.raises(InputError, match="row 2, column B"):
        read_export(b"Timestamp,Time\n1/2/2023,much\n", "s.csv", known=["Time"])


@pytest.mark.parametrize(
    ("headings", "names"),
    [
        (["Worth [Journalist]", "Worth [Blog]"], ("Journalist", "Blog")),  # the first is known
        (["Worth [Blog]", "Worth [Talk]"], ("Worth [Blog]", "Worth [Talk]")),
        (["What? - A - B", "What? - C"], ("A - B", "C")),
        (
            ["How many are of a new kind?", "How many?"],
            ("How many are of a new kind?", "How many?"),
        ),
        (["Is a Journalist good?", "Is a Blog good?"], ("Journalist", "Blog")),
        (
            [f"How good is a {each}?" for each in ("Good video explainer", "Good blog")],
            ("Good video explainer", "blog"),
        ),
        (["How good? [Blog]", "How sure? [Blog]"], ("How good? [Blog]", "How sure? [Blog]")),
        (["Good " + "x" * 36], ("Good " + "x" * 34 + "…",)),
        (["x" * 40, "x" * 41], ("x" * 40, "x" * 39 + "…")),
        (["x" * 50 + "a", "x" * 50 + "b"], ("x" * 39 + "…", "…" + "x" * 38 + "b")),
        (
            [f"{each}{'x' * 50}{each}{'y' * 50}" for each in ("x", "xx", "xxx")],
            ("x" * 39 + "…", "…" + "y" * 39, "x" * 36 + " …2"),
        ),
    ],
)
def test_headings_that_are_too_long_are_shortened(
    headings: list[str], names: tuple[str, ...]
) -> None:
    data = (";".join(headings) + "\n" + ";".join("1" * len(headings)) + "\n").encode()
    survey = read_export(data, "s.csv", known=KNOWN)
    assert survey.goods == names
    for heading, name, letter in zip(headings, names, "ABC", strict=False):
        told = f"column {letter} is named {name!r} for {heading!r}"
        assert (told in survey.notes) == (name != heading)


@given(
    st.lists(
        st.text("ab?[]- ", min_size=1, max_size=60).map(lambda each: f"x {' '.join(each.split())}"),
        min_size=1,
        max_size=6,
        unique_by=plain_name,
    ),
)
def test_names_are_short_and_each_is_another(headings: list[str]) -> None:
    data = ("\t".join(headings) + "\n" + "\t".join("1" * len(headings)) + "\n").encode()
    survey = read_export(data, "s.csv")
    assert len({name.casefold() for name in survey.goods}) == len(headings) == len(survey.goods)
    assert max(map(len, survey.goods)) <= LONGEST_GOOD


@pytest.mark.parametrize(
    ("wanted", "goods"),
    [
        (["worth [journalist]"], ("Worth [Journalist]",)),
        (["Journalist", "Score"], ("Worth [Journalist]", "Score")),
        (["5", "3"], ("Score", "x")),
        (["C"], ("Score",)),
        (["c", "Score"], ("Score",)),
        (["3"], ("Score",)),
        (["x", "2"], ("Worth [Journalist]", "x")),
    ],
)
def test_columns_are_chosen_by_heading_or_number(wanted: list[str], goods: tuple[str, ...]) -> None:
    data = b"id,Worth [Journalist],Score,Why,x,,\na,2,4,,6,,\nb,3,5,one,7,8,\n"
    survey = read_export(data, "s.csv", wanted)
    assert survey.goods == goods
    assert {"Worth [Journalist]": 2, "Score": 4, "x": 6}[goods[0]] == survey.answers[0][0]
    left = survey.notes[0].removeprefix("left out, not chosen: ").split(", ")
    assert len(left) == 6 - len(goods)
    assert left[-1] == "F"  # it has no heading


@pytest.mark.parametrize(
    ("wanted", "what"),
    [
        ("Nothing", "headings of the file, or numbers of its 4 columns, but is 'Nothing'"),
        ("5", "headings"),
        ("0", "headings"),
        ("4", "headings"),  # it has none
        ("", "headings"),
        ("Score", "name one column by each heading, or give its number, but is 'Score', which"),
        ("id", "row 2, column A (id) must be a number"),
    ],
)
def test_a_choice_that_is_not_plain_is_refused(wanted: str, what: str) -> None:
    with pytest.raises(InputError) as caught:
        read_export(b"id,Score,Score,\na,2,4,1\n", "s.csv", [wanted])
    assert what in str(caught.value)


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("A,B\n1,abc\n", "row 2, column B (B)", "or blank (--columns chooses what is read), but"),
        ("A\nabc\n", "row 2, column A (A)", "or blank, but is 'abc'"),
        ("Timestamp,A\n1/2/2023,5\n1/2/2023,many\n", "row 3, column B (A)", "above 0"),
        ('Timestamp,A\n1/2/2023,5\n1/2/2023,"2\n300"\n', "row 3, column B (A)", "above 0"),
        ("Timestamp,A\n1/2/2023,0\n1/2/2023,2\n", "row 2, column B (A)", "above 0"),
        ("Timestamp,A,a\n1/2/2023,5,4\n", "row 1, column C", "once"),
        ("Timestamp,A,\n1/2/2023,5,4\n", "row 1, column C", "name the good"),
        ("Timestamp,Seed\n1/2/2023,5\n", "row 1", "name the goods"),
        ("Timestamp,=A\n1/2/2023,5\n", "row 1, column B", "no formula"),
        (f"{'x' * 41}\x07\n5\n", "row 1, column A", "can be printed"),
        ("A\n" + "1\n" * 1001, "s.csv", "at most 1,000 respondents"),
        (exports.surveymonkey().decode("utf-8-sig").partition("\n1")[0], "s.csv", "respondent"),
        ("", "s.csv", "a row for each respondent"),
        ("Timestamp,A\n", "s.csv", "a row for each respondent"),
        (",".join(f"g{n}" for n in range(51)) + "\n" + ",".join("1" * 51), "s.csv", "50 goods"),
    ],
)
def test_what_is_not_plain_is_refused(text: str, where: str, what: str) -> None:
    with pytest.raises(InputError) as caught:
        read_export(text.encode(), "s.csv")
    assert where in str(caught.value)
    assert what in str(caught.value)


def test_a_thousand_respondents_fit_below_three_rows_of_headings() -> None:
    head, last = exports.qualtrics().decode("utf-8-sig").rsplit("\n2023-11-05 16:40", 1)
    data = (head + ("\n2023-11-05 16:40" + last.strip()) * 999).encode()
    assert len(read_export(data, "s.csv").answers) == 1000
    with pytest.raises(InputError, match=r"at most 1,000 respondents, but is 1001"):
        read_export(data + data[-len(last) - 16 :], "s.csv")


def test_long_cells_and_headings_take_no_time() -> None:
    words = "how many " * 7_000
    for text in (
        exports.google_forms().decode().replace("I thought of", "2,5\n" * 30_000),
        f"Timestamp,{words} A worth?,{words} B worth?\n1/2/2023,2,4\n",
        f"Timestamp,x{'[' * 60_000},y{' - z?' * 20_000}\n1/2/2023,2,4\n",
        "Timestamp," + ",".join(f"Q{at}?" for at in range(999)) + "\n1/2/2023,2" + "," * 998,
    ):
        began = time.monotonic()
        assert read_export(text.encode(), "s.csv").answers[0][0] in (2.5, 2)
        assert time.monotonic() - began < 3


def test_the_command_says_what_it_left_out(
    file: Path, tmp_path: Path, run: Callable[..., tuple[int, str, str]]
) -> None:
    responses = tmp_path / "s.csv"
    responses.write_bytes(exports.surveymonkey(5))
    status, out, err = run("survey", file, responses)
    assert status == 0
    assert "2 respondents and 2 goods" in out
    first, *_, last = err.splitlines()
    assert first.startswith("note: left out, what a survey program keeps of an answer: A (Resp")
    assert last == "note: read as goods: F (Journalist), G (Podcast)"
    book = read_book(file.read_bytes(), "file")
    assert [book.value(f"good_{at}_name") for at in (6, 8)] == ["Journalist", "Podcast"]
    assert [cell for row in book.values("survey_responses")[:2] for cell in row if cell] == [
        *(2.5, 4),
        12,
    ]
    # Chosen by a number and by a good that is on the sheet by now.
    assert run("survey", file, responses, "--columns", "6", "podcast")[0] == 0
    assert read_book(file.read_bytes(), "file").value("good_8_name") == "Podcast"
