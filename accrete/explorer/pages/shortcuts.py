"""The keyboard shortcuts."""

from __future__ import annotations

from accrete.explorer.page import Cell, Column, Page, Sheet
from accrete.explorer.view import View

GROUPS = {
    "In a session": (
        ("j  k", "next and previous step"),
        ("J  K", "next and previous prompt"),
        ("e  E", "next and previous failed step"),
        ("c  C", "next and previous commit"),
        ("d  D", "next and previous change"),
        ("o", "open the step"),
        ("O", "open all steps of this prompt"),
        ("n", "first step that is new since you looked"),
        ("y", "copy the link to the step"),
        ("[  ]", "previous and next session"),
    ),
    "Everywhere": (
        ("/", "search"),
        ("g o", "overview"),
        ("g s", "sessions"),
        ("g p", "practices"),
        ("g k", "costs"),
        ("g r", "projects"),
        ("?", "this list"),
    ),
}
"""Shown as they are: the script that listens has the same list."""


async def show(view: View) -> Page:
    """The list."""
    off = view.kept.get("keys") == "off"
    columns = (Column("keys", "Keys"), Column("does", "What they do"))
    return Page(
        title="Keyboard shortcuts",
        lead=["They are switched off." if off else "They work outside of text fields."],
        sheets=[
            Sheet(name.lower().replace(" ", "-"), name, columns,
                  [[Cell(keys, keys), Cell(does, does)] for keys, does in some])
            for name, some in GROUPS.items()
        ],
    )  # fmt: skip
