"""What stands between the network and xlwings Server: bounds, plain refusals, one log line.

The package answers 500 where a request has not the shape it expects, reads bodies of any
size, and looks for static files outside its folder when a path says so. All of that ends
here, before the package sees the request.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Container
from dataclasses import dataclass
from http import HTTPStatus

import anyio
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from addin.server import log
from addin.server.body import Answer, Asked, Limits, check, parse
from addin.server.http import answering

Authenticate = Callable[[Request], Awaitable[str]]
"""Takes a request and gives who sent it; raises HTTPException if they may not call."""

Answering = Callable[[str, str, bytes, Asked | None], Awaitable[Answer]]
"""Takes who calls, the script's name (empty for a function), the body, and what it asks for."""

LARGE_BODY = 50_000
"""Bytes from which a body is not read in the event loop, but where its call is computed."""

HOST = re.compile(r"[A-Za-z0-9._:\[\]-]{1,255}")
PORT = re.compile(r":[0-9]*\Z")
SEGMENT = re.compile(r"[A-Za-z0-9_@-][A-Za-z0-9._@-]*")
ONCE = ("host", "authorization", "auth-provider", "content-type", "content-encoding")
UTF8_JSON = re.compile(r'application/json *(; *(charset="?utf-8"?)? *)?')
NOTHING = "there is nothing here"
CLOSE = {"connection": "close"}
PLAIN = {"cache-control": "no-store", "x-content-type-options": "nosniff"}

READ = ("GET",)
READ_OR_LOOK = ("GET", "HEAD")
POST = ("POST",)

VERSION = "/fieldbook/version"
PAGES = (
    VERSION,
    "/favicon.ico",
    "/manifest",
    "/manifest.xml",
    "/manifest/download",
    "/taskpane",
    "/taskpane.html",
    "/xlwings/custom-functions-code",
    "/xlwings/custom-functions-code.js",
    "/xlwings/custom-functions-meta",
    "/xlwings/custom-functions-meta.json",
    "/xlwings/custom-scripts-meta",
    "/xlwings/custom-scripts-meta.json",
)
"""What there is to read: ours, and what the package serves; its sockets and streams are off."""


@dataclass(frozen=True, kw_only=True)
class Site:
    """What there is to serve.

    Parameters
    ----------
    scripts : container of str
        The names that may be called.
    version : str
        Of the model.
    app_path, static_path : str
        Before the paths of the pages, and of the files.
    hosts : frozenset of str
        The names that a request may call the server by; empty if any.
    """

    scripts: Container[str]
    version: str
    app_path: str = ""
    static_path: str = "/static"
    hosts: frozenset[str] = frozenset()

    def script(self, path: str) -> str:
        """Name the script that a path calls; empty if it calls none."""
        before = f"{self.app_path}/xlwings/custom-scripts-call/"
        return path.removeprefix(before) if path.startswith(before) else ""

    def methods(self, path: str) -> tuple[str, ...]:
        """Give the methods that a path allows; none if there is nothing."""
        if path == f"{self.app_path}/xlwings/custom-functions-call":
            return POST
        if path.startswith(f"{self.static_path}/"):
            segments = path.removeprefix(f"{self.static_path}/").split("/")
            return READ_OR_LOOK if all(map(SEGMENT.fullmatch, segments)) else ()
        if path == f"{self.app_path}/":
            return READ_OR_LOOK
        if self.script(path) in self.scripts:
            return POST
        return READ if path in {f"{self.app_path}{page}" for page in PAGES} else ()


def plain(error: HTTPException) -> Response:
    """Give a refusal as one line of plain text."""
    headers = {name.lower(): value for name, value in (error.headers or {}).items()} | PLAIN
    if error.status_code == 401:
        headers["www-authenticate"] = "Bearer"
    return PlainTextResponse(" ".join(str(error.detail).split()), error.status_code, headers)


