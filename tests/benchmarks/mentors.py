"""The draft of mentors beside plainer ways to simulate it, and how it grows."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from pycore.draft.bands import Draft
from pycore.draft.rounds import common_part, simulate_drafts

from .timing import Benchmark, UnavailableError, timed

REPLICATES = 500
PLAIN_REPLICATES = 20
SEED = 20260101

SHARED = common_part(0.6, 0.5)
PROGRAMME = Draft(2_200, 100, 120, SHARED)

MATCHING_RECURSION = 100_000
"""How deep `matching` goes when it copies a game of this size."""


def drafts() -> Iterator[Benchmark]:
    """Seconds for one replicate of the programme's draft, each beside another way or size."""
    yield _beside("plain numpy, a replicate at a time", partial(_plain, PROGRAMME))
    yield _beside("drawing applicants x mentors normals, and nothing else", _normals(PROGRAMME))
    growth = {
        "4 times the applicants": (Draft(8_800, 100, 120, SHARED), PROGRAMME),
        "4 times the mentors and the places": (Draft(2_200, 400, 480, SHARED), PROGRAMME),
        "4 times the mentors": (
            Draft(2_200, 400, 480, SHARED),
            Draft(2_200, 100, 480, SHARED),
        ),
    }
    for name, (larger, smaller) in growth.items():
        yield Benchmark(
            name=f"mentors' draft, {name}",
            against=f"seconds for a replicate, beside {_sizes(smaller)}",
            ours=_ours(larger),
            other=_ours(smaller),
        )
    deep = (Draft(1_000, 100, 900, SHARED), Draft(1_000, 500, 990, SHARED))
    for draft in (*(Draft(2_200, 100, 120, shared) for shared in (0.7, 0.9, 0.99)), *deep):
        yield _beside("plain numpy, a replicate at a time", partial(_plain, draft), draft=draft)


def game() -> Iterator[Benchmark]:
    """Seconds for one replicate, beside a package for such games."""
    try:
        import matching  # type: ignore[import-not-found, unused-ignore]
    except ImportError as error:
        raise UnavailableError(f"matching is not installed ({error})") from None
    yield _beside(
        f"PyPI {matching.__name__}", partial(_matched, PROGRAMME), replicates=1, repeats=1
    )


def _ours(draft: Draft) -> Callable[[], float]:
    # A new draft each time: what it works out of its sizes is part of the work.
    number = PLAIN_REPLICATES if draft.is_deep else REPLICATES
    return timed(lambda: simulate_drafts(replace(draft), number, SEED), share=number)


def _beside(
    what: str,
    work: Callable[[np.random.Generator], Any],
    *,
    replicates: int = PLAIN_REPLICATES,
    draft: Draft = PROGRAMME,
    repeats: int = 5,
) -> Benchmark:
    rng = np.random.default_rng(SEED)

    def other() -> None:
        for _ in range(replicates):
            work(rng)

    return Benchmark(
        name=f"mentors' draft, {_sizes(draft)}",
        against=f"seconds for a replicate, beside {what}",
        ours=_ours(draft),
        other=timed(other, share=replicates),
        repeats=repeats,
        warm_ups=min(1, repeats - 1),
    )


def _sizes(draft: Draft) -> str:
    agreement = draft.shared * draft.shared
    return (
        f"{draft.applicants:,} x {draft.mentors}, {draft.places} places, "
        f"validity^2 * shared {agreement:.2f}"
    )


def _scores(draft: Draft, rng: np.random.Generator) -> Any:
    scores = rng.standard_normal((draft.mentors + 1, draft.applicants))
    scores *= draft.own
    scores += draft.shared * rng.standard_normal(draft.applicants)
    return scores


def _normals(draft: Draft) -> Callable[[np.random.Generator], Any]:
    return lambda rng: rng.standard_normal((draft.mentors, draft.applicants))


def _plain(draft: Draft, rng: np.random.Generator) -> tuple[float, float]:
    """The definition, with every score drawn and every pick an argmax."""
    scores = _scores(draft, rng)
    firsts = scores[: draft.mentors].argmax(axis=-1)
    np.bincount(firsts, minlength=draft.applicants)
    taken = []
    for first in range(0, draft.places, draft.mentors):
        for mentor in rng.permutation(draft.mentors)[: draft.places - first]:
            best = scores[mentor].argmax()
            taken.append(scores[mentor, best])
            scores[:, best] = -np.inf
    middle = float(np.median(taken))
    return scores[rng.integers(draft.mentors)].max() - middle, scores[-1].max() - middle


def _matched(draft: Draft, rng: np.random.Generator) -> Any:
    """One replicate as a hospital-resident game: all applicants prefer the earlier mentor."""
    from matching.games import (  # type: ignore[import-not-found, unused-ignore]
        HospitalResident,
    )

    scores = _scores(draft, rng)[: draft.mentors]
    order = rng.permutation(draft.mentors).tolist()
    capacities = dict.fromkeys(range(draft.mentors), draft.places // draft.mentors)
    for mentor in order[: draft.places % draft.mentors]:
        capacities[mentor] += 1
    residents = {f"A{applicant}": order for applicant in range(draft.applicants)}
    hospitals = {
        mentor: [f"A{applicant}" for applicant in np.argsort(-scores[mentor])]
        for mentor in range(draft.mentors)
    }
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(MATCHING_RECURSION)
    try:
        game = HospitalResident.create_from_dictionaries(residents, hospitals, capacities)
        return game.solve(optimal="resident")
    finally:
        sys.setrecursionlimit(limit)
