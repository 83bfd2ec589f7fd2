"""Random admissible workbooks, and rules by which their sentences are true.

The rules read the numbers out of a sentence and hold them against the inputs; they share nothing
with the code that wrote it. ``python -m tests.pycore.model.true_sentences 5000`` tries as many.
"""

from __future__ import annotations

import math
import random
import re
import sys
from collections.abc import Iterator
from typing import Any

from pycore.errors import InputError
from pycore.graph import check_orderings, evaluate
from pycore.model.results import TYPES, model
from pycore.model.sentences import declared
from pycore.model.whole import whole
from pycore.nodes import Assumption

ANSWERS = ("answer_cost", "answer_marginal", "answer_ratio", "answer_window", "answer_portfolio")

CHEAP = {
    "applicants": (2.0, 400.0),
    "admitted": (1.0, 60.0),
    "mentors": (1.0, 20.0),
    "places": (1.0, 40.0),
    "replicates": (2.0, 40.0),
}
"""Between what the sizes of the draft are drawn: it takes its time with larger ones."""

WORDS = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
NUMBER = r"-?\$?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?(?: (?:million|billion|trillion))?"


def random_inputs(seed: int) -> dict[str, Any]:
    """Values of all assumptions, each within its bounds, and in order."""
    drawn = random.Random(seed)
    while True:
        values: dict[str, Any] = {}
        for node in model().inputs:
            if isinstance(node, Assumption):
                low, central, high = sorted(_value(drawn, node) for _ in range(3))
                values[node.id] = central
                if not node.setting:
                    values |= {f"{node.id}.low": low, f"{node.id}.high": high}
            else:
                values[node.id] = drawn.choice(node.options)
        _make_whole(drawn, values)
        values["admitted"] = min(values["admitted"], values["applicants"])
        values["places"] = min(values["places"], values["applicants"])
        values["mentors"] = min(values["mentors"], values["places"])
        for each in ("admitted", "places", "mentors"):
            values[f"{each}.low"] = min(values[f"{each}.low"], values[each])
        try:
            check_orderings(model(), values)
        except InputError:
            continue
        return values


def _value(drawn: random.Random, node: Assumption) -> float:
    domain, central = node.domain, float(node.central)
    low, high = CHEAP.get(node.id, (max(domain.minimum, -1e18), min(domain.maximum, 1e18)))
    kind = drawn.random()
    if kind < 0.1 and node.id not in CHEAP:
        value = drawn.choice([domain.minimum, domain.maximum, 0.0, 1.0])
    elif kind < 0.4:
        value = central
    elif kind < 0.7:
        value = central * 10 ** drawn.uniform(-2, 2)
    else:
        value = drawn.uniform(low, min(high, max(10 * abs(central), 1)))
    value = min(max(value, low), high)
    return float(round(value)) if domain.whole else value


def _make_whole(drawn: random.Random, values: dict[str, Any]) -> None:
    """Shares that are 100% together, or at most that."""
    for group in ("openings", "funders"):
        parts = [drawn.random() + 1e-3 for _ in TYPES]
        for each, share in zip(TYPES, parts, strict=True):
            for end in ("", ".low", ".high"):
                values[f"{group}_{each}{end}"] = share / sum(parts)
    for two in model().wholes:
        values[two.second] = min(values[two.second], 1 - values[two.first])
        for part in (two.first, two.second):
            values[f"{part}.low"] = values[f"{part}.high"] = values[part]


