"""`accrete sync`: sends what is shared to the team server, or shows what would leave."""

from __future__ import annotations

import json
import time
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from accrete.commands import common
from accrete.errors import AccreteError
from accrete.ingest import open_for_writing
from accrete.insight.answer import made
from accrete.insight.sharing import NotTaken, Synced
from accrete.present.formats import plural, size
from accrete.record import lock
from accrete.settings import Settings
from accrete.sync.choice import Choice, read_choice, write_choice
from accrete.sync.due import is_due, went
from accrete.sync.prepare import changes, taken_back

if TYPE_CHECKING:
    from httpx2 import Client

    from accrete.database import Database
    from accrete.sync.send import Sent
    from accrete.wire.contract import Erased

WAIT_S = 90.0
"""How long one sync waits for another."""
PAUSED_ELSEWHERE = (
    "You paused sharing on another machine. Nothing was sent. Go on: accrete team resume"
)
NAMES = {
    "session": "session", "prompt": "prompt", "response": "response", "inference": "inference",
    "tool_call": "tool call", "agent_run": "subagent", "session_commit": "commit",
    "session_pull": "pull request", "session_pull_state": "state of pull request",
    "check_run": "check", "sighting": "practice sighting", "session_practice": "practice",
    "session_day": "day", "session_usage": "token sum", "session_tool": "tool sum",
    "session_file": "changed file", "session_kind": "line sum", "finding": "finding about costs",
    "work_block": "work block", "event": "step",
}  # fmt: skip


@click.command("sync")
@click.option("--preview", is_flag=True, help="Print the rows that would leave, and send nothing.")
@click.option("--explain", "in_words", is_flag=True, help="Say in words what would leave.")
@click.option(
    "--all", "whole", is_flag=True, help="Compare every session, not only those that changed."
)
@click.option("--due", is_flag=True, hidden=True)
@common.json_option
def command(preview: bool, in_words: bool, whole: bool, due: bool, as_json: bool) -> None:
    """Send what you share to your team's server.

    It also runs by itself, at most hourly, after an ingest. If the server does not answer, it tries
    again later; nothing is lost. It reads the sessions that changed, and once a week all of them.
    """
    settings = common.settings()
    choice = read_choice(settings)
    if due:
        _if_due(settings, choice)
        return
    if choice is None:
        raise AccreteError(
            "This machine shares with no team. Join one: accrete team join URL --token TOKEN"
        )
    if preview:
        show_rows(settings, choice, whole=whole)
    elif in_words:
        click.echo(explain(settings, choice, whole=whole))
    elif choice.paused and not choice.unsaid and not choice.paused_elsewhere:
        click.echo(
            "Sharing is paused. Nothing was sent. Go on with `accrete team resume`.", err=True
        )
        if as_json:
            common.print_answer(Synced(0, 0, 0, 0, 0, 0, []))
    elif as_json:
        sent = sent_to(settings, choice, whole=whole)
        refused = [NotTaken(each.session, each.table, each.row, each.why) for each in sent.refused]
        common.print_answer(made(Synced, sent, refused=refused))
    else:
        click.echo(synced(settings, choice, whole=whole))


def _if_due(settings: Settings, choice: Choice | None) -> None:
    """Sends in the background: one process at a time, and what goes wrong is kept for `accrete team
    status`."""
    with lock.held(settings.home / "sync.lock", wait_s=0) as mine:
        if not mine or choice is None or not is_due(settings, choice, _now()):
            return
        with suppress(AccreteError):  # remembered where it was sent
            sent_to(settings, choice)


def _now() -> int:
    return int(time.time() * 1000)


def show_rows(settings: Settings, choice: Choice, *, whole: bool = False) -> None:
    """Prints every row, a line each, as it would leave."""
    shown = False
    db = open_for_writing(settings)
    try:
        for gone in taken_back(db, common.MINE, choice):
            shown = True
            click.echo(json.dumps({"gone": gone.session, "why": gone.why}))
        for leaving in changes(db, common.MINE, choice, whole=whole):
            for table in leaving.shared.tables:
                for row in table.rows:
                    shown = True
                    click.echo(f'{{"table":"{table.table}","row":{bytes(row).decode()}}}')
    finally:
        db.close()
    if not shown:
        click.echo("Nothing would leave: the server has everything that you share.", err=True)


def explain(
    settings: Settings,
    choice: Choice,
    *,
    whole: bool = False,
    preview: str = "accrete sync --preview",
) -> str:
    """What would leave, in words. preview: the command that prints its rows."""
    rows: Counter[str] = Counter()
    tiers: Counter[int] = Counter()
    total = 0
    db = open_for_writing(settings)
    try:
        gone = len(taken_back(db, common.MINE, choice))
        for leaving in changes(db, common.MINE, choice, whole=whole):
            tiers[leaving.shared.tier] += 1
            total += leaving.size
            for table in leaving.shared.tables:
                rows[table.table] += len(table.rows)
    finally:
        db.close()
    sessions = sum(tiers.values())
    if not sessions and not gone:
        return "The server has everything that you share."
    said = []
    if sessions:
        parts = [
            plural(rows[name], words)
            for name, words in NAMES.items()
            if rows[name] and name != "session"
        ]
        said.append(
            f"To be sent: {plural(sessions, 'session')} at {_tiers(tiers)}, {size(total)} "
            f"before compression ({', '.join(parts) or 'no rows'})."
        )
    if gone:
        said.append(f"To be deleted there: {plural(gone, 'session')}.")
    said.append(f"Every row: {preview}")
    return "\n".join(said)


