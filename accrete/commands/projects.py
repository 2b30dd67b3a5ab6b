"""`accrete projects`: lists projects and how each was found; merges, splits and renames them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import click

from accrete.commands import common
from accrete.database import Sqlite
from accrete.derive.placing import placed
from accrete.edge.project_names import named_project
from accrete.errors import AccreteError
from accrete.ingest import open_for_writing
from accrete.projects.folders import key, on_windows, plain
from accrete.projects.repository import identity
from accrete.projects.resolve import Project
from accrete.queries.overview import overview
from accrete.queries.projects import InProject, Word, known_projects, names_of, project_folders
from accrete.queries.projects import project_words as all_words
from accrete.record import project_words as words
from accrete.settings import Settings


@click.group("projects", invoke_without_command=True)
@common.scope_options
@common.limit_option(None, "projects")
@common.json_option
@click.pass_context
def command(
    ctx: click.Context,
    since: str | None,
    until: str | None,
    project: str | None,
    automated: bool | None,
    limit: int | None,
    as_json: bool,
) -> None:
    """List your projects, newest first.

    A project is a git remote, a repository or a folder. Worktrees belong to their repository.
    `"projects"` in config.json assigns folders by glob. merge, split and rename change single
    projects and can be undone.
    """
    if ctx.invoked_subcommand is not None:
        return
    settings = common.settings()
    db = common.open_record(settings)
    now = common.local_now(settings)
    scope = common.make_scope(db, now, since, until, project, automated)
    rows = db.ask(overview(scope)).projects[:limit]
    known = {each.id: each for each in db.ask(known_projects(common.MINE))}
    folders = db.ask(project_folders(common.MINE))
    if as_json:
        from accrete.insight.projects import project_of

        common.print_answer(
            [
                project_of(row, found, _ways(found, within), within)
                for row in rows
                for found, within in [(known.get(row.id), folders.get(row.id, []))]
            ]
        )
        return
    if not rows:
        click.echo(common.nothing(db, "sessions"))
        return
    table = common.table(
        ("project", "w"),
        ("sessions", "r", 1),
        ("prompts", "r", 5),
        ("active", "r", 2),
        ("cost", "r"),
        ("last", "l", 3),
        ("found by", "w", 6),
        ("id", "l", 4),
    )
    for row in rows:
        table.add_row(
            row.name,
            common.number(row.sessions),
            common.number(row.all_prompts),
            common.span(row.active_ms),
            common.money(row.cost_nano, unpriced=row.unpriced),
            now.date(row.last_at),
            ", ".join(_ways(known.get(row.id), folders.get(row.id, []))),
            row.id[:8],
        )
    common.console().print(table)
    if note := common.range_note(scope):
        common.console().print(note, style="dim")


def _ways(project: Project | None, folders: list[InProject]) -> list[str]:
    """How a project was found: as a whole, then what else holds for folders of it that sessions
    began in."""
    begun = sorted(each.how for each in folders if each.sessions and each.how)
    return list(dict.fromkeys([*([project.how] if project and project.how else []), *begun]))


@command.command("show")
@click.argument("name", metavar="PROJECT")
@common.json_option
def show(name: str, as_json: bool) -> None:
    """Show a project's folders, how each was found, and your changes."""
    db = common.open_record(common.settings())
    one = named_project(db, common.MINE, name)
    folders = db.ask(project_folders(common.MINE)).get(one.id, [])
    said = _about(db.ask(all_words(common.MINE)), one)
    if as_json:
        from accrete.insight.projects import in_full

        common.print_answer(in_full(one, folders, said))
        return
    click.echo(
        f"{common.plain(one.name)}  {one.id[:8]}  "
        f"{common.plain(one.remote or one.root)}  found by: {one.how}"
    )
    table = common.table(("folder", "w"), ("sessions", "r"), ("found by", "l", 1))
    for each in folders:
        table.add_row(each.cwd, common.number(each.sessions), each.how)
    common.console().print(table)
    for word in said:
        click.echo(common.plain(_sentence(word)))


