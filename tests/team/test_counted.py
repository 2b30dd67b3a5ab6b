"""Every cell of the matrix and every figure of This week, Activity, Costs and Sessions in figures
against SQL of its own, on both engines: over ranges with changes of clocks and ends of months, in
two zones, with practices of several versions."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache, partial
from html import unescape

import pytest
from accrete_team import rollups
from accrete_team.budgets import set_budget
from accrete_team.people import place
from accrete_team.weeks import last_whole, later

from accrete.insight.four_weeks import WEEKS, months_of, whole_blocks
from accrete.insight.matrix import ORDER
from accrete.practices import named
from tests.fuzz import TORTURE, part
from tests.team.leading import LEAD, last_day, last_monday
from tests.team.serving import Team
from tests.team.signed import Browser, a_person, signed_in
from tests.team.test_matrix import said
from tests.team.worked import MEMBERS, NEW, PRIVATE, Worked, changes_of_clocks

pytestmark = pytest.mark.long

TITLES = {name: named(name).title for name in ORDER}
ADMIN = "Ada Minh"
BOTH = tuple(range(1, MEMBERS + 1))
WORK = "d.prompts + d.prompts_queued + d.responses_own > 0"


@pytest.fixture
def worked(team):
    """The company of `worked.py`, with a lead of both teams and an administrator."""

    def made() -> None:
        with team.database() as db:
            Worked(last_monday()).fill(db)
            for person in range(1, NEW + 1):
                rollups.add_up_everything(db, person)
            if db.dialect == "postgresql":  # the ids that were given are taken
                db.run("SELECT setval(pg_get_serial_sequence('person', 'id'), 10000)")
        lead = a_person(team, LEAD)
        a_person(team, ADMIN, admin=True)
        with team.database() as db:
            for name in ("forge", "harbour"):
                place(db, lead, name, "lead", actor=None, now=1, since=1)
            set_budget(db, 900 * 10**9, actor=None, now=1)
            db.run("INSERT INTO published_project (remote, id, name, at) VALUES "
                   "('github.com/acme/ledger', 'ledger', 'Ledger', 1)")  # fmt: skip
            set_budget(db, 400 * 10**9, actor=None, now=1, project="Ledger")

    team.filled(("worked", last_monday()), made)
    return team


def monday_in(team: Team, day: str) -> str:
    """An expression for the Monday of a day, by the calendar of the database."""
    if team.admin_url:
        return f"to_char(date_trunc('week', CAST({day} AS date)), 'YYYY-MM-DD')"
    return f"date({day}, '-6 days', 'weekday 1')"


Range = tuple[str, str, str]


def ranges() -> dict[str, Range]:
    """The ranges that are looked at: what the URL says, their first Monday and their last."""
    last = last_monday()
    weeks = {"week": 1, "4w": 4, "12w": 12, "year": 52}
    found = {
        name: (f"range={name}", later(last.isoformat(), 1 - n), last.isoformat())
        for name, n in weeks.items()
    }
    clocks = changes_of_clocks(last - timedelta(7 * 50), last)
    for day in clocks:
        first = day - timedelta(day.weekday() + 14)
        end = min(first + timedelta(7 * 4), last)
        friday, thursday = first - timedelta(3), end + timedelta(3)  # whole weeks are looked at
        found[f"clocks {day}"] = (f"since={friday}&until={thursday}", str(first), str(end))
    return found


def looked_at(team: Team, grid: Iterable[Range], usual: int) -> list[Range]:
    """All of some ranges on SQLite, so many of them on PostgreSQL, where both the pages and the
    statements that they are held against take several times as long."""
    return [*grid] if team.admin_url is None else part(grid, usual)


def ranges_of_blocks() -> list[Range]:
    """Of them those that differ in the blocks of four weeks that sums are told by."""
    found: dict[tuple[str, ...], tuple[str, str, str]] = {}
    for each in ranges().values():
        found.setdefault(tuple(blocks_of(*each[1:])), each)
    return list(found.values())[1:]  # the first has one block, which is in all others


def within(first: str, last: str, day: str) -> str:
    """The days of whole weeks."""
    return f"{day} >= '{first}' AND {day} < '{later(last, 1)}'"


def weeks_of_practices(team: Team, first: str, last: str, more: str = "") -> dict:
    """By person, practice and week: (possible, seen, sightings, done well, versions)."""
    found: dict = defaultdict(lambda: defaultdict(lambda: [0, 0, 0, 0, set()]))
    day, join = monday_in(team, "d.local_day"), "s.person = {0}.person AND s.id = {0}.session"
    for person, practice, week, version, n in team.rows(
        f"SELECT d.person, y.practice, {day}, y.version, COUNT(DISTINCT d.session) "
        f"FROM session_day d JOIN session s ON {join.format('d')} "
        "JOIN session_practice y ON y.person = d.person AND y.session = d.session "
        f"WHERE {within(first, last, 'd.local_day')} AND s.automated = 0 AND y.possible = 1 {more} "
        f"GROUP BY d.person, y.practice, {day}, y.version"
    ):
        cell = found[person, practice][week]
        cell[0] += int(n)
        cell[4].add(int(version))
    day = monday_in(team, "g.local_day")
    for person, practice, week, n, times, well in team.rows(
        f"SELECT g.person, g.practice, {day}, COUNT(DISTINCT g.session), COUNT(*), "
        "SUM(CASE WHEN g.marks = '' THEN 0 ELSE 1 END) FROM sighting g "
        f"JOIN session s ON {join.format('g')} "
        f"WHERE {within(first, last, 'g.local_day')} AND s.automated = 0 {more} "
        f"GROUP BY g.person, g.practice, {day}"
    ):
        found[person, practice][week][1:4] = int(n), int(times), int(well)
    return found


def habit(weeks: dict) -> str:
    """The habit as docs/practices.md says it, of weeks as weeks_of_practices counts them."""
    possible = [weeks[each] for each in sorted(weeks) if weeks[each][0]]
    if not any(each[1] for each in weeks.values()):
        return "not seen"
    if 2 * sum(4 * each[1] >= each[0] for each in possible[-8:]) < len(possible[-8:]):
        return "tried"
    times, well = (sum(each[at] for each in weeks.values()) for at in (2, 3))
    often = sum(each[3] > 0 for each in weeks.values()) >= 4
    return "fluent" if 2 * well >= times and often else "regular"


def sums(weeks: dict, upto: str = "", since: str = "") -> tuple[int, int]:
    """(seen, possible) of the weeks before a Monday, or from one on."""
    some = [w for week, w in weeks.items() if week >= since and (not upto or week < upto)]
    return sum(each[1] for each in some), sum(each[0] for each in some)


def percent(seen: int, possible: int) -> int:
    whole = round(100 * seen / possible)
    return min(max(whole, int(seen > 0)), 99 if seen < possible else 100)


def moved(stats, old: tuple[int, int], new: tuple[int, int]) -> str:
    """Newcombe's tenth method at 99 %, of Wilson's intervals as scipy makes them."""
    if min(old[1], new[1]) < 5:
        return ""
    (a, low_a, high_a), (b, low_b, high_b) = (
        (part / of, *stats.binomtest(part, of).proportion_ci(0.99, method="wilson"))
        for part, of in (old, new)
    )
    if b - a - ((b - low_b) ** 2 + (high_a - a) ** 2) ** 0.5 > 0:
        return ", rising"
    return ", falling" if b - a + ((high_b - b) ** 2 + (a - low_a) ** 2) ** 0.5 < 0 else ""


def of_person(stats, weeks: dict, past: dict | None, middle: str) -> str:
    """A cell as it should be heard."""
    seen, possible = sums(weeks)
    if not possible:
        return "n/a: not possible in any session"
    if possible < 5:
        return f"few: possible in {possible} session{'' if possible == 1 else 's'}"
    rules = set().union(*(each[4] for each in [*weeks.values(), *(past or {}).values()]))
    before = None if past is None else sums(past)
    halves = (sums(weeks, middle) if before is None else before,
              sums(weeks, since=middle if before is None else ""))  # fmt: skip
    heard = f"{habit(weeks)}, {percent(seen, possible)}% of {possible:,} sessions"
    heard += moved(stats, *halves) if len(rules) == 1 else ""
    if before is not None and before[1]:
        heard += f"; before {percent(*before)}% of {before[1]}"
    return heard + ("; rules of versions 1 2" if len(rules) > 1 else "")


def of_team(stats, people: list[dict], past: list[dict] | None, middle: str) -> str:
    """The cell of the whole team as it should be heard."""
    every = [sums(each) for each in people]
    seen, possible = (sum(each[at] for each in every) for at in (0, 1))
    if not possible:
        return "n/a: not possible in any session"
    if possible < 5:
        return f"few: possible in {possible} session{'' if possible == 1 else 's'}"
    enough = [each for each in every if each[1] >= 5]
    using = sum(4 * part >= of for part, of in enough)
    heard = f"used by {using} of {len(enough)} people" if enough else "few each"
    heard += f", {percent(seen, possible)}% of {possible:,} sessions"
    if past is None:
        sides = [(sums(each, middle), sums(each, since=middle)) for each in people]
    else:
        sides = [(sums(old), sums(each)) for old, each in zip(past, people, strict=True)]
    rules = {rule for each in [*people, *(past or [])] for w in each.values() for rule in w[4]}
    differences = [
        new[0] / new[1] - old[0] / old[1] for old, new in sides if min(old[1], new[1]) >= 5
    ]
    if len(differences) >= 5 and len(rules) == 1 and len(set(differences)) > 1:
        low, high = stats.ttest_1samp(differences, 0).confidence_interval(0.95)
        heard += ", rising" if low > 0 else ", falling" if high < 0 else ""
    old_seen, old_possible = (sum(old[at] for old, _ in sides) for at in (0, 1))
    if past is not None and old_possible:
        heard += f"; before {percent(old_seen, old_possible)}% of {old_possible:,}"
    return heard + ("; rules of versions 1 2" if len(rules) > 1 else "")


@pytest.mark.grid
@pytest.mark.parametrize(
    "more",
    [
        "&compare=before",
        pytest.param("", marks=pytest.mark.alike),
        *(["&team=forge", "&project=quay"] if TORTURE else []),
    ],
)
def test_every_cell_of_every_range_is_counted_by_sql(worked, stats, more):
    browser, heard_in_all = signed_in(worked, LEAD), set()
    narrowed = "AND s.project = 'quay'" if "quay" in more else ""
    there = [n for n in range(1, NEW + 1) if "forge" not in more or n % 2 == 0]
    every = [*ranges().values()]
    assert len(every) > 6
    some = looked_at(worked, every, 4)
    for url, first, last in some:
        cells = said(browser.page(f"/matrix?by=none&{url}{more}"))
        many = (date.fromisoformat(last) - date.fromisoformat(first)).days // 7 + 1
        middle = later(first, many // 2)
        now = weeks_of_practices(worked, first, last, narrowed)
        then = None
        if "compare" in more:
            then = weeks_of_practices(worked, later(first, -many), later(last, -many), narrowed)
        for name in ORDER:
            for person in there:
                past = None if then is None else then[person, name]
                heard = of_person(stats, now[person, name], past, middle)
                if person == PRIVATE:
                    heard = "private: nothing is shared"
                elif person == NEW:
                    heard = "new: joined less than four weeks ago"
                assert cells[f"Person {person:02d}", TITLES[name]] == heard, (url, person, name)
                heard_in_all |= {heard}
            people = [n for n in there if n not in (PRIVATE, NEW)]
            past = None if then is None else [then[person, name] for person in people]
            heard = of_team(stats, [now[person, name] for person in people], past, middle)
            assert cells["Whole team", TITLES[name]] == heard, (url, name)
            heard_in_all |= {heard}
        assert len(cells) == len(ORDER) * (len(there) + 1)
    if some == every:
        words = " ".join(heard_in_all)
        for each in ("n/a", "few:", "not seen", "tried", "regular", "fluent", "rising",
                     "versions 1 2", *(["; before"] if "compare" in more else [])):  # fmt: skip
            assert each in words or (each == "rising" and more == "&project=quay"), each


def tables_of(browser: Browser, path: str) -> tuple[dict, dict]:
    answer = browser.get(f"{path}{'&' if '?' in path else '?'}format=json").json()
    return answer["figures"], answer["tables"]


@lru_cache(maxsize=4096)
def one(team: Team, sql: str) -> tuple[int, ...]:
    """The one row of an answer. Nothing changes in the company, so each is asked once a test."""
    ((*row,),) = team.rows(sql)
    return tuple(int(each or 0) for each in row)


def at_work(team: Team, first: str, last: str, who: str = "1 = 1") -> dict[str, tuple[int, int]]:
    """By week: sessions at work, and the people of them."""
    day = monday_in(team, "d.local_day")
    return {
        week: (int(n), int(people))
        for week, n, people in team.rows(
            f"SELECT {day}, COUNT(DISTINCT d.session), COUNT(DISTINCT d.person) FROM session_day d "
            "JOIN session s ON s.person = d.person AND s.id = d.session "
            f"WHERE {within(first, last, 'd.local_day')} AND s.automated = 0 AND {WORK} AND {who} "
            f"GROUP BY {day}"
        )
    }


def test_every_figure_of_this_week_is_counted_by_sql(worked):
    figures, tables = tables_of(signed_in(worked, LEAD), "/week")
    last = last_monday().isoformat()
    first = later(last, -11)
    weeks = at_work(worked, first, last)
    assert tables["activity"] == [
        {"week": week, "sessions": n, "people": people}
        for week, (n, people) in sorted(weeks.items(), reverse=True)
    ]
    assert (figures["sessions"], figures["active-people"]) == weeks[last]
    now = weeks_of_practices(worked, later(first, -1), last)
    seen, possible = (sum(now[person, "verification"][last][at] for person in range(1, NEW + 1))
                      for at in (1, 0))  # fmt: skip
    assert figures["checks-after-edits"] == seen / possible
    taken = 0
    for weeks_ in now.values():
        habits = []
        for end in (last, later(last, -1)):
            some = {week: w for week, w in weeks_.items() if later(end, -11) <= week <= end}
            enough = sum(w[0] for w in some.values()) >= 5
            habits.append(enough and habit(some) in ("regular", "fluent"))
        taken += habits == [True, False]
    assert figures["taken-up"] == taken
    (cost,) = one(worked, "SELECT SUM(cost_nano) FROM session_usage u "
                  f"WHERE {within(last, last, 'u.local_day')}")  # fmt: skip
    assert figures["cost"] == cost
    assert len(tables["adoption"]) == 12
    for row in tables["adoption"]:
        for name in ORDER:
            some = [now[person, name].get(row["week"], [0, 0]) for person in range(1, NEW + 1)]
            could, did = (sum(each[at] > 0 for each in some) for at in (0, 1))
            assert row[name] == (f"{did} of {could}" if could else None), (row["week"], name)


def by_parts(rows: list[dict], key: str) -> dict[str, dict]:
    return {row.pop(key): row for row in map(dict, rows)}


def blocks_of(first: str, last: str) -> list[str]:
    many = (date.fromisoformat(last) - date.fromisoformat(first)).days // 7 + 1
    return whole_blocks(last, many)


def what_was_made(team: Team, days: str, where: str = "1 = 1") -> tuple[int, ...]:
    return one(
        team,
        "SELECT SUM(d.commits), SUM(d.pull_requests), SUM(d.lines_added), SUM(d.lines_removed) "
        "FROM session_day d JOIN session s ON s.person = d.person AND s.id = d.session "
        f"JOIN team_place t ON t.person = d.person AND t.role = 'member' WHERE {days} AND {where}",
    )  # fmt: skip


def paid(team: Team, days: str, where: str = "1 = 1") -> tuple[int, int]:
    cost, used = one(
        team,
        "SELECT SUM(u.cost_nano), SUM(u.input_tokens + u.output_tokens + u.cache_read_tokens "
        "+ u.cache_write_tokens) FROM session_usage u "
        "JOIN session s ON s.person = u.person AND s.id = u.session "
        f"JOIN team_place t ON t.person = u.person AND t.role = 'member' WHERE {days} AND {where}",
    )  # fmt: skip
    return cost, used


PARTS = {
    "projects": {key.title(): f"s.project = '{key}'" for key in ("ledger", "quay")},
    "teams": {name.title(): f"t.team = '{name}'" for name in ("forge", "harbour")},
}
STATES = {
    "merged": "x.state = 'merged' AND x.merged_at < {0}",
    "closed": "x.state = 'closed' AND x.closed_at < {0}",
    "open": "x.state = 'open' OR (x.state = 'merged' AND x.merged_at >= {0})",
    "not known": "x.state IS NULL",
}
PULLS = """FROM session_pull l JOIN session s ON s.person = l.person AND s.id = l.session
  JOIN team_place t ON t.person = l.person AND t.role = 'member'
  JOIN session_pull_state x ON x.person = l.person AND x.session = l.session AND x.url = l.url"""


def settled_at(block: str) -> int:
    """When the states of a block are told: a week after its end, UTC ms."""
    day = date.fromisoformat(later(block, WEEKS + 1))
    return (day - date(1970, 1, 1)).days * 86_400_000


def on_merged(team: Team, blocks: list[str], where: str = "1 = 1") -> tuple[int, int]:
    """What the sessions of some blocks cost that worked on a merged pull request, and how many were
    merged."""
    spent = merged = 0
    for block in blocks:
        is_merged = STATES["merged"].format(settled_at(block))
        some = within(block, later(block, WEEKS - 1), "{0}.local_day")
        spent += paid(
            team, some.format("u"),
            f"{where} AND EXISTS (SELECT 1 FROM session_pull_state x WHERE x.person = u.person "
            f"AND x.session = u.session AND {is_merged})",
        )[0]  # fmt: skip
        (n,) = one(team, f"SELECT COUNT(*) {PULLS} WHERE {some.format('l')} AND {is_merged} "
                   f"AND {where}")  # fmt: skip
        merged += n
    return spent, merged


@pytest.mark.grid
@pytest.mark.parametrize("who", [LEAD, ADMIN])
def test_every_figure_of_activity_is_counted_by_sql(worked, who):
    browser, lead = signed_in(worked, who), who == LEAD
    for url, first, last in looked_at(worked, ranges_of_blocks(), 2):
        figures, tables = tables_of(browser, f"/activity?{url}")
        blocks = blocks_of(first, last)
        ends = blocks[0], later(blocks[-1], WEEKS - 1)
        begins = first if lead else blocks[0]
        weeks = at_work(worked, begins, last)
        keys = ("week", "sessions", *(["people"] if lead else []))
        assert tables["weeks"] == [
            dict(zip(keys, (week, *counts), strict=False))
            for week, counts in sorted(weeks.items(), reverse=True)
        ], url  # fmt: skip
        assert figures["sessions"] == sum(n for n, _ in weeks.values())
        if lead:
            assert figures["active-people"] == weeks[last][1]
        days, used = (within(*ends, f"{name}.local_day") for name in ("d", "u"))
        commits, pulls, added, removed = what_was_made(worked, days)
        cost, _ = paid(worked, used)
        assert figures["commits"] == commits
        assert figures["pull-requests"] == pulls
        assert figures["cost-by-commits"] == cost // commits
        settled = [each for each in blocks if later(each, WEEKS) <= last_whole(last_day())]
        assert ("teams" in tables) == lead  # an administrator leads none
        for key, parts in PARTS.items():
            if key not in tables:
                continue
            rows = by_parts(tables[key], "name")
            assert list(rows) == sorted(parts), (url, key)
            for name, where in parts.items():
                commits, pulls, added, removed = what_was_made(worked, days, where)
                cost, _ = paid(worked, used, where)
                spent, merged = on_merged(worked, settled, where)
                sessions = sum(
                    n for n, _ in at_work(
                        worked, *ends,
                        where.replace("t.team =", "(SELECT t.team FROM team_place t WHERE "
                                      "t.person = d.person AND t.role = 'member') ="),
                    ).values()
                )  # fmt: skip
                assert rows[name] == {
                    "sessions": sessions, "commits": commits, "pull_requests": pulls,
                    "lines_added": added, "lines_removed": removed,
                    "cost_per_commit": cost // commits,
                    "merged": merged if settled else None,
                    "cost_per_merged": spent // merged if settled else None,
                }, (url, name)  # fmt: skip
        _states(worked, tables.get("states", []), settled)
        _models_and_tools(worked, tables, ends)


def _states(team: Team, rows: list[dict], settled: list[str]) -> None:
    if not settled:
        assert rows == []
        return
    counted: dict[str, int] = defaultdict(int)
    every = 0
    for block in settled:
        days = partial(within, block, later(block, WEEKS - 1))
        every += what_was_made(team, days("d.local_day"))[1]
        for state, condition in STATES.items():
            (n,) = one(team, f"SELECT COUNT(*) {PULLS} WHERE {days('l.local_day')} "
                       f"AND ({condition.format(settled_at(block))})")  # fmt: skip
            counted[state] += n
    counted["not shared"] = every - sum(counted.values())
    assert {row["state"]: row["pull_requests"] for row in rows} == counted
    assert all(row["share"] == row["pull_requests"] / every for row in rows)
    assert len(rows) == 5


def _models_and_tools(team: Team, tables: dict, ends: tuple[str, str]) -> None:
    for key, measure, sql in (
        ("models", "cost", "SELECT u.model, SUM(u.cost_nano) FROM session_usage u WHERE {} "
         "GROUP BY u.model"),
        ("tools", "calls", "SELECT u.tool, SUM(u.calls) FROM session_tool u WHERE {} "
         "GROUP BY u.tool"),
    ):  # fmt: skip
        found = {name: int(n) for name, n in team.rows(sql.format(within(*ends, "u.local_day")))}
        whole = sum(found.values())
        assert tables[key] == [
            {"name": name, measure: n, "share": n / whole}
            for name, n in sorted(found.items(), key=lambda each: (-each[1], each[0]))
        ]


@pytest.mark.grid
@pytest.mark.parametrize("who", [LEAD, ADMIN])
def test_every_figure_of_costs_is_counted_by_sql(worked, who):
    browser = signed_in(worked, who)
    for url, first, last in looked_at(worked, ranges_of_blocks(), 2):
        figures, tables = tables_of(browser, f"/costs?{url}")
        blocks = blocks_of(first, last)
        ends = blocks[0], later(blocks[-1], WEEKS - 1)
        days, made_on = (within(*ends, f"{name}.local_day") for name in ("u", "d"))
        cost, used = paid(worked, days)
        commits = what_was_made(worked, made_on)[0]
        assert (figures["cost"], figures["tokens"]) == (cost, used), url
        assert figures["cost-by-commits"] == cost // commits
        settled = [each for each in blocks if later(each, WEEKS) <= last_whole(last_day())]
        spent, merged = on_merged(worked, settled)
        assert figures["cost-by-merged"] == (spent // merged if settled else None)
        weeks, running = [], 0
        week = blocks[0]
        while week <= last:
            nano = paid(worked, within(week, week, "u.local_day"))[0]
            running += nano
            weeks.append({"week": week, "cost_nano": nano, "running": running})
            week = later(week, 1)
        assert tables["weeks"] == weeks[::-1], url
        assert figures["cost-last-week"] == weeks[-1]["cost_nano"]
        models = {name: f"u.model = '{name}'" for name in ("claude-haiku-5-5", "claude-opus-5-5")}
        assert ("teams" in tables) == (who == LEAD)
        for key, parts in {**PARTS, "models": models}.items():
            if key not in tables:
                continue
            counted = []
            for name, where in parts.items():
                nano, tokens_ = paid(worked, days, where)
                counted.append(
                    {"name": name, "cost_nano": nano, "share": nano / cost, "tokens": tokens_}
                )
            assert tables[key] == counted, (url, key)


def test_every_figure_of_budgets_is_counted_by_sql(worked):
    today, newest = last_day(), last_whole(last_day())
    html = signed_in(worked, ADMIN).page("/costs")
    _, tables = tables_of(signed_in(worked, ADMIN), "/costs")
    _, told = tables_of(signed_in(worked, LEAD), "/costs")
    before = (date.fromisoformat(f"{today[:7]}-01") - timedelta(1)).isoformat()[:7]
    asked = [today[:7], *([before] if int(today[8:]) <= 14 else [])]
    for nth, month in enumerate(asked):
        rows, running = [], 0
        week = later(f"{month}-01", 0)
        week = str(date.fromisoformat(week) - timedelta(date.fromisoformat(week).weekday()))
        while week <= newest and month in months_of(week):
            days = [str(date.fromisoformat(week) + timedelta(n)) for n in range(7)]
            first = next(day for day in days if day[:7] == month)
            nano = paid(worked, f"{within(week, week, 'u.local_day')} AND "
                        f"u.local_day LIKE '{month}-%'")[0]  # fmt: skip
            running += nano
            rows.append({"week": first, "cost_nano": nano, "running": running,
                         "share": running / (900 * 10**9)})  # fmt: skip
            week = later(week, 1)
        assert tables[f"month{nth or ''}"] == told[f"month{nth or ''}"] == rows[::-1]
        ledger = next(row for row in tables["project-budgets"] if row["month"] == month)
        nano = paid(worked, f"u.local_day LIKE '{month}-%' AND u.local_day < '{later(newest, 1)}'",
                    "s.project = 'ledger'")[0]  # fmt: skip
        assert (ledger["budget"], ledger["cost_nano"]) == (400 * 10**9, nano if rows else None)
        assert ledger["share"] == (nano / (400 * 10**9) if rows else None)
    assert re.search(r"\$900\.00", html)


def quarters(values: list[int]) -> tuple[int, int, int]:
    """The smallest of the values that a quarter, a half and three quarters do not pass."""
    ordered = sorted(values)
    return tuple(ordered[-(-len(ordered) * n // 4) - 1] for n in (1, 2, 3))


def shapes_of(team: Team, ends: tuple[str, str], where: str = "1 = 1") -> dict:
    """The five figures of the sessions of some blocks, as the page has them, with the quarters."""
    rows = team.rows(
        "SELECT SUM(d.active_ms), SUM(d.prompts + d.prompts_queued + d.responses_own), "
        "SUM(d.tokens_own + d.tokens_delegated), SUM(d.asked_accepted), SUM(d.asked_rejected), "
        "CASE WHEN s.outcome = 'shipped' THEN 1 ELSE 0 END, SUM(d.edits_landed) "
        "FROM session_day d JOIN session s ON s.person = d.person AND s.id = d.session "
        "JOIN account a ON a.person = d.person "
        f"WHERE {within(*ends, 'd.local_day')} AND s.automated = 0 AND {where} "
        "GROUP BY d.person, d.session, s.outcome "
        "HAVING SUM(d.prompts + d.prompts_queued + d.responses_own) > 0"
    )
    active, messages, used, yes, no, shipped, edits = (
        [int(each) for each in column] for column in zip(*rows, strict=True)
    )
    edited = [done for done, n in zip(shipped, edits, strict=True) if n]
    return {
        "sessions": len(rows),
        "active-time": quarters(active),
        "messages": quarters(messages),
        "tokens": quarters(used),
        "accepted": sum(yes) / (sum(yes) + sum(no)),
        "shipped": sum(edited) / len(edited),
    }


@pytest.mark.parametrize("who", [LEAD, ADMIN])
def test_every_figure_of_sessions_is_counted_by_sql(worked, who):
    browser = signed_in(worked, who)
    for url, first, last in ranges_of_blocks():
        figures, tables = tables_of(browser, f"/figures?{url}")
        html = unescape(browser.page(f"/figures?{url}"))
        blocks = blocks_of(first, last)
        ends = blocks[0], later(blocks[-1], WEEKS - 1)
        told = shapes_of(worked, ends)
        low, _, high = told["messages"]
        assert re.search(rf"Messages</a></dt>.*?{low} to {high}<", html, re.S)
        parts = {
            "roles": {job: f"a.job = '{job}'" for job in ("designer", "developer")},
            "projects": PARTS["projects"],
        }
        rows = [(figures, told)]
        for key, names in parts.items():
            found = by_parts(tables[key], "name")
            assert list(found) == sorted(names), (url, key)
            rows += [(found[name], shapes_of(worked, ends, names[name])) for name in names]
        for row, counted in rows:
            for name, value in counted.items():
                wanted = value[1] if isinstance(value, tuple) else value
                assert row.get(name, told["sessions"]) == wanted, (url, name)
