"""The explorer in a real browser: every page, light and dark, narrow and wide, without scripts."""

from __future__ import annotations

import itertools
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from accrete.settings import Settings
from tests.e2e.walk import follow, walk
from tests.patience import clock_s, least
from tests.records import kept
from tests.transcripts import Transcript, session_id

pytestmark = pytest.mark.slow

sync_api = pytest.importorskip("playwright.sync_api")
PAGES = (
    "/?range=all",
    "/sessions?range=all",
    *(f"/sessions/{session_id(1)}{end}" for end in ("", "/changes", "/facts", "/own", "/forget")),
    "/practices?range=all",
    "/practices/verification?range=all",
    "/costs?range=all",
    "/costs?range=all&by=model",
    "/responses?range=all&model=claude-opus-5",
    "/costs?range=all&project=none",
    f"/sessions/{session_id(1)}/facts?records=tool_call",
    "/projects?range=all",
    "/search?range=all&q=export",
    "/data",
    "/data?files=main",
    "/data/redactions",
    "/numbers",
    "/settings",
    "/keys",
    "/nothing",
)


class Explorer:
    """`accrete explore` as a person runs it."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings = settings
        self.log = folder / "explore.log"
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "ACCRETE_HOME": str(settings.home),
            "CLAUDE_CONFIG_DIR": str(settings.roots[0]),
            "TZ": "UTC",
            "PYTHONPATH": os.pathsep.join(each for each in sys.path if each),
        }
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "accrete", "explore", "--port", "0", "--no-browser"],
                env=env,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
            )
        deadline = time.monotonic() + 30
        while not (found := re.search(r"http://\S+", self.log.read_text())):
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        self.opened = found[0]
        self.home = self.opened.partition("/open")[0]
        self.let_in: Any = None

    def end(self) -> int:
        self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(15)
        finally:
            self.process.kill()
            self.process.wait()


def conversation(n: int, days_ago: int, title: str) -> Transcript:
    """A session with an answer in Markdown, an edit, a check that fails and one that passes."""
    start = int(time.time() * 1000) - days_ago * 86_400_000 - 3_600_000
    t = Transcript(n, start=start)
    t.prompt(title)
    path = "/home/dev/demo/export.py"
    hunk = {"oldStart": 1, "oldLines": 2, "newStart": 1, "newLines": 2,
            "lines": [" def total(rows):", "-    return 0", "+    return sum(rows)"]}  # fmt: skip
    uses = [
        ("Edit", {"file_path": path, "old_string": "    return 0",
                  "new_string": "    return sum(rows)"},
         {"filePath": path, "structuredPatch": [hunk], "userModified": False}, False),
        ("Bash", {"command": "pytest"}, "=== 1 failed in 0.10s ===", True),
        ("Bash", {"command": "pytest"}, "=== 1 passed in 0.10s ===", False),
    ]  # fmt: skip
    for at, (tool, given, result, failed) in enumerate(uses):
        use = f"toolu_{n}_{at}"
        block = {"type": "tool_use", "id": use, "name": tool, "input": given}
        t.answer(f"msg_{n}_{at}", blocks=[block], stop="tool_use",
                 usage={"input_tokens": 1000 * n, "output_tokens": 50 * n})  # fmt: skip
        said = result if isinstance(result, str) else "The file has been updated."
        content = [{"type": "tool_result", "tool_use_id": use, "content": said, "is_error": failed}]
        t.add("user", message={"role": "user", "content": content}, toolUseResult=result)
    text = (
        "# Done\n\nThe **export** adds up:\n\n```python\nsum([1, 2])\n```\n\n"
        "| a | b |\n|---|---|\n| 1 | 2 |"
    )
    t.answer(f"msg_{n}", blocks=[{"type": "text", "text": text}],
             usage={"input_tokens": 1000 * n, "output_tokens": 50 * n})  # fmt: skip
    return t


@contextmanager
def served(settings: Settings, folder: Path) -> Iterator[Explorer]:
    made = [conversation(n, n * 3, f"Mend the export of ledger {n}") for n in range(1, 12)]
    kept(settings, *made)
    explorer = Explorer(settings, folder)
    try:
        yield explorer
    finally:
        assert explorer.end() == 0
        assert not re.search("Traceback|ERROR", explorer.log.read_text())


@pytest.fixture(scope="module")
def explorer(shared_settings, tmp_path_factory) -> Iterator[Explorer]:
    """One for the tests that only look."""
    with served(shared_settings, tmp_path_factory.mktemp("explorer")) as found:
        yield found


@pytest.fixture
def own(settings, tmp_path) -> Iterator[Explorer]:
    """One for a test that changes the record."""
    with served(settings, tmp_path) as found:
        yield found


@pytest.fixture(autouse=True)
def closed(chromium) -> Iterator[None]:
    """Pages that a test leaves open would go on to ask."""
    yield
    for each in chromium.contexts:
        each.close()


def watched(browser, explorer, **context):
    """A page that was let in, and what its console and its requests said."""
    opened = browser.new_context(storage_state=explorer.let_in, **context)
    page = opened.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on(
        "request",
        lambda asked: (
            None
            if asked.url.startswith((explorer.home, "data:"))
            else said.append(f"asked for {asked.url}")
        ),
    )
    page.goto(f"{explorer.home}/" if explorer.let_in else explorer.opened)
    page.wait_for_url(f"{explorer.home}/")
    explorer.let_in = opened.storage_state()  # the address that lets in does so once
    return page, said


@pytest.mark.grid
def test_every_page_is_whole_in_every_light_and_width(chromium, explorer):
    page, said = watched(chromium, explorer)
    for path, width in walk(page, explorer.home, PAGES):
        shift = page.evaluate(
            """new Promise(done => new PerformanceObserver(list => done(
            list.getEntries().reduce((sum, each) => sum + each.value, 0)))
            .observe({type: 'layout-shift', buffered: true}) || setTimeout(done, 50, 0))"""
        )
        assert shift <= 0.02, (path, width, shift)
    assert [each for each in said if "404" not in each] == []


def test_pages_work_without_scripts(chromium, explorer):
    page, said = watched(chromium, explorer, java_script_enabled=False)
    follow(page, "text=Sessions >> nth=0")
    page.fill("input[name=text]", "ledger 7")
    follow(page, "button:has-text('Filter')")
    assert "text=ledger+7" in page.url
    for path in PAGES:
        page.goto(explorer.home + path)
        assert page.locator("main h1").inner_text(), path
    page.goto(f"{explorer.home}/sessions/{session_id(1)}")
    follow(page, ".record .step > a >> nth=0")
    assert "/steps/" in page.url
    assert page.locator("main pre, main .diff").count()
    assert [each for each in said if "404" not in each] == []


def test_filters_are_in_the_address_and_back_goes_back(chromium, explorer):
    page, said = watched(chromium, explorer)
    page.goto(f"{explorer.home}/sessions?range=all")
    rows = page.locator("#list tbody tr")
    sync_api.expect(rows).to_have_count(11)
    page.fill("input[name=text]", "ledger 7")
    page.dispatch_event("input[name=text]", "change")
    page.wait_for_url("**text=ledger+7**")
    sync_api.expect(rows).to_have_count(1)
    page.go_back()
    sync_api.expect(rows).to_have_count(11)
    page.go_forward()
    sync_api.expect(rows).to_have_count(1)
    assert said == []


def test_an_open_page_says_within_two_seconds_that_there_is_something_new(chromium, own):
    page, said = watched(chromium, own)
    page.wait_for_selector("#stream", state="attached")
    page.wait_for_timeout(1500)
    assert page.inner_text("#news") == ""
    numbers = itertools.count(77)

    def said_of_another() -> float:
        n = next(numbers)
        t = conversation(n, 0, f"A session that has just begun, {n}")
        t.write(own.settings.roots[0] / "projects")
        took = clock_s(lambda: page.wait_for_selector("#news a", timeout=60_000))
        page.click("#news a")
        page.wait_for_selector(f"text=A session that has just begun, {n}")
        return took

    # two seconds on a machine with nothing else to do
    assert least(said_of_another, 6, times=3) < 6
    assert said == []


def test_a_replay_grows_below_what_is_read(chromium, own):
    page, said = watched(chromium, own)
    t = conversation(78, 0, "A session that goes on")
    t.write(own.settings.roots[0] / "projects")
    page.wait_for_selector("#news a", timeout=60_000)
    page.goto(f"{own.home}/sessions/{t.session}")
    steps = page.locator(".record [id^='s-']")
    before, top = steps.count(), page.locator(".record").bounding_box()
    opened = page.locator(".record details").first
    opened.locator("summary").first.click()
    t.answer("msg_more", blocks=[{"type": "text", "text": "And one thing more."}])
    t.prompt("Go on then")
    t.write(own.settings.roots[0] / "projects")
    sync_api.expect(page.locator("text=And one thing more.")).to_be_visible(timeout=60_000)
    sync_api.expect(page.locator(".rail >> text=Go on then")).to_be_visible()
    assert steps.count() > before
    assert opened.get_attribute("open") is not None
    assert page.locator(".record").bounding_box()["y"] == top["y"]
    assert len({each.get_attribute("id") for each in steps.all()}) == steps.count()
    assert said == []


def test_a_replay_is_walked_with_keys_and_its_steps_open(chromium, explorer):
    page, said = watched(chromium, explorer)
    page.goto(f"{explorer.home}/sessions/{session_id(1)}")
    page.keyboard.press("e")
    failed = page.evaluate("document.activeElement.closest('[id^=s-]').innerText")
    assert "pytest" in failed
    page.keyboard.press("D")
    page.keyboard.press("o")
    sync_api.expect(page.locator(".record .diff ins").first).to_be_visible()
    page.check("input[value=reading]")
    page.wait_for_url("**view=reading**")
    sync_api.expect(page.locator(".record .diff").first).to_be_hidden()
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("g")
    page.keyboard.press("s")
    page.wait_for_url("**/sessions")
    page.keyboard.press("/")
    page.wait_for_url("**/search")
    assert said == []


def test_what_is_new_since_one_looked_is_marked_and_reached_with_a_key(chromium, own):
    page, _ = watched(chromium, own)
    here = f"{own.home}/sessions/{session_id(1)}"
    page.goto(here)
    assert page.locator(".new").count() == 0
    page.keyboard.press("n")
    sync_api.expect(page.locator("text=Nothing new since you looked.")).to_be_visible()
    held = page.locator(".record [id^='s-']").count()
    t = conversation(1, 3, "Mend the export of ledger 1")
    t.prompt("One thing more")
    t.answer("msg_more")
    kept(own.settings, t)
    page.goto(here)
    sync_api.expect(page.locator(".new")).to_have_count(1)
    page.keyboard.press("n")
    steps = "[...document.querySelectorAll(\".record [id^='s-']\")]"
    assert page.evaluate(f"{steps}.indexOf(document.activeElement)") == held


def test_prompts_commits_and_sessions_are_walked_with_keys(chromium, explorer):
    page, _ = watched(chromium, explorer, permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{explorer.home}/sessions/{session_id(2)}")
    page.keyboard.press("J")
    assert page.evaluate("document.activeElement.matches('.prompt')")
    page.keyboard.press("j")
    there = page.evaluate("document.activeElement.closest('[id^=s-]').id")
    page.keyboard.press("y")
    sync_api.expect(page.locator("text=The link is copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").endswith(f"{session_id(2)}#{there}")
    page.keyboard.press("c")
    sync_api.expect(page.locator("text=No more of these.")).to_be_visible()
    page.keyboard.press("O")
    sync_api.expect(page.locator(".record details:not([open])")).to_have_count(0)
    page.keyboard.press("]")
    page.wait_for_url(f"**/{session_id(1)}*")
    page.keyboard.press("[")
    page.wait_for_url(f"**/{session_id(2)}*")


def test_tables_and_charts_are_read_aloud_and_printed(chromium, explorer):
    page, _ = watched(chromium, explorer)
    page.goto(f"{explorer.home}/?range=all")
    tree = page.locator("main").aria_snapshot()
    for part in (
        'region "Sessions"',
        'columnheader "What came of it"',
        'cell "delivered',
        'group "Cost by day; the table below has the figures"',
        'img "Active time by day, half a year"',
    ):
        assert part in tree, part
    chart = page.locator(".chart svg[role=group]").first
    assert chart.aria_snapshot().count('link "') == chart.locator("a").count() > 30
    page.emulate_media(media="print")
    for gone in (".bar", ".foot", ".ranges", ".skip"):
        sync_api.expect(page.locator(gone).first).to_be_hidden()
    for left in ("h1", ".lead", ".figures", "table >> nth=0", ".chart >> nth=0", ".same table"):
        sync_api.expect(page.locator(left).first).to_be_visible()


def test_a_chart_is_read_with_the_keyboard(chromium, explorer):
    page, _ = watched(chromium, explorer)
    page.focus(".chart svg a >> nth=-1")
    last = page.inner_text(".readout >> nth=0")
    page.keyboard.press("ArrowLeft")
    sync_api.expect(page.locator(".readout").first).not_to_have_text(last)


def test_the_address_of_the_browser_is_in_no_command_line(explorer):
    shown = Path(f"/proc/{explorer.process.pid}/cmdline")
    if shown.exists():
        assert b"token" not in shown.read_bytes()


def test_a_search_asks_once_for_a_word_that_is_typed(chromium, explorer):
    page, _ = watched(chromium, explorer)
    page.goto(f"{explorer.home}/search?range=all")
    asked: list[str] = []
    page.on("request", lambda each: asked.append(each.url) if "/search?" in each.url else None)
    page.locator("input[type=search]").press_sequentially("ledger", delay=40)
    page.locator("mark").first.wait_for()
    page.wait_for_url("**q=ledger**")
    sync_api.expect(page.locator("article.hits")).to_have_count(11)
    assert len(asked) == 1
    assert page.url == asked[0]
    assert page.evaluate("document.activeElement.name") == "q"
    page.go_back()
    page.locator("article.hits").first.wait_for(state="detached")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_session_is_tagged_noted_titled_and_forgotten(chromium, own, scripts):
    page, _ = watched(chromium, own, java_script_enabled=scripts)
    at = f"{own.home}/sessions/{session_id(2)}/own"
    page.goto(at)
    page.fill("input[name=add]", "later")
    page.get_by_role("button", name="Add").click()
    page.wait_for_url("**did=tagged**")
    query = page.url.partition("?")[2].partition("#")[0]
    page.goto(f"{at}?{query}")
    assert page.locator(".chip").inner_text().startswith("#later")
    with page.expect_navigation():
        page.get_by_role("link", name="Undo").click()
    page.goto(at)
    assert page.locator(".chip").count() == 0
    page.get_by_text("Write a note").click()
    page.fill("textarea", "Two\nlines")
    page.locator("form[action$='/note'] button").click()
    page.wait_for_url("**did=noted**")
    page.goto(at)
    assert page.locator(".note").inner_text() == "Two\nlines"
    page.get_by_text("Change the title").click()
    page.fill("input[name=text]", "The second ledger")
    page.locator("form[action$='/title'] button").click()
    page.wait_for_url("**did=titled**")
    page.goto(f"{own.home}/sessions?range=all")
    assert page.get_by_text("The second ledger").count() == 1
    page.goto(at)
    page.get_by_text("Forget this session").click()
    page.get_by_role("button", name="Forget it for good").click()
    page.wait_for_url("**/forgotten/**")
    assert "holds nothing of them any more" in page.locator("main").inner_text()
    page.goto(f"{own.home}/sessions?range=all")
    assert page.get_by_text("The second ledger").count() == 0
