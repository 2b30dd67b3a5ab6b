"""`figures`, `debug` and the soft budget."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accrete.queries.figures import quantile
from tests.practices.examples import edit, session
from tests.transcripts import START, Transcript


def worked(
    n: int, *, start: int = START, landed: int = 1, refused: int = 0, price: int = 1
) -> Transcript:
    t = Transcript(n, start=start)
    t.prompt(f"Do {n}")
    for k in range(landed + refused):
        t.call(
            "Edit",
            {"file_path": f"/home/dev/demo/{k}.py", "old_string": "a", "new_string": "b"},
            message_id=f"m{n}_{k}",
            use=f"u{n}_{k}",
            usage={"output_tokens": 1000 * price},
        )
        t.result(
            "ok" if k < landed else "refused",
            use=f"u{n}_{k}",
            error=k >= landed,
            **({"toolDenialKind": "user-rejected"} if k >= landed else {}),
        )
    t.answer(f"end_{n}")
    return t


def told(run, *words: str) -> dict:
    return json.loads(run("figures", *words, "--json")[1])


def test_figures_are_those_of_the_sessions_counted_by_hand(run, kept):
    kept(worked(1), worked(2, landed=2), worked(3, landed=1, refused=1))
    found = told(run)
    spread = {each["name"]: each for each in found["spreads"]}
    assert found["sessions"] == 3
    # messages: prompts and responses of the main line, 1 + 2, 1 + 3, 1 + 3
    assert (
        spread["messages"]["low"],
        spread["messages"]["median"],
        spread["messages"]["high"],
    ) == (3, 4, 4)
    assert (spread["edits that landed"]["low"], spread["edits that landed"]["high"]) == (0.5, 1.0)
    # active: a second between neighbouring lines: 3, 5 and 5 of them
    assert spread["active time"]["median"] == 5000
    assert [
        (fit["key"], fit["sessions"], fit["edits_proposed"], fit["edits_landed"])
        for fit in found["groups"]
    ] == [("delivered", 3, 5, 4)]


def test_a_session_without_edits_or_questions_has_no_share_of_them(run, kept):
    asked = []
    for n, decisions in ((1, []), (2, ["reject"]), (3, ["accept", "accept", "reject"])):
        t = Transcript(n)
        t.prompt(f"Do {n}")
        for k, decision in enumerate(decisions):
            t.call(
                "Edit",
                {"file_path": f"/home/dev/{k}.py", "old_string": "a", "new_string": "b"},
                message_id=f"m{n}_{k}",
                use=f"u{n}_{k}",
            )
            t.result(
                decision,
                use=f"u{n}_{k}",
                error=decision == "reject",
                permissionDecision={"decision": decision, "source": "user_once"},
            )
        t.answer(f"end_{n}")
        asked.append(t)
    kept(*asked)
    spread = {each["name"]: each for each in told(run)["spreads"]}
    for name in ("edits that landed", "accepted when asked"):
        found = spread[name]
        assert (found["sessions"], found["low"], found["high"]) == (2, 0, pytest.approx(2 / 3))
    assert spread["messages"]["sessions"] == 3


def test_the_last_four_weeks_stand_beside_the_time_before(run, kept):
    kept(worked(1), worked(2, start=START + 90 * 86_400_000, landed=3))
    messages = next(each for each in told(run)["spreads"] if each["name"] == "messages")
    assert (messages["before"], messages["recent"]) == (3, 5)


@pytest.mark.long
@pytest.mark.parametrize(
    ("by", "groups"),
    [
        ("outcome", {"delivered": 1, "explored": 2}),
        ("project", {"demo": 1, "other": 2}),
        ("model", {"claude-opus-5": 1, "claude-haiku-4-5": 2}),
        ("branch", {"main": 1, "fix": 2}),
        ("client", {"2.1.329": 1, "2.1.330": 2}),
    ],
)
def test_sessions_can_be_put_beside_each_other_by(run, kept, by, groups):
    kept(worked(1))
    for n in (2, 3):
        asked = Transcript(n, cwd="/home/dev/other", gitBranch="fix", version="2.1.330")
        asked.prompt("What is this?")
        asked.answer(f"msg_{n}", model="claude-haiku-4-5")
        kept(asked)
    found = told(run, "--by", by)
    assert {fit["label"]: fit["sessions"] for fit in found["groups"]} == groups
    assert found["sessions"] == 3
    code, out, _ = run("figures", "--by", by)
    assert code == 0
    assert by in out


@pytest.mark.long
def test_automated_sessions_are_left_out_unless_asked_for(run, kept):
    kept(worked(1), Transcript(2, entrypoint="sdk-cli"))
    one = Transcript(3, entrypoint="sdk-cli")
    one.prompt("by a script")
    one.answer("msg_script")
    kept(one)
    assert told(run)["sessions"] == 1
    assert told(run, "--automated")["sessions"] == 1


@pytest.mark.long
def test_a_budget_is_a_nudge(run, kept, tmp_path, monkeypatch):
    home = tmp_path / "accrete"
    monkeypatch.setenv("ACCRETE_HOME", str(home))
    kept(worked(1, price=400), worked(2))
    (home / "config.json").write_text('{"sessionBudgetUsd": 5}')
    assert told(run)["over_budget"] == 1
    assert "1 of 2 sessions over your budget of $5.00 per session." in run("figures")[1]
    assert "Over your budget of $5.00 per session" in run("show", "00000001")[1]
    assert "budget" not in run("show", "00000002")[1]
    (home / "config.json").write_text('{"sessionBudgetUsd": "five"}')
    code, _, err = run("figures")
    assert (code, "sessionBudgetUsd must be a number of dollars above 0" in err) == (1, True)


def test_figures_of_nothing_say_what_to_do(run, kept):
    kept(worked(1))
    assert "Remove a filter" in run("figures", "--since", "2020-01-01", "--until", "2020-01-02")[1]


@pytest.mark.long
@given(st.lists(st.integers(0, 1000), min_size=1), st.sampled_from([0.1, 0.5, 0.9]))
def test_a_quantile_is_a_value_that_this_share_does_not_pass(values, share):
    found = quantile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-9
    assert sum(value < found for value in values) < share * len(values) + 1e-9


def decided() -> Transcript:
    t = Transcript(1)
    t.prompt("Make it faster")
    t.answer(
        "m1",
        blocks=[
            {"type": "thinking", "thinking": "The Überlauf is the root cause; an index will do."}
        ],
    )
    t.call(
        "Edit",
        {"file_path": "/home/dev/demo/store.py", "old_string": "a", "new_string": "b"},
        message_id="m2",
        use="u1",
    )
    t.result("ok", use="u1")
    t.call("Bash", {"command": "pytest -q"}, message_id="m3", use="u2")
    t.result("1 failed in 0.1s", use="u2", error=True)
    t.answer(
        "m4", blocks=[{"type": "text", "text": "The test was wrong, so I will mend the test."}]
    )
    t.prompt("And now the docs")
    t.call(
        "Edit",
        {"file_path": "/home/dev/demo/README.md", "old_string": "a", "new_string": "b"},
        message_id="m5",
        use="u3",
    )
    t.result("ok", use="u3")
    return t


@pytest.mark.long
def test_a_thought_is_found_with_the_actions_that_followed(run, kept):
    kept(decided())
    (found,) = json.loads(run("debug", "ROOT", "cause", "--json")[1])
    assert (found["thought"]["kind"], found["thought"]["prompt"]) == ("thinking", 1)
    assert [(a["tool"], a["status"]) for a in found["actions"]] == [
        ("Edit", "ok"),
        ("Bash", "error"),
    ]
    assert len(json.loads(run("debug", "überlauf", "--json")[1])) == 1
    assert json.loads(run("debug", "root", "--in", "answers", "--json")[1]) == []
    (said,) = json.loads(run("debug", "mend the test", "--json")[1])
    assert said["actions"] == []  # the next actions belong to another prompt
    out = run("debug", "root")[1]
    assert "→ Edit  store.py" in out
    assert "[error]" in out


@pytest.mark.long
def test_an_action_is_found_with_the_thought_before_it(run, kept):
    kept(decided())
    (found,) = json.loads(run("debug", "--action", "STORE.py", "--json")[1])
    assert found["thought"]["text"].startswith("The Überlauf")
    (found,) = json.loads(run("debug", "--action", "readme", "--json")[1])
    assert found["thought"] is None  # what was said before belongs to another prompt
    assert "no thought stored" in run("debug", "--action", "readme")[1]


def test_nothing_found_and_nothing_asked(run, kept):
    kept(session(("say", "Hello"), edit("/home/dev/demo/a.py")))
    assert "Nothing found" in run("debug", "nosuch")[1]
    assert run("debug", " ")[0] == 2
    assert run("debug")[0] == 2
