"""A function followed with symbols computes what it computes with numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pycore import cost, ratio, selection
from pycore.checks import Domain
from pycore.errors import InputError
from pycore.symbolic import (
    MOST_BRANCHES,
    Branch,
    Leaf,
    Parts,
    Symbol,
    Token,
    Tree,
    elementwise,
    follow,
    is_symbolic,
    name,
)

OPERATIONS: dict[str, Callable[..., Any]] = {
    "within": lambda value, domain: isinstance(value, float) and domain.holds(value),
    "where": lambda condition, yes, no: yes if condition else no,
    "round": round,
    "ceil": math.ceil,
    "floor": np.floor,
    "formatted": lambda value, style: format(value, style or ".0f"),
    "removesuffix": lambda text, end: text.removesuffix(end),
    "maximum": max,
    "minimum": min,
}


def computed(tree: Tree, values: Mapping[str, float]) -> Any:
    """What a tree gives for some values."""
    while isinstance(tree, Branch):
        tree = tree.yes if number(tree.condition, values) else tree.no
    if isinstance(tree.value, InputError):
        raise tree.value
    if isinstance(tree.value, Parts):
        return [number(each, values) for each in tree.value]
    if isinstance(tree.value, tuple):
        return "".join(str(number(each, values)) for each in tree.value)
    return number(tree.value, values)


def number(value: Any, values: Mapping[str, float]) -> Any:
    if not isinstance(value, Symbol):
        return value
    if value.op == "name":
        return values[value.args[0]]
    args = [number(each, values) for each in value.args]
    function = OPERATIONS.get(value.op) or getattr(np, value.op)
    return function(*args)


def followed(function: Callable[..., Any], *names: str) -> Tree:
    return follow(lambda: function(*map(name, names)))


@given(st.floats(1, 1e6), st.floats(1, 1e6))
def test_arithmetic_gives_the_same_number(value: float, price: float) -> None:
    tree = followed(cost.cost_multiple, "value", "price")
    assert computed(tree, {"value": value, "price": price}) == cost.cost_multiple(value, price)


@given(st.floats(0.001, 1e6), st.floats(0, 10))
def test_a_function_with_branches_and_texts_says_the_same(low: float, more: float) -> None:
    tree = followed(cost.quote, "low", "high")
    high = low + more
    assert computed(tree, {"low": low, "high": high}) == cost.quote(low, high)


@given(st.floats(1e-6, 1e6))
def test_a_ratio_is_written_the_same(held: float) -> None:
    assert computed(followed(ratio.ratio_text, "held"), {"held": held}) == ratio.ratio_text(held)


@given(st.tuples(st.floats(1, 1e9), st.floats(1, 1e9), st.floats(0, 1e6), st.floats(0, 1e6)))
def test_several_values_keep_their_order(given_values: tuple[float, ...]) -> None:
    names = ("safety", "capabilities", "more_safety", "more_capabilities")
    tree = followed(ratio.ratio_shift, *names)
    found = computed(tree, dict(zip(names, given_values, strict=True)))
    assert found == list(np.asarray(ratio.ratio_shift(*given_values)))


def test_a_refusal_is_an_end_with_its_rule() -> None:
    tree = followed(selection.admission_rate, "applicants", "admitted")
    fine = {"applicants": 10.0, "admitted": 4.0}
    assert computed(tree, fine) == 0.4
    for wrong in ({"applicants": 0.0}, {"admitted": 11.0}, {"admitted": 1.5}):
        with pytest.raises(InputError) as refused:
            computed(tree, fine | wrong)
        with pytest.raises(InputError) as right:
            selection.admission_rate(*(fine | wrong).values())
        assert refused.value.argument == right.value.argument
        assert right.value.rule.startswith(refused.value.rule)


def test_what_is_asked_twice_is_decided_once() -> None:
    def asked(value: Any) -> str:
        return f"{'a' if value > 1 else 'b'}{'c' if value > 1 else 'd'}"

    tree = followed(asked, "x")
    assert isinstance(tree, Branch)
    assert (tree.yes, tree.no) == (Leaf(("ac",)), Leaf(("bd",)))


def test_two_ways_to_the_same_end_are_one() -> None:
    assert followed(lambda x: max(1.0, 1.0 if x > 0 else 0.5), "x") == Leaf(1.0)


def test_too_many_ways_are_refused() -> None:
    names = [f"x{place}" for place in range(int(math.log2(MOST_BRANCHES)) + 1)]
    with pytest.raises(InputError, match="at most"):
        followed(lambda *values: float(sum(bool(each > 0) for each in values)), *names)


def test_a_symbol_is_neither_true_nor_false_outside() -> None:
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(name("x") > 1)


def test_functions_of_numpy_become_operations() -> None:
    x: Any = name("x")
    assert repr(np.exp(x) + 1) == "add(exp(name('x')), 1)"
    assert repr(np.where(x > 0, x, 0.0)) == "where(greater(name('x'), 0), name('x'), 0.0)"
    assert repr(np.clip(x, 0, 1)) == "minimum(maximum(name('x'), 0), 1)"
    assert is_symbolic(np.log1p(x))
    with pytest.raises(TypeError):
        np.cumsum(x)


def test_texts_know_the_symbol_in_them() -> None:
    def said(value: Any) -> str:
        held = str(value)
        assert isinstance(held, Token)
        return f"<{held}>" if held.strip().casefold().startswith("derived") else "other"

    tree = followed(said, "source")
    assert isinstance(tree, Branch)
    assert repr(tree.condition) == "startswith(casefold(strip(name('source'))), 'derived')"
    assert tree.no == Leaf(("other",))
    assert isinstance(tree.yes, Leaf)
    assert [str(each) if isinstance(each, str) else each.key for each in tree.yes.value] == [
        "<",
        name("source").key,
        ">",
    ]


def test_a_domain_is_asked_before_anything_is_computed() -> None:
    domain = Domain(0, 1)
    tree = follow(lambda: domain.check("share", name("share")))
    assert isinstance(tree, Branch)
    assert tree.condition.op == "within"
    assert isinstance(tree.no, Leaf)
    assert tree.no.value.rule == domain.rule


def test_elementwise_functions_still_take_arrays() -> None:
    double = elementwise(lambda each: each * 2, 1)
    assert double(np.array([1.0, 2.0])).tolist() == [2.0, 4.0]
    assert repr(follow(lambda: double(name("x")))) == repr(Leaf(name("x") * 2))
