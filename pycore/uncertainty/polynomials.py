"""Polynomials of several variables by least squares, with the error at points left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np

from pycore.checks import FloatArray

__all__ = ["Polynomial", "Products", "fitted"]

DEGREES = (2, 3)

Products = dict[tuple[int, ...], FloatArray]
"""The products of variables, each by the places of its factors."""

NOTHING = 1e-9
"""Relative norm below which a column counts as linearly dependent."""


@dataclass(frozen=True)
class Polynomial:
    """A polynomial, and how well it predicts points that it was not fitted to.

    Parameters
    ----------
    terms : tuple of tuple of int
        For each term, which variables it is a product of.
    weights : ndarray
        Of the terms.
    left_out : ndarray
        The errors at its points, each being left out in turn.
    leverage : ndarray
        Each point's own weight in its fitted value.
    """

    terms: tuple[tuple[int, ...], ...]
    weights: FloatArray
    left_out: FloatArray
    leverage: FloatArray

    def __call__(self, point: Sequence[FloatArray], products: Products) -> FloatArray:
        """Give the values.

        Parameters
        ----------
        products : dict
            What products of them are known; the others are added, for the next polynomial.
        """
        total = np.zeros(np.broadcast_shapes(*(each.shape for each in point)))
        for term, weight in zip(self.terms, self.weights, strict=True):
            if term not in products:
                products[term] = _product(term, point, products)
            total += weight * products[term]
        return total


def fitted(point: Sequence[FloatArray], values: FloatArray) -> Polynomial:
    """Fit polynomials of 2nd and 3rd degree, and give the one that predicts better.

    Notes
    -----
    The error at a point left out is ``residual / (1 - h)``, with h the point's own weight in its
    fitted value (Allen 1974, doi:10.1080/00401706.1974.10489157).
    """
    candidates = [_of_degree(point, values, degree) for degree in DEGREES]
    return min(candidates, key=lambda each: float(np.square(each.left_out).sum()))


def _of_degree(point: Sequence[FloatArray], values: FloatArray, degree: int) -> Polynomial:
    """Least squares by a QR decomposition, without terms that depend linearly on earlier ones."""
    varying = [place for place, each in enumerate(point) if np.ptp(each) > 0]
    terms = [
        term
        for power in range(degree + 1)
        for term in combinations_with_replacement(varying, power)
    ]
    products: Products = {}
    for term in terms:
        products[term] = _product(term, point, products)
    columns = np.stack([products[term] for term in terms], axis=1)
    norms = np.sqrt(np.square(columns).sum(axis=0))
    kept = np.flatnonzero(norms > 0)
    while True:
        basis, triangle = np.linalg.qr(columns[:, kept] / norms[kept])
        dependent = np.flatnonzero(np.abs(np.diag(triangle)) <= NOTHING)
        if not dependent.size and kept.size <= values.size:
            break
        # Where none depends on earlier ones there may still be more terms than points.
        kept = np.delete(kept, dependent[0] if dependent.size else slice(values.size, None))
    shares = basis.T @ values
    weights = np.zeros(len(terms))
    weights[kept] = np.linalg.solve(triangle, shares) / norms[kept]
    residual, leverage = values - basis @ shares, np.square(basis).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        left_out = np.where(leverage < 1 - NOTHING, residual / (1 - leverage), np.inf)
    return Polynomial(tuple(terms), weights, left_out, leverage)


def _product(
    term: tuple[int, ...],
    point: Sequence[FloatArray],
    products: Products,
) -> FloatArray:
    """A term's value, from that of the term without its last variable."""
    if not term:
        return np.ones(np.broadcast_shapes(*(each.shape for each in point)))
    return products[term[:-1]] * point[term[-1]]
