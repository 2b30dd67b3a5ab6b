"""What each line of a replay says, on both sides of each rule."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from accrete.clock import LocalTime
from accrete.explorer.lines import LEAST_RUN, Line, Writer, named_by
from accrete.explorer.strip import PAUSE_MS
from accrete.explorer.view import View
from accrete.queries.replay import CheckRow, CommitRow
from accrete.queries.steps import HEAD, Facts, Pull, Run, Step, Turn
from tests.transcripts import START

OK = Facts("ok", None, None, None, None, None, None)
RUN = Run("a1", "Explore", "Look around", 3, 1_500_000_000, 0, START, START)
TURN = Turn("u", 1, 0, START, START, 0, 0, 0, 0, 0, 0)


def step(kind: str = "tool_call", **said: Any) -> Step:
    given = {"at": START, "uuid": "00000001-1111", "part": 0, "seq": 1, "size": 0, "number": 1,
             "answer": "msg", "use": None}  # fmt: skip
    return Step(kind, **{**given, **said})


def call(name: str = "Bash", **said: Any) -> Step:
    return step(name=name, **{"call": OK, **said})


def lines_of(
    *made: Step, own: bool = True, amounts: bool = True, folders: tuple[str, ...] = ()
) -> list[Line]:
    view = SimpleNamespace(
        viewer=SimpleNamespace(own=own, amounts=amounts),
        local=LocalTime("UTC"),
        bare=lambda path: path,
        link=lambda path: path,
    )
    writer = Writer(cast(View, view), "s1", list(made), list(folders), whole=True)
    return [line for section in writer.sections() for line in section.lines]


def line_of(made: Step, **seen: Any) -> Line:
    (found,) = lines_of(made, **seen)
    return found


@pytest.mark.parametrize(
    ("made", "tail"),
    [
        (step("typed_prompt", text="Go"), ""),
        (step("queued_prompt", text="Go"), "queued"),
        (step("prompt_beside_result", text="Go"), "sent while Claude worked"),
        (step("slash_command", text="Go"), "command"),
        (step("shell_input", text="Go"), "shell"),
        (step("typed_prompt", text="Go", mode="plan"), "plan"),
        (step("typed_prompt", text="Go", mode="default"), ""),
        (step("typed_prompt", text="Go", turn=TURN._replace(images=2)), "2 pictures"),
        (step("typed_prompt", text="Go", turn=TURN), ""),
        (step("typed_prompt", text="Go", copied=True),
         "copied from the session it was forked from"),
        (step("queued_prompt", size=1200), "queued · 1,200 characters"),
    ],
)  # fmt: skip
def test_a_prompt_says_how_it_was_sent(made, tail):
    found = line_of(made)
    assert (found.what, found.group, found.view, found.tail) == ("prompt", "human", "reading", tail)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (step("assistant_text", text=" Done. "), ("answer", "", "Done.", "", "reading", True)),
        (step("assistant_text", size=40),
         ("step", "Answer", "", "40 characters", "working", False)),
        (step("assistant_text", text=" "), ("step", "Answer", "", "", "everything", False)),
        (step("thinking", text="Hm", size=2),
         ("step", "Thinking", "", "2 characters", "working", True)),
        (step("thinking", size=2), ("step", "Thinking", "", "2 characters", "everything", False)),
        (step("shell_output", size=2), ("step", "Shell", "", "2 characters", "working", False)),
        (step("turn_end", size=61_000), ("step", "turn end", "", "1 min", "everything", False)),
        (step("compact_boundary", name="auto", size=154_000, after=21_000),
         ("rule", "", "Context compacted: 154k → 21.0k tokens, by itself", "", "working", True)),
        (step("compact_boundary", name="manual", size=154_000),
         ("rule", "", "Context compacted: 154k tokens, by /compact", "", "working", True)),
        (step("compact_boundary", after=21_000),
         ("rule", "", "Context compacted", "", "working", True)),
        (step("api_error", text="<b>Overloaded</b> now"),
         ("rule", "", "API error: Overloaded now", "", "working", True)),
        (step("api_error", text="1 <b> 2"),
         ("rule", "", "API error: 1 <b> 2", "", "working", True)),
        (step("api_error"), ("rule", "", "API error", "", "working", True)),
        (step("interruption", text="x"), ("rule", "", "Interrupted", "", "working", True)),
    ],
)  # fmt: skip
def test_what_is_no_prompt_and_no_call_has_its_name_and_size(made, expected):
    found = line_of(made)
    assert (found.what, found.name, found.text, found.tail, found.view, found.opens) == expected
    assert found.kinds == ("f" if made.kind == "api_error" else "")


def test_whoever_may_see_no_amounts_sees_no_sizes_of_the_context_and_no_cost():
    compacted = step("compact_boundary", name="auto", size=154_000, after=21_000)
    assert line_of(compacted, amounts=False).text == "Context compacted, by itself"
    assert line_of(call("Agent", run=RUN), amounts=False).tail == "3 calls"
    changed = call("Edit", call=OK._replace(added=3, removed=1, ms=2000))
    assert line_of(changed, amounts=False).tail == "2 s"


@pytest.mark.parametrize(
    ("made", "target"),
    [
        (call("Read", target="/home/dev/demo/src/a.py"), "src/a.py"),
        (call("Bash", target="x" * HEAD), "x" * HEAD),
        (call("Bash", target="x" * (HEAD + 1)), "x" * (HEAD - 1) + "…"),
        (call("Bash", target="a  \n b"), "a b"),
        (call("Skill", input='{"skill": "ship"}'), "ship"),
        (call("Skill", target="land", input='{"skill": "ship"}'), "land"),
        (call("Skill", input="[1]"), ""),
        (call("Skill", input='{"skill": 1, "command": 2}'), ""),
        (call("AskUserQuestion", input='{"questions": []}'), ""),
        (call("Agent", run=RUN), "Explore: Look around"),
        (call("Agent", run=RUN._replace(kind=None, task=None), variant="mine", target="Go"),
         "mine: Go"),
        (call("Task", target="Go"), "Go"),
    ],
)  # fmt: skip
def test_a_call_says_what_it_is_about(made, target):
    assert line_of(made, folders=("/home/dev/demo",)).target == target


@pytest.mark.parametrize("target", ["<title>", "<button> needs a label", "<div><p>x</p></div>"])
def test_a_tag_that_a_call_is_about_stays(target):
    assert line_of(call("Grep", target=target)).target == target
    assert line_of(call("Task", target=target)).target == target
    assert line_of(step("thinking", text=target)).target == target
    said = step("command_output", text=f"<local-command-stdout>{target}</local-command-stdout>")
    assert "local-command" not in line_of(said).target


@pytest.mark.parametrize(
    ("made", "tail"),
    [
        (call(call=OK._replace(ms=999)), ""),
        (call(call=OK._replace(ms=1000)), "1 s"),
        (call("Edit", call=OK._replace(added=3)), "+3 −0"),
        (call("Edit", call=OK._replace(removed=1, ms=2000)), "+0 −1 · 2 s"),
        (call("Edit", call=OK._replace(added=0, removed=0)), ""),
        (step(name="Bash"), ""),
        (call("Agent"), "its steps are not in the record"),
        (call("Agent", run=RUN._replace(calls=0, started_at=None)),
         "its steps are not in the record"),
        (call("Agent", run=RUN._replace(calls=0, cost_nano=0)), "0 calls"),
        (call("Agent", run=RUN._replace(started_at=None)), "3 calls · $1.50"),
        (call("Agent", run=RUN._replace(runs=2)), "2 subagents · 3 calls · $1.50"),
    ],
)  # fmt: skip
def test_a_call_says_what_it_changed_and_took(made, tail):
    assert line_of(made).tail == tail


@pytest.mark.parametrize(
    ("made", "chips", "kinds"),
    [
        (call(), [], ""),
        (call(call=OK._replace(status="error")), [("failed", "bad")], "f"),
        (call(call=OK._replace(status="rejected")), [("refused", "warn")], "f"),
        (call(call=OK._replace(status="interrupted")), [("stopped", "warn")], "f"),
        (call("ExitPlanMode"), [("approved", "good")], ""),
        (call("ExitPlanMode", call=OK._replace(status="rejected")), [("refused", "warn")], "f"),
        (call("ExitPlanMode", call=OK._replace(status=None)), [], ""),
        (call(call=OK._replace(by_person=1)), [("you changed it", "plain")], ""),
        (call(call=OK._replace(added=1)), [], "d"),
        (call(checks=[CheckRow("test", "pytest", "passed", 3, 0)]),
         [("pytest passed", "good")], ""),
        (call(checks=[CheckRow("test", "pytest", "failed", 2, 1)]),
         [("pytest failed 1 of 3", "bad")], "f"),
        (call(checks=[CheckRow("test", "", "failed", None, 1)]), [("test failed", "bad")], "f"),
        (call(checks=[CheckRow("test", "pytest", "unknown", None, None)]),
         [("pytest unknown", "plain")], ""),
        (call(commits=[CommitRow("1a2b3c4d5e", "Add it", "printed")]),
         [("commit 1a2b3c4 Add it", "mark")], "m"),
        (call(commits=[CommitRow(None, None, "printed")]), [("commit", "mark")], "m"),
        (call(commits=[CommitRow(None, "x" * 200, "printed")]),
         [("commit " + "x" * 83, "mark")], "m"),
    ],
)  # fmt: skip
def test_what_came_of_a_call_stands_beside_it(made, chips, kinds):
    found = line_of(made)
    assert [(chip.text, chip.tone) for chip in found.chips] == chips
    assert found.kinds == kinds


def test_a_pull_request_leads_to_its_forge_and_nowhere_else():
    made = [Pull("https://x.org/1", 12), Pull("javascript:x", None), Pull(None, None)]
    assert [(chip.text, chip.href, chip.out) for chip in line_of(call(pulls=made)).chips] == [
        ("pull request #12", "https://x.org/1", True),
        ("pull request", None, True),
        ("pull request", None, True),
    ]
    changed = call(call=OK._replace(by_person=1))
    assert [chip.text for chip in line_of(changed, own=False).chips] == ["changed"]


def test_a_failed_call_stands_open_where_it_printed_something():
    failed = call(call=OK._replace(status="error"))
    assert not line_of(replace(failed, output=" ")).open
    assert line_of(replace(failed, output=" said ")).open
    assert line_of(replace(failed, output=" said ")).output == "said"
    assert not line_of(call(output="said")).open


def test_a_plan_is_read_where_its_text_is_kept():
    plan = line_of(call("ExitPlanMode", input='{"plan": "# Do it"}'))
    assert (plan.what, plan.name, plan.text, plan.view) == ("plan", "Plan", "# Do it", "reading")
    for without in (None, '{"plan": 1}', '{"plan": ""}', "odd"):
        assert line_of(call("exit_plan_mode", input=without)).what == "step"
    assert line_of(call("mcp__browser__take_shot")).name == "take shot"


def test_only_a_pause_that_is_longer_than_others_is_told():
    later = [call(), call(at=START + PAUSE_MS), call(at=START + 2 * PAUSE_MS + 1)]
    found = lines_of(*later)
    assert [line.what for line in found] == ["step", "step", "gap", "step"]
    system = step("turn_end", at=START + 9 * PAUSE_MS)
    assert [line.what for line in lines_of(call(), system, call(at=START + 1))] == ["step"] * 3
    back = [call(at=START + PAUSE_MS), call(at=START), call(at=START + 2 * PAUSE_MS)]
    assert [line.what for line in lines_of(*back)] == ["step"] * 3


def test_so_many_reads_in_a_row_are_one_line_and_fewer_are_not():
    reads = [
        call(tool, target=f"/d/{n}.py", uuid=f"{n:08x}-1")
        for n, tool in enumerate(("Read", "Grep", "LS", "Read"))
    ]
    few = lines_of(*reads[: LEAST_RUN - 1])
    assert [line.what for line in few] == ["step"] * (LEAST_RUN - 1)
    (one,) = lines_of(*reads)
    assert (one.what, len(one.inner)) == ("run", 4)
    assert one.target == "2 files, 1 search, 1 folder in /d"
    same = [replace(reads[0], uuid=f"{n:08x}-1") for n in range(3)]
    assert lines_of(*same)[0].target == "1 file in /d"
    hidden = step("hook", uuid="0000000f-1")
    assert [line.what for line in lines_of(*reads[:2], hidden)] == ["step"] * 3
    (one,) = lines_of(*reads[:2], hidden, reads[2])
    assert len(one.inner) == 4
    failed = replace(reads[1], call=OK._replace(status="error"))
    assert [line.what for line in lines_of(reads[0], failed, reads[2])] == ["step"] * 3


def test_a_step_is_named_by_the_beginning_of_its_id_where_no_earlier_one_begins_so():
    made = [call(), call(uuid="00000001-2222"), call(part=2), call(uuid="#ab"), call(uuid="a/b")]
    assert [line.id for line in lines_of(*made)] == [
        "s-00000001", "s-00000001-2222", "s-00000001.2", "s-hab", "s-at-1-0"]  # fmt: skip
    assert [line.href for line in lines_of(*made)][3:] == ["/sessions/s1/steps/hab", "/sessions/s1"]
    assert named_by("x" * 120) == "x" * 120
    assert named_by("x" * 121) == ""


def test_the_person_sees_the_time_of_day_and_others_the_time_since_the_beginning():
    made = [call(at=None), call(uuid="00000002-1"), call(at=START + 61_000, uuid="00000003-1"),
            call(at=START - 9000, uuid="00000004-1")]  # fmt: skip
    assert [line.clock for line in lines_of(*made)] == ["", "14:13", "14:14", "14:13"]
    assert [line.clock for line in lines_of(*made, own=False)] == ["", "+0 s", "+1 min", "+0 s"]
