"""The task pane itself: status, catalogue, token, versions, and how it looks and reads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from addin.functions import functions
from addin.server import tokens as server_tokens
from addin.version import model_version
from tests.addin.chromium.harness import CALL, Pane, Server, serving

if TYPE_CHECKING:
    from playwright.sync_api import Route

ALL = len(functions())


def test_it_opens(pane: Pane) -> None:
    assert pane.text("#status-text") == "Functions answer"
    assert pane.text("#version") == model_version()
    assert pane.text("#count") == f"{ALL} functions"
    assert pane.page.locator("details.entry").count() == ALL
    assert pane.page.title() == "Fieldbook"
    for hidden in ("#token-form", "#changed", "#retry", "#rewrite-faults"):
        assert pane.page.locator(hidden).is_hidden()


def test_it_asks_no_other_host_and_breaks_no_policy(pane: Pane) -> None:
    assert pane.foreign == []
    assert pane.complaints == []


def test_every_function_shows_its_help(pane: Pane) -> None:
    for function in functions().values():
        entry = pane.page.locator("details.entry").filter(
            has=pane.page.get_by_text(function.excel_name, exact=True)
        )
        text = entry.evaluate("entry => entry.textContent")
        shown = [function.description, function.syntax, function.returns, function.equation]
        shown += [function.example, *(each.help for each in function.arguments)]
        assert [part for part in shown if part not in text] == []


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("cost_multiple_r", {"FIELD.COST_MULTIPLE_RANGE"}),
        ("Money  PER researcher", {"FIELD.MONEY_PER_RESEARCHER"}),
        ("lognormal", {"FIELD.IMPACT_SIGMA"}),
        ("FIELDBOOK: mentors", {"FIELD.MARGIN_MAP", "FIELD.MENTOR_MARGIN"}),
        ("no such thing", set()),
        ("   ", {function.excel_name for function in functions().values()}),
    ],
)
def test_search(pane: Pane, typed: str, found: set[str]) -> None:
    pane.page.get_by_label("Search by name, text or category").fill(typed)
    assert set(pane.page.locator("details.entry .name:visible").all_inner_texts()) == found
    count = pane.text("#count")
    expected = {0: "No function matches", ALL: f"{ALL} functions"}
    assert count.startswith(expected.get(len(found), f"{len(found)} of {ALL} functions"))


def test_excels_help_on_a_function_opens_its_entry(new_pane: Pane) -> None:
    new_pane.page.goto(f"{new_pane.url}/taskpane.html#RATIO_SHIFT")
    opened = new_pane.page.locator("details[open]")
    opened.wait_for()
    assert opened.locator(".name").all_inner_texts() == ["FIELD.RATIO_SHIFT"]
    new_pane.page.goto("about:blank")
    new_pane.page.goto(f"{new_pane.url}/taskpane.html#et=<b>&xdm_e=https")  # as Excel adds it
    new_pane.wait_for_status("Functions answer")
    assert opened.count() == 0


def test_headings_go_with_their_functions(pane: Pane) -> None:
    pane.page.locator("#search").fill("lognormal")
    assert pane.page.locator("#catalogue h3:visible").all_inner_texts() == ["Selection"]


def test_keyboard_alone(pane: Pane) -> None:
    page = pane.page
    page.locator("#search").focus()
    page.keyboard.type("cost_multiple_range")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.locator("details[open] .name").inner_text() == "FIELD.COST_MULTIPLE_RANGE"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator("#copied").filter(has_text="Copied").wait_for(state="attached")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == functions()["COST_MULTIPLE_RANGE"].example


def test_every_control_has_a_name(pane: Pane) -> None:
    nameless = pane.page.evaluate(
        """() => [...document.querySelectorAll("button, input")].filter((control) =>
            !(control.textContent.trim() || control.labels?.length || control.ariaLabel))
            .map((control) => control.outerHTML)"""
    )
    assert nameless == []


@pytest.mark.parametrize("width", [320, 350, 800])
def test_nothing_runs_out_of_the_page(pane: Pane, width: int) -> None:
    pane.page.set_viewport_size({"width": width, "height": 600})
    pane.page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true })")
    assert pane.page.evaluate("document.documentElement.scrollWidth") <= width


CONTRASTS = """() => {
  const luminance = (colour) => {
    const parts = colour.match(/[\\d.]+/g).slice(0, 3).map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  };
  const ground = (node) => {
    const colour = getComputedStyle(node).backgroundColor;
    return colour === "rgba(0, 0, 0, 0)" && node.parentElement ? ground(node.parentElement)
      : colour === "rgba(0, 0, 0, 0)" ? "rgb(255, 255, 255)" : colour;
  };
  return [...document.querySelectorAll("body *")]
    .filter((node) => [...node.childNodes].some((child) =>
      child.nodeType === Node.TEXT_NODE && child.textContent.trim()))
    .map((node) => {
      const [light, dark] = [getComputedStyle(node).color, ground(node)]
        .map(luminance).sort((a, b) => b - a);
      return [node.outerHTML.slice(0, 80), (light + 0.05) / (dark + 0.05)];
    });
}"""


def test_contrast(pane: Pane) -> None:
    """WCAG AA: 4.5 to 1 for text, hidden text included."""
    contrasts: list[tuple[str, float]] = pane.page.evaluate(CONTRASTS)
    assert len(contrasts) > ALL
    assert [each for each in contrasts if each[1] < 4.5] == []


def _look_again(pane: Pane) -> None:
    """What happens when a person comes back to the pane."""
    pane.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_server_down_and_back(new_pane: Pane, tmp_path: Path) -> None:
    with serving(Server(tmp_path / "log")) as own:
        new_pane.url = own.url
        new_pane.open()
        new_pane.call("COST_MULTIPLE", [[[6]], [[2]]])
        own.kill()
        _look_again(new_pane)
        new_pane.wait_for_status("Server does not answer: Network error")
        # The version stays known, so that what was answered before is still found.
        assert new_pane.call("COST_MULTIPLE", [[[6]], [[2]]]) == {"value": [[3]]}
        answer = new_pane.call("COST_MULTIPLE", [[[8]], [[2]]])
        assert answer == {"code": "#VALUE!", "message": "Error: Network error"}
        new_pane.page.get_by_role("button", name="Try again").click()
        new_pane.wait_for_status("Server does not answer: Network error")
        own.start()
        new_pane.page.get_by_role("button", name="Try again").click()
        new_pane.wait_for_status("Functions answer")
        assert new_pane.page.locator("#retry").is_hidden()
        assert new_pane.call("COST_MULTIPLE", [[[8]], [[2]]]) == {"value": [[4]]}


def test_a_wrong_answer_is_said(new_pane: Pane) -> None:
    new_pane.page.route(f"**{CALL}", lambda route: route.fulfill(json={"result": [[5]]}))
    new_pane.open(status="Wrong answer: 5 in place of 4")


def test_a_refusal_is_said_in_one_line(new_pane: Pane) -> None:
    new_pane.page.route(
        f"**{CALL}",
        lambda route: route.fulfill(status=400, body="too\nlarge", content_type="text/plain"),
    )
    new_pane.open(status="The server refuses: too large")
    assert new_pane.page.locator("#token-form").is_hidden()


def test_a_new_model_version_is_said(pane: Pane) -> None:
    pane.set_model_version("99.0")
    assert pane.text("#version") == "99.0"
    said = f"The model went from version {model_version()} to 99.0."
    assert pane.text("#changed-text").startswith(said)
    pane.page.get_by_role("button", name="Recalculate now").click()
    pane.page.locator("#changed").wait_for(state="hidden")
    assert pane.page.evaluate("standIn.calculations") == ["Full"]


@pytest.mark.parametrize("version", ["1.0\r\nEvil: yes", "", 7, None, "x" * 65])
def test_a_version_that_is_none_is_not_taken(pane: Pane, version: Any) -> None:
    pane.set_model_version(version)
    assert pane.text("#version") == model_version()


def test_the_version_is_asked_for_every_minute(new_pane: Pane) -> None:
    new_pane.page.clock.install()
    new_pane.open()
    new_pane.page.route(
        "**/fieldbook/version", lambda route: route.fulfill(json={"version": "99.0"})
    )
    new_pane.page.clock.fast_forward("01:00")
    new_pane.page.locator("#version").filter(has_text="99.0").wait_for()


def test_the_status_is_asked_for_every_minute(new_pane: Pane) -> None:
    new_pane.page.clock.install()
    new_pane.open()
    new_pane.page.route(f"**{CALL}", lambda route: route.abort())
    new_pane.page.clock.fast_forward("01:00")
    new_pane.wait_for_status("Server does not answer")


def test_who_signs_in_with_microsoft_types_no_token(new_pane: Pane) -> None:
    def with_entra(route: Route) -> None:
        response = route.fetch()
        body = response.text().replace('"authProviders": []', '"authProviders": ["entraid"]')
        route.fulfill(response=response, body=body)

    new_pane.page.route("**/taskpane.html", with_entra)
    new_pane.page.route(f"**{CALL}", _want_token)
    new_pane.open(status="The server asks for")
    assert new_pane.page.locator("#token-form").is_hidden()
    new_pane.page.evaluate("xlwings.getAccessToken = async () => 'Bearer right'")
    new_pane.page.get_by_role("button", name="Try again").click()
    new_pane.wait_for_status("Functions answer")
    assert new_pane.calls[-1]["headers"]["auth-provider"].startswith("fieldbook 0.")


def _want_token(route: Route) -> None:
    if route.request.headers.get("authorization") == "Bearer right":
        route.continue_()
    else:
        route.fulfill(status=401, json={"detail": "no such token"})


def test_a_token_is_asked_for_saved_and_removed(new_pane: Pane) -> None:
    page = new_pane.page
    page.route(f"**{CALL}", _want_token)
    new_pane.open(status="The server asks for an access token: no such token")
    box = page.get_by_label("Access token")
    save = page.get_by_role("button", name="Save", exact=True)

    box.fill("two words")
    save.click()
    assert "without spaces" in new_pane.text("#token-fault")

    box.fill("wrong")
    save.click()
    new_pane.wait_for_status("no such token")

    box.fill(" Bearer right ")
    save.click()
    new_pane.wait_for_status("Functions answer")
    assert page.locator("#token-fault").is_hidden()
    assert box.input_value() == ""
    assert "need a recalculation" in new_pane.text("#changed-text")

    new_pane.open()  # A token outlasts the page.
    remove = page.get_by_role("button", name="Remove the saved token")
    remove.click()
    new_pane.wait_for_status("no such token")
    assert remove.is_hidden()
    assert page.evaluate("localStorage.getItem('fieldbookToken')") is None


def test_a_token_of_the_server_opens_it_until_revoked(new_pane: Pane, tmp_path: Path) -> None:
    tokens = tmp_path / "tokens"
    token = server_tokens.make(tokens, "kim")
    server_tokens.make(tokens, "lee")
    environment = {server_tokens.FILE_VARIABLE: str(tokens)}
    with serving(Server(tmp_path / "log", environment=environment)) as own:
        new_pane.url = own.url
        new_pane.open(status="The server asks for an access token")
        refused = new_pane.call("COST_MULTIPLE", [[[8]], [[2]]])
        assert refused["code"] == "#VALUE!"
        new_pane.page.get_by_label("Access token").fill(token)
        new_pane.page.get_by_role("button", name="Save", exact=True).click()
        new_pane.wait_for_status("Functions answer")
        assert new_pane.call("COST_MULTIPLE", [[[8]], [[2]]]) == {"value": [[4]]}
        server_tokens.revoke(tokens, "kim")
        _look_again(new_pane)
        new_pane.wait_for_status("The server asks for an access token")
    assert token not in (tmp_path / "log").read_text()


def test_the_ribbon_s_button_asks_the_script_with_the_token(new_pane: Pane) -> None:
    new_pane.open()
    asked = new_pane.page.evaluate(
        """async () => {
            const asked = [];
            globalThis.getAuth = async () => ({ token: "Bearer t", provider: "p" });
            globalThis.xlwings = { runPython: async (options) => asked.push(options) };
            await nextProblem({ completed: () => asked.push("completed") });
            return asked;
        }"""
    )
    (options, end) = asked
    assert (options["scriptName"], options["auth"], end) == (
        "next_problem",
        "Bearer t",
        "completed",
    )
    assert options["headers"] == {"Auth-Provider": "p"}


def test_text_from_the_server_is_never_markup(new_pane: Pane) -> None:
    markup = "<img src=x onerror=alert(1)>"
    escaped = markup.replace("<", "\\u003c").replace(">", "\\u003e")

    def with_markup(route: Route) -> None:
        response = route.fetch()
        text = response.text().replace(functions()["COST_MULTIPLE"].description, escaped)
        route.fulfill(response=response, body=text)

    new_pane.page.route("**/taskpane.html", with_markup)
    new_pane.page.route(
        f"**{CALL}", lambda route: route.fulfill(status=400, body=markup, content_type="text/plain")
    )
    new_pane.open(status=markup)
    assert new_pane.page.locator("summary .description").first.inner_text() == markup
    assert new_pane.page.locator("img").count() == 0
