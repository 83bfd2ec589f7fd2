"""The draft of mentors, simulated: who is taken, and who one more would bring.

Mentor m sees applicant i as ``s_im = a*g_i + b*h_im`` with ``b = sqrt(1 - a^2)`` and every g and h
standard normal. Mentors draft in rounds, each taking the best applicant still free; then one
more place, or one more mentor, takes the next.

How it is simulated
-------------------
Only the top of each mentor's list ever matters, so only the top is drawn. Scores are revealed
in *bands*, from the top downwards: band k holds the scores between two fixed levels,
``lo < s <= hi``, on all lists of one replicate. What has been revealed says of everyone else just
that they are below ``hi`` everywhere, and the next band is drawn given that. Let ``M`` be the
number of lists, the new mentor's included, and

- ``r(g) = Phi((lo - a*g)/b) / Phi((hi - a*g)/b)``: the chance that an applicant with the shared
  part g stays below ``lo`` on one list, being below ``hi`` there;
- ``Q(t) = E[Phi((t - a*g)/b)^M]``: the chance that an applicant is below t on every list.

Given g, lists are independent, and applicants always are. So a band is drawn exactly in three
steps, with N finite and nothing approximated:

1. *Who is new.* Of the u applicants not yet seen on any list, a
   ``Binomial(u, 1 - Q(lo)/Q(hi))`` number now appear, each with a shared part of the density
   ``phi(g) * Phi((hi - a*g)/b)^M * (1 - r(g)^M)``, drawn once and for all by rejection.
2. *On which lists.* A known applicant appears on each list where they have not yet with the
   chance ``1 - r(g)``: the gaps between those lists are geometric. For a new one the first gap
   is drawn given that there is a list at all.
3. *With what score.* ``h`` is a normal between ``(lo - a*g)/b`` and ``(hi - a*g)/b``.

A draft in which a list runs out is done again with one band more. Every random number is a
hash of its address (the replicate, the applicant's number in it, what it is for), so what was
revealed before comes out as before: the same realisation goes on downwards, and nothing is
drawn afresh. The last band reaches down to minus infinity, so a draft that takes everyone is
served too. For the same reason a replicate is the same in any batch, and the cells of a map are
made of the same random numbers, but for those that :mod:`pycore.draft.dense` draws: these share
random numbers with each other alone.

The draft is a queue in which an earlier pick goes before a later one. Such a queue gives the same
result as deferred acceptance (Gale and Shapley 1962) where all applicants prefer the earlier pick:
all mentors of a round propose at once, an applicant keeps the earliest pick that has proposed,
and whoever is turned away goes on to the next on their list. That takes a handful of steps on
whole arrays instead of one step for each place; where mentors agree, up to one for each mentor.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache, partial

import numpy as np

from pycore.checks import FloatArray
from pycore.draft.bands import Band, Draft
from pycore.draft.dense import draft_densely
from pycore.hashed import Bits, Whole, counted, keyed, uniform
from pycore.kept import kept
from pycore.progress import tracked

__all__ = ["Outcomes", "common_part", "simulate_drafts", "simulated"]

LARGEST_BATCH = 1 << 16
"""How many scores a batch of replicates is to hold: few enough for a processor's cache."""

BLOCK = 16
"""How many batches, or replicates, are done before those that ran dry are done again."""

MOST_LISTS = 1 << 16
"""How many lists a batch may have: numpy sorts 16-bit numbers fastest."""

KEPT_DRAFTS = 128
"""How many drafts are remembered; at 10,000 replicates each takes some 600 kB with its bands."""

FREE = np.iinfo(np.int64).max
"""The holder of an applicant whom no one has taken: later than every pick."""

ORDER, EXTRA, NEWCOMERS, SHARED, ACCEPT, GAP, OWN = range(7)
"""What a random number is for."""


def address(purpose: int, depth: int = 0, step: int = 0) -> int:
    """Where a random number stands in the stream of its replicate or applicant."""
    return (depth * 8 + purpose << 32) + step


