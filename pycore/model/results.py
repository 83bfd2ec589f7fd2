"""The model that the workbook carries: its assumptions, and the results declared over them."""

from __future__ import annotations

from functools import cache
from typing import Any

from pycore import checks, cost, exchange, portfolio, ratio, selection, window
from pycore.draft import mentors
from pycore.graph import (
    Assumption,
    Choice,
    Column,
    Graph,
    Grid,
    Labels,
    Ordering,
    Result,
    SharedWhole,
    Word,
)

DOMAINS = {
    "AMOUNT": checks.AMOUNT,
    "COUNT": checks.COUNT,
    "COVERAGE": checks.COVERAGE,
    "DIVERSITY": portfolio.DIVERSITY,
    "ELASTICITY": checks.ELASTICITY,
    "EXPERIENCE": exchange.EXPERIENCE,
    "FIELD_GROWTH": portfolio.FIELD_GROWTH,
    "GROWTH": checks.GROWTH,
    "INNER_SHARE": checks.INNER_SHARE,
    "LOG_ERROR": window.LOG_ERROR,
    "MULTIPLE": checks.MULTIPLE,
    "ORDERS": checks.ORDERS,
    "PEOPLE": checks.PEOPLE,
    "PLACES": checks.PLACES,
    "REPLICATES": checks.REPLICATES,
    "RETURNS": portfolio.RETURNS,
    "SEATS": portfolio.SEATS,
    "SEED": checks.SEED,
    "SHARE": checks.SHARE,
    "SPILLOVER": checks.SPILLOVER,
    "TEAMS": portfolio.TEAMS,
    "UNIT_RATIO": checks.UNIT_RATIO,
    "YEARLY_GROWTH": window.YEARLY_GROWTH,
    "YEARS_AHEAD": window.YEARS_AHEAD,
}
"""What an entry of assumptions.toml may name as its domain."""

OPTIONS = {"SCOPES": cost.SCOPES}

LEADING = (
    "value_per_researcher",
    "selection_validity",
    "offset",
    "capabilities_researchers",
    "marginal_cost",
    "safety_researchers",
    "impact_orders",
    "impact_coverage",
    "added_capabilities",
    "backfire_share",
    "added_safety",
    "pivot_share",
)
"""By their total effect on the headline answers, added up, with the ranges as declared."""


def assumption_data() -> dict[str, list[dict[str, Any]]]:
    """The tables of assumptions.toml.

    Returns
    -------
    dict
        The entries under "assumption" and under "choice".
    """
    import pkgutil
    import tomllib

    # Not by a path: a host may hold the package in memory.
    return tomllib.loads((pkgutil.get_data(__package__, "assumptions.toml") or b"").decode())


@cache
def model() -> Graph:
    """The graph of the workbook.

    Returns
    -------
    Graph
    """
    data = assumption_data()
    assumptions = tuple(_assumption(entry) for entry in data["assumption"])
    lines = [assumption for assumption in assumptions if assumption.scope]
    return Graph(
        assumptions=assumptions,
        choices=tuple(
            Choice(**entry | {"options": OPTIONS[entry["options"]]}) for entry in data["choice"]
        ),
        grids=GRIDS,
        columns=(Column(id="cost_lines", members=tuple(line.id for line in lines)), *MIXES),
        labels=(Labels(id="cost_line_scopes", values=tuple(line.scope for line in lines)),),
        words=WORDS,
        results=RESULTS,
        orderings=(
            Ordering(smaller="admitted", larger="applicants"),
            Ordering(smaller="places", larger="applicants"),
            Ordering(smaller="mentors", larger="places"),
        ),
        wholes=(SharedWhole(first="alumni_alignment_share", second="alumni_independent_share"),),
        leading=LEADING,
    )


def _assumption(entry: dict[str, Any]) -> Assumption:
    numbers = {part: float(entry[part]) for part in ("low", "central", "high")}
    assumption = Assumption(**entry | numbers | {"domain": DOMAINS[entry["domain"]]})
    assumption.check(assumption.low, assumption.central, assumption.high)
    return assumption


