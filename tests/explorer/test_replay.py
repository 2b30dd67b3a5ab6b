"""The replay: that it shows every step, where it belongs, to whom it may be shown.

Longer than a module should be because page, steps and exports are held against one session that has
everything.
"""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import hypothesis
import pytest
from hypothesis import strategies as st
from starlette.testclient import TestClient

from accrete.database import Sqlite
from accrete.edge.local import MINE
from accrete.explorer.lines import LONG, _parted
from accrete.explorer.replay_size import LEAST, level
from accrete.explorer.strip import GUTTER, WIDTH, strip
from accrete.model import Tier
from accrete.present.leads import of_session
from accrete.queries.replay import SHOWN_KINDS, replay
from accrete.queries.scope import Scope
from accrete.queries.steps import deeds, steps, told, whole, words
from tests.explorer import asking
from tests.record.test_tiers import marked
from tests.records import called, kept, rows, world
from tests.transcripts import Transcript

pytestmark = pytest.mark.long

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(2)>',
    "[a](javascript:alert(3)) ![b](https://example.com/x.png)",
    "\u202eabc\u202c\u200b\x00\x1b[31mred",
    "{{ 7001*3 }}",
    "w" * 3000,
)
PATCH = {"oldStart": 1, "oldLines": 1, "newStart": 1, "newLines": 1, "lines": ["-a = 1", "+a = 2"]}


def ids(n: int) -> str:
    """The id of a record that begins unlike all others."""
    return f"{n:08x}-2222-4000-8000-000000000000"


def story() -> Transcript:
    """A session with everything that a replay draws apart."""
    t = Transcript(1)
    t.prompt("Plan the export", uuid=ids(1), permissionMode="plan")
    for n, path in enumerate(("a", "b", "b", "c")):
        t.call("Read", {"file_path": f"/home/dev/demo/src/report/{path}.py"},
               message_id=f"r{n}", use=f"r{n}", uuid=ids(10 + n))  # fmt: skip
        t.result("text", use=f"r{n}")
    t.call("Grep", {"pattern": "csv"}, message_id="r9", use="r9", uuid=ids(19))
    t.result("3 lines", use="r9")
    t.call("ExitPlanMode", {"plan": "# The plan\n\n- one *writer*"}, message_id="p", use="p",
           uuid=ids(2))  # fmt: skip
    t.result("User has approved your plan", use="p")
    t.prompt("Semicolons, please", uuid=ids(3), after_ms=42 * 60_000)
    t.call("Edit", {"file_path": "/home/dev/demo/src/csv.py", "old_string": "a = 1",
                    "new_string": "a = 2"}, message_id="e", use="e", uuid=ids(4))  # fmt: skip
    t.result("ok", use="e", told={"filePath": "/home/dev/demo/src/csv.py",
                                  "structuredPatch": [PATCH]})  # fmt: skip
    t.call("Bash", {"command": "pytest -q"}, message_id="f", use="f", uuid=ids(5))
    t.result("Exit code 1\nFAILED test_csv.py::test_quotes", use="f", error=True)
    t.call("Bash", {"command": "git commit -am 'Add the export'"}, message_id="c", use="c",
           uuid=ids(6))  # fmt: skip
    t.result("[main 1a2b3c4] Add the export\n 1 file changed", use="c")
    t.answer("end", blocks=[{"type": "text", "text": "It is **done**: see [docs](https://x.org/a)."}],
             uuid=ids(7))  # fmt: skip
    t.add("system", subtype="compact_boundary", content="Conversation compacted", uuid=ids(8),
          compactMetadata={"trigger": "auto", "preTokens": 154_000})  # fmt: skip
    t.answer("after", usage={"input_tokens": 21_000, "cache_read_input_tokens": 0}, uuid=ids(9))
    t.lines.append({"type": "ai-title", "aiTitle": "CSV export", "sessionId": t.session})
    return t


@pytest.fixture
def told_story(settings, opened):
    made = story()
    kept(settings, made)
    return opened(settings), f"/sessions/{made.session}"


def element(page: str, anchor: str) -> str:
    """What follows the beginning of the element of an id, up to the next one with an id."""
    found = re.search(
        rf'<[^<>]*\bid="{re.escape(anchor)}".*?(?=<\w+[^<>]* id="|</section>)', page, re.S
    )
    assert found is not None, anchor
    return found[0]


