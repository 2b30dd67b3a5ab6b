"""Writes docs/stored.md from the nouns: `python -m tools.stored_doc --write`."""

from __future__ import annotations

from pathlib import Path

from accrete.model import Tier
from accrete.model.field import Field
from accrete.model.published_names import LISTS
from accrete.model.tables import TABLES
from tools.prose import fill, page_command

PAGE = Path(__file__).resolve().parents[1] / "docs" / "stored.md"

HEAD = """# What is stored

Every table of the record, with its fields. Generated from the nouns in `accrete/model/` by
`python -m tools.stored_doc --write`.

**Tier** is the lowest sync tier at which a field may leave the machine: 1 metadata, 2 tool
activity, 3 words of people and the model, – never. At tier 1, times leave as days. *1 if published*
is a name that leaves at tier 1 if it is on a list of published names (Claude Code's own tools,
subagents and modes, Claude models); any other name is "other" there and needs tier 2.

In SQLite, long inputs, outputs and patches of tool calls are compressed, each as a frame of
Zstandard; `accrete export` gives all of them as texts.

A person's machine and a team server have the same tables. A server has no more of a session than
its owner chose to share.
"""


def text() -> str:
    """The page."""
    parts = [HEAD]
    for table in TABLES:
        said = " ".join((table.nouns[0].__doc__ or "").split())
        parts.append(f"## {table.name}\n\n{said} *{table.origin.value.capitalize()}.*\n")
        parts.append("| field | what it is | unit | tier |\n| --- | --- | --- | --- |")
        derived = {name for noun in table.worked_out for name in getattr(noun, "_fields", ())}
        for name, mark in table.fields.items():
            meaning = f"{mark.meaning} (derived)" if name in derived else mark.meaning
            parts.append(f"| {name} | {meaning} | {mark.unit} | {_tier(mark)} |")
        parts.append("")
    parts.append("## Published names\n")
    for listed, known in LISTS.items():
        values = (
            ", ".join(f"`{each}`" for each in sorted(known))
            if isinstance(known, frozenset)
            else f"`{known.pattern}`"
        )
        parts.append(f"- **{listed.replace('_', ' ')}**: {values}")
    return fill("\n".join(parts) + "\n")


def _tier(mark: Field) -> str:
    if mark.tier is Tier.LOCAL:
        return "–"
    return "1 if published" if mark.listed else str(int(mark.tier))


def main() -> None:
    """Writes or prints the page."""
    page_command(PAGE, text)


if __name__ == "__main__":
    main()
