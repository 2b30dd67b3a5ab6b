"""A company that is served on loopback, for tests with real clients."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import closing
from pathlib import Path

import uvicorn
from accrete_team import tenants
from accrete_team.app import application
from accrete_team.registry import Registry

from accrete.database import Database


def free_port() -> int:
    with socket.socket() as each:
        each.bind(("127.0.0.1", 0))
        return int(each.getsockname()[1])


class Served:
    """A server with one company, `acme`; what `a_person` and `in_team` need of one."""

    def __init__(self, home: Path) -> None:
        self.registry = Registry(home)
        if self.registry.find("acme") is None:
            tenants.create(self.registry, "acme")
        self.port = free_port()
        config = uvicorn.Config(application(self.registry), port=self.port, log_level="warning")
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        while not self.server.started:
            time.sleep(0.02)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}/c/acme"

    def database(self, name: str = "acme") -> closing[Database]:
        return closing(tenants.open_company(self.registry.find("acme")))

    def close(self) -> None:
        self.server.should_exit = True
        self.thread.join(5)
