"""Prompts that the client wrote twice into one session: a copy, or part of one, under a new uuid at
the same instant."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

from accrete.database import Database
from accrete.derive.session_rows import Work
from accrete.model import HUMAN_KINDS
from accrete.record.store import update_rows
from accrete.text.plain import squeeze
from accrete.transcript.client_marks import command_line, plan_words, without_injected

_HUMAN = ", ".join(f"'{kind}'" for kind in sorted(HUMAN_KINDS))
_TEXTS = f"""SELECT p.kind, p.seq, p.uuid, e.text FROM prompt p
JOIN event e ON e.person = p.person AND e.session = p.session AND e.agent = '' AND e.uuid = p.uuid
    AND e.kind = p.kind
WHERE p.person = ? AND p.session = ? AND p.replayed = 0 AND p.kind IN ({_HUMAN})"""
_OF_THESE = f"{_TEXTS} AND p.uuid IN ({{marks}}) ORDER BY p.seq, p.uuid, e.part"
AT_ONCE = 500
"""Prompts whose texts are asked for at once."""
_PLANS = (
    "SELECT 1 FROM prompt WHERE person = ? AND session = ? "
    "AND command = 'plan' AND replayed = 0 LIMIT 1"
)


_NO_COPIES = f"""UPDATE prompt SET replayed = 0 WHERE person = ? AND session = ? AND replayed = 1
AND kind IN ({_HUMAN}) AND EXISTS (SELECT 1 FROM event e WHERE e.person = prompt.person
AND e.session = prompt.session AND e.agent = '' AND e.uuid = prompt.uuid AND e.replayed = 0)"""
"""Takes back what was marked here before: lines read since may say otherwise. What another session
owns has its mark at the event, too."""


def mark_doubles(work: Work) -> None:
    """Marks as copies (`replayed`) the prompts of which the whole stands elsewhere in the session.
    Of an image and a text that were sent together, and of a file that was open, the client later
    writes each alone; the words of a `/plan` it writes again as a prompt, which is the one that
    stays. Of equal ones the first stays."""
    db, person, session = work.db, work.person, work.session
    db.run(_NO_COPIES, (person, session))
    found: set[str] = set()
    for uuids in _at_one_instant(work):
        found |= _parts(db, (person, session), uuids)
    if db.run(_PLANS, (person, session)):
        found |= _planned(db, (person, session))
    update_rows(
        db,
        "prompt",
        ("person", "session", "uuid"),
        ("replayed",),
        [(1, person, session, uuid) for uuid in sorted(found)],
    )


def _at_one_instant(work: Work) -> list[list[str]]:
    """The uuids of prompts whose lines tell the same time, also one that cannot be right. Where an
    answer of the main line tells it too, it is no clock's: all lines have it."""
    prompts: dict[int, dict[str, None]] = defaultdict(dict)
    answered = set()
    for each in work.events:
        if each.agent or each.sidechain or (told := each.told) is None:
            continue
        if each.message_id is not None:
            answered.add(told)
        elif each.kind in HUMAN_KINDS:
            prompts[told][each.uuid] = None
    return [list(some) for told, some in prompts.items() if len(some) > 1 and told not in answered]


def _parts(db: Database, key: tuple[int, str], uuids: list[str]) -> set[str]:
    lines: dict[str, dict[tuple[int, str], list[str]]] = defaultdict(dict)
    for at in range(0, len(uuids), AT_ONCE):
        some = uuids[at : at + AT_ONCE]
        sql = _OF_THESE.format(marks=", ".join("?" * len(some)))
        for kind, seq, uuid, text in db.run(sql, (*key, *some)):
            lines[kind].setdefault((seq, uuid), []).extend(without_injected(text or "").split("\n"))
    found = set()
    for same in lines.values():
        said = {
            place: [line.strip() for line in some if line.strip()] for place, some in same.items()
        }
        whole = min(said, key=lambda place: (-len(said[place]), place))
        found |= {
            place[1]
            for place, some in said.items()
            if place != whole and set(some) <= set(said[whole])
        }
    return found


def _planned(db: Database, key: tuple[int, str]) -> set[str]:
    prompts = db.run(f"{_TEXTS} ORDER BY p.seq, p.uuid, e.part", key)
    return {
        uuid
        for (kind, _, uuid, text), (*_, following) in pairwise(prompts)
        if kind == "slash_command"
        and (planned := plan_words(command_line(text or ""))) is not None
        and planned == squeeze(without_injected(following or ""))
    }
