"""The record in files of one's own: JSON Lines or CSV by table, and one session as Markdown or HTML."""

from __future__ import annotations

import csv
import html
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import IO

from accrete import markdown
from accrete.clock import LocalTime
from accrete.database import Sqlite
from accrete.model import PROMPT_KINDS
from accrete.model.tables import BY_DAY
from accrete.present.work import notes
from accrete.queries.replay import CallRow, Entry, plan_of
from accrete.queries.scope import Scope
from accrete.queries.sessions import SessionRow
from accrete.transcript.words import command_line, without_injected

_OF_PROJECTS = {"project": "id", "project_word": "CASE WHEN what = 'merge' THEN value ELSE subject END"}
"""Tables of projects instead of sessions, and which project a row is of."""


def rows_of(db: Sqlite, table: str, sessions: list[str] | None, scope: Scope) -> Iterator[dict[str, object]]:
    """The rows of a table as objects; those of some sessions where `sessions` is given, and of these what happened in the
    scope's range: a session with its figures of that range, and its tags and notes whole."""
    rows = _rows(db, table, sessions)
    if not scope.ranged:
        return rows
    if table in BY_DAY:
        return (row for row in rows if scope.holds(str(row["local_day"] or "")))
    if table in ("event", "agent_run"):
        return _in_range(db, rows, scope, "at" if table == "event" else "started_at")
    if table == "session":
        return (_part(row, figures) for row, figures in _with_figures(db, rows, scope))
    return (_counted(db, row, scope) for row in rows) if table == "session_practice" else rows


def _in_range(db: Sqlite, rows: Iterator[dict[str, object]], scope: Scope, column: str) -> Iterator[dict[str, object]]:
    """By the clock of each session; what has no time goes with the row before it."""
    zones = dict(db.connection.execute("SELECT id, zone FROM session WHERE person = ?", (scope.person,)).fetchall())
    clocks = {zone: LocalTime(zone) for zone in set(zones.values())}
    place, day = None, ""
    for row in rows:
        if place != (row["session"], row["agent"]):
            place, day = (row["session"], row["agent"]), ""
        if isinstance(at := row[column], int) and row["session"] in zones:
            day = clocks[zones[row["session"]]].day(at)
        if scope.holds(day):
            yield row


def _with_figures(
    db: Sqlite, rows: Iterator[dict[str, object]], scope: Scope
) -> Iterator[tuple[dict[str, object], dict[str, object]]]:
    tables, where, params = scope.sessions()
    cursor = db.connection.execute(scope.figures(f"SELECT r.* FROM {tables} WHERE {where}"), params)
    names = [column[0] for column in cursor.description]
    figures = {row[names.index("session")]: dict(zip(names, row, strict=True)) for row in cursor}
    return ((row, figures[str(row["id"])]) for row in rows if row["id"] in figures)


def _part(row: dict[str, object], figures: dict[str, object]) -> dict[str, object]:
    """A session's row with the figures of the range in place of its own."""
    return {
        name: figures[name] if name in figures and name not in ("person", "session") else value
        for name, value in row.items()
    }


def _counted(db: Sqlite, row: dict[str, object], scope: Scope) -> dict[str, object]:
    within, days = scope.days("local_day")
    n, marked = db.run(
        f"""SELECT COUNT(*), COALESCE(SUM(CASE WHEN marks = '' THEN 0 ELSE 1 END), 0) FROM sighting
        WHERE person = ? AND session = ? AND practice = ?{within}""",
        (scope.person, row["session"], row["practice"], *days),
    )[0]
    return {**row, "sightings": n, "marked": marked}


def _rows(db: Sqlite, table: str, sessions: list[str] | None) -> Iterator[dict[str, object]]:
    key = "id" if table == "session" else "session"
    if table in _OF_PROJECTS and sessions is not None:
        key, sessions = _OF_PROJECTS[table], _projects_of(db, sessions)
    order = "ORDER BY session, agent, seq, part" if table == "event" else ""
    for some in _slices(sessions) if sessions is not None else [None]:
        where, params = ("", ()) if some is None else (f"WHERE {key} IN ({', '.join('?' * len(some))})", tuple(some))
        cursor = db.connection.execute(f"SELECT * FROM {table} {where} {order}", params)
        names = [column[0] for column in cursor.description]
        for row in cursor:
            yield {name: value for name, value in zip(names, row, strict=True) if name != "person"}


def _projects_of(db: Sqlite, sessions: list[str]) -> list[str]:
    found = {row[0] for some in _slices(sessions) for row in db.run(
        f"SELECT DISTINCT project FROM session WHERE project IS NOT NULL AND id IN ({', '.join('?' * len(some))})", some)}  # fmt: skip
    return sorted(found)


def _slices(items: list[str]) -> list[list[str]]:
    return [items[at : at + 400] for at in range(0, len(items), 400)]


