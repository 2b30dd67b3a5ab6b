"""What practices of thinking, correcting, checking and committing find in a session, told as its
story, so that order, subagents, refusals and times stand at every limit."""

from __future__ import annotations

from typing import Any

import pytest

from accrete.outcomes.checks import Check
from tests.practices.stories import (
    GREEN,
    READ,
    RED,
    Call,
    call,
    check,
    commit,
    edit,
    found,
    mark,
    notes,
    possible,
    slash,
    turn,
)

PLAN, REFUSED = call("ExitPlanMode"), call("ExitPlanMode", status="rejected")
ENTER, HANDED = call("EnterPlanMode"), mark("plan_handoff")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([turn(mode="plan")], [(0, "before-first-edit")]),
        ([turn(mode="default"), edit()], []),
        ([turn(), ENTER, PLAN, edit()], [(1, "approved before-first-edit")]),
        ([ENTER, turn()], [(0, "before-first-edit")]),
        ([call("exit_plan_mode")], [(0, "approved before-first-edit")]),
        ([PLAN._replace(run="a"), ENTER._replace(run="a")], []),
        ([PLAN._replace(status="error"), PLAN], [(0, "approved before-first-edit")]),
        ([turn(mode="plan"), edit(), PLAN, PLAN], [(0, "approved before-first-edit"),
                                                  (3, "approved")]),
        ([edit(run="a"), PLAN], [(1, "approved before-first-edit")]),
        ([edit("/h/.claude/plans/p.md"), PLAN], [(1, "approved before-first-edit")]),
        ([REFUSED, PLAN], [(0, "approved before-first-edit revised")]),
        ([REFUSED, turn()], [(0, "before-first-edit revised")]),
        ([REFUSED, READ], [(0, "before-first-edit revised")]),
        ([turn(), REFUSED], [(1, "before-first-edit")]),
        ([ENTER._replace(status="rejected"), turn()], [(0, "before-first-edit")]),
        ([mark("plan_mode", name="plan_mode"), READ], [(0, "before-first-edit")]),
        ([mark("plan_mode", name="plan_mode_exit"), READ], []),
        ([mark("plan_mode", name="plan_mode", run="a"), mark("plan_handoff", run="a")], []),
        ([mark("interruption"), READ], []),
        ([HANDED, edit(), HANDED], [(0, "approved before-first-edit"), (2, "approved")]),
        ([HANDED, turn(mode="plan")], [(0, "approved before-first-edit"),
                                       (1, "before-first-edit")]),
    ],
)  # fmt: skip
def test_a_plan_is_from_its_first_sign_to_its_approval(lines, expected):
    assert found("planning", *lines) == expected


