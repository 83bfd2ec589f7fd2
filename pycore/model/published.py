"""The published figures that the model must reproduce, each as one call of one function.

Their inputs are the published ones, not the assumptions: an edited assumption must not
make a check fail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pycore import cost, exchange, portfolio, ratio, selection, window
from pycore.graph import Constant, Result


@dataclass(frozen=True)
class Earlier:
    """The computed figure of an earlier check, as an input of a later one."""

    id: str


Input = float | str | Earlier | tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Check:
    """One published figure.

    Parameters
    ----------
    id, label : str
        Its id, and what a reader sees.
    function : callable
        The core function that gives it.
    inputs : tuple of float, str, Earlier or tuple
        What it is called with; a tuple of numbers for cells beside each other.
    published : float or str
        The figure.
    within : float
        How far the computed figure may be from it: half a unit of its last digit.
    part : int
        Which of the function's several values is meant, from 1; 0 where it gives one.
    """

    id: str
    label: str
    function: Callable[..., Any]
    inputs: tuple[Input, ...]
    published: float | str
    within: float = 1e-9
    part: int = 0

    @property
    def name(self) -> str:
        """The id of its computed figure among the model's results."""
        return f"check_{self.id}"

    def constants(self) -> Iterator[Constant]:
        """Its inputs that are no earlier figure, as constants of the model.

        Yields
        ------
        Constant
        """
        for name, value in zip(self._arguments(), self.inputs, strict=True):
            if not isinstance(value, Earlier):
                yield Constant(id=name, value=value)

    def result(self) -> Result:
        """Its computed figure, as a result of the model.

        Returns
        -------
        Result
        """
        return Result(
            id=self.name,
            label=self.label,
            unit="figure",
            function=self.function,
            arguments=self._arguments(),
            pick=self.part,
        )

    def _arguments(self) -> tuple[str, ...]:
        return tuple(
            f"check_{value.id}" if isinstance(value, Earlier) else f"{self.name}_input_{place}"
            for place, value in enumerate(self.inputs, start=1)
        )