def write_json_lines(
    db: Sqlite, file: IO[str], tables: tuple[str, ...], sessions: list[str] | None, scope: Scope
) -> int:
    """Writes each row as a line `{"table": …, …}`; returns how many."""
    count = 0
    for table in tables:
        for row in rows_of(db, table, sessions, scope):
            file.write(json.dumps({"table": table, **row}, ensure_ascii=False) + "\n")
            count += 1
    return count


def write_csv(db: Sqlite, file: IO[str], table: str, sessions: list[str] | None, scope: Scope) -> int:
    """Writes one table with its headings; returns the number of rows. Times are ISO 8601 in UTC, money is in dollars
    (`cost_nano` becomes `cost_usd`). Text that a spreadsheet would take for a formula gets an apostrophe before it."""
    writer, count = None, 0
    for row in rows_of(db, table, sessions, scope):
        if writer is None:
            writer = csv.writer(file)
            writer.writerow([_heading(name) for name in row])
        writer.writerow([_cell(name, value) for name, value in row.items()])
        count += 1
    return count


def _heading(name: str) -> str:
    return f"{name.removesuffix('_nano')}_usd" if name.endswith("_nano") else name


def _cell(name: str, value: object) -> object:
    if isinstance(value, int) and (name in ("at", "misdated") or name.endswith("_at")):
        return _iso(value)
    if isinstance(value, int) and name.endswith("_nano"):
        return f"{Decimal(value).scaleb(-9):.9f}"
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _iso(ms: int) -> str:
    """An instant in UTC; the number itself where the calendar has no such day."""
    try:
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)).isoformat(timespec="milliseconds")
    except OverflowError:
        return str(ms)


def as_markdown(row: SessionRow, items: list[Entry], local: LocalTime) -> Iterator[str]:
    """One session as Markdown: prompts as headings, answers as they stand, calls as a line with their patch."""
    yield f"# {' '.join((row.title or 'Session').split())}\n\n"
    facts = [f"session `{row.id}`", f"project {row.project_name}" if row.project_name else "", f"branch `{row.branch}`" if row.branch else "",
             *_facts(row, local), f"outcome: {row.outcome} ({row.outcome_reason})" if row.outcome else ""]  # fmt: skip
    yield " · ".join(fact for fact in facts if fact) + "\n"
    for item in items:
        if item.kind in PROMPT_KINDS:
            facts = [local.text(item.at, "%H:%M") if item.at is not None else "", _how(item)]
            when = f" ({', '.join(fact for fact in facts if fact)})" if any(facts) else ""
            yield f"\n## Prompt {item.number}{when}\n\n{_quoted(words_of(item))}\n"
        elif item.call is not None:
            yield _call_markdown(item, item.call)
        elif item.kind == "assistant_text" and (item.text or "").strip():
            yield f"\n{markdown.closed((item.text or '').strip())}\n"
        elif item.kind == "interruption":
            yield "\n*interrupted*\n"
        elif item.kind == "compact_boundary":
            yield "\n*context compacted*\n"


def _facts(row: SessionRow, local: LocalTime) -> list[str]:
    """When a session was, how long, and what it cost."""
    minutes = round((row.active_ms or 0) / 60_000)
    length = f"{minutes // 60}h {minutes % 60:02}m at work" if minutes >= 60 else f"{minutes} min at work"
    money = (row.cost_nano + row.delegated_cost_nano) / 1e9
    cost = f"${money:,.2f}" if money >= 0.01 or not money else f"${money:.4f}"
    said = f"{cost} API-equivalent" + (f", {row.unpriced} responses without a price" if row.unpriced else "")
    return [local.text(row.started_at) if row.started_at is not None else "", length if row.active_ms is not None else "",
            "cost not known" if row.unpriced and not money else said]  # fmt: skip


def _how(item: Entry) -> str:
    """How a prompt came where that is not by a line of its own."""
    return {"queued_prompt": "queued", "prompt_beside_result": "sent mid-turn"}.get(item.kind, "")


def words_of(item: Entry) -> str:
    """A prompt as it was typed."""
    text = item.text or ""
    return (
        command_line(text) if text.startswith(("<command-", "<bash-input>")) else without_injected(text) or "(an image)"
    )


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def _call_markdown(item: Entry, call: CallRow) -> str:
    name = f"{call.tool} {call.variant}" if call.variant else call.tool
    status = "" if call.status in ("ok", None) else f" — {call.status}"
    parts = [f"\n- **{name}**{status}\n"]
    if call.target:
        parts.append(_fenced(call.target))
    if plan := plan_of(call):
        parts.append(_fenced(plan, "markdown"))
    if call.patch:
        parts.append(_fenced(call.patch, "diff"))
    parts.extend(f"  - {note}\n" for note in notes(item))
    if call.status not in ("ok", None) and call.output:
        parts.append(_fenced(call.output))
    return "".join(parts)


