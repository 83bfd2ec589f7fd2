"""The workbook as a PDF: every sheet as it prints, made by LibreOffice from a copy.

The copy stands in a folder of its own, with a profile of its own, in which LibreOffice runs no
macros, follows no links and computes nothing anew. What is personal is taken out of it first: the
properties of a workbook would become those of the PDF.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from pycore.errors import Found, InputError
from pycore.progress import tracked
from workbook.publishing.clean import cleaned

PROGRAMS = ("soffice", "libreoffice")
PLACES = (
    Path("/Applications/LibreOffice.app/Contents/MacOS/soffice"),
    *(
        Path(os.environ[each]) / "LibreOffice" / "program" / "soffice.com"
        for each in ("PROGRAMFILES", "PROGRAMFILES(X86)")
        if each in os.environ
    ),
)
"""What LibreOffice is called, and where it stands on systems that do not find it by its name."""

LONGEST, STEP = 300, 0.5
"""Seconds that it may take, and between two looks whether it is done."""

STARTS = 2
"""How often it is started: in a new profile it may end the first time without a result."""

COPY, RESULT = "fieldbook", "fieldbook.pdf"

EXPORT = {
    "UseTaggedPDF": {"type": "boolean", "value": "true"},  # for screen readers
    "ExportBookmarks": {"type": "boolean", "value": "true"},
    "ExportNotes": {"type": "boolean", "value": "false"},
}

SETTINGS = (
    ("Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("Common/Security/Scripting", "DisableActiveContent", "true"),
    ("Calc/Content/Update", "Link", "2"),
    ("Calc/Formula/Load", "OOXMLRecalcMode", "1"),
)
"""Where a setting of LibreOffice stands, its name and its value: never, in its words."""


def printed(data: bytes, file: Path) -> bytes:
    """Give the PDF of a workbook.

    Raises
    ------
    InputError
        If LibreOffice is not there, takes too long, or makes nothing of the file.
    """
    program = office()
    clean, _ = cleaned(data, str(file))
    with tempfile.TemporaryDirectory(prefix="fieldbook-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        copy = folder / f"{COPY}{file.suffix.casefold()}"
        copy.write_bytes(clean)
        _write_settings(folder / "profile")
        for _ in range(STARTS):
            said = _run(_words(program, folder, copy), folder)
            if (made := folder / RESULT).is_file() and made.stat().st_size:
                return made.read_bytes()
    found = Found(f"one of which it makes nothing{f' ({said})' if said else ''}")
    raise InputError(str(file), "be a file that LibreOffice can print", found)


def office() -> str:
    """Where LibreOffice is."""
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    found = found or next((str(each) for each in PLACES if each.is_file()), None)
    if found is None:
        rule = (
            "have LibreOffice beside it (install it from libreoffice.org, or by apt install "
            "libreoffice-calc; or print the page of --html from a browser)"
        )
        raise InputError("--pdf", rule, Found("without: there is no soffice"))
    return found


def _words(program: str, folder: Path, copy: Path) -> list[str]:
    return [
        program,
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--headless",
        "--norestore",
        "--convert-to",
        f"pdf:calc_pdf_Export:{json.dumps(EXPORT)}",
        "--outdir",
        str(folder),
        str(copy),
    ]


def _write_settings(profile: Path) -> None:
    items = "".join(
        f'<item oor:path="/org.openoffice.Office.{path}"><prop oor:name="{name}" oor:op="fuse">'
        f"<value>{value}</value></prop></item>"
        for path, name, value in SETTINGS
    )
    user = profile / "user"
    user.mkdir(parents=True)
    (user / "registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<oor:items xmlns:oor="http://openoffice.org/2001/registry">{items}</oor:items>\n',
        encoding="utf-8",
    )


def _run(words: list[str], folder: Path) -> str:
    """Run it to its end or that of its time; give the last that it said."""
    log = folder / "log"
    with log.open("wb") as said:
        process = subprocess.Popen(  # noqa: S603
            words,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            # How long it takes nobody knows: the bar ends where it does.
            for _ in tracked(range(int(LONGEST / STEP)), "LibreOffice"):
                if process.poll() is None:
                    _wait(process)
            if process.poll() is None:
                rule = f"be printed by LibreOffice within {LONGEST // 60} minutes"
                raise InputError("--pdf", rule, Found("not done yet: it was stopped"))
        finally:
            _stop(process)
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def _wait(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(STEP)
    except subprocess.TimeoutExpired:
        return


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End it and what it started, if it still runs."""
    if process.poll() is not None:
        return
    if sys.platform == "win32":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
