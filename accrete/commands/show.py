"""`accrete show`: replays one session, prompt by prompt."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import click

from accrete.commands import common
from accrete.commands.screen import Screen
from accrete.commands.styled import Block, Cut, Text, cells
from accrete.database import Sqlite
from accrete.errors import AccreteError
from accrete.model import PROMPT_KINDS
from accrete.outcomes.tool_names import EDITS
from accrete.present.outcomes import check_line, commit_line
from accrete.queries.figures import Standing, standing
from accrete.queries.folders import session_folders
from accrete.queries.pulls import PullRow, pulls
from accrete.queries.replay import CallRow, Entry, looked_for, plan_of, relative_to, replay, typed
from accrete.queries.sessions import Said, SessionRow, said_of, session
from accrete.text.plain import squeeze
from accrete.transcript.client_marks import without_injected

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.syntax import Syntax

    Part = Text | RenderableType

LINES_OF_OUTPUT = 12
LINES_OF_PATCH = 40
INNER_SHOWN = 12
SHORT_PROMPT = 140
ENOUGH = 10
"""Other sessions from which on a session is put beside them."""
_OF_FILES = EDITS | {"Read"}
_BAD = ("error", "rejected", "interrupted")
_VERDICTS = {"passed": "green", "failed": "red"}


@click.command("show")
@click.argument("session_id", metavar="[SESSION]", default="latest")
@click.argument("prompt", metavar="[PROMPT]", required=False)
@click.option("--prompts", "only", flag_value="prompts", help="Only your prompts.")
@click.option("--tools", "only", flag_value="tools", help="Prompts and tool calls, one line each.")
@click.option("--errors", "only", flag_value="errors", help="Prompts, and what failed after them.")
@click.option("--tool", metavar="NAME", help="Only calls of this tool, with their prompts.")
@click.option("--grep", metavar="WORD", help="Only what contains this word, with its prompt.")
@click.option("--range", "numbers", metavar="A-B", help="Only these prompts: 3, 2-5, 4-.")
@click.option("--thinking", is_flag=True, help="Also Claude's thoughts.")
@click.option("--no-pager", is_flag=True, help="Don't use a pager.")
@common.json_option
def command(
    session_id: str,
    prompt: str | None,
    only: str | None,
    tool: str | None,
    grep: str | None,
    numbers: str | None,
    thinking: bool,
    no_pager: bool,
    as_json: bool,
) -> None:
    """Replay one session, prompt by prompt.

    SESSION is the beginning of an id, `latest`, or `current` (the session this shell runs in).
    PROMPT is a number, as in `accrete search`, or a range, as in --range. A tool call failed if it
    ended in an error or was refused.
    """
    settings = common.settings()
    if prompt is not None and numbers is not None:
        raise click.UsageError("Give PROMPT or --range, not both.")
    numbers = prompt.lstrip("#") if prompt is not None else numbers
    first, last = _range(numbers)
    db = common.open_record(settings)
    now = common.local_now(settings)
    identity = common.find_session(db, session_id)
    within = (first, last) if numbers is not None else None
    wanted = _Wanted(only, tool, grep, thinking, within, numbers)
    if as_json:
        from accrete.insight.replay import replay_of

        with db.reading():
            row, opened = _known(db, identity)
            items = wanted.of(db, identity)
        common.print_answer(replay_of(row, items, opened))
        return
    pages = _pages(db, identity, common.console(), now, settings.session_budget_nano, wanted)
    if sys.stdout.isatty() and not no_pager:
        os.environ["LESS"] = pager_options(os.environ.get("LESS"))
        click.echo_via_pager(pages, color=True)
    else:
        for page in pages:
            click.echo(page, nl=False)


class _Wanted(NamedTuple):
    """What of a session is shown, by the options of the command. within: numbers of prompts;
    numbers: these as they were given."""

    only: str | None
    tool: str | None
    grep: str | None
    thinking: bool
    within: tuple[int, int] | None
    numbers: str | None

    def of(self, db: Sqlite, identity: str) -> list[Entry]:
        """The items of a session that are wanted."""
        items = db.ask(replay(common.about(identity), self.within))
        items = [item for item in items if _is_wanted(item, self.only, self.thinking)]
        return looked_for(items, self.tool, self.grep)

    def nothing(self, row: SessionRow) -> str:
        """Why nothing is shown."""
        return _nothing_found(self.tool, self.grep) or _nothing(row, self.only, self.numbers)


def _known(db: Sqlite, identity: str) -> tuple[SessionRow, list[PullRow]]:
    """A session, and the pull requests that it opened."""
    row = db.ask(session(common.about(identity)))
    assert row is not None
    return row, db.ask(pulls(common.about(identity))).rows[::-1]


def pager_options(given: str | None) -> str:
    """What less has to be told so that it shows colours instead of their codes; with no wish of the
    person's own, also to end at once where all fits on a screen."""
    if not given:
        return "-FRX"
    return f"-R {given}" if given.startswith("-") else f"R{given}"


