"""The headings under which the people of a matrix stand: teams, roles, months, projects. Within
each, people stand by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from accrete.insight.sums import FEWEST
from accrete.queries.practices_of_people import Member, OnProject, by_name

GROUPS = {"none": "by name", "team": "Team", "job": "Role", "cohort": "Start month",
          "project": "Project"}  # fmt: skip
OTHERS, NOWHERE = "Other projects", "No sessions in these weeks"
"""Headings of the grouping by project; they come last."""


def by_project(found: Sequence[OnProject]) -> dict[int, list[str]]:
    """Under which projects each person stands: those that FEWEST people or more share by name, else
    OTHERS."""
    people: dict[str, set[int]] = defaultdict(set)
    for each in found:
        people[each.project].add(each.person)
    names = {each.project: each.name for each in found if each.name}
    made: dict[int, list[str]] = defaultdict(list)
    for each in found:
        enough = each.project in names and len(people[each.project]) >= FEWEST
        heading = names[each.project] if enough else OTHERS
        if heading not in made[each.person]:
            made[each.person].append(heading)
    return made


def placed_by(
    there: Sequence[Member],
    group: str,
    led: set[str],
    team: str | None,
    projects: Mapping[int, Sequence[str]],
) -> list[tuple[str, Member]]:
    """People under the headings of a grouping, both by name; months in order of time. Somebody in
    two teams or on two projects stands in both."""
    of: dict[str, Callable[[Member], list[str]]] = {
        "none": lambda member: [""],
        "team": lambda member: [
            name for id_, name in member.teams if id_ in led and team in (None, id_)
        ],
        "job": lambda member: [member.job or "No role given"],
        "cohort": lambda member: [member.start_month or "No start month given"],
        "project": lambda member: list(projects.get(member.person, [NOWHERE])),
    }
    last = {OTHERS: 1, NOWHERE: 2} if group == "project" else {}
    found = [(heading, member) for member in there for heading in of[group](member) or [""]]
    return sorted(
        found,
        key=lambda each: (last.get(each[0], 0), by_name(each[0]), by_name(each[1].name)),
    )