def _about(said: list[Word], project: Project) -> list[Word]:
    ids = {project.id, *project.ids}
    return [
        each
        for each in said
        if each.subject in ids or each.value in ids or identity(f"split:{each.value}") in ids
    ]


def _sentence(word: Word) -> str:
    how = {"merge": f"You merged {word.label!r} into it.", "split": f"You split {word.label} off.",
           "name": f"You renamed it to {word.value!r}; it was {word.label!r}."}  # fmt: skip
    return how[word.what]


@command.command("merge")
@click.argument("names", nargs=-1, required=True, metavar="PROJECT...")
@click.option("--into", metavar="PROJECT", help="The resulting project. Default: the first one.")
@click.option(
    "--undo",
    is_flag=True,
    help="Undo: separate PROJECT again, or remove it from the project it was merged into.",
)
@common.json_option
def merge(names: tuple[str, ...], into: str | None, undo: bool, as_json: bool) -> None:
    """Merge several projects into one, for future sessions too.

    PROJECT is a name, the end of a path (work/api), a folder, a remote or an id.
    """
    settings = common.settings()
    db = common.open_record(settings)
    if undo:
        gone = _merges(db, names)
        _write(
            settings,
            lambda w: words.take_back(w, common.ME, words.MERGE, [each.subject for each in gone]),
        )
        _done(
            as_json,
            f"Separated again: {', '.join(each.label for each in gone)}.",
            [each.subject for each in gone],
        )
        return
    target = named_project(db, common.MINE, into or names[0])
    parts = [
        each
        for each in (named_project(db, common.MINE, name) for name in dict.fromkeys(names))
        if each.id != target.id
    ]
    if not parts:
        raise AccreteError("Give at least two projects, or one and --into another.")
    _write(
        settings,
        lambda w: words.merge(
            w, common.ME, [(each.id, each.name) for each in parts], target.id, _now()
        ),
    )
    some = ", ".join(each.name for each in parts)
    undoing = f"accrete projects merge --undo {_quoted(parts[0].name)}"
    _done(as_json, f"Merged {some} into {target.name}. Undo: {undoing}", [target.id])


def _merges(db: Sqlite, names: tuple[str, ...]) -> list[Word]:
    """The merges that names are about: of what was merged, else all into the project of that
    name."""
    said = [each for each in db.ask(all_words(common.MINE)) if each.what == words.MERGE]
    gone = [each for each in said if any(_names(name, each.label, each.subject) for name in names)]
    if not gone:
        targets = [named_project(db, common.MINE, name) for name in names]
        gone = [each for each in said if any(each.value in {one.id, *one.ids} for one in targets)]
    if not gone:
        raise AccreteError(f"Nothing was merged into {', '.join(names)}.")
    return gone


def _names(name: str, label: str, identity: str) -> bool:
    return name.lower() in {each.lower() for each in names_of(label)} or (
        len(name) >= 6 and identity.startswith(name)
    )


@command.command("split")
@click.argument("name", metavar="PROJECT")
@click.argument("folders", nargs=-1, metavar="FOLDER...")
@click.option(
    "--undo", is_flag=True, help="Undo: put FOLDER (or everything split off as PROJECT) back."
)
@common.json_option
def split(name: str, folders: tuple[str, ...], undo: bool, as_json: bool) -> None:
    """Split folders off PROJECT into a new project.

    Several folders become one project, named after the first. `accrete projects show PROJECT` lists
    the folders.
    """
    settings = common.settings()
    db = common.open_record(settings)
    listed = [_absolute(folder) for folder in folders]
    if undo:
        gone = _splits(db, name, listed)
        _write(
            settings,
            lambda w: words.take_back(w, common.ME, words.SPLIT, [each.subject for each in gone]),
        )
        _done(
            as_json,
            f"Put back: {', '.join(each.label for each in gone)}.",
            [each.subject for each in gone],
        )
        return
    if not listed:
        raise click.UsageError("Give the folders to split off.")
    one = named_project(db, common.MINE, name)
    _refuse_odd_split(db, settings, one, listed)
    made: list[str] = []
    _write(settings, lambda w: made.append(words.split(w, common.ME, listed, _now())))
    undoing = f"accrete projects split --undo {_quoted(name)} {_quoted(listed[0])}"
    _done(as_json, f"Split off {', '.join(listed)}. Undo: {undoing}", made)


