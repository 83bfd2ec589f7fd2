"""Surveys: what has a plain meaning is read, all else is refused, and nothing half is kept."""

from __future__ import annotations

import csv
import io
import re
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pycore.errors import InputError
from workbook.file.area import replace_area
from workbook.file.package import open_package
from workbook.read import read_book
from workbook.recalc import recalculate
from workbook.survey.responses import DELIMITERS, plain_name, read_survey

Run = Callable[..., tuple[int, str, str]]

PLAIN = "Journalist,Video\n2,4\n,8.5\n"


@pytest.mark.parametrize(
    "data",
    [
        PLAIN.encode(),
        PLAIN.encode("utf-8-sig"),
        PLAIN.encode("utf-16"),
        PLAIN.encode("utf-16-le"),
        PLAIN.replace("\n", "\r\n").encode("cp1252"),
        PLAIN.replace(",", ";").encode(),
        PLAIN.replace(",", ";").replace(".", ",").encode(),
        PLAIN.replace(",", "\t").encode(),
        ("sep=;\n" + PLAIN.replace(",", ";")).encode(),
        b"\n" + PLAIN.encode() + b",\n\n",
        b"Respondent,Journalist,Video\nann,2,4\nbob,n/a,8.5\n",
        b"Journalist,Video,\n2,4,\n-,8.5\n",
        b"Journalist,Video,\n2,4\n-,8.5\n",
        b"respondent_id,Journalist,Video\nann,2,4\nbob,n/a,8.5\n",
        b"ResponseId,Journalist,Video\nR_1,2,4\nR_2,n/a,8.5\n",
        b"No.,Journalist,Video\n1,2,4\n2,n/a,8.5\n",
        b"Timestamp,E-mail Address,Journalist,Video\n1/2,a@b,2,4\n1/3,b@c,n/a,8.5\n",
        b",Journalist,Video\n0,2,4\n1,n/a,8.5\n",
        b",Journalist,Video\n1,2,4\n2,n/a,8.5\n",
        b'Journalist,Video\n2,4\n,"8,5"\n',
        "Jour\u200bnalist,\ufeffVi\u00addeo\n2,4\n,8.5\n".encode(),
        "\uff2aournalist,Video\n2,4\n,8.5\n".encode(),
        b' Journalist ,"Video"\n"2"," 4 "\n"","8.50"\n',
    ],
)
def test_the_same_answers_however_written(data: bytes) -> None:
    survey = read_survey(data, "s.csv")
    assert survey.goods == ("Journalist", "Video")
    assert survey.answers == ((2.0, 4.0), (None, 8.5))