def said(values: dict[str, Any]) -> tuple[dict[str, str], dict[str, Any]]:
    """The answers' sentences, and all that was computed; nothing of it is simulated by draws."""
    graph = whole()
    sentences = {each: declared()[each] for each in (*ANSWERS, "place_within", "mentor_within")}
    within = {each for each in declared() if each.endswith("_within")} - sentences.keys()
    wanted = {
        reference.partition(".")[0]
        for sentence in (*sentences.values(), declared()["place_says"], declared()["mentor_says"])
        for reference in sentence.values.values()
        if reference.partition(".")[0] in graph.needed([sentence.name])
    } - within
    known = [each.id for each in graph.results if each.id in wanted and each.id not in declared()]
    refused: dict[str, InputError] = {}
    found = evaluate(graph, values, refused, known)

    def value_of(reference: str) -> Any:
        if reference in values:
            return values[reference]
        if reference in graph.texts:
            return graph.texts[reference]
        name, _, part = reference.partition(".")
        if name in within:
            return "-"
        if name in declared():
            return told(name)
        if name not in found:
            return "#VALUE!" if name in refused else values.get(name)
        answer = found[name]
        return answer.tolist()[graph[name].parts.index(part)] if part else answer

    def told(name: str) -> str:
        return declared()[name].say([value_of(each) for each in declared()[name].values.values()])

    return {each: told(each) for each in ANSWERS}, {
        **{each: value_of(each) for each in found},
        "bottom": value_of("cost_multiple_range.low"),
        "top": value_of("cost_multiple_range.high"),
        "plan": [value_of(f"gap_plan.{each}") for each in TYPES],
    }


def number(text: str) -> float:
    """The number that a text writes."""
    figure, _, word = text.replace("$", "").replace(",", "").partition(" ")
    return float(figure) * WORDS.get(word, 1)


def writes(text: str, value: float, digits: int = 2) -> bool:
    """Whether a text writes a value, to its last decimal or to so many digits."""
    found = number(text)
    decimals = len(text.partition(".")[2].rstrip("abdeghijklmnopqrstuvwxyz% "))
    near = 0.51 * 10 ** (1 - digits) * 10 ** math.floor(math.log10(abs(value))) if value else 0
    return abs(found - value) <= max(0.51 * 10**-decimals if "." in text else 0.51, near)


def outward(low: float, high: float) -> str:
    """The quote of a range, by its definition."""
    first = round(low) if abs(low - round(low)) <= 1e-9 else math.floor(low)
    last = round(high) if abs(high - round(high)) <= 1e-9 else math.ceil(high)
    return f"{first}x" if first == last else f"{first}-{last}x"


def wrong(values: dict[str, Any]) -> Iterator[str]:
    """What is not true of some inputs in the sentences about them."""
    sentences, found = said(values)
    for name, rule in (
        ("answer_cost", _cost),
        ("answer_marginal", _marginal),
        ("answer_ratio", _ratio),
        ("answer_window", _window),
        ("answer_portfolio", _portfolio),
    ):
        text = sentences[name]
        if not text.startswith("Not computed"):
            yield from (f"{what}: {text}" for what in rule(text, values, found))


def _cost(text: str, values: dict[str, Any], _: dict[str, Any]) -> Iterator[str]:
    pattern = rf"One more scholar is worth (.+?) what it costs: ({NUMBER}) of value against "
    match = re.match(pattern + rf"({NUMBER})(?: to ({NUMBER}))? of marginal cost\.", text)
    if match is None:
        yield "no sentence about the cost"
        return
    value, low, high = (
        values[each] for each in ("value_per_researcher", "marginal_cost.low", "marginal_cost.high")
    )
    bottom, top = value / high, value / low
    if not _is_quote(match[1], bottom, top, top):
        yield "another quote"
    if not writes(match[2], value, 4) or not writes(match[3], low, 4):
        yield "another amount"
    if match[4] and not writes(match[4], high, 4):
        yield "another amount"
    if ("more than it is worth" in text) != (bottom < 1 and not bottom < top == 1):
        yield "costs more or less"


def _marginal(text: str, values: dict[str, Any], found: dict[str, Any]) -> Iterator[str]:
    match = re.search(
        r"is worth (.+?) of the central one, (.+?) the cost: the quote (stays|becomes) (.+?)\. ",
        text,
    )
    if match is None:
        yield "no sentence about the margin"
        return
    ratio, threshold = found["marginal_ratio"], values["marginal_threshold"]
    if not _is_share(match[1], ratio):
        yield "another share"
    stands = ratio > threshold
    bottom, top = found["bottom"], found["top"]
    scale = 1 if stands else ratio
    if not _is_quote(match[4], bottom * scale, top * scale, top):
        yield "another quote"
    if not _is_range(match[2], bottom * ratio, top * ratio):
        yield "another range"
    changes = outward(bottom * scale, top * scale) != outward(bottom, top)
    if (match[3] == "becomes") != changes:
        yield "stays or becomes"
    if "stays above" in text and not ratio > threshold:
        yield "not above"
    if "or below, as from" in text and not ratio <= threshold * (1 + 1e-9):
        yield "not below"


