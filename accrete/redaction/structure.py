"""Redacts JSON by its values: decodes it, redacts each text by its value and its name, encodes it
again."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from functools import lru_cache

import msgspec

from accrete.redaction.engine import ASSIGNED, PRIVATE_KEY, find, may_hold
from accrete.redaction.judge import is_secret
from accrete.redaction.secret_file import is_kubernetes, is_value
from accrete.redaction.secret_names import NONE, strength
from accrete.text.json import Json, JsonObject
from accrete.text.lazy import lazy

_DESCRIBING = ("element", "selector", "locator", "placeholder", "target", "name", "label")
"""Members that describe the field of a page that is filled in."""
_PASSWORD_FIELD = lazy(
    r"pass(?:word|phrase|code|wd)|secret|token|api[ _-]?key|credential", re.IGNORECASE
)
_OTHER_ELEMENT = lazy(r"forgot|reset|show|hide|toggle|link|button|checkbox", re.IGNORECASE)
_PROGRAM = ("command", "cmd", "program", "executable", "path")
_ARGUMENTS = ("args", "arguments", "argv")
_LONGEST_COMMAND = 10_000
_OF_KEY = lazy("[A-Za-z0-9+/=]{60}")
_FEW_LINES = 2
"""Lines of a private key among the items of a list: from so many on they are read as one text."""

Redact = Callable[[str], str]
DEEPEST = 200
_MARK = f"[redacted:{ASSIGNED}]"
_NAMING = (
    "name",
    "key",
    "Name",
    "Key",
    "id",
    "label",
    "variable",
    "env",
    "header",
    "field",
    "ParameterKey",
    "OptionName",
)
"""Members that name what a member `value` beside them is."""
_NAMED = frozenset(
    {
        "value",
        "Value",
        "VALUE",
        "val",
        "content",
        "default",
        "text",
        "data",
        "secretValue",
        "initialValue",
        "ParameterValue",
    }
)
_LISTED = "items of a list"
"""The name of what a SecretList holds."""
NOTHING, DESCRIBES, TELLS = range(3)
_JWK_SECRETS = frozenset({"d", "p", "q", "dp", "dq", "qi", "k"})


def redact_json(text: str, redact: Redact) -> str:
    """JSON with every secret in it replaced; the same text when there is none. What is no whole
    JSON is redacted as it stands: its escapes are read there too."""
    try:
        value: Json = msgspec.json.decode(text.encode("utf-8"))
        texts: list[str] = []
        tells = _tells(value, texts)
        holds = may_hold("\n".join(texts))
        if not tells and not holds:
            return text
        clean = redact_value(value, redact if holds else _as_it_is)
        return text if clean is value else msgspec.json.encode(clean).decode()
    except (msgspec.MsgspecError, UnicodeError, RecursionError, ValueError, OverflowError):
        return redact(text)


def _as_it_is(text: str) -> str:
    """For texts without a sign of a secret."""
    return text


def _tells(value: Json, texts: list[str], depth: int = 0) -> bool:
    """Whether a name, or how an object is made, may make a secret of a value that has no sign of
    one. Adds all texts to `texts`."""
    tells = False
    if isinstance(value, str):
        texts.append(value)
    elif isinstance(value, dict):
        for key, item in value.items():
            said = _says(key)
            if isinstance(item, str):
                texts += (key, item)
                tells = tells or said is TELLS or (said is DESCRIBES and _is_described(key, item))
            else:
                texts.append(key)
                tells = _tells(item, texts, depth + 1) or tells or said is TELLS
    elif isinstance(value, list):
        if depth > DEEPEST:
            raise RecursionError
        for item in value:
            if isinstance(item, str):
                texts.append(item)
                tells = (
                    tells
                    or item.startswith(("-", "/"))
                    or item == "login"
                    or strength(item) != NONE
                )
            else:
                tells = _tells(item, texts, depth + 1) or tells
    return tells


@lru_cache(8192)
def _says(key: str) -> int:
    """Whether a member's value may be a secret by its name, or tell that another is."""
    if key in ("kty", "kind", "Type", *_ARGUMENTS) or strength(key) != NONE or key.startswith("-"):
        return TELLS
    return DESCRIBES if key in _NAMING or key in _DESCRIBING else NOTHING


def _is_described(key: str, item: str) -> bool:
    """Whether a member says that another one holds a secret."""
    if key in _NAMING and strength(item) != NONE:
        return True
    return key in _DESCRIBING and len(item) < 400 and _PASSWORD_FIELD.search(item) is not None


def redact_value(value: Json, redact: Redact, name: str = "", depth: int = 0) -> Json:
    """A decoded value with every secret in it replaced; the same object when there is none."""
    if isinstance(value, str):
        return _text(value, redact, name)
    if depth > DEEPEST:
        raise RecursionError
    if isinstance(value, dict):
        return _object(value, redact, name, depth + 1)
    if isinstance(value, list):
        return _array(value, redact, name, depth + 1)
    return value


