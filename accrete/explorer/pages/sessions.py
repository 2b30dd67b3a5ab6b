"""The list of sessions: filters, sorting, older ones."""

from __future__ import annotations

from dataclasses import dataclass, replace

from accrete.errors import AccreteError
from accrete.explorer.listings import session_sheet
from accrete.explorer.page import Page
from accrete.explorer.view import View
from accrete.outcomes.kinds import OUTCOMES
from accrete.practices import all_practices, named
from accrete.present.leads import of_sessions
from accrete.queries.projects import known_projects
from accrete.queries.pulls import spellings
from accrete.queries.sessions import (
    LACKS,
    MADE,
    SORTS,
    After,
    session_tags,
    sessions,
    sessions_count,
    used,
)

PAGE = 50
SORTED = {
    "started_at": "started",
    "active_ms": "active",
    "prompts": "prompts",
    "cost_nano": "cost",
}
"""The columns that can be sorted by, and what `sort` is called in a URL."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One field of the form. choices: (value, words), None for a text."""

    name: str
    label: str
    value: str
    choices: list[tuple[str, str]] | None


async def show(view: View) -> Page:
    """The sessions of the range and the filters."""
    sort = view.query.get("sort") or "started"
    if sort not in SORTS:
        raise AccreteError(f"No sorting by {sort[:40]!r}. Choose one of: {', '.join(SORTS)}.")
    if len(view.viewer.scope.people) > 1 and sort != "started":
        raise AccreteError("Sessions of several people are listed by time only.")
    scope = replace(
        view.scope,
        branch=view.query.get("branch") or None,
        model=view.query.get("model") or None,
    )
    wanted = {
        name: view.query.get(name) or None
        for name in (
            "outcome",
            "practice",
            "possible",
            "skill",
            "plugin",
            "server",
            "subagent",
            "check",
            "tool",
            "failed",
            "file",
            "kind",
            "lacks",
            "tag",
            "text",
            "made",
        )
    }
    _check(view, wanted)
    address = view.query.get("pull") or None
    pull = await view.ask(spellings(view.viewer.scope, address)) if address else None
    if wanted["file"] is not None and not view.viewer.own:
        raise AccreteError("Sessions of others are not listed by file. Leave `file` out.")
    after = _after(view.query.get("after"))
    found = await view.ask(
        sessions(
            scope, limit=PAGE + 1, sort=sort, after=after, made=wanted["made"],
            outcome=wanted["outcome"], practice=wanted["practice"], tag=wanted["tag"],
            text=wanted["text"], possible=wanted["possible"], skill=wanted["skill"],
            plugin=wanted["plugin"], server=wanted["server"], subagent=wanted["subagent"],
            check=wanted["check"], tool=wanted["tool"], failed=wanted["failed"],
            file=wanted["file"], kind=wanted["kind"], pull=pull, lacks=wanted["lacks"],
        )
    )  # fmt: skip
    rows = found[:PAGE]
    total = None
    if wanted["text"] is None:
        total = await view.ask(
            sessions_count(
                scope, outcome=wanted["outcome"], practice=wanted["practice"],
                tag=wanted["tag"], made=wanted["made"], possible=wanted["possible"],
                skill=wanted["skill"], plugin=wanted["plugin"], server=wanted["server"],
                subagent=wanted["subagent"], check=wanted["check"], tool=wanted["tool"],
                failed=wanted["failed"], file=wanted["file"], kind=wanted["kind"], pull=pull,
                lacks=wanted["lacks"],
            )
        )  # fmt: skip
    narrowed = [name for name in (*wanted, "pull", "branch", "model", "project", "who")
                if view.query.get(name)]  # fmt: skip
    older = view.here(after=After.of(rows[-1], sort).write()) if len(found) > PAGE else None
    order = {"started": "newest", "active": "longest", "cost": "most expensive"}.get(
        sort, f"most {sort}"
    )
    return Page(
        title="Sessions",
        current="/sessions",
        lead=of_sessions(len(rows), total, narrowed),
        sheets=[
            session_sheet(
                view,
                rows,
                caption=f"{view.range.label}, {order} first.",
                older=older,
                sort=next((key for key, name in SORTED.items() if name == sort), None),
                sorts={key: view.here(sort=name, after=None) for key, name in SORTED.items()},
                empty=_empty(narrowed),
            )
        ],
        live=True,
        parts={
            "filters": await _filters(view, wanted),
            "narrowed": bool(narrowed),
            "newest": view.here(after=None) if after else None,
        },
    )


