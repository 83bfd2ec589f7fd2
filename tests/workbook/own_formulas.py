"""Formulas as people write them on sheets of their own, by the thousand.

``python -m tests.workbook.own_formulas NUMBER`` has LibreOffice compute as many, sets an assumption
there and back, and says how many came out otherwise without a word (there must be none), how many
were kept, and how many were computed.
"""

from __future__ import annotations

import io
import random
import re
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape

from workbook.file.package import open_package
from workbook.file.patch import CellSpan
from workbook.file.write import write
from workbook.hosts import SERVER
from workbook.read import read_book
from workbook.recalc import recalculate
from workbook.recognise import recognise
from workbook.stored import is_stored, stored_value
from workbook.trust import trust

ROWS = 30
NUMBERS = [0.1, 0.2, 0.3, 1 / 3, 2.5, -1.5, 4.0, 1e-9, 12345.678]
FIRST: dict[str, float | str] = {"replicates": 20, "simulation_draws": 256}
CHANGED: dict[str, float | str] = {"marginal_cost": 24_000}
BACK: dict[str, float | str] = {"marginal_cost": 22_500}

TEMPLATES = """
{n}+{n}*{n}
({n}-{n})/{n}
{n}^2-{n}
-{n}%
{n}&" of "&{n}
{t}&{t}
{n}={n}
{n}<>{n}
{n}+0.1>={n}
{t}={t}
SUM({r})
SUM({r},{n},3)
AVERAGE({r})
COUNT({m})
COUNTA({m})
COUNTBLANK({m})
MIN({r})
MAX({r},{n})
MEDIAN({r})
STDEV({r})
VARP({r})
LARGE({r},3)
SMALL({r},2)
RANK({a},{r})
PERCENTILE({r},0.3)
QUARTILE({r},1)
CORREL({r},{s})
SLOPE({r},{s})
INTERCEPT({r},{s})
RSQ({r},{s})
GEOMEAN({p})
HARMEAN({p})
AVEDEV({r})
DEVSQ({r})
SUMSQ({r})
SUMXMY2({r},{s})
PRODUCT({k},{k})
IF({n}>{n},{n},{t})
IF(AND({n}>0,{n}<5),"in","out")
IF(OR({n}>3,NOT({n}>0)),1,0)
IFERROR({n}/0,{t})
IFERROR({n}/{k},"none")
ISNUMBER({x})
ISBLANK({x})
ISTEXT({x})
ISERROR({n}/0)
ABS({n})
INT({n})
ROUND({n},1)
ROUNDUP({n},0)
ROUNDDOWN({n},-1)
MOD({n},{k})
TRUNC({n},1)
SIGN({n})
SQRT(ABS({n}))
EXP({k})
LN({k}+1)
LOG10({k}+1)
LOG({k}+1,3)
POWER({k},0.5)
CEILING({p1},0.5)
FLOOR({p1},0.5)
EVEN({n})
ODD({n})
FACT({k})
COMBIN({k}+5,2)
GCD({k},12)
PI()*{n}
SIN({n})
ATAN2({k},{n})
DEGREES({n})
LEFT({t},2)
RIGHT({t},2)
MID({t},2,3)
LEN({t})
LEN({n})
UPPER({t})
LOWER({t})
PROPER({t})
TRIM("  "&{t}&" ")
SUBSTITUTE({t},"a","oo")
REPLACE({t},1,1,"Z")
FIND("a",{t}&"a")
SEARCH("A",{t}&"a")
REPT({t},2)
CONCATENATE({t},"-",{n})
EXACT({t},{t})
VALUE("12.5")+{n}
TEXT({n},"0.00")
TEXT({n},"#,##0.0")
TEXT({k}/7,"0%")
TEXT({d},"yyyy-mm-dd")
FIXED({n},2)
CHAR(64+{k})
CODE({t}&"x")
VLOOKUP({k},{table},2,FALSE)
VLOOKUP({k}+0.5,{table},3,TRUE)
HLOOKUP("A",{table},2,FALSE)
INDEX({r},{k})
INDEX({table},{k},2)
MATCH({k},{first},0)
MATCH({k}+0.5,{first},1)
CHOOSE({k},1,2,3,4,5,6,7,8,9)
OFFSET(A1,{k},1)
INDIRECT("B"&{k})
ROWS({r})
COLUMNS({table})
SUMIF({r},">1")
SUMIF({r},">"&{n},{s})
COUNTIF({m},"a*")
COUNTIF({r},"<="&{n})
AVERAGEIF({r},">0")
SUMIFS({r},{s},">0",{r},"<5")
COUNTIFS({r},">0",{s},"<3")
SUMPRODUCT({r},{s})
SUMPRODUCT(({r}>0)*({s}<3))
SUMPRODUCT(--({m}="alpha"))
SUM({r}*2)
SUBTOTAL(9,{r})
DATE(2026,{k},{k})
YEAR({d})
MONTH({d})
DAY({d})
WEEKDAY({d})
WEEKDAY({d},2)
EDATE({d},{k})
EOMONTH({d},{k})
DAYS360({d},{d}+100)
NETWORKDAYS({d},{d}+30)
WORKDAY({d},{k})
DATEDIF({d},{d}+400,"m")
YEARFRAC({d},{d}+200)
HOUR({k}/24)
TIME({k},30,0)
PMT(0.05/12,{k}*12,-1000)
FV(0.04,{k},-100)
PV(0.04,{k},-100)
NPER(0.03,-200,1000)
RATE({k}+5,-200,1000)
NPV(0.1,{r})
IRR({{-100,30,40,50,20}})
SLN(1000,100,{k})
DDB(1000,100,10,{k})
NORMSDIST({n})
NORMDIST({n},1,2,TRUE)
NORMSINV(0.05*{k})
BINOMDIST({k},20,0.3,FALSE)
POISSON({k},3,TRUE)
EXPONDIST({k},0.2,TRUE)
TDIST({k}/3,9,2)
CHIDIST({k},5)
CONFIDENCE(0.05,2,{k}+3)
STANDARDIZE({n},1,2)
ROMAN({k})
_xlfn.BASE({k},2)
DEC2HEX({k})
_xlfn.BITAND({k},5)
CONVERT({n},"m","km")
TRANSPOSE({n})
TRUE
NA()
marginal_cost*{n}
marginal_cost/{k}&" USD"
IF(marginal_cost>23000,{n},{n})
ROUND(value_per_researcher/marginal_cost,2)
cost_multiple*{n}
SUM(cost_lines)/{k}
""".strip().splitlines()

