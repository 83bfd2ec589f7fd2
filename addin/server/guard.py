"""What stands between the network and xlwings Server: bounds, plain refusals, one log line.

The package answers 500 where a request has not the shape it expects, reads bodies of any
size, and looks for static files outside its folder when a path says so. All of that ends
here, before the package sees the request.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable, Container, Mapping, MutableMapping
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import Any

from addin.server import log as server_log
from addin.server.body import Limits, RefusedError, check_book, check_call, parse
from addin.server.pool import Pool

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Authenticate = Callable[[str, str | None], Awaitable[object]]
"""Takes the headers Authorization and Auth-Provider; raises RefusedError."""

LARGE_BODY = 100_000
"""Bytes from which a body is checked beside the event loop rather than in it."""

CHECKING_THREADS = 2
CHECKING_SECONDS = 60.0
"""Far more than the largest body needs."""

CHECKS_WAITING = 200

HOST = re.compile(rb"[A-Za-z0-9._:\[\]-]{1,255}")
PORT = re.compile(r":[0-9]*\Z")
SEGMENT = re.compile(r"[A-Za-z0-9_@-][A-Za-z0-9._@-]*")
ONCE = (b"host", b"authorization", b"auth-provider", b"content-type", b"content-encoding")

READ = ("GET",)
READ_OR_LOOK = ("GET", "HEAD")
POST = ("POST",)


@dataclass(frozen=True, kw_only=True)
class Site:
    """What there is to serve.

    Parameters
    ----------
    functions, scripts : container of str
        The names that may be called.
    version : str
        Of the model.
    app_path, static_path : str
        Before the paths of the pages, and of the files.
    hosts : frozenset of str
        The names that a request may call the server by; empty if any.
    """

    functions: Container[str]
    scripts: Container[str]
    version: str
    app_path: str = ""
    static_path: str = "/static"
    hosts: frozenset[str] = frozenset()

    @property
    def call(self) -> str:
        """Where functions are called."""
        return f"{self.app_path}/xlwings/custom-functions-call"

    @property
    def script(self) -> str:
        """What stands before a script's name."""
        return f"{self.app_path}/xlwings/custom-scripts-call/"

    @property
    def version_page(self) -> str:
        """Where the task pane asks for the model's version."""
        return f"{self.app_path}/fieldbook/version"

    def methods(self, path: str) -> tuple[str, ...]:
        """Give the methods that a path allows; none if there is nothing."""
        if path == self.call:
            return POST
        if path.startswith(self.script):
            return POST if path.removeprefix(self.script) in self.scripts else ()
        if path.startswith(f"{self.static_path}/"):
            segments = path.removeprefix(f"{self.static_path}/").split("/")
            return READ_OR_LOOK if all(map(SEGMENT.fullmatch, segments)) else ()
        if path == f"{self.app_path}/":
            return READ_OR_LOOK
        return READ if path in {f"{self.app_path}{page}" for page in (*PAGES, VERSION)} else ()


VERSION = "/fieldbook/version"
PAGES = (
    "/favicon.ico",
    "/manifest",
    "/manifest.xml",
    "/manifest/download",
    "/taskpane",
    "/taskpane.html",
    *(
        f"/xlwings/custom-{kind}{ending}"
        for kind, extension in (
            ("functions-meta", ".json"),
            ("functions-code", ".js"),
            ("scripts-meta", ".json"),
        )
        for ending in ("", extension)
    ),
)
"""What the package serves to read; its sockets and streams are off."""


