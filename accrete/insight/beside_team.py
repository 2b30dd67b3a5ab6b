"""A person beside their team: a sentence that a person would say, then the figures it rests on.

No rank and no share of people: what a team does is one of three words (docs/team.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, NamedTuple

from accrete.practices import named
from accrete.practices.depth import FLUENT, REGULAR, TOO_FEW
from accrete.queries.practices import PracticeRow
from accrete.wire.benchmarks import TOO_FEW as FEWER_THAN_EIGHT
from accrete.wire.benchmarks import Benchmarks, Group

HABITS = {
    "artifacts": ("write plans and docs", "they"),
    "committing": ("commit", "that"),
    "context": ("manage the context", "that"),
    "delegation": ("use subagents", "they"),
    "isolation": ("work in worktrees", "they"),
    "planning": ("plan first", "that"),
    "review": ("have changes reviewed", "that"),
    "skills": ("use skills", "they"),
    "steering": ("steer Claude", "that"),
    "task-tracking": ("keep task lists", "they"),
    "verification": ("check the result", "that"),
}
"""What somebody does who has the practice, and what stands for it."""
WORDS = {"few": "few of {} do", "about half": "about half of {} does", "most": "most of {} do"}
SMALL = "{} is too small to say anything of it: it takes eight people who share and had sessions"
OTHERS = "{} is not told of, since another team or the rest of the company is too small"
HELD = "what {} does is not said this time: beside earlier words it would tell of single people"
NO_TEAM = (
    "No team server is connected, so there is nothing to compare with. These are the user's own "
    "figures; nothing left their machine."
)
NO_RELEASE = (
    "There is no release of {} yet. The first comes a few days after four weeks are over, if eight "
    "people share and had sessions in them."
)


class TeamWord(NamedTuple):
    """How many people of a group a practice is regular for, in a word."""

    of: Annotated[str, "team or company"]
    name: Annotated[str, "its name"]
    word: Annotated[str | None, "few, about half or most; null where nothing is said"]
    people: Annotated[int | None, "how many people count; null where nothing is said"]
    why: Annotated[str | None, "why nothing is said"]
    versions: Annotated[str | None, "versions of the practice's rules that it rests on"]


class BesideTeam(NamedTuple):
    """One practice of a person beside their team's."""

    name: Annotated[str, "name of the practice"]
    said: Annotated[str, "the comparison in a sentence"]
    possible: Annotated[int, "sessions of the block in which it could apply"]
    seen: Annotated[int, "of these, sessions in which it was used"]
    sightings: Annotated[int, "times it was used"]
    marked: Annotated[int, "of these, times with a quality mark"]
    depth: Annotated[str, "too few, not seen, tried, regular or fluent, in the block"]
    regular_since: Annotated[str | None, "Monday of the week since when it is regular; null if not"]
    words: Annotated[list[TeamWord], "what is said of the own team and of the company"]
    version: Annotated[int, "version of the practice's rules here"]
    taught_by: Annotated[list[str], "who offers to show it"]
    try_next: Annotated[str, "what to try"]


class TeamComparison(NamedTuple):
    """A person beside their team, in the newest block of four weeks that was released."""

    team_connected: Annotated[bool, "whether this machine shares with a team server"]
    said: Annotated[str, "the answer in words"]
    first_day: Annotated[str | None, "first day of the block"]
    last_day: Annotated[str | None, "last day of the block"]
    fetched_at: Annotated[int | None, "when the server said so"]
    offline: Annotated[bool, "whether the server did not answer now"]
    practices: Annotated[list[BesideTeam], "the practices"]
    caveats: Annotated[list[str], "what to keep in mind"]
    teaching: Annotated[list[str], "practices that the person offers to show"]


def nothing_to_compare(fault: str | None = None) -> TeamComparison:
    """Without a team; or with one whose server never answered, for a reason."""
    if fault is None:
        return TeamComparison(False, NO_TEAM, None, None, None, False, [], [], [])
    said = f"{fault} Nothing of the team is kept here yet; ask again when the server answers."
    return TeamComparison(True, said, None, None, None, True, [], [], [])


def compared(
    found: Benchmarks,
    rows: Sequence[PracticeRow],
    since: Mapping[str, str | None],
    *,
    fetched_at: int,
    offline: bool,
    doubts: Sequence[str],
) -> TeamComparison:
    """rows: the person's own practices in the block; since: the Monday since when each is
    regular."""
    if found.first is None or found.last is None:
        said = NO_RELEASE.format(found.company)
        return TeamComparison(
            True, said, None, None, fetched_at, offline, [], [*doubts], found.teaching
        )
    beside = [_beside(found, row, since.get(row.name)) for row in rows]
    beside.sort(key=lambda each: (-each.possible, each.name))
    told = [group for group in found.groups if not group.why]
    lead = [each.said for each in beside[:1]] if len(rows) == 1 else _of_all(found, beside)
    caveats = [
        *doubts,
        *(_versions(row, word) for row in beside for word in row.words if _differs(row, word)),
        *_about(found, told),
    ]
    return TeamComparison(
        True, " ".join(lead), found.first, found.last, fetched_at, offline, beside, caveats,
        found.teaching,
    )  # fmt: skip


