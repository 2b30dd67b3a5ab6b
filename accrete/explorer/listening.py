"""The socket that pages are served on: taken before anything slow, or refused with a sentence."""

from __future__ import annotations

import socket
from contextlib import suppress

from accrete.errors import AccreteError


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises AccreteError.

    It names its protocol: asyncio sends at once what it is given only on connections of sockets
    that do. On others the body of a page waits some 40 ms for the browser to have confirmed its
    headers.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    with suppress(OSError):
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host.strip("[]"), port))
        made.listen(64)
    except OSError as error:
        made.close()
        raise AccreteError(
            f"Nothing can listen on {in_address(host)}:{port}: {error.strerror}. If another one is "
            "running there, give --port another number, or 0 for a free one."
        ) from None
    return made


def in_address(host: str) -> str:
    """A host as it stands in an address."""
    return f"[{host.strip('[]')}]" if ":" in host else host
