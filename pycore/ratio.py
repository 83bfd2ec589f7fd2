"""How the ratio of capabilities to safety researchers shifts."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pycore import checks
from pycore.checks import AMOUNT, MULTIPLE, PEOPLE, SHARE, SPILLOVER, FloatArray, Numbers, Texts
from pycore.rounding import rounded
from pycore.symbolic import elementwise

__all__ = [
    "breakeven_backfire",
    "breakeven_capabilities_share",
    "combined_share",
    "neglectedness_offset",
    "net_safety",
    "neutral_margin",
    "per_hundred",
    "ratio_shift",
    "ratio_text",
    "researchers_per_safety",
]


SMALLEST_RATIO = 1e-15
"""Written as none: its other side would be beyond all numbers of people."""

FEWEST = 1e-9


def researchers_per_safety(safety: npt.ArrayLike, capabilities: npt.ArrayLike) -> Numbers:
    """Capabilities researchers for each safety researcher.

    Parameters
    ----------
    safety : array_like
        How many safety researchers there are; above 0.
    capabilities : array_like
        How many capabilities researchers there are; 0 or more.

    Returns
    -------
    float or ndarray
        The ratio.

    Raises
    ------
    InputError
        If an argument is blank, text or out of bounds, or the shapes do not fit.

    Notes
    -----
    ``capabilities / safety``.

    Examples
    --------
    >>> researchers_per_safety(1000, 10_000)
    10.0
    """
    safety, capabilities = checks.checked(
        safety=(safety, AMOUNT), capabilities=(capabilities, PEOPLE)
    )
    return checks.answer(capabilities / safety)


def ratio_shift(
    safety: npt.ArrayLike,
    capabilities: npt.ArrayLike,
    added_safety: npt.ArrayLike,
    added_capabilities: npt.ArrayLike,
) -> Numbers:
    """The ratio of capabilities to safety researchers before and after people are added.

    Parameters
    ----------
    safety : array_like
        How many safety researchers there are; above 0.
    capabilities : array_like
        How many capabilities researchers there are; above 0.
    added_safety : array_like
        How many go into safety; 0 or more.
    added_capabilities : array_like
        How many go into capabilities; 0 or more.

    Returns
    -------
    ndarray
        The ratio before, the ratio after and the relative change, side by side (a last axis
        of length 3).

    Raises
    ------
    InputError
        If an argument is blank, text or out of bounds, or the shapes do not fit.

    Notes
    -----
    ``before = C/S``, ``after = (C + dC)/(S + dS)``, ``change = after/before - 1``.

    Examples
    --------
    >>> ratio_shift(1000, 10_000, 500, 500)
    array([10. ,  7. , -0.3])
    """
    safety, capabilities, added_safety, added_capabilities = checks.checked(
        safety=(safety, AMOUNT),
        capabilities=(capabilities, AMOUNT),
        added_safety=(added_safety, PEOPLE),
        added_capabilities=(added_capabilities, PEOPLE),
    )
    before = capabilities / safety
    after = (capabilities + added_capabilities) / (safety + added_safety)
    return checks.answer(np.stack(np.broadcast_arrays(before, after, after / before - 1), axis=-1))


def ratio_text(ratio: npt.ArrayLike) -> Texts:
    """A ratio of capabilities to safety researchers as it would be written.

    Parameters
    ----------
    ratio : array_like
        Capabilities researchers for each safety researcher; 0 or more.

    Returns
    -------
    str or ndarray of str
        Such as "7:1", "7.3:1", or "1:4" where safety is the larger.

    Raises
    ------
    InputError
        If `ratio` is blank, text or negative.

    Notes
    -----
    The larger side is given to one decimal place, and as a whole number where it is one.

    Examples
    --------
    >>> ratio_text(7)
    '7:1'
    """
    return checks.text_answer(_ratio_text(MULTIPLE.check("ratio", ratio)))


def _written(ratio: float) -> str:
    if ratio < SMALLEST_RATIO:
        return "0:1"
    larger = f"{rounded(max(ratio, 1 / ratio), 1):,.1f}".removesuffix(".0")
    return f"{larger}:1" if ratio >= 1 else f"1:{larger}"


_ratio_text = elementwise(_written, 1)


def breakeven_capabilities_share(safety: npt.ArrayLike, capabilities: npt.ArrayLike) -> Numbers:
    """The share of entrants going to capabilities at which the ratio stays what it is.

    Parameters
    ----------
    safety : array_like
        How many safety researchers there are; above 0.
    capabilities : array_like
        How many capabilities researchers there are; 0 or more.

    Returns
    -------
    float or ndarray
        A share: below it the ratio improves for safety, above it worsens.

    Raises
    ------
    InputError
        If an argument is blank, text or out of bounds, or the shapes do not fit.

    Notes
    -----
    ``C / (S + C)``.

    Examples
    --------
    >>> round(breakeven_capabilities_share(1000, 10_000), 4)
    0.9091
    """
    safety, capabilities = checks.checked(
        safety=(safety, AMOUNT), capabilities=(capabilities, PEOPLE)
    )
    return checks.answer(capabilities / (safety + capabilities))


def combined_share(first: npt.ArrayLike, second: npt.ArrayLike) -> Numbers:
    """The share of people in either of two groups that do not overlap.

    Parameters
    ----------
    first : array_like
        The share in the one group, from 0 to 1.
    second : array_like
        The share in the other, from 0 to 1; both together at most 1.

    Returns
    -------
    float or ndarray
        The share in either.

    Raises
    ------
    InputError
        If an argument is blank, text or out of bounds, both together are above 1, or the
        shapes do not fit.

    Notes
    -----
    ``first + second``: 49% in alignment jobs and 29% in independent alignment research are
    78% doing safety.

    Examples
    --------
    >>> combined_share(0.49, 0.29)
    0.78
    """
    first, second = checks.checked(first=(first, SHARE), second=(second, SHARE))
    over = np.asarray(first + second > 1 + 1e-9)
    if over.any():
        checks.refuse("second", "leave a sum of at most 1 with first", second, over)
    return checks.answer(np.minimum(first + second, 1.0))


def per_hundred(capabilities_share: npt.ArrayLike, safety_share: npt.ArrayLike) -> Numbers:
    """People going to capabilities for every hundred going to safety.

    Parameters
    ----------
    capabilities_share : array_like
        The share of people going to capabilities, from 0 to 1.
    safety_share : array_like
        The share going to safety; above 0 and at most 1.

    Returns
    -------
    float or ndarray
        How many to capabilities per 100 to safety.

    Raises
    ------
    InputError
        If an argument is blank, text or out of bounds, or the shapes do not fit.

    Notes
    -----
    ``100*capabilities_share/safety_share``.

    Examples
    --------
    >>> round(per_hundred(0.014, 0.49), 3)
    2.857
    """
    capabilities, safety = checks.checked(
        capabilities_share=(capabilities_share, SHARE), safety_share=(safety_share, SHARE)
    )
    nobody = np.asarray(safety < FEWEST)
    if nobody.any():
        rule = "be above 0 (at least 1e-9): there is no ratio to nobody"
        checks.refuse("safety_share", rule, safety, nobody)
    return checks.answer(100 * capabilities / safety)


def neutral_margin(safety_per_capabilities: npt.ArrayLike, offset: npt.ArrayLike) -> Numbers:
    """How many times better than net-neutral a programme's placements are.

    Parameters
    ----------
    safety_per_capabilities : array_like
        Alumni in safety for each one in capabilities; above 0.
    offset : array_like
        Capabilities researchers that one safety researcher offsets; above 0.

    Returns
    -------
    float or ndarray
        1 is neutral; 800 is eight hundred times better.

    Raises
    ------
    InputError
        If an argument is blank, text or not above 0, or the shapes do not fit.

    Notes
    -----
    ``safety_per_capabilities*offset``: 8:1 against a net-neutral 1:100 is 800.

    Examples
    --------
    >>> neutral_margin(8, 100)
    800.0
    """
    placed, offset = checks.checked(
        safety_per_capabilities=(safety_per_capabilities, AMOUNT), offset=(offset, AMOUNT)
    )
    return checks.answer(placed * offset)


def neglectedness_offset(safety: npt.ArrayLike, capabilities: npt.ArrayLike) -> Numbers:
    """The offset that follows if equal percentages of either field are worth the same.

    Parameters
    ----------
    safety : array_like
        How many safety researchers there are; above 0.
    capabilities : array_like
        How many capabilities researchers there are; 0 or more.

    Returns
    -------
    float or ndarray
        Capabilities researchers that one safety researcher then offsets.

    Raises
    ------
    InputError
        If an argument is blank, text or out of bounds, or the shapes do not fit.

    Notes
    -----
    ``C / S``, from logarithmic returns in either field.

    Examples
    --------
    >>> neglectedness_offset(1000, 10_000)
    10.0
    """
    return researchers_per_safety(safety, capabilities)


def net_safety(
    added_safety: npt.ArrayLike,
    added_capabilities: npt.ArrayLike,
    offset: npt.ArrayLike,
    backfire: npt.ArrayLike = 0,
    pivot: npt.ArrayLike = 0,
    spillover: npt.ArrayLike = 0,
) -> Numbers:
    """The net effect of a programme's placements, in safety researchers.

    Parameters
    ----------
    added_safety : array_like
        How many go into safety; 0 or more.
    added_capabilities : array_like
        How many go into capabilities; 0 or more.
    offset : array_like
        Capabilities researchers that one safety researcher offsets; above 0.
    backfire : array_like
        The share of those in safety whose work in effect only advances capabilities.
    pivot : array_like
        The share of those in capabilities who later move to safety.
    spillover : array_like
        What each remaining one in capabilities, having met safety ideas, is worth in safety
        researchers; of either sign.

    Returns
    -------
    float or ndarray
        Safety researchers, net; negative where the placements do harm.

    Raises
    ------
    InputError
        If an argument is blank, text or out of bounds, or the shapes do not fit.

    Notes
    -----
    With ``p = pivot*dC``, ``s = dS + p`` and ``c = dC - p``:
    ``net = (1 - backfire)*s - (c + backfire*s)/offset + spillover*c``.

    Examples
    --------
    >>> net_safety(500, 500, 100, 0, 0, 0)
    495.0
    """
    added_safety, added_capabilities, offset, backfire, pivot, spillover = checks.checked(
        added_safety=(added_safety, PEOPLE),
        added_capabilities=(added_capabilities, PEOPLE),
        offset=(offset, AMOUNT),
        backfire=(backfire, SHARE),
        pivot=(pivot, SHARE),
        spillover=(spillover, SPILLOVER),
    )
    s, c = _after_pivots(added_safety, added_capabilities, pivot)
    return checks.answer((1 - backfire) * s - (c + backfire * s) / offset + spillover * c)


def breakeven_backfire(
    added_safety: npt.ArrayLike,
    added_capabilities: npt.ArrayLike,
    offset: npt.ArrayLike,
    pivot: npt.ArrayLike = 0,
    spillover: npt.ArrayLike = 0,
) -> Numbers:
    """The share of backfiring safety work at which a programme does no net good.

    Parameters
    ----------
    added_safety : array_like
        How many go into safety; 0 or more.
    added_capabilities : array_like
        How many go into capabilities; 0 or more.
    offset : array_like
        Capabilities researchers that one safety researcher offsets; above 0.
    pivot : array_like
        The share of those in capabilities who later move to safety.
    spillover : array_like
        What each remaining one in capabilities is worth in safety researchers.

    Returns
    -------
    float or ndarray
        The share at which `net_safety` is 0, held to 0 where it is negative without any
        backfire and to 1 where it is positive even if all of it backfires.

    Raises
    ------
    InputError
        If an argument is blank, text or out of bounds, if nobody ends up in safety, or the
        shapes do not fit.

    Notes
    -----
    ``(s - c/offset + spillover*c) / (s*(1 + 1/offset))`` with ``s`` and ``c`` as in
    `net_safety`, clipped to [0, 1].

    Examples
    --------
    >>> round(breakeven_backfire(500, 500, 100, 0, 0), 5)
    0.9802
    """
    added_safety, added_capabilities, offset, pivot, spillover = checks.checked(
        added_safety=(added_safety, PEOPLE),
        added_capabilities=(added_capabilities, PEOPLE),
        offset=(offset, AMOUNT),
        pivot=(pivot, SHARE),
        spillover=(spillover, SPILLOVER),
    )
    s, c = _after_pivots(added_safety, added_capabilities, pivot)
    nobody = np.asarray(s < FEWEST)
    if nobody.any():
        rule = "leave someone in safety, pivots included (at least 1e-9)"
        checks.refuse("added_safety", rule, s, nobody)
    share = (s - c / offset + spillover * c) / (s * (1 + 1 / offset))
    return checks.answer(np.clip(share, 0.0, 1.0))


def _after_pivots(
    added_safety: FloatArray, added_capabilities: FloatArray, pivot: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Entrants to safety and to capabilities once some have moved to safety."""
    moved = pivot * added_capabilities
    return added_safety + moved, added_capabilities - moved
