"""A test client that is quick: tests ask some ten thousand pages."""

from __future__ import annotations

from typing import Any

import httpx2
from starlette.testclient import TestClient


class Client(TestClient):
    """Starlette's, whose transport goes to the thread of the program's loop and back eight times
    for each request; this one goes once, with httpx2's own. An answer is there when it is whole:
    one that never ends, or is read in part, is asked for with Starlette's."""

    def __init__(self, app: Any, **given: Any) -> None:
        super().__init__(app, **given)
        self._transport: Any = _Once(self, given.get("raise_server_exceptions", True))


class _Once(httpx2.BaseTransport):
    def __init__(self, client: TestClient, raises: bool) -> None:
        self.client = client
        self.raise_server_exceptions = raises

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        request.read()  # what is sent piece by piece, too
        with self.client._portal_factory() as portal:
            return portal.call(self._asked, request)

    async def _asked(self, request: httpx2.Request) -> httpx2.Response:
        inner = httpx2.ASGITransport(self.client.app, self.raise_server_exceptions)
        answer = await inner.handle_async_request(request)
        body = httpx2.ByteStream(b"".join([part async for part in answer.aiter_raw()]))
        return httpx2.Response(answer.status_code, headers=answer.headers, stream=body)
