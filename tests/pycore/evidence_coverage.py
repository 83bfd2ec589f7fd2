"""How often each interval of evidence covers the truth, over simulated data sets.

``python -m tests.pycore.evidence_coverage [DATA SETS]`` prints a table: 1,000 of each by default.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np

from pycore.draft.overlap import shared_criteria_from_overlap
from pycore.evidence import (
    pool_elasticity_from_cohorts,
    share_from_survey,
    shared_criteria_from_scores,
    studies_pooled,
    validity_from_outcomes,
)

NOMINAL = 0.9
SEED = 20240607

Case = Callable[[np.random.Generator], tuple[float, Any]]
"""Draws a data set and gives the truth, and what the function makes of it."""


def cohorts(number: int) -> Case:
    def case(random: np.random.Generator) -> tuple[float, Any]:
        admitted = random.integers(30, 200, size=number)
        logs = 2 + 1.5 * np.log(admitted) + random.normal(0, 0.2, size=number)
        years = range(2020, 2020 + number)
        return 1.5, pool_elasticity_from_cohorts(list(years), np.exp(logs), admitted)

    return case


def scores(people: int, mentors: int, blank: float, shared: float, validity: float) -> Case:
    def case(random: np.random.Generator) -> tuple[float, Any]:
        common = validity**2 * shared
        table = np.sqrt(common) * random.normal(size=(people, 1))
        table = table + np.sqrt(1 - common) * random.normal(size=(people, mentors))
        cells = table.astype(object)
        cells[random.uniform(size=table.shape) < blank] = None
        return shared, shared_criteria_from_scores(cells.tolist(), validity)

    return case


@cache
def from_overlap(count: int, applicants: int, mentors: int, validity: float) -> tuple[float, ...]:
    """Of as many data sets as there are, only so many are different."""
    seen = count / mentors
    found = shared_criteria_from_overlap(seen, applicants, mentors, mentors, validity, 300, 1)
    return tuple(found.tolist())


def overlap(applicants: int, mentors: int, shared: float, validity: float) -> Case:
    def case(random: np.random.Generator) -> tuple[float, Any]:
        common = validity**2 * shared
        table = np.sqrt(common) * random.normal(size=(applicants, 1))
        table = table + np.sqrt(1 - common) * random.normal(size=(applicants, mentors))
        first = np.bincount(table.argmax(axis=0))
        count = int(first[first > 1].sum())
        return shared, from_overlap(count, applicants, mentors, validity)

    return case


def outcomes(applicants: int, admitted: int, validity: float) -> Case:
    def case(random: np.random.Generator) -> tuple[float, Any]:
        score = random.normal(size=applicants)
        worth = validity * score + np.sqrt(1 - validity**2) * random.normal(size=applicants)
        best = np.argsort(-score)[:admitted]
        return validity, validity_from_outcomes(score[best], worth[best], score.std(ddof=1))

    return case


def survey(answers: int, share: float) -> Case:
    def case(random: np.random.Generator) -> tuple[float, Any]:
        return share, share_from_survey(random.binomial(answers, share), answers, 2 * answers)

    return case


def studies(number: int, between: float) -> Case:
    def case(random: np.random.Generator) -> tuple[float, Any]:
        sd = random.uniform(0.5, 1.5, size=number)
        found = 3 + random.normal(size=number) * np.sqrt(sd**2 + between**2)
        reach = 1.6448536269514722 * sd
        return 3.0, studies_pooled(found, found - reach, found + reach, [1] * number, "plain")

    return case


CASES: dict[str, Case] = {
    "elasticity, 4 cohorts": cohorts(4),
    "elasticity, 8 cohorts": cohorts(8),
    "scores, 60 people x 6 mentors, half blank": scores(60, 6, 0.5, 0.6, 0.8),
    "scores, 30 people x 4 mentors": scores(30, 4, 0.0, 0.6, 0.8),
    "scores, 200 people x 10 mentors, 70% blank": scores(200, 10, 0.7, 0.5, 0.6),
    "scores, 40 people x 20 mentors, 30% blank": scores(40, 20, 0.3, 0.7, 0.7),
    "overlap, 100 people x 20 mentors": overlap(100, 20, 0.4, 1.0),
    "validity, 60 of 300 admitted": outcomes(300, 60, 0.6),
    "validity, 30 of 1,000 admitted": outcomes(1000, 30, 0.4),
    "survey, 72 answers, 49%": survey(72, 0.49),
    "survey, 400 answers, 10%": survey(400, 0.1),
    "5 studies that agree": studies(5, 0.0),
    "15 studies that agree": studies(15, 0.0),
    "4 studies that do not": studies(4, 1.0),
    "8 studies that do not": studies(8, 1.0),
}


def coverage(case: Case, data_sets: int) -> tuple[float, float, float]:
    """The share of intervals that cover the truth, those below it and those above it."""
    random = np.random.default_rng(SEED)
    counts = np.zeros(3)
    for _ in range(data_sets):
        truth, (_, low, high, *_) = case(random)
        counts += (low <= truth <= high, high < truth, low > truth)
    inside, below, above = counts / data_sets
    return float(inside), float(below), float(above)


def lines(data_sets: int) -> Iterator[str]:
    """A line for each case."""
    yield f"{'':44} covered  too low  too high   of {data_sets:,}"
    for name, case in CASES.items():
        inside, below, above = coverage(case, data_sets)
        yield f"{name:44} {inside:7.1%}  {below:7.1%}  {above:8.1%}"


if __name__ == "__main__":
    for line in lines(int(sys.argv[1]) if len(sys.argv) > 1 else 1000):
        print(line, flush=True)