@pytest.mark.long
def test_every_step_of_the_terminal_stands_in_the_page_once_and_in_order(settings, opened):
    world(settings)
    kept(settings)
    client = opened(settings)
    for (session,) in rows(settings, "SELECT id FROM session"):
        page = client.get(f"/sessions/{session}").text
        anchors = re.findall(r' id="(s-[^"]+)"', page)
        db = Sqlite(settings.database, readonly=True)
        entries = db.ask(replay(replace(MINE, session=session)))
        db.close()
        assert len(anchors) == len(set(anchors)) >= len(entries) > 0
        listed = client.get(f"/sessions/{session}?format=json").json()["tables"]["steps"]
        assert [each["id"] for each in listed if each["kind"] in SHOWN_KINDS] == [
            entry.uuid for entry in entries
        ]


def test_the_skeleton_and_the_replay_of_the_terminal_agree(settings):
    kept(settings, story())
    db = Sqlite(settings.database, readonly=True)
    scope = Scope((1,), session=story().session)
    made = told(db.ask(steps(scope)), db.ask(deeds(scope)), db.ask(words(scope)))
    entries = db.ask(replay(scope))
    db.close()
    assert [
        (e.kind, e.number, e.at, e.uuid, e.commits, e.checks, e.pulls) for e in entries
    ] == [
        (s.kind, s.number, s.at, s.uuid, list(s.commits), list(s.checks), [p.url for p in s.pulls])
        for s in made if s.kind in SHOWN_KINDS
    ]  # fmt: skip


def test_steps_read_at_once_are_those_read_tier_by_tier(settings):
    world(settings)
    made = story()
    made.call("TodoWrite", {"todos": ["long" * 90]}, message_id="todo", use="todo")
    made.result(use="todo")
    made.call("Bash", {"command": "make"}, message_id="l", use="l")
    made.result("Exit code 2\n" + "".join(f"line {n}\n" for n in range(300)), use="l", error=True)
    kept(settings, made)
    runs = rows(settings, "SELECT session, agent FROM agent_run")
    db = Sqlite(settings.database, readonly=True)
    for session, run in [*rows(settings, "SELECT id, '' FROM session"), *runs]:
        scope = Scope((1,), session=session)
        apart = told(
            db.ask(steps(scope, run)), db.ask(deeds(scope, run)), db.ask(words(scope, run))
        )
        assert told(*db.ask(whole(scope, run))) == apart != []
        if session == made.session and not run:
            said = {step.use: step.input or step.output for step in apart if step.use}
            assert json.loads(said["todo"]) == {"todos": ["long" * 90]}
            assert said["l"].startswith("…")
            assert said["l"].endswith("line 299\n")
    db.close()


def test_it_begins_with_what_the_session_did(told_story):
    client, path = told_story
    said = asking.words(client.get(path).text)
    assert "CSV export" in said
    assert "2 prompts, 9 tool calls in" in said
    assert "1 file changed (+1 −1 lines); 1 check, 1 of them failed; 1 commit." in said
    assert f"claude --resume {story().session}" in said


def test_a_step_says_what_when_and_what_came_of_it(told_story):
    client, path = told_story
    page = client.get(path).text
    edit = asking.words(element(page, "s-00000004"))
    assert edit.endswith("Edit src/csv.py +1 −1")
    commit = asking.words(element(page, "s-00000006"))
    assert "commit 1a2b3c4 Add the export" in commit
    compacted = asking.words(element(page, "s-00000008"))
    assert "Context compacted: 154k → 21.0k tokens, by itself" in compacted
    assert "42 min later" in asking.words(page)


def test_what_failed_stands_open_with_the_end_of_what_it_printed(told_story):
    client, path = told_story
    page = client.get(path).text
    failed, commit = element(page, "s-00000005"), element(page, "s-00000006")
    assert "<details open>" in failed
    assert "FAILED test_csv.py::test_quotes" in failed
    assert "<details open>" not in commit
    assert "1 file changed" not in commit


def test_reads_and_searches_in_a_row_are_one_line_that_holds_them(told_story):
    client, path = told_story
    run = re.search(r'<div class="run.*?(?=<div class="plan)', client.get(path).text, re.S)
    assert run is not None
    assert "3 files, 1 search in src/report" in asking.words(run[0])
    assert re.findall(r'id="(s-\w+)"', run[0]) == [
        "s-0000000a", "s-0000000b", "s-0000000c", "s-0000000d", "s-00000013",
    ]  # fmt: skip


