"""What a command may replace, and that nobody's save is lost to it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from addin.files import PREFIX, SUFFIX, whole_file
from pycore import InputError
from tests.workbook.conftest import Run
from tests.workbook.file.kills import attack
from workbook.file.target import Target, target_of
from workbook.read import read_book
from workbook.recalc import recalculate

Refused = Callable[..., str]


def test_a_save_during_a_run_is_not_overwritten(
    file: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def saved_meanwhile(*arguments: Any, **options: Any) -> Any:
        file.write_bytes(b"somebody's")
        return recalculate(*arguments, **options)

    monkeypatch.setattr("workbook.__main__.recalculate", saved_meanwhile)
    status, out, err = run("set", file, "marginal_cost=23000")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(f"{file} must stay as it is while it is computed (give the command again")
    assert file.read_bytes() == b"somebody's"
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("words", [("recalc",), ("set", "marginal_cost=23000"), ("build",)])
@pytest.mark.parametrize(
    ("mark", "program"), [("~$fieldbook.xlsx", "Excel"), (".~lock.fieldbook.xlsx#", "LibreOffice")]
)
def test_a_file_that_is_open_elsewhere_is_left_alone(
    file: Path, refused: Refused, words: tuple[str, ...], mark: str, program: str
) -> None:
    beside = file.with_name(mark)
    beside.write_bytes(b"")
    line = refused(words[0], file, *words[1:])
    rule = f"must be closed first (or, if no one has it open, delete {beside})"
    assert line == f"{file} {rule}, but is open in {program}"


def test_another_file_that_is_there_is_replaced_by_force_alone(
    file: Path, run: Run, refused: Refused
) -> None:
    other = file.with_name("other.xlsx")
    other.write_bytes(b"a person's")
    line = refused("recalc", file, "-o", other)
    assert line == f"{other} must be a new file (--force replaces it), but is there already"
    assert other.read_bytes() == b"a person's"
    assert "must be a Fieldbook workbook (--force replaces it)" in refused("build", other)
    assert run("recalc", file, "-o", other, "--force")[0] == 0
    # It is another file, and says so.
    first, second = (read_book(each.read_bytes(), "file") for each in (file, other))
    own = {"file_id", "copied_from"}
    assert all(first.values(n) == second.values(n) for n in first.places.keys() - own)
    assert second.value("copied_from") == first.value("file_id")


def test_the_file_itself_under_another_name_is_no_other_file(file: Path) -> None:
    link = file.with_name("link.xlsx")
    link.symlink_to(file)
    data = file.read_bytes()
    target_of(link, file, data, force=False).write(b"new")
    assert link.is_symlink()
    assert file.read_bytes() == b"new"


def test_what_can_be_kept_of_a_file_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(b"old")
    path.chmod(0o2640)
    if os.geteuid() == 0:
        os.chown(path, 12, 34)
        path.chmod(0o2640)
    try:
        os.setxattr(path, "user.origin", b"a download")
    except OSError:
        pytest.skip("this folder keeps no extended attributes")
    before = path.stat()
    Target(path, b"old").write(b"new")
    after = path.stat()
    assert path.read_bytes() == b"new"
    assert (after.st_mode, after.st_uid, after.st_gid) == (
        before.st_mode,
        before.st_uid,
        before.st_gid,
    )
    assert os.getxattr(path, "user.origin") == b"a download"


def test_a_hard_link_is_told_of(file: Path, run: Run, built: bytes) -> None:
    twin = file.with_name("twin.xlsx")
    twin.hardlink_to(file)
    status, _, err = run("set", file, "marginal_cost=23000")
    assert status == 0
    assert f"note: {file} has another name too (a hard link), which keeps the former" in err
    assert twin.read_bytes() == built != file.read_bytes()


def test_the_longest_name_there_is(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 250 + ".xlsx")
    Target(path).write(b"new")
    Target(path, b"new").write(b"newer")
    assert path.read_bytes() == b"newer"


def test_what_a_kill_left_is_removed_and_what_is_being_written_is_not(tmp_path: Path) -> None:
    left = tmp_path / f"{PREFIX}left{SUFFIX}"
    left.write_bytes(b"half")
    mine = tmp_path / ".fieldbook-notes"
    mine.write_bytes(b"a person's")
    with whole_file(tmp_path / "long.csv") as file:
        assert not left.exists()
        file.write(b"half")
        file.flush()
        Target(tmp_path / "book.xlsx").write(b"new")
        file.write(b" and half")
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == {
        "long.csv": b"half and half",
        "book.xlsx": b"new",
        ".fieldbook-notes": b"a person's",
    }


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGHUP])
def test_whoever_ends_the_process_leaves_no_temporary_file(tmp_path: Path, stop: int) -> None:
    def stopped() -> None:
        with whole_file(tmp_path / "draws.csv"):
            os.kill(os.getpid(), stop)
            signal.pause()

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert list(tmp_path.iterdir()) == []
    assert signal.getsignal(stop) is signal.SIG_DFL


def test_a_target_that_is_gone_is_no_new_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        Target(tmp_path / "gone.xlsx", b"old").write(b"new")
    assert list(tmp_path.iterdir()) == []


def test_of_two_commands_at_once_none_is_lost_without_a_word(built: bytes) -> None:
    """Kills at random moments: ``python -m tests.workbook.file.kills``."""
    outcomes = attack(built, kills=0, pairs=1)
    assert sum(outcomes.values()) == 1


def test_what_is_write_protected_or_no_file_is_left_alone(
    file: Path, built: bytes, tmp_path: Path, refused: Callable[..., str]
) -> None:
    file.chmod(0o444)
    assert "must be writable" in refused("set", file, "marginal_cost=23000")
    assert file.read_bytes() == built
    pipe = tmp_path / "pipe.xlsx"
    os.mkfifo(pipe)
    assert "must be a file" in refused("recalc", file, "-o", pipe, "--force")
    assert pipe.is_fifo()
