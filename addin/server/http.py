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


class Connections:
    """The open connections of a server: where there are too many, one that only waits makes room.

    Without that, whoever opens connections and sends nothing would use up what the system allows.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._open = 0
        self._waiting: dict[TimedProtocol, None] = {}

    def add(self) -> None:
        """Count one more, and close the one that waits longest if it is too many."""
        self._open += 1
        if self._open > self._most and self._waiting:
            longest = next(iter(self._waiting))
            del self._waiting[longest]
            longest.close()

    def remove(self) -> None:
        """Count one less."""
        self._open -= 1

    def wait(self, connection: TimedProtocol) -> None:
        """Take note that a connection waits for a request."""
        self._waiting.setdefault(connection)

    def stop_waiting(self, connection: TimedProtocol) -> None:
        """Take note that it waits no longer."""
        self._waiting.pop(connection, None)


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
    """

    def __init__(
        self,
        standard: type[asyncio.Protocol],
        connections: Connections,
        seconds: float,
        *,
        app_state: dict[str, Any],
        **options: object,
    ) -> None:
        self._inner = standard(app_state=app_state | {STATE: self}, **options)  # type: ignore[call-arg]
        self._connections = connections
        self._seconds = min(seconds, HEAD_SECONDS)
        self._timer: asyncio.TimerHandle | None = None
        self._answering = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for the first request."""
        self._transport = cast(asyncio.Transport, transport)
        self._connections.wait(self)
        self._connections.add()
        self._expect()
        self._inner.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Take a part of a request, and begin to wait for the rest of it."""
        self._expect()
        self._inner.data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._stop()
        self._connections.stop_waiting(self)
        self._connections.remove()
        self._inner.connection_lost(exc)

    def close(self) -> None:
        """Close the connection at once."""
        self._transport.abort()

    @contextmanager
    def answered(self) -> Iterator[None]:
        """Wait for no other request while one is answered."""
        self._stop()
        self._connections.stop_waiting(self)
        self._answering += 1
        try:
            yield
        finally:
            self._answering -= 1
            if not self._answering and not self._transport.is_closing():
                self._connections.wait(self)

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
