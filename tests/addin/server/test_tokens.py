"""Tokens: made, stored as hashes, checked, revoked."""

from __future__ import annotations

import hashlib
import hmac
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from addin.__main__ import main
from addin.server import tokens as server_tokens
from pycore.errors import InputError

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "tokens"
    monkeypatch.setenv(server_tokens.FILE_VARIABLE, str(path))
    monkeypatch.delenv(server_tokens.HASHES_VARIABLE, raising=False)
    return path


def sha256(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def test_only_the_hash_is_stored(file: Path) -> None:
    token = server_tokens.make(file, "ada")
    assert len(token) >= 43
    assert file.read_text() == f"ada {sha256(token)}\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path for path in file.parent.iterdir() if path.suffix != ".lock"] == [file]


def test_each_token_is_its_owners(file: Path) -> None:
    tokens = {name: server_tokens.make(file, name) for name in ("ada", "grace", "mary.s@x-1")}
    assert len(set(tokens.values())) == 3
    for name, token in tokens.items():
        assert server_tokens.owner(token, server_tokens.stored()) == name
    for wrong in (
        "",
        "x",
        tokens["ada"] + "x",
        tokens["ada"][:-1],
        sha256(tokens["ada"]),
        "\ud800",
    ):
        assert server_tokens.owner(wrong, server_tokens.stored()) is None


def test_every_entry_is_compared_in_constant_time(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = server_tokens.make(file, "ada")
    server_tokens.make(file, "grace")
    compared: list[tuple[Any, Any]] = []
    real = hmac.compare_digest

    def compare(left: Any, right: Any) -> bool:
        compared.append((left, right))
        return real(left, right)

    monkeypatch.setattr(hmac, "compare_digest", compare)
    assert server_tokens.owner(first, server_tokens.stored()) == "ada"
    assert [left for left, _ in compared] == [sha256(first)] * 2


def test_revoked_at_once(file: Path) -> None:
    token = server_tokens.make(file, "ada")
    other = server_tokens.make(file, "grace")
    server_tokens.revoke(file, "ada")
    assert server_tokens.owner(token, server_tokens.stored()) is None
    assert server_tokens.owner(other, server_tokens.stored()) == "grace"
    server_tokens.make(file, "ada")


CHANGES = """
import sys
from pathlib import Path
from addin.server import tokens
file, me = Path(sys.argv[1]), sys.argv[2]
shown = []
for number in range(20):
    name = f"{me}-{number}"
    shown.append((name, tokens.hash_of(tokens.make(file, name))))
    if number % 2:
        tokens.revoke(file, name)
        shown.pop()
print("\\n".join(" ".join(each) for each in shown))
"""


def test_nothing_is_lost_where_several_change_them_at_once(file: Path) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", CHANGES, str(file), me],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for me in ("ada", "grace", "mary")
    ]
    shown = "".join(process.communicate(timeout=600)[0] for process in processes)
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert sorted(file.read_text().splitlines()) == sorted(shown.splitlines())
    assert len(shown.splitlines()) == 30


@pytest.mark.parametrize("name", ["", " ", "a b", "a\nb", "-x", ".", "ä", "x" * 65, "a:b", "\x00"])
def test_a_name_that_is_none(file: Path, name: str) -> None:
    with pytest.raises(InputError, match="the token's name must be 1 to 64"):
        server_tokens.make(file, name)
    assert not file.exists()


def test_a_name_twice_and_a_name_that_is_not_there(file: Path) -> None:
    server_tokens.make(file, "ada")
    before = file.read_bytes()
    with pytest.raises(InputError, match="revoke the former"):
        server_tokens.make(file, "ada")
    with pytest.raises(InputError, match="but is 'grace'"):
        server_tokens.revoke(file, "grace")
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    "content",
    [b"ada", b"ada x\n", b"ada " + b"0" * 63, b"\xff", b"a " + b"0" * 64 + b"\na " + b"1" * 64],
)
def test_a_file_that_is_no_file_of_tokens(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    for work in (
        server_tokens.stored,
        lambda: server_tokens.make(file, "grace"),
        lambda: server_tokens.revoke(file, "ada"),
    ):
        with pytest.raises(InputError) as caught:
            work()
        assert str(caught.value).isprintable()
        assert "0" * 60 not in str(caught.value)
    assert file.read_bytes() == content


def test_a_folder_and_a_file_that_is_not_there(file: Path) -> None:
    for path in (file, file.parent):
        with pytest.raises(InputError, match="the file of tokens must be a readable file"):
            server_tokens.revoke(path, "ada")
    with pytest.raises(InputError, match="must be a file that can be made"):
        server_tokens.make(file / "no" / "folder", "ada")


def test_hashes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(server_tokens.FILE_VARIABLE, raising=False)
    monkeypatch.setenv(server_tokens.HASHES_VARIABLE, f"ada:{sha256('a')}, grace:{sha256('b')}")
    assert server_tokens.owner("b", server_tokens.stored()) == "grace"
    monkeypatch.setenv(server_tokens.HASHES_VARIABLE, "ada")
    with pytest.raises(InputError, match="entry 1 of FIELDBOOK_TOKEN_HASHES must"):
        server_tokens.stored()
    monkeypatch.delenv(server_tokens.HASHES_VARIABLE)
    assert server_tokens.stored() == {}


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("Bearer abc", "abc"),
        ("bearer  abc ", "abc"),
        ("abc", "abc"),
        ("", ""),
        ("Bearer", ""),
        ("Bearer ", ""),
        ("Basic abc", "Basic abc"),
    ],
)
def test_the_token_of_a_header(header: str, token: str) -> None:
    assert server_tokens.presented(header) == token


def test_the_command_line(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["token", "ada"]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    token, hash_line = shown.out.splitlines()
    assert server_tokens.owner(token, server_tokens.stored()) == "ada"
    assert hash_line.endswith(f"FIELDBOOK_TOKEN_HASHES is used: ada:{sha256(token)}")
    assert main(["token", "--revoke", "ada", "--file", str(file)]) == 0
    assert capsys.readouterr().out == "The token of ada is revoked.\n"
    assert file.read_text() == ""
    assert main(["token", "--revoke", "ada"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_the_command_line_without_a_file(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(server_tokens.FILE_VARIABLE, raising=False)
    assert main(["token", "ada"]) == 2
    assert capsys.readouterr().err == "--file must name the file of hashes, but is blank\n"


def test_in_a_process(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "addin", "token", "ada", "--file", str(tmp_path / "tokens")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert sha256(done.stdout.splitlines()[0]) in (tmp_path / "tokens").read_text()
