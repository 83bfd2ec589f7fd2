"""Mixes of people: head-counts and shares of several types, on the last axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pycore import checks
from pycore.checks import PEOPLE, SHARE, FloatArray
from pycore.errors import Found, InputError
from pycore.tables import rectangle

MOST_OFF_ONE = 1e-6
"""How far from 1 shares may sum; they are then brought to 1."""

MEMBERS = ("Iterators", "Amplifiers", "Connectors")


def team(name: str, value: object) -> FloatArray:
    """The head-counts of a team, on the last axis."""
    heads = PEOPLE.check(name, value)
    if not heads.ndim or heads.shape[-1] != len(MEMBERS):
        found = Found(f"{heads.shape[-1] if heads.ndim else 1} numbers")
        raise InputError(name, "be three numbers: " + ", ".join(MEMBERS), found)
    return heads


def raw_output(
    iterators: FloatArray, amplifiers: FloatArray, span: FloatArray, unmanaged: FloatArray
) -> FloatArray:
    """The work of the Iterators, in that of managed ones."""
    managed = np.minimum(iterators, span * amplifiers)
    return managed + unmanaged * (iterators - managed)


def types_of(*heads: FloatArray) -> FloatArray:
    """The effective number of types: exp of the entropy of the shares (Shannon 1948)."""
    everyone = sum(heads[1:], start=heads[0])
    entropy = np.zeros(np.shape(everyone))
    for each in heads:
        share = each / np.where(everyone > 0, everyone, 1.0)
        entropy = entropy - share * np.log(np.where(share > 0, share, 1.0))
    return np.clip(np.exp(entropy), 1.0, float(len(heads)))


def added(values: FloatArray) -> FloatArray:
    """Add what stands on the last axis, always in one order."""
    total = np.zeros(values.shape[:-1])
    for kind in range(values.shape[-1]):
        total = total + values[..., kind]
    return total


def whole_shares(name: str, value: object) -> FloatArray:
    """Shares of types, on the last axis, that sum to 1."""
    shares = SHARE.check(name, value)
    if not shares.ndim:
        shares = shares[None]
    total = added(shares)
    bad = np.asarray(np.abs(total - 1) > MOST_OFF_ONE)
    if bad.any():
        checks.refuse(name, "sum to 1 (100%)", total, bad)
    return shares / total[..., None]


def check_as_many(name: str, values: FloatArray, than: str, others: FloatArray) -> None:
    """Refuse as many numbers of one thing as there are not of another."""
    wanted, found = others.shape[-1], values.shape[-1]
    if found != wanted:
        raise InputError(name, f"have as many numbers as {than} ({wanted})", found)


def counts(name: str, value: object, types: int) -> FloatArray:
    """Add up rows of evidence, each with a count for every type."""
    cells: Any = value.tolist() if isinstance(value, np.ndarray) else value
    if isinstance(cells, Sequence) and not any(isinstance(row, Sequence) for row in cells):
        cells = [cells]  # one list of counts
    rows = rectangle(name, cells)
    if len(rows) == types and len(rows[0]) == 1:
        rows = [[row[0] for row in rows]]  # a column of them
    if len(rows[0]) != types:
        raise InputError(name, f"have a count for each of {types} shares", len(rows[0]))
    total = np.zeros(types)
    for number, row in enumerate(rows, start=1):
        if any(cell is not None for cell in row):
            at = f"{name} (row {number}, column "
            total += [
                checks.one_number(f"{at}{column})", cell, PEOPLE)
                for column, cell in enumerate(row, start=1)
            ]
    return total