def test_plans_and_answers_are_read_as_markdown(told_story):
    client, path = told_story
    page = client.get(path).text
    assert "<li>one <em>writer</em></li>" in element(page, "s-00000002")
    answer = element(page, "s-00000007")
    assert "<strong>done</strong>" in answer
    assert re.search(r'<a href="https://x.org/a" class="out" rel="noreferrer nofollow">', answer)


def test_sightings_stand_at_their_step_and_lead_to_the_practice(told_story, settings):
    client, path = told_story
    page = client.get(path).text
    found = rows(settings, "SELECT practice, uuid FROM sighting WHERE agent = ''")
    assert {practice for practice, _ in found} >= {"planning", "committing"}
    for practice, uuid in found:
        assert f"/practices/{practice}" in element(page, f"s-{uuid[:8]}"), (practice, uuid)


@pytest.mark.long
def test_a_step_opens_as_a_part_and_as_a_page(told_story):
    client, path = told_story
    whole = client.get(f"{path}/steps/00000004")
    part = client.get(f"{path}/steps/00000004", headers={"HX-Request-Type": "partial"})
    for text in (whole.text, part.text):
        assert "<mark>1</mark>" in text
        assert "<mark>2</mark>" in text
    assert "<html" in whole.text
    assert f'href="{path}?view=everything#s-00000004"' in whole.text
    assert "<html" not in part.text
    assert "<main" not in part.text
    assert client.get(f"{path}/steps/00000004-2222").status_code == 200
    for wrong in ("ffffffff", "%25", "00000004.9", "..%2f..", "'", "0" * 200):
        assert client.get(f"{path}/steps/{wrong}").status_code == 404, wrong


@pytest.fixture
def long_story(settings, opened, monkeypatch):
    """A session whose texts have no room in one page, and the ids of its whole page."""
    made = story()
    made.answer("long", blocks=[{"type": "text", "text": "A long answer. " * 40 + "Its end."}])
    made.prompt("A long prompt " * 60 + "its end")
    made.call("Bash", {"command": "make " + "target " * 60}, message_id="l", use="l")
    made.result("Exit code 2\n" + "line\n" * 90, use="l", error=True)
    kept(settings, made)
    client, path = opened(settings), f"/sessions/{made.session}"
    whole = client.get(path).text
    monkeypatch.setattr("accrete.explorer.lines.ROOM", 1)
    return client, path, whole


@pytest.mark.long
def test_a_long_replay_has_the_beginning_of_each_text_and_a_way_to_all_of_it(long_story):
    client, path, whole = long_story
    cut = client.get(path).text
    assert len(cut) < len(whole)
    assert "Its end." in whole
    assert "Its end." not in cut
    assert "its end" not in cut
    links = re.findall(r'class="more" href="([^"]+)">All of it', cut)
    told = [client.get(link, headers={"HX-Request-Type": "partial"}).text for link in links]
    assert any("Its end." in each for each in told)
    assert any("its end" in each for each in told)
    assert "<details open>" in whole
    assert "<details open>" not in cut
    assert 'class="more"' not in whole


@pytest.mark.long
def test_a_long_replay_leaves_out_system_records_unless_everything_is_asked_for(long_story):
    client, path, whole = long_story
    everything = re.findall(r' id="(s-[^"]+)"', whole)
    cut, all_of_it = client.get(path).text, client.get(f"{path}?view=everything").text
    system = re.findall(r'<div class="step le \w+[^"]*" id="(s-[^"]+)"', whole)
    assert system
    assert re.findall(r' id="(s-[^"]+)"', all_of_it) == everything
    assert re.findall(r' id="(s-[^"]+)"', cut) == [
        each for each in everything if each not in system
    ]
    assert re.search(r'<a href="[^"]*view=everything[^"]*" title="[^"]+">everything</a>', cut)
    assert 'type="radio" name="view" value="everything"' in all_of_it


@pytest.mark.long
@hypothesis.given(st.lists(st.integers(0, 3000), max_size=60), st.integers(-500, 40_000))
def test_texts_have_as_much_room_as_there_is(sizes, room):
    most = level(sizes, room)
    if most is None:
        assert sum(sizes) <= max(room, 0)
    else:
        assert sum(sizes) > room
        taken = sum(min(size, most) for size in sizes)
        assert most == LEAST or taken <= room < taken + len(sizes)


