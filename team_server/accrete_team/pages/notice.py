"""What is collected, at which tier, and what never is: made from the contract itself."""

from __future__ import annotations

from accrete.explorer.page import Cell, Column, Page, Sheet
from accrete.explorer.view import View
from accrete.wire.travels import NAMES, columns
from accrete_team.release_rules import known_by

NEVER = (
    "your screen, keys, mouse, camera or microphone", "mail, chat, calendar", "the browser",
    "how long you were away from the keyboard", "the editor outside of Claude Code",
    "tags and notes that you write on your own sessions", "tips, patterns and ways of working",
)  # fmt: skip
"""What Accrete does not collect at all."""
SEEN = (
    ("You", "everything of your own", "all your pages, at once"),
    ("A lead of a team that you are in",
     "your practices, your profile, your sessions as far as your tier goes",
     "days instead of times, a day after a session ended; each look stands on your page"),
    ("Any other lead", "nothing of you alone",
     "in the catalog, with how many people a practice is seen on a project: five or more"),
    ("Another member", "nothing of you", "what the company releases about teams of eight and more"),
    ("Everybody in the company", "the examples that you chose to show, with your name",
     "the steps that you saw before, a day after the session ended; you can take each back"),
    ("An administrator", "nothing of a single person",
     "sums over five people or more; for a written reason one person for a day, and you are told "
     "at once"),
)  # fmt: skip
"""Who sees what: who, what, how."""


async def show(view: View) -> Page:
    """The page."""
    return Page(
        title="What is collected",
        current="/notice",
        lead=["Only what you chose to send from your own machine, by session and project, and what "
              "you could read before it left."],
        sheets=[_seen(), _known(), *(_fields(tier) for tier in (1, 2, 3))],
        parts={"never": NEVER},
    )  # fmt: skip


def _seen() -> Sheet:
    heads = (Column("who", "Who"), Column("what", "Sees"), Column("how", "How"))
    return Sheet("seen", "Who sees what.", heads, [[Cell(a, a) for a in row] for row in SEEN])


def _known() -> Sheet:
    """What somebody can work out of a release beside what they know."""
    heads = (Column("people", "People in the group", right=True),
             Column("known", "Colleagues", right=True))  # fmt: skip
    rows = [[Cell(n, str(n)), Cell(known_by(n), str(known_by(n)))]
            for n in (8, 10, 12, 16, 20, 30, 40, 100)]  # fmt: skip
    caption = ("Who knows their own habit and those of so many colleagues learns nothing of "
               "anybody else from the words few, about half and most of one block. Who sets two "
               "blocks beside each other, supposes that no habit changed, and knows some of those "
               "who came or went in between, can learn of the others who did; never of anybody who "
               "stayed.")  # fmt: skip
    return Sheet("known", caption, heads, rows)


def _fields(tier: int) -> Sheet:
    heads = (Column("table", "Table"), Column("field", "Field"), Column("meaning", "What it is"))
    rows = []
    for name in NAMES:
        before = {each.name for each in columns(name, tier - 1)} if tier > 1 else set()
        for each in columns(name, tier):
            if each.name not in before:
                rows.append([Cell(name, name), Cell(each.name, each.name),
                             Cell(each.mark.meaning, each.mark.meaning)])  # fmt: skip
    what = {1: "Tier 1 sends", 2: "Tier 2 sends in addition", 3: "Tier 3 sends in addition"}[tier]
    return Sheet(f"tier-{tier}", f"{what} these fields.", heads, rows)
