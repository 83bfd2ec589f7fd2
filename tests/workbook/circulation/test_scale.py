"""Many files and cases: the same answers here, in processes and on a cluster, a few at a time."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from distributed import LocalCluster

import fieldbook
from pycore.errors import InputError
from tests.workbook.circulation.conftest import typed
from workbook.circulation.compare import compared
from workbook.circulation.scale import Scheduler, over_files

COPIES = 4

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """The address of a scheduler with two workers, each in a process of its own."""
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as started:
        yield started.scheduler_address


@pytest.fixture(scope="module")
def many(built: bytes) -> list[tuple[str, bytes | InputError]]:
    """Some copies, of which one is bad."""
    made: list[tuple[str, bytes | InputError]] = [
        (f"{n}.xlsx", typed(built, {"offset": 20 + 10 * n, "marginal_cost": 21_000 + 200 * n}))
        for n in range(COPIES)
    ]
    return [*made, ("bad.xlsx", typed(built, {"offset": "many"}))]


def test_a_cluster_and_processes_give_what_is_given_here(
    cluster: str, many: list[tuple[str, bytes | InputError]], built: bytes, tmp_path: Path
) -> None:
    here = [compared(("base", built), [each], count=1).as_json()["copies"][0] for each in many]
    for scheduler in (Scheduler(cluster), Scheduler(processes=2)):
        found = compared(("base", built), many, count=len(many), scheduler=scheduler)
        assert found.as_json()["copies"] == here
    files = []
    for name, data in many:
        files.append(tmp_path / name)
        assert isinstance(data, bytes)
        files[-1].write_bytes(data)
    base = tmp_path / "base.xlsx"
    base.write_bytes(built)
    alone, apart = (
        fieldbook.collect(files, base, only=["offset"], scheduler=each).pools
        for each in ("", cluster)
    )
    pd.testing.assert_frame_equal(alone, apart)
    assert alone.at["offset", "people"] == COPIES


def test_a_sweep_on_a_cluster_is_the_one_here(cluster: str) -> None:
    rng = np.random.default_rng(1)
    cases = pd.DataFrame(
        {"marginal_cost": rng.uniform(2e4, 4e4, 1_200), "offset": rng.uniform(5, 90, 1_200)}
    )
    wanted = ["cost_multiple", "cost_quote", "net_safety"]
    apart = fieldbook.sweep(None, cases, wanted, scheduler=cluster)
    alone = fieldbook.sweep(None, cases, wanted)
    pd.testing.assert_frame_equal(apart, alone)
    given = fieldbook.evaluate(cases, wanted)
    assert alone["net_safety"].tolist() == given["net_safety"].tolist()
    assert alone["cost_quote"].tolist() == given["cost_quote"].tolist()


def test_only_a_few_are_held_at_a_time() -> None:
    taken = 0

    def items() -> Iterator[tuple[str, int]]:
        nonlocal taken
        for number in range(100):
            taken += 1
            yield str(number), number

    found = []
    for each in over_files(_doubled, items(), 100, "numbers", Scheduler(processes=2)):
        found.append(each)
        assert taken - len(found) <= 6
    assert found == [2 * number for number in range(100)]


@pytest.mark.long
def test_a_script_that_guards_nothing_may_use_processes(
    many: list[tuple[str, bytes | InputError]], built: bytes, tmp_path: Path
) -> None:
    for name, data in many:
        assert isinstance(data, bytes)
        (tmp_path / name).write_bytes(data)
    (tmp_path / "base").write_bytes(built)
    script = write(
        tmp_path / "script.py",
        "import fieldbook\n"
        "from workbook.circulation import scale\n"
        "scale._cores, scale.FEW = lambda: 2, 0\n"
        f"files = [f'{{n}}.xlsx' for n in range({COPIES})]\n"
        "print(len(fieldbook.compare('base', files).changes))\n",
    )
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    words = [sys.executable, str(script)]
    done = subprocess.run(words, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{2 * COPIES}\n", "")


def _doubled(_: str, number: int) -> int:
    return 2 * number


def test_an_address_where_nobody_answers_is_refused(built: bytes, tmp_path: Path) -> None:
    base = tmp_path / "base.xlsx"
    base.write_bytes(built)
    with pytest.raises(InputError, match="be the address of a Dask scheduler"):
        fieldbook.compare(base, [base], scheduler="nowhere")


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_sweep_of_a_file(ending: str, file: Path, run: Run, tmp_path: Path) -> None:
    rows = "".join(f"{20_000 + 7 * number},0.3\n" for number in range(900))
    cases = write(tmp_path / "cases.csv", f"marginal_cost,selection_validity\n{rows}-5,0.3\n")
    out = tmp_path / f"out.{ending}"
    words = ("--result", "cost_multiple", "cost_quote", "marginal_ratio")
    status, said, err = run("sweep", file, cases, "-o", out, *words)
    assert (status, err) == (0, "")
    assert said.startswith(f"computed 901 cases into {out}\n1 of them are refused in part")
    read = pd.read_csv if ending == "csv" else pd.read_parquet
    table = read(out)
    assert len(table) == 901
    first = table.iloc[:900]
    assert np.allclose(first["cost_multiple"], 100_000 / first["marginal_cost"], rtol=1e-12)
    assert set(table["cost_quote"].dropna()) == {"4-5x"}
    assert "marginal_cost must be a number above 0" in table["refused"].iloc[-1]
    assert pd.isna(table["cost_multiple"].iloc[-1])
    assert run("sweep", file, cases, "-o", out)[0] == 2  # it is there already


@pytest.mark.parametrize(
    ("text", "out", "said"),
    [
        ("", "out.csv", "without a header"),
        ("marginal_cost\n20000,30000\n", "out.csv", "have 1 cells in each row, but is 2 cells in"),
        ("marginal_cost,offset\n20000,50,\n", "out.csv", "have 2 cells in each row"),
        ("offset,offset\n1,2\n", "out.csv", "stand once"),
        ("marginal_cost\n", "out.csv", "have a row for each case"),
        ("unknown\n1\n", "out.csv", "'unknown'"),
        ('marginal_cost\n"1\n', "out.csv", "be a table of cases"),
        ("marginal_cost\n25000\n", "out.txt", "end in .csv or .parquet"),
        ("marginal_cost\n25000\n", "cases.csv", "another file than the cases"),
    ],
)
def test_cases_that_cannot_be_read(
    text: str, out: str, said: str, file: Path, run: Run, tmp_path: Path
) -> None:
    cases = write(tmp_path / "cases.csv", text)
    status, _, err = run("sweep", file, cases, "-o", tmp_path / out)
    assert status == 2
    assert said in err
    assert not (tmp_path / "out.csv").exists()
    assert cases.read_text(encoding="utf-8") == text