@dataclass(frozen=True)
class Guard:
    """An ASGI application around another, which is xlwings Server.

    It serves what there is on the site, and has calls answered to those whom `authenticate` lets
    pass, within limits.
    """

    app: ASGIApp
    site: Site
    authenticate: Authenticate
    answer_call: Answering
    limits: Limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, and log that."""
        if scope["type"] != "http":
            return  # uvicorn is told to speak nothing else
        began = time.perf_counter()
        answer = _Answer(Request(scope, receive), send)
        try:
            with answering(scope):
                await self._guarded(answer)
        finally:
            log.request(
                method=scope["method"],
                path=scope["path"],
                function=answer.function,
                status=answer.status,
                seconds=time.perf_counter() - began,
            )

    async def _guarded(self, answer: _Answer) -> None:
        refusal: HTTPException | None = None
        try:
            await self._handle(answer)
        except ClientDisconnect:
            pass
        except HTTPException as error:
            refusal = error
        except asyncio.CancelledError:
            # Only the end of the server cancels a request; uvicorn would log that it did.
            refusal = HTTPException(503, "the server is stopping", CLOSE)
        except Exception as error:
            log.failure(error)
            refusal = HTTPException(500, "an internal error occurred")
        if refusal and not answer.status:
            await answer.give(plain(refusal))

    async def _handle(self, answer: _Answer) -> None:
        request, site = answer.request, self.site
        path, method, receive = request.scope["path"], request.method, request.receive
        _check_headers(request, site)
        if not (methods := site.methods(path)):
            raise HTTPException(404, NOTHING)
        if method not in methods:
            allowed = {"allow": ", ".join(methods)}
            raise HTTPException(405, f"only {' and '.join(methods)} here", allowed)
        if path == f"{site.app_path}{VERSION}":
            await answer.give(JSONResponse({"version": site.version}, headers=PLAIN))
            return
        if method == "POST":
            await self._call(answer)
        else:
            await self.app(request.scope, receive, answer.send)

    async def _call(self, answer: _Answer) -> None:
        """Answer a call by someone who may call, for as long as they wait for it."""
        request = answer.request
        person = await self.authenticate(request)
        if not UTF8_JSON.fullmatch(request.headers.get("content-type", "").lower().strip()):
            raise HTTPException(415, "the body must be application/json in UTF-8")
        if request.headers.get("content-encoding", "identity").lower() != "identity":
            raise HTTPException(415, "the body must not be compressed")
        script = self.site.script(request.scope["path"])
        body = await self._body(request)
        asked = None
        if len(body) < LARGE_BODY:
            asked = check(script, parse(body), self.limits)
            answer.function = asked.function
        computing = asyncio.ensure_future(self.answer_call(person, script, body, asked))
        leaving = asyncio.ensure_future(_left(request))
        try:
            await asyncio.wait((computing, leaving), return_when=asyncio.FIRST_COMPLETED)
            if not computing.done():
                raise ClientDisconnect
            given = computing.result()
        finally:
            computing.cancel()
            leaving.cancel()
        answer.function = given.asked.function
        media = "application/json" if given.status == HTTPStatus.OK else "text/plain"
        await answer.give(Response(given.content, given.status, PLAIN, media))

    async def _body(self, request: Request) -> bytes:
        """Read a body within the limits, whatever its length was said to be."""
        limits = self.limits
        too_large = f"one request takes at most {limits.body_bytes:,} bytes"
        declared = request.headers.get("content-length", "0")
        if declared.isdigit() and int(declared[:20]) > limits.discarded_bytes:
            raise HTTPException(413, too_large, CLOSE)
        body, size = bytearray(), 0
        with anyio.move_on_after(limits.seconds) as arriving:
            async for chunk in request.stream():
                size += len(chunk)
                if size > limits.discarded_bytes:
                    raise HTTPException(413, too_large, CLOSE)
                if size <= limits.body_bytes:  # the rest is read, so that they hear why
                    body += chunk
        if arriving.cancelled_caught:
            reason = f"the request did not arrive within {limits.seconds:g} seconds"
            raise HTTPException(408, reason, CLOSE)
        if size > limits.body_bytes:
            raise HTTPException(413, too_large)
        return bytes(body)


@dataclass
class _Answer:
    """What a request gets, and what the log will say of it."""

    request: Request
    sending: Send
    function: str = ""
    status: int = 0

    async def send(self, message: Message) -> None:
        """Send what an application answers."""
        if message["type"] == "http.response.start":
            self.status = int(message["status"])
        await self.sending(message)

    async def give(self, response: Response) -> None:
        """Send an answer of our own."""
        if self.request.method == "HEAD":
            response.body = b""  # the length in its head is that of the answer to GET
        await response(self.request.scope, self.request.receive, self.send)


def _check_headers(request: Request, site: Site) -> None:
    """Refuse headers that come twice and decide something, and names of other hosts."""
    for name in ONCE:
        if len(request.headers.getlist(name)) > 1:
            raise HTTPException(400, f"the header {name} came twice")
    if "content-length" in request.headers and "transfer-encoding" in request.headers:
        # A proxy in front may take the one that this server does not, and mix up requests.
        reason = "the headers content-length and transfer-encoding exclude each other"
        raise HTTPException(400, reason, CLOSE)
    host = request.headers.get("host")
    if host is not None and not HOST.fullmatch(host):
        raise HTTPException(400, "the header host is no name of a host")
    if site.hosts and PORT.sub("", host or "").lower() not in site.hosts:
        reason = "the header host must be localhost or 127.0.0.1: this server is for this machine"
        raise HTTPException(400, reason)


async def _left(request: Request) -> None:
    """Wait until the client has gone; its request was read to the end."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