def _nothing(row: SessionRow, only: str | None, numbers: str | None) -> str:
    """Why nothing is shown."""
    if numbers is not None:
        what = f"prompt {numbers}" if numbers.isdigit() else f"prompts {numbers}"
        has = f"has only {common.number(row.all_prompts)}" if row.all_prompts else "has no prompts"
        return f"No {what}: this session {has}."
    if only is None and row.tool_calls:
        return (
            "Only its subagents were read: the main transcript was gone. See their work with "
            "`accrete search` and `accrete cost --session`."
        )
    return {
        "errors": "Nothing failed.",
        "prompts": "This session has no prompts.",
        "tools": "No tools were called.",
    }.get(only or "", "Nothing happened in this session.")


def _range(text: str | None) -> tuple[int, int]:
    if text is None:
        return 0, 1 << 30
    low, dash, high = text.partition("-")
    try:
        first = int(low) if low else 1
        last = (int(high) if high else 1 << 30) if dash else first
    except ValueError:
        raise AccreteError(
            f"Can't read {text!r} as a range of prompts. Try 3, 2-5 or 4-."
        ) from None
    if first > last:
        raise AccreteError(f"{text} is backwards. Try {last}-{first}.")
    return first, last


def _is_wanted(item: Entry, only: str | None, thinking: bool) -> bool:
    prompt = item.kind in PROMPT_KINDS
    if only == "prompts":
        return prompt
    if only == "errors":
        bad = item.call is not None and (
            item.call.status in _BAD or any(call.status in _BAD for call in item.inner)
        )
        return prompt or bad or item.kind in ("interruption", "api_error")
    if only == "tools":
        return prompt or item.kind in ("tool_call", "interruption")
    return thinking if item.kind == "thinking" else True


def _nothing_found(tool: str | None, grep: str | None) -> str | None:
    """Why nothing is shown where something was looked for."""
    if tool is None and grep is None:
        return None
    what = f"calls of {tool}" if tool else "text"
    return (
        f"No {what}{f' with {grep!r}' if grep else ''} in this session. "
        "`accrete search` searches all sessions."
    )


def _pages(
    db: Sqlite,
    identity: str,
    out: Screen,
    now: common.LocalNow,
    budget: int | None,
    wanted: _Wanted,
) -> Iterator[str]:
    """The replay piece by piece: its head before the rest is read, and prompt by prompt, so that
    the first lines stand before the last are made. All of it is read at one moment."""
    about = common.about(identity)
    with db.reading():
        row, opened = _known(db, identity)
        said, among = db.ask(said_of(about)), db.ask(standing(about))
        yield out.rendered(_head(row, now, said, among, budget, opened))
        items = wanted.of(db, identity)
        folders = db.ask(session_folders(common.MINE, [identity]))[identity]
    if not items:
        yield wanted.nothing(row) + "\n"
    day = next((now.date(item.at) for item in items if item.at is not None), None)
    ready: list[str] = []
    for each in items:
        item = relative_to(each, folders)
        if item.kind in PROMPT_KINDS:
            yield "".join(ready)
            ready = []
            if item.at is not None and now.date(item.at) != day:
                day = now.date(item.at)
                ready.append(f"\n── {day} ──\n")
        parts = _item(item, now, wanted.only, rich_text=out.terminal, width=out.cut_at)
        ready.append(out.rendered(parts))
    yield "".join(ready)