ARRAYS = """
{r}*2
{r}+{s}
IF({r}>1,{r},0)
{r}
{n}
TRANSPOSE({r})
{r}&"x"
marginal_cost*{r}
""".strip().splitlines()


@dataclass
class Own:
    """A sheet of a person's own.

    Parameters
    ----------
    formulas : dict of str to str
        By address.
    arrays : dict of str to str
        By the range that each fills.
    """

    constants: dict[str, float | str] = field(default_factory=dict)
    formulas: dict[str, str] = field(default_factory=dict)
    arrays: dict[str, str] = field(default_factory=dict)

    def rows(self) -> str:
        """The sheet's rows, without values of its formulas."""
        cells: dict[int, dict[int, str]] = {}

        def put(address: str, inside: str, kind: str = "") -> None:
            column, row = _split(address)
            cells.setdefault(row, {})[column] = f'<c r="{address}"{kind}>{inside}</c>'

        for address, value in self.constants.items():
            if isinstance(value, str):
                put(address, f"<is><t>{escape(value)}</t></is>", ' t="inlineStr"')
            else:
                put(address, f"<v>{value!r}</v>")
        for address, formula in self.formulas.items():
            put(address, f"<f>{escape(formula)}</f>")
        for area, formula in self.arrays.items():
            put(area.partition(":")[0], f'<f t="array" ref="{area}">{escape(formula)}</f>')
        return "".join(
            f'<row r="{row}">{"".join(cell for _, cell in sorted(found.items()))}</row>'
            for row, found in sorted(cells.items())
        )


def _split(address: str) -> tuple[int, int]:
    letters = address.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = 26 * column + ord(letter) - 64
    return column, int(address[len(letters) :])


