"""`accrete search`: finds words in prompts, answers, commands and paths."""

from __future__ import annotations

import click

from accrete.commands import common
from accrete.commands.styled import Text
from accrete.database import Sqlite
from accrete.queries.folders import session_folders, within
from accrete.queries.search import WHERE_TO_LOOK, Found, Hit, find
from accrete.record.stored_facts import search_is_current
from accrete.settings import Settings
from accrete.text.plain import squeeze

SHOWN = 20
NAMES = {
    "typed_prompt": "prompt",
    "slash_command": "command",
    "shell_input": "shell",
    "queued_prompt": "queued prompt",
    "prompt_beside_result": "prompt",
    "assistant_text": "answer",
}


@click.command("search")
@click.argument("words", nargs=-1, required=True)
@common.scope_options
@click.option(
    "--in",
    "where",
    type=click.Choice(tuple(WHERE_TO_LOOK)),
    default="all",
    show_default=True,
    help="Where to search.",
)
@common.limit_option(SHOWN, "results")
@common.json_option
def command(
    words: tuple[str, ...],
    since: str | None,
    until: str | None,
    project: str | None,
    automated: bool | None,
    where: str,
    limit: int | None,
    as_json: bool,
) -> None:
    """Find words in prompts, answers, commands and paths.

    All words must be in the same text. Quoted words must be next to each other: `accrete search
    "fix the cart"`. If nothing matches exactly, texts with all words, their forms, or some of them
    are shown. A trailing * matches beginnings.

    --since and --until select by when each was said. `accrete show SESSION N` opens a result.
    """
    settings = common.settings()
    db = _open(settings)
    now = common.local_now(settings)
    scope = common.make_scope(db, now, since, until, project, automated)
    try:
        found = find(db, scope, _asked(words), kinds=WHERE_TO_LOOK[where], limit=limit or SHOWN)
    except ValueError:
        raise click.UsageError(
            "Nothing to search for. Give letters, digits or an emoji, not only punctuation."
        ) from None
    if as_json:
        from accrete.insight.found import hit_of

        common.print_answer([hit_of(hit) for hit in found.hits])
        return
    if not found.hits:
        click.echo("Nothing found. Try fewer words, a beginning (word*), or remove a filter.")
        return
    _show(found, now, db.ask(session_folders(common.MINE, {hit.session for hit in found.hits})))


def _open(settings: Settings) -> Sqlite:
    """The record with a search index of this version: an upgrade that was killed may have left
    none."""
    db = common.open_record(settings)
    if search_is_current(db):
        return db
    from accrete.care.upgrade import upgrade

    db.close()
    click.echo("Building the search index (once) …", err=True)
    upgrade(settings)
    return common.open_record(settings)


def _asked(words: tuple[str, ...]) -> str:
    """What was typed: the shell took the quotes from a phrase, which is one argument with
    spaces."""
    return " ".join(
        f'"{word}"' if len(word.split()) > 1 and '"' not in word else word for word in words
    )


def _show(found: Found, now: common.LocalNow, folders: dict[str, list[str]]) -> None:
    out = common.console()
    if found.loose:
        out.print(f"No exact match. These have {found.loose}:", style="dim")
    for hit in found.hits:
        out.print(_head(hit, now))
        is_call = hit.kind == "tool_call"  # what was said stays as it was said
        out.print(
            _body(
                (within(hit.excerpt, folders.get(hit.session, ())) if is_call else None)
                or hit.excerpt
            )
        )


def _head(hit: Hit, now: common.LocalNow) -> Text:
    number = f" {hit.prompt}" if hit.prompt is not None else ""
    place = f"{now.moment(hit.at)}  {common.plain(hit.project)}  "
    what = NAMES.get(hit.kind) or hit.name or hit.kind
    return Text.assemble(
        (f"{hit.session[:8]}{number}", "bold"), "  ", (place, "dim"), (what, "cyan")
    )


def _body(excerpt: str) -> Text:
    body = Text("    ")
    line = squeeze(excerpt).replace("\x02", "\ue002").replace("\x03", "\ue002")
    for index, piece in enumerate(common.plain(line).split("\ue002")):
        body.append(piece, style="bold yellow" if index % 2 else "")
    return body