def _head(
    row: SessionRow,
    now: common.LocalNow,
    said: Said,
    among: Standing,
    budget: int | None,
    opened: list[PullRow],
) -> Iterator[Part]:
    yield Text.assemble((common.plain(row.title or "(untitled)"), "bold"), f"  {row.id}")
    place = " · ".join(
        part
        for part in (
            row.project_name,
            row.branch or "",
            f"Claude Code {row.version}" if row.version else "",
        )
        if part
    )
    yield Text(common.plain(f"{now.moment(row.started_at)}  {place}"), "dim")
    cost = common.money(row.cost_nano, unpriced=row.unpriced)
    yield Text(
        f"{common.plural(row.all_prompts, 'prompt')}, {common.plural(row.tool_calls, 'tool call')} "
        f"({common.number(row.tool_errors)} failed), active {common.span(row.active_ms)}, {cost}",
        "dim",
    )
    if among.others >= ENOUGH:
        longer, pricier = (100 * n // among.others for n in (among.shorter, among.cheaper))
        yield Text(f"Longer than {longer}% and pricier than {pricier}% of your sessions", "dim")
    if budget is not None and row.cost_nano > budget:
        yield Text(f"Over your budget of {common.money(budget)} per session", "yellow")
    if row.outcome:
        yield Text.assemble(("Outcome  ", "dim"), (row.outcome, "bold"), f": {row.outcome_reason}")
    for each in opened:
        since = f" {now.prose(each.since)}" if each.since is not None else ""
        state = each.word if each.state is not None else "state unknown"
        yield Text.assemble(
            ("Pull request  ", "dim"), f"{common.plain(each.url)}  ", (state, "bold"), since
        )
    if row.assumed:
        yield Text(
            "An older version of Accrete read part of this session, "
            "and its transcript is gone, so its figures are assumed.",
            "dim",
        )
    if said.tags or said.note:
        yield Text(
            common.plain(" ".join([*("#" + tag for tag in said.tags), said.note or ""])), "yellow"
        )
    if row.automated:
        yield Text(f"automated: {row.automated_reason}", "dim")


def _item(
    item: Entry, now: common.LocalNow, only: str | None, *, rich_text: bool, width: int | None
) -> Iterator[Part]:
    if item.kind in PROMPT_KINDS:
        yield Text()
        said = {"queued_prompt": " queued", "prompt_beside_result": " sent mid-turn"}.get(
            item.kind, ""
        )
        said += " copied from an earlier session" if item.copied else ""
        yield Text.assemble(
            (f"#{item.number}", "bold cyan"),
            (f"  {now.time(item.at)}{said}  ", "dim"),
            (_prompt(item, only), "bold"),
        )
    elif item.call is not None:
        yield from _call(item, item.call, only, rich_text=rich_text, width=width)
    elif item.kind == "assistant_text" and item.text and item.text.strip():
        yield from _answer(item.text, rich_text)
    elif item.kind == "thinking" and item.text and item.text.strip():
        yield _block(item.text.strip(), "dim italic")
    elif item.kind == "interruption":
        yield Text("  ■ interrupted", "yellow")
    elif item.kind == "compact_boundary":
        yield Text(f"  ─── context compacted ({item.name or 'auto'}) ───", "magenta")
    elif item.kind == "api_error":
        yield Text(f"  ! API error: {common.plain(_first(item.text or 'retried'))}", "red")
    elif item.kind == "plan_handoff":
        yield Text()
        yield _block(_cut(item.text or "", LINES_OF_PATCH), "cyan")
    elif item.kind in ("shell_output", "command_output") and item.text:
        text = without_injected(item.text)
        yield _block(_cut(_untagged(text), LINES_OF_OUTPUT), "dim", 4)
    elif item.kind in ("task_notification", "teammate_message", "model_fallback"):
        yield Text(
            f"  · {item.kind.replace('_', ' ')}: "
            f"{common.plain(_first(_untagged(item.text or item.name or '')))}",
            "dim",
        )


def _prompt(item: Entry, only: str | None) -> str:
    """A prompt whole, or its beginning where others things are looked for."""
    text = common.plain(typed(item) or "(an image)")
    if only not in ("errors", "tools"):
        return text
    flat = squeeze(text)
    return flat if len(flat) <= SHORT_PROMPT else flat[: SHORT_PROMPT - 1] + "…"


def _answer(text: str, rich_text: bool) -> Iterator[Part]:
    if rich_text:
        from rich.markdown import Markdown
        from rich.padding import Padding

        yield Padding(Markdown(common.plain(text.strip())), (0, 0, 0, 2))
    else:
        yield _block(text.strip())


def _call(
    item: Entry, call: CallRow, only: str | None, *, rich_text: bool, width: int | None
) -> Iterator[Part]:
    yield _call_line(call, "  ", width)
    for note in (
        *(f"✓ commit {commit_line(c)}" for c in item.commits),
        *(f"✓ pull request {p}" for p in item.pulls),
    ):
        yield Text(f"    {common.plain(note)}", "green")
    for check in item.checks:
        yield Text(f"    {common.plain(check_line(check))}", _VERDICTS.get(check.verdict, "dim"))
    if only == "tools":
        return
    if call.patch and only != "errors":
        yield from _patch(call.patch, call.target or "", coloured=rich_text)
    if call.status in _BAD and call.output:
        yield _block(_cut(call.output, LINES_OF_OUTPUT), "red", 6)
    elif plan := plan_of(call):
        yield _block(_cut(plan, LINES_OF_PATCH), "cyan", 6)
    shown = [inner for inner in item.inner if only != "errors" or inner.status in _BAD]
    for inner in shown[:INNER_SHOWN]:
        yield _call_line(inner, "      ↳ ", width)
    if len(shown) > INNER_SHOWN:
        yield Text(
            f"      ↳ … and {common.number(len(shown) - INNER_SHOWN)} more tool calls", "dim"
        )


def _call_line(call: CallRow, indent: str, width: int | None) -> Cut:
    style = {"error": "red", "rejected": "yellow", "interrupted": "yellow"}.get(
        call.status or "", ""
    )
    name = f"{call.tool} {call.variant}" if call.variant else call.tool
    facts = []
    if call.status in _BAD:
        why = (
            f": {call.error_class.replace('_', ' ')}"
            if call.error_class not in (None, "other")
            else ""
        )
        facts.append(f"{'failed' if call.status == 'error' else call.status}{why}")
    if call.status is None:
        facts.append("no result")
    if call.added is not None:
        facts.append(f"+{call.added} −{call.removed or 0}")
    if call.ms is not None and call.ms >= 1000:
        facts.append(common.span(call.ms))
    if call.user_modified:
        facts.append("you changed it before accepting")
    if (call.decision_source or "").startswith("user_") and call.status not in _BAD:
        facts.append("you allowed it")
    target = common.plain(_first(call.target or ""))
    end = f"  [{', '.join(facts)}]" if facts else ""
    room = width - len(indent) - len(name) - len(end) - 2 if width is not None else None
    if room is not None and room > 1 and call.tool in _OF_FILES:
        target = _end_of(target, room)
    return Cut.assemble(f"{indent}", (name, style or "blue"), f"  {target}", (end, style or "dim"))


def _end_of(path: str, room: int) -> str:
    """The end of a path, which says most, in so many columns."""
    if cells(path) <= room:
        return path
    while cells(path) >= room:
        path = path[1:]
    return "…" + path


def _patch(patch: str, path: str, *, coloured: bool) -> Iterator[Part]:
    """A diff: what was removed in red, what was added in the colours of its language on a
    terminal."""
    lines = patch.split("\n")
    syntax = _highlighter(path) if coloured else None
    for line in lines[:LINES_OF_PATCH]:
        text = common.plain(line)
        added = line.startswith("+")
        if added and syntax is not None:
            from rich.text import Text as Rich

            code = syntax.highlight(text[1:])
            code.rstrip()
            yield Rich.assemble(
                "      ", ("+", "bold green"), code, no_wrap=True, overflow="ellipsis"
            )
            continue
        style = (
            "green"
            if added
            else "red"
            if line.startswith("-")
            else "cyan"
            if line.startswith("@@")
            else "dim"
        )
        yield Cut(f"      {text}", style)
    if len(lines) > LINES_OF_PATCH:
        yield Text(f"      … {len(lines) - LINES_OF_PATCH} more lines", "dim")


def _highlighter(path: str) -> Syntax | None:
    """Colours lines of the language that a path's ending names; None where it names none."""
    from rich.syntax import Syntax

    lexer = Syntax.guess_lexer(path.replace("\\", "/").rsplit("/", 1)[-1]) if path else "default"
    return (
        None
        if lexer in ("default", "text")
        else Syntax("", lexer, theme="ansi_dark", background_color="default")
    )


def _first(text: str) -> str:
    line = next((line for line in text.splitlines() if line.strip()), "")
    return line if line == text.strip() else f"{line} …"


def _cut(text: str, most: int) -> str:
    lines = text.strip().splitlines()
    return "\n".join(lines[:most]) + (
        f"\n… {len(lines) - most} more lines" if len(lines) > most else ""
    )


def _untagged(text: str) -> str:
    import re

    return re.sub(r"</?[a-z][a-z-]*>", "", text).strip()


def _block(text: str, style: str = "", by: int = 2) -> Block:
    """A text that keeps its indentation where it flows over."""
    return Block(common.plain(text), style, by)
