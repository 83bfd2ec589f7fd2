"""The command line, as it is typed."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from addin import console
from addin.__main__ import main
from addin.functions import functions
from pycore import InputError
from pycore.errors import LONGEST_SHOWN

ROOT = Path(__file__).resolve().parents[2]


def run(*words: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "addin", *words],
        cwd=ROOT,
        text=True,
        timeout=600,
        check=False,
        stdin=subprocess.DEVNULL,
        **({"capture_output": True} | options),
    )


def assert_refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(list(words)) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.endswith("\n")
    line = shown.err.removesuffix("\n")
    assert line.isprintable()
    assert len(line) < LONGEST_SHOWN + 200
    return line


# A process of its own


def test_list_in_a_process() -> None:
    done = run("list")
    assert (done.returncode, done.stderr) == (0, "")
    assert "FIELD.COST_MULTIPLE(value, cost)\n" in done.stdout


def test_call_in_a_process() -> None:
    done = run("call", "FIELD.COST_MULTIPLE", "100000", "[[25000],[20000]]")
    assert (done.returncode, done.stdout, done.stderr) == (0, "[[4.0], [5.0]]\n", "")


def test_bad_input_in_a_process() -> None:
    done = run("call", "cost_multiple", "100000", "null")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("COST_MULTIPLE: cost must ")
    assert done.stderr.endswith(", but is blank\n")
    assert done.stderr.count("\n") == 1


def test_wrong_usage_in_a_process() -> None:
    done = run("frobnicate")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("usage: ")


@pytest.mark.parametrize("words", [("list",), ("list", "--json")])
def test_a_reader_that_went_away_is_no_error(words: tuple[str, ...]) -> None:
    # As `| head -1` does, but with the pipe closed for certain before anything is written.
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = run(*words, capture_output=False, stdout=writing, stderr=subprocess.PIPE)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


def test_piped_into_head() -> None:
    script = f'set -o pipefail; "{sys.executable}" -m addin list --json | head -1'
    done = subprocess.run(
        ["bash", "-c", script], cwd=ROOT, text=True, capture_output=True, timeout=600, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "[\n", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_told_in_one_line() -> None:
    with Path("/dev/full").open("w") as full:
        done = run("list", capture_output=False, stdout=full, stderr=subprocess.PIPE)
    said = "the standard output cannot be written to: no space left on device\n"
    assert (done.returncode, done.stderr) == (1, said)


def test_no_output_at_all() -> None:
    script = f'"{sys.executable}" -m addin call cost_multiple 1 null >&- 2>&-'
    done = subprocess.run(["bash", "-c", script], cwd=ROOT, timeout=600, check=False)
    assert done.returncode == 2


def test_python_without_docstrings_is_refused() -> None:
    done = run("list", env=os.environ | {"PYTHONOPTIMIZE": "2"})
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith("Fieldbook must keep its docstrings")


def test_an_output_that_is_not_unicode(monkeypatch: pytest.MonkeyPatch) -> None:
    data = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(data, encoding="ascii"))
    assert console.run(lambda: console.say("1 ± 0\x1b[31m\udcff")) == 0
    assert data.getvalue() == b"1 \\xb1 0\\x1b[31m\\udcff\n"


def test_what_is_done_is_said_where_its_answer_cannot_be_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def command() -> None:
        with console.after("book.xlsx is written"):
            console.say("answer")

    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as closed:
        monkeypatch.setattr(sys, "stdout", closed)
        assert console.run(command) == 0
    monkeypatch.undo()
    assert capsys.readouterr().err == "note: book.xlsx is written\n"


@pytest.mark.parametrize("word", ["sh\x1b[31m", "\u202etxt", "\udcff"])
def test_a_wrong_word_is_shown_and_not_obeyed(
    word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main([word])
    assert capsys.readouterr().err.replace("\n", "").isprintable()


# The list


def test_the_list_shows_every_function(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[::2] == [each.syntax for each in functions().values()]
    assert lines[1::2] == [f"    {each.description}" for each in functions().values()]


def test_the_list_as_json_holds_every_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--json"]) == 0
    entries = json.loads(capsys.readouterr().out)
    assert [entry["name"] for entry in entries] == [e.excel_name for e in functions().values()]
    for entry, each in zip(entries, functions().values(), strict=True):
        helps = [{"name": a.name, "help": a.help} for a in each.arguments]
        assert entry["arguments"] == helps
        assert entry["stored_name"] == each.stored_name
        texts = ("category", "description", "returns", "equation", "example")
        assert [entry[text] for text in texts] == [getattr(each, text) for text in texts]


# Calls


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["COST_MULTIPLE", "100000", "25000"], 4),
        (["cost_multiple", "100000", "25000"], 4),
        (["_xldudf_FIELD_COST_MULTIPLE", "1e5", "2.5e4"], 4),
        (["quote", "4", "5"], "4-5x"),
        (["ratio_shift", "1000", "10000", "500", "1500"], [[10, 11500 / 1500, 11.5 / 15 - 1]]),
        (["quote", "[[4, 3.2]]", "[[5, 4]]"], [["4-5x", "3-4x"]]),
        (["net_safety", "0", "100", "10", "0", "0", "-0.1"], -20),
        (["grown_pool", "2000", "100", "200", "-1"], 1000),
        (["scoped_cost", "[1000, 500]", '["recruit", "retrain"]', '"recruit"'], 1000),
        (["scoped_cost", "[1000, null]", '["recruit", null]', '"recruit"'], 1000),
    ],
)
def test_calls(words: list[str], answer: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["call", *words]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    assert json.loads(shown.out) == (
        answer if isinstance(answer, (str, list)) else pytest.approx(answer, rel=1e-12)
    )


def test_a_negative_number_is_an_argument_and_no_option(
    capsys: pytest.CaptureFixture[str],
) -> None:
    line = assert_refused(capsys, "call", "cost_multiple", "-5", "-1e3")
    assert line.startswith("COST_MULTIPLE: value must ")
    assert line.endswith(", but is -5")


@pytest.mark.parametrize(
    "word",
    [
        "NaN",
        "Infinity",
        "-Infinity",
        "[[NaN]]",
        "[[1], [Infinity]]",
        "",
        "abc",
        "1,5",
        "$5",
        "[1",
        "{}",
        '{"type": "Error", "kind": "Div"}',
        "--help",
        "[" * 100_000,
        "1" * 5000,
    ],
    ids=lambda word: word[:20] or "nothing",
)
def test_what_is_no_json_of_a_cell_is_refused(
    word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    line = assert_refused(capsys, "call", "cost_multiple", "1", word)
    assert line.startswith("argument 2 must be JSON: ")


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("null", "value must"),
        ('""', "value must"),
        ('"5"', "value must"),
        ("true", "value must"),
        ("1e999", "value must"),
        ("-1e999", "value must"),
        ("1" * 400, "value must"),
        ("[]", "value must"),
        ("[[]]", "value must"),
        ("[[1], [2, 3]]", "value must"),
        ("[[null], [null]]", "value must"),
        ("[[{}]]", "value must"),
        ("[[[1], [2]]]", "value must"),
        ("[[[1, 2]]]", "value must"),
        ("[[[1]], [[2]]]", "value must"),
        (r'"\ud800"', "value must"),
        (r'"two\nlines"', "value must"),
    ],
)
def test_bad_cells_are_refused_by_name(
    word: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert assert_refused(capsys, "call", "cost_multiple", word, "4").startswith(
        f"COST_MULTIPLE: {said} "
    )


@pytest.mark.parametrize("words", [[], ["1"], ["1", "2", "3"]])
def test_a_wrong_number_of_arguments(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    line = assert_refused(capsys, "call", "cost_multiple", *words)
    assert line == f"COST_MULTIPLE takes 2 arguments (value, cost), but got {len(words)}"


@pytest.mark.parametrize("name", ["nope", "", "FIELD.", "cost"])
def test_an_unknown_function(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    line = assert_refused(capsys, "call", name, "1")
    assert line.startswith("the function's name must be one of ")
    assert line.endswith(f", but is {name!r}")


@pytest.mark.parametrize("words", [[], ["call"], ["frobnicate"], ["list", "--xml"]])
def test_wrong_usage_ends_with_two(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("words", [["--help"], ["list", "--help"], ["call", "--help"]])
def test_help_ends_with_nought(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 0
    assert capsys.readouterr().out.startswith("usage: python -m addin")


# What the command lines share


def test_an_interruption_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    assert console.run(interrupted) == 130
    assert capsys.readouterr().err == "stopped\n"


def test_bad_input_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    def refused() -> None:
        raise InputError("cost", "be above 0", 0)

    assert console.run(refused) == 2
    assert capsys.readouterr().err == "cost must be above 0, but is 0\n"


def test_a_fault_of_ours_is_not_hidden() -> None:
    def broken() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        console.run(broken)
