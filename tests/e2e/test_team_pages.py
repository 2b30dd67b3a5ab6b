"""The team server's pages in a real browser: narrow and wide, light and dark, without scripts."""

from __future__ import annotations

import pytest
from accrete_team import clips, people, tokens

from tests.e2e.test_explorer import conversation
from tests.e2e.walk import WIDE, faults, follow
from tests.fuzz import TORTURE
from tests.records import kept
from tests.team.served import Served
from tests.team.serving import Team
from tests.team.signed import PASSWORD, a_person, in_team

pytestmark = pytest.mark.slow

LEAD = ("/people", "/people/{amara}/?range=12w", "/people/{amara}/sessions?range=12w",
        "/people/{amara}/sessions/{session}", "/people/{amara}/sessions/{session}/changes",
        "/examples/{amara}/{clip}",
        "/people/{amara}/practices?range=12w", "/people/{amara}/search?q=export&range=12w",
        "/search?q=export", "/sharing", "/notice", "/me/?range=12w", "/nothing")  # fmt: skip
ADMIN = ("/admin", "/admin/people", "/admin/people/{amara}", "/admin/people/{amara}?ask=left",
         "/admin/teams", "/admin/audit", "/sharing/delete", "/people")  # fmt: skip


@pytest.fixture
def company(settings, tmp_path):
    """Amara shares all she wrote; Lea leads her team; Ada administers."""
    made = [conversation(n, 4 + n * 3, f"Mend the export of ledger {n}") for n in range(1, 6)]
    kept(settings, *made)
    team = Team(tmp_path / "team")
    team.company()
    with team.client:
        team.sync(settings, team.choice("Amara Nwosu", tier=3))
    served = Served(tmp_path / "team")
    served.ids = {name.split()[0].lower(): a_person(team, name, admin=name == "Ada Admin")
                  for name in ("Amara Nwosu", "Lea Lead", "Ada Admin")}  # fmt: skip
    served.team = in_team(team, "Ledger", leads=[served.ids["lea"]],
                          members=[served.ids["amara"]])  # fmt: skip
    ((moment, session),) = team.rows(
        "SELECT uuid, session FROM sighting WHERE practice = 'verification' AND agent = '' "
        "ORDER BY session, uuid LIMIT 1"
    )
    with team.database() as db:
        served.ids["clip"] = clips.share(
            db, served.ids["amara"], session, "verification", moment, [f"{moment}.0"], 1
        )
    served.example = f"practice=verification&session={session}&uuid={moment}"
    served.session = team.rows("SELECT id FROM session ORDER BY id")[0][0]
    yield served
    served.close()


class Tab:
    """A tab of a browser that notes what goes wrong."""

    def __init__(self, browser, company, **context) -> None:
        self.company = company
        self.context = browser.new_context(**context)
        self.page = self.context.new_page()
        self.wrong: list[str] = []
        self.page.on("console", lambda m: self.wrong.append(m.text) if m.type == "error" else None)
        self.page.on("request", lambda r: None if r.url.startswith(
            (company.base.partition("/c/")[0], "data:")) else self.wrong.append(r.url))  # fmt: skip

    def sign_in(self, name: str) -> None:
        self.page.goto(f"{self.company.base}/sign-in")
        self.page.fill("[name=email]", f"{name}@example.com")
        self.page.fill("[name=password]", PASSWORD)
        follow(self.page, "button")
        assert "/sign-in" not in self.page.url

    def go(self, path: str) -> None:
        shown = path.format(session=self.company.session, **self.company.ids)
        self.page.goto(self.company.base + shown)


@pytest.mark.grid
@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1280, "dark")])
def test_every_page_is_accessible_and_fits(chromium, company, width, scheme):
    """Each page fits in both widths; axe looks at it in one of them, by turns, in `make torture` in
    both."""
    own = (f"/examples/new?{company.example}", "/me/practices/verification?range=12w", "/sharing")
    for name, pages in (("lea", LEAD), ("ada", ADMIN), ("amara", own)):
        tab = Tab(chromium, company, viewport={"width": width, "height": 800}, color_scheme=scheme)
        tab.page.goto(f"{company.base}/sign-in")
        assert faults(tab.page) == []
        tab.sign_in(name)
        for at, path in enumerate(pages):
            tab.go(path)
            if TORTURE or at % 2 == (scheme == "dark"):
                assert faults(tab.page) == [], path
            assert tab.page.evaluate(WIDE) <= width, path
        assert [each for each in tab.wrong if "404" not in each] == []
        tab.context.close()


def test_from_the_invitation_to_who_looked_without_scripts(chromium, company):
    with company.database() as db:
        secret = people.invite(db, company.ids["amara"], actor=None, now=tokens.now_ms())
    own = Tab(chromium, company, java_script_enabled=False)
    own.page.goto(f"{company.base}/invitation/{secret}")
    own.page.fill("[name=password]", "a new password of hers")
    own.page.fill("[name=again]", "a new password of hers")
    follow(own.page, "button")
    assert own.page.url == f"{company.base}/me/"
    lead = Tab(chromium, company, java_script_enabled=False)
    lead.sign_in("lea")
    lead.go("/people")
    follow(lead.page, "text=Amara Nwosu")
    assert "Amara Nwosu sees which of these pages you opened" in lead.page.content()
    lead.go("/people/{amara}/sessions?range=12w")
    follow(lead.page, "text=Mend the export of ledger 1 >> nth=0")
    assert "The export adds up" in lead.page.inner_text("main")
    follow(own.page, "text=Company")
    follow(own.page, "nav >> text=Sharing")
    assert "Lea Lead" in own.page.inner_text("#looks")
    own.page.select_option("[name=tier]", "1")
    follow(own.page, "text=Lower the tier")
    assert "you lowered your tier to 1 here" in own.page.inner_text("main")
    assert own.page.locator("[name=tier]").count() == 0
    lead.go("/people/{amara}/sessions/{session}")
    assert "Session of" in lead.page.inner_text("h1")
    assert "The export adds up" not in lead.page.content()
    follow(own.page, "text=Pause sharing")
    assert "You paused" in own.page.inner_text("main")
    follow(own.page, "text=Delete everything >> nth=0")
    follow(own.page, "button.grave")
    assert "The company holds nothing of yours." in own.page.inner_text("main")
    lead.go("/people/{amara}/sessions/{session}")
    assert "no such session" in lead.page.inner_text("main")
    for tab in (own, lead):
        tab.context.close()
