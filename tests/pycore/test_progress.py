"""Loops that tell how far they are, and are stopped by who listens."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from pycore.progress import listening, tracked


@contextmanager
def heard() -> Iterator[list[tuple[float, str]]]:
    told: list[tuple[float, str]] = []
    with listening(lambda done, what: told.append((done, what))):
        yield told


def test_a_loop_tells_its_beginning_and_every_step() -> None:
    with heard() as told:
        for step in tracked(range(4), "drafts"):
            assert told[-1] == (step / 4, "drafts")
    assert [done for done, _ in told] == [0, 0.25, 0.5, 0.75, 1]


def test_a_loop_without_a_listener_only_iterates() -> None:
    assert list(tracked("abc", "letters")) == ["a", "b", "c"]


def test_an_empty_loop_never_ends() -> None:
    with heard() as told:
        assert list(tracked([], "nothing")) == []
    assert told == [(0, "nothing")]


@pytest.mark.parametrize("sizes", [(3, 7), (7, 3), (1, 9), (11, 13)])
def test_a_loop_inside_a_step_is_that_steps_part(sizes: tuple[int, int]) -> None:
    outer, inner = sizes
    with heard() as told:
        for _ in tracked(range(outer), "a map"):
            list(tracked(range(inner), "drafts"))
    shares = [done for done, _ in told]
    assert shares == sorted(shares)
    assert sorted(set(shares)) == pytest.approx(
        [part / (outer * inner) for part in range(outer * inner + 1)], abs=1e-12
    )
    assert shares[0] == 0
    assert shares[-1] == 1  # exactly, or a bar would stay
    assert {what for _, what in told} == {"a map"}


def test_loops_after_each_other_begin_anew() -> None:
    with heard() as told:
        list(tracked(range(2), "first"))
        list(tracked(range(2), "second"))
    assert told == [(d, what) for what in ("first", "second") for d in (0, 0.5, 1)]


def fail_in_a_step() -> None:
    for _ in tracked(range(5), "failed"):
        for _ in tracked(range(5), "inside"):
            raise ValueError("in a step")


def test_a_loop_that_is_left_early_leaves_nothing_behind() -> None:
    with heard() as told:
        for _ in tracked(range(5), "left"):
            break
        with pytest.raises(ValueError, match="in a step"):
            fail_in_a_step()
        told.clear()
        list(tracked(range(2), "whole"))
    assert told == [(0, "whole"), (0.5, "whole"), (1, "whole")]


def test_who_listens_may_stop_a_loop() -> None:
    class Enough(BaseException):
        pass

    def stop(done: float, _: str) -> None:
        if done >= 0.5:
            raise Enough

    done: list[tuple[int, int]] = []
    note = done.append

    def work() -> None:
        for outer in tracked(range(4), "outer"):
            for inner in tracked(range(2), "inner"):
                note((outer, inner))

    with listening(stop), pytest.raises(Enough):
        work()
    assert done == [(0, 0), (0, 1), (1, 0), (1, 1)]


def test_a_listener_hears_its_own_thread_and_time_alone() -> None:
    with heard() as told:
        other = threading.Thread(target=lambda: list(tracked(range(3), "elsewhere")))
        other.start()
        other.join()
        with heard() as inner:
            list(tracked(range(1), "inside"))
    list(tracked(range(3), "afterwards"))
    assert told == []
    assert inner == [(0, "inside"), (1, "inside")]
