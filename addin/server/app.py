"""The host for Excel on Windows, macOS and the web: xlwings Server with our functions."""

from __future__ import annotations

import inspect
import os
import signal
import socket
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from xlwings import XlwingsError

from addin.functions import NAMESPACE
from addin.server import log as server_log
from addin.server import settings as server_settings
from addin.server.body import Limits, RefusedError
from addin.server.settings import Options
from addin.version import model_version
from pycore.errors import InputError

if TYPE_CHECKING:
    from addin.server.guard import Authenticate, Guard

STOPPING_SECONDS = 3
"""How long running requests may take when the server is told to stop."""

FLUSHING_SECONDS = 2
"""How long those that had to be ended may take to send that."""

IDLE_SECONDS = 15
"""How long a connection is kept for the next request."""

LONGEST_HEAD = 32_768
"""Bytes of a request's line and headers; an Entra token may have several thousand."""

Say = Callable[[str], None]


def serve(
    *,
    host: str,
    port: str,
    certfile: str | None,
    keyfile: str | None,
    noncommercial: bool,
    say: Say,
) -> None:
    """Serve until told to stop.

    Parameters
    ----------
    host, port, certfile, keyfile : str
        As typed on the command line.
    noncommercial : bool
        What :func:`addin.server.settings.prepare` gave, which must come first.
    say : callable
        Takes each line for the person who started it.

    Raises
    ------
    InputError
        If an option is wrong, or the port is not free.
    XlwingsError
        If xlwings Server is not installed.
    """
    options = server_settings.checked(
        host=host, port=port, certfile=certfile, keyfile=keyfile, noncommercial=noncommercial
    )
    if not server_settings.is_installed():
        raise XlwingsError(
            "xlwings-server is not installed: "
            "python -m pip install -r addin/server_project/requirements.txt"
        )
    # Told to stop at any moment, even before the server listens to signals itself.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with _listening(options) as listener:
            options = replace(options, port=listener.getsockname()[1])
            _run(options, listener, say)
    except KeyboardInterrupt:
        pass
    say("Stopped.")


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


def _run(options: Options, listener: socket.socket, say: Say) -> None:
    server_settings.set_environment(options, NAMESPACE)
    server_log.set_up()
    limits = Limits(seconds=options.seconds)
    app = _application(options, limits)

    import uvicorn

    from addin.server.http import AnnouncingServer, patient

    certificate, key = options.certificate or (None, None)
    config = uvicorn.Config(
        app,
        http=patient(limits.seconds),
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
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )
    # uvicorn repeats the signal that stopped it when it is done; then we are done too.
    server = AnnouncingServer(config, lambda: _announce(options, say), STOPPING_SECONDS)
    server.run(sockets=[listener])


def _application(options: Options, limits: Limits) -> Guard:
    """Make the ASGI application: xlwings Server behind the guard."""
    # Only now: these read the environment when they are imported.
    from fastapi import Request, Response
    from fastapi.responses import PlainTextResponse
    from xlwings_server.config import settings
    from xlwings_server.main import app, main_app
    from xlwings_server.routers.xlwings import custom_functions, custom_scripts

    from addin.server.guard import Guard, Site

    async def refuse(_request: Request, refused: Exception) -> Response:
        status = refused.status if isinstance(refused, RefusedError) else 500
        return PlainTextResponse(str(refused), status)

    app.add_exception_handler(RefusedError, refuse)
    site = Site(
        functions=_names(custom_functions, "__xlfunc__"),
        scripts=_names(custom_scripts, "__xlscript__"),
        version=model_version(),
        app_path=settings.app_path,
        static_path=settings.static_url_path,
        hosts=_hosts(options, settings.hostname),
    )
    return Guard(main_app, site=site, authenticate=_authenticate(options), limits=limits)


def _hosts(options: Options, public: str | None) -> frozenset[str]:
    """Give the names by which a server for this machine is called; none if any will do.

    A page of anyone's whose name is made to lead to this machine must not reach it.
    """
    if not options.is_local:
        return frozenset()
    own = f"[{options.host}]" if ":" in options.host else options.host
    # XLWINGS_HOSTNAME: what a proxy in front is called, which it may hand on.
    names = {"localhost", "127.0.0.1", "[::1]", own, (public or own).partition(":")[0]}
    return frozenset(name.lower() for name in names)


def _names(module: Any, mark: str) -> frozenset[str]:
    return frozenset(name for name, each in inspect.getmembers(module) if hasattr(each, mark))


def _authenticate(options: Options) -> Authenticate:
    """Ask the package who it is, before a byte of the body is read."""
    import httpx
    from fastapi import HTTPException
    from xlwings_server import dependencies

    async def authenticate(token: str, provider: str | None) -> None:
        try:
            await dependencies.authenticate(token, provider)
        except HTTPException as error:
            raise RefusedError(error.status_code, str(error.detail)) from None
        except httpx.HTTPError:
            raise RefusedError(503, "the sign-in service could not be reached") from None

    async def anyone(_token: str, _provider: str | None) -> None:
        pass

    return authenticate if options.provider else anyone


def _announce(options: Options, say: Say) -> None:
    scheme = "https" if options.certificate else "http"
    address = f"{scheme}://{_reachable(options)}:{options.port}"
    say(f"Fieldbook {model_version()} answers on {address} (Ctrl-C stops it).")
    if options.noncommercial:
        say(
            f"{server_settings.LICENCE} is not set: for noncommercial use only; "
            "commercial use needs a paid key (https://www.xlwings.org)."
        )
    say(f"Manifest: {address}/manifest/download")
    if options.certificate:
        say(
            "Next: save it; in Excel, Home > Add-ins > More Add-ins > My Add-ins > "
            "Upload My Add-in."
        )
    else:
        say(
            "Next: Excel loads add-ins over HTTPS alone: start again with --certfile and "
            "--keyfile, or put a proxy that speaks HTTPS in front."
        )


def _reachable(options: Options) -> str:
    """Give a name under which the server can be reached, as a part of an address."""
    if options.host in ("0.0.0.0", "::"):  # noqa: S104
        return socket.gethostname()
    return f"[{options.host}]" if ":" in options.host else options.host