@pytest.mark.parametrize(
    "text",
    ["short", "word " * 2000, "line\n" * 400, "w" * 9000, "\n" * 5000, "a b\n\n" * 300,
     "\n".join(["w" * 80] * 24), "\n".join(["w" * 80] * 25)],
)  # fmt: skip
def test_a_long_prompt_is_folded_and_none_of_it_is_lost(text):
    first, rest = _parted(text)
    assert (first + rest).replace("\n", "") == text.replace("\n", "")
    assert len(first) <= LONG + 300
    assert bool(rest) == (len(text.strip()) > 1000)


def test_the_first_sentence_says_what_was_done_and_leaves_out_what_was_not():
    given = {
        "prompts": 1, "calls": 0, "files": 0, "added": None, "removed": None, "commits": 0,
        "checks": 0, "checks_failed": 0, "active_ms": None, "cost_nano": 0, "unpriced": 0,
    }  # fmt: skip
    assert of_session(**given) == ["1 prompt, 0 tool calls."]
    paid = {**given, "cost_nano": 2 * 10**9}
    assert of_session(**paid) == ["1 prompt, 0 tool calls for $2.00."]
    assert of_session(**paid, lower_bound=1) == ["1 prompt, 0 tool calls for at least $2.00."]
    assert of_session(**{**given, "prompts": 0}) == ["Nothing was asked in this session."]
    worked = {"calls": 3, "files": 2, "added": 1200, "removed": None, "commits": 1, "checks": 2,
              "active_ms": 600_000, "cost_nano": 1_840_000_000, "unpriced": 1}  # fmt: skip
    assert of_session(**{**given, **worked}) == [
        "1 prompt, 3 tool calls in 10 minutes of active time for at least $1.84.",
        "2 files changed (+1,200 −0 lines); 2 checks; 1 commit.",
    ]


@pytest.mark.long
def test_every_step_has_a_page_of_its_own(told_story):
    client, path = told_story
    page = client.get(path).text
    links = set(re.findall(rf'href="({path}/steps/[^"]+)"', page))
    assert len(links) >= 9
    for link in links:
        assert client.get(link).status_code == 200, link


def test_calls_without_a_target_say_what_they_are_about(settings, opened):
    made = Transcript(1)
    made.prompt("Go")
    todos = [
        {"content": "Read", "status": "completed"},
        {"content": "Write", "status": "in_progress"},
    ]
    for n, (tool, given) in enumerate((
        ("TodoWrite", {"todos": todos}),
        ("AskUserQuestion", {"questions": [{"question": "Which one?"}]}),
        ("TodoWrite", {"todos": "odd"}),
        ("Task", {"subagent_type": "Explore", "description": "look", "prompt": "Look."}),
    )):  # fmt: skip
        made.call(tool, given, message_id=f"m{n}", use=f"u{n}", uuid=ids(n + 11))
        made.result("ok", use=f"u{n}")
    kept(settings, made)
    page = opened(settings).get(f"/sessions/{made.session}").text
    assert "TodoWrite 1 of 2 done; now: Write" in asking.words(element(page, "s-0000000b"))
    assert "AskUserQuestion Which one?" in asking.words(element(page, "s-0000000c"))
    assert asking.words(element(page, "s-0000000d")).endswith("TodoWrite")
    assert "Explore: look its steps are not in the record" in asking.words(
        element(page, "s-0000000e")
    )


@pytest.mark.long
def test_a_subagent_opens_with_its_calls_once(settings, opened):
    world(settings)
    kept(settings)
    client = opened(settings)
    session, use, uuid = rows(
        settings,
        "SELECT c.session, c.tool_use_id, c.uuid FROM tool_call c JOIN agent_run a"
        " ON a.started_by = c.tool_use_id",
    )[0]
    calls = rows(settings, "SELECT COUNT(*) FROM tool_call WHERE run = 'a1b2c3'")[0][0]
    page = client.get(f"/sessions/{session}").text
    assert f"{calls} calls" in asking.words(page)
    opened_step = client.get(f"/sessions/{session}/steps/{uuid}").text
    assert opened_step.count('<div class="inner">') == (1 if calls else 0)


def test_the_view_and_the_filter_of_the_url_are_chosen(told_story):
    client, path = told_story
    page = client.get(f"{path}?view=reading&steps=human,tool,nonsense").text
    assert re.findall(r'value="(\w+)" checked', page) == ["reading", "human", "tool"]
    assert re.findall(r'value="(\w+)" checked', client.get(f"{path}?view=x&steps=y").text) == [
        "working", "human", "agent", "tool", "system",
    ]  # fmt: skip


