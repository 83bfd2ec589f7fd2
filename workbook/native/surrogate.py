"""The mentors' draft as native formulas: the fitted surrogate, where a file's ranges let one fit.

At the inputs for which the draft itself was simulated its own figures stand. Elsewhere within the
box of the surrogate its polynomials are computed, with their stated error; beyond it no number is
given.
"""

from __future__ import annotations

from collections.abc import Sequence

from pycore.errors import REFUSED
from pycore.uncertainty.polynomials import Polynomial
from pycore.uncertainty.surfaces import (
    NO_ONE_LEFT,
    SMALLEST_SLOPE,
    MarginSurface,
    bounds_of_variables,
)
from workbook.native.expressions import Helpers, number, quoted

ARGUMENTS = (
    *("applicants", "mentors", "places", "shared_criteria"),
    *("selection_validity", "impact_sigma", "replicates", "seed"),
)
"""The cells with the arguments of the draft, as its result declares them."""

SIMULATED_ONLY = "full workbook only"
"""Stands where a share was simulated for other inputs, and no surrogate is as good."""

LAST_DIGITS = 1e-12
"""How far two numbers may lie apart, relatively, that are the same."""

RATIOS, UNDER, OVERLAP = (0, 2), (4, 6), 8
"""Where the ratio of each alternative, its share under 0.8 and the overlap stand in a row."""


def margin_formulas(
    helpers: Helpers, simulated: Sequence[float], arguments: Sequence[float], surface: MarginSurface
) -> list[str]:
    """The ten cells of the draft: its five means, each followed by its error.

    Parameters
    ----------
    helpers : Helpers
        Where what they share goes.
    simulated : sequence of float
        What the draft gave.
    arguments : sequence of float
        For what, in the order of `ARGUMENTS`.
    surface : MarginSurface
        What stands in for it elsewhere.
    """
    n, m, p, shared, validity, sigma, *_ = ARGUMENTS
    # Programs differ in the last digit of what is computed.
    known = ",".join(
        f"ABS({cell}-{number(value)})<={_slack(value)}"
        for cell, value in zip(ARGUMENTS, arguments, strict=True)
    )
    same = helpers.cell("draft same", f"AND({known})")
    weight = helpers.cell("draft weight", f"{validity}*{shared}^0.5")
    slope = helpers.cell("draft slope", f"MAX({sigma}*{validity},{number(SMALLEST_SLOPE)})")
    ends = zip((n, m, p, weight, slope), surface.box, strict=True)
    numbers = ",".join(f"ISNUMBER({each})" for each in (n, m, p, shared, validity, sigma))
    # A box that is one point holds what is equal to it but for its last digits.
    limits = ",".join(
        f"{cell}>={number(low)}-{_slack(low)},{cell}<={number(high)}+{_slack(high)}"
        for cell, (low, high) in ends
    )
    ordered = f"{m}<={p},{p}<={n}"
    inside = helpers.cell("draft inside", f"IF(AND({numbers}),AND({limits},{ordered}),FALSE)")
    point = _point(helpers, surface, (n, m, p, weight))
    values = [_ratio(helpers, surface, which, point, slope) for which in (0, 1)]
    cells = []
    for place, held in enumerate(simulated):
        text = number(float(held))
        if place in RATIOS:
            other = f"IF({p}>={n},{NO_ONE_LEFT[place]},{values[RATIOS.index(place)]})"
        elif place == OVERLAP:
            other = f"MIN(MAX({_polynomial(helpers, surface.overlap, point)},0),1)"
        elif place % 2 and place - 1 not in UNDER:
            other = number(float(surface.errors[place // 2]))
        else:
            cells.append(f"IF({same},{text},{quoted(SIMULATED_ONLY)})")
            continue
        cells.append(f"IF({same},{text},IF({inside},{other},{REFUSED}))")
    return cells


def _slack(end: float) -> str:
    return number(abs(end) * LAST_DIGITS)


def _point(helpers: Helpers, surface: MarginSurface, cells: Sequence[str]) -> list[str]:
    """The variables of the polynomials, from -1 to 1 across the box."""
    n, m, p, weight = cells
    bar = f"NORMSINV(1-MIN({p},{n})/({n}+1))"
    least, most = bounds_of_variables(surface.box)
    found = []
    for place, text in enumerate((f"LN({n})", f"LN({m})", bar, weight)):
        low, high = float(least[place]), float(most[place])
        scaled = "0"
        if high > low:
            scaled = f"(2*{text}-{number(low)}-({number(high)}))/({number(high)}-({number(low)}))"
            scaled = f"MAX(MIN({scaled},1),-1)"
        found.append(helpers.cell(("draft variable", place), scaled))
    return found


def _polynomial(helpers: Helpers, polynomial: Polynomial, point: Sequence[str]) -> str:
    """The value of a polynomial; "+" and "-" as the weights have them."""
    terms = []
    for term, weight in zip(polynomial.terms, polynomial.weights, strict=True):
        if not weight:
            continue
        product = helpers.cell(
            ("draft product", term), "*".join(point[each] for each in term) or "1"
        )
        terms.append(f"({number(float(weight))})*{product}")
    return helpers.cell(("draft polynomial", tuple(terms)), "+".join(terms) or "0")


def _ratio(
    helpers: Helpers, surface: MarginSurface, which: int, point: Sequence[str], slope: str
) -> str:
    """The mean ratio of an alternative: a polynomial through its values at some slopes."""
    low, high = surface.box.slope
    at = helpers.cell("draft slope inside", f"MIN(MAX({slope},{number(low)}),{number(high)})")
    parts = []
    for node, polynomial in zip(surface.slopes, surface.ratios[which], strict=True):
        factors = [
            f"({at}-{number(other)})/({number(node)}-{number(other)})"
            for other in surface.slopes
            if other != node
        ]
        parts.append("*".join([_polynomial(helpers, polynomial, point), *factors]))
    return helpers.cell(("draft ratio", which), f"EXP({slope}*({'+'.join(parts)}))")