@dataclass
class _Exchange:
    """One request on its way: what the log will say of it, and its answer."""

    scope: Scope
    send: Send
    function: str = ""
    status: int = 0
    dropped: bool = False
    headers: Mapping[bytes, bytes] = field(default_factory=dict)

    async def pass_on(self, message: Message) -> None:
        """Send what the package answers, except its own words for bad input and failures."""
        if message["type"] == "http.response.start":
            status = int(message["status"])
            if status == HTTPStatus.UNPROCESSABLE_ENTITY:
                self.dropped = True
                await self.refuse(_refused(HTTPStatus.BAD_REQUEST, "the query is not complete"))
                return
            if status == HTTPStatus.NOT_FOUND:
                self.dropped = True
                await self.refuse(_nothing())
                return
            self.status = status
        if not self.dropped:
            await self.send(message)

    async def answer(
        self, status: int, body: bytes, kind: bytes, *more: tuple[bytes, bytes]
    ) -> None:
        """Send a short answer of our own."""
        self.status = int(status)
        headers = [
            (b"content-type", kind),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
            (b"x-content-type-options", b"nosniff"),
            *more,
        ]
        if self.scope["method"] == "HEAD":
            body = b""
        await self.send({"type": "http.response.start", "status": self.status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})

    async def refuse(self, refused: RefusedError) -> None:
        """Send a reason as plain text."""
        more = [(b"connection", b"close")] if refused.close else []
        if refused.status == HTTPStatus.UNAUTHORIZED:
            more.append((b"www-authenticate", b"Bearer"))
        if isinstance(refused, _NotAllowedError):
            more.append((b"allow", ", ".join(refused.methods).encode()))
        text = " ".join(refused.reason.split()).encode()
        await self.answer(refused.status, text, b"text/plain; charset=utf-8", *more)


class _GoneError(Exception):
    """The client went away before its request had arrived."""


class _NotAllowedError(RefusedError):
    def __init__(self, methods: tuple[str, ...]) -> None:
        super().__init__(HTTPStatus.METHOD_NOT_ALLOWED, f"only {' and '.join(methods)} here")
        self.methods = methods