def _text(value: str, redact: Redact, name: str) -> str:
    clean = redact(value)
    flag = name.startswith("-")
    if not flag and strength(name) == NONE:
        return clean
    if is_secret(name, value):
        return _MARK
    prefix = f" {name} " if flag else f"{name}: "
    for one in reversed(find(prefix + clean)):
        if one.start >= len(prefix):
            before, after = clean[: one.start - len(prefix)], clean[one.end - len(prefix) :]
            clean = f"{before}[redacted:{one.kind}]{after}"
    return clean


def _object(value: JsonObject, redact: Redact, name: str, depth: int) -> JsonObject:
    named = _naming(value) or name
    manifest = value.get("kind", "Secret" if name == _LISTED else "") == "Secret"
    key_set = _JWK_SECRETS if "kty" in value else frozenset[str]()
    clean: JsonObject = {}
    changed = False
    for key, item in value.items():
        if (
            manifest
            and key in ("data", "stringData")
            and isinstance(item, dict)
            and is_kubernetes(value, item.values())
        ):
            new: Json = _all_of(item)
        elif key == "items" and value.get("kind") == "SecretList":
            new = redact_value(item, redact, _LISTED, depth)
        elif key in key_set and isinstance(item, str) and len(item) > 20:
            new = _MARK
        else:
            new = redact_value(item, redact, named if key in _NAMED else key, depth)
            if key in _ARGUMENTS and isinstance(new, list):
                programs = (said for p in _PROGRAM if isinstance(said := value.get(p), str))
                new = _as_command(new, next(programs, ""))
        shown = redact(key)
        changed = changed or new is not item or shown is not key
        clean[shown] = new
    return clean if changed else value


def _naming(value: JsonObject) -> str:
    """The name of what a member `value` holds, as members beside it say; '' if none does."""
    if value.get("Type") == "SecureString":
        return "password"
    for key in _NAMING:
        if isinstance(text := value.get(key), str) and strength(text) != NONE:
            return text
    said = [
        text for key in _DESCRIBING if isinstance(text := value.get(key), str) and len(text) < 400
    ]
    if any(_PASSWORD_FIELD.search(text) and not _OTHER_ELEMENT.search(text) for text in said):
        return "password"
    return ""


def _as_command(items: list[Json], program: str) -> list[Json]:
    """The words of a command, redacted as the line that they make; the same object when nothing
    goes, and where most are sentences."""
    words = [item if isinstance(item, str) else "" for item in items]
    if (
        not any(word.startswith(("-", "/")) or word == "login" for word in words)
        or sum(map(len, words)) > _LONGEST_COMMAND
        or sum(" " in word.strip() for word in words) * 2 > len(words)
    ):
        return items
    line, begins = program, []
    for word in words:
        begins.append(len(line) + 1)
        line = f"{line} {word}"
    clean = list(items)
    for one in reversed(find(line)):
        index = bisect_right(begins, one.start) - 1
        if index >= 0 and words[index]:
            begin = begins[index]
            word = words[index]
            words[index] = clean[index] = (
                f"{word[: one.start - begin]}[redacted:{one.kind}]{word[one.end - begin :]}"
            )
    return items if clean == items else clean


def _as_lines(items: list[Json]) -> list[Json]:
    """The lines of a text, one an item, of which those of a private key go; the same object when
    nothing goes."""
    lines = [item.rstrip("\r\n") if isinstance(item, str) else "" for item in items]
    if sum(len(line) >= 60 and _OF_KEY.search(line) is not None for line in lines) < _FEW_LINES:
        return items
    begins, size = [], 0
    for line in lines:
        begins.append(size)
        size += len(line) + 1
    clean = list(items)
    for one in find("\n".join(lines)):
        first = bisect_right(begins, one.start) - 1
        for index in range(first, bisect_right(begins, one.end - 1)):
            if one.kind == PRIVATE_KEY and lines[index]:
                clean[index] = f"[redacted:{one.kind}]"
    return items if clean == items else clean


def _all_of(data: JsonObject) -> JsonObject:
    """The values of a Kubernetes Secret, whatever their names."""
    clean: JsonObject = {
        key: _MARK if isinstance(item, str) and is_value(item) else item
        for key, item in data.items()
    }
    return data if clean == data else clean


def _array(value: list[Json], redact: Redact, name: str, depth: int) -> list[Json]:
    clean: list[Json] = []
    before = ""
    for item in value:
        given = name
        if isinstance(item, str) and before and (before.startswith("-") or len(value) == 2):
            given = before
        clean.append(redact_value(item, redact, given, depth))
        before = item if isinstance(item, str) else ""
    clean = _as_command(_as_lines(clean), "")
    return value if all(a is b for a, b in zip(clean, value, strict=True)) else clean
