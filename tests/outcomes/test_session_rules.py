"""What came of a session, what it was about and what of it was accepted: each rule on both of its
sides.

Longer than a module should be because these are three tables.
"""

from __future__ import annotations

from typing import Any

import pytest

from accrete.outcomes.session import End, acceptance, category, lines, outcome
from accrete.outcomes.story import Call
from tests.practices.stories import READ, call, commit, edit, slash, told, turn


def e(error: int | None = None, error_name: str | None = None, answer: int | None = None,
      prompt: int | None = None, stop: int | None = None, **more: Any) -> End:  # fmt: skip
    return End(error, error_name, answer, prompt, stop, **more)


def asks(**more: Any) -> Call:
    return call("AskUserQuestion", **more)


def sh(text: str, **more: Any) -> Call:
    return call("Bash", text, **more)


def asked(decision: str, **more: Any) -> Call:
    return edit(decision=decision, decision_source="user_temporary", **more)


@pytest.mark.parametrize(
    ("steps", "end", "pulls", "value", "reason"),
    [
        ((commit(),), e(), 0, "shipped", "1 commit"),
        ((commit(), commit()), e(), 1, "shipped", "2 commits and 1 pull request"),
        ((), e(), 2, "shipped", "2 pull requests"),
        ((commit(kind="merged"),), e(), 0, "shipped", "1 merged"),
        ((commit(kind="amended"),), e(), 0, "shipped", "1 commit"),
        ((commit(kind="replaced"),), e(), 0, None, "nothing happened"),
        (
            (commit(kind="merged"), commit(), commit(kind="reverted"), commit(kind="merged")),
            e(),
            0,
            "shipped",
            "1 commit and 2 merged and 1 reverted",
        ),
        (
            (commit(sure="unconfirmed"),),
            e(answer=1, prompt=0),
            0,
            "explored",
            "answered, nothing edited",
        ),
        (
            (edit(), commit(sure="ambiguous")),
            e(answer=3, prompt=0),
            0,
            "delivered",
            "1 file edited, 1 commit unconfirmed",
        ),
        (
            (edit(), commit(sure="unconfirmed"), commit(sure="unconfirmed")),
            e(answer=3, prompt=0),
            0,
            "delivered",
            "1 file edited, 2 commits unconfirmed",
        ),
        (
            (edit(), commit(sure="unconfirmed", status="error")),
            e(answer=3, prompt=0),
            0,
            "delivered",
            "1 file edited, none committed",
        ),
        ((call("Bash", "x", pushed=True),), e(), 0, "shipped", "pushed"),
        (
            (call("Bash", "x", pushed=True, status="error"),),
            e(answer=1, prompt=0),
            0,
            "explored",
            "answered, nothing edited",
        ),
        (
            (edit(),),
            e(error=5, answer=4, prompt=4),
            0,
            "errored",
            "ended in an API error (unknown)",
        ),
        (
            (edit(),),
            e(error=5, error_name="rate_limit", answer=4, prompt=3),
            0,
            "errored",
            "ended in an API error (rate_limit)",
        ),
        (
            (edit(),),
            e(error=5, answer=5, prompt=3),
            0,
            "delivered",
            "1 file edited, none committed",
        ),
        (
            (edit(),),
            e(error=5, answer=6, prompt=3),
            0,
            "delivered",
            "1 file edited, none committed",
        ),
        (
            (edit(),),
            e(error=5, answer=3, prompt=6),
            0,
            "delivered",
            "1 file edited, none committed",
        ),
        ((), e(error=0), 0, "errored", "ended in an API error (unknown)"),
        ((), e(error=5, open=True), 0, None, "still running, as far as hooks saw"),
        ((commit(),), e(error=5), 0, "shipped", "1 commit"),
        ((edit(),), e(answer=4, prompt=1), 0, "delivered", "1 file edited, none committed"),
        (
            (edit(), edit("/w/b.py"), edit()),
            e(answer=4, prompt=1),
            0,
            "delivered",
            "2 files edited, none committed",
        ),
        (
            (edit(),),
            e(answer=1, prompt=0, broken_off=True, use="t0"),
            0,
            "delivered",
            "1 file edited, none committed, ended with a call of Edit",
        ),
        (
            (edit(),),
            e(answer=1, prompt=0, broken_off=True),
            0,
            "delivered",
            "1 file edited, none committed, ended in the middle of an answer",
        ),
        ((edit(status="error"),), e(answer=1, prompt=0), 0, "explored", "answered, nothing edited"),
        (
            (edit("/h/.claude/plans/a.md"),),
            e(answer=1, prompt=0),
            0,
            "explored",
            "answered, nothing edited",
        ),
        ((edit(),), e(answer=4, open=True), 0, "delivered", "1 file edited, none committed"),
        (
            (call("ExitPlanMode", status="rejected"),),
            e(answer=1, prompt=0),
            0,
            "explored",
            "a plan handed over",
        ),
        (
            (call("ExitPlanMode", status="rejected"),),
            e(answer=1, prompt=0, open=True),
            0,
            None,
            "still running, as far as hooks saw",
        ),
        (
            (call("ExitPlanMode", status="rejected"), turn()),
            e(answer=1, prompt=3),
            0,
            "abandoned",
            "the last prompt has no answer, nothing edited",
        ),
        ((), e(), 0, None, "nothing happened"),
        ((), e(open=True), 0, None, "nothing happened"),
        ((), e(prompt=0), 0, "abandoned", "no answer"),
        ((), e(answer=0), 0, "explored", "answered, nothing edited"),
        ((), e(answer=0, prompt=0, stop=1), 0, "abandoned", "stopped, nothing edited"),
        ((), e(prompt=0, stop=0), 0, "abandoned", "no answer"),
        ((), e(answer=2, prompt=0, stop=2), 0, "explored", "answered, nothing edited"),
        ((), e(answer=2, prompt=0, stop=3), 0, "abandoned", "stopped, nothing edited"),
        (
            (),
            e(answer=0, prompt=1),
            0,
            "abandoned",
            "the last prompt has no answer, nothing edited",
        ),
        ((), e(answer=1, prompt=1), 0, "explored", "answered, nothing edited"),
        ((), e(answer=2, prompt=1, open=True), 0, None, "still running, as far as hooks saw"),
        ((), e(prompt=1, open=True), 0, None, "still running, as far as hooks saw"),
        ((), e(answer=2, stop=1, prompt=0), 0, "explored", "answered, nothing edited"),
        (
            (READ,),
            e(answer=1, prompt=0, broken_off=True, use="t0"),
            0,
            "unfinished",
            "ended with a call of Read, nothing edited",
        ),
        (
            (call("Read", status=None),),
            e(answer=1, prompt=0, broken_off=True, use="t0"),
            0,
            "unfinished",
            "ended with a call of Read that has no result, nothing edited",
        ),
        (
            (READ,),
            e(answer=1, prompt=0, broken_off=True, use="zz"),
            0,
            "unfinished",
            "ended with a tool call, nothing edited",
        ),
        (
            (READ,),
            e(answer=1, prompt=0, broken_off=True),
            0,
            "unfinished",
            "ended in the middle of an answer, nothing edited",
        ),
        ((READ,), e(answer=1, prompt=0, use="t0"), 0, "explored", "answered, nothing edited"),
        (
            (asks(status="error"),),
            e(answer=1, prompt=0, broken_off=True, use="t0"),
            0,
            "unfinished",
            "ended with a question that was not answered, nothing edited",
        ),
        (
            (asks(),),
            e(answer=1, prompt=0, broken_off=True, use="t0"),
            0,
            "unfinished",
            "ended before Claude went on, nothing edited",
        ),
        (
            (call("StructuredOutput"),),
            e(prompt=0, broken_off=True, use="t0"),
            0,
            "explored",
            "answered, nothing edited",
        ),
        (
            (call("StructuredOutput", status="error"),),
            e(prompt=0, broken_off=True, use="t0"),
            0,
            "unfinished",
            "ended with a call of StructuredOutput, nothing edited",
        ),
        ((call("Brief"),), e(prompt=0, answer=0), 0, "explored", "answered, nothing edited"),
        ((call("Brief"),), e(answer=5, prompt=3), 0, "explored", "answered, nothing edited"),
        (
            (
                READ,
                call("Brief"),
            ),
            e(prompt=0, stop=1),
            0,
            "explored",
            "answered, nothing edited",
        ),
        (
            (
                READ,
                call("Brief"),
            ),
            e(prompt=0, stop=2),
            0,
            "abandoned",
            "stopped, nothing edited",
        ),
        ((call("Brief", run="r"),), e(prompt=0), 0, "abandoned", "no answer"),
    ],
)
def test_the_first_rule_that_holds_decides_what_came_of_a_session(steps, end, pulls, value, reason):
    assert outcome(told(*steps), end, pulls) == (value, reason)


