"""LibreOffice Calc with our extension, in a profile of its own, for tests."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

SCRIPT = Path(__file__).with_name("calc_script.py")
PATIENCE = 300
"""Seconds after which an office that does not answer has failed."""

STARTS = 2
"""An office that found a new extension may end at once, to be started again."""


class MissingError(Exception):
    """What the tests need is not on this machine."""


class OfficeError(Exception):
    """The office did not do what it was asked."""


class Home:
    """A profile, and the place of the extensions in it; no other office is touched.

    Parameters
    ----------
    folder : Path
        Where to make it.
    """

    def __init__(self, folder: Path) -> None:
        self.program = _program("soffice")
        self._unopkg = _program("unopkg")
        self.python = _python_with_uno(Path(self.program))
        shared = folder / "extensions"
        shared.mkdir(parents=True)
        # root may only install for everyone; "everyone" is then this folder.
        self.options = [
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            f"-env:UNO_SHARED_PACKAGES_CACHE={shared.as_uri()}",
        ]

    def extensions(self, *words: str | Path) -> str:
        """Run unopkg; give what it said."""
        verb, *others = map(str, words)
        for_all = ["--shared"] if os.geteuid() == 0 else []
        done = subprocess.run(
            [self._unopkg, verb, *for_all, *self.options, *others],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode:
            raise OfficeError(f"unopkg {verb}: {done.stderr.strip()}")
        return done.stdout

    def version_of(self, package: str) -> str:
        """The version of a package in the Python that the office uses; empty without it."""
        probe = f"import {package}; print({package}.__version__)"
        done = subprocess.run(
            [self.python, "-c", probe], capture_output=True, text=True, check=False
        )
        return done.stdout.strip()


def _program(name: str) -> str:
    program = shutil.which(name)
    if program is None:
        raise MissingError(f"LibreOffice ({name}) is not on this machine")
    return program


def _python_with_uno(program: Path) -> str:
    """The system's Python, or the one beside the office."""
    for python in ("/usr/bin/python3", str(program.resolve().with_name("python"))):
        if Path(python).exists():
            probe = subprocess.run([python, "-c", "import uno"], capture_output=True, check=False)
            if probe.returncode == 0:
                return python
    raise MissingError("no Python with uno is on this machine (Debian: python3-uno)")


class Calc:
    """A running office; leaving the context ends it.

    What calc_script.py offers is called as a method: ``calc.read("A1:B2")``.

    Parameters
    ----------
    home : Home
    environment : mapping, optional
        Variables that the office is given besides its own.
    """

    def __init__(self, home: Home, environment: dict[str, str] | None = None) -> None:
        self._home = home
        self._environment = os.environ | (environment or {})

    def __enter__(self) -> Self:
        self._errors = tempfile.TemporaryFile("w+")
        self._pipe = f"fieldbook{os.getpid()}{time.monotonic_ns()}"
        self._start_office()
        self._script = subprocess.Popen(
            [self._home.python, str(SCRIPT), self._pipe, str(PATIENCE)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        try:
            self._wait_for_connection()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop()

    def __getattr__(self, name: str) -> Any:
        def ask(*arguments: Any) -> Any:
            assert self._script.stdin is not None
            self._script.stdin.write(json.dumps([name, *arguments]) + "\n")
            self._script.stdin.flush()
            return self._answer(PATIENCE)

        return ask

    def _start_office(self) -> None:
        self._office = subprocess.Popen(
            [
                *(self._home.program, *self._home.options),
                *("--headless", "--norestore", "--nologo", "--nodefault"),
                f"--accept=pipe,name={self._pipe};urp;",
            ],
            stdout=subprocess.DEVNULL,
            stderr=self._errors,
            start_new_session=True,
            env=self._environment,
        )

    def _wait_for_connection(self) -> None:
        starts = 1
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            assert self._script.stdout is not None
            if select.select([self._script.stdout], [], [], 0.2)[0]:
                self._answer(0)
                return
            if self._office.poll() is not None and starts < STARTS:
                starts += 1
                self._start_office()
        raise OfficeError("LibreOffice did not answer")

    def _answer(self, patience: float) -> Any:
        assert self._script.stdout is not None
        ready, _, _ = select.select([self._script.stdout], [], [], patience)
        line = self._script.stdout.readline() if ready else ""
        if not line:
            self._errors.seek(0)
            raise OfficeError(f"LibreOffice did not answer:\n{self._errors.read()}")
        return json.loads(line)

    def _stop(self) -> None:
        """End what was started here and nothing else."""
        try:
            self._script.communicate(timeout=PATIENCE)  # end of input: the script closes it
            self._office.wait(timeout=0 if self._script.returncode else PATIENCE)
        except subprocess.TimeoutExpired:
            self._script.kill()
            self._script.communicate()
            if self._office.poll() is None:
                os.killpg(self._office.pid, signal.SIGKILL)  # a session of its own
            self._office.wait()
        finally:
            self._errors.close()
