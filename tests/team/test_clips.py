"""Examples of practices: what their owner previews is what others see, nothing else, and no longer
than they want."""

from __future__ import annotations

import json
import re
from html import unescape
from urllib.parse import quote

import pytest
from accrete_team import people, rollups, tokens
from accrete_team.access import LATER_MS
from accrete_team.benchmarks import teach
from accrete_team.people import DAY_MS

from accrete.edge.local import MINE
from accrete.ingest import ingest, open_for_writing
from accrete.record import shared
from tests.records import kept, projects
from tests.team.signed import a_person, in_team, signed_in
from tests.team.test_rebuild import disguise
from tests.transcripts import Transcript, write_agent

pytestmark = pytest.mark.long

OTHERS = ("Lea Lead", "Mia Member", "Otto Other", "Ada Admin")


def checked(n: int = 1, *, around: int = 0) -> Transcript:
    """A session whose change was checked: a word of its own in each of its nine steps. around: how
    many prompts stand before and after it, those before longer and longer."""
    t = Transcript(n, cwd="/home/dev/demo")
    for nth in range(around):
        t.prompt(f"before {'x' * (45 + nth)}")
    t.prompt("Please mend zqone")
    t.answer(f"msg_{n}_0", blocks=[{"type": "text", "text": "I begin with zqtwo"}])
    path = "/home/dev/demo/zqthree.py"
    hunk = {"oldStart": 1, "oldLines": 1, "newStart": 1, "newLines": 1, "lines": ["-a", "+b"]}
    uses = [
        ("Edit", {"file_path": path, "old_string": "a", "new_string": "b"},
         {"filePath": path, "structuredPatch": [hunk], "userModified": False}),
        ("Bash", {"command": "pytest -k zqfour"}, "=== 1 passed in 0.10s === zqfive"),
    ]  # fmt: skip
    for at, (tool, given, result) in enumerate(uses):
        use = f"toolu_{n}_{at}"
        block = {"type": "tool_use", "id": use, "name": tool, "input": given}
        t.answer(f"msg_{n}_1{at}", blocks=[block], stop="tool_use")
        said = result if isinstance(result, str) else "The file has been updated."
        content = [{"type": "tool_result", "tool_use_id": use, "content": said, "is_error": False}]
        t.add("user", message={"role": "user", "content": content}, toolUseResult=result)
    t.answer(f"msg_{n}_2", blocks=[{"type": "text", "text": "It is done, zqsix"}])
    t.prompt("Thank you, zqseven")
    t.answer(f"msg_{n}_3", blocks=[{"type": "text", "text": "zqeight"}])
    for nth in range(around):
        t.prompt(f"after {nth}")
    return t


class Shop:
    """A company whose Amara shares words; moment: of a check in her session."""

    def __init__(self, settings, team) -> None:
        kept(settings, checked())
        team.company()
        self.settings, self.team = settings, team
        self.choice = team.choice("Amara Nwosu", tier=3)
        names = ("Amara Nwosu", *OTHERS)
        self.ids = {name: a_person(team, name, admin=name == "Ada Admin", password=None)
                    for name in names}  # fmt: skip
        team.sync(settings, self.choice)
        in_team(team, "Ledger", leads=[self.ids["Lea Lead"]],
                members=[self.ids["Amara Nwosu"], self.ids["Mia Member"]])  # fmt: skip
        in_team(team, "Tools", leads=[self.ids["Otto Other"]], members=[])
        self.owner = signed_in(team, "Amara Nwosu")
        ((self.session, self.uuid),) = team.rows(
            "SELECT session, uuid FROM sighting WHERE practice = 'verification' AND agent = ''"
        )
        self.new = (f"/examples/new?practice=verification&session={self.session}"
                    f"&uuid={quote(self.uuid)}")  # fmt: skip

    def share(self, more: str = "") -> str:
        """Shares what the owner previews; returns where it is."""
        assert self.owner.form(self.new + more, "/examples").status_code == 303
        ((person, clip),) = self.team.rows("SELECT person, id FROM clip")
        return f"/examples/{person}/{clip}"

    def clips(self) -> list[tuple]:
        return self.team.rows("SELECT practice, uuid FROM clip")


@pytest.fixture
def shop(settings, team) -> Shop:
    return Shop(settings, team)


def steps_of(html: str) -> str:
    """The steps that a page shows."""
    return re.search(r'<ol class="clip">.*?</ol>', html, re.S)[0]


def words_in(html: str) -> set[str]:
    return set(re.findall(r"zq[a-z]+", html))


