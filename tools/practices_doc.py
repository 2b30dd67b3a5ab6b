"""Writes docs/practices.md from the practices themselves: `python -m tools.practices_doc --write`."""

from __future__ import annotations

import sys
from pathlib import Path

from accrete.practices import all_practices
from accrete.practices.depth import ELIGIBLE, LAST_WEEKS, MARKED_WEEKS, SHARE

PAGE = Path(__file__).resolve().parents[1] / "docs" / "practices.md"

SEEN_BY_EYE = {
    "artifacts": (22, 22), "committing": (22, 22), "context": (22, 20), "delegation": (22, 22), "isolation": (5, 5), "planning": (16, 16),
    "review": (1, 1), "skills": (18, 18), "steering": (22, 21), "task-tracking": (22, 22), "verification": (22, 22),
}  # fmt: skip
"""Sightings in 152 public transcripts that were looked at, and those that were right, on 2026-11-21."""


def text() -> str:
    """The page."""
    lines = [
        "# Practices",
        "",
        "Something observable that people do with Claude Code: it happened in a session or it did not. `accrete practices` shows yours.",
        "This page is made from the practices themselves by `python -m tools.practices_doc --write`.",
        "",
        "- **Adoption**: sessions of your own in which it was seen, of those in which it was possible. *Not possible* is neither yes nor no.",
        "- **Volume**: how often it was seen. **Marked**: how often with a quality mark.",
        f"- **Depth**: *too few* under {ELIGIBLE} sessions in which it was possible; *not seen*; *tried* once or more; *regular* in",
        f"  {SHARE:.0%} of them in at least half of the last {LAST_WEEKS} weeks with any;",
        f"  *fluent* when regular, marked at least half of the time, over at least {MARKED_WEEKS} weeks.",
        "",
        "They are for you and for coaching: nothing here ranks people. Sometimes no plan, a long context or a vague prompt is right.",
    ]
    for practice in all_practices():
        looked, right = SEEN_BY_EYE.get(practice.name, (0, 0))
        lines += ["", f"## {practice.title}", "", practice.what, "", f"**Why.** {practice.why} ([documentation]({practice.source}))", "",
                  f"**Good.** {practice.good}", "", f"**Try next.** {practice.try_next}", "",
                  "**Marks.** " + "; ".join(f"`{mark}`: {said}" for mark, said in practice.marks.items()) + "."]  # fmt: skip
        if looked:
            lines += ["", f"Looked at by eye: {right} of {looked} sightings were right."]
    lines += ["", "The two of *context* that were wrong took the name of a package (`@scope/name`) for a file; such names no longer count.",
        "Few of the transcripts show *isolation* and",
              "*review*: their figures say little. Sessions in which a practice was missed were not searched for systematically."]  # fmt: skip
    return "\n".join(lines) + "\n"


def main() -> None:
    """Writes or prints the page."""
    if sys.argv[1:] == ["--write"]:
        PAGE.write_text(text(), "utf-8")
    else:
        sys.stdout.write(text())


if __name__ == "__main__":
    main()
