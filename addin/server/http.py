"""HTTP as the server speaks it: with an end to a request that never comes, and to long ones."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, cast

import uvicorn
from starlette.types import Scope

STATE = "fieldbook"

HEAD_SECONDS = 10.0
"""Within which a request's line and headers must have arrived, at most."""

MOST = 1_000
"""Connections that may be open, where the system allows as many."""

RESERVED = 64
"""Descriptors for all else: log, files of pages and tokens, pipes of processes."""


def most_connections() -> int:
    """Give how many connections may be open, so that files and processes can be opened beside."""
    if sys.platform == "win32":
        return MOST
    import resource

    return max(1, min(MOST, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - RESERVED))


class TimedProtocol:
    """Any protocol of uvicorn's, on a connection that is closed if no request arrives in time.

    uvicorn ends connections that idle between requests, but waits for ever for the first
    request, and for the rest of one that has begun. Of the protocol nothing but the interface
    of asyncio is used. In time means that a request's head must have arrived; its body is the
    guard's to wait for.

    The connections know each other, the one that was answered longest ago first: where there are
    too many, the first that only waits is closed. Without that, whoever opens connections and
    sends nothing would use up what the system allows.
    """

    def __init__(
        self,
        standard: type[asyncio.Protocol],
        connections: dict[TimedProtocol, None],
        most: int,
        seconds: float,
        *,
        app_state: dict[str, Any],
        **options: object,
    ) -> None:
        self._inner = standard(app_state=app_state | {STATE: self}, **options)  # type: ignore[call-arg]
        self._connections = connections
        self._most = most
        self._seconds = min(seconds, HEAD_SECONDS)
        self._timer: asyncio.TimerHandle | None = None
        self._answering = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for the first request."""
        self._transport = cast(asyncio.Transport, transport)
        self._connections[self] = None
        if len(self._connections) > self._most:
            for each in self._connections:
                if not each._answering and not each._transport.is_closing():
                    each._transport.abort()
                    break
        self._expect()
        self._inner.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Take a part of a request, and begin to wait for the rest of it."""
        self._expect()
        self._inner.data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._stop()
        self._connections.pop(self, None)
        self._inner.connection_lost(exc)

    @contextmanager
    def answered(self) -> Iterator[None]:
        """Wait for no other request while one is answered."""
        self._stop()
        self._answering += 1
        try:
            yield
        finally:
            self._answering -= 1
            if self in self._connections:
                self._connections[self] = self._connections.pop(self)

    def _expect(self) -> None:
        if not self._answering and self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._seconds, self._transport.abort)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def answering(scope: Scope) -> AbstractContextManager[None]:
    """Say to its connection that a request has arrived, and is now answered."""
    connection: TimedProtocol | None = scope.get("state", {}).get(STATE)
    return connection.answered() if connection else nullcontext()


class AnnouncingServer(uvicorn.Server):
    """Says when it is ready, and ends what takes long when it is told to stop.

    After that, requests may take so many seconds more; then `close` ends what they used.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        ready: Callable[[], None],
        close: Callable[[], Awaitable[None]],
        seconds: float,
    ) -> None:
        super().__init__(config)
        self._ready = ready
        self._close = close
        self._seconds = seconds

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop; sooner than uvicorn would, so that what is cancelled can still say so."""
        asyncio.get_running_loop().call_later(self._seconds, self._cancel)
        await super().shutdown(sockets)
        await self._close()

    def _cancel(self) -> None:
        for task in list(self.server_state.tasks):
            task.cancel()
