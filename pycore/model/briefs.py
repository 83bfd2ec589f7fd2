"""What the Summary says in one line, and how the figures that stand there fit together."""

from __future__ import annotations

from typing import Any

from pycore.model.quoting import DISCOUNTED, multiples, quoted_as
from pycore.model.results import model
from pycore.model.tables import NOTHING
from pycore.model.templates import Clause, Part, Sentence, always, where

DERIVED = "derived"
"""How the source of a cost begins that follows from the multiple itself."""


def _is_derived(v: Any) -> bool:
    """Whether the marginal cost is the one derived from this value, and its source says so."""
    cost, value = model()["marginal_cost"], model()["value_per_researcher"]
    says_so = str(v.source).strip().casefold().startswith(DERIVED)
    return says_so and bool((v.value, v.low, v.high) == (value.central, cost.low, cost.high))


def _single(which: str) -> Any:
    """A multiple by itself, to two digits."""
    return lambda v: multiples(getattr(v, which), getattr(v, which))


BRIEF_COST = Sentence(
    id="brief_cost",
    label="What one more scholar is worth against what it costs, in one line",
    values={
        "value": "value_per_researcher",
        "low": "marginal_cost.low",
        "high": "marginal_cost.high",
    },
    parts=(
        always("{value:usd} of value against {low:usd}"),
        where(lambda v: v.low != v.high, " to {high:usd}"),
        always(" for one more scholar."),
    ),
)

BRIEF_RATIO = Sentence(
    id="brief_ratio",
    label="What the placements do to the ratio, in one line",
    values={
        "before": "ratio_before_text",
        "safety": "added_safety",
        "capabilities": "added_capabilities",
        "net": "net_safety",
    },
    parts=(
        always(
            "From {before}, once {safety:count} are placed in safety and {capabilities:count} in "
            "capabilities; the net effect is {net:count} "
            "{net:safety researcher|safety researchers}."
        ),
    ),
)

FIGURES_FIT = Sentence(
    id="figures_fit",
    label="How these figures fit together",
    values={
        **DISCOUNTED,
        "cost_quote": "cost_quote",
        "marginal": "adjusted_multiple",
        "ratio": "marginal_ratio",
        "threshold": "marginal_threshold",
        "within": "adjusted_multiple_within",
    },
    derived={"quoted": quoted_as("cost_quote"), "single": _single("marginal")},
    parts=(
        always(
            "{quoted} is the value over the range of the cost alone. {single} is for the marginal "
            "scholar, who is worth {ratio:percent/threshold} of the central one, at the central "
            "cost."
        ),
        where(
            lambda v: v.ratio > v.threshold,
            " Above {threshold:percent} the quote stands for that scholar too.",
        ),
        where(
            lambda v: v.ratio <= v.threshold,
            " At {threshold:percent} or less the quote is restated.",
        ),
        where(
            lambda v: v.within != NOTHING,
            " {within} is where that figure lies with 90% confidence, once every assumption "
            "behind it is as uncertain as entered.",
            otherwise="",
        ),
    ),
)

INDEPENDENT = Sentence(
    id="independent_figures",
    label="What other figures say of the cost",
    values={
        "source": "marginal_cost.source",
        "value": "value_per_researcher",
        "low": "marginal_cost.low",
        "high": "marginal_cost.high",
        "asked": "asked_cost",
        "asked_multiple": "asked_multiple",
        "average": "average_cost",
        "average_multiple": "average_multiple",
    },
    derived={
        "at_asked": _single("asked_multiple"),
        "at_average": _single("average_multiple"),
    },
    parts=(
        Part(
            (
                Clause(
                    "By its source the marginal cost was derived from the published multiple, so "
                    "the headline repeats that judgement and does not test it. ",
                    _is_derived,
                ),
            ),
            otherwise="",
        ),
        always(
            "By other figures: at the {asked:usd} asked of donors one more scholar is worth "
            "{at_asked} the cost; at the average cost of {average:usd}, {at_average}."
        ),
    ),
)

BRIEFS = (BRIEF_COST, BRIEF_RATIO, FIGURES_FIT, INDEPENDENT)