@pytest.mark.long
def test_a_late_line_changes_no_address(settings, opened):
    made = story()
    kept(settings, made)
    client = opened(settings)
    path = f"/sessions/{made.session}"
    before = re.findall(r' id="(s-[^"]+)"', client.get(path).text)
    made.prompt("One more", uuid="00000004-3333-4000-8000-000000000000")
    kept(settings, made)
    after = re.findall(r' id="(s-[^"]+)"', client.get(path).text)
    assert after[: len(before)] == before
    assert after[len(before) :] == ["s-00000004-3333-4000-8000-000000000000"]
    assert "One more" in client.get(f"{path}/steps/{after[-1][2:]}").text


def test_records_without_an_id_and_with_an_odd_one_have_addresses_or_none(settings, opened):
    made = Transcript(1)
    made.prompt("Odd", uuid='"><b>&/../x?')
    made.add("system", content="a notice", subtype="x", uuid=None)
    made.answer("m", uuid="é" * 8)
    kept(settings, made)
    client = opened(settings)
    page = client.get(f"/sessions/{made.session}?view=everything")
    assert page.status_code == 200
    links = re.findall(r'href="(/sessions/[^"]+/steps/[^"]+)"', page.text)
    for link in links:
        assert client.get(html.unescape(link)).status_code == 200, link
    assert "Odd" in page.text


