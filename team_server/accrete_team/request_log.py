"""Counts and logs requests, without anything of what was sent: a kind, a status, a time, an id."""

from __future__ import annotations

import hmac
import json
import logging
import os
import re
import secrets
import time
import traceback
from collections import defaultdict
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ASKED_FOR = "ACCRETE_METRICS_TOKEN"
"""What /metrics asks for; without it there is no such page."""
ID = "accrete.request"
"""Where the id of a request is in its scope."""
BUCKETS_S = (0.01, 0.05, 0.25, 1.0, 5.0, 30.0)
_GIVEN = re.compile(r"[A-Za-z0-9._-]{1,64}")
_LOG = logging.getLogger("accrete_team")
_KINDS = (
    (re.compile(r"/c/[^/]+/api/v1/sync"), "sync"),
    (re.compile(r"(/c/[^/]+)?/api/.*"), "api"),
    (re.compile(r"/c/.*"), "page"),
    (re.compile(r"/(healthz|readyz|metrics)"), "check"),
)
_HELP = {
    "accrete_requests_total": (
        "counter",
        "Requests, by kind (sync, api, page, check, other) and status.",
    ),
    "accrete_request_seconds": ("histogram", "How long requests took, by kind."),
    "accrete_sync_sessions_total": ("counter", "Sessions that messages brought, by company."),
    "accrete_sync_tables_total": ("counter", "Tables of sessions that were kept, by company."),
    "accrete_sync_refused_total": ("counter", "Rows and tables that were refused, by company."),
    "accrete_sync_bytes_total": ("counter", "Packed bytes of messages, by company."),
    "accrete_nightly_seconds": ("gauge", "When the nightly job last ended, since 1970."),
    "accrete_nightly_problem": ("gauge", "Whether the nightly job left something to do."),
}

Labels = tuple[tuple[str, str], ...]


class Figures:
    """What is counted since the server began."""

    def __init__(self) -> None:
        self._values: dict[str, dict[Labels, float]] = defaultdict(lambda: defaultdict(float))

    def add(self, name: str, value: float = 1, **labels: str) -> None:
        """Counts something. Labels are the server's own words and names of companies."""
        self._values[name][tuple(labels.items())] += value

    def set(self, name: str, value: float, **labels: str) -> None:
        """Says what something is now."""
        self._values[name][tuple(labels.items())] = value

    def took(self, name: str, seconds: float, **labels: str) -> None:
        """Counts a time in its buckets."""
        for most in BUCKETS_S:
            self.add(f"{name}_bucket", float(seconds <= most), **labels, le=f"{most:g}")
        self.add(f"{name}_bucket", 1, **labels, le="+Inf")
        self.add(f"{name}_sum", seconds, **labels)
        self.add(f"{name}_count", 1, **labels)

    def text(self) -> str:
        """All of it as Prometheus reads it."""
        lines = []
        for name, (kind, what) in _HELP.items():
            ends = ("_bucket", "_sum", "_count") if kind == "histogram" else ("",)
            found = [(name + end, self._values.get(name + end, {})) for end in ends]
            if any(values for _, values in found):
                lines += [f"# HELP {name} {what}", f"# TYPE {name} {kind}"]
            for full, values in found:
                for labels, value in values.items():
                    said = ",".join(f'{key}="{label}"' for key, label in labels)
                    lines.append(f"{full}{{{said}}} {value:.17g}")
        return "\n".join([*lines, ""])


def allowed(authorization: str) -> bool | None:
    """Whether who asks may read the figures; None where nobody may."""
    token = os.environ.get(ASKED_FOR, "")
    if not token:
        return None
    scheme, _, given = authorization.partition(" ")
    same = hmac.compare_digest(given.encode(), token.encode())
    return scheme.lower() == "bearer" and same


def kind_of(path: str) -> str:
    """The kind of a request, one of few words."""
    return next((kind for pattern, kind in _KINDS if pattern.fullmatch(path)), "other")


class Unquoted:
    """Says where a fault of the program was and of which type it is. The text of an error may
    quote rows, so nobody further out is given it to log."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        try:
            await self.app(scope, receive, send)
        except Exception as error:
            if scope["type"] != "http":
                raise
            passed = traceback.extract_tb(error.__traceback__)
            at = [f"{Path(each.filename).name}:{each.lineno} {each.name}" for each in passed]
            line = {"request": scope.get(ID, ""), "fault": type(error).__name__, "at": at}
            _LOG.error(json.dumps(line))


class Watch:
    """Gives each request an id, which its answer and its line in the log have, and counts it."""

    def __init__(self, app: ASGIApp, figures: Figures) -> None:
        self.app, self.figures = app, figures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        scope[ID] = given if _GIVEN.fullmatch(given) else secrets.token_hex(8)
        began, status = time.perf_counter(), 500

        async def answered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = scope[ID]
            await send(message)

        try:
            await self.app(scope, receive, answered)
        finally:
            self._count(scope, status, time.perf_counter() - began)

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        kind = kind_of(scope["path"])
        self.figures.add("accrete_requests_total", kind=kind, status=str(status))
        self.figures.took("accrete_request_seconds", seconds, kind=kind)
        if kind != "check":
            line = {"request": scope[ID], "kind": kind, "status": status}
            _LOG.info(json.dumps(line | {"ms": round(seconds * 1000)}))
