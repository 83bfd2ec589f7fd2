"""What the command line and the environment say of the server, checked before it starts."""

from __future__ import annotations

import argparse
import ipaddress
import json
import os
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field, Json, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from addin.functions import NAMESPACE
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
    certfile, keyfile : str, optional
        The certificate and its key; both or neither.
    provider : str
        How people sign in: "bearer", "entraid" or, where anyone may, nothing.
    noncommercial : bool
        Whether no licence key was given.
    seconds : float
        Within which a request must have arrived, and then its call be computed.
    """

    host: str
    port: int
    certfile: str | None
    keyfile: str | None
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


def checked(typed: argparse.Namespace, *, noncommercial: bool) -> Options:
    """Check what the command line and the environment say.

    Raises InputError if something is wrong, or a server for others would let anyone in.
    """
    port = _port(typed.port)
    _check_certificate(typed.certfile, typed.keyfile)
    options = Options(
        host=typed.host,
        port=port,
        certfile=typed.certfile,
        keyfile=typed.keyfile,
        provider=_provider(),
        noncommercial=noncommercial,
        seconds=environment().seconds,
    )
    if not options.provider and not options.is_local:
        rule = (
            "be 127.0.0.1 unless people sign in "
            f"(python -m addin token, then set {tokens.FILE_VARIABLE}; see the README)"
        )
        raise InputError("--host", rule, options.host)
    if not options.is_local and not options.certfile and not typed.insecure:
        rule = (
            "be 127.0.0.1 without --certfile and --keyfile, because tokens would travel in the "
            "clear (--insecure allows that)"
        )
        raise InputError("--host", rule, options.host)
    return options


def environment() -> Environment:
    """Read the environment; raise InputError if a variable breaks its rule."""
    try:
        return Environment()
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0])
    fields = {field.alias: field for field in Environment.model_fields.values()}
    raise InputError(name, fields[name].description or "", os.environ[name])


def set_environment(options: Options) -> None:
    """Set what xlwings Server reads when it is imported."""
    os.environ |= {
        "XLWINGS_PROJECT_DIR": str(PROJECT),
        "XLWINGS_PROJECT_NAME": "Fieldbook",
        "XLWINGS_ENVIRONMENT": "prod",
        "XLWINGS_FUNCTIONS_NAMESPACE": NAMESPACE,
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


def _check_certificate(certfile: str | None, keyfile: str | None) -> None:
    if certfile is None and keyfile is None:
        return
    for option, name in (("--certfile", certfile), ("--keyfile", keyfile)):
        if name is None:
            rule = "be given too: a certificate and its key belong together"
            raise InputError(option, rule, None)
        try:
            Path(name).open("rb").close()
        except (OSError, ValueError):
            raise InputError(option, "be a file that can be read", name) from None
    try:
        # The password is asked for by a call that gives none, rather than on the terminal.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(str(certfile), keyfile, lambda: "")
    except (ssl.SSLError, OSError, ValueError):
        rule = "be the certificate's key, both as PEM and without a password"
        raise InputError("--keyfile", rule, keyfile) from None


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