def _beside(found: Benchmarks, row: PracticeRow, since: str | None) -> BesideTeam:
    practice = named(row.name)
    assert practice is not None
    words = of_team(found, row.name)
    regular = row.depth in (REGULAR, FLUENT)
    began = since if regular else None
    last = date.fromisoformat(found.last or "")
    return BesideTeam(
        row.name,
        f"{_own(row, began, last)}; {_theirs(words, so=not regular)}.",
        row.eligible, row.seen, row.sightings, row.marked, row.depth, began, words,
        practice.version,
        [each.name for each in found.teachers if each.practice == row.name],
        practice.try_next,
    )  # fmt: skip


def _word(group: Group, practice: str) -> TeamWord:
    cell = next((each for each in group.cells if each.practice == practice), None)
    word = cell.word or None if cell else None
    whose = f"your {group.of}"
    why = None
    if group.why:
        why = (SMALL if group.why == FEWER_THAN_EIGHT else OTHERS).format(whose)
    elif word is None:
        why = HELD.format(whose)
    versions = cell.versions or None if cell and word else None
    return TeamWord(group.of, group.name, word, group.people, why, versions)


def of_team(found: Benchmarks, practice: str) -> list[TeamWord]:
    """What is said of a practice: of the own team, then of the company."""
    return [_word(group, practice) for group in reversed(found.groups)]


def told(words: Sequence[TeamWord]) -> str:
    """The same in a sentence: what the team does, what the company does where nothing is said of
    the team, and why."""
    return _sentence(_theirs(words, so=True))


def _own(row: PracticeRow, since: str | None, last: date) -> str:
    """What the person does, in words."""
    does, it = HABITS[row.name]
    where = f"{_sessions(row.eligible)} where {it} could help"
    if not row.eligible:
        return f"No session of yours in these four weeks was one in which to {does}"
    if not row.seen:
        return f"You {does} in none of {where}"
    said = f"You {does} in {row.seen} of {where}"
    if row.depth == TOO_FEW:
        return f"{said}, too few to call it a habit"
    if row.depth in (REGULAR, FLUENT):
        return f"{said}, regularly" + (f" since {_month(since, last)}" if since else "")
    return f"{said}, not regularly"


def _theirs(words: Sequence[TeamWord], *, so: bool) -> str:
    """What the team does, in words; what the company does where nothing is said of the team."""
    regularly = " so regularly" if so else ""
    said = [WORDS[each.word].format(f"your {each.of}") + regularly for each in words if each.word]
    if not words:
        return "nothing is said of your company"
    if words[0].word:
        return said[0]
    return "; ".join([words[0].why or "", *said[:1]])


def _of_all(found: Benchmarks, beside: Sequence[BesideTeam]) -> list[str]:
    """The practices that most could apply to, a sentence each."""
    if not any(each.possible for each in beside):
        why = [word.why for each in beside[:1] for word in each.words if word.why]
        return ["You have no sessions of your own in these four weeks.", *map(_sentence, why)]
    return [each.said for each in beside if each.possible][:3]


def _sessions(n: int) -> str:
    return f"{n:,} session" if n == 1 else f"{n:,} sessions"


def _sentence(said: str) -> str:
    return f"{said[0].upper()}{said[1:]}."


def _month(day: str, last: date) -> str:
    began = date.fromisoformat(day)
    return began.strftime("%B" if began.year == last.year else "%B %Y")


def _differs(row: BesideTeam, word: TeamWord) -> bool:
    return word.versions is not None and word.versions != str(row.version)


def _versions(row: BesideTeam, word: TeamWord) -> str:
    return (
        f"{row.name}: counted here by version {row.version} of its rules, in your {word.of} by "
        f"{(word.versions or '').replace(' ', ' and ')}; the two may differ a little."
    )


def _about(found: Benchmarks, told: Sequence[Group]) -> list[str]:
    """What the words are."""
    first, last = (date.fromisoformat(day or "") for day in (found.first, found.last))
    block = f"{first:%-d %b} to {last:%-d %b %Y}"
    said = [f"All figures are of {block}, the newest four weeks that were released."]
    if told:
        people = ", ".join(f"your {group.of} {group.people}" for group in reversed(told))
        known = min(group.known or 0 for group in told)
        said.append(
            f"People who count: {people}. A word says for how many a practice is regular, and is "
            f"made so that it tells nothing of anybody, even to who knows {known} others' habits."
        )
    return said
