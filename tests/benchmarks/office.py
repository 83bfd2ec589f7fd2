"""LibreOffice without a window, driven through UNO by a Python that has it."""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from .timing import UnavailableError

SCRIPT = Path(__file__).with_name("office_script.py")
PATIENCE = 60
"""Seconds after which an office that does not answer counts as missing."""


ALWAYS_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"
 xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""
"""Registry entry for the way without UNO: recalculate every .xlsx that is loaded."""


class Profile:
    """A user profile of its own, so that no other office is joined and none is changed.

    Parameters
    ----------
    folder : Path
        Where to make it.
    """

    def __init__(self, folder: Path) -> None:
        program = shutil.which("soffice")
        if program is None:
            raise UnavailableError("soffice is not installed")
        self.program = program
        self.python = _python_with_uno(Path(program))
        home = folder / "profile"
        (home / "user").mkdir(parents=True)
        (home / "user/registrymodifications.xcu").write_text(ALWAYS_RECALCULATE)
        self.option = f"-env:UserInstallation={home.as_uri()}"

    @property
    def version(self) -> str:
        """What LibreOffice calls itself."""
        answer = subprocess.run(
            [self.program, "--version"], capture_output=True, text=True, check=False
        )
        return " ".join(answer.stdout.split()[:2]) or "LibreOffice"

    def convert(self, source: Path, folder: Path) -> None:
        """Start an office that loads a file, recalculates it on loading, stores it and ends."""
        subprocess.run(
            [
                *(self.program, self.option, "--headless", "--norestore"),
                *("--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(folder)),
                str(source),
            ],
            check=True,
            timeout=PATIENCE,
            capture_output=True,
        )


def _python_with_uno(program: Path) -> str:
    """The Python of the system, or the one beside the office; empty if neither has UNO."""
    for python in ("/usr/bin/python3", str(program.resolve().with_name("python"))):
        if Path(python).exists():
            probe = subprocess.run([python, "-c", "import uno"], capture_output=True, check=False)
            if probe.returncode == 0:
                return python
    return ""


class Office:
    """A running office; leaving the context ends it.

    Parameters
    ----------
    profile : Profile
    """

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self.start_seconds = 0.0

    def __enter__(self) -> Self:
        began = time.perf_counter()
        pipe = f"fieldbook{os.getpid()}{time.monotonic_ns()}"
        self._errors = tempfile.TemporaryFile("w+")
        self._office = subprocess.Popen(
            [
                self._profile.program,
                self._profile.option,
                *("--headless", "--norestore", "--nologo", "--nodefault"),
                f"--accept=pipe,name={pipe};urp;",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._script = subprocess.Popen(
            [self._profile.python, str(SCRIPT), pipe, str(PATIENCE)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        try:
            self._answer()
        except BaseException:
            self._stop()
            raise
        self.start_seconds = time.perf_counter() - began
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop()

    def recalculate(self, source: Path, target: Path) -> float:
        """Load a file, compute every formula, store it; the seconds that took."""
        assert self._script.stdin is not None
        self._script.stdin.write(f"{source.as_uri()}\t{target.as_uri()}\n")
        self._script.stdin.flush()
        return float(self._answer())

    def _answer(self) -> str:
        assert self._script.stdout is not None
        ready, _, _ = select.select([self._script.stdout], [], [], PATIENCE)
        line = self._script.stdout.readline().strip() if ready else ""
        if not line:
            self._errors.seek(0)
            reason = (self._errors.read().strip().splitlines() or ["no answer"])[-1]
            raise UnavailableError(f"LibreOffice did not answer ({reason})")
        return line

    def _stop(self) -> None:
        """End what was started here and nothing else."""
        try:
            self._script.communicate(timeout=PATIENCE)  # end of input: the script closes it
            self._office.wait(timeout=0 if self._script.returncode else PATIENCE)
        except subprocess.TimeoutExpired:
            self._script.kill()
            self._script.wait()
            os.killpg(self._office.pid, signal.SIGKILL)  # a session of its own
            self._office.wait()
        finally:
            self._errors.close()