def common_part(validity: float, shared_criteria: float) -> float:
    """What weighs the shared part of an applicant in every mentor's score, a."""
    return float(validity * np.sqrt(shared_criteria))


@dataclass(frozen=True)
class Outcomes:
    """What mentors' scores say of the two alternatives, for each replicate.

    `middle` holds the scores of the two at the centre of the admitted (twice the same one where
    their number is odd; NaN where everyone is: no ratio uses them), `extra` that of the extra
    scholar for each alternative (minus infinity where no one is left), `overlap` the share of
    mentors whose first choice is shared.
    """

    middle: FloatArray
    extra: FloatArray
    overlap: FloatArray

    def ratios(self, slope: float) -> FloatArray:
        """The ratio for each alternative and replicate, with ``slope = sigma*validity``."""
        someone = np.isfinite(self.extra)
        rise = slope * (self.middle[:, None] - np.where(someone, self.extra, 0.0))
        ratio: FloatArray = np.where(someone, 2 / np.exp(rise).sum(axis=0), 0.0)
        return ratio


def simulate_drafts(draft: Draft, replicates: int, seed: int, batch: int | None = None) -> Outcomes:
    """Simulate drafts in batches, and the two alternatives after each.

    Parameters
    ----------
    batch : int, optional
        How many to hold at once; it changes the time and the memory and nothing else.
    """
    if draft.own == 0 and draft.mentors > 1:
        # All lists are one list, so one mentor with all the places takes the same people.
        alone = simulate_drafts(replace(draft, mentors=1), replicates, seed, batch)
        return replace(alone, overlap=np.ones(replicates))
    if draft.places == draft.applicants > draft.mentors:
        # No one is left over, whoever takes whom; only first choices are still to be drawn.
        first = simulate_drafts(replace(draft, places=draft.mentors), replicates, seed, batch)
        no_one = np.full_like(first.extra, -np.inf)
        return replace(first, middle=np.full_like(first.middle, np.nan), extra=no_one)
    keys = replicate_keys(replicates, seed)
    size = batch or _batch_size(draft, bands=1)
    together = BLOCK * size if size >= BLOCK else BLOCK
    blocks = [keys[at : at + together] for at in range(0, replicates, together)]
    simulate = _simulate_densely if draft.is_deep else partial(_simulate_block, size=size)
    parts = [simulate(draft, block) for block in tracked(blocks, "drafts")]
    return Outcomes(
        np.concatenate([part.middle for part in parts], axis=-1),
        np.concatenate([part.extra for part in parts], axis=-1),
        np.concatenate([part.overlap for part in parts]),
    )


def _simulate_densely(draft: Draft, keys: Bits) -> Outcomes:
    sizes = draft.applicants, draft.mentors, draft.places
    return Outcomes(*draft_densely(*sizes, draft.shared, draft.own, keys))


def _simulate_block(draft: Draft, keys: Bits, size: int) -> Outcomes:
    """Simulate a few batches; what runs dry in them is done again together, a band deeper."""
    whole = Outcomes(np.empty((2, keys.size)), np.empty((2, keys.size)), np.empty(keys.size))
    rest, bands = counted(keys.size), 1
    while rest.size:
        dry = []
        for at in range(0, rest.size, size):
            some = rest[at : at + size]
            drafted = Drafted(draft, keys[some], bands)
            part = drafted.outcomes()
            whole.middle[:, some] = part.middle
            whole.extra[:, some] = part.extra
            whole.overlap[some] = part.overlap
            dry.append(some[drafted.dry])
        rest, bands = np.concatenate(dry), bands + 1
        size = min(size, _batch_size(draft, bands))
    return whole