def _after(text: str | None) -> After | None:
    try:
        return After.read(text) if text else None
    except ValueError as error:
        raise AccreteError(f"{error}. Go back to the newest.") from None


def _check(view: View, wanted: dict[str, str | None]) -> None:
    if wanted["lacks"] not in (None, *LACKS):
        wrong = str(wanted["lacks"])[:40]
        raise AccreteError(f"No sessions lack {wrong!r}. Choose one of: {', '.join(LACKS)}.")
    if wanted["lacks"] in ("plugin", "server") and view.viewer.keeping is None:
        raise AccreteError("Plugins and MCP servers are known on their machine alone.")
    if wanted["made"] not in (None, *MADE):
        raise AccreteError(f"Sessions make no {wanted['made']!r}. Choose: {', '.join(MADE)}.")
    if wanted["outcome"] not in (None, *OUTCOMES):
        raise AccreteError(
            f"No outcome {wanted['outcome']!r}. Choose one of: {', '.join(OUTCOMES)}."
        )
    for name in (wanted["practice"], wanted["possible"]):
        if name is not None and named(name) is None:
            names = ", ".join(each.name for each in all_practices())
            raise AccreteError(f"No practice {name!r}. Choose one of: {names}.")


def _empty(narrowed: list[str]) -> str:
    if narrowed:
        return "No sessions match. Remove a filter, or choose a longer range."
    return "Nothing to list."


async def _filters(view: View, wanted: dict[str, str | None]) -> list[Filter]:
    own = view.viewer.scope
    projects = await view.ask(known_projects(own))
    branches = await view.ask(used(own, "branch"))
    models = await view.ask(used(own, "model"))
    tags = await view.ask(session_tags(own))
    given = {name: view.query.get(name) or "" for name in ("project", "branch", "model", "who")}
    made = [
        Filter("text", "Title", wanted["text"] or "", None),
        Filter("project", "Project", given["project"],
               [("", "all"), *((each.id, each.name) for each in projects)]),
        Filter("branch", "Branch", given["branch"], _choices(branches)),
        Filter("model", "Model", given["model"], _choices(models)),
        Filter("outcome", "Outcome", wanted["outcome"] or "", _choices(OUTCOMES)),
        Filter("practice", "Practice", wanted["practice"] or "",
               [("", "all"), *((each.name, each.title) for each in all_practices())]),
        Filter("made", "Made", wanted["made"] or "", _choices(tuple(MADE))),
        *(
            Filter(name, label, words, [("", "all"), (words, words)])
            for name, label in (
                ("possible", "Possible"), ("skill", "Skill"), ("plugin", "Plugin"),
                ("server", "MCP server"), ("subagent", "Subagent"),
                ("check", "Check"), ("tool", "Tool"), ("failed", "Failed tool"), ("file", "File"),
                ("kind", "Kind of file"), ("pull", "Pull request"), ("lacks", "Lacks"),
            )
            if (words := view.query.get(name))
        ),
        Filter("tag", "Tag", wanted["tag"] or "", _choices(tags)),
        Filter("who", "Whose", given["who"],
               [("", "mine" if view.viewer.own else "people's"), ("automated", "automated"),
                ("all", "all")]),
    ]  # fmt: skip
    return [each for each in made if each.choices is None or len(each.choices) > 1]


def _choices(values: list[str] | tuple[str, ...]) -> list[tuple[str, str]]:
    return [("", "all"), *((each, each) for each in values if each)]