def _refuse_odd_split(db: Sqlite, settings: Settings, project: Project, listed: list[str]) -> None:
    """Raises AccreteError where a folder holds no session of the project, or all of them."""
    begun = [
        each.cwd
        for each in db.ask(project_folders(common.MINE)).get(project.id, [])
        if each.sessions
    ]
    for folder in listed:
        found = placed(db, common.ME, settings.projects, split={key(plain(folder)): folder}).folders
        if all(found[cwd][0] == project.id for cwd in begun):
            raise AccreteError(
                f"No sessions of {project.name} started in {folder}. `accrete projects show "
                f"{_quoted(project.name)}` lists its folders."
            )
    found = placed(
        db, common.ME, settings.projects, split={key(plain(folder)): listed[0] for folder in listed}
    ).folders
    if all(found[cwd][0] != project.id for cwd in begun):
        raise AccreteError(
            f"That is all of {project.name}; nothing would be left. Rename it instead."
        )


def _splits(db: Sqlite, name: str, listed: list[str]) -> list[Word]:
    said = [each for each in db.ask(all_words(common.MINE)) if each.what == words.SPLIT]
    asked = {key(plain(folder)) for folder in (listed or [_absolute(name)])}
    gone = [each for each in said if each.subject in asked]
    if not gone and not listed:
        one = named_project(db, common.MINE, name)
        gone = [each for each in said if identity(f"split:{each.value}") in {one.id, *one.ids}]
    if not gone:
        raise AccreteError(f"{', '.join(listed) or name} was not split off.")
    return gone


@command.command("rename")
@click.argument("name", metavar="PROJECT")
@click.argument("new", required=False, metavar="[NAME]")
@click.option("--undo", is_flag=True, help="Restore the original name.")
@common.json_option
def rename(name: str, new: str | None, undo: bool, as_json: bool) -> None:
    """Rename a project. Its folders and id do not change."""
    settings = common.settings()
    db = common.open_record(settings)
    if undo == (new is not None):
        raise click.UsageError("Give the new name, or --undo.")
    if new is not None:
        one = named_project(db, common.MINE, name)
        _write(settings, lambda w: words.rename(w, common.ME, one.id, new, one.short, _now()))
        undoing = f"accrete projects rename --undo {_quoted(new)}"
        _done(as_json, f"Renamed {one.name} to {new.strip()}. Undo: {undoing}", [one.id])
        return
    said = [each for each in db.ask(all_words(common.MINE)) if each.what == words.NAME]
    gone = [
        each
        for each in said
        if name in (each.value, each.label) or each.subject.startswith(name) and len(name) >= 6
    ]
    if len(gone) != 1:
        one = named_project(db, common.MINE, name)
        gone = [each for each in said if each.subject in {one.id, *one.ids}]
    if not gone:
        raise AccreteError(f"{name} was not renamed.")
    _write(
        settings,
        lambda w: words.take_back(w, common.ME, words.NAME, [each.subject for each in gone]),
    )
    _done(as_json, f"Original name restored: {gone[0].label}.", [each.subject for each in gone])


def _write(settings: Settings, say: Callable[[Sqlite], object]) -> None:
    """Says something of projects and works them out by it."""
    writable = open_for_writing(settings)
    try:
        with writable.transaction():
            say(writable)
    finally:
        writable.close()
    common.settle(settings)


def _done(as_json: bool, sentence: str, ids: list[str]) -> None:
    if as_json:
        from accrete.insight.projects import Changed

        common.print_answer(Changed(sentence, ids))
    else:
        click.echo(common.plain(sentence))


def _absolute(folder: str) -> str:
    """A folder as it is meant here; one of another system stays as it is."""
    if on_windows(plain(folder)) or folder.startswith("/"):
        return folder
    return os.path.abspath(os.path.expanduser(folder))


def _quoted(text: str) -> str:
    from shlex import quote

    return quote(text)


def _now() -> int:
    return int(time.time() * 1000)
