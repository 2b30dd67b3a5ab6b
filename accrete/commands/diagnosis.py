"""Findings of a diagnosis, each with what to do about it, and how they are shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from accrete.commands import common
from accrete.commands.styled import Text

if TYPE_CHECKING:
    from accrete.insight import upkeep

SHOWN = 8


@dataclass(slots=True)
class Finding:
    """One line of the diagnosis. level: ok, note, warn or bad; `advice` says what to do."""

    level: str
    text: str
    advice: str = ""
    details: list[str] = field(default_factory=list)


def as_answers(findings: list[Finding]) -> list[upkeep.Finding]:
    """Findings as answers."""
    from accrete.insight import upkeep
    from accrete.insight.answer import made

    return [made(upkeep.Finding, each) for each in findings]


def show_findings(findings: list[Finding]) -> None:
    """Prints a diagnosis, a line a finding, with what to do under it."""
    marks = {
        "ok": ("✓", "green"),
        "note": ("·", "dim"),
        "warn": ("!", "yellow"),
        "bad": ("✗", "bold red"),
    }
    out = common.console()
    for finding in findings:
        mark, style = marks[finding.level]
        out.print(Text.assemble((mark, style), " ", common.plain(finding.text)))
        for detail in finding.details[:SHOWN]:
            out.print(Text("    " + common.plain(detail), "dim"))
        if len(finding.details) > SHOWN:
            out.print(Text(f"    … and {len(finding.details) - SHOWN} more", "dim"))
        if finding.advice:
            out.print(Text("  " + finding.advice, "dim" if finding.level in ("ok", "note") else ""))
