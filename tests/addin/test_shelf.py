"""The shelf: the same numbers with it and without, and nothing from it that is not sound."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from addin import shelf
from addin.shelf import FolderShelf, user_shelf
from pycore.checks import FloatArray
from pycore.draft.mentors import mentor_margin
from pycore.draft.rounds import simulated
from pycore.kept import keeping, kept

NUMBERS = np.array([0.1, -0.0, np.inf, -np.inf, 1e-300])
DRAFT = (60, 5, 12, 0.4, 0.3, 1.5, 30, 7)


def refused() -> FloatArray:
    raise AssertionError("computed although it was kept")


def margin() -> list[float]:
    simulated.cache_clear()
    return list(np.ravel(mentor_margin(*DRAFT)))


def test_what_is_kept_is_given_back_to_the_last_digit(tmp_path: Path) -> None:
    with keeping(FolderShelf(tmp_path / "new" / "folder")):
        assert kept("a", lambda: NUMBERS) is NUMBERS
        found = kept("a", refused)
        assert found.tobytes() == NUMBERS.tobytes()
        with pytest.raises(AssertionError):
            kept("b", refused)
    with pytest.raises(AssertionError):  # without a shelf nothing is kept
        kept("a", refused)


def test_a_simulation_is_the_same_with_it_and_without(tmp_path: Path) -> None:
    plain = margin()
    with keeping(FolderShelf(tmp_path)):
        assert margin() == plain
        assert len(list(tmp_path.iterdir())) == 1
        assert margin() == plain
    simulated.cache_clear()


@pytest.mark.parametrize("damage", [b"", b"short", b"\0" * 72], ids=["empty", "short", "zeros"])
def test_what_is_damaged_is_dropped(tmp_path: Path, damage: bytes) -> None:
    place = FolderShelf(tmp_path)
    place.keep("a", NUMBERS)
    (file,) = tmp_path.iterdir()
    file.write_bytes(damage)
    assert place.find("a") is None
    place.keep("a", NUMBERS)
    file.write_bytes(file.read_bytes()[:-8] + b"12345678")
    assert place.find("a") is None
    assert not file.exists()


def test_another_version_finds_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    FolderShelf(tmp_path).keep("a", NUMBERS)
    monkeypatch.setattr(shelf, "model_version", lambda: "0.0.0+0")
    assert FolderShelf(tmp_path).find("a") is None


def test_a_folder_that_cannot_be_written_to_keeps_nothing(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("no folder")
    place = FolderShelf(file)
    place.keep("a", NUMBERS)
    assert place.find("a") is None
    assert file.read_text() == "no folder"


def test_the_oldest_go_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "MOST_FILES", 4)
    place = FolderShelf(tmp_path)
    for number in range(20):
        place.keep(str(number), NUMBERS)
        assert len(list(tmp_path.iterdir())) <= 4
    assert place.find("19") is not None


def test_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(shelf.VARIABLE, "Off")
    assert user_shelf() is None
    monkeypatch.setenv(shelf.VARIABLE, str(tmp_path))
    found = user_shelf()
    assert found is not None
    found.keep("a", NUMBERS)
    assert list(tmp_path.iterdir())
    monkeypatch.delenv(shelf.VARIABLE)
    assert user_shelf() is not None
