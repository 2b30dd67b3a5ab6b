"""A session's title from its stored rows: a given name, otherwise what was said in it."""

from __future__ import annotations

import re
from pathlib import PurePath

from accrete.database import Database, Row
from accrete.derive.session_rows import Work
from accrete.derive.title import (
    LOOKED_AT,
    Said,
    answer_title,
    given_title,
    one_line,
    prompt_title,
    weak_title,
    written_title,
)
from accrete.model import PROMPT_KINDS
from accrete.redaction import redact
from accrete.text.lazy import lazy
from accrete.transcript.client_marks import machine_kind, without_injected

_OWN = "SELECT text FROM session_title WHERE person = ? AND session = ?"
_SUMMARY = """SELECT s.text FROM event l JOIN event s ON s.person = l.person AND s.parent = l.uuid
WHERE l.person = ? AND l.session = ? AND l.agent = '' AND l.replayed = 0
AND s.kind = 'summary_title' AND s.text IS NOT NULL
ORDER BY l.seq DESC, s.text LIMIT 1"""
_OWN_SUMMARY = """SELECT text FROM event WHERE person = ? AND session = ? AND kind = 'summary_title'
    AND text IS NOT NULL
ORDER BY seq DESC, text LIMIT 1"""
"""A summary that stands in the session's file: older clients wrote those of other sessions there,
so it comes last."""
_WITHOUT_WORDS = """SELECT 1 FROM event WHERE person = ? AND session = ? AND kind = 'typed_prompt'
  AND COALESCE(text, '') = '' LIMIT 1"""
_ASKED = f"""SELECT e.kind, e.text FROM event e
WHERE e.person = ? AND e.session = ? AND e.agent = '' AND e.sidechain = 0
AND e.text IS NOT NULL AND (e.kind IN ({
    ", ".join(f"'{kind}'" for kind in (*PROMPT_KINDS, "plan_handoff"))
}) OR (e.kind = 'queue_operation' AND EXISTS (SELECT 1 FROM prompt p
    WHERE p.person = e.person AND p.session = e.session AND p.uuid = e.uuid)))
ORDER BY e.seq, e.part LIMIT {LOOKED_AT}"""
_ANSWERED = """SELECT text FROM event WHERE person = ? AND session = ? AND kind = 'assistant_text'
    AND text IS NOT NULL AND agent = '' AND sidechain = 0 ORDER BY seq, part LIMIT 10"""
_ANYTHING = """SELECT text FROM event WHERE person = ? AND session = ?
    AND kind IN ('assistant_text', 'thinking') AND text IS NOT NULL
ORDER BY kind, agent, seq, part LIMIT 10"""
_TASK = """SELECT shown_task FROM agent_run WHERE person = ? AND session = ?
AND shown_task IS NOT NULL
ORDER BY started_at NULLS LAST, agent LIMIT 1"""
_TASK_PROMPT = """SELECT text FROM event WHERE person = ? AND session = ?
    AND kind IN ('agent_prompt', 'prompt_beside_result')
AND text IS NOT NULL ORDER BY at NULLS LAST, agent, seq LIMIT 1"""
_ID = lazy(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_FILES = (
    "SELECT path FROM source_file WHERE person = ? "
    "AND session = ? AND layout = 'main' ORDER BY path"
)


def title_of(work: Work, said: list[Row]) -> tuple[str | None, str | None]:
    """The session's title and where it is from: the person's own, a custom one, the client's, a
    summary, the first prompt that says something, an answer, whatever was put in; else what its
    subagents were to do."""
    key = (work.person, work.session)
    for (text,) in work.db.run(_OWN, key):
        return text, "own"
    latest = {kind: text for kind, text, _ in said}
    for kind in ("custom_title", "ai_title", "agent_name"):
        if title := (written_title if kind == "ai_title" else given_title)(latest.get(kind)):
            return title, kind
    if title := summary_title(work.db, key):
        return title, "summary"
    asked = [Said(*row) for row in work.db.run(_ASKED, key)]
    if found := prompt_title(asked):
        return found
    if name := _file_name(work):
        return name, "file"
    answered = [text for (text,) in work.db.run(_ANSWERED, key)]
    if title := answer_title(answered):
        return title, "answer"
    if title := weak_title(asked):
        return title, "prompt"
    for source, sql in (("subagent", _TASK), ("subagent", _TASK_PROMPT), ("answer", _ANYTHING)):
        for (text,) in work.db.run(sql, key):
            if title := one_line(text):
                return title, source
    for (text,) in work.db.run(_OWN_SUMMARY, key):
        if title := written_title(text):
            return title, "summary"
    for each in asked:  # `?`, `[Image #1]`: no words, and yet all that was said
        typed = without_injected(each.text)
        if not machine_kind(typed) and (title := one_line(typed)):
            return title, "prompt"
    return ("[Image]", "prompt") if work.db.run(_WITHOUT_WORDS, key) else (None, None)


def summary_title(db: Database, key: tuple[int, str]) -> str | None:
    """The title by the summary of one of the session's own records, in whatever file it stands."""
    return next((written_title(text) for (text,) in db.run(_SUMMARY, key)), None)


def _file_name(work: Work) -> str | None:
    """The name of the session's file where a person chose it: the client's own are ids."""
    names = (PurePath(path).stem for (path,) in work.db.run(_FILES, (work.person, work.session)))
    return next(
        (redact(name) for name in names if name != work.session and not _ID.fullmatch(name)), None
    )
