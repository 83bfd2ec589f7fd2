"""Rank correlations between assumptions, by a Gaussian copula.

Standard normal numbers with the right correlations are drawn first, and each is then turned
into the assumption's own distribution by its weight below: that keeps every distribution as it
is, and all ranks. A rank (Spearman) correlation r of two such numbers is a correlation
``2*sin(pi*r/6)`` of the normal ones (Pearson 1907; Cario and Nelson 1997).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from pycore.checks import Domain, FloatArray
from pycore.errors import InputError

__all__: list[str] = []

RANK = Domain(-1, 1)

ROUNDING = 1e-11
"""How far below 0 rounding may take the smallest eigenvalue of a matrix, or what it leaves over."""

CORRELATION_OF = "the correlation of "
"""How a message begins that names a pair by its two ids."""

STEP = 0.01
"""The steps in which a rank correlation is sought that would be accepted."""


def normal_correlation(rank: npt.ArrayLike) -> FloatArray:
    """Give the correlation of two normal numbers whose ranks have a given correlation.

    Notes
    -----
    ``2*sin(pi*rank/6)``.

    Examples
    --------
    >>> normal_correlation([0, 0.5, 1]).round(4)
    array([0.    , 0.5176, 1.    ])
    """
    ranks = RANK.check("rank", rank)
    # In floats 2*sin(pi/6) falls short of 1.
    return np.where(np.abs(ranks) == 1, ranks, 2 * np.sin(np.pi / 6 * ranks))


def correlation_matrix(
    ids: Sequence[str], pairs: Iterable[tuple[object, object, object]]
) -> FloatArray:
    """The correlations of the normal numbers behind assumptions, from a table of pairs.

    Parameters
    ----------
    pairs : iterable of (str, str, float)
        Two assumptions and their rank correlation, from -1 to 1. Pairs that are not named have
        none.

    Returns
    -------
    ndarray
        Symmetric, with 1 on the diagonal, and positive semidefinite.

    Raises
    ------
    InputError
        If a pair names an unknown id, one id twice or a pair named before, a rank correlation
        is not from -1 to 1, or no numbers can have all these correlations at once. Then the pair
        is named that goes farthest to mend it when it alone is moved towards 0.

    Notes
    -----
    ``2*sin(pi*rank/6)`` for each pair.

    Examples
    --------
    >>> correlation_matrix(["a", "b", "c"], [("a", "c", 1)])
    array([[1., 0., 1.],
           [0., 1., 0.],
           [1., 0., 1.]])
    """
    places = {id_: place for place, id_ in enumerate(ids)}
    table = list(pairs)
    ranks: dict[tuple[int, int], float] = {}
    for item, (first, second, value) in enumerate(table, start=1):
        where = "correlations" if len(table) == 1 else f"correlations (item {item} of {len(table)})"
        for id_ in (first, second):
            if not isinstance(id_, str) or id_ not in places:
                raise InputError(where, "be between assumptions that vary, by their ids", id_)
        one, other = sorted((places[str(first)], places[str(second)]))
        if one == other:
            raise InputError(where, "be between two different assumptions", first)
        if (one, other) in ranks:
            raise InputError(where, "name each pair once, in either order", f"{first}, {second}")
        rank = RANK.check(_named(str(first), str(second)), value)
        if rank.ndim:
            raise InputError(_named(str(first), str(second)), "be one number", value)
        ranks[one, other] = float(rank)
    matrix = np.eye(len(ids))
    for (one, other), value in ranks.items():
        matrix[one, other] = matrix[other, one] = normal_correlation(value)
    if ranks and _smallest(matrix) < -ROUNDING:
        _refuse(ids, ranks, matrix)
    return matrix


def root(matrix: npt.ArrayLike, first: Iterable[int] = ()) -> FloatArray:
    """Give the matrix that turns independent normal numbers into correlated ones.

    Parameters
    ----------
    matrix : array_like
        Correlations, as :func:`correlation_matrix` gives them; it may be singular.
    first : iterable of int
        Rows that are made before the others: of the numbers at these places, and of no others.

    Returns
    -------
    ndarray
        A, with which ``x = A z`` has the correlations `matrix`. Drawing anew those z whose
        places are not in `first` draws the other x given the first.

    Notes
    -----
    The Cholesky factor in the order in which the rows are made. LAPACK's routine for singular
    matrices (pstrf) chooses that order itself, and a QR decomposition of a root makes later rows
    depend on numbers that no earlier row is made of, which would then not be drawn anew; hence the
    few lines here. What hangs wholly on rows before it leaves a 0 on the diagonal, and its
    number z is used nowhere.

    Examples
    --------
    >>> root([[1, 0.6], [0.6, 1]])
    array([[1. , 0. ],
           [0.6, 0.8]])
    >>> root([[1, 0.6], [0.6, 1]], first=[1])
    array([[0.8, 0.6],
           [0. , 1. ]])
    """
    left = np.array(matrix, dtype=np.float64)
    size = len(left)
    leading = list(first)
    order = leading + [place for place in range(size) if place not in leading]
    factor = np.zeros((size, size))
    for done, place in enumerate(order):
        if left[place, place] > ROUNDING:
            rest = order[done:]
            factor[rest, place] = left[rest, place] / np.sqrt(left[place, place])
            left -= np.outer(factor[:, place], factor[:, place])
    # What rounding took from a variance would widen or narrow a distribution.
    normed: FloatArray = factor / np.linalg.norm(factor, axis=1, keepdims=True)
    return normed


def _named(one: str, other: str) -> str:
    return f"{CORRELATION_OF}{one} and {other}"


def _smallest(matrix: FloatArray) -> FloatArray:
    """The smallest eigenvalue of a matrix, or of each of a stack of them."""
    return np.asarray(np.linalg.eigvalsh(matrix)[..., 0], dtype=np.float64)


def _refuse(ids: Sequence[str], ranks: dict[tuple[int, int], float], matrix: FloatArray) -> None:
    """Name the pair to change, and the nearest value at which the table would be accepted."""
    involved = sorted({place for pair in ranks for place in pair})
    best, pair, accepted = -np.inf, (0, 0), np.empty(0)
    for (one, other), value in ranks.items():
        # From the value's own size downwards, through 0, to the other end.
        sizes = np.arange(np.ceil(abs(value) / STEP) - 1, -1 - 1 / STEP, -1)
        tried = np.round(np.sign(value) * sizes * STEP, 2)
        moved = np.repeat(matrix[None], len(tried), axis=0)
        moved[:, one, other] = moved[:, other, one] = normal_correlation(tried)
        smallest = _smallest(moved[:, involved][:, :, involved])
        gain = smallest[sizes >= 0].max(initial=-np.inf)
        if gain > best + ROUNDING:
            best, pair = float(gain), (one, other)
            accepted = tried[smallest >= -ROUNDING]
    if len(accepted):
        rule = f"be moved to {accepted[0]:g} to be possible beside the others"
    else:
        rule = "be nearer to 0, and others too: no numbers can have all these correlations"
    raise InputError(_named(*(ids[place] for place in pair)), rule, ranks[pair])
