"""The style sheet and the scripts: hashed, compressed once, cached for good."""

from __future__ import annotations

import gzip
import hashlib
from functools import lru_cache
from importlib import resources

from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_FOREVER = "public, max-age=31536000, immutable"


@lru_cache
def _files() -> dict[str, tuple[bytes, bytes, str]]:
    """The files by name: their bytes, the same compressed, and their hash."""
    found = {}
    for each in (resources.files("accrete.explorer") / "static").iterdir():
        if each.name.rpartition(".")[2] in _TYPES:
            data = each.read_bytes()
            digest = hashlib.sha256(data).hexdigest()[:12]
            found[each.name] = (data, gzip.compress(data, 9, mtime=0), digest)
    return found


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
