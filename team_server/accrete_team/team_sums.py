"""The sums of a viewer over a range (amounts.py): asked for block by block, and kept until a block
changes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import NamedTuple

from accrete.clock import monday
from accrete.explorer.view import View
from accrete.insight.four_weeks import (
    WEEKS,
    block_of,
    stretches,
    weeks_of_block,
)
from accrete.outcomes.kinds import CLOSED, MERGED, OPEN
from accrete.queries.amounts import (
    Made,
    Pulled,
    Spent,
    SpentOnMerged,
    Used,
    labels,
    made,
    pulled,
    spent,
    spent_on_merged,
    tools_used,
)
from accrete.queries.scope import Scope
from accrete_team import access
from accrete_team.access import Seat
from accrete_team.amounts import (
    Fact,
    Held,
    Part,
    Shown,
    Where,
    add_block,
    end_of,
    held_in,
    membership,
    spans,
)
from accrete_team.budgets import Followed, budgets, followed_by
from accrete_team.rosters import Roster, roster
from accrete_team.web import team_viewer
from accrete_team.weeks import Weeks, last_whole, later

ENDED = (MERGED, CLOSED)
UNKNOWN, NOT_SHARED = "unknown", "not shared"
"""The state of a pull request that no forge told, and of one whose owner does not share it."""
SPENT = ("cost_nano", "tokens")
MADE = ("sessions", "commits", "pull_requests", "lines_added", "lines_removed")
USED = ("calls",)
"""The measures that are made of the rows of each question, by their fields."""


class Told(NamedTuple):
    """What may be shown of some weeks. measures: by name; unpriced: responses without a price;
    projects: the ids of all that have a row."""

    measures: dict[str, Shown]
    unpriced: int
    projects: frozenset[str]


@dataclass(frozen=True, slots=True)
class Facts:
    """The sums of a viewer. measures: a figure of Spent or Made each, or `calls`, whose models are
    tools; unpriced: responses without a price; labels: what stands for each project, its name or
    else the beginning of its id; names: those that have one; blocks, running: as `shown` takes
    them; settled: the blocks of which it is told what came of pull requests: those that were over a
    week ago, by what had come of them then, so that what is shown of a block stays as it is; teams:
    (id, name) of those that the viewer leads, by name; company: whether all of it is about the
    company and not about teams; tools: whether calls were counted."""

    measures: dict[str, Shown]
    unpriced: int
    names: dict[str, str]
    labels: dict[str, str]
    mondays: list[str]
    blocks: list[str]
    running: list[str]
    settled: frozenset[str]
    teams: list[tuple[str, str]]
    company: bool
    tools: bool

    @property
    def said(self) -> str:
        """The blocks in words."""
        many = len(self.blocks)
        return Weeks(self.blocks[0], later(self.blocks[-1], 3)).said if many else ""

    @property
    def many(self) -> bool:
        """Whether teams are parts of something: of a company, or of several teams."""
        return len(self.teams) > (0 if self.company else 1)


async def facts(
    view: View, seat: Seat, weeks: Weeks, *, costs_only: bool = False, tools: int | None = 0
) -> Facts:
    """Everything that may be shown of a range, for a viewer: of the company for an administrator,
    else of the teams that are led. costs_only: nothing but Spent is needed; tools: up to how many
    people calls are counted, too, None for any number. Raises MissingError for everybody else."""
    there = await view.ask(roster())
    led = [(each.id, each.name) for each in seat.teams if each.role == "lead"]
    people = (
        [each.person for each in there.members]
        if seat.admin
        else sorted({p.person for p in there.places if p.team in dict(led) and p.role == "member"})
    )
    blocks, running, mondays = spans(weeks)
    whose = access.everybody(seat, people)
    counted = tools is None or len(people) <= tools
    set_ = await view.ask(budgets()) if seat.admin else []
    over = settled(blocks, seat.last_day())
    asks = _Asks(
        view, whose, seat.admin, [team for team, _ in led], there, followed_by(set_), over
    )  # fmt: skip
    kinds = ["spent"] + ([] if costs_only else ["made"]) + (["used"] if counted else [])
    told = [
        await asks.told(kind, weeks_, whole=whole)
        for kind in kinds
        for weeks_, whole in [*((weeks_of_block(block), True) for block in blocks),
                              *([(running, False)] if running else [])]
    ]  # fmt: skip
    ids = frozenset[str]().union(*(each.projects for each in told)) - {""}
    known = await view.ask(labels(replace(whose, since=None, until=None)))
    names = {key: known[key] for key in sorted(ids) if key in known}
    return Facts(
        _together(told), sum(each.unpriced for each in told), names,
        {key: f"project {key[:6]}" for key in ids} | names,
        mondays, blocks, running, over, led, seat.admin, counted,
    )  # fmt: skip


def settled(blocks: Iterable[str], last_day: str) -> frozenset[str]:
    """The blocks that were over a week before the last day of which anything is shown."""
    over = last_whole(last_day)
    return frozenset(block for block in blocks if later(block, WEEKS) <= over)


@dataclass(frozen=True, slots=True)
class _Asks:
    """Asks for the sums of one block after the other; each is kept until something of it changes.
    whose: everybody that they are of; teams: those that are led; followed: as `shown` takes it;
    settled: as Facts has it."""

    view: View
    whose: Scope
    company: bool
    teams: Sequence[str]
    there: Roster
    followed: Sequence[Followed]
    settled: frozenset[str]

    async def told(self, kind: str, weeks: Sequence[str], *, whole: bool) -> Told:
        """What may be shown of a block, or of the weeks of one that runs."""
        last = Weeks(weeks[0], weeks[-1]).until
        scope = replace(self.whose, since=weeks[0], until=last)
        member = membership(self.there, set(self.teams))
        places = tuple(each for each in self.there.places if each.team in self.teams)
        known = weeks[0] in self.settled
        key = (kind, whole, self.company, tuple(self.teams), places, tuple(self.followed), known)

        async def worked_out() -> Told:
            starts = stretches(weeks) if kind == "spent" else list(weeks)
            put = starts, weeks, member, whole
            if kind == "spent":
                costs = await self.view.ask(spent(scope, starts))
                of_merged = await self.view.ask(spent_on_merged(scope, starts)) if known else []
                return self._told(kind, costs, *put, on_merged=of_merged)
            if kind == "made":
                work = await self.view.ask(made(scope, starts))
                opened = await self.view.ask(pulled(scope, starts)) if known else None
                return self._told(kind, work, *put, opened=opened)
            calls = await self.view.ask(tools_used(scope, starts))
            return self._told(kind, calls, *put)

        weekly = team_viewer(self.view).weekly
        return await weekly.work(self.view.reader, scope, key, worked_out, _size)

    def _told(
        self,
        kind: str,
        rows: Sequence[Spent | Made | Used],
        starts: Sequence[str],
        weeks: Sequence[str],
        member: Callable[[int, str], frozenset[str]],
        whole: bool,
        *,
        opened: Sequence[Pulled] | None = None,
        on_merged: Sequence[SpentOnMerged] = (),
    ) -> Told:
        """opened: None of a block whose pull requests are told by no state."""
        mondays = [monday(day) for day in starts]
        known: dict[tuple[int, str, str, frozenset[str]], int] = {}
        wheres: list[Where] = []
        placed = []
        of_model = {"spent": "model", "used": "tool"}.get(kind, "")
        for row in rows:
            model = getattr(row, of_model) if of_model else ""
            teams = member(row.person, mondays[row.nth])
            at = known.setdefault((row.nth, row.project, model, teams), len(wheres))
            if at == len(wheres):
                month = starts[row.nth][:7] if kind == "spent" else ""
                wheres.append(Where(mondays[row.nth], row.project, model, teams, month))
            if self.company or teams:
                placed.append((row, at))
        block = block_of(weeks[0])
        measures = {}
        for name in {"spent": SPENT, "made": MADE, "used": USED}[kind]:
            held = [Held() for _ in wheres]
            value_of = attrgetter(name)
            for row, at in placed:
                if value := value_of(row):
                    held[at].people.add(row.person)
                    held[at].value += value
            found = measures[name] = Shown()
            places = {where: here for where, here in zip(wheres, held, strict=True) if here.people}
            if name == "pull_requests" and opened is not None:
                there = [(row, wheres[at]) for row, at in placed if isinstance(row, Made)]
                places = held_in(_pulls(there, opened, block))
            elif name == "cost_nano" and on_merged:
                paid = [(row, wheres[at]) for row, at in placed if isinstance(row, Spent)]
                places = held_in(_costs(paid, on_merged, block))
            add_block(found, places, block, weeks, self.teams, self.followed, whole=whole)
        return Told(
            measures,
            sum(row.unpriced for row in rows if isinstance(row, Spent)),
            frozenset(where.project for where in wheres if kind != "used"),
        )


def _was_over(block: str, at: int | None) -> bool:
    """Whether a pull request that was merged or closed at a moment was so when the states of a
    block were settled."""
    return at is not None and at <= end_of(later(block, WEEKS))


def _pulls(
    there: Iterable[tuple[Made, Where]], opened: Iterable[Pulled], block: str
) -> Iterator[Fact]:
    """Pull requests of a settled block by state. there: how many sessions opened, and where."""
    states: dict[tuple[int, int, str], Counter[str]] = defaultdict(Counter)
    for each in opened:
        state = each.state or UNKNOWN
        if state in ENDED and not _was_over(block, each.ended_at):
            state = OPEN
        states[each.person, each.nth, each.project][state] += 1
    for row, where in there:
        found = states[row.person, row.nth, row.project]
        found[NOT_SHARED] = max(0, row.pull_requests - found.total())
        for state, n in found.items():
            yield Fact(row.person, where._replace(mark=state), n)


def _costs(
    there: Iterable[tuple[Spent, Where]], on_merged: Iterable[SpentOnMerged], block: str
) -> Iterator[Fact]:
    """Cost of a settled block, that of sessions that worked on merged pull requests apart."""
    of: Counter[tuple[int, int, str, str]] = Counter()
    for each in on_merged:
        if _was_over(block, each.merged_at):
            of[each.person, each.nth, each.project, each.model] += each.cost_nano
    for row, where in there:
        marked = of[row.person, row.nth, row.project, row.model]
        yield Fact(row.person, where, row.cost_nano - marked)
        yield Fact(row.person, where._replace(mark=MERGED), marked)


def _size(told: Told) -> int:
    """Of its sets, whose places are shared."""
    return sum(len(each) for found in told.measures.values() for each in found.sets) // 8


def _together(told: Iterable[Told]) -> dict[str, Shown]:
    """The sums of all blocks, by measure. Blocks share no weeks."""
    found: dict[str, Shown] = {}
    for each in told:
        for name, of_block in each.measures.items():
            into = found.setdefault(name, Shown())
            into.totals |= of_block.totals
            into.weeks |= of_block.weeks
            into.months |= of_block.months
            into.withheld += of_block.withheld
            into.sets += of_block.sets
            for project, values in of_block.followed.items():
                into.followed.setdefault(project, {}).update(values)
            for mine, theirs in (
                (into.projects, of_block.projects),
                (into.models, of_block.models),
                (into.teams, of_block.teams),
                (into.marks, of_block.marks),
            ):
                for key, part in theirs.items():
                    mine.setdefault(key, Part()).by.update(part.by)
            for of, part in of_block.merged.items():
                into.merged.setdefault(of, Part()).by.update(part.by)
    return found
