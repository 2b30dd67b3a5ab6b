"""What a page says of its own figures: that there is nothing in the range, that the record is still
being filled, that its sessions are made up."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from accrete.care.sample import sample_sessions
from accrete.explorer.ranges import spoken
from accrete.explorer.view import View
from accrete.present.formats import plural
from accrete.present.leads import of_reading
from accrete.queries.sessions import anything, extent

FIRST = "/"
_samples = lru_cache(sample_sessions)


class Notice(NamedTuple):
    """One sentence. run: a command that helps, with which it ends; link: (address, words) of where
    to go."""

    words: str
    link: tuple[str, str] | None = None
    run: str = ""


async def notices(view: View, current: str) -> list[Notice]:
    """What there is to say on a page that belongs to an entry of the menu."""
    said = [await _nothing(view)]
    if view.viewer.keeping is not None:
        behind = view.viewer.keeping.behind()
        if behind is not None and (reading := of_reading(*behind)):
            said.append(Notice(reading, (view.bare("/data"), "What was read")))
        if current == FIRST and await view.ask(
            anything(replace(view.viewer.scope, session=_samples()[0]))
        ):
            said.append(
                Notice(
                    "These sessions are made up: the bundled sample. The first backfill that finds "
                    "your own removes them, and so does",
                    run="accrete forget --sample",
                )
            )
    return [each for each in said if each is not None]


async def _nothing(view: View) -> Notice | None:
    """Where there is something, if the range has no sessions."""
    if await view.ask(anything(view.scope)):
        return None
    found = await view.ask(extent(view.within(None)))
    if found.sessions and found.last is not None:
        there = view.here(range="all"), _all(found.sessions)
        return Notice(f"The last session was on {spoken(found.last)}.", there)
    everybody = replace(view.within(None), automated=None, project=None)
    whole = await view.ask(extent(everybody))
    if whole.sessions:
        here = view.here(range="all", who="all", project=None)
        words = f"{_all(whole.sessions)}, automated ones too" if whole.sessions > 1 else _all(1)
        return Notice("No session is of this project or kind.", (here, words))
    if view.viewer.keeping is None:  # a company's: nothing is read on its server
        if not view.viewer.own:
            return Notice("No session is here yet.")
        return Notice(
            "No session of yours is here yet. A machine that shares sends them; what this server "
            "did not take, and why, says",
            run="accrete team status",
        )
    return Notice(
        "The record has no sessions yet. Use Claude Code once; if you have used it before, read "
        "its transcripts with",
        (view.bare("/data"), "What was found on this machine"),
        "accrete backfill",
    )


def _all(sessions: int) -> str:
    return f"Show all {plural(sessions, 'session')}" if sessions > 1 else "Show it"