def _fenced(text: str, language: str = "") -> str:
    fence = "```"
    while fence in text:
        fence += "`"
    body = "\n".join(f"  {line}" for line in text.strip("\n").splitlines())
    return f"\n  {fence}{language}\n{body}\n  {fence}\n"


_STYLE = """:root { color-scheme: light dark; --ink: #1d1f23; --soft: #5b6270; --paper: #fdfdfc; --line: #e2e4e8; --accent: #7a3e9d;
  --add: #1a6b35; --cut: #a4262c }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e8e6;
  --soft: #a3a9b5; --paper: #17181b; --line: #33363d; --accent: #c79be8; --add: #7fd69a; --cut: #f19a9a } }
body { font: 16px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 52rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem } h2 { font-size: 1rem; border-top: 1px solid var(--line); padding-top: 1rem; color: var(--accent) }
.facts, .note { color: var(--soft) } .prompt { white-space: pre-wrap; font-weight: 600 } .answer, .prompt { overflow-wrap: anywhere }
a { color: var(--accent) } nav ul, .answer ul { padding-left: 1.2rem } nav ul { list-style: none; padding: 0 } .n { list-style: none }
.d2 { margin-left: 1rem } .d4 { margin-left: 2rem } .d6, .d8 { margin-left: 3rem }
table { border-collapse: collapse } td, th { border: 1px solid var(--line); padding: .2rem .6rem; text-align: left }
blockquote { border-left: 3px solid var(--line); margin-left: 0; padding-left: 1rem } p code, li code { font-size: .9em }
pre { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; padding: .6rem .8rem; font-size: .85rem }
.call { margin: .6rem 0 } .bad { color: var(--cut) } .add { color: var(--add) } .cut { color: var(--cut) }"""


def as_html(row: SessionRow, items: list[Entry], local: LocalTime) -> Iterator[str]:
    """One session as a page that stands alone: no script, no request, light and dark."""
    title = html.escape(" ".join((row.title or "Session").split()))
    yield '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"><title>{title}</title>"
    yield f"<style>{_STYLE}</style></head><body><main><h1>{title}</h1>\n"
    facts = [
        row.id,
        row.project_name,
        row.branch or "",
        *_facts(row, local),
        f"{row.outcome}: {row.outcome_reason}" if row.outcome else "",
    ]
    yield f'<p class="facts">{html.escape(" · ".join(fact for fact in facts if fact))}</p>\n'
    yield _contents(items)
    for item in items:
        if item.kind in PROMPT_KINDS:
            when = local.text(item.at, "%H:%M") if item.at is not None else ""
            yield f'<h2 id="{_anchor(item)}">{f"Prompt {item.number} {when} {_how(item)}".rstrip()}</h2><p class="prompt">{html.escape(words_of(item))}</p>\n'
        elif item.call is not None:
            yield _call_html(item, item.call)
        elif item.kind == "assistant_text" and (item.text or "").strip():
            yield f'<div class="answer">{markdown.as_html((item.text or "").strip())}</div>\n'
        elif item.kind in ("interruption", "compact_boundary"):
            yield f'<p class="note">{"interrupted" if item.kind == "interruption" else "context compacted"}</p>\n'
    yield "</main></body></html>\n"


def _anchor(item: Entry) -> str:
    return f"p{item.number}-{html.escape(item.uuid[:8])}"


def _contents(items: list[Entry]) -> str:
    """The prompts of a session that has several, each a link to its place."""
    prompts = [item for item in items if item.kind in PROMPT_KINDS]
    if len(prompts) < 2:
        return ""
    lines = (
        f'<li><a href="#{_anchor(item)}">{item.number} · {html.escape(" ".join(words_of(item).split())[:90])}</a></li>'
        for item in prompts
    )
    return f"<nav><ul>{''.join(lines)}</ul></nav>\n"


def _call_html(item: Entry, call: CallRow) -> str:
    name = html.escape(f"{call.tool} {call.variant}" if call.variant else call.tool)
    bad = call.status not in ("ok", None)
    parts = [
        f'<div class="call"><strong class="{"bad" if bad else ""}">{name}</strong>{f" — {call.status}" if bad else ""}'
    ]
    if call.target:
        parts.append(f"<pre>{html.escape(call.target)}</pre>")
    if plan := plan_of(call):
        parts.append(f'<div class="answer">{markdown.as_html(plan)}</div>')
    if call.patch:
        lines = (f'<span class="{_class_of(line)}">{html.escape(line)}</span>' for line in call.patch.splitlines())
        parts.append("<pre>" + "\n".join(lines) + "</pre>")
    parts.extend(f'<p class="note">{html.escape(note)}</p>' for note in notes(item))
    if bad and call.output:
        parts.append(f'<pre class="bad">{html.escape(call.output)}</pre>')
    return "".join(parts) + "</div>\n"


def _class_of(line: str) -> str:
    return "add" if line.startswith("+") else "cut" if line.startswith("-") else "note" if line.startswith("@@") else ""