class Guard:
    """An ASGI application around another.

    Parameters
    ----------
    app : callable
        xlwings Server.
    site : Site
        What there is to serve.
    authenticate : callable
        Refuses who may not call.
    limits : Limits
        How much a request may bring.
    """

    def __init__(
        self, app: App, *, site: Site, authenticate: Authenticate, limits: Limits | None = None
    ) -> None:
        self._app = app
        self._site = site
        self._authenticate = authenticate
        self._limits = limits or Limits()
        self._checks = Pool(
            threads=CHECKING_THREADS, waiting=CHECKS_WAITING, seconds=CHECKING_SECONDS
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, and log that."""
        if scope["type"] != "http":
            return  # uvicorn is told to speak nothing else
        began = time.perf_counter()
        exchange = _Exchange(scope, send)
        try:
            await self._guarded(exchange, receive)
        finally:
            server_log.request(
                method=scope["method"],
                path=scope["path"],
                function=exchange.function,
                status=exchange.status,
                seconds=time.perf_counter() - began,
            )

    async def _guarded(self, exchange: _Exchange, receive: Receive) -> None:
        try:
            await self._handle(exchange, receive)
        except RefusedError as refused:
            await exchange.refuse(refused)
        except _GoneError:
            pass
        except asyncio.CancelledError:
            # Only the end of the server cancels a request; uvicorn would log that it did.
            if not exchange.status:
                reason = "the server is stopping"
                await exchange.refuse(_refused(HTTPStatus.SERVICE_UNAVAILABLE, reason, close=True))
        except Exception as error:
            server_log.failure(error)
            if not exchange.status:
                await exchange.refuse(
                    _refused(HTTPStatus.INTERNAL_SERVER_ERROR, "an internal error occurred")
                )

    async def _handle(self, exchange: _Exchange, receive: Receive) -> None:
        scope, site = exchange.scope, self._site
        path, method = scope["path"], scope["method"]
        exchange.headers = _headers(scope)
        _check_host(exchange.headers, site)
        if not (methods := site.methods(path)):
            raise _nothing()
        if method not in methods:
            raise _NotAllowedError(methods)
        if path == site.version_page:
            body = json.dumps({"version": site.version}).encode()
            await exchange.answer(HTTPStatus.OK, body, b"application/json")
        elif method == "POST":
            body = await self._checked(exchange, receive)
            await self._app(scope, _replay(body, receive), exchange.pass_on)
        else:
            await self._app(scope, receive, exchange.pass_on)

    async def _checked(self, exchange: _Exchange, receive: Receive) -> bytes:
        """Read the body of a call by someone who may call, and check it."""
        headers = exchange.headers
        token = headers.get(b"authorization", b"").decode("latin-1")
        provider = headers.get(b"auth-provider")
        await self._authenticate(token, provider.decode("latin-1") if provider else None)
        _check_kind(headers)
        body = await self._body(headers, receive)
        if len(body) < LARGE_BODY:
            self._check(exchange, body)
        else:
            await self._checks.run(partial(self._check, exchange, body))
        return body

    def _check(self, exchange: _Exchange, body: bytes) -> None:
        parsed = parse(body)
        path = exchange.scope["path"]
        if path == self._site.call:
            exchange.function = check_call(parsed, self._site.functions, self._limits)
        else:
            exchange.function = path.removeprefix(self._site.script)
            check_book(parsed, self._limits)

    async def _body(self, headers: Mapping[bytes, bytes], receive: Receive) -> bytes:
        """Read a body within the limits, whatever its length was said to be."""
        limits = self._limits
        too_large = f"one request takes at most {limits.body_bytes:,} bytes"
        declared = headers.get(b"content-length", b"0")
        if declared.isdigit() and int(declared[:20]) > limits.discarded_bytes:
            raise _refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, too_large, close=True)
        body, size, more = bytearray(), 0, True
        try:
            async with asyncio.timeout(limits.seconds):
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise _GoneError
                    chunk = message.get("body", b"")
                    size += len(chunk)
                    if size > limits.discarded_bytes:
                        raise _refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, too_large, close=True)
                    if size <= limits.body_bytes:  # the rest is read, so that they hear why
                        body += chunk
                    more = message.get("more_body", False)
        except TimeoutError:
            reason = f"the request did not arrive within {limits.seconds:g} seconds"
            raise _refused(HTTPStatus.REQUEST_TIMEOUT, reason, close=True) from None
        if size > limits.body_bytes:
            raise _refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, too_large)
        return bytes(body)


def _headers(scope: Scope) -> dict[bytes, bytes]:
    """Give the headers by name, those that decide something at most once."""
    headers: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        if name in headers and name in ONCE:
            raise _refused(HTTPStatus.BAD_REQUEST, f"the header {name.decode()} came twice")
        headers[name] = value
    if not HOST.fullmatch(headers.get(b"host", b"-")):
        raise _refused(HTTPStatus.BAD_REQUEST, "the header host is no name of a host")
    return headers


def _check_host(headers: Mapping[bytes, bytes], site: Site) -> None:
    name = PORT.sub("", headers.get(b"host", b"").decode("latin-1")).lower()
    if site.hosts and name not in site.hosts:
        reason = "the header host must be localhost or 127.0.0.1: this server is for this machine"
        raise _refused(HTTPStatus.BAD_REQUEST, reason)


def _check_kind(headers: Mapping[bytes, bytes]) -> None:
    kind, _, parameters = headers.get(b"content-type", b"").lower().partition(b";")
    if kind.strip() != b"application/json":
        raise _refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "the body must be application/json")
    if parameters.replace(b'"', b"").strip() not in (b"", b"charset=utf-8"):
        raise _refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "the body must be UTF-8")
    if headers.get(b"content-encoding", b"identity").lower() != b"identity":
        raise _refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "the body must not be compressed")


def _replay(body: bytes, receive: Receive) -> Receive:
    """Give a body that was read once more, and then what follows it."""
    unread = True

    async def replay() -> Message:
        nonlocal unread
        if unread:
            unread = False
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()

    return replay


def _nothing() -> RefusedError:
    return _refused(HTTPStatus.NOT_FOUND, "there is nothing here")


def _refused(status: HTTPStatus, reason: str, *, close: bool = False) -> RefusedError:
    return RefusedError(status, reason, close=close)
