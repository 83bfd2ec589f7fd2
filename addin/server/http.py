"""HTTP as the server speaks it: strictly, and with an end to a request that never comes."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

GRACE = 2.0
"""Seconds beyond those that the guard grants a body, so that it is the one to answer."""


class PatientProtocol(H11Protocol):
    """Closes a connection whose request, head and body, does not arrive in time.

    uvicorn ends connections that idle between requests, but waits for ever for the rest of
    one that has begun.
    """

    seconds = 20.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._arrival: asyncio.TimerHandle | None = None
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Take what came, and wait for the rest of the request if there is any."""
        super().data_received(data)
        if self.conn.their_state in (h11.IDLE, h11.SEND_BODY):
            self._wait()
        else:
            self._stop_waiting()

    def on_response_complete(self) -> None:
        """Leave an idle connection to uvicorn's own timer."""
        super().on_response_complete()
        if self.conn.their_state is h11.IDLE:
            self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the timer."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _unsupported_upgrade_warning(self) -> None:
        """Say nothing: a request to upgrade is answered, and logged, like any other."""

    def _wait(self) -> None:
        if self._arrival is None:
            self._arrival = self.loop.call_later(self.seconds + GRACE, self._give_up)

    def _stop_waiting(self) -> None:
        if self._arrival is not None:
            self._arrival.cancel()
            self._arrival = None

    def _give_up(self) -> None:
        self._arrival = None
        self.transport.abort()


def patient(seconds: float) -> type[Any]:
    """Make the protocol for a server.

    Parameters
    ----------
    seconds : float
        Within which a request must have arrived.

    Returns
    -------
    type
    """
    return type("PatientProtocol", (PatientProtocol,), {"seconds": seconds})


class AnnouncingServer(uvicorn.Server):
    """Says when it is ready, and ends what takes long when it is told to stop.

    Parameters
    ----------
    config : uvicorn.Config
    ready : callable
        Called once it takes requests.
    seconds : float
        How long requests may take after that.
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