@pytest.mark.parametrize(
    ("calls", "found"),
    [
        ([], (0, 0, 0, None, None)),
        ([edit()], (1, 1, 0, None, None)),
        ([edit(status=None)], (0, 0, 0, None, None)),
        ([edit(), edit(status="error")], (2, 1, 0, None, None)),
        (
            [
                edit(user_modified=1),
                edit(user_modified=0),
                edit(user_modified=1, status="rejected"),
            ],
            (3, 2, 1, None, None),
        ),
        ([edit(user_modified=1), edit(user_modified=1)], (2, 2, 2, None, None)),
        ([asked("accept"), asked("reject", status="rejected")], (2, 1, 0, 1, 1)),
        ([asked("accept", status="rejected")], (1, 0, 0, 0, 1)),
        ([asked("reject")], (1, 1, 0, 0, 1)),
        ([edit(decision="reject", decision_source="hook")], (1, 1, 0, None, None)),
        ([call("Write", added=1), call("Bash")], (1, 1, 0, None, None)),
    ],
)
def test_edits_are_proposed_landed_changed_accepted_or_rejected(calls, found):
    assert acceptance(calls) == found


@pytest.mark.parametrize(
    ("steps", "branch", "value", "reason"),
    [
        ((edit("/w/a.md"),), None, "docs", "only prose was edited"),
        ((edit("/w/a.md"), turn("Debug this")), None, "fix", "the prompt says “Debug”"),
        ((edit("/w/a.md"), turn("Fix this")), None, "docs", "only prose was edited"),
        (
            (edit("/w/a.md"), turn("A new release")),
            None,
            "operate",
            "a release, only prose was edited",
        ),
        (
            (turn(), turn(), turn(), turn("bump"), edit("/w/a.md")),
            None,
            "docs",
            "only prose was edited",
        ),
        (
            (turn(), turn(), turn("bump"), edit("/w/a.md")),
            None,
            "operate",
            "a release, only prose was edited",
        ),
        ((edit("/w/tests/a.py"),), None, "test", "only tests were edited"),
        ((edit("/w/tests/a.py"), edit("/w/a.md")), None, "test", "only tests were edited"),
        ((edit("/w/tests/a.py"), turn("Fix it")), None, "fix", "the prompt says “Fix”"),
        ((edit("/w/tests/a.py"), turn("Add it")), None, "test", "only tests were edited"),
        ((edit("/w/tests/a.py"), edit()), None, "feature", "2 lines added, 0 removed"),
        (
            (edit("/w/Dockerfile"), edit("/w/package.json")),
            None,
            "operate",
            "only files of the build and of packages were edited",
        ),
        ((edit("/w/Dockerfile"), edit()), None, "feature", "2 lines added, 0 removed"),
        ((edit(),), "fix/a", "fix", "branch fix/a"),
        ((edit(),), "kim/feature-x", "feature", "branch kim/feature-x"),
        ((edit(),), "docs/x", "feature", "1 line added, 0 removed"),
        ((edit(),), "chore/x", "feature", "1 line added, 0 removed"),
        ((edit(),), "fixes", "feature", "1 line added, 0 removed"),
        ((edit(), turn("Fix it")), "refactor/x", "refactor", "branch refactor/x"),
        ((edit(), commit("fix: a")), "refactor/x", "refactor", "branch refactor/x"),
        (
            (edit(), commit("fix: a"), commit("feat: b"), commit("fix(x)!: c")),
            None,
            "fix",
            "2 of 3 commit subjects",
        ),
        (
            (edit(), commit("chore: a"), commit("docs: b")),
            None,
            "feature",
            "1 line added, 0 removed",
        ),
        (
            (edit(), commit("chore: a"), commit("chore: a"), commit("feat: b")),
            None,
            "feature",
            "1 of 3 commit subjects",
        ),
        (
            (edit(), commit("Fix the cart"), turn("Refactor")),
            None,
            "refactor",
            "the prompt says “Refactor”",
        ),
        ((edit(), commit(None)), None, "feature", "1 line added, 0 removed"),
        ((edit(), commit("feat: a"), turn("Fix it")), None, "feature", "1 of 1 commit subjects"),
        ((edit(), turn("Hello"), turn("Fix it")), None, "fix", "the prompt says “Fix”"),
        ((edit(), turn("Add a fix")), None, "feature", "the prompt says “Add”"),
        ((edit(), turn("Fix by adding support")), None, "fix", "the prompt says “Fix”"),
        ((edit(), *[turn("Hi")] * 6, turn("Fix it")), None, "feature", "1 line added, 0 removed"),
        ((edit(), *[turn("Hi")] * 5, turn("Fix it")), None, "fix", "the prompt says “Fix”"),
        ((edit(), turn("x" * 600 + " fix")), None, "feature", "1 line added, 0 removed"),
        ((edit(), slash("fix", "it")), None, "fix", "the prompt says “fix”"),
        ((edit(added=0, removed=0),), None, "feature", "code was edited"),
        ((edit(added=2, removed=4),), None, "feature", "2 lines added, 4 removed"),
        ((edit(added=2, removed=5),), None, "refactor", "2 lines added, 5 removed"),
        ((edit(added=None, removed=None),), None, "feature", "code was edited"),
        ((edit(added=0, removed=1),), None, "refactor", "0 lines added, 1 removed"),
        (
            (edit(added=1, removed=0), edit(added=0, removed=3)),
            None,
            "refactor",
            "1 line added, 3 removed",
        ),
        ((), None, "explore", "answered without tools"),
        ((turn("deploy it"),), None, "operate", "the prompt says “deploy”, nothing edited"),
        (
            (turn(), turn(), turn(), turn("deploy it")),
            None,
            "operate",
            "the prompt says “deploy”, nothing edited",
        ),
        (
            (turn(), turn(), turn(), turn(), turn("deploy it")),
            None,
            "explore",
            "answered without tools",
        ),
        ((READ,), None, "explore", "nothing edited"),
        ((sh("git push"),), None, "explore", "nothing edited"),
        (
            (sh("npm ci; git pull"),),
            None,
            "operate",
            "2 of 2 commands change the surroundings, nothing edited",
        ),
        (
            (sh("npm ci; a; b; git pull"),),
            None,
            "operate",
            "2 of 4 commands change the surroundings, nothing edited",
        ),
        ((sh("npm ci; a; b; c; git pull"),), None, "explore", "nothing edited"),
        ((sh("git log; git status"),), None, "explore", "nothing edited"),
        (
            (sh("/usr/bin/rm a; rm b"),),
            None,
            "operate",
            "2 of 2 commands change the surroundings, nothing edited",
        ),
        (
            (sh("x", pushed=True),),
            None,
            "operate",
            "0 of 1 commands change the surroundings, nothing edited",
        ),
        ((commit(),), None, "operate", "1 of 1 commands change the surroundings, nothing edited"),
        (
            (sh("rm a; gh pr view; rm b; gh pr list"),),
            None,
            "operate",
            "2 of 4 commands change the surroundings, nothing edited",
        ),
        ((call("Read", "rm a; rm b"),), None, "explore", "nothing edited"),
    ],
)
def test_the_first_rule_that_says_something_decides_what_a_session_was_about(
    steps, branch, value, reason
):
    assert category(told(*steps), branch) == (value, reason)


def test_lines_are_those_of_calls_that_ended_well_and_whose_patch_is_known():
    assert lines([]) == (None, None)
    assert lines([edit(added=None)]) == (None, None)
    assert lines([edit(added=0)]) == (0, 0)
    some = [edit(added=2, removed=3), edit(added=1, removed=None), edit(added=9, status="error")]
    assert lines([*some, edit(added=None)]) == (3, 3)
