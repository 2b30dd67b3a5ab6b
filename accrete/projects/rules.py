"""A person's own rules, which assign folders to projects by glob."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from accrete.projects.folders import key, on_windows, plain
from accrete.projects.settled import Rule

NAME_KEPT = 80


def rules_of(given: Mapping[str, object], home: str) -> tuple[Rule, ...]:
    """The rules of config.json, the most specific first: the one with the most characters that are
    no wildcards, of equals the one that was written first. Raises ValueError with what is wrong."""
    found = [_checked(glob, name, home) for glob, name in given.items()]
    return tuple(sorted(found, key=lambda rule: -len(re.sub(r"[*?]", "", rule.glob))))


def rule_for(rules: Iterable[Rule], folders: Iterable[str]) -> Rule | None:
    """The first rule that one of these folders (as `folders.plain` gives them) fits; a folder goes
    before the next."""
    known = tuple(rules)
    asked = (
        [(key(folder), on_windows(folder)) for folder in dict.fromkeys(folders)] if known else []
    )
    return next(
        (
            rule
            for folder, windows in asked
            for rule in known
            if _pattern(rule.glob, windows).match(folder)
        ),
        None,
    )


def _checked(glob: str, name: object, home: str) -> Rule:
    if not glob.strip():
        raise ValueError("a glob is empty")
    if re.match(r"^~[^/\\]", glob):
        raise ValueError(f"{glob!r} must begin with ~/, not with ~ and a name")
    if re.match(r"^\.\.?(?:[/\\]|$)", glob):
        raise ValueError(f"{glob!r} must begin with /, ~/, a drive or the name of a folder")
    if not isinstance(name, str) or not name.strip():
        raise ValueError(f"{glob!r} must have a name in quotes")
    if not is_name(name.strip()):
        raise ValueError(f"the name of {glob!r} must be one line of at most {NAME_KEPT} characters")
    if glob.startswith("*") or not re.match(r"^(?:[/\\~]|[A-Za-z]:|file:)", glob):
        return Rule("**/" + glob.strip().replace("\\", "/").strip("/"), name.strip())
    return Rule(plain(glob.strip(), home=home), name.strip())


def is_name(text: str) -> bool:
    """Whether a text can be the name of a project."""
    return 0 < len(text) <= NAME_KEPT and text.isprintable()


@lru_cache(maxsize=256)
def _pattern(glob: str, windows: bool) -> re.Pattern[str]:
    """`*` and `?` stay within one name, `**` does not; what lies in a folder that fits, fits
    too."""
    pieces = re.split(r"(\*\*/|\*\*|\*|\?)", key(glob).rstrip("/"))
    words = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    body = "".join(words.get(piece) or re.escape(piece) for piece in pieces)
    return re.compile(f"{body}(?:/.*)?$", re.IGNORECASE if windows else 0)
