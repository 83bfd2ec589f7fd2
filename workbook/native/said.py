"""Sentences as formulas of the spreadsheet: their conditions, and how they write numbers."""

from __future__ import annotations

from functools import partial

from pycore.errors import Found, InputError
from pycore.model.sentences import declared
from pycore.model.templates import Part, Sentence, said_part
from pycore.model.wording import MOST_DECIMALS
from pycore.nodes import Result
from pycore.symbolic import Leaf, Symbol, follow, name
from workbook.formulas import defined_name
from workbook.native.expressions import Helpers, Writer, quoted
from workbook.native.results import FINE, Natives, called, ended

SIZES = (("1E12", " trillion"), ("1E9", " billion"), ("1E6", " million"))
LARGEST = "1E15"

ABSENT = "NA()"
"""Stands for the value of a blank cell, so that a sentence tells it from 0."""


def add_sentence(natives: Natives, sentence_id: str) -> None:
    """Add a sentence, and the values that it speaks of."""
    sentence = declared()[sentence_id]
    for place, reference in enumerate(sentence.values.values(), start=1):
        named = defined_name(reference)
        natives.cells[sentence.name, place, 0] = f'IF({named}="",{ABSENT},{named})'
    texts = [_part(natives, sentence, part) for part in sentence.parts]
    otherwise = quoted(sentence.otherwise)
    why = _why(natives, sentence)
    if why != FINE and sentence.otherwise.endswith("."):
        why = natives.helpers.cell(("why", sentence_id), f'IFERROR({why},"")')
        otherwise += f'&IF({why}="",""," "&{why}&".")'
    natives.cells[sentence_id, 0, 0] = f"IFERROR({'&'.join(texts)},{otherwise})"


def _why(natives: Natives, sentence: Sentence) -> str:
    """Why a value that a sentence speaks of is refused, as part of a formula."""
    spoken = Result(
        id=sentence.id, label="", unit="", function=str, arguments=tuple(sentence.values.values())
    )
    return natives.chained(spoken, FINE)


def _part(natives: Natives, sentence: Sentence, part: Part) -> str:
    """One part of a sentence, in a cell of its own unless it is a plain text."""
    known = {each: name(each) for each in sentence.values}
    places = {each: place for place, each in enumerate(sentence.values, start=1)}
    tree = follow(partial(said_part, sentence, part, known))
    writer = Writer(
        tree, natives.helpers, lambda each: called(sentence.name, places[each], 0), _written
    )
    text = writer.tree(tree, partial(ended, writer))
    if part.otherwise is not None:
        text = f"IFERROR({text},{quoted(part.otherwise)})"
    if isinstance(tree, Leaf) and isinstance(tree.value, tuple):
        return text
    # Some programs drop the blanks at the ends of a text that they read from a file.
    held = natives.helpers.cell(("part", text), f'"."&{text}&"."')
    return f"MID({held},2,LEN({held})-2)"


# Numbers in words. Each of these is the formula of what pycore.model.wording writes.


def _written(writer: Writer, symbol: Symbol) -> str:
    """What sentences do with numbers, as formulas."""
    if symbol.op == "written":
        return _in_style(writer, writer.atom(symbol.args[0]), symbol.args[1])
    if symbol.op == "apart":
        value, other, style = symbol.args
        return _apart(writer, writer.atom(value), writer.atom(other), style)
    if symbol.op == "multiples":
        ends = [_digits(writer.helpers, writer.atom(each), 2) for each in symbol.args]
        return _multiples(*ends)
    raise InputError("an expression", "be written as a formula", Found(symbol.op))


def _in_style(writer: Writer, x: str, style: str) -> str:
    """A number as a style writes it, in a cell of its own."""
    forms = {
        "count": _count,
        "usd": _usd,
        "percent": _percent,
        "whole percent": _whole_percent,
        "correlation": _correlation,
        "years": _years,
        "two digits": lambda helpers, x: _digits(helpers, x, 2),
        "usd to two digits": _usd_range,
        "ratio": _ratio,
    }
    return writer.helpers.cell(
        (style, x), lambda: f"IF(ISTEXT({x}),{x},{forms[style](writer.helpers, x)})"
    )


def _plain(y: str) -> str:
    """A number with commas, that has no more decimals than are to be shown."""
    return f'IF({y}=INT({y}),TEXT({y},"#,##0"),TEXT({y},"#,##0.0{"#" * (MOST_DECIMALS - 1)}"))'


def _rounded(x: str, decimals: int) -> str:
    return f"ROUND({x},{decimals})"


def _plain_cell(helpers: Helpers, x: str, decimals: int) -> str:
    """A number with at most so many decimals."""
    y = helpers.cell(("rounded", x, decimals), _rounded(x, decimals))
    return _plain(y)