@lru_cache(KEPT_DRAFTS)
def simulated(draft: Draft, replicates: int, seed: int) -> Outcomes:
    """`simulate_drafts`, remembering: a workbook asks for the same drafts in several cells."""

    def flat() -> FloatArray:
        found = simulate_drafts(draft, replicates, seed)
        return np.concatenate([found.middle.ravel(), found.extra.ravel(), found.overlap])

    key = f"simulate_drafts {draft!r} {replicates} {seed}"
    rows = kept(key, flat).reshape(5, replicates)
    return Outcomes(middle=rows[:2], extra=rows[2:4], overlap=rows[4])


def _batch_size(draft: Draft, bands: int) -> int:
    """How many replicates to hold at once."""
    scores = draft.lists * min(draft.first_depth * 2 ** (bands - 1), draft.applicants)
    return int(max(1, min(LARGEST_BATCH // scores, MOST_LISTS // draft.lists)))


def replicate_keys(replicates: int, seed: int) -> Bits:
    """A key for each replicate; more replicates only add further ones."""
    state = np.random.SeedSequence(seed).generate_state(replicates, np.uint64)
    return state.astype(np.uint64, copy=False)


class People:
    """The applicants seen on any list, those of all replicates in one row."""

    def __init__(self) -> None:
        self.replicate = np.empty(0, dtype=np.int64)
        self.key = np.empty(0, dtype=np.uint64)
        self.shared_part = np.empty(0)

    def add(self, replicate: Whole, key: Bits, shared_part: FloatArray) -> None:
        """Add newcomers."""
        self.replicate = np.concatenate([self.replicate, replicate])
        self.key = np.concatenate([self.key, key])
        self.shared_part = np.concatenate([self.shared_part, shared_part])


class Revealed:
    """The scores of the first bands of some replicates.

    A list is numbered ``replicate*lists + mentor``. Its scores stand from its `start` to its
    `end`, best first; `person` says whose they are.
    """

    def __init__(self, draft: Draft, keys: Bits, bands: int) -> None:
        self._lists = draft.lists
        self._keys = keys
        self._seen = np.zeros(keys.size, dtype=np.int64)
        self.people = People()
        person, mentor = np.empty((2, 0), dtype=np.int64)
        score = np.empty(0)
        for band in draft.bands[:bands]:
            before = person * self._lists + mentor
            first_new, rate = self._newcomers(band)
            some, on = self._appearances(band, first_new, rate)
            if before.size:
                fresh = np.flatnonzero(
                    ~np.isin(some * self._lists + on, before, assume_unique=True)
                )
                some, on = some[fresh], on[fresh]
            person, mentor = np.concatenate([person, some]), np.concatenate([mentor, on])
            score = np.concatenate([score, self._scores(band, some, on, rate)])
        self._sort(person, mentor, score)

    def _newcomers(self, band: Band) -> tuple[int, FloatArray]:
        """Draw who is first seen in a band (step 1).

        Gives back the number of the first of them, and ``-ln(r)`` of everyone seen so far.
        """
        first, known = self.people.key.size, band.rate(self.people.shared_part)[0]
        unseen = band.draft.applicants - self._seen
        chance = uniform(self._keys, address(NEWCOMERS, band.depth))
        number = _binomial(chance, unseen, band.chance_new)
        times = number.astype(np.intp, copy=False)
        replicate = np.repeat(counted(number.size), times)
        place = counted(replicate.size) + np.repeat(self._seen - np.cumsum(number) + number, times)
        self._seen += number
        key = keyed(self._keys[replicate], place)
        shared_part, rate = np.empty(key.size), np.empty(key.size)
        pending, attempt = counted(key.size), 0
        while pending.size:
            mine = key[pending]
            drawn, height = band.hat.draw(uniform(mine, address(SHARED, band.depth, attempt)))
            density, rate[pending] = band.density(drawn)
            shared_part[pending] = drawn
            level = uniform(mine, address(ACCEPT, band.depth, attempt))
            pending, attempt = pending[level * height > density], attempt + 1
        self.people.add(replicate, key, shared_part)
        return first, np.concatenate([known, rate])

    def _appearances(self, band: Band, first_new: int, rate: FloatArray) -> tuple[Whole, Whole]:
        """On which lists people are in a band (step 2): people, and lists of their replicate.

        Going along the lists, the wait for the next appearance is geometric: an exponential
        number over ``-ln(r)``, rounded down.
        """
        key, lists = self.people.key, self._lists
        if np.isinf(band.low):  # whatever is left to reveal
            return np.repeat(counted(key.size), lists), np.tile(counted(lists), key.size)
        chance = uniform(key, address(GAP, band.depth))
        # A newcomer's first wait ends before the last list: the exponential is cut off there.
        chance[first_new:] *= -np.expm1(-lists * rate[first_new:])
        person, found, step = counted(key.size), list[tuple[Whole, Whole]](), 0
        with np.errstate(divide="ignore"):
            mentor = np.floor(-np.log1p(-chance) / rate)
            mentor[first_new:] = np.minimum(mentor[first_new:], lists - 1)
            while (here := np.flatnonzero(mentor < lists)).size:
                person, rate, mentor, step = person[here], rate[here], mentor[here], step + 1
                found.append((person, mentor.astype(np.int64)))
                chance = uniform(key[person], address(GAP, band.depth, step))
                mentor = mentor + 1 + np.floor(-np.log(chance) / rate)
        if not found:
            return here, here
        return np.concatenate([f[0] for f in found]), np.concatenate([f[1] for f in found])

    def _scores(self, band: Band, person: Whole, mentor: Whole, rate: FloatArray) -> FloatArray:
        """The scores of appearances in a band (step 3)."""
        part = uniform(self.people.key[person], address(OWN, band.depth) + mentor)
        own = band.own_parts(self.people.shared_part, rate, person, part)
        own *= band.draft.own
        own += (band.draft.shared * self.people.shared_part)[person]
        return own

    def _sort(self, person: Whole, mentor: Whole, score: FloatArray) -> None:
        """Put the scores in order, list by list and best first."""
        on = (self.people.replicate * self._lists)[person] + mentor
        number = np.bincount(
            on.astype(np.intp, copy=False), minlength=self._keys.size * self._lists
        )
        best_first = np.argsort(-score)
        small = on.astype(np.min_scalar_type(number.size))[best_first]
        order = best_first[np.argsort(small, kind="stable")]
        self.end = np.cumsum(number, dtype=np.int64)
        self.start = self.end - number
        self.score, self.person = score[order], person[order]


class Drafted:
    """Some replicates of a draft, side by side, and what one more would bring to each.

    `dry` says in which of them a list ran out of what was revealed: their outcomes mean nothing.
    """

    def __init__(self, draft: Draft, keys: Bits, bands: int) -> None:
        self._draft = draft
        self._keys = keys
        self._revealed = Revealed(draft, keys, bands)
        self._is_all = bands == len(draft.bands)
        self._at = self._revealed.start.copy()  # the score that each list looks at
        self._holder = np.full(self._revealed.people.key.size, FREE, dtype=np.int64)
        self.dry = np.zeros(keys.size, dtype=np.bool_)

    def outcomes(self) -> Outcomes:
        """Draft, then try both alternatives from the state that the draft leaves."""
        overlap = self._overlap()
        taken = np.concatenate([self._pick(*picks) for picks in self._rounds()], axis=1)
        return Outcomes(self._middle(taken), self._extras(), overlap)

    def _rounds(self) -> Iterator[tuple[int, Whole]]:
        """The first pick of each round, and the lists that pick in it, in their order."""
        mentors, places = self._draft.mentors, self._draft.places
        start = counted(self._keys.size)[:, None] * self._draft.lists
        for first in range(0, places, mentors):
            drawn = uniform(self._keys[:, None], address(ORDER) + counted(first + mentors, first))
            yield first, np.argsort(drawn, axis=-1)[:, : places - first] + start

    def _pick(self, first: int, lists: Whole) -> FloatArray:
        """Let every list of a round take one, and give back the scores of those taken.

        Deferred acceptance: a list proposes to whom it looks at; the applicant keeps the earliest
        pick; the lists turned away, at once or later, look at the next.
        """
        pick = np.zeros(self._at.size, dtype=np.int64)
        pick[lists] = first + counted(lists.shape[1])
        proposing = self._in_reach(lists.ravel())
        while proposing.size:
            candidate, mine = self._revealed.person[self._at[proposing]], pick[proposing]
            before = self._holder[candidate]
            np.minimum.at(self._holder, candidate, mine)
            kept = self._holder[candidate] == mine
            ousted = kept & (before < FREE)
            replicate = proposing[ousted] // self._draft.lists
            turned_away = lists[replicate, before[ousted] - first]
            proposing = np.concatenate([proposing[~kept], turned_away])
            self._at[proposing] += 1
            proposing = self._in_reach(proposing)
        return self._scores_at(self._at[lists])

    def _in_reach(self, lists: Whole) -> Whole:
        """Those of the lists that look at a score; a replicate of the others is dry."""
        within = self._at[lists] < self._revealed.end[lists]
        self.dry[lists[~within] // self._draft.lists] = True
        return lists[within]

    def _scores_at(self, at: Whole) -> FloatArray:
        """The scores that lists look at; any, where a list has run out."""
        return self._revealed.score[np.minimum(at, self._revealed.score.size - 1)]

    def _middle(self, taken: FloatArray) -> FloatArray:
        """The scores of the two at the centre of the admitted, for each replicate."""
        places = self._draft.places
        middle = [(places - 1) // 2, places // 2]
        return np.partition(taken, middle, axis=-1)[:, middle].T

    def _extras(self) -> FloatArray:
        """The score of the next scholar of a mentor drawn at random, and of a new mentor's first.

        No one takes them: the two are alternatives.
        """
        start = counted(self._keys.size) * self._draft.lists
        drawn = np.floor(uniform(self._keys, address(EXTRA)) * self._draft.mentors)
        extra = np.full(self._at.size, -np.inf)
        lists = np.stack([start + drawn.astype(np.int64), start + self._draft.mentors])
        was_dry = self.dry.copy()
        looking = self._in_reach(lists.ravel())
        while looking.size:
            at = self._at[looking]
            free = self._holder[self._revealed.person[at]] == FREE
            extra[looking[free]] = self._revealed.score[at[free]]
            looking = looking[~free]
            self._at[looking] += 1
            looking = self._in_reach(looking)
        if self._is_all:  # a list that ends has no one left, and nothing more to reveal
            self.dry = was_dry
        scores: FloatArray = extra[lists]
        return scores

    def _overlap(self) -> FloatArray:
        """The share of mentors whose first choice is the first choice of others too."""
        first = self._revealed.start.reshape(-1, self._draft.lists)[:, : self._draft.mentors]
        last = self._revealed.person.size - 1
        choice = self._revealed.person[np.minimum(first, last)]
        wanted = np.bincount(
            choice.ravel().astype(np.intp, copy=False), minlength=self._holder.size
        )
        shares: FloatArray = (wanted[choice] > 1).mean(axis=-1)
        return shares


def _binomial(chance: FloatArray, trials: Whole, success: float) -> Whole:
    """The binomial quantile: the fewest successes whose cumulated chance reaches `chance`."""
    from scipy.special import betainc

    low, high = np.zeros_like(trials), trials.copy()
    while (low < high).any():
        middle = (low + high) // 2
        # middle < trials wherever low < high; elsewhere the answer is there already.
        failures = np.maximum(trials - middle, 1).astype(np.float64)
        reached = betainc(failures, middle + 1.0, 1 - success) >= chance
        open_ = low < high
        high = np.where(open_ & reached, middle, high)
        low = np.where(open_ & ~reached, middle + 1, low)
    return low
