"""A sync reads the sessions that changed, and sends what comparing all of them would."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from dataclasses import replace

import httpx2
import pytest

from accrete.care.forget import What, drop, forget
from accrete.care.maintain import backup, rebuild, restore
from accrete.database import Sqlite
from accrete.edge.local import MINE
from accrete.ingest import ingest, open_for_writing
from accrete.outcomes.forge import Fault, Said, address_of
from accrete.record import notes, project_words, published, shared, store
from accrete.record.pull_states import store_states
from accrete.settings import Settings
from accrete.sync import prepare
from accrete.sync.choice import Choice
from accrete.sync.prepare import changes
from accrete.sync.send import WHOLE_EVERY_MS, UnreachableError, send
from tests.forges import REPOSITORY
from tests.lineages import copy_of, talk
from tests.records import kept, projects, rows
from tests.team.serving import NOW, Team
from tests.transcripts import Transcript

pytestmark = pytest.mark.long

REMOTES = ("github.com/acme/zero", "github.com/acme/one", "github.com/acme/two")


@pytest.fixture
def team(tmp_path) -> Team:
    """One engine: what is told apart here is on the machine."""
    made = Team(tmp_path / "team")
    with made.client:
        yield made


class Machine:
    """A record, what is shared of it, and ways in which either changes. `lost`: answers of the
    server that do not arrive."""

    def __init__(self, settings: Settings, team: Team, seed: int) -> None:
        self.settings, self.team, self.rng = settings, team, random.Random(seed)
        self.choice, self.count = team.choice(tier=2), 0
        self.told: dict[str, Transcript] = {}

    def write(self, t: Transcript) -> None:
        self.told[t.session] = t
        kept(self.settings, t)

    def any(self) -> Transcript:
        return self.told[self.rng.choice(sorted(self.told))]

    def edit(self, change: Callable[[Sqlite], object]) -> None:
        db = open_for_writing(self.settings)
        try:
            with db.transaction():
                change(db)
        finally:
            db.close()
        ingest(self.settings)

    # What changes rows.

    def begin(self) -> None:
        self.count += 1
        t = Transcript(self.count, cwd=f"/home/dev/p{self.count % 3}")
        talk(t, 7, str(self.count))
        self.write(t)

    def go_on(self) -> None:
        t = self.any()
        talk(t, 3, f"{t.session[:8]}{len(t.lines)}")
        self.write(t)

    def fork(self) -> None:
        self.count += 1
        t = self.any()
        made = copy_of(t, self.count, upto=self.rng.randrange(1, len(t.lines)), named=True)
        talk(made, 2, f"f{self.count}")
        self.write(made)

    def sum_up(self) -> None:
        """A summary of a session, in the file of another."""
        one, other = self.any(), self.any()
        leaf = next(line["uuid"] for line in reversed(one.lines) if "uuid" in line)
        other.lines.append({"type": "summary", "summary": f"Sum {self.rng.random()}",
                            "leafUuid": leaf})  # fmt: skip
        self.write(other)

    def link(self) -> None:
        """A pull request that a session works on."""
        t = self.any()
        n = self.rng.randrange(4)
        t.add("pr-link", prNumber=n + 1, prUrl=f"{REPOSITORY}/{n + 1}", prRepository="acme/demo")
        self.write(t)

    def ask_forge(self) -> None:
        url = f"{REPOSITORY}/{self.rng.randrange(4) + 1}"
        said = self.rng.choice((
            Fault("no answer"), Said("open", self.rng.random() < 0.5, NOW, None, None),
            Said("merged", False, NOW, NOW, NOW),
        ))  # fmt: skip
        self.edit(lambda db: store_states(db, 1, [(address_of(url), [url], said)], NOW))

    def forget(self) -> None:
        t = self.told.pop(self.any().session)
        forget(self.settings, What(sessions=(t.session,)), NOW)

    def drop(self) -> None:
        """It comes back when it is read again."""
        t = self.any()
        drop(self.settings, (t.session,), NOW)
        if self.rng.random() < 0.5:
            self.write(t)
        else:
            del self.told[t.session]
            shutil.rmtree(projects(self.settings), ignore_errors=True)
            for each in self.told.values():
                each.write(projects(self.settings))

    def title(self) -> None:
        t = self.any()
        self.edit(lambda db: notes.title(db, 1, t.session, f"T {self.rng.random()}", NOW))

    def name_project(self) -> None:
        ids = [row[0] for row in rows(self.settings, "SELECT id FROM project ORDER BY id")]
        if len(ids) > 1:
            one, into = self.rng.sample(ids, 2)
            self.edit(lambda db: project_words.merge(db, 1, [(one, "p")], into, NOW))

    def give_remote(self) -> None:
        n = self.rng.randrange(3)
        self.edit(lambda db: db.run(
            "UPDATE workdir SET remote = ?, there = 1 WHERE cwd = ?",
            (f"https://{REMOTES[n]}", f"/home/dev/p{n}")))  # fmt: skip
        self.edit(lambda db: store.set_fact(db, 1, "projects_settled", ""))

    def rebuild(self) -> None:
        rebuild(self.settings)

    def move(self) -> None:
        zone = self.rng.choice(["Asia/Tokyo", "UTC", "America/Lima"])
        self.settings = replace(self.settings, zone=zone)
        rebuild(self.settings)

    # What changes what is shared of them.

    def tier(self) -> None:
        self.choice = replace(self.choice, tier=self.rng.randrange(1, 4))

    def lower(self) -> None:
        ids = [row[0] for row in rows(self.settings, "SELECT id FROM project ORDER BY id")]
        one = self.rng.choice(ids or [""])
        self.choice = replace(self.choice, lower=((one, self.rng.randrange(1, 4)),))

    def leave_out(self) -> None:
        ids = [row[0] for row in rows(self.settings, "SELECT id FROM project ORDER BY id")]
        self.choice = replace(self.choice, excluded=tuple(self.rng.sample(ids, len(ids) // 2)))

    def publish(self) -> None:
        listed = self.rng.sample(REMOTES, self.rng.randrange(3))
        found = [published.Published(each, f"{self.rng.randrange(3)}{each[-3:]}", each)
                 for each in listed]  # fmt: skip
        self.edit(lambda db: published.replace_list(db, found, NOW))

    def wanted_again(self) -> None:
        t = self.any()
        self.edit(lambda db: shared.taken_back_elsewhere(db, 1, [(t.session, "again", NOW)], NOW))

    def refused(self) -> None:
        """As if the server had refused a table as it is now, and one of them were newer since."""
        t = self.any()
        self.edit(lambda db: shared.refuse(db, 1, t.session, "prompt", [
            shared.Refusal("why", 1, self.choice.tier, "0" * 64, shared.versions(db, 1))], NOW,
        ))  # fmt: skip
        if self.rng.random() < 0.5:
            self.edit(lambda db: shared.set_server(db, 1, f"server {self.rng.random()}"))

    # Syncs.

    def sync(self, *, lost: int = 10**9) -> bool:
        """Whether all of it got through; from the answer `lost` on none arrives."""
        answers = 0

        def handle(request: httpx2.Request) -> httpx2.Response:
            nonlocal answers
            answers += request.url.path.endswith("/sync")
            with self.team.http(self.choice) as http:
                answer = http.send(request)
            if answers >= lost:
                raise httpx2.ReadError("cut")
            return httpx2.Response(answer.status_code, content=answer.read())

        db = open_for_writing(self.settings)
        try:
            with httpx2.Client(
                transport=httpx2.MockTransport(handle),
                headers={"Authorization": f"Bearer {self.choice.token}"},
            ) as http:
                send(db, MINE, self.choice, http=http, now=lambda: NOW, sleep=lambda s: None)
        except UnreachableError:
            return False
        finally:
            db.close()
        return True

    def lose(self) -> None:
        self.sync(lost=1)

    def compare(self, after: str) -> None:
        db = open_for_writing(self.settings)
        try:
            some, every = ([(each.shared, each.held) for each in changes(db, MINE, self.choice,
                            whole=whole)] for whole in (False, True))  # fmt: skip
        finally:
            db.close()
        assert some == every, after


OFTEN = ("sync", "go_on", "begin")
SELDOM = (
    "link", "link", "ask_forge", "ask_forge", "fork", "sum_up", "forget", "drop", "title",
    "name_project", "give_remote", "rebuild", "move", "tier", "lower", "leave_out", "publish",
    "wanted_again", "refused", "lose",
)  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_what_changed_is_what_comparing_everything_finds(settings, team, seed):
    walk(settings, team, seed, 40)


@pytest.mark.torture
@pytest.mark.parametrize("seed", range(100, 140))
def test_what_changed_is_what_comparing_everything_finds_long(settings, team, seed):
    walk(settings, team, seed, 120)


def walk(settings: Settings, team: Team, seed: int, steps: int) -> None:
    machine = Machine(settings, team, seed)
    for _ in range(3):
        machine.begin()
    machine.sync()
    todo = [*SELDOM, *machine.rng.choices((*OFTEN, *OFTEN, *SELDOM), k=steps - len(SELDOM))]
    machine.rng.shuffle(todo)
    for step in todo:
        if not machine.told:
            machine.begin()
        getattr(machine, step)()
        machine.compare(step)
    assert machine.sync()
    held = {row[0] for row in team.rows("SELECT id FROM session")}
    wanted = {each.session for each in shared_now(machine.settings, machine.choice)}
    assert held == wanted


def shared_now(settings: Settings, choice: Choice) -> list[prepare.Shareable]:
    db = open_for_writing(settings)
    try:
        return prepare._shared_now(db, MINE, choice)
    finally:
        db.close()


def test_a_change_that_nothing_noted_is_found_once_a_week_and_on_demand(settings, team):
    machine = Machine(settings, team, 0)
    machine.begin()
    machine.sync()

    def unnoted(text: str) -> None:
        machine.edit(lambda db: db.run("UPDATE session SET branch = ?", (text,)))

    def sent(now: int = NOW, *, whole: bool = False) -> int:
        db = open_for_writing(settings)
        try:
            with team.http(machine.choice) as http:
                return send(
                    db, MINE, machine.choice, whole=whole, http=http,
                    now=lambda: now, sleep=lambda s: None,
                ).sessions  # fmt: skip
        finally:
            db.close()

    unnoted("one")
    assert (sent(), sent(whole=True), sent(whole=True)) == (0, 1, 0)
    unnoted("two")
    assert (sent(NOW + WHOLE_EVERY_MS - 1), sent(NOW + WHOLE_EVERY_MS)) == (0, 1)
    assert team.rows("SELECT branch FROM session") == [("two",)]
    unnoted("three")
    assert (sent(NOW + WHOLE_EVERY_MS + 1), sent(NOW)) == (0, 1)  # a clock that went back


def test_a_session_that_is_wanted_again_and_forgotten_meanwhile_is_taken_back(settings, team):
    machine = Machine(settings, team, 0)
    machine.begin()
    machine.sync()
    machine.wanted_again()
    machine.forget()
    assert machine.sync()
    assert team.rows("SELECT id FROM session") == []


def test_rows_whose_receipt_was_lost_are_replaced_by_those_of_the_old_tier(settings, team):
    machine = Machine(settings, team, 0)
    machine.begin()
    machine.sync()
    high, low = (replace(machine.choice, tier=tier) for tier in (3, 2))
    machine.choice = high
    machine.lose()
    assert team.rows("SELECT DISTINCT tier FROM shared") == [(3,)]
    machine.choice = low
    assert machine.sync()
    assert team.rows("SELECT DISTINCT tier FROM shared") == [(2,)]


def test_after_a_restore_the_server_holds_what_the_restored_record_has(settings, team, tmp_path):
    machine = Machine(settings, team, 0)
    machine.begin()
    machine.sync()
    file = tmp_path / "backup.db"
    backup(settings, file)
    before = team.rows("SELECT COUNT(*) FROM prompt")
    machine.go_on()
    machine.begin()
    assert machine.sync()
    assert team.rows("SELECT COUNT(*) FROM session") == [(2,)]
    assert team.rows("SELECT COUNT(*) FROM prompt") != before
    restore(settings, file)
    assert machine.sync()
    assert team.rows("SELECT COUNT(*) FROM session") == [(1,)]
    assert team.rows("SELECT COUNT(*) FROM prompt") == before


def test_a_title_that_stands_in_another_sessions_file_is_sent(settings, team):
    machine = Machine(settings, team, 0)
    machine.choice = replace(machine.choice, tier=3)
    machine.begin()
    machine.begin()
    assert machine.sync()
    one, other = machine.told.values()
    other.lines.append({"type": "summary", "summary": "Sums added up",
                        "leafUuid": one.lines[-1]["uuid"]})  # fmt: skip
    machine.write(other)
    machine.compare("summary")
    assert machine.sync()
    assert ("Sums added up",) in team.rows("SELECT title FROM session")


def test_a_session_that_waits_to_be_derived_stays_where_it_is(settings, team):
    """As one that is at work is, between being read and being derived."""
    machine = Machine(settings, team, 0)
    machine.begin()
    assert machine.sync()
    (session,) = machine.told
    db = open_for_writing(settings)
    try:
        with db.transaction():
            store.mark_stale(db, 1, [session])
    finally:
        db.close()
    assert machine.sync()
    assert team.rows("SELECT id FROM session") == [(session,)]
    machine.choice = replace(machine.choice, projects="none")
    assert machine.sync()
    assert team.rows("SELECT id FROM session") == []
