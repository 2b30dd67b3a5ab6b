"""A client that stops reading: nobody waits for it, and what is forgotten is gone."""

from __future__ import annotations

import asyncio
from contextlib import closing
from typing import Any

from accrete.clock import ISO
from accrete.commands.deeds import LocalDeeds
from accrete.database.sqlite import Sqlite
from accrete.explorer.guard import Keys
from accrete.explorer.local import local_application
from tests.explorer.asking import HOME, PORT
from tests.records import called, kept
from tests.transcripts import Transcript

SECRET = "quokkas-in-the-ledger"
WAL = 64 * 1024 * 1024


def test_who_stalls_in_a_replay_keeps_no_forgetting_and_no_writer_waiting(
    settings, monkeypatch, capsys
):
    monkeypatch.setenv("ACCRETE_HOME", str(settings.home))
    t = Transcript(1)
    for n in range(300):
        t.prompt(f"{n}: {SECRET} {'word ' * 60}")
        t.answer(f"msg_{n}")
    kept(settings, t)
    keys = Keys(PORT)
    app = local_application(settings, keys, ISO, LocalDeeds(settings))

    async def asked(path: str, cookie: str, send: Any) -> None:
        path, _, query = path.partition("?")
        host = HOME.partition("//")[2].encode()
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET",
            "scheme": "http", "path": path, "raw_path": path.encode(), "root_path": "",
            "query_string": query.encode(), "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", PORT),
            "headers": [(b"host", host), (b"cookie", cookie.encode())],
        }  # fmt: skip

        async def receive() -> dict[str, Any]:
            await asyncio.sleep(60)
            return {"type": "http.disconnect"}

        await app(scope, receive, send)

    async def stalled() -> None:
        let_in: list[dict[str, Any]] = []

        async def open_(message: dict[str, Any]) -> None:
            let_in.append(message)

        await asked(f"/open?token={keys.token()}", "", open_)
        (cookie,) = [v for k, v in let_in[0]["headers"] if k == b"set-cookie"]
        begun, go_on, taken = asyncio.Event(), asyncio.Event(), []

        async def slowly(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.body" and message.get("body"):
                taken.append(message["body"])
                begun.set()
                await go_on.wait()

        page = asyncio.ensure_future(
            asked(f"/sessions/{t.session}", cookie.decode().partition(";")[0], slowly)
        )
        await begun.wait()
        assert len(taken) == 1
        code, out, _ = await asyncio.to_thread(called, capsys, "forget", t.session, "--yes")
        assert code == 0, out
        for path in settings.database.parent.glob("accrete.db*"):
            assert SECRET.encode() not in path.read_bytes(), path.name
            assert path.stat().st_size <= WAL
        with closing(Sqlite(settings.database)) as db:
            assert db.run("PRAGMA wal_checkpoint(TRUNCATE)")[0] == (0, 0, 0)
        go_on.set()
        await page
        assert SECRET.encode() in b"".join(taken)  # what was read before is shown whole

    async def served() -> None:
        async with app.router.lifespan_context(app):
            await stalled()

    asyncio.run(served())