def own_sheet(number: int, seed: int) -> Own:
    """A sheet with data in A to F and that many formulas from H on."""
    drawn = random.Random(seed)
    own = Own()
    words = ["alpha", "beta", "gamma", "a", "Alpha beta", "x1"]
    own.constants["A1"] = "A"
    for row in range(1, ROWS + 1):
        if row > 1:
            own.constants[f"A{row}"] = float(row - 1)
        own.constants[f"B{row}"] = round(drawn.gauss(1, 2), drawn.choice([0, 1, 2, 12]))
        own.constants[f"C{row}"] = drawn.choice(
            [0.1, 0.2, 0.3, 1 / 3, 2.5, -1.5, 4.0, 1e-9, 12345.678]
        )
        own.constants[f"D{row}"] = drawn.choice(words)
        own.constants[f"E{row}"] = float(drawn.randint(42_000, 47_000))
        if drawn.random() < 0.7:
            own.constants[f"F{row}"] = drawn.choice([*words, "3", "0"])
    columns = [f"{a}{b}" for a in ["", *"ABCDEFGHIJ"] for b in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
    places = (f"{column}{row}" for column in columns[7:] for row in range(1, 2_001))
    before: list[str] = []
    for place, _ in zip(places, range(number), strict=False):
        own.formulas[place] = _filled(drawn, drawn.choice(TEMPLATES), before)
        if drawn.random() < 0.2:
            before.append(place)
    for row in range(2_101, 2_101 + 10 * (number // 100), 10):
        width, height = drawn.choice([(1, 3), (3, 1), (2, 2), (1, 5)])
        area = f"H{row}:{chr(ord('H') + width - 1)}{row + height - 1}"
        own.arrays[area] = _filled(drawn, drawn.choice(ARRAYS), [])
    return own


def _filled(drawn: random.Random, template: str, before: list[str]) -> str:
    def cell(column: str) -> str:
        return f"{column}{drawn.randint(2, ROWS)}"

    def column_range(column: str) -> str:
        return f"${column}$2:${column}$11"

    number = drawn.choice([cell("B"), cell("C"), str(drawn.randint(-3, 9)), "0.1"])
    if before and drawn.random() < 0.2:
        number = drawn.choice(before)
    at = cell("B")
    return template.format_map(
        _Drawn(
            n=lambda: drawn.choice([cell("B"), cell("C"), str(drawn.randint(1, 9)), number]),
            t=lambda: cell("D"),
            x=lambda: drawn.choice([cell("B"), cell("D"), cell("F")]),
            d=lambda: cell("E"),
            k=lambda: f"A{drawn.randint(2, 9)}",
            a=lambda: at,
            r=lambda: column_range("B"),
            s=lambda: column_range("C"),
            m=lambda: column_range("F"),
            p=lambda: column_range("A"),
            p1=lambda: f"ABS({cell('B')})",
            first=lambda: column_range("A"),
            table=lambda: f"$A$1:$C${ROWS}",
        )
    )


class _Drawn(dict[str, object]):
    """What stands in each place of a template, drawn anew for each."""

    def __init__(self, **kinds: object) -> None:
        super().__init__(kinds)

    def __getitem__(self, key: str) -> object:
        found = super().__getitem__(key)
        return found() if callable(found) else found


def with_sheet(data: bytes, rows: str) -> bytes:
    """A workbook with one more sheet, called Own."""
    parts = dict(open_package(data, "built").parts)
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
    for part, before, added in (
        ("xl/workbook.xml", "</sheets>", '<sheet name="Own" sheetId="999" r:id="rIdOwn"/>'),
        (
            "xl/_rels/workbook.xml.rels",
            "</Relationships>",
            f'<Relationship Id="rIdOwn" Type="{office}/worksheet" Target="worksheets/own.xml"/>',
        ),
        (
            "[Content_Types].xml",
            "</Types>",
            f'<Override PartName="/xl/worksheets/own.xml" ContentType="{kind}"/>',
        ),
    ):
        parts[part] = parts[part].replace(before.encode(), f"{added}{before}".encode())
    parts["xl/worksheets/own.xml"] = (
        f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>'.encode()
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    return target.getvalue()


def through_libreoffice(data: bytes, folder: Path, program: str = "soffice") -> bytes:
    """A workbook as LibreOffice computes and saves it."""
    source = folder / "own.xlsx"
    source.write_bytes(data)
    profile = folder / "profile"
    words = [program, f"-env:UserInstallation={profile.as_uri()}", "--headless"]
    words += ["--convert-to", "xlsx", "--outdir", str(folder / "out"), str(source)]
    subprocess.run(words, check=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=900)
    return (folder / "out" / "own.xlsx").read_bytes()


def through_gnumeric(data: bytes, folder: Path) -> bytes:
    """A workbook as gnumeric computes and saves it."""
    source, target = folder / "own.xlsx", folder / "gnumeric.xlsx"
    source.write_bytes(data)
    words = ["ssconvert", str(source), str(target)]
    subprocess.run(words, check=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=900)
    return target.read_bytes()


def kept_of(data: bytes) -> dict[str, str]:
    """The formulas of the sheet Own that keep their values, by address."""
    book = read_book(data, "own")
    recognised = recognise(book)
    return {
        address: recognised.texts[sheet, address] for sheet, address in trust(book, recognised).kept
    }


def there_and_back(data: bytes) -> list[str]:
    """What an assumption that is set there and back leaves changed on the sheet Own."""
    there = recalculate(data, "first", CHANGED).data
    return [*differences(data, recalculate(there, "there", BACK).data)]


def differences(before: bytes, after: bytes) -> Iterator[str]:
    """The cells of the sheet Own that hold another value than before."""
    first, second = (own_cells(data) for data in (before, after))
    for address, span in first.items():
        found = second[address]
        kind = span.attributes.get("t", "n")
        is_same = found.value == span.value or (
            kind == "n" and is_stored(span, stored_value(found))
        )
        if found.attributes.get("t", "n") != kind or not is_same:
            yield f"{address} {span.formula}: {span.value} became {found.value}"


def own_cells(data: bytes) -> Mapping[str, CellSpan]:
    """The cells of the sheet Own."""
    book = read_book(data, "own")
    return next(sheet.cells for sheet in book.sheets if sheet.name == "Own")


@dataclass(frozen=True)
class Tried:
    """What became of formulas that LibreOffice computed before.

    Parameters
    ----------
    first : bytes
        The workbook as LibreOffice saved it at first.
    formulas : int
        How many there were.
    kept : dict of str to str
        The formulas that keep their values, by address.
    moved : int
        How many cells the change moves in LibreOffice.
    wrong : list of str
        The cells that hold another value than LibreOffice gives, without a word.
    changed : list of str
        The cells that hold another value than at first when all is as it was.
    """

    first: bytes
    formulas: int
    kept: dict[str, str]
    moved: int
    wrong: list[str]
    changed: list[str]


def tried(number: int, seed: int, folder: Path) -> Tried:
    """Compute a sheet in LibreOffice, set an assumption there and back, and compare."""
    rows = own_sheet(number, seed).rows()
    built = recalculate(write(SERVER.sheets()), "built", FIRST).data
    first = through_libreoffice(with_sheet(built, rows), folder)
    edited = recalculate(built, "built", CHANGED).data
    other = through_libreoffice(with_sheet(edited, rows), folder)
    kept = kept_of(first)
    there = recalculate(first, "first", CHANGED).data
    back = recalculate(there, "there", BACK).data
    wrong = [each for each in differences(other, there) if each.partition(" ")[0] not in kept]
    return Tried(
        first=first,
        formulas=sum(span.has_formula for span in own_cells(first).values()),
        kept=kept,
        moved=len(list(differences(first, other))),
        wrong=wrong,
        changed=[*differences(first, recalculate(first, "first").data), *differences(first, back)],
    )


def main(number: int) -> None:
    """Try that many formulas, in sheets of ten thousand."""
    kept: Counter[str] = Counter()
    for seed in range(-(-number // 10_000)):
        with tempfile.TemporaryDirectory() as folder:
            found = tried(min(number, 10_000), seed, Path(folder))
        kept.update(re.sub(r"[A-Z]{1,2}\$?\d+", "#", each) for each in found.kept.values())
        print(
            f"{found.formulas} formulas: {len(found.kept)} kept and named, {found.moved} moved, "
            f"{len(found.wrong)} wrong without a word, {len(found.changed)} changed there and back"
        )
        print(*found.wrong[:10], *found.changed[:10], sep="\n")
    print("Kept most often:", *kept.most_common(30), sep="\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
