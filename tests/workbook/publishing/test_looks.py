"""How the page looks: on a phone, on a screen, in the dark, on paper; in a real Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.workbook.publishing.texts import with_text
from workbook.publishing import page as page_module

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

STYLE = (Path(page_module.__file__).parent / "page.css").read_text(encoding="utf-8")

TEXTS = """() => [...document.querySelectorAll("body *")].filter(
    each => each.checkVisibility() && [...each.childNodes].some(
        node => node.nodeType === 3 && node.textContent.trim()
    )
)"""
"""Every element with a text of its own that is in sight."""

SMALL = f"""() => ({TEXTS})().filter(each => parseFloat(getComputedStyle(each).fontSize) < 14)
    .map(each => each.outerHTML.slice(0, 100))"""

SHADES = f"""() => ({TEXTS})().map(each => {{
    const look = getComputedStyle(each);
    let under = each;
    while (getComputedStyle(under).backgroundColor === "rgba(0, 0, 0, 0)" && under.parentElement)
        under = under.parentElement;
    const colour = each.closest("svg") ? look.fill : look.color;
    return [each.tagName, colour, getComputedStyle(under).backgroundColor];
}})"""

OUTSIDE = """() => [...document.querySelectorAll("body *")].filter(
    each => each.getBoundingClientRect().right > innerWidth + 1 && !each.closest(".scroll")
).map(each => each.outerHTML.slice(0, 100))"""


def luminance(colour: tuple[float, ...]) -> float:
    """How light a colour is, as WCAG 2 defines it."""
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (each / 255 for each in colour[:3])
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    light, dark = sorted(
        (luminance(tuple(map(float, re.findall(r"[\d.]+", each)))) for each in (first, second)),
        reverse=True,
    )
    return (light + 0.05) / (dark + 0.05)


def rgb(colour: str) -> str:
    return " ".join(str(int(colour[place : place + 2], 16)) for place in (1, 3, 5))


@pytest.fixture(name="opened")
def _opened(
    browser: Browser, written: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Page]:
    width, height, scheme = request.param
    path = tmp_path / "page.html"
    path.write_text(written, encoding="utf-8")
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda asked: said.append(asked.url) if asked.url != path.as_uri() else None)
    page.goto(path.as_uri())
    try:
        yield page
        assert said == []
    finally:
        context.close()


SIZES = [
    (width, height, scheme)
    for width, height in ((320, 640), (390, 844), (700, 900), (1440, 900))
    for scheme in ("light", "dark")
]
every_size = pytest.mark.parametrize("opened", SIZES, indirect=True, ids=str)


@every_size
def test_nothing_is_too_wide_too_small_or_too_pale(opened: Page) -> None:
    widths = opened.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert widths[0] <= widths[1]
    if widths[1] >= 390:
        assert opened.evaluate(OUTSIDE) == []
    assert opened.evaluate(SMALL) == []
    shades = opened.evaluate(SHADES)
    assert len(shades) > 800
    pale = {(tag, text, under) for tag, text, under in shades if contrast(text, under) < 4.5}
    assert pale == set()


@pytest.mark.parametrize("opened", [(390, 844, "light")], indirect=True)
def test_a_phone_shows_one_column_and_its_own_charts(opened: Page) -> None:
    lefts = opened.evaluate(
        "[...document.querySelectorAll('article')].map(e => e.getBoundingClientRect().left)"
    )
    assert len(set(lefts)) == 1
    shown = "[...document.querySelectorAll('svg')].filter(e => e.checkVisibility())"
    assert opened.evaluate(f"{shown}.map(e => e.getAttribute('class'))") == ["narrow"] * 3
    # No table but those that fit has to be moved sideways.
    scrolled = (
        "[...document.querySelectorAll('.scroll')].filter(e => e.scrollWidth > e.clientWidth)"
    )
    assert opened.evaluate(f"{scrolled}.length") == 0


@pytest.mark.parametrize("opened", [(1440, 900, "light")], indirect=True)
def test_a_screen_shows_the_answers_first(opened: Page) -> None:
    third = opened.locator("article").nth(2).bounding_box()
    assert third is not None
    assert third["y"] + third["height"] < 900
    shown = "[...document.querySelectorAll('svg')].filter(e => e.checkVisibility())"
    assert opened.evaluate(f"{shown}.map(e => e.getAttribute('class'))") == ["wide"] * 3


@pytest.mark.parametrize("opened", [(390, 844, "light")], indirect=True)
def test_the_texts_of_a_chart_do_not_lie_on_each_other(opened: Page) -> None:
    boxes = opened.evaluate(
        """() => [...document.querySelectorAll("svg.narrow")].map(chart => [
            chart.getBoundingClientRect().toJSON(),
            [...chart.querySelectorAll("text")].map(e => e.getBoundingClientRect().toJSON())
        ])"""
    )
    for chart, texts in boxes:
        for place, each in enumerate(texts):
            assert each["left"] >= chart["left"] - 1
            assert each["right"] <= chart["right"] + 1
            assert each["bottom"] <= chart["bottom"] + 1
            for other in texts[:place]:
                across = min(each["right"], other["right"]) - max(each["left"], other["left"])
                down = min(each["bottom"], other["bottom"]) - max(each["top"], other["top"])
                assert across < 1 or down < 5


@pytest.mark.parametrize("opened", [(1440, 900, "dark")], indirect=True)
def test_on_paper_it_is_light_and_no_wider_than_the_page(opened: Page) -> None:
    opened.emulate_media(media="print", color_scheme="dark")
    opened.set_viewport_size({"width": 718, "height": 1000})  # A4 without its margins
    assert (
        opened.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    )
    assert opened.evaluate("document.documentElement.scrollWidth") <= 718
    assert not opened.locator("nav").is_visible()
    assert len(opened.pdf(format="A4")) > 50_000


def test_a_very_long_word_makes_nothing_wider(
    built: bytes,
    edited: Callable[..., bytes],
    page_of: Callable[[bytes], str],
    browser: Browser,
    tmp_path: Path,
) -> None:
    names = (
        *("answer_cost", "cost_quote", "cost_multiple_within", "brief_cost", "cost_scope"),
        *("marginal_cost_source", "marginal_cost_date", "offset_distribution"),
    )
    path = tmp_path / "page.html"
    words = dict.fromkeys(names, "https://example.org/" + "wide" * 400)
    path.write_text(page_of(with_text(built, edited, words)), encoding="utf-8")
    context = browser.new_context(viewport={"width": 390, "height": 844})
    try:
        page = context.new_page()
        for width in (390, 1440):
            page.set_viewport_size({"width": width, "height": 844})
            page.goto(path.as_uri())
            assert page.evaluate("document.documentElement.scrollWidth") == width
            assert page.evaluate(OUTSIDE) == []
    finally:
        context.close()


def test_marks_differ_from_the_paper() -> None:
    schemes = STYLE.split("@media (prefers-color-scheme: dark)")[:2]
    for scheme in schemes:
        colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", scheme.split("@media print")[0]))
        for name in ("blue", "ink"):
            assert contrast(rgb(colours[name]), rgb(colours["paper"])) >= 3
        for name in ("ink", "muted", "link", "warned"):
            for under in ("paper", "band", "warning"):
                assert contrast(rgb(colours[name]), rgb(colours[under])) >= 4.5, (name, under)


def test_the_colours_are_those_that_colour_blind_readers_can_tell_apart() -> None:
    assert {"#0072b2", "#56b4e9", "#e69f00"} <= set(re.findall(r"#[0-9a-f]{6}", STYLE))
