"""What the command line and the environment say of the server, checked before it starts."""

from __future__ import annotations

import ipaddress
import json
import os
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field, Json, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from addin.server import tokens
from pycore.errors import InputError

PROJECT = Path(__file__).parents[1].joinpath("server_project")
MANIFEST_ID = "38aaad78-3277-4b48-bf3b-5c0c0b132b47"
"""Ours alone: Excel knows an add-in by it, so that it must never change."""

PROVIDERS = "XLWINGS_AUTH_PROVIDERS"
ENTRA = ("XLWINGS_AUTH_ENTRAID_CLIENT_ID", "XLWINGS_AUTH_ENTRAID_TENANT_ID")
LONGEST_SECONDS = 600.0
HIGHEST_PORT = 65_535


class Environment(BaseSettings):
    """The variables of the environment that decide something; an empty one is not set."""

    model_config = SettingsConfigDict(case_sensitive=True, env_ignore_empty=True)

    seconds: float = Field(
        default=20.0,
        gt=0,
        le=LONGEST_SECONDS,
        alias="FIELDBOOK_REQUEST_SECONDS",
        description=f"be more than 0 and at most {LONGEST_SECONDS:g}",
    )
    providers: Json[list[Literal["bearer", "entraid"]]] | None = Field(
        default=None,
        max_length=1,
        alias="XLWINGS_AUTH_PROVIDERS",
        description='be one of ["bearer"], ["entraid"] and []',
    )


@dataclass(frozen=True, kw_only=True)
class Options:
    """Where and how to serve; checked.

    Parameters
    ----------
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
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def checked(
    *, host: str, port: str, certfile: str | None, keyfile: str | None, noncommercial: bool
) -> Options:
    """Check what the command line and the environment say.

    Parameters
    ----------
    host, port, certfile, keyfile : str
        As typed on the command line.
    noncommercial : bool
        What :func:`addin.server.start.prepare` gave.

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
        seconds=environment().seconds,
    )
    if not options.provider and not options.is_local:
        rule = (
            "be 127.0.0.1 unless people sign in "
            f"(python -m addin token, then set {tokens.FILE_VARIABLE}; see the README)"
        )
        raise InputError("--host", rule, host)
    return options


def environment() -> Environment:
    """Read the environment.

    Raises
    ------
    InputError
        If a variable breaks its rule.
    """
    try:
        return Environment()
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0])
    fields = {field.alias: field for field in Environment.model_fields.values()}
    raise InputError(name, fields[name].description or "", os.environ[name])


def set_environment(options: Options, namespace: str) -> None:
    """Set what xlwings Server reads when it is imported.

    Parameters
    ----------
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
    stored = tokens.stored()
    named = any(map(os.environ.get, (tokens.FILE_VARIABLE, tokens.HASHES_VARIABLE)))
    providers = environment().providers
    if providers is None:
        providers = ["bearer"] if named else []
    if named and not providers:
        raise InputError(PROVIDERS, "not be empty where tokens are named", "[]")
    provider = "".join(providers)
    if provider == "bearer" and not stored:
        rule = "name a token at least (python -m addin token NAME --file FILE)"
        raise InputError(tokens.FILE_VARIABLE, rule, None)
    if provider == "entraid":
        for name in ENTRA:
            if not os.environ.get(name, "").strip():
                raise InputError(name, "be set to sign in with Entra ID", None)
    return provider
