"""The page: one file, the file's own numbers, nothing of the file's as markup, and no lies."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from pycore.model.published import CHECKS
from pycore.model.results import model
from pycore.model.tables import HEADLINES
from tests.workbook.publishing.texts import with_text
from workbook.publishing.words import exact, figure, pieces, plain
from workbook.read import read_book
from workbook.sheets.assumptions import HEADER
from workbook.sheets.summary import ANSWERED, COMPARED

Run = Callable[..., tuple[int, str, str]]
Edit = Callable[..., bytes]
Page = Callable[[bytes], str]
Element = Any

NONE = "\u2013"
"""Stands where there is nothing."""

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</td></table><h1>Mine</h1>",
    "javascript:alert(1)",
    "data:text/html,<b>x</b>",
    'https://example.org/"onclick="alert(1)',
    "https://user@evil.example/",
    "https://xn--80ak6aa92e.com/",
    "http://example.org/",
    "{{ 7 * 7 }}{% raw %}",
    "</style><style>*{display:none}",
    "]]>&lt;b&gt;&#60;i&#62;",
    "\u202egnp.exe\u2066",
)


def rows(tree: Element, section: str) -> Iterator[list[Element]]:
    """The cells of each row of the tables of a section."""
    (found,) = tree.xpath(f"//section[@aria-labelledby='{section}']")
    for row in found.xpath(".//tbody/tr"):
        yield list(row)


def text(element: Element) -> str:
    return " ".join(element.text_content().split())


def number(cell: Element) -> float | str:
    """What a cell holds for another program, or what it shows."""
    data = cell.xpath(".//data/@value")
    return float(data[0]) if data else text(cell)


def test_the_numbers_are_those_of_the_file(file: Path, run: Run, tree: Element) -> None:
    held = json.loads(run("show", file, "--json")[1])
    labels = {node["label"]: node for node in held["assumptions"].values()}
    found = list(rows(tree, "assumptions"))
    assert len(found) == len(held["assumptions"])
    for label, low, central, high, unit, distribution, source, date, changed in found:
        node = labels[text(label)]
        assert number(central) == node["central"]
        if node["distribution"] is None:
            assert (text(low), text(high)) == (NONE, NONE)
        elif text(low) != NONE:
            assert (number(low), number(high)) == (node["low"], node["high"])
        assert text(unit) in (node["unit"], "times")
        assert text(distribution) == (node["distribution"] or NONE)
        assert text(source).startswith(node["source"])
        assert text(date) == str(node["date"])
        # Fewer drafts and draws than in a new workbook make this one quick.
        is_changed = node["label"] == model()["replicates"].label
        assert text(changed).startswith("changed" if is_changed else "no")

    results = held["results"]
    for (label, central, within), (said, name) in zip(
        rows(tree, "comparison"), COMPARED, strict=True
    ):
        assert text(label) == said
        assert number(central) == results[name]["value"]
        assert text(within)
    simulated = results["simulation"]["value"]
    for cells, headline, row in zip(rows(tree, "sure"), HEADLINES, simulated, strict=True):
        assert text(cells[0]) == headline.label
        assert [number(cell) for cell in cells[3:6]] == [row[0], row[2], row[4]]
    for cells, row in zip(rows(tree, "moves"), results["tornado"]["value"], strict=False):
        assert text(cells[0]) == held["assumptions"][row[0]]["label"]
        assert [number(cell) for cell in cells[1:]] == [row[1], row[2], row[5]]
    for cells, check in zip(rows(tree, "checks"), CHECKS, strict=True):
        assert text(cells[0]) == check.label
        shown = held["checks"][check.id]
        assert [number(cell) for cell in cells[1:3]] == [shown["published"], shown["computed"]]
        assert text(cells[3]) == ("ok" if shown["ok"] else "differs")


def test_the_answers_are_the_sentences_of_the_summary(
    built: bytes, run: Run, file: Path, tree: Element
) -> None:
    book = read_book(built, "built")
    said = text(tree.xpath("//section[@aria-labelledby='answers']")[0])
    for name, _, short, within, _ in ANSWERED:
        for each in (name, short, f"{within.replace('.', '_')}_within"):
            assert str(book.value(each)) in said
    lines = run("show", file)[1].splitlines()
    assert all(line.strip() in said for line in lines[:6])


def test_what_is_written_is_the_number_rounded(tree: Element) -> None:
    for each in tree.xpath("//data"):
        shown = each.text.replace(",", "").replace("$", "").removesuffix(" years")
        share = shown.endswith("%")
        shown = shown.removesuffix("%").removesuffix("x").removesuffix(" year")
        if re.fullmatch(r"-?[\d.]+", shown):
            value = float(each.get("value"))
            near = float(shown) / 100 if share else float(shown)
            coarse = 0.051 if "year" in each.text else 0.0051
            assert abs(near - value) <= max(0.06 * abs(value), coarse), (each.text, value)


def test_it_says_when_and_from_what_it_was_made(built: bytes, tree: Element) -> None:
    said = text(tree.xpath("//header")[0])
    assert "27 November 2026, 18:05 UTC from the workbook book.xlsx" in said
    assert hashlib.sha256(built).hexdigest()[:16] in said
    assert tree.xpath("//time/@datetime") == ["2026-11-27T18:05:00+00:00"]


def test_nothing_is_fetched_and_nothing_runs(written: str, tree: Element) -> None:
    (policy,) = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    (style,) = tree.xpath("//style")
    digest = base64.b64encode(hashlib.sha256(style.text.encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    tags = {each.tag for each in tree.iter() if isinstance(each.tag, str)}
    assert tags.isdisjoint({"script", "link", "img", "iframe", "object", "embed", "form", "base"})
    names = {name for each in tree.iter() for name in each.keys()}  # noqa: SIM118
    assert names.isdisjoint({"src", "srcset", "style", "action", "xlink:href"})
    assert not any(name.startswith("on") for name in names)
    assert "url(" not in style.text
    assert "@import" not in style.text
    fills = set(tree.xpath("//*/@fill"))
    assert all(re.fullmatch(r"url\(#[\w-]+\)", each) for each in fills)
    assert len(written) < 300_000


def test_links_lead_within_the_page_or_to_https(tree: Element) -> None:
    ids = tree.xpath("//*/@id")
    assert len(ids) == len(set(ids))
    links = tree.xpath("//a/@href")
    outward = [each for each in links if not each.startswith("#")]
    assert {each[1:] for each in links} - {each[1:] for each in outward} <= set(ids)
    assert outward
    assert all(each.startswith("https://") for each in outward)
    for each in tree.xpath("//*/@aria-labelledby"):
        assert set(each.split()) <= set(ids)


def test_headings_are_in_order(tree: Element) -> None:
    levels = [int(each.tag[1]) for each in tree.iter("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_tables_have_headers_and_roles(tree: Element) -> None:
    tables = tree.xpath("//table")
    assert len(tables) >= 4 + len({node.group for node in model().inputs})
    for table in tables:
        columns = table.xpath("./thead/tr/th")
        assert {each.get("scope") for each in columns} == {"col"}
        assert table.xpath("./caption") or table.get("aria-labelledby")
        for row in table.xpath("./tbody/tr"):
            first, *others = row
            assert (first.tag, first.get("scope")) == ("th", "row")
            # Stacked on a phone, each says itself what it is.
            assert [each.get("data-label") for each in others] == [text(c) for c in columns[1:]]
    assert {
        text(each)
        for each in tree.xpath("//table[contains(@class, 'assumptions')]//th[@scope='col']")
    } <= set(HEADER)


def test_charts_have_titles_and_say_what_they_show(tree: Element) -> None:
    charts = tree.xpath("//svg")
    assert [each.get("class") for each in charts] == ["narrow", "wide"] * 3
    for chart in charts:
        assert chart.get("role") == "img"
        title, description = chart[0], chart[1]
        assert (title.tag, description.tag) == ("title", "desc")
        assert chart.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
        assert len(title.text) > 10
        assert len(description.text) > 60
        assert chart.xpath(".//text")


def test_the_bars_end_where_the_numbers_are(built: bytes, tree: Element) -> None:
    book = read_book(built, "built")
    chart = tree.xpath("//svg[contains(@aria-labelledby, 'comparison-wide')]")[0]
    bars = [each for each in chart.iter("rect") if each.get("class") == "bar"]
    values = [book.value(name) for _, name in COMPARED]
    lengths = [float(each.get("width")) for each in bars]
    assert len(bars) == len(values)
    scale = lengths[0] / (values[0] - 1)
    for value, length in zip(values, lengths, strict=True):
        assert length == pytest.approx(scale * abs(value - 1), abs=0.02)


@pytest.mark.parametrize("said", HOSTILE)
def test_hostile_texts_stay_texts(
    built: bytes, edited: Edit, page_of: Page, said: str, tree: Element
) -> None:
    names = {
        "marginal_cost_source": f"see {said}",
        "marginal_cost_date": said,
        "marginal_cost_date+": said,
        "marginal_cost_distribution": said,
        "marginal_cost": said,
        "cost_scope": said,
        "answer_cost": said,
        "cost_quote": said,
        "cost_multiple_within": said,
    }
    page = page_of(with_text(built, edited, names))
    found = html.document_fromstring(page)
    shape = [each.tag for each in found.iter("script", "img", "style", "h1", "iframe", "b", "i")]
    assert shape == [each.tag for each in tree.iter("script", "img", "style", "h1")]
    attributes = {name for each in found.iter() for name in each.keys()}  # noqa: SIM118
    assert not any(name.startswith("on") for name in attributes)
    for link in found.xpath("//a/@href"):
        assert link.startswith(("#", "https://"))
        assert "@" not in link
        assert "xn--" not in link
    assert plain(said) in " ".join(found.text_content().split())
    assert "\u202e" not in page


def test_an_address_in_a_source_is_a_link() -> None:
    found = pieces("As told (https://example.org/a?b=1&c=2), and EA Forum E7pkeDruknpSa7j3i.")
    assert "".join(each.text for each in found) == (
        "As told (https://example.org/a?b=1&c=2), and EA Forum E7pkeDruknpSa7j3i."
    )
    assert [each.link for each in found if each.link] == [
        "https://example.org/a?b=1&c=2",
        "https://forum.effectivealtruism.org/posts/E7pkeDruknpSa7j3i",
    ]
    for bad in ("https://", "https://a", "https://[x", "https://a.org:x/", "https://é.org/"):
        assert [each.link for each in pieces(bad)] == [""]


def test_figures_are_written_for_people() -> None:
    assert figure(4.4444, "x").text == "4.4x"
    assert figure(0.0, "share").text == "0%"
    assert figure(60_308.09, "USD").text == "$60,308"
    assert figure(4.848, "years").text == "4.8 years"
    assert figure("never", "years").text == "never"
    for missing in (None, "", "#NAME?", float("nan"), float("inf")):
        assert figure(missing, "x").is_missing
        assert figure(missing, "x").text == "not computed"
    assert exact(0.0007, "share").text == "0.07%"
    assert exact(-22_500.5, "USD").text == "-$22,500.5"
    assert exact(1_000_000, "USD").text == "$1,000,000"
    assert exact(0.29, "share").text == "29%"


def test_a_sound_workbook_has_no_notice(tree: Element) -> None:
    assert tree.xpath("//section[@class='notice']") == []


def test_what_differs_from_a_new_workbook_says_so(file: Path, run: Run, page_of: Page) -> None:
    words = ("marginal_cost=30000", "marginal_cost.low=28000", "marginal_cost.high=35000")
    assert run("set", file, *words, "offset.high=160")[0] == 0
    tree = html.document_fromstring(page_of(file.read_bytes()))
    changed = {
        text(cells[0]): text(cells[8])
        for cells in rows(tree, "assumptions")
        if text(cells[8]) != "no"
    }
    label = {name: model()[name].label for name in ("marginal_cost", "offset")}
    assert changed[label["marginal_cost"]] == (
        "changed Base value: $22,500 ($20,000 to $25,000, metalog)"
    )
    assert changed[label["offset"]] == "range changed Base value: 100 (10 to 150, uniform)"
    # The number of drafts is another here, so that the tests are quick.
    assert len(changed) == 3
    said = text(tree.xpath("//section[@aria-labelledby='assumptions']/p")[0])
    assert "3 differ from the base values of a new workbook, and say so." in said


def test_figures_of_other_assumptions_are_announced(
    built: bytes, with_cell: Edit, page_of: Page
) -> None:
    stale = with_cell(built, "marginal_cost", "<v>30000</v>")
    (notice,) = html.document_fromstring(page_of(stale)).xpath("//section[@class='notice']")
    assert "Some figures are not those of the assumptions on this page" in text(notice)
    assert "cost_multiple" in text(notice)


def test_missing_values_are_announced_and_shown(
    built: bytes, with_cell: Edit, page_of: Page
) -> None:
    data = with_cell(built, "cost_multiple", "<v>#NAME?</v>", "e")
    data = with_cell(data, "answer_cost", None)
    tree = html.document_fromstring(page_of(data))
    (notice,) = tree.xpath("//section[@class='notice']")
    assert re.search(r"\d+ values are missing in the file \(not computed, or blank\)", text(notice))
    assert text(next(rows(tree, "comparison"))[1]) == "not computed"
    assert "not computed" in text(tree.xpath("//article")[0])


def test_a_simulation_that_could_not_be_computed_is_announced(
    built: bytes, with_cell: Edit, page_of: Page
) -> None:
    data = with_cell(built, "cost_multiple_within", "<v>-</v>", "str")
    tree = html.document_fromstring(page_of(data))
    (notice,) = tree.xpath("//section[@class='notice']")
    assert "The simulation could not be computed for: Cost multiple." in text(notice)
    assert "90% range: not computed" in text(tree.xpath("//article")[0])


def test_a_workbook_without_any_value_still_gives_a_page(page_of: Page) -> None:
    from workbook.file.write import write
    from workbook.hosts import SERVER

    tree = html.document_fromstring(page_of(write(SERVER.sheets())))
    said = text(tree.xpath("//section[@class='notice']")[0])
    assert "are not those of the assumptions" in said
    assert f"{len(CHECKS)} of {len(CHECKS)} published figures do not come out" in said


def test_a_published_figure_that_differs_is_announced(
    built: bytes, with_cell: Edit, page_of: Page
) -> None:
    name = f"check_{CHECKS[0].id}_result"
    data = with_cell(built, name, "<v>differs</v>", "str")
    tree = html.document_fromstring(page_of(data))
    said = f"1 of {len(CHECKS)} published figures do not come out as published."
    assert said in text(tree.xpath("//section[@class='notice']")[0])
    assert text(next(rows(tree, "checks"))[3]) == "differs"


def test_the_command_writes_the_page(file: Path, run: Run) -> None:
    page, before = file.with_name("page.html"), file.read_bytes()
    status, out, err = run("publish", file, "--html", page)
    assert (status, out, err) == (0, f"{page} is written\n", "")
    written: Any = html.document_fromstring(page.read_bytes().decode())
    assert str(file.parent) not in page.read_text(encoding="utf-8")
    assert text(written.xpath("//h1")[0]) == "Fieldbook"
    assert file.read_bytes() == before
    assert sorted(each.name for each in file.parent.iterdir()) == ["fieldbook.xlsx", "page.html"]
    status, _, err = run("publish", file, "--html", page)
    assert status == 2
    assert "--force replaces it" in err
