"""Finds transcript files: every layout so far, each real file once; reports what cannot be read."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISREG

from accrete.errors import AccreteError
from accrete.text.clean import clean
from accrete.text.lazy import lazy

_UUID = lazy(r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$", re.IGNORECASE)
_AGENT_FILE = lazy(r"^agent-(.+)$")


@dataclass(frozen=True, slots=True)
class Found:
    """A transcript on disk. layout: main, subagent (in its session's folder), subagent_beside (next
    to the main file, client 2.0.x), workflow, journal, or history. session: the id its path names,
    None if it names none.
    agent: a subagent's id, else ''. meta: its `.meta.json`, if any."""

    path: Path
    root: Path
    layout: str
    session: str | None
    agent: str
    stat: os.stat_result
    meta: Path | None = None
    meta_mtime_ns: int = 0


@dataclass(slots=True)
class Search:
    """What a search found, and the paths that could not be read with the reason for each."""

    files: list[Found] = field(default_factory=list)
    unreadable: list[tuple[Path, str]] = field(default_factory=list)


def discover(roots: Iterable[Path], paths: Iterable[Path] = ()) -> Search:
    """All transcripts under config folders (`roots`), or under `paths` (files, projects folders,
    config folders) when any are given. Links are followed once; a file reached twice counts once.

    Raises AccreteError when a given path does not exist.
    """
    search = Search()
    seen: set[tuple[int, int]] = set()
    given = list(paths)
    for path in given:
        if not path.exists():
            raise AccreteError(
                f"{path} does not exist. Give a transcript, a projects folder or a config folder."
            )
        for found in _from_path(path, search):
            _take(found, search, seen)
    if not given:
        for root in roots:
            for found in _from_config(root, search):
                _take(found, search, seen)
    search.files.sort(key=lambda f: (f.stat.st_mtime_ns, str(f.path)))
    return search


def signature(found: Found) -> tuple[int, ...]:
    """What tells without reading that a file is as it was: device, inode, size, times, its meta
    file's time."""
    stat = found.stat
    return (
        stat.st_dev,
        stat.st_ino,
        stat.st_size,
        stat.st_mtime_ns,
        stat.st_ctime_ns,
        found.meta_mtime_ns,
    )


def _take(found: Found, search: Search, seen: set[tuple[int, int]]) -> None:
    identity = (found.stat.st_dev, found.stat.st_ino)
    if identity not in seen:
        seen.add(identity)
        search.files.append(found)


def _from_path(path: Path, search: Search) -> Iterator[Found]:
    if path.is_file():
        if not path.name.endswith(".jsonl"):
            raise AccreteError(
                f"{path} is no transcript: those end in .jsonl. "
                "Give one of them, or the folder that holds them."
            )
        if path.name == "history.jsonl":
            yield from _found(path, path.parent, search, layout="history")
        else:
            yield from _found(path, path.parent, search)
        return
    if (path / "projects").is_dir():
        yield from _from_config(path, search)
    else:
        yield from _from_tree(path, path, search)


def _from_config(root: Path, search: Search) -> Iterator[Found]:
    projects = root / "projects"
    if projects.is_dir():
        yield from _from_tree(projects, root, search)
    history = root / "history.jsonl"
    if history.is_file():
        yield from _found(history, root, search, layout="history")


def _from_tree(top: Path, root: Path, search: Search) -> Iterator[Found]:
    visited: set[tuple[int, int]] = set()

    def report(error: OSError) -> None:
        search.unreadable.append((Path(error.filename or top), error.strerror or str(error)))

    for folder, names, files in os.walk(top, followlinks=True, onerror=report):
        try:
            stat = os.stat(folder)
        except OSError as error:
            report(error)
            names.clear()
            continue
        if (stat.st_dev, stat.st_ino) in visited:
            names.clear()
            continue
        visited.add((stat.st_dev, stat.st_ino))
        names[:] = sorted(
            name for name in names if name not in ("tool-results", "file-history", ".git")
        )
        for name in sorted(files):
            if name.endswith(".jsonl") and not (name == "history.jsonl" and "sessions" in names):
                yield from _found(Path(folder, name), root, search)


def _found(path: Path, root: Path, search: Search, layout: str | None = None) -> Iterator[Found]:
    try:
        stat = path.stat()
        if not S_ISREG(stat.st_mode):
            raise OSError(0, "not a regular file")
    except OSError as error:
        search.unreadable.append((path, error.strerror or str(error)))
        return
    kind, session, agent = (layout, None, "") if layout else _layout(path)
    meta = path.with_suffix(".meta.json") if agent else None
    meta_mtime = 0
    if meta is not None:
        try:
            meta_mtime = meta.stat().st_mtime_ns
        except OSError:
            meta = None
    yield Found(path, root, kind, session, agent, stat, meta, meta_mtime)


_FILE_NAME = lazy(r".+\.[0-9a-f]{8}")


def named_by_file(path: Path) -> str:
    """The id of the session of a conversation that neither its lines nor its path name: the file's
    name, and a hash of it with the folder's, since many files may be called the same. A secret in
    the name is redacted."""
    # Not at the top: few transcripts need it, and whoever only looks for them waits for it.
    from hashlib import blake2b

    from accrete.redaction import redact

    place = os.fsencode(os.path.join(path.parent.name, path.name))
    return f"{redact(clean(path.stem))[:80]}.{blake2b(place, digest_size=4).hexdigest()}"


def is_named_by_file(session: str | None) -> bool:
    """Whether a session's id is one of `named_by_file`."""
    return session is not None and _FILE_NAME.fullmatch(session) is not None


def _layout(path: Path) -> tuple[str, str | None, str]:
    """(layout, session, agent) as the path tells."""
    match = _AGENT_FILE.match(path.stem)
    parents = path.parts[-2::-1]
    if "subagents" in parents[:4]:
        above = parents[parents.index("subagents") + 1]
        session = above if _UUID.match(above) else None
        if path.stem == "journal":
            return "journal", session, ""
        agent = clean(match.group(1) if match else path.stem)
        return ("workflow" if "workflows" in parents[:3] else "subagent"), session, agent
    if match:
        return "subagent_beside", None, clean(match.group(1))
    return "main", path.stem if _UUID.match(path.stem) else None, ""
