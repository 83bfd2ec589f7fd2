"""HTTP as the server speaks it: with an end to a request that never comes, and to long ones."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import cast

import uvicorn


class Arrival:
    """Closes a connection on which no request arrives in time.

    uvicorn ends connections that idle between requests, but waits for ever for the first
    request, and for the rest of one that has begun.

    Parameters
    ----------
    seconds : float
        Within which a request's head must have arrived; its body is the guard's to wait for.
    """

    def __init__(self, transport: asyncio.Transport, seconds: float) -> None:
        self._transport = transport
        self._seconds = seconds
        self._timer: asyncio.TimerHandle | None = None
        self._answering = 0
        self.expect()

    def expect(self) -> None:
        """Begin to wait for a request, unless one is waited for or being answered."""
        if not self._answering and self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._seconds, self._transport.abort)

    def stop(self) -> None:
        """Wait no longer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @contextmanager
    def answered(self) -> Iterator[None]:
        """Wait for no other request while one is answered."""
        self.stop()
        self._answering += 1
        try:
            yield
        finally:
            self._answering -= 1


ARRIVAL: ContextVar[Arrival | None] = ContextVar("arrival", default=None)


@contextmanager
def answering() -> Iterator[None]:
    """Say that the request of this task has arrived, and is now answered."""
    arrival = ARRIVAL.get()
    if arrival is None:
        yield
    else:
        with arrival.answered():
            yield


def timed(standard: type[asyncio.Protocol], seconds: float) -> type[asyncio.Protocol]:
    """Put a time limit on requests around any protocol of uvicorn's.

    Parameters
    ----------
    standard : type
        The protocol, of which nothing but the interface of asyncio is used.
    seconds : float
        Within which a request's head must have arrived.

    Returns
    -------
    type
        To be used in its place.
    """

    class Timed(asyncio.Protocol):
        def __init__(self, **options: object) -> None:
            self._inner = standard(**options)

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self._arrival = Arrival(cast(asyncio.Transport, transport), seconds)
            self._inner.connection_made(transport)

        def data_received(self, data: bytes) -> None:
            self._arrival.expect()
            # The tasks that answer what is in the data are started with this context.
            token = ARRIVAL.set(self._arrival)
            try:
                self._inner.data_received(data)
            finally:
                ARRIVAL.reset(token)

        def connection_lost(self, exc: Exception | None) -> None:
            self._arrival.stop()
            self._inner.connection_lost(exc)

        def eof_received(self) -> bool | None:
            return self._inner.eof_received()

        def pause_writing(self) -> None:
            self._inner.pause_writing()

        def resume_writing(self) -> None:
            self._inner.resume_writing()

    return Timed


class AnnouncingServer(uvicorn.Server):
    """Says when it is ready, and ends what takes long when it is told to stop.

    Parameters
    ----------
    ready : callable
        Called once it takes requests.
    seconds : float
        How long requests may take after it was told to stop.
    """

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None], seconds: float) -> None:
        super().__init__(config)
        self._ready = ready
        self._seconds = seconds

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop; sooner than uvicorn would, so that what is cancelled can still say so."""
        asyncio.get_running_loop().call_later(self._seconds, self._cancel)
        await super().shutdown(sockets)

    def _cancel(self) -> None:
        for task in list(self.server_state.tasks):
            task.cancel()
