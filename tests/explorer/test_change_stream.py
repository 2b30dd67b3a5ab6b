"""Open pages are told that the record has changed; it is looked at only while a page is open."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from accrete.clock import LocalTime
from accrete.database import Sqlite
from accrete.edge.local import MINE
from accrete.explorer import change_stream
from accrete.explorer.app import application
from accrete.explorer.change_stream import Watch
from accrete.explorer.local import LocalSource
from accrete.explorer.viewer import Viewer
from tests.records import kept, rows
from tests.transcripts import busy

SOON_S, LONG_S = 0.005, 60.0
ENDING = ("_look", "_give_back")
"""What goes on for a moment after the last page has left: its look gives the connection back."""


class Page:
    """An open page that listens."""

    def __init__(self, app: Any, query: str, last: str | None) -> None:
        self.sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._left = asyncio.Event()
        headers = [] if last is None else [(b"last-event-id", last.encode())]
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET",
            "scheme": "http", "path": "/live", "raw_path": b"/live", "root_path": "",
            "query_string": query.encode(), "headers": headers, "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 1),
        }  # fmt: skip
        self.served = asyncio.ensure_future(app(scope, self._receive, self.sent.put))

    async def _receive(self) -> dict[str, Any]:
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def begun(self) -> tuple[int, dict[str, str]]:
        """The status and the headers of its answer."""
        first = await asyncio.wait_for(self.sent.get(), LONG_S)
        return first["status"], {k.decode(): v.decode() for k, v in first["headers"]}

    async def told(self) -> str:
        """The next message."""
        return (await asyncio.wait_for(self.sent.get(), LONG_S))["body"].decode()

    async def leave(self) -> list[dict[str, Any]]:
        """Closes it; returns what was sent since."""
        self._left.set()
        await asyncio.wait_for(self.served, LONG_S)
        return [self.sent.get_nowait() for _ in range(self.sent.qsize())]


class Looks:
    """Counts how often the record was looked at; fails once where it is told to."""

    def __init__(self) -> None:
        self.n = 0
        self.fault: Exception | None = None

    async def __call__(self) -> None:
        self.n += 1
        if self.fault is not None:
            fault, self.fault = self.fault, None
            raise fault

    async def more(self, n: int = 3) -> None:
        """Waits for some more of them."""
        until = self.n + n
        async with asyncio.timeout(LONG_S):
            while self.n < until:
                await asyncio.sleep(SOON_S)


Open = Callable[..., Page]


@pytest.fixture
def listening(settings, monkeypatch):
    """Runs a test with what opens pages, and with the looks at the record."""
    monkeypatch.setattr(change_stream, "LOOK_S", SOON_S)
    looks = Looks()

    @asynccontextmanager
    async def pages() -> AsyncIterator[Open]:
        source = LocalSource(settings)
        viewer = Viewer(scope=MINE, source=source, local=LocalTime("UTC"))

        async def viewer_of(request):
            return viewer

        app = application(viewer_of, watch=Watch(source, looks))
        yield lambda query="", last=None: Page(app, query, last)
        while given_back := [
            each for each in asyncio.all_tasks() if each.get_coro().__name__ in ENDING
        ]:
            await asyncio.wait(given_back)
        await source.close()

    def run(test: Callable[[Open, Looks], Awaitable[None]]) -> None:
        async def served() -> None:
            async with pages() as opening:
                await test(opening, looks)

        asyncio.run(served())

    return run


def revision(settings) -> int:
    ((n,),) = rows(settings, "SELECT n FROM revision")
    return n


def change(settings, n: int = 1) -> None:
    """Changes the record, in one transaction."""
    db = Sqlite(settings.database)
    with db.transaction():
        db.run("UPDATE session SET title = ?", (f"title {n}",))
    db.close()


def test_a_page_is_told_once_of_each_change_and_of_none_that_it_has(listening, settings):
    kept(settings, busy(1))
    made_from = revision(settings)

    async def test(opening: Open, looks: Looks) -> None:
        page = opening(f"known={made_from}")
        status, headers = await page.begun()
        assert (status, headers["cache-control"]) == (200, "no-store")
        assert headers["content-type"].startswith("text/event-stream")
        for n in (2, 3):
            await looks.more()
            assert page.sent.empty()
            change(settings, n)
            said = await page.told()
            assert "There is something new." in said
            assert f"id: {revision(settings)}" in said
        last = await page.leave()
        assert last == [{"type": "http.response.body", "body": b"", "more_body": False}]

    listening(test)


def test_a_page_that_missed_a_change_is_told_at_once(listening, settings):
    kept(settings, busy(1))
    now = revision(settings)

    async def test(opening: Open, looks: Looks) -> None:
        old, newer = opening(f"known={now - 1}"), opening(f"known={now - 1}", last=str(now))
        for page in (old, newer):
            await page.begun()
        assert f"id: {now}" in await old.told()
        await looks.more()
        assert newer.sent.empty()  # what the browser had last counts, not what the page has
        await old.leave()
        await newer.leave()

    listening(test)


@pytest.mark.parametrize("known", ["", "known=", "known=x", "known=-1", f"known={'1' * 19}"])
def test_a_page_that_names_no_revision_is_told_of_what_comes(listening, settings, known):
    kept(settings, busy(1))

    async def test(opening: Open, looks: Looks) -> None:
        page = opening(known)
        assert (await page.begun())[0] == 200
        await looks.more()
        assert page.sent.empty()
        change(settings)
        assert f"id: {revision(settings)}" in await page.told()
        await page.leave()

    listening(test)


def test_a_revision_of_eighteen_digits_is_one(listening, settings):
    kept(settings, busy(1))

    async def test(opening: Open, looks: Looks) -> None:
        page = opening(f"known={'9' * 18}")
        await page.begun()
        change(settings)
        await looks.more()
        assert page.sent.empty()
        await page.leave()

    listening(test)


def test_only_so_many_pages_listen_and_others_do_not_come_back(listening, settings, monkeypatch):
    monkeypatch.setattr(change_stream, "STREAMS", 2)
    kept(settings, busy(1))

    async def test(opening: Open, looks: Looks) -> None:
        two = [opening("known=0"), opening("known=0")]
        for page in two:
            assert (await page.begun())[0] == 200
            await page.told()
        refused = opening("known=0")
        assert (await refused.begun())[0] == 204
        await refused.leave()
        await two[0].leave()
        again = opening("known=0")
        assert (await again.begun())[0] == 200
        for page in (two[1], again):
            await page.leave()

    listening(test)


def test_where_nothing_is_watched_no_page_comes_back(settings, opened, monkeypatch):
    kept(settings, busy(1))
    client = opened(settings)
    monkeypatch.setattr(client.app.state, "watch", None)
    assert client.get("/live?known=0").status_code == 204


def test_the_record_is_looked_at_only_while_a_page_listens(listening, settings):
    kept(settings, busy(1))

    async def test(opening: Open, looks: Looks) -> None:
        first, second = opening("known=0"), opening("known=0")
        for page in (first, second):
            await page.begun()
            await page.told()
        await first.leave()
        await looks.more()
        await second.leave()
        seen = looks.n
        await asyncio.sleep(10 * SOON_S)
        assert looks.n == seen
        third = opening("known=0")
        await third.begun()
        await third.told()
        await third.leave()
        assert looks.n > seen

    listening(test)


def test_a_record_that_was_restored_begins_lower(listening, settings):
    kept(settings, busy(1), busy(2))
    now = revision(settings)

    async def test(opening: Open, looks: Looks) -> None:
        before = opening("known=0")
        await before.begun()
        await before.told()
        await before.leave()
        db = Sqlite(settings.database)
        db.connection.execute("UPDATE revision SET n = 1")
        db.connection.commit()
        db.close()
        lower = revision(settings)
        assert lower < now
        after = opening(f"known={lower}")
        await after.begun()
        await looks.more()
        assert after.sent.empty()
        await after.leave()

    listening(test)


def test_a_look_that_fails_is_not_the_last_and_only_a_fault_of_the_program_is_logged(
    listening, settings, caplog
):
    async def test(opening: Open, looks: Looks) -> None:
        page = opening("known=0")
        await page.begun()
        await looks.more()
        assert caplog.records == []  # there is no record yet
        looks.fault = ZeroDivisionError("a fault")
        await looks.more()
        assert [each.getMessage() for each in caplog.records] == [
            "the record could not be looked at"
        ]
        await asyncio.to_thread(kept, settings, busy(1))
        assert "There is something new." in await page.told()
        await page.leave()

    listening(test)
