"""How long the server waits for whoever is slow: for a request's head, for its body, for a reader
who does not take the answer; and how many may be connected. Nobody holds a connection for good."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import h11
import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

from accrete_team.request_log import Unquoted

LATE = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Patience:
    """head_s: how long the head of a request may take, from the connection or from the end of the
    last answer on; body_s: how long its body may take after that; reader_s: how long a reader may
    leave more than 64 KiB waiting, and the rest of an answer after its end; connections: how many
    there are at most. One more ends the one that has waited longest for a request, else itself."""

    head_s: float = 15.0
    body_s: float = 75.0
    reader_s: float = 60.0
    connections: int = 500


def config(
    app: Starlette,
    patience: Patience | None = None,
    *,
    port: int = 8000,
    ssl_certfile: str | Path | None = None,
    ssl_keyfile: str | Path | None = None,
) -> uvicorn.Config:
    """How an application is served: on a port, where it is given no socket; with TLS, where it is
    given a certificate and its key."""
    return uvicorn.Config(
        Unquoted(app), http=_protocol(patience or Patience()), ws="none", log_level="warning",
        access_log=False, server_header=False, port=port,
        ssl_certfile=ssl_certfile, ssl_keyfile=ssl_keyfile,
    )  # fmt: skip


def _protocol(patience: Patience) -> type[asyncio.Protocol]:
    class Bounded(_Bounded):
        """Connections of one server."""

        limits = patience

    return Bounded


class _Bounded(H11Protocol):
    """One connection. Between two events it waits for one thing: a head, a body, the application,
    or a reader; a timer ends all waits but that for the application."""

    limits: Patience
    _waits: str = ""
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._look()
        if len(self.connections) > self.limits.connections:
            idle = [each for each in self.connections
                    if isinstance(each, _Bounded) and each._waits == "head"]  # fmt: skip
            oldest = min(idle, key=lambda each: each._ends, default=self)
            oldest._drop()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._look()

    def pause_writing(self) -> None:
        self.flow.pause_writing()
        self._look()

    def resume_writing(self) -> None:
        self.flow.resume_writing()
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait("")
        super().connection_lost(exc)

    def _look(self) -> None:
        """Waits for what comes next. A wait goes on where it is for the same as before: a byte now
        and then does not make it longer."""
        idle = self.cycle is None or self.cycle.response_complete
        if self.transport.is_closing() or self.flow.write_paused:
            self._wait("reader")
        elif idle:
            self._wait("head")
        elif self.conn.their_state is h11.SEND_BODY:
            self._wait("body")
        else:
            self._wait("")

    def _wait(self, what: str) -> None:
        if what == self._waits:
            return
        self._waits = what
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if what:
            seconds = float(getattr(self.limits, f"{what}_s"))
            self._timer = self.loop.call_later(seconds, self._late)

    @property
    def _ends(self) -> float:
        return self._timer.when() if self._timer is not None else 0.0

    def _late(self) -> None:
        begun = self.cycle is not None and self.cycle.response_started
        if self._waits == "reader":
            self.transport.abort()
        elif self.transport.get_write_buffer_size() > 0:  # the end of the last answer
            self._wait("reader")
        elif self._waits == "head" and self.conn.trailing_data[0] == b"" or begun:
            self._drop()
        else:
            self.transport.write(LATE)
            self.transport.close()
            self._wait("reader")

    def _drop(self) -> None:
        """Ends a connection with nothing under way."""
        self.transport.close()
        self._wait("reader")