STOP, SAY, NO = mark("interruption"), turn("Use the other one"), turn("no, stop")
REFUSE, WHY = call("Bash", "npm i", "rejected"), {"reason": "use pnpm"}
FIVE = [READ] * 5


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([turn(), *FIVE, STOP, SAY], [(6, "early specific")]),
        ([turn(), *FIVE, READ, STOP, SAY], [(7, "specific")]),
        ([turn(), *FIVE, READ._replace(run="a"), STOP, SAY], [(7, "early specific")]),
        ([turn(), *FIVE, turn(), *FIVE, STOP, NO], [(12, "early")]),
        ([*FIVE, STOP, SAY], [(5, "early specific")]),
        ([turn(), *FIVE, REFUSE, SAY], [(6, "early specific")]),
        ([turn(), READ, STOP], [(2, "early")]),
        ([turn(), READ, STOP, slash("model", "a b c d")], [(2, "early")]),
        ([turn(), READ, STOP, turn("stop it"), SAY], [(2, "early")]),
        ([turn(), READ, mark("interruption", run="a"), SAY], []),
        ([turn(), READ, turn("Use the other one", "queued_prompt"), NO], [(2, "early specific")]),
        ([turn(), READ, turn("Use that", "queued_prompt"), SAY], [(2, "early")]),
        ([turn(), READ, turn("Use that", "prompt_beside_result"), SAY], [(2, "early")]),
        ([turn(), READ, turn("/model x y z", "queued_prompt", uuid="#1")], []),
        ([turn(), READ, turn("/model x y z", "queued_prompt")], [(2, "early specific")]),
        ([turn(), READ, turn("/tmp/a is the one", "queued_prompt", uuid="#1")],
         [(2, "early specific")]),
        ([turn(), slash("rewind"), SAY], [(1, "early")]),
        ([turn(), slash("clear"), SAY], []),
        # A refusal with and without words, and the interruption that it writes.
        ([turn(), REFUSE._replace(detail=WHY), STOP, NO], [(1, "early specific")]),
        ([turn(), REFUSE._replace(detail=WHY, message_id="m"), READ._replace(message_id="m"), STOP,
          NO], [(1, "early specific")]),
        ([turn(), REFUSE._replace(detail=WHY), READ, STOP, NO],
         [(1, "early specific"), (3, "early")]),
        ([turn(), REFUSE._replace(detail=WHY), READ._replace(run="a"), STOP, NO],
         [(1, "early specific")]),
        ([turn(), REFUSE._replace(detail=WHY), turn("And more"), STOP, NO],
         [(1, "early specific"), (3, "early")]),
        ([turn(), REFUSE._replace(detail=WHY), mark("interruption", run="a"), NO],
         [(1, "early specific")]),
        ([turn(), STOP, turn(), REFUSE._replace(detail=WHY), NO],
         [(1, "early specific"), (3, "early specific")]),
        ([turn(), REFUSE, STOP, SAY], [(2, "early specific")]),
        ([turn(), REFUSE, SAY, STOP], [(1, "early specific"), (3, "early")]),
        ([turn(), STOP, REFUSE, SAY], [(1, "early specific"), (2, "early specific")]),
        ([turn(), REFUSE._replace(run="a"), SAY], []),
        ([turn(), REFUSE._replace(status="error"), SAY], []),
        ([turn(), REFUSE._replace(denial="user-rejected"), SAY], [(1, "early specific")]),
        ([turn(), REFUSE._replace(denial="hook"), SAY], []),
        ([turn(), REFUSE._replace(decision_source="config"), SAY], []),
        ([turn(), REFUSE._replace(decision_source="hook"), SAY], []),
        ([turn(), REFUSE._replace(decision_source="user"), SAY], [(1, "early specific")]),
        # A plan that was handed over reads as a refusal, which it is not.
        ([turn(), READ, REFUSED], []),
        ([turn(), READ, REFUSED, STOP], []),
        ([turn(), STOP, turn(), REFUSED], [(1, "early specific")]),
        ([turn(), READ, REFUSED, SAY], [(2, "early specific")]),
        ([turn(), READ, REFUSED._replace(detail=WHY)], [(2, "early specific")]),
        # Lines that a file holds twice, and a third correction of one prompt.
        ([turn(), mark("interruption", at=7), mark("interruption", at=7), SAY],
         [(1, "early specific")]),
        ([turn(), mark("interruption", at=7), mark("interruption", at=8), SAY],
         [(1, "early specific"), (2, "early specific")]),
        ([turn(), mark("interruption", at=None), mark("interruption", at=None), SAY],
         [(1, "early specific"), (2, "early specific")]),
        ([turn(), turn("One by one", "queued_prompt", at=7), turn("All at once", "queued_prompt",
                                                                  at=7)],
         [(1, "early specific"), (2, "early specific")]),
        ([turn(), REFUSE._replace(at=7), REFUSE._replace(at=7), SAY],
         [(1, "early specific"), (2, "early specific")]),
        ([turn(), STOP, STOP, STOP, STOP, SAY, STOP, SAY],
         [(1, "early specific"), (2, "early specific"), (3, ""), (4, ""), (6, "early specific")]),
    ],
)  # fmt: skip
def test_a_correction_is_early_by_its_calls_and_specific_by_its_words(lines, expected):
    assert found("steering", *lines) == expected
    assert found("steering", *lines, automated=True) == []


def test_a_correction_is_noted_by_how_it_was_made():
    assert notes("steering", turn(), STOP, turn("x", "queued_prompt"), slash("rewind"), REFUSE,
                 SAY) == ["interrupted", "said while it worked", "rewound", "refused"]  # fmt: skip
    assert [possible("steering", *[READ] * n) for n in (4, 5)] == [False, True]
    assert possible("steering", *[READ] * 4, READ._replace(run="a")) is False
    assert possible("steering", *FIVE, automated=True) is None


CODE = "/w/parser.py"


def sh(command: str, status: str = "ok", **more: Any) -> Call:
    return call("Bash", command, status, **more)


