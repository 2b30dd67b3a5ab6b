"""Odd values in single fields lose that field alone, and copies of a call in progress records lose
nothing."""

from __future__ import annotations

import pytest

from accrete.database import Sqlite
from accrete.ingest import ingest
from accrete.queries.counts import counts
from accrete.queries.scope import Scope
from tests.records import rows
from tests.transcripts import Transcript, minted


def counted(settings, t: Transcript) -> dict:
    t.write(settings.roots[0] / "projects")
    ingest(settings)
    db = Sqlite(settings.database, readonly=True)
    try:
        return db.ask(counts(Scope((1,))))
    finally:
        db.close()


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cache_creation", 0),
        ("server_tool_use", 3),
        ("output_tokens_details", 1.5),
        ("service_tier", {"a": 1}),
        ("speed", 4),
        ("cache_read_input_tokens", {"x": 1}),
        ("input_tokens", "7"),
    ],
)
def test_an_odd_field_of_usage_loses_no_response_and_no_call(settings, name, value):
    t = Transcript(1)
    t.prompt("Go")
    t.call("Bash", {"command": "ls"}, message_id="msg_1", use="toolu_1")
    t.lines[-1]["message"]["usage"] = {"input_tokens": 3, "output_tokens": 9, name: value}
    t.result("ok", use="toolu_1")
    found = counted(settings, t)
    assert found["responses"]["main"] == 1
    assert found["tokens"]["output"] == 9
    assert found["tools"] == {"Bash": 1}


THOUGHT, SAID = {"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "Done."}


@pytest.mark.parametrize(
    ("content", "kinds", "line"),
    [
        ([], ["assistant_empty"], "assistant_empty"),
        (None, ["assistant_empty"], "assistant_empty"),
        ("", ["assistant_text"], "assistant_text"), ("Done.", ["assistant_text"], "assistant_text"),
        ([THOUGHT, SAID], ["thinking", "assistant_text"], "thinking"),
        ([SAID, THOUGHT], ["assistant_text", "thinking"], "assistant_text"),
        (["Done."], ["assistant_text"], "assistant_text"),
    ],
)  # fmt: skip
def test_a_line_of_an_answer_has_a_part_for_each_block_and_is_what_the_first_is(
    settings, content, kinds, line
):
    t = Transcript(1)
    t.prompt("Go")
    t.answer("msg_1")
    t.lines[-1]["message"]["content"] = content
    assert counted(settings, t)["record_kinds"]["assistant"] == {line: 1}
    found = rows(settings, "SELECT kind FROM event WHERE message_id IS NOT NULL ORDER BY part")
    assert [kind for (kind,) in found] == kinds


def test_a_call_whose_progress_copy_comes_first_in_its_own_file_is_kept(settings):
    t = Transcript(1)
    t.prompt("Go")
    t.call(
        "Bash", {"command": "ls"}, message_id=minted("msg"), use="toolu_1", requestId=minted("req")
    )
    own = t.lines.pop()
    inner = {
        "type": "assistant",
        "uuid": own["uuid"],
        "timestamp": own["timestamp"],
        "message": own["message"],
        "requestId": own["requestId"],
    }
    t.add(
        "progress",
        toolUseID="x",
        data={"type": "agent_progress", "agentId": "a1", "prompt": "p", "message": inner},
    )
    own["uuid"] = own["uuid"][:-2] + "zz"
    t.lines.append(own)
    t.result("no", use="toolu_1", error=True)
    found = counted(settings, t)
    assert found["tools"] == {"Bash": 1}
    assert found["tool_errors"] == {"Bash": 1}
    assert found["tools_embedded"] == 1


def test_results_without_a_call_are_counted_apart_and_refusals_by_rules_are_not_a_persons(settings):
    t = Transcript(1)
    t.prompt("Go")
    t.result("Exit code 1", use="toolu_gone", error=True)
    for n, kind in enumerate(("user-rejected", "permission-rule")):
        t.call("Bash", {"command": "rm x"}, message_id=f"msg_{n}", use=f"toolu_{n}")
        t.result(
            "The user doesn't want to proceed with this tool use.",
            use=f"toolu_{n}",
            error=True,
            toolDenialKind=kind,
        )
    found = counted(settings, t)
    assert found["tool_results"] == 3
    assert found["tool_results_without_call"] == 1
    assert found["tool_errors"] == {"?": 1, "Bash": 2}
    assert (found["tool_rejected"], found["tool_denied"]) == (1, 1)


@pytest.mark.parametrize(
    ("fields", "persons"),
    [
        ({"promptSource": "voice", "origin": {"kind": "human"}}, 1),
        ({"promptSource": "system", "origin": {"kind": "human"}}, 0),
        ({"promptSource": "voice"}, 0),
        ({"sourceToolUseID": ""}, 1),
        ({"planContent": ""}, 1),
        ({"sourceToolUseID": "toolu_9"}, 0),
        ({"turnOrigin": "scheduled"}, 0),
        ({"turnOrigin": "human"}, 1),
        ({"turnOrigin": "scheduled", "origin": {"kind": "human"}}, 1),
        ({"turnOrigin": "scheduled", "promptSource": "typed"}, 1),
        ({"turnOrigin": "scheduled", "promptSource": "typed", "origin": {"kind": "human"}}, 1),
    ],
)
def test_a_prompt_of_a_source_that_is_not_known_is_a_persons_where_its_origin_says_so(
    settings, fields, persons
):
    t = Transcript(1)
    t.prompt("Go on", **fields)
    t.answer()
    assert counted(settings, t)["human_prompts"] == persons


@pytest.mark.parametrize(
    ("kind", "fields", "files"),
    [
        ("attachment", {"attachment": {"type": "plan_mode_reminder"}}, 1),
        ("attachment", {"attachment": {"type": "file"}}, 0),
        ("system", {"subtype": "informational", "permissionMode": "plan"}, 1),
    ],
)
def test_any_evidence_of_plan_mode_makes_a_plan_mode_file(settings, kind, fields, files):
    t = Transcript(1)
    t.prompt("Go")
    t.add(kind, **fields)
    assert counted(settings, t)["plan_mode_files"] == files