class Elements(HTMLParser):
    """Collects what a browser would make of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def attacked() -> Transcript:
    t = Transcript(1, gitBranch=HOSTILE[0])
    for n, text in enumerate(HOSTILE):
        t.prompt(text)
        t.answer(f"t{n}", blocks=[{"type": "thinking", "thinking": text}])
        for tool, given in (
            ("Bash", {"command": text, "description": text}),
            ("Read", {"file_path": f"/home/dev/demo/{text}"}),
            ("Edit", {"file_path": f"/x/{text}.py", "old_string": text, "new_string": f"{text}2"}),
            ("ExitPlanMode", {"plan": text}),
            ("mcp__x__" + text, {text: text}),
            ("Task", {"subagent_type": text, "description": text, "prompt": text}),
        ):
            use = f"u{n}{tool[:4]}"
            hunk = {**PATCH, "lines": [f"-{text}", f"+{text}!"]}
            t.call(tool, given, message_id=f"m{use}", use=use)
            t.result(text, use=use, error=n % 2 == 0, told={"structuredPatch": [hunk]})
        t.answer(f"a{n}", blocks=[{"type": "text", "text": text}])
    t.lines.append({"type": "ai-title", "aiTitle": HOSTILE[0], "sessionId": t.session})
    return t


@pytest.mark.long
def test_no_text_of_a_transcript_is_markup_anywhere(settings, opened):
    made = attacked()
    kept(settings, made)
    client = opened(settings)
    path = f"/sessions/{made.session}"
    page = client.get(f"{path}?view=everything").text
    links = sorted(set(re.findall(rf'href="({path}/steps/[^"]+)"', page)))
    assert len(links) > 30
    for text in (page, *(client.get(link).text for link in links)):
        for tag, attributes in Elements(text).found:
            assert tag not in ("img", "iframe", "object", "style", "base", "embed")
            assert tag != "form" or (attributes.get("action") or "").startswith(f"{path}/")
            assert tag != "script" or (attributes.get("src") or "").startswith("/static/")
            assert not any(name.startswith(("on", "style")) for name in attributes)
            target = attributes.get("href", "#")
            assert target is not None
            assert target.startswith(("/", "#", "https://", "data:,"))
        assert re.findall(".{0,30}[\u202e\u200b\x00\x1b]", text) == []
        assert "21003" not in text


@pytest.mark.long
@pytest.mark.parametrize(("tier", "activity"), [(Tier.ACTIVITY, True), (Tier.METADATA, False)])
def test_what_lies_above_a_viewers_tier_is_on_no_page(settings, shown_to, tier, activity):
    made = marked()
    kept(settings, made)
    client = shown_to(scope=replace(MINE, tier=tier))
    path = f"/sessions/{made.session}"
    page = client.get(f"{path}?view=everything").text
    links = set(re.findall(rf'href="({path}/steps/[^"]+)"', page))
    assert len(links) >= 3
    texts = [page, client.get(f"{path}?format=json").text, client.get(f"{path}?format=csv").text]
    texts += [client.get(link).text for link in links]
    assert not any("WORDS" in text for text in texts)
    assert any("ACTIVITY" in text for text in texts) == activity
    assert not any(re.search(r"\b14:1\d\b", asking.words(text)) for text in texts)  # hours
    for form in ("md", "html", "json"):
        assert client.get(f"{path}.{form}").status_code == 404


def test_ones_own_session_is_shown_whole(settings, opened):
    made = marked()
    kept(settings, made)
    page = opened(settings).get(f"/sessions/{made.session}").text
    for said in ("WORDS of a prompt", "WORDS of a thought", "WORDS of an answer",
                 "WORDS of a title", "WORDS of a task", "ACTIVITY.py"):  # fmt: skip
        assert said in page


def test_what_a_person_shares_at_a_lower_tier_is_left_out_of_their_own_page(settings, shown_to):
    made = marked()
    kept(settings, made)
    db = Sqlite(settings.database)
    with db.transaction():
        db.run("UPDATE person SET tier = 1")
    db.close()
    client = shown_to(scope=replace(MINE, tier=Tier.METADATA), own=True)
    page = client.get(f"/sessions/{made.session}").text
    assert "WORDS of a prompt" not in page
    assert "ACTIVITY" not in page
    assert 'class="step' in page


def test_the_exports_are_those_of_the_terminal(told_story, settings, capsys, monkeypatch, tmp_path):
    client, path = told_story
    monkeypatch.setenv("ACCRETE_HOME", str(settings.home))
    monkeypatch.setenv("TZ", "UTC")
    for form in ("md", "html"):
        file = tmp_path / f"one.{form}"
        code, _, err = called(capsys, "export", str(file), "--session", story().session)
        assert code == 0, err
        got = client.get(f"{path}.{form}")
        assert got.text == file.read_text()
        assert (
            got.headers["content-disposition"] == f'attachment; filename="accrete-00000001.{form}"'
        )
    _, out, _ = called(capsys, "show", story().session, "--json")
    assert client.get(f"{path}.json").json() == json.loads(out)


def test_a_session_that_is_not_there_is_said_so(told_story):
    client, _ = told_story
    for path in (
        "/sessions/ffffffff",
        "/sessions/ffffffff.md",
        "/sessions/ffffffff/steps/00000001",
    ):
        assert client.get(path).status_code == 404


def test_sessions_before_and_after_are_linked(settings, opened):
    from tests.transcripts import busy

    kept(settings, busy(1), busy(2), busy(3))
    page = opened(settings).get(f"/sessions/{busy(2).session}?range=all").text
    assert re.search(rf'rel="prev" href="/sessions/{busy(1).session}', page)
    assert re.search(rf'rel="next" href="/sessions/{busy(3).session}', page)


def test_the_strip_leaves_pauses_out_and_marks_each_kind_by_its_shape(settings):
    kept(settings, story())
    db = Sqlite(settings.database, readonly=True)
    scope = Scope((1,), session=story().session)
    made = told(db.ask(steps(scope)), db.ask(deeds(scope)), None)
    db.close()
    drawn = strip(made, lambda step: step.uuid[:8], str)
    assert drawn is not None
    assert [label for _, label in drawn.breaks] == ["42 min"]
    assert {mark.kind for mark in drawn.marks} == {"failed", "commit", "compaction"}
    assert all(GUTTER <= bar.x <= bar.x + bar.width <= WIDTH + 0.2 for bar in drawn.bars)
    first, second = (bar for bar in drawn.bars if bar.lane == 0)
    assert first.x < drawn.breaks[0][0] < second.x + second.width
    assert strip(made[:0], lambda step: "", str) is None


@pytest.mark.long
def test_a_session_of_thousands_of_steps_is_sent_while_it_is_written(settings, opened):
    made = Transcript(1)
    for n in range(400):
        made.prompt(f"Do {n}", uuid=ids(10_000 + n))
        for k in range(4):
            made.call("Bash", {"command": f"make part{k}"}, message_id=f"m{n}.{k}", use=f"u{n}.{k}",
                      uuid=ids(100_000 + 10 * n + k))  # fmt: skip
            made.result("ok", use=f"u{n}.{k}")
    kept(settings, made)
    client = opened(settings)
    part_by_part = TestClient(client.app, base_url=asking.HOME, cookies=client.cookies)
    with part_by_part.stream("GET", f"/sessions/{made.session}") as answer:
        pieces = list(answer.iter_raw())
    assert len(pieces) > 3
    page = client.get(f"/sessions/{made.session}").text
    assert len(re.findall(r' id="s-', page)) == 2000
    assert sum(map(len, pieces)) < 60_000