def _digits(helpers: Helpers, x: str, digits: int) -> str:
    """A number with so many significant digits; what is over six figures in words."""

    def rounded() -> str:
        return f"IF({x}=0,0,ROUND({x},{digits - 1}-INT(LOG10(ABS({x})))))"

    r = helpers.cell(("digits", x, digits), rounded)

    def text() -> str:
        exponent = f"INT(LOG10(ABS({r})))"
        mantissa = f'TEXT({r}/10^{exponent},"0.{"0" * (digits - 1)}")'
        power = f'IF({exponent}<0,"e-","e+")&TEXT(ABS({exponent}),"00")'
        written = _plain(r)
        smallest = f"10^(0-{MOST_DECIMALS + 1 - digits})"
        written = f"IF(ABS({r})<{smallest},{mantissa}&{power},{written})"
        for size, word in reversed(SIZES):
            written = f'IF(ABS({r})>={size},{_plain(f"({r}/{size})")}&"{word}",{written})'
        return f'IF({r}=0,"0",IF(ABS({r})>={LARGEST},{mantissa}&{power},{written}))'

    return helpers.cell(("digits text", x, digits), text)


def _count(helpers: Helpers, x: str) -> str:
    w = helpers.cell(("rounded", x, 0), _rounded(x, 0))
    whole = f"AND(ABS({x}-{w})<=MAX(ABS({x}),1)/10^9,OR({w}<>0,{x}=0))"
    small = f'IF(ABS({w})<1E6,TEXT({w},"#,##0"),{_digits(helpers, w, 3)})'
    broken = f"IF(ABS({x})>=100,{_plain_cell(helpers, x, 1)},{_digits(helpers, x, 3)})"
    return f"IF({whole},{small},{broken})"


def _usd(helpers: Helpers, x: str) -> str:
    s = helpers.cell(("absolute", x), f"ABS({x})")
    small = f'IF({s}>=0.005,TEXT({s},"0.00"),{_digits(helpers, s, 2)})'
    text = f'IF(OR({s}=ROUND({s},0),{s}>=100),TEXT(ROUND({s},0),"#,##0"),{small})'
    return f'IF({x}<0,"-$","$")&IF({s}>=1E6,{_digits(helpers, s, 4)},{text})'


def _percent(helpers: Helpers, x: str) -> str:
    p = helpers.cell(("percent", x), f"ROUND(100*{x},9)")
    plain = f"IF(ABS({x})<100,{_plain_cell(helpers, p, 0)},{_digits(helpers, p, 3)})"
    above = f'IF(AND({x}>0.99,{x}<1),"above 99%",{plain}&"%")'
    return f'IF(AND({x}>0,{x}<0.01),"below 1%",{above})'


def _whole_percent(helpers: Helpers, x: str) -> str:
    text = helpers.cell(("percent", "text", x), _percent(helpers, x))
    return f'SUBSTITUTE(SUBSTITUTE({text},"%",""),"above ","")'


def _correlation(helpers: Helpers, x: str) -> str:
    odd = f"OR({x}=ROUND({x},0),ABS({x})<0.005,ABS({x})>=1E6)"
    return f'IF({odd},{_digits(helpers, x, 3)},TEXT(ROUND({x},2),"#,##0.00"))'


def _years(helpers: Helpers, x: str) -> str:
    short = f"IF({x}<100,{_plain_cell(helpers, x, 1)},{_digits(helpers, x, 2)})"
    text = helpers.cell(("years", x), short)
    return f'IF(AND({x}>0,{x}<0.1),"less than 0.1 years",{text}&IF({text}="1"," year"," years"))'


def _usd_range(helpers: Helpers, x: str) -> str:
    s = helpers.cell(("absolute", x), f"ABS({x})")
    return f'IF({x}<0,"-$","$")&{_digits(helpers, s, 2)}'


def _ratio(helpers: Helpers, x: str) -> str:
    inverse = helpers.cell(("inverse", x), f"IF({x}<=0,0,1/{x})")
    return (
        f'IF({x}<=1E-300,"0:1",IF({x}>=1,{_digits(helpers, x, 2)}&":1",'
        f'"1:"&{_digits(helpers, inverse, 2)}))'
    )


def _multiples(low: str, high: str) -> str:
    both = f"{low}&{high}"
    said = f'OR(ISNUMBER(FIND(" ",{both})),ISNUMBER(FIND("e",{both})))'
    words = f'IF({low}={high},{low},{low}&" to "&{high})&" times"'
    short = f'IF({low}={high},{low},{low}&"-"&{high})&"x"'
    return f"IF({said},{words},{short})"


def _apart(writer: Writer, value: str, other: str, style: str) -> str:
    """A number with as many digits as it takes to distinguish it from another."""
    helpers = writer.helpers
    scale, end = (100, "%") if style == "percent" else (1, "")
    text, unlike = (_in_style(writer, each, style) for each in (value, other))

    def finer() -> str:
        one, two = (f"({scale}*{each})" for each in (value, other))
        # Of all decimals the first that tells them apart, and else the most.
        found = f"FIXED({one},{MOST_DECIMALS + 2})"
        for decimals in range(MOST_DECIMALS + 1, 0, -1):
            differ = f"ROUND({one},{decimals})<>ROUND({two},{decimals})"
            found = f"IF({differ},FIXED({one},{decimals}),{found})"
        return found

    found = helpers.cell(("finer", value, other, scale), finer)
    scaled = helpers.cell(("scaled", value, scale), f"{scale}*{value}")
    shown = f"IF(OR(VALUE({found})<>0,{value}=0),{found},{_digits(helpers, scaled, 2)})"
    key = ("apart", value, other, style)
    return helpers.cell(key, f'IF(OR({value}={other},{text}<>{unlike}),{text},{shown}&"{end}")')