GRIDS = (
    Grid(
        id="validity_grid",
        label="Validity of selection",
        unit="correlation",
        values=tuple(step / 20 for step in range(21)),
    ),
    Grid(
        id="draft_grid",
        label="Validity of selection",
        unit="correlation",
        values=tuple(step / 10 for step in range(11)),
    ),
    Grid(
        id="map_grid",
        label="Validity of selection",
        unit="correlation",
        values=(0, 0.2, 0.4, 0.6, 0.8, 1),
    ),
    Grid(
        id="criteria_grid",
        label="Criteria that mentors share",
        unit="correlation",
        values=(0, 0.25, 0.5, 0.75, 1),
        across=True,
    ),
    Grid(
        id="growth_grid",
        label="Growth of the cohort",
        unit="factor",
        values=(1, 1.5, 2, 2.5, 3, 3.5, 4),
    ),
    Grid(
        id="elasticity_grid",
        label="Elasticity of the pool of applicants",
        unit="% per %",
        values=(0, 0.5, 1, 1.5),
        across=True,
    ),
    Grid(
        id="offset_grid",
        label="Offset",
        unit="people",
        values=(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000),
    ),
)

WORDS = (Word(id="place_word", value="place"), Word(id="mentor_word", value="mentor"))
"""What one more may be, as `margin_map` is told."""

TYPES = ("iterators", "amplifiers", "connectors")

MIXES = tuple(
    Column(id=f"{which}_mix", members=tuple(f"{which}_{each}" for each in TYPES))
    for which in ("team", "other", "openings", "funders", "pool")
)
"""Iterators, Amplifiers and Connectors together: of two teams, of two appraisals, of the pool."""

TEAM = ("manager_span", "unmanaged_share", "team_returns")

DRAFT = ("applicants", "mentors", "places")
SIMULATION = ("impact_sigma", "replicates", "seed")
MARGIN_PARTS = tuple(
    name
    for part in ("place_ratio", "mentor_ratio", "place_under", "mentor_under", "overlap")
    for name in (part, f"{part}_error")
)


def _alternative(which: str, words: str) -> tuple[Result, ...]:
    """What follows from the marginal ratio of one more place, or of one more mentor."""
    ratio_reference = f"mentor_margin.{which}_ratio"
    quoted = ("cost_multiple_range.low", "cost_multiple_range.high")
    return (
        Result(
            id=f"{which}_value",
            label=f"Value of {words}",
            unit="USD",
            reading="The value of one more researcher, times its ratio.",
            function=selection.marginal_value,
            arguments=("value_per_researcher", ratio_reference),
        ),
        Result(
            id=f"{which}_multiple",
            label=f"Cost multiple of {words}",
            unit="x",
            reading="That value over the cost of one more scholar.",
            function=cost.cost_multiple,
            arguments=(f"{which}_value", "marginal_cost"),
        ),
        Result(
            id=f"{which}_quote",
            label=f"Quote for {words}",
            unit="quote",
            reading="The quote, restated by its ratio.",
            function=cost.restated_quote,
            arguments=(*quoted, ratio_reference),
        ),
        Result(
            id=f"{which}_quote_range",
            label=f"Quote for {words}, within two standard errors",
            unit="quote",
            reading="Where both are the same, enough drafts were simulated to tell.",
            function=cost.restated_quote_range,
            arguments=(*quoted, ratio_reference, f"{ratio_reference}_error"),
            parts=("low", "high"),
        ),
        Result(
            id=f"{which}_map",
            label=f"Marginal over central scholar with {words}",
            unit="ratio",
            reading="For each validity of selection (down) and share of criteria (across).",
            function=mentors.margin_map,
            arguments=(*DRAFT, "criteria_grid", "map_grid", *SIMULATION, f"{which}_word"),
            simulates=True,
        ),
    )