def test_what_is_previewed_is_what_everybody_sees_and_nothing_else(shop, team):
    page = shop.owner.page("/me/practices/verification?range=all")
    (there,) = set(re.findall(r'href="([^"]*examples/new[^"]*)"', page))
    assert unescape(there) == shop.owner.base + shop.new
    preview = steps_of(shop.owner.page(shop.new))
    assert shop.clips() == []
    path = shop.share()
    for name in ("Amara Nwosu", *OTHERS):
        assert steps_of(signed_in(team, name).page(path)) == preview
    assert words_in(preview) == {"zqtwo", "zqthree", "zqfour", "zqfive", "zqsix", "zqseven"}
    stored = team.rows(
        f"SELECT text FROM event WHERE session = '{shop.session}' AND kind = 'assistant_text'"
    )
    shown = unescape(re.sub(r"<[^>]+>", "", preview))
    assert [text in shown for (text,) in sorted(stored)] == [True, True, False]
    assert not re.search(r"\b\d{1,2}:\d\d\b", shown)
    looked = team.rows("SELECT p.name, l.what, l.session FROM look l JOIN person p ON "
                       "p.id = l.viewer ORDER BY p.name")  # fmt: skip
    assert looked == [(name, "example", shop.session) for name in sorted(OTHERS)]
    assert "Mia Member" in shop.owner.page("/sharing")
    for name in ("Mia Member", "Otto Other", "Ada Admin"):
        of = f"/people/{shop.ids['Amara Nwosu']}/sessions/{shop.session}"
        assert signed_in(team, name).get(of).status_code == 404


@pytest.mark.alike
def test_the_pages_of_a_practice_list_it_for_leads_and_members(shop, team):
    path = shop.share()
    for name, page in (
        ("Lea Lead", "/matrix/verification"),
        ("Otto Other", "/me/practices/verification"),
        ("Mia Member", "/me/practices/verification"),
    ):
        html = signed_in(team, name).page(page)
        assert f'href="{shop.owner.base}{path}">' in html.replace("<bdi>", ""), name
        assert "Amara Nwosu" in html
        assert not words_in(html)
    assert path not in signed_in(team, "Mia Member").page("/me/practices/review")
    assert path not in shop.owner.page("/me/practices/verification")


def test_the_pages_of_a_practice_name_who_offers_to_show_it(shop, team):
    """Before any release, too, to others; by name; until they take it back or leave."""
    mia, lead = signed_in(team, "Mia Member"), signed_in(team, "Lea Lead")
    ids, pages = shop.ids, ((mia, "/me/practices/review"), (lead, "/matrix/review"))

    def named(browser, page: str) -> list[str]:
        said = re.search(r'<p id="teachers">.*?:(.*?)\.</p>', browser.page(page), re.S)
        names = re.sub(r"<[^>]+>", "", said[1]).split(",") if said else []
        return [" ".join(name.split()) for name in names]

    assert [named(*each) for each in pages] == [[], []]
    with team.database() as db:
        for name in ("Otto Other", "Amara Nwosu", "Mia Member"):
            teach(db, ids[name], "review", True, 1)
        teach(db, ids["Lea Lead"], "planning", True, 1)
    assert [named(*each) for each in pages] == [
        ["Amara Nwosu", "Otto Other"],
        ["Amara Nwosu", "Mia Member", "Otto Other"],
    ]
    with team.database() as db:
        teach(db, ids["Otto Other"], "review", False, 2)
        db.run("UPDATE account SET left_at = 4 WHERE person = ?", (ids["Amara Nwosu"],))
    assert "Otto Other" not in lead.page("/matrix/review")
    assert [named(*each) for each in pages] == [[], ["Mia Member"]]


@pytest.mark.alike
def test_the_owner_chooses_from_which_step_to_which(shop):
    options = re.findall(r'<option value="([^"]+)"', shop.owner.page(shop.new))
    moment = next(each for each in options if each.startswith(shop.uuid))
    path = shop.share(f"&from={moment}&to={moment}")
    assert words_in(steps_of(shop.owner.page(path))) == {"zqfour", "zqfive"}
    assert shop.owner.form(shop.new + f"&from={moment}", "/examples").status_code == 303
    assert len(shop.clips()) == 1  # of one moment there is one


