"""What the server is told before it starts: by the command line and by the environment.

Nothing here imports xlwings, which reads parts of the environment when it is imported.
"""

from __future__ import annotations

import importlib
import ipaddress
import json
import os
import ssl
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from addin.server import tokens as server_tokens
from pycore.errors import InputError

PROJECT = Path(__file__).parents[1].joinpath("server_project")
MANIFEST_ID = "38aaad78-3277-4b48-bf3b-5c0c0b132b47"
"""Ours alone: Excel knows an add-in by it, so that it must never change."""

LICENCE = "XLWINGS_LICENSE_KEY"
PROVIDERS = "XLWINGS_AUTH_PROVIDERS"
ENTRA = ("XLWINGS_AUTH_ENTRAID_CLIENT_ID", "XLWINGS_AUTH_ENTRAID_TENANT_ID")
SECONDS = "FIELDBOOK_REQUEST_SECONDS"
USUAL_SECONDS = 20.0
LONGEST_SECONDS = 600.0
HIGHEST_PORT = 65_535


@dataclass(frozen=True, kw_only=True)
class Options:
    """Where and how to serve; checked.

    Parameters
    ----------
    host : str
    port : int
    certificate : tuple of Path, optional
        The certificate and its key.
    provider : str
        How people sign in: "bearer", "entraid" or, where anyone may, nothing.
    noncommercial : bool
        Whether no licence key was given.
    seconds : float
        Within which a request must have arrived, and then its call be computed.
    """

    host: str
    port: int
    certificate: tuple[Path, Path] | None
    provider: str
    noncommercial: bool
    seconds: float

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach the server."""
        return _is_loopback(self.host)


def prepare() -> bool:
    """Set what xlwings reads when it is imported, and import it.

    Returns
    -------
    bool
        Whether no licence key was given, so that the server is for noncommercial use.

    Raises
    ------
    InputError
        If xlwings does not take the licence key.
    """
    noncommercial = not os.environ.get(LICENCE)
    if noncommercial:
        os.environ[LICENCE] = "noncommercial"
    os.environ["XLWINGS_ON_SERVER"] = "true"
    # xlwings asks whether it runs in Pyodide by importing it, for every single cell. A
    # module that is None is known to be missing: the answer is quick, and still right.
    for name in ("pyodide", "pyodide.ffi"):
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
    try:
        importlib.import_module("xlwings")
    except Exception as error:
        rule = "be a key that xlwings accepts, or not be set"
        raise InputError(LICENCE, rule, type(error).__name__) from None
    return noncommercial


def is_installed() -> bool:
    """Tell whether xlwings Server and what runs it are there.

    Returns
    -------
    bool
    """
    return find_spec("xlwings_server") is not None and find_spec("uvicorn") is not None


def checked(
    *, host: str, port: str, certfile: str | None, keyfile: str | None, noncommercial: bool
) -> Options:
    """Check what the command line and the environment say.

    Parameters
    ----------
    host, port, certfile, keyfile : str
        As typed.
    noncommercial : bool
        What :func:`prepare` gave.

    Returns
    -------
    Options

    Raises
    ------
    InputError
        If something is wrong, or a server for others would let anyone in.
    """
    options = Options(
        host=host,
        port=_port(port),
        certificate=_certificate(certfile, keyfile),
        provider=_provider(),
        noncommercial=noncommercial,
        seconds=request_seconds(),
    )
    if not options.provider and not options.is_local:
        rule = (
            "be 127.0.0.1 unless people sign in "
            f"(python -m addin token, then set {server_tokens.FILE_VARIABLE}; see the README)"
        )
        raise InputError("--host", rule, host)
    return options


def set_environment(options: Options, namespace: str) -> None:
    """Set what xlwings Server reads when it is imported.

    Parameters
    ----------
    options : Options
    namespace : str
        Of the functions in Excel.
    """
    os.environ |= {
        "XLWINGS_PROJECT_DIR": str(PROJECT),
        "XLWINGS_PROJECT_NAME": "Fieldbook",
        "XLWINGS_ENVIRONMENT": "prod",
        "XLWINGS_FUNCTIONS_NAMESPACE": namespace,
        "XLWINGS_MANIFEST_ID_PROD": MANIFEST_ID,
        "XLWINGS_ENABLE_EXAMPLES": "false",
        "XLWINGS_ENABLE_HOTRELOAD": "false",
        "XLWINGS_ENABLE_SOCKETIO": "false",
        "XLWINGS_ENABLE_TESTS": "false",
        "XLWINGS_ENABLE_WASM": "false",
        PROVIDERS: json.dumps([options.provider] if options.provider else []),
    }


def _port(word: str) -> int:
    # isdigit alone would let other digits than ours pass.
    port = int(word) if word.isascii() and word.isdigit() and len(word) < len("100000") else -1
    if not 0 <= port <= HIGHEST_PORT:
        raise InputError("--port", f"be a whole number from 0 to {HIGHEST_PORT}", word)
    return port


def _certificate(certfile: str | None, keyfile: str | None) -> tuple[Path, Path] | None:
    if certfile is None and keyfile is None:
        return None
    if certfile is None or keyfile is None:
        missing = "--certfile" if certfile is None else "--keyfile"
        raise InputError(missing, "be given too: a certificate and its key belong together", None)
    for option, name in (("--certfile", certfile), ("--keyfile", keyfile)):
        try:
            with Path(name).open("rb"):
                pass
        except (OSError, ValueError):
            raise InputError(option, "be a file that can be read", name) from None
    try:
        # The password is asked for by a call that gives none, rather than on the terminal.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certfile, keyfile, lambda: "")
    except (ssl.SSLError, OSError, ValueError):
        rule = "be the certificate's key, both as PEM and without a password"
        raise InputError("--keyfile", rule, keyfile) from None
    return Path(certfile), Path(keyfile)


def _provider() -> str:
    """Find how people sign in, and check that they can."""
    tokens = server_tokens.stored()
    named = any(
        os.environ.get(name)
        for name in (server_tokens.FILE_VARIABLE, server_tokens.HASHES_VARIABLE)
    )
    text = os.environ.get(PROVIDERS) or ('["bearer"]' if named else "[]")
    rule = 'be one of ["bearer"], ["entraid"] and []'
    try:
        providers = json.loads(text)
    except (ValueError, RecursionError):
        raise InputError(PROVIDERS, rule, text) from None
    if providers == []:
        if named:
            raise InputError(PROVIDERS, "not be empty where tokens are named", text)
        return ""
    if providers not in (["bearer"], ["entraid"]):
        raise InputError(PROVIDERS, rule, text)
    provider = str(providers[0])
    if provider == "bearer" and not tokens:
        rule = "name a token at least (python -m addin token NAME --file FILE)"
        raise InputError(server_tokens.FILE_VARIABLE, rule, None)
    if provider == "entraid":
        for name in ENTRA:
            if not os.environ.get(name, "").strip():
                raise InputError(name, "be set to sign in with Entra ID", None)
    return provider


def request_seconds() -> float:
    """Read how long a request may take.

    Returns
    -------
    float

    Raises
    ------
    InputError
        If the environment says something else than a number of seconds.
    """
    word = os.environ.get(SECONDS)
    if not word:
        return USUAL_SECONDS
    try:
        seconds = float(word)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= LONGEST_SECONDS:
        raise InputError(SECONDS, f"be more than 0 and at most {LONGEST_SECONDS:g}", word)
    return seconds


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
