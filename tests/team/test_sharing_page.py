"""The page on which somebody reads what they share: how much is held, who sees it, who looked, what
was announced, what was deleted; and its forms."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from accrete_team import people

from tests.company import insert
from tests.team.seen import figures, items, lead_of, links, options, parts, rows, words_of
from tests.team.signed import a_person, in_team, signed_in

pytestmark = [pytest.mark.long, pytest.mark.parametrize("team", ["sqlite"], indirect=True)]
NOW = int(datetime(2026, 11, 11, 14, 30, tzinfo=UTC).timestamp() * 1000)
HOUR = 3_600_000
DAY = 24 * HOUR


@pytest.fixture
def amara(team):
    return a_person(team, "Amara Nwosu", password=None)


def page(team) -> str:
    return signed_in(team, "Amara Nwosu", now=NOW).page("/sharing")


def notices(html: str) -> list[str]:
    return [words_of(each) for each in parts(html, "p", **{"class": "notice"})]


def held(
    team, person: int, session: str, day: str, *, tier: int = 1, rows_: int = 3, size: int = 2000,
    project: str | None = None, at: int = NOW,
) -> None:  # fmt: skip
    with team.database() as db:
        insert(db, "session", person=person, id=session, client="claude-code", zone="UTC",
               project=project, local_day=day, started_at=1, ended_at=2, reader=2, prompts=1,
               responses_own=1)  # fmt: skip
        insert(db, "session_day", person=person, session=session, local_day=day, prompts=1,
               responses_own=1)  # fmt: skip
        db.run(
            "INSERT INTO shared (person, session, what, tier, hash, row_count, device, at, "
            "byte_count) VALUES (?, ?, 'session', ?, 'x', ?, 'd', ?, ?)",
            (person, session, tier, rows_, at, size),
        )


def test_of_who_shares_nothing_everything_is_nothing(team, amara):
    html = page(team)
    assert lead_of(html) == "The company holds nothing of yours. Nobody but you sees your sessions."
    assert figures(html) == {
        "Sessions held": "0", "Rows held": "0",
        "Bytes held": "0 bytes of the rows as they came, not compressed",
        "Not shown to others yet": "0 since 10 Nov 2026",
    }  # fmt: skip
    assert notices(html) == []
    assert items(html) == ["nothing", "nobody but you"]
    assert "Days: —. Machines: none." in words_of(html)
    assert "accrete team tier 2" in words_of(html)
    for words in ("Nothing was sent yet.", "Nobody looked at your sessions.", "Pause sharing",
                  "Signed in as amara@example.com."):  # fmt: skip
        assert words in words_of(html)
    assert "Lower the tier" not in html


def test_what_is_held_is_told_by_tier_project_and_day(team, amara):
    names = ("11111111-aaaa", "22222222-bbbb", "33333333-cccc", "44444444-dddd")
    held(team, amara, names[0], "2026-11-03", tier=2, project="p1", at=NOW - DAY)
    held(team, amara, names[1], "2026-11-10", project="p1", at=NOW)
    held(team, amara, names[2], "2026-11-09", project="p2", size=0, at=NOW - HOUR)
    held(team, amara, names[3], "2026-11-11", rows_=0, size=0, at=NOW - 2 * HOUR)
    with team.database() as db:
        insert(db, "project", person=amara, id="p1", name="The API", root="", ids="")
        insert(db, "project", person=amara, id="p2", name="", root="", ids="")
        db.many("INSERT INTO device_token (person, device, hash, label, made_at, used_week) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                [(amara, "d", "h1", "laptop", 1, "2026-11-09"), (amara, "e", "h2", "", 2, None)]
                )  # fmt: skip
    html = page(team)
    base = f"/c/{team.slug('acme')}"
    assert lead_of(html).startswith("The company holds 4 sessions of yours: ")
    assert figures(html) == {
        "Sessions held": "4", "Rows held": "9",
        "Bytes held": "4.0 kB without 1 session that came before bytes were counted",
        "Not shown to others yet": "2 since 10 Nov 2026",
    }  # fmt: skip
    assert links(html)["4"] == f"{base}/me/sessions?range=all"
    assert links(html)["2"] == f"{base}/me/sessions?since=2026-11-10"
    assert [each.partition(":")[0] for each in items(html)] == ["3", "1", "nobody but you"]
    assert "Days: 3 Nov 2026 to 11 Nov 2026. Machines: laptop (week of 2026-11-09), no name " in (
        words_of(html)
    )
    assert "(never used)." in words_of(html)
    assert list(options(html)) == ["1"]
    assert "accrete team tier 3" in words_of(html)
    assert rows(html, "projects") == [
        ["The API", "2", "6", "4.0 kB", "2"], ["(no project)", "1", "0", "0 bytes", "1"],
        ["(no name)", "1", "3", "—", "1"],
    ]  # fmt: skip
    assert links(html)["The API"] == f"{base}/me/projects/p1?range=all"
    assert "(no project)" not in links(html)
    assert rows(html, "newest") == [
        ["11 Nov 2026, 14:30", "22222222", "session", "3", "2.0 kB", "1"],
        ["11 Nov 2026, 13:30", "33333333", "session", "3", "—", "1"],
        ["11 Nov 2026, 12:30", "44444444", "session", "0", "0 bytes", "1"],
        ["10 Nov 2026, 14:30", "11111111", "session", "3", "2.0 kB", "2"],
    ]  # fmt: skip
    with team.database() as db:
        db.run("UPDATE shared SET tier = 3")
    html = page(team)
    assert list(options(html)) == ["2", "1"]
    assert "To share more, run accrete team projects on" in words_of(html)


@pytest.mark.parametrize(
    ("leads", "said"),
    [
        (["Bo Berg"], "Bo Berg sees your sessions, a day after they ended."),
        (["Cy Cole", "Bo Berg"], "Bo Berg and Cy Cole see your sessions"),
        (["Cy Cole", "Bo Berg", "Di Dorn"], "Bo Berg, Cy Cole and Di Dorn see your sessions"),
    ],
)
def test_who_sees_it_is_said_each_once(team, amara, leads, said):
    ids = [a_person(team, name, password=None) for name in leads]
    in_team(team, "Forge", leads=ids, members=[amara])
    in_team(team, "Anvil", leads=ids[:1], members=[amara])
    html = page(team)
    assert said in lead_of(html)
    told = [each for each in items(html) if "who leads" in each]
    assert told == [f"{leads[0]}, who leads Anvil",
                    *(f"{name}, who leads Forge" for name in sorted(leads))]  # fmt: skip


def test_who_looked_stands_with_when_at_what_and_why(team, amara):
    lea = a_person(team, "Lea Lead", password=None)
    with team.database() as db:
        db.many("INSERT INTO look (person, id, at, viewer, what, session, why) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)", [
                    (amara, "a", NOW - DAY, lea, "profile", None, None),
                    (amara, "b", NOW - HOUR, lea, "session", "s1", "a lost key"),
                    *((amara, f"c{n:02d}", NOW - 2 * DAY - n, 0, "export", None, None)
                      for n in range(60)),
                ])  # fmt: skip
    html = page(team)
    assert rows(html, "looks")[:3] == [
        ["11 Nov 2026, 13:30", "Lea Lead", "session", "a lost key"],
        ["10 Nov 2026, 14:30", "Lea Lead", "profile", ""],
        ["9 Nov 2026, 14:30", "the command line", "export", ""],
    ]
    assert len(rows(html, "looks")) == 50
    assert "The newest 50 at most, the last first." in words_of(html)
    assert links(html)["session"] == f"/c/{team.slug('acme')}/people/{amara}/sessions/s1"
    assert "profile" not in links(html)


def test_what_the_company_announces_is_a_sentence_with_its_moment(team, amara):
    ada, mia = (a_person(team, name, password=None) for name in ("Ada Admin", "Mia Moor"))
    forge = in_team(team, "Forge", leads=[], members=[amara])
    with team.database() as db:
        db.run("UPDATE account SET zone = 'Europe/Berlin' WHERE person = ?", (amara,))
        for since, until, why in ((NOW - DAY, NOW + 1, "first"), (NOW - 2 * DAY, NOW, "second")):
            db.run("INSERT INTO opening (person, admin, since, until, why) VALUES (?, ?, ?, ?, ?)",
                   (amara, ada, since, until, why))  # fmt: skip
        for nth, (name, value) in enumerate((
            ("cost_per_person", "on"), ("cost_per_person", "off"), ("people_csv", "on"),
            ("people_csv", "off"), ("people_csv", "strange"), ("leavers_days", "5"),
        )):  # fmt: skip
            db.run("INSERT INTO company_setting (name, since, value, by_person, made_at) "
                   "VALUES (?, ?, ?, NULL, 1)", (name, NOW - nth * DAY, value))  # fmt: skip
        people.place(db, mia, forge, "member", actor=None, now=NOW, since=NOW + DAY)
        people.place(db, ada, forge, "lead", actor=None, now=NOW, since=NOW + HOUR)
    assert notices(page(team)) == [
        "Ada Admin may look until 11 Nov 2026, 15:30, for this reason: first",
        "Ada Admin could look until 11 Nov 2026, 15:30, for this reason: second",
        "From 11 Nov 2026, 15:30 on: Leads see cost, tokens, lines and commits of single people.",
        "From 10 Nov 2026, 15:30 on: Leads see cost, tokens, lines and commits of five people or "
        "more only.",
        "From 9 Nov 2026, 15:30 on: Leads can save the practices of single people as a file.",
        "From 8 Nov 2026, 15:30 on: Leads can save the practices of the whole team as a file only.",
        "Mia Moor is in Forge from 12 Nov 2026, 15:30 on.",
        "Ada Admin leads Forge from 11 Nov 2026, 16:30 on.",
    ]


LOWERED = "On 10 Nov 2026, 14:30 you lowered your tier to 1 here: what no longer fits was deleted."
DELETED = "On 10 Nov 2026, 14:30 you deleted everything that you had shared."
GONE = "Its bytes have left the server's disk."
WILL = "Its bytes leave the server's disk by"
HEARD = "All your machines that sync have heard of it."
UNHEARD = ("Not heard of it yet: laptop, no name. Until then nothing above tier 1 is taken from "
           "there.")  # fmt: skip


@pytest.mark.parametrize(
    ("what", "where", "gone", "machines", "said"),
    [
        ("tier", "", NOW - DAY, False, (LOWERED, GONE, HEARD)),
        ("tier", "", NOW - DAY - 1, False, (LOWERED, WILL, HEARD)),
        ("tier", "", None, True, (LOWERED, WILL, UNHEARD)),
        ("tier", "d", NOW, False, ()),
        ("cleared", "d", NOW, True, (DELETED, GONE)),
        ("cleared", "", None, False, (DELETED, WILL)),
    ],
)
def test_what_was_deleted_has_a_receipt_that_says_when_it_is_gone(
    team, amara, what, where, gone, machines, said
):
    with team.database() as db:
        db.run("INSERT INTO person_choice (person, what, amount, device, at) "
               "VALUES (?, ?, 1, ?, ?)", (amara, what, where, NOW - DAY))  # fmt: skip
        if gone is not None:
            db.run("INSERT INTO fact (person, name, value) VALUES (0, 'bytes_gone_at', ?)",
                   (str(gone),))  # fmt: skip
        if machines:
            db.many("INSERT INTO device_token (person, device, hash, label, made_at, used_week) "
                    "VALUES (?, ?, ?, ?, ?, '2026-11-09')",
                    [(amara, "e", "h1", "laptop", 1), (amara, "f", "h2", "", 2)])  # fmt: skip
    told = notices(page(team))
    assert len(told) == bool(said)
    for sentence in said:
        assert sentence in told[0]
    for other in {LOWERED, DELETED, GONE, WILL, HEARD, UNHEARD} - set(said):
        assert not said or other not in told[0]
    backups = "Backups that were made before keep it until they are replaced."
    assert not said or backups in told[0]
    if WILL in said:
        assert f"{WILL} 11 Nov 2026, 14:30." in told[0]


def test_its_forms_do_what_they_say_and_come_back(team, amara):
    browser = signed_in(team, "Amara Nwosu", now=NOW)
    held(team, amara, "11111111-aaaa", "2026-11-03", tier=2)
    for action, fields in (
        ("pause", {}), ("zone", {"zone": "Asia/Tokyo"}), ("tier", {"tier": "1"}),
    ):  # fmt: skip
        answer = browser.form("/sharing", f"/sharing/{action}", **fields)
        assert answer.headers["location"] == f"{browser.base}/sharing", action
    html = page(team)
    assert "You paused: nothing new is taken from your machines." in lead_of(html)
    assert "Go on sharing" in html
    assert team.rows("SELECT paused_at, zone FROM account") == [(NOW, "Asia/Tokyo")]
    assert team.rows("SELECT amount FROM person_choice WHERE what = 'tier'") == [(1,)]
    browser.form("/sharing", "/sharing/pause")
    assert team.rows("SELECT paused_at FROM account") == [(None,)]
    asked = browser.page("/sharing/delete")
    assert lead_of(asked).startswith("1 session of yours will be deleted here at once. Your own")
    answer = browser.form("/sharing/delete", "/sharing/delete")
    assert answer.headers["location"] == f"{browser.base}/sharing"
    assert team.rows("SELECT COUNT(*) FROM shared") == [(0,)]


@pytest.mark.parametrize("tier", ["", "0", "4", "two"])
def test_a_tier_that_is_none_is_refused(team, amara, tier):
    browser = signed_in(team, "Amara Nwosu", now=NOW)
    held(team, amara, "11111111-aaaa", "2026-11-03", tier=2)
    answer = browser.form("/sharing", "/sharing/tier", tier=tier)
    assert answer.status_code == 400
    assert "There are tiers 1, 2 and 3. Choose one of them." in answer.text


@pytest.mark.parametrize("where", ["here", "everywhere"])
def test_signing_out_ends_this_browser_or_all_of_them(team, amara, where):
    one, other = (signed_in(team, "Amara Nwosu", now=NOW) for _ in range(2))
    answer = one.form("/sharing", "/sign-out", where=where)
    assert answer.headers["location"] == f"{one.base}/sign-in"
    assert answer.headers["cache-control"] == "no-store"
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert one.get("/sharing").status_code == 303
    assert other.get("/sharing").status_code == (200 if where == "here" else 303)


@pytest.mark.parametrize(
    ("site", "status"), [("cross-site", 400), ("same-site", 400), ("same-origin", 200), ("", 200)]
)
def test_the_file_of_all_that_is_held_is_asked_for_by_its_own_pages_alone(
    team, amara, site, status
):
    held(team, amara, "11111111-aaaa", "2026-11-03")
    browser = signed_in(team, "Amara Nwosu", now=NOW)
    answer = browser.get("/sharing/export", **({"Sec-Fetch-Site": site} if site else {}))
    assert answer.status_code == status
    if status == 200:
        assert answer.content[:2] == b"PK"
        assert answer.headers["content-disposition"].endswith('filename="accrete-shared.zip"')
        assert answer.headers["content-type"] == "application/zip"
    else:
        assert "Another site asked for this." in answer.text
