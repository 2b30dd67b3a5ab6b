"""Writes docs/json.md from the shapes of answers: `python -m tools.json_doc --write`."""

from __future__ import annotations

from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from accrete.insight.answer import Absent, keys
from accrete.insight.answers import ANSWERS
from tools.prose import fill, page_command

PAGE = Path(__file__).resolve().parents[1] / "docs" / "json.md"

HEAD = """# JSON shapes

With `--json`, a command prints one JSON document on stdout. Within a major version, keys are added
but not renamed. Generated from `accrete/insight/` by `python -m tools.json_doc --write`.

- Times are UTC milliseconds. Durations are milliseconds. Money is nano-dollars (10⁻⁹ USD).
- Days are local days, `YYYY-MM-DD`. The day is `""` if the time is unknown.
- `null` means "not known". An *optional* key may be left out.
- `responses`, `tokens` and `cost_nano` are totals. What ends in `_own` or `_own_nano` is of the
  main conversation, what ends in `_delegated` or `_delegated_nano` is of subagents; the two add up
  to the total. A cost covers what has a price; `unpriced` counts what has none.
- `project` is an id, `project_name` the name.

With `--since` or `--until`, every figure covers only what happened in that range. A session is
included if any of it happened there. Its counts, durations, tokens and costs are those of the
range.

The [MCP server](mcp.md) gives parts of the same answers: a key that both have has the same name,
type and meaning. It cuts texts and ids, and has three units of its own: dollars (`cost_usd` for
`cost_nano`), hours (`active_hours` for `active_ms`), and local times (`started` for `started_at`).

Exit codes: 0 done; 1 you need to do something, and the message says what; 2 wrong usage; 70 a bug
in Accrete, logged with an id in `errors.log`; 130 interrupted.
"""
NAMES = {int: "integer", float: "number", str: "string", bool: "boolean", NoneType: "null"}


def text() -> str:
    """The page."""
    parts, described = [HEAD], dict[str, type[Any]]()
    for command, answer in ANSWERS.items():
        parts.append(f"## `accrete {command}`\n\n{_sentence(answer)}\n")
        for shape in _shapes(answer):
            known = described.setdefault(shape.__name__, shape)
            assert known is shape, f"two shapes are called {shape.__name__}"
        parts += [_section(shape) for shape in _shapes(answer) if _new(shape, parts)]
    return fill("\n".join(parts))


def _new(shape: type[Any], parts: list[str]) -> bool:
    return not any(part.startswith(f"### {shape.__name__}\n") for part in parts)


def _sentence(answer: Any) -> str:
    return f"{_type(answer)[0].upper()}{_type(answer)[1:]}."


def _section(shape: type[Any]) -> str:
    said = " ".join((shape.__doc__ or "").split())
    rows = [
        f"| `{name}` | {_type(key.type)}{', optional' if key.optional else ''} | {key.unit} "
        f"| {key.meaning} |"
        for name, key in keys(shape).items()
    ]
    table = ["| key | type | unit | meaning |", "| --- | --- | --- | --- |", *rows]
    return f"### {shape.__name__}\n\n{said}\n\n" + "\n".join(table) + "\n"


def _shapes(hint: Any) -> list[type[Any]]:
    """The shapes in a type, itself first, and those of their keys."""
    found: dict[type[Any], None] = {}

    def look(hint: Any) -> None:
        if hasattr(hint, "_fields") and hint not in found:
            found[hint] = None
            for key in keys(hint).values():
                look(key.type)
        for each in get_args(hint):
            look(each)

    look(hint)
    return list(found)


def _type(hint: Any) -> str:
    if hint in NAMES:
        return NAMES[hint]
    if hasattr(hint, "_fields"):
        return f"[{hint.__name__}](#{hint.__name__.lower()})"
    if get_origin(hint) is list:
        return f"array of {_type(get_args(hint)[0])}"
    if get_origin(hint) is dict:
        value = get_args(hint)[1]
        return "object" if value is object else f"object of {_type(value)}s"
    assert get_origin(hint) in (Union, UnionType), hint
    return " or ".join(_type(each) for each in get_args(hint) if each is not Absent)


def main() -> None:
    """Writes or prints the page."""
    page_command(PAGE, text)


if __name__ == "__main__":
    main()
