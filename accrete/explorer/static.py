"""The style sheet and the scripts: hashed, compressed once, cached for good."""

from __future__ import annotations

import gzip
import hashlib
from functools import lru_cache
from importlib import resources

from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
SCRIPTS = "pages.js"
"""The scripts of every page in one file: htmx begins as soon as it is there, and an extension that
comes later is too late for what the page has."""
_TOGETHER = ("htmx.js", "hx-sse.js", "app.js")
_FOREVER = "public, max-age=31536000, immutable"


@lru_cache
def _files() -> dict[str, tuple[bytes, bytes, str]]:
    """The files by name: their bytes, the same compressed, and their hash."""
    folder = resources.files("accrete.explorer") / "static"
    data = {
        each.name: each.read_bytes()
        for each in folder.iterdir()
        if each.name.rpartition(".")[2] in _TYPES
    }
    data[SCRIPTS] = b";\n".join(data[name] for name in _TOGETHER)
    return {
        name: (text, gzip.compress(text, 9, mtime=0), hashlib.sha256(text).hexdigest()[:12])
        for name, text in data.items()
    }


def address(mount: str, name: str) -> str:
    """Where a file is, with its hash."""
    return f"{mount}/static/{name}?v={_files()[name][2]}"


class Assets:
    """Serves the files."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        name = scope["path"].rpartition("/")[2]
        held = _files().get(name)
        if held is None:
            await PlainTextResponse("There is no such file.", 404)(scope, receive, send)
            return
        given = dict(scope["headers"])
        tag = f'"{held[2]}"'
        headers = {"ETag": tag, "Cache-Control": _FOREVER, "Vary": "Accept-Encoding"}
        if given.get(b"if-none-match", b"").decode("latin-1") == tag:
            await Response(status_code=304, headers=headers)(scope, receive, send)
            return
        packed = b"gzip" in given.get(b"accept-encoding", b"")
        if packed:
            headers["Content-Encoding"] = "gzip"
        kind = f"{_TYPES[name.rpartition('.')[2]]}; charset=utf-8"
        answer = Response(held[1] if packed else held[0], media_type=kind, headers=headers)
        await answer(scope, receive, send)
