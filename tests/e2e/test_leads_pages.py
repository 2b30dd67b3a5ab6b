"""A team's pages in a real browser: each page, light and dark, narrow and wide, by keyboard, as a
screen reader hears the matrix, on paper and without scripts."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator

import pytest
from accrete_team import tokens
from accrete_team.budgets import set_budget
from accrete_team.experiments import begin
from accrete_team.weeks import later

from tests.e2e.walk import walk
from tests.patience import until
from tests.team.leading import last_monday, led
from tests.team.serving import Team
from tools.browser import AXE, CHROMIUM

pytestmark = pytest.mark.slow

sync_api = pytest.importorskip("playwright.sync_api")
PAGES = (
    "/week",
    "/matrix",
    "/matrix?by=project&compare=before",
    "/matrix/planning",
    "/matrix/planning/1",
    "/activity",
    "/costs",
    "/figures",
    "/catalog",
    "/experiments",
    "/experiments/new",
    "/matrix?sort=share",
)
LOUD = re.compile(r"40[04]")


@pytest.fixture(scope="module")
def chromium() -> Iterator[object]:
    """The browser of this machine; under CI it has to be there."""
    if not (CHROMIUM and AXE):
        why = "no Chromium or no axe-core: run through `make test`, which installs them"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


class Site:
    """A company of twelve on a port of this machine, and the cookie of its lead."""

    def __init__(self, team: Team) -> None:
        import uvicorn

        browser = led(team, sessions=True)
        with team.database() as db:
            for person in range(1, 13):
                db.run("INSERT INTO project (person, id, name, root, ids) "
                       "VALUES (?, 'ledger', 'Ledger', '', '')", (person,))  # fmt: skip
            set_budget(db, 10**9, actor=None, now=tokens.now_ms())
            for practice, back in (("review", -5), ("planning", 1)):
                begin(db, "forge", practice, "use", 2, later(last_monday().isoformat(), back),
                      actor=1, now=tokens.now_ms())  # fmt: skip
        config = uvicorn.Config(team.app, host="127.0.0.1", port=0, log_level="warning")
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        until(lambda: self.server.started)
        port = self.server.servers[0].sockets[0].getsockname()[1]
        self.origin = f"http://127.0.0.1:{port}"
        self.home = self.origin + browser.base
        self.cookies = [
            {"name": each.name, "value": each.value, "url": self.origin}
            for each in browser.client.cookies.jar
        ]

    def close(self) -> None:
        self.server.should_exit = True
        self.thread.join(15)


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Site]:
    made = Site(Team(tmp_path_factory.mktemp("team")))
    yield made
    made.close()


@pytest.fixture
def opened(chromium, site):
    """A page of the lead, and what went wrong in it."""
    contexts = []

    def make(**options):
        context = chromium.new_context(**options)
        context.add_cookies(site.cookies)
        contexts.append(context)
        page, said = context.new_page(), list[str]()
        page.on("console", lambda each: said.append(each.text) if each.type == "error" else None)
        page.on("pageerror", lambda each: said.append(str(each)))
        return page, said

    yield make
    for each in contexts:
        each.close()


@pytest.mark.grid
def test_every_page_is_whole_in_every_light_and_width(opened, site):
    page, said = opened()
    assert len(list(walk(page, site.home, PAGES))) == 2 * len(PAGES)
    assert [each for each in said if not LOUD.search(each)] == []


def test_the_matrix_is_heard_with_names_and_practices(opened, site):
    page, _ = opened()
    page.goto(f"{site.home}/matrix?by=none")
    row = page.get_by_role("row", name="Amara Nwosu")
    heard = row.get_by_role("cell").all()
    assert len(heard) == 11
    link = row.get_by_role("link", name=re.compile(
        r"^Amara Nwosu, Delegation: (tried|regular|fluent|not seen), \d+% of \d+ sessions(, rising|"
        r", falling)?$"
    ))  # fmt: skip
    sync_api.expect(link).to_have_count(1)
    assert page.get_by_role("rowheader").first.inner_text() == "Whole team"
    heads = [each.inner_text() for each in page.get_by_role("columnheader").all()]
    assert heads[:4] == ["Name", "Planning", "Task tracking", "Delegation"]
    new = page.get_by_role("row", name="Elif Aydın").get_by_role("cell").first
    assert "new: joined less than four weeks ago" in new.inner_text()


def test_a_cell_is_reached_and_opened_with_the_keyboard(opened, site):
    page, said = opened(viewport={"width": 1280, "height": 900})
    page.goto(f"{site.home}/matrix?by=none")
    assert page.locator("table.matrix a[tabindex='0']").count() == 1
    first = page.locator("table.matrix tbody a").first
    first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    focused = page.evaluate("document.activeElement.textContent")
    assert "Amara Nwosu, Task tracking" in focused
    page.keyboard.press("Enter")
    page.locator("tr.open h2").wait_for()
    assert page.locator("tr.open h2").inner_text() == "Amara Nwosu, Task tracking"
    assert page.evaluate("document.activeElement.tagName") == "H2"
    axe = AXE.read_text("utf-8")
    assert page.evaluate(axe + ";axe.run()")["violations"] == []
    page.keyboard.press("Escape")
    sync_api.expect(page.locator("tr.open")).to_have_count(0)
    assert "Amara Nwosu, Task tracking" in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("End")
    assert "Isolation" in page.evaluate("document.activeElement.textContent") or (
        "Artifacts" in page.evaluate("document.activeElement.textContent")
    )
    assert said == []


def test_without_scripts_a_cell_is_a_page_of_its_own(opened, site):
    page, said = opened(java_script_enabled=False)
    page.goto(f"{site.home}/matrix?by=none")
    page.get_by_role("link", name=re.compile("^Amara Nwosu, Delegation: ")).click()
    sync_api.expect(page.locator("h1")).to_have_text("Amara Nwosu, Delegation")
    assert page.locator(".chart svg rect").count() == 12
    page.get_by_role("link", name="Practices").last.click()
    sync_api.expect(page.locator("h1")).to_have_text("Practices")
    page.goto(f"{site.home}/week")
    before = page.locator(".agenda li").count()
    first = page.locator(".agenda li p").first.inner_text()
    page.get_by_role("button", name="Not now").first.click()
    sync_api.expect(page.locator(".agenda li p").first).not_to_have_text(first)
    assert page.locator(".agenda li").count() <= before
    assert said == []


def test_the_head_and_the_names_stay_where_the_table_scrolls(opened, site):
    page, _ = opened(viewport={"width": 360, "height": 800})
    page.goto(f"{site.home}/matrix?by=none")
    box = page.locator(".matrix-box")
    assert box.evaluate("node => node.scrollWidth > node.clientWidth")
    box.evaluate("node => { node.scrollLeft = 400 }")
    name = page.locator("tbody th", has_text="Amara Nwosu").bounding_box()
    assert 0 <= name["x"] < 40
    small = page.locator("tbody:not(.whole) td > a").first.bounding_box()
    assert small["width"] >= 44
    assert small["height"] >= 32


def test_the_matrix_prints_with_all_its_rows(opened, site):
    page, _ = opened(viewport={"width": 1123, "height": 794})
    page.goto(f"{site.home}/matrix?by=none")
    page.emulate_media(media="print")
    assert page.locator("header.bar").is_hidden()
    box = page.locator(".matrix-box")
    assert box.evaluate("node => node.scrollHeight <= node.clientHeight + 1")
    assert page.locator("tbody th", has_text="Lior Katz").is_visible()
