"""How the paths of transcripts stand in the record."""

from __future__ import annotations

FORGOTTEN = "forgotten:"
"""How it begins what stands for the path of a file of which nothing is kept."""


PART = "accrete.db.reading-"
"""How the databases begin that a backfill reads into, beside the record."""


def text_of(path: object) -> str:
    """A path as text that a database takes: bytes that are no UTF-8 are written out."""
    return str(path).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def name_of_file(path: str) -> str:
    """What is remembered of a forgotten file: a hash, since its path names a project and a
    session."""
    from hashlib import blake2b

    return blake2b(path.encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()


def hidden(path: str) -> str:
    """What stands for the path of a file that holds nothing but what was forgotten or is ignored: a
    path names a project."""
    return FORGOTTEN + name_of_file(path)
