"""The host for Excel on Windows, macOS and the web: xlwings Server with our functions."""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import cast

import uvicorn
from starlette.exceptions import HTTPException
from starlette.requests import Request

from addin.functions import ADDRESS
from addin.server import log, settings
from addin.server.body import Limits
from addin.server.calls import Calls
from addin.server.guard import NOTHING, Guard, Site, plain
from addin.server.http import AnnouncingServer, TimedProtocol, most_connections
from addin.server.settings import Options
from addin.server.start import LICENCE
from addin.version import model_version
from pycore.errors import InputError

STOPPING_SECONDS = 3
"""How long running requests may take when the server is told to stop."""

FLUSHING_SECONDS = 2
"""How long those that had to be ended may take to send that."""

IDLE_SECONDS = 15
"""How long a connection is kept for the next request."""

LONGEST_HEAD = 32_768
"""Bytes of a request's line and headers; an Entra token may have several thousand."""

OFFICE_HOST = "https://appsforoffice.microsoft.com"
"""Where Office.js is, if XLWINGS_CDN_OFFICEJS says that it is not taken from here."""

Say = Callable[[str], None]
"""Takes each line for the person who started it."""


def run(typed: argparse.Namespace, say: Say, *, noncommercial: bool) -> None:
    """Serve until told to stop, with what :func:`addin.server.settings.checked` takes.

    Raises InputError if an option is wrong, or the port is not free.
    """
    options = settings.checked(typed, noncommercial=noncommercial)
    with _listening(options) as listener:
        options = replace(options, port=listener.getsockname()[1])
        settings.set_environment(options)
        log.set_up()
        limits = Limits(seconds=options.seconds)
        calls = Calls(limits, signed_in=bool(options.provider))
        config = _config(options, _application(options, limits, calls))
        # uvicorn repeats the signal that stopped it when it is done; then we are done too.
        ready = partial(_announce, options, say)
        AnnouncingServer(config, ready, calls.close, STOPPING_SECONDS).run(sockets=[listener])


def _listening(options: Options) -> socket.socket:
    """Take the port, so that a start that cannot succeed ends here."""
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    try:
        return socket.create_server((options.host, options.port), family=family, backlog=2048)
    except socket.gaierror:
        raise InputError("--host", "be an address of this machine", options.host) from None
    except (OSError, UnicodeError) as error:
        # Its own text names the address again.
        number = getattr(error, "errno", None)
        reason = os.strerror(number) if number else type(error).__name__
        where = f"{options.host} {options.port}: {reason}"
        rule = "be an address of this machine and a port that is free"
        raise InputError("--host and --port", rule, where) from None


def _config(options: Options, application: Guard) -> uvicorn.Config:
    config = uvicorn.Config(
        application,
        http="h11",
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=STOPPING_SECONDS + FLUSHING_SECONDS,
        h11_max_incomplete_event_size=LONGEST_HEAD,
        ssl_certfile=options.certfile,
        ssl_keyfile=options.keyfile,
    )
    config.load()
    standard, most = config.http_protocol_class, most_connections()
    timed = partial(TimedProtocol, standard, {}, most, options.seconds)
    config.http_protocol_class = cast("type[asyncio.Protocol]", timed)
    return config


def _application(options: Options, limits: Limits, calls: Calls) -> Guard:
    """Make the ASGI application: xlwings Server, and the answers to calls, behind the guard."""
    # Only now: these read the environment when they are imported.
    from fastapi import Response
    from fastapi.exceptions import RequestValidationError
    from xlwings_server import config

    # The functions' help leads there; they are made when the next module is imported.
    hostname = config.settings.hostname
    public = f"https://{hostname}" if hostname else _address(options)
    os.environ[ADDRESS] = f"{public}{config.settings.app_path}"
    config.settings.custom_headers.setdefault(
        "Content-Security-Policy", _policy(config.settings.cdn_officejs)
    )
    from xlwings_server.main import app, main_app
    from xlwings_server.routers.xlwings import custom_scripts

    async def refuse(_request: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):
            error = HTTPException(400, "the query is not complete")
        elif error.status_code == HTTPStatus.NOT_FOUND:
            error = HTTPException(404, NOTHING)
        return plain(error)

    # The package's own words for bad input are JSON, and repeat what they refuse.
    for kind in (HTTPException, RequestValidationError):
        app.add_exception_handler(kind, refuse)
    site = Site(
        scripts={key for key, it in vars(custom_scripts).items() if hasattr(it, "__xlscript__")},
        version=model_version(),
        app_path=config.settings.app_path,
        static_path=config.settings.static_url_path,
        hosts=_hosts(options, hostname),
    )
    return Guard(
        main_app, site=site, authenticate=_authenticate, answer_call=calls.answer, limits=limits
    )


def _policy(cdn_officejs: bool) -> str:
    """Write the Content-Security-Policy: nothing from anywhere but here and, if so set, Office.js.

    It says nothing of frames around the pages: Excel on the web shows them in one, from hosts of
    which there is no list.
    """
    office = f" {OFFICE_HOST}" if cdn_officejs else ""
    return f"default-src 'self'{office}; object-src 'none'; base-uri 'none'; form-action 'none'"


def _hosts(options: Options, public: str | None) -> frozenset[str]:
    """Give the names by which a server for this machine is called; none if any will do.

    A page of anyone's whose name is made to lead to this machine must not reach it.
    """
    if not options.is_local:
        return frozenset()
    own = _in_address(options.host)
    # XLWINGS_HOSTNAME: what a proxy in front is called, which it may hand on.
    names = {"localhost", "127.0.0.1", "[::1]", own, (public or own).partition(":")[0]}
    return frozenset(name.lower() for name in names)


async def _authenticate(request: Request) -> str:
    """Ask the package who it is and whether they may call, before a byte of the body is read."""
    import httpx
    from xlwings_server import dependencies

    header = request.headers.get
    try:
        user = await dependencies.authenticate(header("authorization", ""), header("auth-provider"))
        return str((await dependencies.get_user(request, user)).id)
    except httpx.HTTPError:
        raise HTTPException(503, "the sign-in service could not be reached") from None


def _announce(options: Options, say: Say) -> None:
    address = _address(options)
    say(f"Fieldbook {model_version()} answers on {address} (Ctrl-C stops it).")
    if options.noncommercial:
        say(
            f"{LICENCE} is not set: for noncommercial use only; "
            "commercial use needs a paid key (https://www.xlwings.org)."
        )
    if not options.is_local and not options.certfile:
        say("Warning: without HTTPS, tokens and cells can be read by anyone on the way.")
    say(f"Manifest: {address}/manifest/download")
    if options.certfile:
        say(
            "Next: save it; in Excel, Home > Add-ins > More Add-ins > My Add-ins > "
            "Upload My Add-in."
        )
    else:
        say(
            "Next: Excel loads add-ins over HTTPS alone: start again with --certfile and "
            "--keyfile, or put a proxy that speaks HTTPS in front."
        )


def _address(options: Options) -> str:
    """Give the address at which the server can be reached."""
    reachable = _in_address(options.host)
    if options.host in ("0.0.0.0", "::"):  # noqa: S104
        reachable = socket.gethostname()
    return f"{'https' if options.certfile else 'http'}://{reachable}:{options.port}"


def _in_address(host: str) -> str:
    return f"[{host}]" if ":" in host else host