def test_letters_of_another_encoding() -> None:
    assert read_survey("Käse\n1\n".encode("cp1252"), "s.csv").goods == ("Käse",)
    assert read_survey("Käse\n1\n".encode(), "s.csv").goods == ("Käse",)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('A,B\n"1,000",1\n', 1000.0),
        ('A,B\n"1,234,567.5",1\n', 1234567.5),
        ("A;B\n1.000;2,5\n", 1000.0),
        ("A;B\n1,000;2.5\n", 1000.0),
        ("A;B\n1,500;2,5\n", 1.5),
        ("A;B\n1 000;1\n", 1000.0),
        ("A;B\n1\u202f000,5;1\n", 1000.5),
        ("A;B\n1'000;1\n", 1000.0),
        ("A,B\n1e3,1\n", 1000.0),
        ("A;B\n0,125;1\n", 0.125),
        ("A,B\n1.234,1\n", 1.234),
        ('A,B\n"1,5",1\n', 1.5),
        ('A,B\n"1,500","2,5"\n', 1.5),
        ("A,B\n1,234\n", 1.0),
        ("A;B\n1\u00a0234\u00a0567,5;1\n", 1234567.5),
        ("A;B\n12 345,5;1,500\n", 12345.5),
    ],
)
def test_numbers_of_a_plain_meaning(text: str, value: float) -> None:
    assert read_survey(text.encode(), "s.csv").answers[0][0] == value


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("A;B\n1;1.234\n", "row 2, column B (B)", "thousands or decimals"),
        ("A,B\n1,abc\n", "row 2, column B (B)", "above 0"),
        ("A,B\n1,2\n0,1\n", "row 3, column A (A)", "above 0"),
        ("A,B\n1,-2\n", "row 2, column B (B)", "above 0"),
        ("A,B\n=1+1,2\n", "row 2, column A (A)", "above 0"),
        ("A,B\n1,inf\n", "row 2, column B (B)", "above 0"),
        ("A,B\n1,nan\n", "row 2, column B (B)", "above 0"),
        ("A,B\n$5,2\n", "row 2, column A (A)", "above 0"),
        ("A,a\n1,2\n", "row 1, column B", "once"),
        ("A,\n1,2\n", "row 1, column B", "name the good"),
        ("1,2\n3,4\n", "row 1, column A", "header is missing"),
        ("=A,B\n3,4\n", "row 1, column A", "no formula"),
        ("A,B\n1,2,3\n", "row 2, column C", "below a good"),
        ("A,B,C\n1,2,3\n1\n", "s.csv, row 3", "for each good: 3, but is 1 long"),
        (",B\n2,1\n1,2\n", "row 1, column A", "name the good"),
        ("A,B\ufffe\n1,2\n", "row 1, column B", "can be printed"),
        ("A,B\x07\n1,2\n", "row 1, column B", "can be printed"),
        ("A,a\u200b\n1,2\n", "row 1, column B", "once"),
        ('A,B\n"1,5",2.5\n1.234,2\n', "row 3, column A (A)", "thousands or decimals"),
        ("A,B\n", "s.csv", "a row for each respondent"),
        ("", "s.csv", "a row for each respondent"),
        (f"{'x' * 41}\n1\n", "row 1, column A", "at most 40"),
        ('A,B\n1,"2\n', "line 2", "sound"),
        ('A;B\n1;"2\n', "line 2", "sound"),
        ("A;B\n1\n2\n", "s.csv, row 2", "for each good: 2, but is 1 long"),
        ('A;B\n"2,5\n300,5";1\n', "row 2, column A (A)", "above 0"),
        ('A;B\n"2,5\t300,5";1\n', "row 2, column A (A)", "above 0"),
        ('A\tB\n"2\t300"\t1\n', "row 2, column A (A)", "above 0"),
        ('A,B\n"2\r\n300",1\n', "row 2, column A (A)", "above 0"),
        ("A,B\n2\x0b300,1\n", "row 2, column A (A)", "above 0"),
        ("A,B\n2\u2028300,1\n", "row 2, column A (A)", "above 0"),
        ("A,B\n2.5 300,1\n", "row 2, column A (A)", "above 0"),
        ("A,B\n2019 300,1\n", "row 2, column A (A)", "above 0"),
        ("A,B\n1 000'000,1\n", "row 2, column A (A)", "above 0"),
        (",".join(f"g{n}" for n in range(51)) + "\n1\n", "s.csv", "at most 50 goods"),
        ("A\n" + "1\n" * 1001, "s.csv", "at most 1,000 respondents"),
    ],
)
def test_what_is_not_plain_is_refused_with_its_place(text: str, where: str, what: str) -> None:
    with pytest.raises(InputError) as caught:
        read_survey(text.encode(), "s.csv")
    assert where in str(caught.value)
    assert what in str(caught.value)


@pytest.mark.parametrize(
    ("text", "goods", "answers"),
    [
        ("A, of print;B, of radio\n2;4\n", ("A, of print", "B, of radio"), (2, 4)),
        ("A, of print;B, of radio\n2,5;4,5\n", ("A, of print", "B, of radio"), (2.5, 4.5)),
        ("Name;A, of print\nann;2,5\n", ("A, of print",), (2.5,)),
        ("A, x, y, z\tB\n2\t4\n", ("A, x, y, z", "B"), (2, 4)),
        ('"A,\nof print";B\n2,5;4\n', ("A, of print", "B"), (2.5, 4)),
        ('B;"A,,,\nof\tprint"\n2,5;4\n', ("B", "A,,, of print"), (2.5, 4)),
        ('"A;\n;;",B\n2,4\n', ("A; ;;", "B"), (2, 4)),
        ('Name,A\n"a; b; c",2\n"d;e",4\n', ("A",), (2,)),
    ],
)
def test_the_whole_table_shows_what_separates_its_cells(
    text: str, goods: tuple[str, ...], answers: tuple[float, ...]
) -> None:
    survey = read_survey(text.encode(), "s.csv")
    assert (survey.goods, survey.answers[0]) == (goods, answers)


GOOD_NAMES = st.text("xyz ,;\t\n\"'é", min_size=1, max_size=12).filter(
    lambda name: any(map(str.isalpha, name)) and not name.startswith("\t")
)
TENTHS = st.none() | st.integers(1, 9_999).map(lambda tenths: tenths / 10)


