"""`accrete search`: finds words in prompts, answers, commands and paths."""

from __future__ import annotations

from dataclasses import asdict

import click

from accrete.commands import common
from accrete.queries.search import WHERE_TO_LOOK, Hit, search

NAMES = {
    "typed_prompt": "prompt", "slash_command": "command", "shell_input": "shell", "queued_prompt": "queued prompt",
    "prompt_beside_result": "prompt", "assistant_text": "answer",
}  # fmt: skip


@click.command("search")
@click.argument("words", nargs=-1, required=True)
@common.scope_options
@click.option(
    "--in", "where", type=click.Choice(tuple(WHERE_TO_LOOK)), default="all", show_default=True, help="Where to look."
)
@click.option(
    "-n", "--limit", default=20, show_default=True, type=click.IntRange(1, 1000), help="How many places at most."
)
@common.json_option
def command(words: tuple[str, ...], since: str | None, until: str | None, project: str | None, automated: bool | None,
            where: str, limit: int, as_json: bool) -> None:  # fmt: skip
    """Find words in prompts, answers, commands and paths.

    All the words must stand in one place; "quoted words" must stand together; a trailing * finds beginnings.
    """
    settings = common.settings()
    db = common.open_record(settings)
    now = common.local_now(settings)
    scope = common.make_scope(db, now, since, until, project, automated)
    text = " ".join(f'"{word}"' if " " in word and '"' not in word else word for word in words)
    try:
        question = search(scope, text, dialect=db.dialect, kinds=WHERE_TO_LOOK[where], limit=limit)
    except ValueError:
        raise click.UsageError("There is no word to look for: give letters or digits.") from None
    hits = db.ask(question)
    if as_json:
        common.print_json([{**asdict(hit), "excerpt": _marked(hit.excerpt, "**")} for hit in hits])
        return
    if not hits:
        click.echo("Nothing found. Try fewer words, a beginning (word*), or leave out a filter.")
        return
    _show(hits, now)


def _marked(excerpt: str, mark: str) -> str:
    return excerpt.replace("\x02", mark).replace("\x03", mark)


def _show(hits: list[Hit], now: common.LocalNow) -> None:
    from rich.text import Text

    out = common.console()
    for hit in hits:
        what = NAMES.get(hit.kind) or hit.name or hit.kind
        out.print(
            Text.assemble(
                (hit.session[:8], "bold"),
                "  ",
                (f"{now.moment(hit.at)}  {common.plain(hit.project)}  ", "dim"),
                (what, "cyan"),
            )
        )
        body = Text("    ")
        for index, piece in enumerate(
            common.plain(" ".join(hit.excerpt.split()).replace("\x02", "\ue002").replace("\x03", "\ue002")).split(
                "\ue002"
            )
        ):
            body.append(piece, style="bold yellow" if index % 2 else "")
        out.print(body)