def with_a_subagent(settings) -> None:
    """A session whose subagent checked what it changed; both say words of their own."""
    t = Transcript(7, cwd="/home/dev/demo")
    t.prompt("Please zmain one")
    block = {"type": "tool_use", "id": "toolu_7_a", "name": "Agent",
             "input": {"description": "zmain two", "prompt": "zsub task"}}  # fmt: skip
    t.answer("msg_7_main", blocks=[block], stop="tool_use")
    content = [{"type": "tool_result", "tool_use_id": "toolu_7_a", "content": "zmain three"}]
    t.add("user", message={"role": "user", "content": content})
    t.answer("msg_7_end", blocks=[{"type": "text", "text": "zmain four"}])
    run = checked(8)
    for line in run.lines:
        text = json.dumps(line).replace("zq", "zsub")
        line.clear()
        line.update(json.loads(text))
    t.write(projects(settings))
    write_agent(projects(settings), t, run, agent="a7", use="toolu_7_a")
    ingest(settings)


@pytest.mark.alike
def test_a_moment_of_a_subagent_is_shown_with_the_steps_around_it(settings, shop, team):
    with_a_subagent(settings)
    team.sync(settings, shop.choice)
    page = shop.owner.page("/me/practices/verification?range=all")
    (there,) = {unescape(each) for each in re.findall(r'href="([^"]*examples/new[^"]*)"', page)
                if "run=a7" in each}  # fmt: skip
    preview = shop.owner.page(there)
    assert "the steps of the subagent in which it was seen" in preview
    assert shop.owner.form(there, "/examples").status_code == 303
    ((person, clip),) = team.rows("SELECT person, id FROM clip")
    path = f"/examples/{person}/{clip}"
    for name in OTHERS:
        html = signed_in(team, name).page(path)
        assert steps_of(html) == steps_of(preview), name
    assert set(re.findall(r"z(?:sub|main)\w*", steps_of(html))) == {
        "zsubtwo", "zsubthree", "zsubfour", "zsubfive", "zsubsix", "zsubseven",
    }  # fmt: skip
    assert "A subagent" in html
    action = f"/examples/{clip}/end"
    assert shop.owner.form("/sharing", action).status_code == 303
    assert signed_in(team, "Mia Member").get(path).status_code == 404


@pytest.mark.alike
def test_a_subagents_steps_are_shown_of_its_own_moments_alone(settings, shop, team):
    """Not of a moment of the main conversation, of another run, or of somebody else's session."""
    with_a_subagent(settings)
    team.sync(settings, shop.choice)
    ((session, uuid),) = team.rows(
        "SELECT session, uuid FROM sighting WHERE practice = 'verification' AND agent = 'a7'"
    )
    there = f"/examples/new?practice=verification&session={session}&uuid={quote(uuid)}"
    assert shop.owner.get(f"{there}&run=a7").status_code == 200
    for wrong in (there, f"{there}&run=other", f"{shop.new}&run=a7"):
        assert shop.owner.get(wrong).status_code == 404, wrong
    assert signed_in(team, "Mia Member").get(f"{there}&run=a7").status_code == 404
    token = re.search(r'examples"><input type="hidden" name="token" value="(\w+)"',
                      shop.owner.page(f"{there}&run=a7"))[1]  # fmt: skip
    good = {"practice": "verification", "session": session, "uuid": uuid, "token": token}
    for run, status in (("", 400), ("other", 400), ("a7", 303)):
        sent = shop.owner.post("/examples", good | {"run": run, "steps": f"{uuid}.0"})
        assert sent.status_code == status, run
    assert len(shop.clips()) == 1
    team.sync(shop.settings, shop.choice, tier=2)
    assert shop.clips() == []


@pytest.mark.alike
def test_an_example_that_cannot_be_written_down_as_seen_is_not_sent(shop, team, monkeypatch):
    from accrete_team import looks

    path = shop.share()

    def broken(*args, **kwargs):
        raise OSError("disk full")

    monkeypatch.setattr(looks, "look", broken)
    browser = signed_in(team, "Mia Member")
    browser.client._transport.raise_server_exceptions = False
    answer = browser.get(path)
    assert (answer.status_code, words_in(answer.text)) == (500, set())