RESULTS = (
    # Cost multiple
    Result(
        id="money_per_researcher",
        label="Money that the survey puts on one researcher",
        unit="USD",
        reading="Before rounding; the value above is the figure then used.",
        function=exchange.money_per_researcher,
        arguments=("grant_to_grantmaker", "researchers_per_grant"),
    ),
    Result(
        id="cost_multiple",
        label="Cost multiple",
        unit="x",
        reading="How many times over one more scholar is worth what one more costs.",
        function=cost.cost_multiple,
        arguments=("value_per_researcher", "marginal_cost"),
    ),
    Result(
        id="cost_multiple_range",
        label="Cost multiple over the range of the cost",
        unit="x",
        reading="Low at the high cost, high at the low cost.",
        function=cost.cost_multiple_range,
        arguments=("value_per_researcher", "marginal_cost.low", "marginal_cost.high"),
        parts=("low", "high"),
    ),
    Result(
        id="cost_quote",
        label="Cost multiple, said aloud",
        unit="quote",
        reading="The range in whole numbers, rounded outward.",
        function=cost.quote,
        arguments=("cost_multiple_range.low", "cost_multiple_range.high"),
    ),
    Result(
        id="restatement_threshold",
        label="Factor at which the quote is restated",
        unit="ratio",
        reading="Low over high: discounted to this, the range no longer overlaps the quoted one.",
        function=cost.restatement_threshold,
        arguments=("cost_multiple_range.low", "cost_multiple_range.high"),
    ),
    Result(
        id="asked_multiple",
        label="Multiple at what donors were asked",
        unit="x",
        reading="The same value over the figure used in fundraising.",
        function=cost.cost_multiple,
        arguments=("value_per_researcher", "asked_cost"),
    ),
    Result(
        id="average_multiple",
        label="Multiple at the average cost",
        unit="x",
        reading="The same value over all costs divided by all scholars.",
        function=cost.cost_multiple,
        arguments=("value_per_researcher", "average_cost"),
    ),
    Result(
        id="scoped_cost",
        label="Cost of creating a researcher, in the chosen scope",
        unit="USD",
        reading="The sum of the cost lines inside the scope.",
        function=cost.scoped_cost,
        arguments=("cost_lines", "cost_line_scopes", "cost_scope"),
    ),
    Result(
        id="scoped_multiple",
        label="Multiple at the cost in the chosen scope",
        unit="x",
        reading="What the multiple would be if the survey meant this scope.",
        function=cost.cost_multiple,
        arguments=("value_per_researcher", "scoped_cost"),
    ),
    # Marginal scholar
    Result(
        id="impact_sigma",
        label="Spread of impact, as a log-sd",
        unit="log-sd",
        reading="Follows from the powers of ten between people.",
        function=selection.impact_sigma,
        arguments=("impact_orders", "impact_coverage"),
    ),
    Result(
        id="mean_to_median",
        label="Mean impact over median impact",
        unit="x",
        reading="How far a few people pull the mean above the typical person.",
        function=selection.mean_to_median,
        arguments=("impact_sigma",),
    ),
    Result(
        id="top_percent_share",
        label="Share of all impact from the top people",
        unit="share",
        reading="How many people count as the top is set in the assumptions.",
        function=selection.tail_share,
        arguments=("top_share", "impact_sigma"),
    ),
    Result(
        id="admission_rate",
        label="Applicants admitted",
        unit="share",
        reading="Scholars admitted over applicants.",
        function=selection.admission_rate,
        arguments=("applicants", "admitted"),
    ),
    Result(
        id="scholars_per_mentor",
        label="Scholars for each mentor",
        unit="per mentor",
        reading="Scholars admitted over mentors.",
        function=selection.scholars_per_mentor,
        arguments=("admitted", "mentors"),
    ),
    Result(
        id="marginal_ratio",
        label="Marginal over central scholar",
        unit="ratio",
        reading="Expected impact of the last one admitted over that of the one in the middle.",
        function=selection.marginal_ratio,
        arguments=("applicants", "admitted", "selection_validity", "impact_sigma"),
    ),
    Result(
        id="validity_at_threshold",
        label="Validity at which the ratio asked about is reached",
        unit="correlation",
        reading="Above it the bar matters; above 1, no selection could make it matter.",
        function=selection.validity_at_ratio,
        arguments=("applicants", "admitted", "marginal_threshold", "impact_sigma"),
    ),
    Result(
        id="marginal_value",
        label="Value of the marginal scholar",
        unit="USD",
        reading="The value of one more researcher, times that ratio.",
        function=selection.marginal_value,
        arguments=("value_per_researcher", "marginal_ratio"),
    ),
    Result(
        id="adjusted_multiple",
        label="Cost multiple of the marginal scholar",
        unit="x",
        reading="That value over the cost of one more scholar.",
        function=cost.cost_multiple,
        arguments=("marginal_value", "marginal_cost"),
    ),
    Result(
        id="net_value",
        label="Value of the marginal scholar beyond the cost",
        unit="USD",
        reading="Below 0, one more scholar is not worth the cost.",
        function=cost.net_value,
        arguments=("marginal_value", "marginal_cost"),
    ),
    Result(
        id="adjusted_multiple_range",
        label="Marginal scholar's multiple over the range of the cost",
        unit="x",
        reading="The quoted range times the marginal ratio.",
        function=cost.cost_multiple_range,
        arguments=("marginal_value", "marginal_cost.low", "marginal_cost.high"),
        parts=("low", "high"),
    ),
    Result(
        id="adjusted_quote",
        label="Quote for the marginal scholar",
        unit="quote",
        reading="The quote stands while the ratio is above the factor on the Cost sheet.",
        function=cost.restated_quote,
        arguments=("cost_multiple_range.low", "cost_multiple_range.high", "marginal_ratio"),
    ),
    Result(
        id="skill_density",
        label="Skill density of the cohort",
        unit="x the pool",
        reading="Expected impact of the admitted over the mean of the pool.",
        function=selection.skill_density,
        arguments=("applicants", "admitted", "selection_validity", "impact_sigma"),
    ),
    Result(
        id="grown_admitted",
        label="Scholars after growth",
        unit="scholars",
        reading="Rounded to whole scholars, halves up.",
        function=selection.grown_cohort,
        arguments=("admitted", "cohort_growth"),
    ),
    Result(
        id="grown_applicants",
        label="Applicants after growth",
        unit="applicants",
        reading="What the pool becomes at its elasticity.",
        function=selection.grown_pool,
        arguments=("applicants", "admitted", "grown_admitted", "pool_elasticity"),
    ),
    Result(
        id="skill_density_grown",
        label="Skill density after growth",
        unit="x the pool",
        reading="Above the figure before growth, the cohort has become denser.",
        function=selection.skill_density,
        arguments=("grown_applicants", "grown_admitted", "selection_validity", "impact_sigma"),
    ),
    Result(
        id="breakeven_elasticity",
        label="Elasticity at which growth keeps the density",
        unit="% per %",
        reading="Where the pool is more elastic than this, a growing cohort becomes denser.",
        function=selection.breakeven_elasticity,
        arguments=(
            "applicants",
            "admitted",
            "grown_admitted",
            "selection_validity",
            "impact_sigma",
        ),
    ),
    Result(
        id="marginal_ratio_curve",
        label="Marginal over central scholar, by validity",
        unit="ratio",
        reading="The same ratio for each validity of selection.",
        function=selection.marginal_ratio,
        arguments=("applicants", "admitted", "validity_grid", "impact_sigma"),
    ),
    # Mentors who choose for themselves
    Result(
        id="mentor_margin",
        label=f"Where mentors choose: ratios, shares under {mentors.WORTH_LESS:g}, overlap",
        unit="ratio",
        reading="Means over the simulated drafts, each followed by its standard error.",
        function=mentors.mentor_margin,
        arguments=(*DRAFT, "shared_criteria", "selection_validity", *SIMULATION),
        parts=MARGIN_PARTS,
        simulates=True,
    ),
    *_alternative("place", "one more place"),
    *_alternative("mentor", "one more mentor"),
    Result(
        id="mentor_curve",
        label="Where mentors choose, by validity",
        unit="ratio",
        reading="The same means and standard errors for each validity of selection.",
        function=mentors.mentor_margin,
        arguments=(*DRAFT, "shared_criteria", "draft_grid", *SIMULATION),
        parts=MARGIN_PARTS,
        simulates=True,
    ),
    Result(
        id="bar_curve",
        label="Under one common bar, by validity",
        unit="ratio",
        reading="The ratio under one common bar at the same validities.",
        function=selection.marginal_ratio,
        arguments=("applicants", "admitted", "draft_grid", "impact_sigma"),
    ),
    # Growth of the cohort
    Result(
        id="growth_admitted",
        label="Scholars, by growth",
        unit="scholars",
        reading="Rounded to whole scholars, halves up.",
        function=selection.grown_cohort,
        arguments=("admitted", "growth_grid"),
    ),
    Result(
        id="growth_applicants",
        label="Applicants, by growth and elasticity",
        unit="applicants",
        reading="What the pool becomes at each elasticity.",
        function=selection.grown_pool,
        arguments=("applicants", "admitted", "growth_admitted", "elasticity_grid"),
    ),
    Result(
        id="growth_density",
        label="Skill density, by growth and elasticity",
        unit="x the pool",
        reading="Where a column rises, a cohort that grows becomes denser.",
        function=selection.skill_density,
        arguments=("growth_applicants", "growth_admitted", "selection_validity", "impact_sigma"),
    ),
    # Researcher ratio
    Result(
        id="ratio_shift",
        label="Capabilities researchers for each safety researcher",
        unit="ratio",
        reading="Before and after the placements, and the relative change.",
        function=ratio.ratio_shift,
        arguments=(
            "safety_researchers",
            "capabilities_researchers",
            "added_safety",
            "added_capabilities",
        ),
        parts=("before", "after", "change"),
    ),
    Result(
        id="ratio_before_text",
        label="Ratio before, as written",
        unit="capabilities:safety",
        reading="Capabilities to safety researchers today.",
        function=ratio.ratio_text,
        arguments=("ratio_shift.before",),
    ),
    Result(
        id="ratio_after_text",
        label="Ratio after, as written",
        unit="capabilities:safety",
        reading="Capabilities to safety researchers with the placements.",
        function=ratio.ratio_text,
        arguments=("ratio_shift.after",),
    ),
    Result(
        id="breakeven_capabilities_share",
        label="Share going to capabilities at which the ratio stays",
        unit="share",
        reading="Below it, placements improve the ratio for safety.",
        function=ratio.breakeven_capabilities_share,
        arguments=("safety_researchers", "capabilities_researchers"),
    ),
    Result(
        id="capabilities_per_100_safety",
        label="Alumni in capabilities per 100 in alignment",
        unit="per 100 in alignment",
        reading="Without those in independent research.",
        function=ratio.per_hundred,
        arguments=("alumni_capabilities_share", "alumni_alignment_share"),
    ),
    Result(
        id="safety_alumni_share",
        label="Alumni doing safety",
        unit="share",
        reading="In alignment jobs or in independent alignment research.",
        function=ratio.combined_share,
        arguments=("alumni_alignment_share", "alumni_independent_share"),
    ),
    Result(
        id="capabilities_per_100_all_safety",
        label="Alumni in capabilities per 100 doing safety",
        unit="per 100 in safety",
        reading="With those in independent research.",
        function=ratio.per_hundred,
        arguments=("alumni_capabilities_share", "safety_alumni_share"),
    ),
    Result(
        id="later_per_100_safety",
        label="Later alumni in capabilities per 100 in safety",
        unit="per 100 in safety",
        reading="By the later, conflicting figures.",
        function=ratio.per_hundred,
        arguments=("later_capabilities_share", "later_safety_share"),
    ),
    Result(
        id="neutral_margin",
        label="Margin over a net-neutral programme",
        unit="x",
        reading="1 is neutral: as much done for capabilities as for safety.",
        function=ratio.neutral_margin,
        arguments=("alumni_safety_per_capabilities", "offset"),
    ),
    Result(
        id="neglectedness_offset",
        label="Offset that neglectedness alone implies",
        unit="people",
        reading="If the same percentage of either field is worth the same.",
        function=ratio.neglectedness_offset,
        arguments=("safety_researchers", "capabilities_researchers"),
    ),
    Result(
        id="net_safety",
        label="Net effect of the placements",
        unit="safety researchers",
        reading="Less what capabilities work and backfiring offset; negative is net harm.",
        function=ratio.net_safety,
        arguments=(
            "added_safety",
            "added_capabilities",
            "offset",
            "backfire_share",
            "pivot_share",
            "spillover",
        ),
    ),
    Result(
        id="breakeven_backfire",
        label="Share of backfiring at which the net effect is nil",
        unit="share",
        reading="If more safety work than this only advances capabilities, the net is harm.",
        function=ratio.breakeven_backfire,
        arguments=("added_safety", "added_capabilities", "offset", "pivot_share", "spillover"),
    ),
    Result(
        id="net_safety_curve",
        label="Net effect of the placements, by offset",
        unit="safety researchers",
        reading="The same net effect for each offset.",
        function=ratio.net_safety,
        arguments=(
            "added_safety",
            "added_capabilities",
            "offset_grid",
            "backfire_share",
            "pivot_share",
            "spillover",
        ),
    ),
    # Validity window
    Result(
        id="exit_year",
        label="Years until the load passes its limit",
        unit="years",
        reading="0 where it is outside from the start; never where robustness keeps up.",
        function=window.exit_year,
        arguments=("deployed_impact", "robust_impact", "impact_growth", "robustness_growth"),
        highest=window.NEVER,
    ),
    Result(
        id="safe_load",
        label="Load to keep to, for the confidence wanted",
        unit="ratio",
        reading="Held at this share of the limit, it stays inside that surely, that long.",
        function=window.safe_load,
        arguments=(
            "verification_sd",
            "verification_sd_growth",
            "window_years",
            "window_confidence",
        ),
    ),
    Result(
        id="staying_chance",
        label="Chance of having stayed inside, to the last year",
        unit="share",
        reading="Every year counts, each with an error of its own in measuring the load.",
        function=window.staying_chance,
        arguments=(
            "deployed_impact",
            "robust_impact",
            "impact_growth",
            "robustness_growth",
            "window_years",
            "verification_sd",
            "verification_sd_growth",
        ),
    ),
    # Talent portfolio
    Result(
        id="manager_worth",
        label="Worth of a manager",
        unit="employees",
        reading="The people made room for, times the share of their output.",
        function=portfolio.manager_worth,
        arguments=(
            "manager_span.low",
            "manager_span.high",
            "manager_output_share",
            "manager_hire_chance",
        ),
        parts=("low", "high"),
    ),
    Result(
        id="team_needs",
        label="People to hire for the new teams",
        unit="people",
        reading="Less the Amplifiers promoted from within.",
        function=portfolio.team_needs,
        arguments=(
            "new_teams",
            "amplifiers_per_team.low",
            "amplifiers_per_team.high",
            "iterators_per_team.low",
            "iterators_per_team.high",
            "internal_share",
        ),
        parts=("amplifiers_low", "amplifiers_high", "iterators_low", "iterators_high"),
    ),
    Result(
        id="absorption",
        label="People absorbed a year, and what limits it",
        unit="people",
        reading="The least of room with managers, money and work.",
        function=portfolio.absorption,
        arguments=(
            "free_managers",
            "manager_span",
            "hiring_budget",
            "cost_per_head",
            "work_backlog",
        ),
        parts=("people", "limit"),
    ),
    Result(
        id="years_of_need",
        label="Years until the field has the people it needs",
        unit="years",
        reading="At its yearly growth; 0 where it has them.",
        function=portfolio.years_of_need,
        arguments=("field_people", "field_need", "field_growth"),
    ),
    *(
        result
        for which, words in (("team", "the mixed team"), ("other", "the other team"))
        for result in (
            Result(
                id=f"{which}_types",
                label=f"Effective types of people in {words}",
                unit="types",
                reading="1 where all are alike, 3 where the types are equally many.",
                function=portfolio.effective_types,
                arguments=tuple(f"{which}_{each}" for each in TYPES),
            ),
            Result(
                id=f"{which}_output",
                label=f"Output of {words}",
                unit="Iterators",
                reading="In the output of one managed Iterator working alone.",
                function=portfolio.team_output,
                arguments=(*(f"{which}_{each}" for each in TYPES), *TEAM, "team_diversity"),
            ),
        )
    ),
    Result(
        id="breakeven_diversity",
        label="Worth of diversity at which the two do the same",
        unit="factor",
        reading="Where one more type is worth more than this, the mixed team does more.",
        function=portfolio.breakeven_diversity,
        arguments=("team_mix", "other_mix", *TEAM),
        lowest=portfolio.ALWAYS,
        highest=portfolio.AT_NONE,
    ),
    Result(
        id="target_shares",
        label="Target composition",
        unit="share",
        reading="Job openings and what grant-makers prefer, blended by the weight.",
        function=portfolio.target_shares,
        arguments=("openings_mix", "funders_mix", "openings_weight"),
        parts=TYPES,
    ),
)