def _tiers(found: Counter[int]) -> str:
    """`tier 1`, or how many sessions are at which tier."""
    if len(found) == 1:
        return f"tier {next(iter(found))}"
    return " and ".join(f"tier {tier} ({n})" for tier, n in sorted(found.items()))


def sent_to(
    settings: Settings, choice: Choice, *, leaving: bool = False, whole: bool = False
) -> Sent:
    """Asks the server what there is to know, and sends what waits. leaving: takes back everything
    that this machine sent. whole: compares every session."""
    with lock.held(settings.home / "sending.lock", wait_s=WAIT_S) as mine:
        if not mine:
            raise AccreteError("Another sync is running. Wait until it ends and try again.")
        return _sent(settings, choice, leaving, whole)


def _sent(settings: Settings, choice: Choice, leaving: bool, whole: bool) -> Sent:
    from accrete.sync.send import Sent, send
    from accrete.sync.transport import client

    db = open_for_writing(settings)
    try:
        with client(choice) as http:
            if leaving:
                sent = send(db, common.MINE, choice, leaving=True, http=http)
            else:
                agreed = _agreed(settings, db, choice, http)
                sent = Sent()
                if not agreed.paused:
                    sent = send(db, common.MINE, agreed, whole=whole, http=http)
                if not agreed.paused:
                    _learn(settings, agreed, http)
    except AccreteError as error:
        went(settings, _now(), str(error))
        raise
    finally:
        db.close()
    went(settings, _now())
    return sent


def agreed_with(db: Database, choice: Choice) -> Choice:
    """Asks a server what there is to know before it is shared with. Raises AccreteError where it
    does not answer or does not know this machine's token."""
    from accrete.sync.learn import learn
    from accrete.sync.transport import client

    with client(choice) as http:
        return learn(db, common.ME, choice, http, now=_now())


def _agreed(settings: Settings, db: Database, choice: Choice, http: Client) -> Choice:
    """Says what was chosen here, learns what was chosen elsewhere, and keeps both, unless the
    person chose again meanwhile."""
    from accrete.sync.learn import learn, say

    agreed = say(choice, http) if choice.unsaid else choice
    agreed = learn(db, common.ME, agreed, http, now=_now())
    if agreed != choice:
        there = read_choice(settings)
        if there is not None and there == choice:
            write_choice(settings, agreed)
    return agreed


def _learn(settings: Settings, choice: Choice, http: Client) -> None:
    """Asks what the team server says of the team, for when it does not answer."""
    from accrete.sync.benchmarks import fetch

    with suppress(AccreteError):  # what is kept stays
        fetch(settings, choice, _now(), http=http)


def synced(
    settings: Settings, choice: Choice, *, leaving: bool = False, whole: bool = False
) -> str:
    """Sends, and says what was sent."""
    if choice.paused and not choice.unsaid and not choice.paused_elsewhere and not leaving:
        return "Sharing is paused. Nothing was sent."
    began = time.monotonic()
    sent = sent_to(settings, choice, leaving=leaving, whole=whole)
    said = f"Sent {plural(sent.sessions, 'session')} in {plural(sent.messages, 'message')}"
    said += f", {size(sent.bytes)}, {time.monotonic() - began:.1f} s."
    if not leaving and (now := read_choice(settings)) is not None and now.paused:
        said = PAUSED_ELSEWHERE if now.paused_elsewhere else "Sharing is paused. Nothing was sent."
    if sent.taken_back:
        said += f" Deleted there: {plural(sent.taken_back, 'session')}."
    if sent.erased is not None:
        said += f" {erased(settings, sent.erased)}"
    if sent.outdated:
        said += (
            f" {plural(sent.outdated, 'session')} of this machine came newer meanwhile; the next "
            "sync compares them."
        )
    if sent.refused:
        first = sent.refused[0]
        said += (
            f" {plural(len(sent.refused), 'row')} not taken; the first: {first.table or 'all'} "
            f"of session {first.session[:8]}: {first.why}. See accrete team status"
        )
    return said


def erased(settings: Settings, when: Erased) -> str:
    """When what was taken back is gone, in words."""
    now = common.local_now(settings)
    said = f"Rows gone {now.prose(when.rows_at)}, bytes on its disk by {now.prose(when.bytes_by)}"
    if when.backups_by is not None:
        return f"{said}, its backups by {now.prose(when.backups_by)}."
    return f"{said}; its backups keep them until they are replaced."
