"""Stand-ins for GitHub: a `gh` for PATH, and an API on loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from accrete.clock import parse_instant
from tests.records import projects
from tests.transcripts import Transcript

OPENED, ENDED = "2026-09-21T15:00:00Z", "2026-09-22T16:30:00Z"
OPENED_MS, ENDED_MS = parse_instant(OPENED), parse_instant(ENDED)
REPOSITORY = "https://github.com/acme/demo/pull"


def by_gh(state: str, *, draft: bool = False) -> str:
    """What `gh pr view --json` prints."""
    return json.dumps(
        {
            "closedAt": None if state == "OPEN" else ENDED,
            "createdAt": OPENED,
            "isDraft": draft,
            "mergedAt": ENDED if state == "MERGED" else None,
            "state": state,
        }
    )


def by_api(state: str, *, merged: bool = False, draft: bool = False) -> bytes:
    """What the API answers, in the parts that are read."""
    ended = None if state == "open" else ENDED
    return json.dumps(
        {
            "state": state,
            "draft": draft,
            "created_at": OPENED,
            "merged_at": ended if merged else None,
            "closed_at": ended,
            "body": "x" * 2000,
        }
    ).encode()


class Gh:
    """A `gh` that prints what it was told of a pull request's number, and notes how it was run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        program = folder / "gh"
        program.write_text(
            f"""#!/bin/sh
printf '%s\\n' "$*" >> '{folder}/calls'
env > '{folder}/env'
pwd > '{folder}/pwd'
number=${{3##*/}}
[ -f '{folder}/'"$number" ] || exit 1
. '{folder}/'"$number"
"""
        )
        program.chmod(0o755)

    @property
    def env(self) -> dict[str, str]:
        """An environment in which it is found."""
        return {"PATH": f"{self.folder}:/usr/bin:/bin", "GH_TOKEN": "ghp_never", "EDITOR": "vi"}

    def says(self, number: int, text: str) -> None:
        """Prints a text when asked about a number."""
        self.does(number, f"cat <<'END'\n{text}\nEND\n")

    def does(self, number: int, script: str) -> None:
        """Runs a shell script when asked about a number."""
        (self.folder / str(number)).write_text(script)

    @property
    def calls(self) -> list[str]:
        """The arguments of each call."""
        path = self.folder / "calls"
        return path.read_text().splitlines() if path.exists() else []


class Api:
    """An API on loopback. answers: (status, headers, body) by path; asked: (path, authorization)
    of each request."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.asked: list[tuple[str, str | None]] = []
        self.hold = threading.Event()
        self.base = ""

    def says(self, number: int, body: bytes, status: int = 200, **headers: str) -> None:
        """Answers about a pull request of acme/demo."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[f"/repos/acme/demo/pulls/{number}"] = (status, given, body)


@contextmanager
def served_api() -> Iterator[Api]:
    """Serves an API as long as the block runs."""
    api = Api()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            api.asked.append((self.path, self.headers.get("Authorization")))
            if self.path not in api.answers:
                api.hold.wait(10)
                return
            status, headers, body = api.answers[self.path]
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    class Quiet(HTTPServer):
        def handle_error(self, *_: object) -> None:
            """Whoever asked may be gone."""

    server = Quiet(("127.0.0.1", 0), Handler)
    api.base = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield api
    finally:
        api.hold.set()
        server.shutdown()
        thread.join()
        server.server_close()


def pulling(settings, n: int, *urls: str, linked: tuple[str, ...] = (), **common) -> Transcript:
    """A session that opens pull requests and links others; its file is written."""
    t = Transcript(n, **common)
    t.prompt("Open a pull request")
    for i, url in enumerate(urls):
        use = f"toolu_{n}_{i}"
        t.call("Bash", {"command": "gh pr create --fill"}, message_id=f"msg_{n}_{i}", use=use)
        t.result(url, use=use)
    for url in linked:
        t.add("pr-link", prNumber=int(url.rsplit("/", 1)[1]), prUrl=url, prRepository="acme/demo")
    t.answer(f"msg_{n}_end", usage={"input_tokens": 1000 * n, "output_tokens": 100})
    t.write(projects(settings))
    return t
