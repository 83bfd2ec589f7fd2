"""The list of schemas: it says what the layout is, and of which schema a file is."""

from __future__ import annotations

import pytest

from tests.golden.__main__ import names, refreshed
from tests.workbook.upgrading.conftest import golden
from workbook.read import read_as_it_is, read_book
from workbook.sheets import sheets
from workbook.upgrading.schemas import (
    LAYOUTS,
    Schema,
    current,
    fingerprint,
    heirs,
    names_of,
    schema_of,
    schemas,
)

TO_DO = """The names or sizes of the layout changed: files of schema {number} are no longer read.
If people have files of schema {number}, add one to workbook/upgrading/schemas.toml, with what
became of the ids of inputs that are gone. Then: python -m tests.golden"""


def test_the_layout_is_the_one_of_the_current_schema() -> None:
    last = schemas()[-1]
    assert fingerprint(names()) == last.fingerprint, TO_DO.format(number=last.number)
    text = LAYOUTS.read_text(encoding="utf-8")
    assert refreshed(text, last, names_of(last.number - 1)) == text, "python -m tests.golden"
    assert names_of(last.number) == names().keys()


def test_a_fingerprint_tells_names_and_sizes_apart() -> None:
    here = {"one": (1, 1), "two": (2, 3)}
    assert fingerprint(here) == fingerprint(dict(reversed(here.items())))
    assert len({fingerprint(x) for x in (here, {"one": (1, 1)}, here | {"two": (3, 2)})}) == 3


@pytest.mark.parametrize("schema", schemas(), ids=lambda each: str(each.number))
def test_a_golden_file_is_of_its_schema(schema: Schema) -> None:
    data = golden(schema.number).read_bytes()
    held = read_as_it_is(data, schema.golden)
    ours = names_of(schema.number)
    sizes = {
        name: (len(place.rows), len(place.rows[0]))
        for name, place in held.places.items()
        if name in ours
    }
    assert fingerprint(sizes) == schema.fingerprint
    version = held.value("schema_version") if "schema_version" in held.places else None
    found = schema_of(held.names, version)
    assert (found.number, found.exact) == (schema.number, True)
    if schema.number == current():
        read_book(data, schema.golden)


def test_a_file_between_two_schemas_is_about_one() -> None:
    one, two = names_of(1), names_of(2)
    new = sorted(two - one)
    nearly = two - set(new[:9])
    barely = one | set(new[:9])
    assert str(schema_of(nearly)) == "about schema 2"
    assert str(schema_of(barely)) == "about schema 1"
    assert str(schema_of(one | {"a_name_of_mine"})) == "schema 1"


def test_what_a_file_says_of_itself_goes_first() -> None:
    assert schema_of(names_of(1), 7) == schema_of(names_of(2), 7.0)
    assert schema_of(names_of(2), "seven").number == 2


def test_ids_are_followed_through_all_schemas_since() -> None:
    steps = [
        Schema(number=2, renamed={"a": "b"}, dropped={"x": "it was never used"}),
        Schema(number=3, split={"b": ["c", "d"]}),
        Schema(number=4, renamed={"c": "e"}, united={"f": ["d", "g"]}),
    ]
    assert [each.name for each in heirs("a_low", steps)] == ["e_low", "f_low"]
    assert not any(each.same for each in heirs("a", steps))
    assert heirs("x_source", steps) == ()
    assert [(each.name, each.same) for each in heirs("abc", steps)] == [("abc", True)]


def test_the_number_stands_in_a_new_file() -> None:
    (cell,) = (
        at.cell for placed in sheets() for at in placed.cells if "schema_version" in at.cell.names
    )
    assert cell.content == current()