def ran(command: str, *runs: tuple[str, str]) -> Call:
    checks = tuple(Check("test", runner, verdict, None, None) for runner, verdict in runs)
    return call("Bash", command, checks=checks)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([GREEN, edit()], []),
        ([edit(), GREEN, edit()], [(1, "")]),
        ([edit(at=5), check(at=5)], [(1, "green-at-the-end")]),
        ([edit(at=5), check(at=4)], []),
        ([edit(at=None), check(at=None)], [(1, "green-at-the-end")]),
        ([edit(at=5), check(at=None)], []),
        ([edit(run="a"), GREEN._replace(run="b")], [(1, "green-at-the-end")]),
        ([edit("/w/README.md"), GREEN], []),
        ([edit(status="error"), GREEN], []),
        ([edit(), check(at=9000), check("failed", at=8000)],
         [(2, ""), (1, "failure-fixed green-at-the-end")]),
        ([edit(), GREEN, RED, GREEN], [(1, ""), (2, ""), (3, "failure-fixed green-at-the-end")]),
        ([edit(), RED, GREEN, GREEN],
         [(1, ""), (2, "failure-fixed green-at-the-end"), (3, "green-at-the-end")]),
        ([edit(), check("unknown")], [(1, "")]),
        ([edit(), RED, check("unknown"), GREEN], [(1, ""), (2, ""), (3, "green-at-the-end")]),
        ([edit(), ran("pytest; ruff", ("pytest", "passed"), ("ruff", "failed"))], [(1, "")]),
        ([edit(), ran("pytest; ruff", ("pytest", "passed"), ("ruff", "unknown"))], [(1, "")]),
        ([edit(), RED, ran("pytest; ruff", ("ruff", "passed"), ("pytest", "passed"))],
         [(1, ""), (2, "failure-fixed green-at-the-end")]),
        ([edit(), check(runner="vale")], []),
        ([edit(), ran("vale; pytest", ("vale", "passed"), ("pytest", "passed"))],
         [(1, "green-at-the-end")]),
        # Scripts: the same check where the script is the same, whatever follows it.
        ([edit(), ran("npm run a one", ("npm", "failed")), ran("npm run a two", ("npm", "passed"))],
         [(1, ""), (2, "failure-fixed green-at-the-end")]),
        ([edit(), ran("npm run test:a", ("npm", "failed")),
          ran("npm run --silent test:a", ("npm", "passed"))],
         [(1, ""), (2, "failure-fixed green-at-the-end")]),
        ([edit(), ran("npm run test:a", ("npm", "failed")),
          ran("npm run test:b", ("npm", "passed"))], [(1, ""), (2, "green-at-the-end")]),
        ([edit(), ran("pytest; npm run test:a", ("pytest", "failed"), ("npm", "passed")),
          ran("pytest", ("pytest", "passed"))], [(1, ""), (2, "failure-fixed green-at-the-end")]),
        # A picture of the page, and a line that tries what was edited.
        ([edit(), call("mcp__browser__take_screenshot")], [(1, "")]),
        ([edit(), call("mcp__browser__take_screenshot", status="error")], []),
        ([edit(), call("mcp__browser__click")], []),
        ([edit(CODE), sh("python parser.py")], [(1, "green-at-the-end")]),
        ([edit(CODE), sh("python parser.py", "error"), sh("python parser.py")],
         [(1, ""), (2, "green-at-the-end")]),
        ([edit(CODE), sh("python parser.py", "rejected")], []),
        ([edit(CODE), call("Read", "python parser.py")], []),
        ([edit(CODE), sh("time env python parser.py")], [(1, "green-at-the-end")]),
        ([edit(CODE), sh("a b c d python parser.py")], []),
        ([edit(CODE), sh("a b c python parser.py")], [(1, "green-at-the-end")]),
        ([edit(CODE), sh("python -u /w/parser.py")], [(1, "green-at-the-end")]),
        ([edit(CODE), sh("python other.py parser.py")], []),
        ([edit("/w/go.sh"), sh("bash go.sh")], [(1, "green-at-the-end")]),
        ([edit(CODE), sh("grep -n x parser.py")], []),
        ([edit(CODE), sh('python -c "import parser"')], [(1, "green-at-the-end")]),
        ([edit(CODE), sh('uv run python -c "import parser"')], [(1, "green-at-the-end")]),
        ([edit(CODE), sh('a uv run python -c "import parser"')], []),
        ([edit(CODE), sh('grep -c "import parser" x')], []),
        ([edit(CODE), sh("python -c \"exec(open('parser.py').read())\"")],
         [(1, "green-at-the-end")]),
        ([edit(CODE), sh("python -c \"import parser; open('parser.py', 'w')\"")], []),
        ([edit("/w/ab.py"), sh('python -c "import ab"')], []),
        ([edit("/w/abc.py"), sh('python -c "import abc"')], [(1, "green-at-the-end")]),
        ([edit("/w/app.py"), sh('python -c "import app"')], []),
        ([edit("/w/app.py"), sh("python app.py")], [(1, "green-at-the-end")]),
        ([edit(CODE, at=5), sh("python parser.py", at=5)], [(1, "green-at-the-end")]),
        ([edit(CODE, at=5), edit("/w/a.py", at=1), sh("python parser.py", at=4)], []),
        ([edit(CODE, at=5), edit(CODE, at=1), sh("python parser.py", at=4)], [(2, "")]),
        ([edit(CODE, at=5), edit("/w/abc.py", at=1), sh('python -c "import parser"', at=4)], []),
        ([edit(CODE, at=5), edit("/w/abc.py", at=1),
          sh('python -c "import parser, abc"', at=4)], [(2, "")]),
    ],
)  # fmt: skip
def test_a_check_counts_after_an_edit_and_fixes_what_failed_before(lines, expected):
    assert found("verification", *lines) == expected