def _is_quote(text: str, low: float, high: float, top: float) -> bool:
    """Whether a text is the quote of a range, or the range itself where that is large."""
    return text == outward(low, high) if top < 1000 else _is_range(text, low, high)


def _is_range(text: str, low: float, high: float) -> bool:
    """Whether a text writes a range of multiples."""
    if text.endswith(" times"):
        ends = text.removesuffix(" times").split(" to ")
    else:
        ends = text.removesuffix("x").split("-")
    return writes(ends[0], low) and writes(ends[-1], high)


def _is_share(text: str, share: float) -> bool:
    if text == "below 1%":
        return 0 < share < 0.01
    if text == "above 99%":
        return 0.99 < share < 1
    return writes(text.removesuffix("%"), 100 * share)


def _ratio(text: str, values: dict[str, Any], found: dict[str, Any]) -> Iterator[str]:
    before = values["capabilities_researchers"] / values["safety_researchers"]
    after = (values["capabilities_researchers"] + values["added_capabilities"]) / (
        values["safety_researchers"] + values["added_safety"]
    )
    moved = re.search(r"moves the ratio from (\S+) to (\S+)\. ", text)
    left = re.search(r"leaves the ratio at about (\S+)\. ", text)
    told = moved.groups() if moved else (left[1], left[1]) if left else None
    if told is None:
        yield "no sentence about the ratio"
        return
    for written, ratio in zip(told, (before, after), strict=True):
        one, other = map(number, written.split(":"))
        if ratio > 1e-4 and not math.isclose(one / other, ratio, rel_tol=0.051):
            yield "another ratio"
    net = re.search(rf"The net effect is ({NUMBER}) safety", text)
    if net is None or not writes(net[1], found["net_safety"], 3):
        yield "another net effect"
    if "invented by their author" not in text:
        yield "not said to be invented"


def _window(text: str, _: dict[str, Any], found: dict[str, Any]) -> Iterator[str]:
    exit_year = found["exit_year"]
    if isinstance(exit_year, str):
        if "never passes" not in text:
            yield "passes"
    elif exit_year == 0:
        if "from the start" not in text:
            yield "later"
    elif match := re.search(rf"passes its limit in ({NUMBER}) year", text):
        if not writes(match[1], exit_year):
            yield "another year"
    elif "less than 0.1 years" not in text:
        yield "no year"
    chance = re.search(r"is ([^;]+?)\.$", text)
    if chance is None or not _is_share(chance[1], found["staying_chance"]):
        yield "another chance"


def _portfolio(text: str, values: dict[str, Any], found: dict[str, Any]) -> Iterator[str]:
    if values["next_seats"] == 0:
        if text != "There are no seats to give.":
            yield "seats"
    elif match := re.match(
        rf"Of the next ({NUMBER}) seats? ({NUMBER}) goe?s? to Iterators, ({NUMBER}) to Amplifiers, "
        rf"({NUMBER}) to Connectors",
        text,
    ):
        told = [number(each) for each in match.groups()]
        seats = (values["next_seats"], *found["plan"])
        if not all(
            math.isclose(one, other, rel_tol=0.006) for one, other in zip(told, seats, strict=True)
        ):
            yield "other seats"
        if values["next_seats"] == 1 and "1 seats" in text:
            yield "1 seats"
    elif "next seat goes to" not in text:
        yield "no seats"


def main(count: int) -> int:
    """Try that many workbooks, and print what is not true."""
    bad = 0
    for seed in range(count):
        for each in wrong(random_inputs(seed)):
            bad += 1
            print(f"{seed}: {each}")
    print(f"{count} workbooks, {bad} sentences that are not true")
    return min(bad, 1)


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1])))