CHECKS = (
    Check(
        id="implied_cost_at_4",
        label="Cost at which $100,000 is 4 times it",
        function=cost.implied_cost,
        inputs=(100_000, 4),
        published=25_000,
    ),
    Check(
        id="implied_cost_at_5",
        label="Cost at which $100,000 is 5 times it",
        function=cost.implied_cost,
        inputs=(100_000, 5),
        published=20_000,
    ),
    Check(
        id="multiple_low",
        label="$100,000 at a cost of $25,000",
        function=cost.cost_multiple,
        inputs=(100_000, 25_000),
        published=4,
    ),
    Check(
        id="multiple_high",
        label="$100,000 at a cost of $20,000",
        function=cost.cost_multiple,
        inputs=(100_000, 20_000),
        published=5,
    ),
    Check(
        id="quote",
        label="That range, as quoted",
        function=cost.quote,
        inputs=(Earlier("multiple_low"), Earlier("multiple_high")),
        published="4-5x",
    ),
    Check(
        id="money_per_researcher",
        label="$1M at 8 researchers",
        function=exchange.money_per_researcher,
        inputs=(1_000_000, 8),
        published=125_000,
    ),
    Check(
        id="unrounded_low",
        label="The unrounded $125,000 at $25,000",
        function=cost.cost_multiple,
        inputs=(Earlier("money_per_researcher"), 25_000),
        published=5,
    ),
    Check(
        id="unrounded_high",
        label="The unrounded $125,000 at $20,000",
        function=cost.cost_multiple,
        inputs=(Earlier("money_per_researcher"), 20_000),
        published=6.25,
    ),
    Check(
        id="unrounded_quote",
        label="That range, as quoted",
        function=cost.quote,
        inputs=(Earlier("unrounded_low"), Earlier("unrounded_high")),
        published="5-7x",
    ),
    Check(
        id="rounded_outward",
        label="3.2 to 4, as quoted",
        function=cost.quote,
        inputs=(3.2, 4),
        published="3-4x",
    ),
    Check(
        id="restatement_threshold",
        label="Factor at which 4-5x becomes 3-4x",
        function=cost.restatement_threshold,
        inputs=(4, 5),
        published=0.8,
    ),
    Check(
        id="quote_above_threshold",
        label="4-5x discounted to 0.81",
        function=cost.restated_quote,
        inputs=(4, 5, 0.81),
        published="4-5x",
    ),
    Check(
        id="quote_at_threshold",
        label="4-5x discounted to 0.8",
        function=cost.restated_quote,
        inputs=(4, 5, 0.8),
        published="3-4x",
    ),
    Check(
        id="impact_sigma",
        label="Log-sd of impact over 4 powers of ten",
        function=selection.impact_sigma,
        inputs=(4, 0.98),
        published=1.97957,
        within=5e-6,
    ),
    Check(
        id="ratio_before",
        label="10,000 to 1,000, before 500 and 500",
        function=ratio.ratio_shift,
        inputs=(1_000, 10_000, 500, 500),
        published=10,
        part=1,
    ),
    Check(
        id="ratio_after",
        label="10,000 to 1,000, after 500 and 500",
        function=ratio.ratio_shift,
        inputs=(1_000, 10_000, 500, 500),
        published=7,
        part=2,
    ),
    Check(
        id="ratio_after_text",
        label="The latter as written",
        function=ratio.ratio_text,
        inputs=(Earlier("ratio_after"),),
        published="7:1",
    ),
    Check(
        id="breakeven_capabilities_share",
        label="Share to capabilities that keeps 10:1 (10/11)",
        function=ratio.breakeven_capabilities_share,
        inputs=(1_000, 10_000),
        published=0.9091,
        within=5e-5,
    ),
    Check(
        id="per_hundred",
        label="1.4% against 49%, per 100",
        function=ratio.per_hundred,
        inputs=(0.014, 0.49),
        published=2.857,
        within=5e-4,
    ),
    Check(
        id="safety_share",
        label="49% and 29% doing safety",
        function=ratio.combined_share,
        inputs=(0.49, 0.29),
        published=0.78,
    ),
    Check(
        id="per_hundred_all",
        label="1.4% against that, per 100",
        function=ratio.per_hundred,
        inputs=(0.014, Earlier("safety_share")),
        published=1.795,
        within=5e-4,
    ),
    Check(
        id="neutral_margin",
        label="8:1 against a net-neutral 1:100",
        function=ratio.neutral_margin,
        inputs=(8, 100),
        published=800,
    ),
    Check(
        id="neutral_margin_at_10",
        label="8:1 against a net-neutral 1:10",
        function=ratio.neutral_margin,
        inputs=(8, 10),
        published=80,
    ),
    Check(
        id="neglectedness_offset",
        label="Offset that 10,000 to 1,000 implies",
        function=ratio.neglectedness_offset,
        inputs=(1_000, 10_000),
        published=10,
    ),
    Check(
        id="net_safety",
        label="Net effect of 500 and 500 at offset 100",
        function=ratio.net_safety,
        inputs=(500, 500, 100, 0, 0, 0),
        published=495,
    ),
    Check(
        id="breakeven_backfire",
        label="Break-even backfire of 500 and 500 at offset 100",
        function=ratio.breakeven_backfire,
        inputs=(500, 500, 100, 0, 0),
        published=0.9802,
        within=5e-6,
    ),
    Check(
        id="breakeven_backfire_at_10",
        label="The same at offset 10",
        function=ratio.breakeven_backfire,
        inputs=(500, 500, 10, 0, 0),
        published=0.81818,
        within=5e-6,
    ),
    Check(
        id="manager_low",
        label="Manager with a span of 5-10, half the output",
        function=portfolio.manager_worth,
        inputs=(5, 10, 0.5, 1),
        published=2.5,
        part=1,
    ),
    Check(
        id="manager_high",
        label="The same at the high end",
        function=portfolio.manager_worth,
        inputs=(5, 10, 0.5, 1),
        published=5,
        part=2,
    ),
    Check(
        id="mixed_team",
        label="5 Iterators, 1 Amplifier and 1 Connector",
        function=portfolio.team_output,
        inputs=(5, 1, 1, 7.5, 0.5, 0.7, 2),
        published=7.1736,
        within=5e-5,
    ),
    Check(
        id="iterators_alone",
        label="30 Iterators, whom that team outdoes",
        function=portfolio.team_output,
        inputs=(30, 0, 0, 7.5, 0.5, 0.7, 2),
        published=6.6568,
        within=5e-5,
    ),
    Check(
        id="breakeven_diversity",
        label="5+1+1 against 30 Iterators: wins above",
        function=portfolio.breakeven_diversity,
        inputs=((5, 1, 1), (30, 0, 0), 7.5, 0.5, 0.7),
        published=1.8809,
        within=5e-5,
    ),
    Check(
        id="outside_at_110",
        label="Deployed at 110% of robustness: outside in year",
        function=window.exit_year,
        inputs=(110, 100, 0.5, 0.35),
        published=0,
        within=0,
    ),
)
