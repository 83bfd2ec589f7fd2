"""The examples run as they stand, beside a workbook."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from workbook.file.write import write
from workbook.frames import load
from workbook.hosts import SERVER
from workbook.recalc import recalculate

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.py")), ids=lambda p: p.name)
def test_an_example_runs(path: Path, tmp_path: Path) -> None:
    quick: dict[str, float | str] = {"replicates": 20, "simulation_draws": 256}
    built = recalculate(write(SERVER.sheets()), "built", quick).data
    (tmp_path / "fieldbook.xlsx").write_bytes(built)
    done = subprocess.run(
        [sys.executable, "-W", "error", path],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "refused: Assumptions!" in done.stdout
    assert (tmp_path / "fieldbook.xlsx").read_bytes() == built
    dearer = load(tmp_path / "dearer.xlsx").assumptions
    assert dearer.loc["marginal_cost", "central"] == 30_000