def test_a_check_is_noted_by_what_ran():
    lines = [edit(CODE), ran("ruff; pytest", ("ruff", "passed"), ("pytest", "passed")),
             call("mcp__browser__take_screenshot"), sh("python parser.py")]  # fmt: skip
    assert notes("verification", *lines) == ["ruff", "screenshot", "tried"]
    typed = (check(at=9)._replace(tool="!"),)
    assert notes("verification", edit(at=5), typed=typed) == ["pytest"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([commit()], [(0, "")]),
        ([edit(), commit(sure="unconfirmed")], []),
        ([edit(), commit(sure="ambiguous")], []),
        ([edit(), commit(kind="amended")], [(1, "small")]),
        ([edit(), commit(kind="merged")], []),
        ([edit(added=200), commit()], [(1, "small")]),
        ([edit(added=150, removed=50), commit()], [(1, "small")]),
        ([edit(added=150, removed=51), commit()], [(1, "")]),
        ([edit(added=150), edit(added=51), commit()], [(2, "")]),
        ([edit(added=None, removed=3), commit()], [(1, "small")]),
        ([edit(added=3, removed=None), commit()], [(1, "small")]),
        ([edit(added=None, removed=None), commit()], [(1, "")]),
        ([edit(added=300, status="error"), edit(), commit()], [(2, "small")]),
        ([edit(added=300), commit(), edit(), commit()], [(1, ""), (3, "small")]),
        ([edit(added=300, run="a"), edit(), commit()], [(2, "small")]),
        ([edit(added=300), commit(detail={"committed_lines": 200})], [(1, "small")]),
        ([edit(), commit(detail={"committed_lines": 201})], [(1, "")]),
        ([edit(), commit(detail={"committed_lines": 0})], [(1, "")]),
        ([edit(), commit(detail={"committed_lines": "many"})], [(1, "")]),
        ([edit(), GREEN, commit()], [(2, "checks-green small")]),
        ([edit(), GREEN, edit(), commit()], [(3, "small")]),
        ([edit(), GREEN, edit("/w/a.md"), commit()], [(3, "checks-green small")]),
        ([edit(), GREEN, edit(status="error"), commit()], [(3, "checks-green small")]),
        ([edit(), RED, commit()], [(2, "small")]),
        ([edit(), GREEN, RED, commit()], [(3, "small")]),
        ([edit(), ran("a; b", ("ruff", "failed"), ("pytest", "passed")), commit()],
         [(2, "checks-green small")]),
        ([edit(), commit(at=9), check(at=8)], [(1, "checks-green small")]),
        ([edit(), commit(), check()], [(1, "small")]),
    ],
)  # fmt: skip
def test_a_commit_is_small_by_its_lines_and_green_by_the_check_before_it(lines, expected):
    assert found("committing", *lines) == expected


@pytest.mark.parametrize(
    ("command", "verdicts", "green"),
    [
        ("pytest && git commit -m x", ["passed"], [True, True]),
        ("git commit -m x && pytest", ["passed"], [False, True]),
        ("pytest; git commit -m x; ruff check .", ["passed", "failed"], [True, False]),
        ("pytest; git commit -m x; ruff check .", ["failed", "passed"], [False, True]),
        ("ruff check .; pytest; git commit -m x", ["failed", "passed"], [True, True]),
        ("git commit -m x; ruff check .; pytest", ["failed", "passed"], [False, True]),
        ("git add .; pytest; ship", ["passed"], [True, True]),
        ("git add .; ship", ["passed"], [False, True]),
    ],
)
def test_checks_in_the_call_of_a_commit_are_before_it_or_after_it(command, verdicts, green):
    """Where no command among the words commits, all whose words are checks are before it."""
    checks = tuple(Check("test", "x", verdict, None, None) for verdict in verdicts)
    both = commit()._replace(target=command, checks=checks)
    said = found("committing", both, commit())
    assert said == [(n, "checks-green" if each else "") for n, each in enumerate(green)]


def test_a_commit_is_noted_by_its_last_subject_and_possible_under_git():
    two = commit()._replace(commits=(*commit("One").commits, *commit("Two").commits))
    assert notes("committing", two, commit(None)) == ["Two", "1a2b3c4"]
    assert possible("committing", READ, commit(), READ) is True
    assert possible("committing", edit(), READ) is False
    assert possible("committing", edit(), branch=True) is True
    assert possible("committing", READ, branch=True) is False
    assert possible("committing", edit(), call("Bash", "git push", pushed=True), READ) is True