@given(
    st.lists(GOOD_NAMES, min_size=2, max_size=5, unique_by=lambda n: plain_name(n).casefold()),
    st.data(),
    st.sampled_from(DELIMITERS),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    st.sampled_from([".", ","]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_a_table_written_with_any_delimiter_reads_back(
    goods: list[str], data: st.DataObject, delimiter: str, quoting: Any, mark: str, end: str
) -> None:
    row = st.tuples(*[TENTHS] * len(goods)).filter(any)
    answers = data.draw(st.lists(row, min_size=1, max_size=5))
    written = io.StringIO()
    writer = csv.writer(written, delimiter=delimiter, quoting=quoting, lineterminator=end)
    writer.writerow(goods)
    writer.writerows(
        ["" if each is None else str(each).replace(".", mark) for each in row] for row in answers
    )
    survey = read_survey(written.getvalue().encode(), "s.csv")
    assert survey.goods == tuple(map(plain_name, goods))
    assert survey.answers == tuple(answers)


def test_a_cell_of_many_lines_takes_no_time() -> None:
    for lines in ("a, b; c\n" * 14_000, "2,5\n" * 30_000, "\n" * 60_000, "1 " * 60_000):
        text = f'Name;A\n"{lines}x";2,5\n'.encode()
        began = time.monotonic()
        assert read_survey(text, "s.csv").answers == ((2.5,),)
        assert time.monotonic() - began < 2


def test_a_workbook_or_a_picture_is_no_survey(built: bytes) -> None:
    for data in (built, b"\x89PNG\r\n\x1a\n\x00\x00\x81\x8d", b"\x81\x8d"):
        with pytest.raises(InputError):
            read_survey(data, "s.csv")


def test_nothing_of_a_refused_survey_is_kept(
    file: Path, tmp_path: Path, refused: Callable[..., str]
) -> None:
    responses = tmp_path / "s.csv"
    responses.write_text("Journalist\n2\nmany\n")
    line = refused("survey", file, responses)
    assert "row 3, column A (Journalist)" in line


def a_file_of(folder: Path, goods: list[str], answer: str = "1") -> Path:
    path = folder / "s.csv"
    path.write_text(",".join(goods) + "\n" + ",".join([answer] * len(goods)) + "\n")
    return path


def named(file: Path, number: int) -> list[Any]:
    book = read_book(file.read_bytes(), "file")
    return [book.value(f"good_{number}_{each}") for each in ("name", "rate", "source")]


def test_other_goods_take_the_place_of_those_without_entries(
    file: Path, tmp_path: Path, run: Run, refused: Callable[..., str]
) -> None:
    for word in ("One", "Other"):
        goods = [f"{word} {number}" for number in range(50)]
        assert run("survey", file, a_file_of(tmp_path, goods))[0] == 0
        book = read_book(file.read_bytes(), "file")
        assert sorted(str(book.value(f"good_{at + 1}_name")) for at in range(50)) == sorted(goods)
        assert [book.values("good_rates")[at][0] for at in range(50)] == [1] * 50
        for number in (1, 2, 3):  # what was published of another good has gone with it
            assert named(file, number)[1:] == ["", ""]
    # What a person entered of a good holds its place.
    assert run("set", file, "good_9_own=4")[0] == 0
    goods = [f"Third {number}" for number in range(50)]
    assert "room" in refused("survey", file, a_file_of(tmp_path, goods))


def test_what_was_entered_of_a_good_outlasts_every_survey(
    file: Path, tmp_path: Path, run: Run, refused: Callable[..., str]
) -> None:
    """A good that is surveyed keeps it, and one that is not keeps its column with it."""
    entered = {"good_6_own": 4, "good_6_years": 0.5, "good_6_cost": 900}
    # A free column may have any one of them alone.
    alone = {"good_8_own": 4, "good_9_years": 0.5, "good_10_cost": 900}
    words = [f"{name}={value}" for name, value in (entered | alone).items()]
    assert run("set", file, *words)[0] == 0

    def held() -> dict[str, Any]:
        book = read_book(file.read_bytes(), "file")
        return {name: book.value(name) for name in entered | alone}

    journalist = read_book(file.read_bytes(), "file").value("good_6_name")
    assert run("survey", file, a_file_of(tmp_path, [journalist]))[0] == 0
    assert held() == entered | alone
    assert run("survey", file, a_file_of(tmp_path, [f"New {n}" for n in range(46)]))[0] == 0
    assert held() == entered | alone
    book = read_book(file.read_bytes(), "file")
    assert book.value("good_6_name") == journalist
    assert {book.value(f"good_{n}_name") for n in (8, 9, 10)} == {None}
    assert "room" in refused("survey", file, a_file_of(tmp_path, [f"New {n}" for n in range(47)]))


def test_a_new_good_takes_over_nothing_of_another(file: Path, tmp_path: Path, run: Run) -> None:
    assert run("set", file, "good_1_name=", "good_2_name= ", "good_2_own=3")[0] == 0
    assert run("survey", file, a_file_of(tmp_path, ["New", "Newer"]))[0] == 0
    assert [named(file, number)[:2] for number in (1, 2)] == [["", 2], [" ", 5]]
    assert [named(file, number) for number in (8, 9)] == [
        ["New", None, None],
        ["Newer", None, None],
    ]
    # Where there is no other room the published rate of the first goes, and the second's stays.
    goods = [f"Good {number}" for number in range(49)]
    assert run("survey", file, a_file_of(tmp_path, goods))[0] == 0
    assert named(file, 1)[1:] == ["", ""]
    assert named(file, 2)[:2] == [" ", 5]


def test_goods_named_twice_on_the_sheet_are_refused(
    file: Path, tmp_path: Path, run: Run, refused: Callable[..., str]
) -> None:
    assert run("set", file, "good_4_name=Journalist ")[0] == 0
    line = refused("survey", file, a_file_of(tmp_path, ["Journalist"]))
    assert "Survey!F4 (good_6_name) must name each good once (Survey!D4 has it too)" in line


def test_a_survey_is_imported_and_replaced(
    file: Path, tmp_path: Path, run: Run, built: bytes
) -> None:
    responses = tmp_path / "s.csv"
    responses.write_text("Journalist,Blog post\n2,1\n8,3\n4,\n")
    status, out, err = run("survey", file, responses)
    assert (status, err) == (0, "")
    assert "3 respondents and 2 goods" in out
    book = read_book(file.read_bytes(), "file")
    held = [[cell for cell in row if cell is not None] for row in book.values("survey_responses")]
    assert held[:4] == [[2, 1], [8, 3], [4], []]
    assert book.value("good_8_name") == "Blog post"
    summary = book.values("survey_summary_block")
    assert summary[5][:5] == [3, 4, 3, 6, 4]
    assert summary[7][:2] == [2, 2]
    assert summary[0][:2] == [0, "not entered"]
    assert book.values("good_value_block")[5] == [400_000]
    assert book.values("good_value_block")[3] == ["not entered"]
    # Nothing else changed: every other sheet has the very same formulas and constants.
    before, after = (open_package(data, "f").parts for data in (built, file.read_bytes()))
    assert before.keys() == after.keys()
    sheet = book.sheet_of("survey_responses").part
    for part in before.keys() - {sheet}:
        if "worksheets/sheet" in part:
            gone = re.compile(rb"<v>[^<]*</v>|<is>.*?</is>| t=\"\w+\"")
            assert gone.sub(b"", before[part]) == gone.sub(b"", after[part]), part
    # The next survey takes the place of this one.
    responses.write_text("Blog post\n5\n")
    assert run("survey", file, responses)[0] == 0
    again = read_book(file.read_bytes(), "file")
    numbers = [cell for row in again.values("survey_responses") for cell in row if cell is not None]
    assert numbers == [5]
    count, *levels, low, high = again.values("survey_summary_block")[7]
    assert (count, low, high) == (1, "too few answers", "too few answers")
    assert levels == pytest.approx([5, 5, 5, 5])
    openpyxl.load_workbook(io.BytesIO(file.read_bytes()))


@pytest.mark.parametrize("bad", ["many", "0"])
def test_an_answer_that_cannot_be_read_is_not_passed_over(
    file: Path, tmp_path: Path, run: Run, with_cell: Callable[..., bytes], bad: str
) -> None:
    responses = tmp_path / "s.csv"
    responses.write_text("Journalist,Good video explainer\n2,1\n8,3\n4,\n")
    assert run("survey", file, responses)[0] == 0
    kind = "" if bad.isdecimal() else "str"
    spoilt = with_cell(file.read_bytes(), "survey_responses", f"<v>{bad}</v>", kind)
    done = recalculate(spoilt, "f")
    assert done.answers[-1] == (
        "The survey has an answer that cannot be read: see Good video explainer on the Survey "
        "sheet."
    )
    book = read_book(done.data, "f")
    rates = [row[0] for row in book.values("good_rates")[:6]]
    assert rates == ["#VALUE!", 5, 65, "not entered", "not entered", 4]
    assert book.values("good_value_block")[:2] == [["#VALUE!"], [500_000]]
    assert book.values("good_states")[0] == ["cannot be read"]


def test_cells_beside_the_area_stay() -> None:
    xml = (
        b'<worksheet><dimension ref="A1:D9"/><cols><col min="1" max="2" style="7"/></cols>'
        b'<sheetData><row r="1" spans="1:4"><c r="A1"><v>1</v></c></row>'
        b'<row r="2" spans="1:4" ht="20"><c r="A2"><v>9</v></c><c r="D2"><v>4</v></c></row>'
        b'<row r="9"><c r="A9"><v>3</v></c></row></sheetData></worksheet>'
    )
    area = (("A2", "B2"), ("A3", "B3"))
    done = replace_area(xml, "p", area, {"B2": 2.5, "A3": 7.0})
    assert done == (
        b'<worksheet><cols><col min="1" max="2" style="7"/></cols>'
        b'<sheetData><row r="1" spans="1:4"><c r="A1"><v>1</v></c></row>'
        b'<row r="2" ht="20"><c r="B2" s="7"><v>2.5</v></c><c r="D2"><v>4</v></c></row>'
        b'<row r="3"><c r="A3" s="7"><v>7</v></c></row>'
        b'<row r="9"><c r="A9"><v>3</v></c></row></sheetData></worksheet>'
    )


def test_a_large_survey_comes_out(file: Path, tmp_path: Path, run: Run) -> None:
    answers = [[(7 * row + 3 * good) % 97 + 1 for good in range(43)] for row in range(1000)]
    lines = [
        ",".join(f"New {good}" for good in range(43)),
        *(",".join(map(str, r)) for r in answers),
    ]
    responses = tmp_path / "s.csv"
    responses.write_text("\n".join(lines))
    assert run("survey", file, responses)[0] == 0
    summary: Any = read_book(file.read_bytes(), "file").values("survey_summary_block")
    for good in range(43):
        median = statistics.median(row[good] for row in answers)
        assert summary[7 + good][:2] == [1000, median]


def test_formulas_in_the_way_give_place_and_leave_the_chain(
    file: Path, built: bytes, run: Run, tmp_path: Path
) -> None:
    book = read_book(built, "built")
    sheet, place = book.sheet_of("survey_responses"), book.places["survey_responses"].first
    formula = f'<row r="{place[1:]}"><c r="{place}"><f>1+1</f><v>2</v></c></row></sheetData>'
    xml = book.package.parts[sheet.part].decode()
    assert f'r="{place}"' not in xml
    changed = {sheet.part: xml.replace("</sheetData>", formula, 1).encode()}
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    chain = f'<calcChain xmlns="{main}"><c r="{place}" i="9"/></calcChain>'
    changed["xl/calcChain.xml"] = chain.encode()
    for part, end, tag in (
        (
            "[Content_Types].xml",
            "</Types>",
            '<Override PartName="/xl/calcChain.xml" ContentType="application/vnd.openxmlformats-'
            'officedocument.spreadsheetml.calcChain+xml"/>',
        ),
        (
            "xl/_rels/workbook.xml.rels",
            "</Relationships>",
            '<Relationship Id="rIdC" Target="calcChain.xml" Type="http://schemas.openxmlformats.'
            'org/officeDocument/2006/relationships/calcChain"/>',
        ),
    ):
        changed[part] = book.package.parts[part].replace(end.encode(), f"{tag}{end}".encode())
    file.write_bytes(book.package.to_bytes(changed))
    answers = tmp_path / "answers.csv"
    answers.write_text("Good video explainer\n3\n4\n")
    assert run("survey", file, answers)[0] == 0
    parts = open_package(file.read_bytes(), "file").parts
    assert "xl/calcChain.xml" not in parts
    assert not any(b"calcChain" in parts[part] for part in changed if part in parts)


def test_a_formula_of_ones_own_over_the_answers_follows_them(
    file: Path, built: bytes, run: Run, tmp_path: Path, add_sheet: Callable[..., bytes]
) -> None:
    cell = '<c r="A1"><f>COUNT(survey_responses)</f><v>0</v></c>'
    file.write_bytes(add_sheet(built, f'<row r="1">{cell}</row>'))
    answers = tmp_path / "answers.csv"
    answers.write_text("Good video explainer\n3\n4\n")
    status, _, err = run("survey", file, answers)
    assert status == 0
    assert "was not recalculated" not in err
    book = openpyxl.load_workbook(file, data_only=True)
    assert book["Mine"]["A1"].value == 2
