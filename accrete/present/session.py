"""One session as Markdown, and as a self-contained HTML page."""

from __future__ import annotations

import html
from collections.abc import Iterator

from accrete.clock import LocalTime
from accrete.model import PROMPT_KINDS
from accrete.present import markdown
from accrete.present.formats import money, plural, span
from accrete.present.outcomes import notes
from accrete.queries.replay import CallRow, Entry, plan_of
from accrete.queries.sessions import SessionRow
from accrete.text.plain import squeeze
from accrete.transcript.client_marks import command_line, without_injected


def as_markdown(row: SessionRow, items: list[Entry], local: LocalTime) -> Iterator[str]:
    """One session as Markdown: prompts as headings, answers as they stand, calls as a line with
    their patch."""
    yield f"# {squeeze(row.title or 'Session')}\n\n"
    facts = [
        f"session `{row.id}`",
        f"project {row.project_name}" if row.project_name else "",
        f"branch `{row.branch}`" if row.branch else "",
        *_facts(row, local),
        f"outcome: {row.outcome} ({row.outcome_reason})" if row.outcome else "",
    ]
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
    cost = row.cost_nano
    said = f"{money(cost)} API-equivalent"
    said += f", {plural(row.unpriced, 'response')} without a price" if row.unpriced else ""
    return [
        local.text(row.started_at) if row.started_at is not None else "",
        f"active {span(row.active_ms)}" if row.active_ms is not None else "",
        "cost unknown" if row.unpriced and not cost else said,
    ]


def _how(item: Entry) -> str:
    """How a prompt came where that is not by a line of its own."""
    return {"queued_prompt": "queued", "prompt_beside_result": "sent mid-turn"}.get(item.kind, "")


def words_of(item: Entry) -> str:
    """A prompt as it was typed."""
    text = item.text or ""
    return (
        command_line(text)
        if text.startswith(("<command-", "<bash-input>"))
        else without_injected(text) or "(an image)"
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


_STYLE = """:root { color-scheme: light dark; --ink: #1d1f23; --soft: #5b6270; --paper: #fdfdfc;
  --line: #e2e4e8; --accent: #7a3e9d;
  --add: #1a6b35; --cut: #a4262c }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e8e6;
  --soft: #a3a9b5; --paper: #17181b; --line: #33363d; --accent: #c79be8; --add: #7fd69a;
  --cut: #f19a9a } }
body { font: 16px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 52rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem } h2 { font-size: 1rem; border-top: 1px solid var(--line);
  padding-top: 1rem; color: var(--accent) }
.facts, .note { color: var(--soft) } .prompt { white-space: pre-wrap; font-weight: 600 }
.answer, .prompt { overflow-wrap: anywhere }
a { color: var(--accent) } nav ul, .answer ul { padding-left: 1.2rem }
nav ul { list-style: none; padding: 0 } .n { list-style: none }
.d2 { margin-left: 1rem } .d4 { margin-left: 2rem } .d6, .d8 { margin-left: 3rem }
table { border-collapse: collapse } td, th { border: 1px solid var(--line); padding: .2rem .6rem;
  text-align: left }
blockquote { border-left: 3px solid var(--line); margin-left: 0; padding-left: 1rem }
p code, li code { font-size: .9em }
pre { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; padding: .6rem .8rem;
  font-size: .85rem }
.call { margin: .6rem 0 } .bad { color: var(--cut) } .add { color: var(--add) }
.cut { color: var(--cut) }"""


def as_html(row: SessionRow, items: list[Entry], local: LocalTime) -> Iterator[str]:
    """One session as a page that stands alone: no script, no request, light and dark."""
    title = html.escape(squeeze(row.title or "Session"))
    yield (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
        'content="width=device-width, initial-scale=1">'
    )
    yield (
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        f"style-src 'unsafe-inline'\"><title>{title}</title>"
    )
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
            yield (
                f'<h2 id="{_anchor(item)}">'
                f"{f'Prompt {item.number} {when} {_how(item)}'.rstrip()}</h2>"
                f'<p class="prompt">{html.escape(words_of(item))}</p>\n'
            )
        elif item.call is not None:
            yield _call_html(item, item.call)
        elif item.kind == "assistant_text" and (item.text or "").strip():
            yield f'<div class="answer">{markdown.as_html((item.text or "").strip())}</div>\n'
        elif item.kind in ("interruption", "compact_boundary"):
            said = "interrupted" if item.kind == "interruption" else "context compacted"
            yield f'<p class="note">{said}</p>\n'
    yield "</main></body></html>\n"


def _anchor(item: Entry) -> str:
    return f"p{item.number}-{html.escape(item.uuid[:8])}"


def _contents(items: list[Entry]) -> str:
    """The prompts of a session that has several, each a link to its place."""
    prompts = [item for item in items if item.kind in PROMPT_KINDS]
    if len(prompts) < 2:
        return ""
    lines = (
        f'<li><a href="#{_anchor(item)}">{item.number} · '
        f"{html.escape(squeeze(words_of(item))[:90])}</a></li>"
        for item in prompts
    )
    return f"<nav><ul>{''.join(lines)}</ul></nav>\n"


def _call_html(item: Entry, call: CallRow) -> str:
    name = html.escape(f"{call.tool} {call.variant}" if call.variant else call.tool)
    bad = call.status not in ("ok", None)
    parts = [
        '<div class="call"><strong '
        f'class="{"bad" if bad else ""}">{name}</strong>{f" — {call.status}" if bad else ""}'
    ]
    if call.target:
        parts.append(f"<pre>{html.escape(call.target)}</pre>")
    if plan := plan_of(call):
        parts.append(f'<div class="answer">{markdown.as_html(plan)}</div>')
    if call.patch:
        lines = (
            f'<span class="{_class_of(line)}">{html.escape(line)}</span>'
            for line in call.patch.splitlines()
        )
        parts.append("<pre>" + "\n".join(lines) + "</pre>")
    parts.extend(f'<p class="note">{html.escape(note)}</p>' for note in notes(item))
    if bad and call.output:
        parts.append(f'<pre class="bad">{html.escape(call.output)}</pre>')
    return "".join(parts) + "</div>\n"


def _class_of(line: str) -> str:
    return (
        "add"
        if line.startswith("+")
        else "cut"
        if line.startswith("-")
        else "note"
        if line.startswith("@@")
        else ""
    )
