"""A team server that is asked without a network, says what a test lets it say, and remembers what
came."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import httpx2
import msgspec

from accrete.edge.local import MINE
from accrete.ingest import open_for_writing
from accrete.settings import Settings
from accrete.sync.choice import Choice, join
from accrete.sync.send import Sent, send
from accrete.wire.contract import (
    Erased,
    Kept,
    Message,
    Receipt,
    State,
    Tombstone,
    Turn,
)
from accrete.wire.travels import PROGRAM, WIRE_VERSION

NOW = 1_790_000_000_000
CHOICE = join("https://team.example", "acr_acme_" + "x" * 43, tier=2)


class Taking:
    """Takes all that comes. state: what it says before; said: a change of its receipt; refuses:
    whether a message gets a status instead; statuses: of other addresses."""

    def __init__(self) -> None:
        self.state = State(PROGRAM, NOW)
        self.messages: list[Message] = []
        self.asked: list[str] = []
        self.statuses: dict[str, int] = {}
        self.said: Callable[[Message, Receipt], object] = lambda message, receipt: None
        self.refuses: Callable[[Message], int] = lambda message: 0

    def handle(self, request: httpx2.Request) -> httpx2.Response:
        what = request.url.path.rpartition("/")[2]
        self.asked.append(f"{request.method} {what}")
        if what in self.statuses:
            return httpx2.Response(self.statuses[what])
        if what == "turn":
            return httpx2.Response(200, content=msgspec.json.encode(Turn(7)))
        if what == "projects":
            return httpx2.Response(200, content=b'{"projects": []}')
        if what == "state":
            return httpx2.Response(200, content=msgspec.json.encode(self.state))
        message = msgspec.json.decode(gzip.decompress(request.content), type=Message)
        if status := self.refuses(message):
            return httpx2.Response(status)
        self.messages.append(message)
        receipt = Receipt(WIRE_VERSION, gone=[Tombstone(g.session, g.why) for g in message.gone])
        receipt.kept = [Kept(each.session, table.table, table.hash)
                        for each in message.sessions for table in each.tables]  # fmt: skip
        if message.gone:
            receipt.erased = Erased(NOW, NOW + 1)
        self.said(message, receipt)
        return httpx2.Response(200, content=msgspec.json.encode(receipt))

    def http(self) -> httpx2.Client:
        return httpx2.Client(transport=httpx2.MockTransport(self.handle))

    def sync(
        self, settings: Settings, choice: Choice = CHOICE, *, now: int = NOW, leaving: bool = False,
        whole: bool = False,
    ) -> Sent:  # fmt: skip
        """What a sync of a machine does with it."""
        db = open_for_writing(settings)
        try:
            with self.http() as http:
                return send(db, MINE, choice, leaving=leaving, whole=whole, http=http,
                            now=lambda: now, sleep=lambda s: None)  # fmt: skip
        finally:
            db.close()

    def sent(self) -> list[list[str]]:
        """The sessions of each message that came."""
        return [[each.session for each in message.sessions] for message in self.messages]
