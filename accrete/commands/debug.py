"""`accrete debug`: searches thoughts with the actions that followed, and actions with the thought
before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from accrete.commands import common
from accrete.queries.decisions import (
    THOUGHTS,
    Action,
    Thought,
    actions,
    followed_by,
    thought_before,
    thoughts,
)
from accrete.queries.folders import session_folders, within
from accrete.text.plain import squeeze

if TYPE_CHECKING:
    from rich.text import Text

SHOWN = 10
AROUND = 220
"""Characters shown before and after the first of the words."""
SAID = 600
"""Characters of a thought shown before an action."""


@click.command("debug")
@click.argument("words", nargs=-1, required=True)
@common.scope_options
@click.option(
    "--session", metavar="ID", help="Only this session: the beginning of its id, latest or current."
)
@click.option(
    "--in",
    "where",
    type=click.Choice(tuple(THOUGHTS)),
    default="both",
    show_default=True,
    help="Where to search.",
)
@click.option(
    "--action", is_flag=True, help="Search commands and paths, and show the thought before each."
)
@common.limit_option(SHOWN, "results")
@common.json_option
def command(
    words: tuple[str, ...],
    since: str | None,
    until: str | None,
    project: str | None,
    automated: bool | None,
    session: str | None,
    where: str,
    action: bool,
    limit: int | None,
    as_json: bool,
) -> None:
    """Find decisions.

    Searches Claude's thoughts and answers, and shows the actions that followed. With --action,
    searches commands and paths, and shows the thought before each. Newer versions of Claude Code
    store few thoughts.
    """
    settings = common.settings()
    db = common.open_record(settings)
    now = common.local_now(settings)
    one = common.find_session(db, session) if session else None
    scope = common.make_scope(db, now, since, until, project, automated, session=one)
    found: list[tuple[Thought | None, list[Action]]] = []
    try:
        if action:
            done = db.ask(actions(scope, list(words), limit=limit or SHOWN))
            found = [
                (db.ask(thought_before(common.about(each.session), each)), [each]) for each in done
            ]
        else:
            said = db.ask(thoughts(scope, list(words), where=where, limit=limit or SHOWN))
            found = [(each, db.ask(followed_by(common.about(each.session), each))) for each in said]
    except ValueError:
        raise click.UsageError("Nothing to search for. Give at least one word.") from None
    if as_json:
        from accrete.insight.found import decision_of

        common.print_answer([decision_of(thought, done) for thought, done in found])
        return
    if not found:
        click.echo(
            "Nothing found. Try fewer words, "
            + (
                "or remove a filter."
                if action
                else "remove a filter, or use --action for commands and paths."
            )
        )
        return
    folders = db.ask(
        session_folders(common.MINE, {each.session for _, done in found for each in done})
    )
    found = [
        (t, [replace(a, target=within(a.target, folders.get(a.session, ()))) for a in done])
        for t, done in found
    ]
    out = common.rich_console()
    for n, (thought, done) in enumerate(found):
        if n:
            out.print()
        if action:
            _show_action(done[0], thought, now)
        elif thought is not None:
            _show_thought(thought, done, list(words), now)


def _head(each: Thought | Action, what: str, now: common.LocalNow) -> Text:
    from rich.text import Text

    number = f" {each.prompt}" if each.prompt is not None else ""
    by = "subagent  " if each.agent else ""
    return Text.assemble(
        (f"{each.session[:8]}{number}", "bold"),
        "  ",
        (f"{now.moment(each.at)}  {common.plain(each.project)}  {by}", "dim"),
        (what, "cyan"),
    )


def _show_thought(
    thought: Thought, done: list[Action], words: list[str], now: common.LocalNow
) -> None:
    from rich.padding import Padding
    from rich.text import Text

    out = common.rich_console()
    out.print(_head(thought, "thinking" if thought.kind == "thinking" else "answer", now))
    said = Text(_around(thought.text, words))
    said.highlight_words(
        [word for word in words if word.strip()], "bold yellow", case_sensitive=False
    )
    out.print(Padding(said, (0, 0, 0, 4)))
    for each in done:
        out.print(_action_line(each))
    if not done:
        out.print("    (no action followed)", style="dim")


def _show_action(action: Action, thought: Thought | None, now: common.LocalNow) -> None:
    from rich.padding import Padding
    from rich.text import Text

    out = common.rich_console()
    out.print(_head(action, "", now))
    out.print(_action_line(action))
    if thought is None:
        out.print("    (no thought stored before it)", style="dim")
        return
    text = common.plain(squeeze(thought.text))
    kind = "thought" if thought.kind == "thinking" else "said"
    cut = "… " + text[-SAID:] if len(text) > SAID else text
    out.print(Padding(Text.assemble((f"{kind}: ", "dim"), cut), (0, 0, 0, 4)))


def _action_line(action: Action) -> Text:
    from rich.text import Text

    facts = [action.status] if action.status not in (None, "ok") else []
    if action.added is not None:
        facts.append(f"+{action.added} −{action.removed or 0}")
    target = common.plain(squeeze(action.target or ""))
    end = f"  [{', '.join(str(fact) for fact in facts)}]" if facts else ""
    return Text.assemble(
        "    → ",
        (action.tool, "blue"),
        f"  {target}",
        (end, "dim"),
        no_wrap=True,
        overflow="ellipsis",
    )


def _around(text: str, words: list[str]) -> str:
    """The part of a text around the first of the words, on flowing lines."""
    flat = common.plain(squeeze(text))
    lower = flat.casefold()
    places = [lower.find(word.casefold()) for word in words if word.strip()]
    at = min((place for place in places if place >= 0), default=0)
    start, end = max(0, at - AROUND), min(len(flat), at + AROUND)
    return ("… " if start else "") + flat[start:end] + (" …" if end < len(flat) else "")
