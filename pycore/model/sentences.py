"""What a reader is given to read: every sentence, declared beside the results it speaks of."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from pycore import cost
from pycore.errors import Found, InputError
from pycore.graph import Graph
from pycore.model.briefs import BRIEFS
from pycore.model.quoting import DISCOUNTED, LARGEST_QUOTE, discounted, multiples, quoted_as
from pycore.model.results import TYPES, model
from pycore.model.tables import HEADLINES, NOTHING, Headline
from pycore.model.templates import Clause, Part, Sentence, always, either, is_word, where
from pycore.model.wording import two_digits

__all__ = ["sentence"]

FEWEST_DRAFTS = 30
"""With fewer, two standard errors on either side hold the mean less often than they should."""

# 90% ranges


RANGE_STYLES = {"x": "two digits", "USD": "usd to two digits", "share": "percent"}
"""How the ends of a range are written, by the unit of the answer."""


def _range(headline: Headline, graph: Graph) -> Sentence:
    """A 90% range, no finer than such ranges are known."""
    unit = headline.unit(graph)
    style = RANGE_STYLES.get(unit, "two digits")
    if unit == "ratio":
        style = "ratio" if headline.reference.startswith("ratio_shift") else "percent"
    text = f"{{low:{style}}} to {{high:{style}}}"
    clauses = [Clause(NOTHING, lambda v: (is_word(v.low) and v.low == v.high) or _same(v))]
    if unit == "x":
        clauses.append(Clause("{quoted}", lambda v: v.high < LARGEST_QUOTE))
        text = "{multiples}"
    if unit == "years":
        clauses.append(Clause(text, lambda v: is_word(v.high)))
        text += " {years}"
    return Sentence(
        id=f"{headline.name}_within",
        label=f"90% range of: {headline.label}",
        values={"low": f"{headline.name}_spread.low", "high": f"{headline.name}_spread.high"},
        derived={
            "quoted": lambda v: cost.quote(max(v.low, 0), max(v.high, 0)),
            "multiples": lambda v: multiples(v.low, v.high),
            "years": lambda v: "year" if two_digits(abs(v.high)) == "1" else "years",
        },
        parts=(Part((*clauses, Clause(text))),),
        otherwise=NOTHING,
    )


def _same(v: Any) -> bool:
    """Whether no assumption leaves the answer uncertain; an end may be a word."""
    if is_word(v.low) or is_word(v.high):
        return False
    return bool(abs(v.high - v.low) <= 1e-12 * abs(v.high))


def _with_range(text: str, within: str = "within") -> Part:
    """An end of a sentence for a 90% range; nothing where there is none."""
    return where(lambda v: getattr(v, within) != NOTHING, text, otherwise="")


# The marginal scholar


NOT_RUN = (
    "The simulation could not be run: recalc says why, and so does Excel over a cell with an error."
)


def _no_one_left(v: Any) -> bool:
    """Whether no one is left whom one more place or mentor could take."""
    return bool(v.places >= v.applicants)


def _same_percent(one: float, other: float) -> bool:
    return round(100 * one) == round(100 * other)


def _too_few(v: Any) -> bool:
    """Whether the drafts are too few for a quote; of no drafts at all nothing is said."""
    return bool(v.low) and bool(v.replicates < FEWEST_DRAFTS)


def _alternative(which: str, scholar: str) -> tuple[Sentence, ...]:
    """What one more place, or one more mentor, does to the quote."""
    quotes = {
        "low": f"{which}_quote_range.low",
        "high": f"{which}_quote_range.high",
        "places": "places",
        "applicants": "applicants",
        "replicates": "replicates",
    }
    ratio = f"mentor_margin.{which}_ratio"
    return (
        Sentence(
            id=f"{which}_within",
            label=f"Ratio of one more {which}, within two standard errors",
            values={
                "ratio": ratio,
                "error": f"{ratio}_error",
                "places": "places",
                "applicants": "applicants",
            },
            derived={
                "least": lambda v: max(0.0, v.ratio - 2 * v.error),
                "most": lambda v: v.ratio + 2 * v.error,
            },
            parts=(
                Part(
                    (
                        Clause(NOTHING, _no_one_left),
                        Clause("{most:percent}", lambda v: _same_percent(v.least, v.most)),
                        Clause("{least:whole percent}-{most:percent}", lambda v: v.least >= 0.01),
                        Clause("up to {most:percent}"),
                    )
                ),
            ),
            otherwise=NOTHING,
        ),
        Sentence(
            id=f"{which}_says",
            label=f"What one more {which} says of the quote",
            values={
                **quotes,
                **DISCOUNTED,
                "cost_quote": "cost_quote",
                "ratio": ratio,
            },
            derived={
                "fewest": lambda _: FEWEST_DRAFTS,
                "discounted": discounted,
                "least": quoted_as("low"),
                "most": quoted_as("high"),
            },
            parts=(
                Part(
                    (
                        Clause("brings no one", _no_one_left),
                        Clause(
                            "cannot be estimated with fewer than {fewest:count} drafts",
                            _too_few,
                        ),
                        Clause("anything from {least} to {most}", lambda v: v.low != v.high),
                        Clause("becomes {least}, at {discounted}", lambda v: v.low != v.cost_quote),
                        # Never restated upwards, though the range may lie above it.
                        Clause("stays at least {least}, at {discounted}", lambda v: v.ratio > 1),
                        Clause("stays {least}, at {discounted}"),
                    )
                ),
            ),
            otherwise="could not be computed",
        ),
        Sentence(
            id=f"{which}_sentence",
            label=f"One more {which}",
            values={**quotes, "within": f"{which}_within", "says": f"{which}_says"},
            parts=(
                Part(
                    (
                        Clause(
                            f"Every applicant has a place already: one more {which} brings no one",
                            _no_one_left,
                        ),
                        Clause(
                            f"{scholar} is worth {{within}} of the central one; how it changes the "
                            "quote {says}",
                            _too_few,
                        ),
                        Clause(
                            f"{scholar} is worth {{within}} of the central one: the quote is "
                            "{says} (these drafts are too few to decide; more of them would)",
                            lambda v: v.low != v.high,
                        ),
                        Clause(
                            f"{scholar} is worth {{within}} of the central one: the quote {{says}}"
                        ),
                    )
                ),
                always("."),
            ),
            otherwise=NOT_RUN,
        ),
    )


_BAR = {"quote": "adjusted_quote", "cost_quote": "cost_quote"}
_STAYS = Part((Clause("stays ", lambda v: v.quote == v.cost_quote), Clause("becomes ")))

BAR = (
    Sentence(
        id="bar_says",
        label="What one common bar says of the quote",
        values={**_BAR, **DISCOUNTED, "ratio": "marginal_ratio"},
        derived={"quoted": quoted_as("quote")},
        parts=(_STAYS, always("{quoted}")),
        otherwise="could not be computed",
    ),
    Sentence(
        id="bar_sentence",
        label="One common bar",
        values={
            **DISCOUNTED,
            "ratio": "marginal_ratio",
            "threshold": "marginal_threshold",
            "says": "bar_says",
        },
        derived={"discounted": discounted},
        parts=(
            always(
                "The last one admitted is worth {ratio:percent/threshold} of the central scholar, "
                "{discounted} the cost: the quote {says}."
            ),
        ),
        otherwise="The bar could not be computed.",
    ),
)


# The six answers


def _not_computed(sheet: str) -> str:
    return f"Not computed: see the {sheet} sheet for the cell that shows an error."


COST = Sentence(
    id="answer_cost",
    label="By how much is one more scholar worth more than it costs?",
    otherwise=_not_computed("Cost"),
    values={
        **DISCOUNTED,
        "cost_quote": "cost_quote",
        "value": "value_per_researcher",
        "low": "marginal_cost.low",
        "high": "marginal_cost.high",
        "within": "cost_multiple_within",
    },
    derived={"quoted": quoted_as("cost_quote")},
    parts=(
        always(
            "One more scholar is worth {quoted} what it costs: {value:usd} of value against "
            "{low:usd}"
        ),
        where(lambda v: v.low != v.high, " to {high:usd}"),
        always(" of marginal cost."),
        Part(
            (
                Clause(" It costs more than it is worth.", lambda v: v.top < 1),
                Clause(" It costs at least what it is worth.", lambda v: v.bottom < v.top == 1),
                Clause(
                    " At the high end of its cost it costs more than it is worth.",
                    lambda v: v.bottom < 1,
                ),
            )
        ),
        _with_range(" Counting the uncertainty entered, it is {within} with 90% confidence."),
    ),
)

MARGINAL = Sentence(
    id="answer_marginal",
    label="Is the marginal scholar worth what the central one is?",
    otherwise=_not_computed("Marginal"),
    values={
        **_BAR,
        **DISCOUNTED,
        "ratio": "marginal_ratio",
        "threshold": "marginal_threshold",
        "within": "adjusted_multiple_within",
        "validity": "selection_validity",
        "at": "validity_at_threshold",
        "places": "places",
        "applicants": "applicants",
        "place": "place_within",
        "place_says": "place_says",
        "mentor": "mentor_within",
        "mentor_says": "mentor_says",
    },
    derived={"discounted": discounted, "quoted": quoted_as("quote")},
    parts=(
        always(
            "In one line under a common bar, the marginal scholar is worth "
            "{ratio:percent/threshold} of the central one, {discounted} the cost: the quote "
        ),
        _STAYS,
        always("{quoted}."),
        _with_range(" Counting the uncertainty entered, it is {within} with 90% confidence."),
        Part(
            (
                Clause(
                    " No selection, however valid, would bring it to {threshold:percent}.",
                    lambda v: v.at > 1,
                ),
                Clause(
                    " At the assumed validity of {validity:correlation/at} it stays above "
                    "{threshold:percent}; it would fall to that at a validity of "
                    "{at:correlation/validity}.",
                    lambda v: v.validity < v.at,
                ),
                Clause(
                    " At the assumed validity of {validity:correlation/at} selection brings it to "
                    "{threshold:percent} or below, as from {at:correlation/validity} on."
                ),
            ),
            otherwise=" Where one is admitted there is no margin to compare.",
        ),
        Part(
            (
                Clause(" Where mentors choose, every applicant has a place already.", _no_one_left),
                Clause(
                    " The mentors' draft could not be run: the Marginal sheet says more.",
                    lambda v: v.place == NOTHING,
                ),
                Clause(
                    " Where mentors choose, one more place brings {place} of the central one "
                    "({place_says}), one more mentor {mentor} ({mentor_says})."
                ),
            ),
            otherwise=" The mentors' draft could not be run: the Marginal sheet says more.",
        ),
    ),
)

COUNTS = (
    "safety_researchers",
    "capabilities_researchers",
    "added_safety",
    "added_capabilities",
)
INVENTED = "invented"
"""How the source of a count begins that its author made up."""


def _are_invented(v: Any) -> bool:
    """Whether all counts are invented, by what stands as their source."""
    sources = (getattr(v, f"source_{number}") for number in range(1, len(COUNTS) + 1))
    return all(str(source).casefold().startswith(INVENTED) for source in sources)


RATIO = Sentence(
    id="answer_ratio",
    label="How does the ratio of capabilities to safety researchers shift?",
    otherwise=_not_computed("Ratio"),
    values={
        "safety": "added_safety",
        "capabilities": "added_capabilities",
        "before": "ratio_before_text",
        "after": "ratio_after_text",
        "net": "net_safety",
        "offset": "offset",
        "within": "ratio_shift_after_within",
        "net_within": "net_safety_within",
        **{f"source_{number}": f"{each}.source" for number, each in enumerate(COUNTS, start=1)},
    },
    parts=(
        always("Placing {safety:count} in safety and {capabilities:count} in capabilities "),
        either(
            lambda v: v.before == v.after,
            "leaves the ratio at about {before}",
            "moves the ratio from {before} to {after}",
        ),
        always(
            ". The net effect is {net:count} {net:safety researcher|safety researchers}, if one "
            "researcher in safety offsets {offset:count} in capabilities"
        ),
        _with_range(" ({net_within} with 90% confidence)", "net_within"),
        always("."),
        _with_range(
            " Counting the uncertainty entered, the ratio after the placements is {within} with 90"
            "% confidence."
        ),
        Part(
            (Clause(" These counts were invented by their author.", _are_invented),), otherwise=""
        ),
    ),
)

WINDOW = Sentence(
    id="answer_window",
    label="How long does local alignment hold?",
    otherwise=_not_computed("Window"),
    values={"exit": "exit_year", "years": "window_years", "chance": "staying_chance"},
    parts=(
        Part(
            (
                Clause("The load never passes its limit", lambda v: is_word(v.exit)),
                Clause("The load is over its limit from the start", lambda v: v.exit == 0),
                Clause("The load passes its limit in {exit:years}"),
            )
        ),
        always("; the chance of staying inside for {years:years} is {chance:percent}."),
    ),
)


def _off_one(v: Any, which: str) -> bool:
    """Whether shares that must be 100% together are not."""
    return bool(abs(sum(getattr(v, f"{which}_{each}") for each in TYPES) - 1) > 1e-6)


PORTFOLIO = Sentence(
    id="answer_portfolio",
    label="Which people should come next?",
    otherwise=_not_computed("Portfolio"),
    values={
        **{f"openings_{each}": f"openings_{each}" for each in TYPES},
        **{f"funders_{each}": f"funders_{each}" for each in TYPES},
        "seats": "next_seats",
        **{each: f"gap_plan.{each}" for each in TYPES},
    },
    parts=(
        Part(
            (
                Clause(
                    "Not computed: the shares of the job openings and of what grant-makers prefer "
                    "must each be 100% together (Assumptions sheet).",
                    lambda v: _off_one(v, "openings") or _off_one(v, "funders"),
                ),
                Clause("There are no seats to give.", lambda v: v.seats == 0),
                *(
                    Clause(
                        f"The next seat goes to {article} {each.removesuffix('s').capitalize()}.",
                        lambda v, each=each: v.seats == 1 and getattr(v, each) == 1,  # type: ignore[misc]
                    )
                    for each, article in zip(TYPES, ("an", "an", "a"), strict=True)
                ),
                Clause(
                    "Of the next {seats:count} {seats:seat|seats} {iterators:count} "
                    "{iterators:goes|go} to Iterators, {amplifiers:count} to Amplifiers, "
                    "{connectors:count} to Connectors."
                ),
            )
        ),
    ),
)

EXCHANGE = Sentence(
    id="answer_exchange",
    label="What are other goods worth?",
    otherwise=_not_computed("Exchange"),
    values={
        "count": "rates_found.count",
        "highest": "rates_found.highest",
        "good": "rates_found.good",
        "unread": "rates_found.unread",
    },
    parts=(
        Part(
            (
                Clause(
                    "The survey has an answer that cannot be read: see {unread} on the Survey "
                    "sheet.",
                    lambda v: v.unread != NOTHING,
                ),
                Clause("No good has a rate yet.", lambda v: v.count == 0),
                Clause(
                    "{count:count} {count:good has|goods have} a rate; the highest: {good}, "
                    "{highest:count} {highest:researcher|researchers}."
                ),
            )
        ),
    ),
)

IN_SHORT = (
    Sentence(
        id="short_window",
        label="How long local alignment holds, in short",
        values={"exit": "exit_year"},
        parts=(Part((Clause("{exit}", lambda v: is_word(v.exit)), Clause("{exit:years}"))),),
        otherwise="see there",
    ),
    Sentence(
        id="short_portfolio",
        label="Iterators, Amplifiers and Connectors of the next seats",
        values={each: f"gap_plan.{each}" for each in TYPES},
        parts=(always("/".join(f"{{{each}:count}}" for each in TYPES)),),
        otherwise="see there",
    ),
    Sentence(
        id="short_exchange",
        label="How many goods have a rate",
        values={"count": "rates_found.count", "unread": "rates_found.unread"},
        parts=(
            either(
                lambda v: v.unread != NOTHING,
                "cannot be read",
                "{count:count} {count:rate|rates}",
            ),
        ),
        otherwise="see there",
    ),
)

ANSWERS = (COST, MARGINAL, RATIO, WINDOW, PORTFOLIO, EXCHANGE)
"""The answers of the Summary sheet, in its order."""


def sentences(graph: Graph) -> tuple[Sentence, ...]:
    """Every sentence, each after those that it quotes."""
    return (
        *(_range(headline, graph) for headline in HEADLINES),
        *BAR,
        *_alternative("place", "The scholar whom a mentor takes next"),
        *_alternative("mentor", "The scholar whom a new mentor takes first"),
        *ANSWERS,
        *IN_SHORT,
        *BRIEFS,
    )


def sentence(values: npt.ArrayLike) -> str:
    """A sentence of the workbook about the values beside it, rounded to what a reader can use.

    Parameters
    ----------
    values : array_like
        One column: the sentence's id, then the values that it speaks of, in its own order. A value
        that could not be computed may be a blank or an error; the sentence then says so.

    Returns
    -------
    str
        The sentence.

    Raises
    ------
    InputError
        If the first cell is no sentence's id, or there are more or fewer values than it takes.

    Notes
    -----
    Equation: templates with conditions over the values, declared once beside the results. The id
    of each sentence stands above its values in the workbook.

    Examples
    --------
    >>> sentence(["short_window", 4.848])
    '4.8 years'
    """
    cells = np.asarray(values, dtype=object).ravel().tolist()
    known = declared()
    if not cells or cells[0] not in known:
        raise InputError("values", "begin with a sentence's id", cells[0] if cells else None)
    chosen = known[cells[0]]
    if len(cells) != len(chosen.values) + 1:
        rule = f"have {len(chosen.values)} values below the id"
        raise InputError("values", rule, Found(str(len(cells) - 1)))
    return chosen.say(cells[1:])


@cache
def declared() -> dict[str, Sentence]:
    """Every sentence by its id."""
    return {each.id: each for each in sentences(model())}