def test_nobody_sees_it_before_a_day_has_passed_or_after_it_was_taken_back(shop, team):
    path, mia = shop.share(), signed_in(team, "Mia Member")
    late = tokens.now_ms() - LATER_MS + DAY_MS
    day = f"strftime('%Y-%m-%d', {late} / 1000, 'unixepoch')"
    if team.admin_url:
        day = f"to_char(to_timestamp({late} / 1000) AT TIME ZONE 'UTC', 'YYYY-MM-DD')"
    ((before,),) = team.rows("SELECT local_day FROM session_day")
    with team.database() as db:
        db.run(f"UPDATE session_day SET local_day = {day}")
    assert mia.get(path).status_code == 404
    assert path not in mia.page("/me/practices/verification")
    assert shop.owner.get(path).status_code == 200
    with team.database() as db:
        db.run("UPDATE session_day SET local_day = ?", (before,))
    assert mia.get(path).status_code == 200
    action = f"/examples/{path.rpartition('/')[2]}/end"
    token = re.search(r'name="token" value="(\w+)"', mia.page("/sharing"))[1]
    assert mia.post(action, {"token": token}).status_code == 403
    assert len(shop.clips()) == 1
    assert shop.owner.form("/sharing", action).status_code == 303
    assert mia.get(path).status_code == 404
    assert shop.clips() == []


def test_it_goes_with_its_session_and_when_its_owner_shares_less(shop, team):
    def taken() -> None:
        with team.database() as db:
            rollups.take_away(db, shop.ids["Amara Nwosu"], [shop.session], "unshared", 1)

    for what, do in (
        ("unshared", taken),
        ("lower tier", lambda: team.sync(shop.settings, shop.choice, tier=2)),
        ("left", lambda: team.sync(shop.settings, shop.choice, leaving=True)),
        ("deleted", lambda: shop.owner.form("/sharing/delete", "/sharing/delete")),
    ):
        path = shop.share()
        assert signed_in(team, "Mia Member").get(path).status_code == 200, what
        do()
        assert shop.clips() == [], what
        assert signed_in(team, "Mia Member").get(path).status_code == 404, what
        with team.database() as db:  # all of it comes again, and no example does
            db.run("DELETE FROM unshared")
            people.pause(db, shop.ids["Amara Nwosu"], False, tokens.now_ms())
        send_again(shop)
        assert shop.clips() == [], what


def send_again(shop: Shop) -> None:
    """What a machine does that knows nothing of what it sent."""
    db = open_for_writing(shop.settings)
    try:
        shared.begin_anew(db, MINE.person)
    finally:
        db.close()
    shop.team.sync(shop.settings, shop.choice)


@pytest.mark.alike
def test_who_left_shows_nothing(shop, team):
    path = shop.share()
    with team.database() as db:
        people.leave(db, shop.ids["Amara Nwosu"], actor=None, now=tokens.now_ms())
    mia = signed_in(team, "Mia Member")
    assert mia.get(path).status_code == 404
    assert path not in mia.page("/me/practices/verification")


@pytest.mark.alike
def test_nobody_shows_a_session_of_somebody_else_or_steps_that_are_none(shop, team):
    mia = signed_in(team, "Mia Member")
    assert mia.get(shop.new).status_code == 404
    assert shop.owner.get(shop.new.replace("verification", "nothing")).status_code == 404
    assert shop.owner.get(f"{shop.new}x").status_code == 404
    token = re.search(r'examples"><input type="hidden" name="token" value="(\w+)"',
                      shop.owner.page(shop.new))[1]  # fmt: skip
    good = {"practice": "verification", "session": shop.session, "uuid": shop.uuid,
            "token": token}  # fmt: skip
    for wrong in ({"steps": ""}, {"steps": "x.0"}, {"steps": f"{shop.uuid}.0 x.0"},
                  {"steps": f"{shop.uuid}.0", "practice": "review"}):  # fmt: skip
        assert shop.owner.post("/examples", good | wrong).status_code == 400, wrong
    assert mia.post("/examples", good | {"steps": f"{shop.uuid}.0"}).status_code == 403
    assert shop.clips() == []


def test_hours_cannot_be_worked_out_of_an_example(shop, team):
    path = shop.share()
    browser = signed_in(team, "Mia Member")
    pages = (path, f"{path}?format=json")
    before = [browser.page(each) for each in pages]
    own, listed = "/me/practices/verification", r"<h3>Shown by others</h3>.*?</section>"
    before += re.findall(listed, browser.page(own), re.S)
    assert len(before) == 3
    disguise(team)
    after = [browser.page(each) for each in pages]
    assert [*after, *re.findall(listed, browser.page(own), re.S)] == before


@pytest.mark.alike
def test_another_company_opens_nothing(shop, team):
    path = shop.share()
    a_person(team, "Mia Member", company="other", password=None)
    stranger = signed_in(team, "Mia Member", "other")
    assert stranger.get(path).status_code == 404
    assert stranger.get(shop.owner.base + path).status_code in (303, 401)
