"""Prompts that were queued while Claude worked stand where they were sent: replayed, numbered,
found, exported."""

from __future__ import annotations

import json

import pytest

from accrete.database import Sqlite
from accrete.derive.queue import Line, Operation, only_in_queue
from accrete.ingest import ingest
from accrete.queries.counts import counts
from accrete.queries.scope import Scope
from tests.records import called, kept, rows
from tests.transcripts import Transcript, busy, fork, session_id
from tests.work import calls


def queue(t: Transcript, operation: str, content: object = None, **fields: object) -> None:
    t.add(
        "queue-operation",
        operation=operation,
        **({"content": content} if content is not None else {}),
        **fields,
    )
    del t.lines[-1]["uuid"]  # the client gives these none


def worked(t: Transcript) -> Transcript:
    """A turn in which something is typed: two texts stand in the queue alone, one is taken back,
    one in an attachment."""
    t.prompt("Start with the parser")
    t.call("Bash", {"command": "make parser"}, use="toolu_1")
    queue(t, "enqueue", "Use the needle grammar")
    queue(t, "remove")
    queue(
        t,
        "enqueue",
        [{"type": "text", "text": "keep the tests"}, {"type": "text", "text": "green"}],
    )
    queue(t, "remove")
    queue(t, "enqueue", "no, a needle of another kind")
    queue(t, "popAll", "no, a needle of another kind")
    queue(t, "enqueue", "attached needle")
    queue(t, "remove", "attached needle", reason="absorbed_mid_turn")
    t.add(
        "attachment",
        attachment={"type": "queued_command", "prompt": "attached needle", "commandMode": "prompt"},
    )
    t.result("ok")
    t.answer("msg_2")
    t.prompt("Last of all")
    t.answer("msg_3")
    return t


@pytest.fixture
def cli(settings, monkeypatch, capsys):
    monkeypatch.setenv("ACCRETE_HOME", str(settings.home))
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(settings.roots[0]))
    monkeypatch.setenv("TZ", "UTC")
    worked(Transcript()).write(settings.roots[0] / "projects")
    ingest(settings)
    return lambda *args: called(capsys, *args)[1]


ASKED = [
    (1, "typed_prompt", "Start with the parser"),
    (2, "queued_prompt", "Use the needle grammar"),
    (3, "queued_prompt", "keep the tests\ngreen"),
    (4, "queued_prompt", "attached needle"),
    (5, "typed_prompt", "Last of all"),
]


def test_queued_prompts_are_replayed_where_they_were_sent_and_numbered_like_others(cli):
    items = json.loads(cli("show", "--json", "--prompts"))["items"]
    assert [(item["number"], item["kind"], item["text"]) for item in items] == ASKED
    assert all(item["at"] and item["name"] != "enqueue" for item in items)


def test_a_queued_prompt_is_marked_as_queued_in_every_form(cli, tmp_path):
    assert "queued  Use the needle grammar" in cli("show", "--prompts")
    for form, mark in (
        ("md", "## Prompt 2 (14:13, queued)"),
        ("html", ">Prompt 2 14:13 queued</h2>"),
    ):
        file = tmp_path / f"session.{form}"
        cli("export", str(file))
        assert mark in file.read_text()
        assert "Use the needle grammar" in file.read_text()
        assert "another kind" not in file.read_text()


def test_a_queued_prompt_is_found_once_with_its_number_and_one_taken_back_is_not(cli):
    hits = json.loads(cli("search", "needle", "--json"))
    assert [(hit["prompt"], hit["kind"]) for hit in hits] == [
        (4, "queued_prompt"),
        (2, "queued_prompt"),
    ]
    assert json.loads(cli("search", "needle", "--in", "answers", "--json")) == []
    assert [
        hit["prompt"]
        for hit in json.loads(cli("search", "keep", "green", "--in", "prompts", "--json"))
    ] == [3]
    assert "queued prompt" in cli("search", "grammar")


def test_what_machines_put_into_the_queue_is_no_hit(settings, cli):
    t = Transcript(2)
    t.prompt("Go")
    queue(t, "enqueue", "<task-notification>\n<task-id>a</task-id> haystack\n</task-notification>")
    queue(t, "enqueue", '{"task_id":"haystack"}')
    t.write(settings.roots[0] / "projects")
    ingest(settings)
    assert json.loads(cli("search", "haystack", "--json")) == []


def test_texts_taken_back_are_counted_as_such(settings, cli):
    db = Sqlite(settings.database)
    said = db.ask(counts(Scope((1,))))["prompts"]
    db.close()
    assert said == {
        "typed": 2,
        "slash": 0,
        "shell": 0,
        "queued": 3,
        "queued_only_in_queue": 3,
        "queued_taken_back": 1,
        "beside_tool_result": 0,
    }


@pytest.mark.long
def test_the_same_prompts_come_out_line_by_line(settings, cli):
    t = worked(Transcript(3))
    path = t.write(settings.roots[0] / "projects")
    lines = path.read_bytes().splitlines(keepends=True)
    for upto in range(1, len(lines) + 1):
        path.write_bytes(b"".join(lines[:upto]))
        ingest(settings)
    again = json.loads(cli("show", t.session, "--json", "--prompts"))["items"]
    assert [(item["number"], item["kind"], item["text"]) for item in again] == ASKED


def operations(*steps: tuple[str, str | None]) -> list[Operation]:
    return [Operation(f"#{n}", name, text, n * 10, n) for n, (name, text) in enumerate(steps)]


def test_a_forks_copy_of_the_queue_is_shown_as_one_and_counted_and_found_once(settings, cli):
    made = Transcript(3)
    worked(made)
    first = fork(made, 4, upto=len(made.lines), extra=0)
    queue(first, "enqueue", "a needle of its own")
    queue(first, "remove")
    first.answer("msg_own")
    for t in (fork(first, 5, upto=len(first.lines)), first, made):
        t.write(settings.roots[0] / "projects")
        ingest(settings)
    for _ in range(2):
        assert rows(
            settings,
            """SELECT prompts, prompts_queued, prompts_replayed, prompts_taken_back FROM session
            WHERE id > '00000003' ORDER BY id""",
        ) == [(2, 3, 0, 1), (0, 1, 5, 0), (1, 0, 6, 0)]
        cli("rebuild")
    items = json.loads(cli("show", session_id(5), "--json", "--prompts"))["items"]
    assert [item["number"] for item in items] == [1, 2, 3, 4, 5, 6, 7]
    assert [item["copied"] for item in items] == [True] * 6 + [False]
    hits = json.loads(cli("search", "needle of its own", "--json"))
    assert [(hit["session"], hit["prompt"]) for hit in hits] == [(session_id(4), 6)]


def test_a_text_that_only_a_copy_of_the_session_holds_was_queued_there(settings, cli):
    """The client copied a session that had said nothing else yet, without its queue."""
    made = Transcript(3)
    made.prompt("Start")
    made.call("Bash", {"command": "make"}, use="toolu_3")
    queue(made, "enqueue", "Use the grammar")
    queue(made, "remove")
    copy = fork(made, 4, upto=2)
    for t in (made, copy):
        t.write(settings.roots[0] / "projects")
    ingest(settings)
    assert rows(
        settings, "SELECT SUM(prompts), SUM(prompts_queued) FROM session WHERE id > '00000003'"
    ) == [(2, 1)]


@pytest.mark.parametrize(
    ("steps", "lines", "given", "taken_back"),
    [
        ([("enqueue", "a")], [], ["a"], []),
        ([("enqueue", "a"), ("remove", None)], [], ["a"], []),
        ([("enqueue", "a"), ("popAll", "a")], [], [], ["a"]),
        ([("enqueue", "a"), ("popAll", None)], [], [], ["a"]),
        ([("enqueue", "a"), ("enqueue", "b"), ("popAll", None), ("popAll", None)], [], [],
         ["a", "b"]),
        ([("enqueue", "a"), ("remove", None), ("enqueue", "b"), ("popAll", None)], [], ["a"],
         ["b"]),
        ([("enqueue", "a"), ("enqueue", "b"), ("popAll", "a")], [], ["b"], ["a"]),
        ([("enqueue", "a"), ("popAll", "a"), ("enqueue", "a"), ("remove", None)], [], ["a"], []),
        ([("enqueue", "a"), ("discarded", "a")], [], [], ["a"]),
        ([("enqueue", "a"), ("enqueue", "b"), ("discarded", None)], [], ["b"], ["a"]),
        ([("enqueue", "a"), ("popAll", "b")], [], ["a"], []),
        ([("popAll", "a"), ("remove", None), ("dequeue", None), ("enqueue", "a")], [], ["a"], []),
        ([("enqueue", "a  b\n"), ("popAll", "a b")], [], [], ["a  b"]),
        ([("enqueue", "a"), ("dequeue", None)], [("typed_prompt", "a", 15)], [], []),
        ([("enqueue", "a"), ("popAll", "a")], [("typed_prompt", "a", 15)], [], []),
        ([("enqueue", "a"), ("enqueue", "b"), ("dequeue", None), ("dequeue", None)],
         [("typed_prompt", "a\nb", 35)], [], []),
        ([("enqueue", "a"), ("remove", None)], [("typed_prompt", "a\nb", 35)], ["a"], []),
        ([("enqueue", "ls"), ("dequeue", None)], [("shell_input", "!ls", 15)], [], []),
        ([("enqueue", "a"), ("remove", None), ("enqueue", "a"), ("remove", None)], [], ["a", "a"],
         []),
        ([("enqueue", "a"), ("remove", None), ("enqueue", "a"), ("popAll", "a")], [], ["a"], ["a"]),
        ([("enqueue", "a"), ("enqueue", "a"), ("dequeue", None)], [("typed_prompt", "a", 25)],
         ["a"], []),
        ([("enqueue", "a"), ("enqueue", "a"), ("dequeue", None), ("dequeue", None)],
         [("typed_prompt", "a", 25), ("typed_prompt", "a", 35)], [], []),
        ([("enqueue", "a"), ("remove", None)], [("typed_prompt", "a", -5)], ["a"], []),
        ([("enqueue", "a"), ("popAll", None)], [("typed_prompt", "a", -5)], [], ["a"]),
        ([("enqueue", "a"), ("dequeue", None), ("enqueue", "a"), ("remove", None)],
         [("typed_prompt", "a", 15)], ["a"], []),
        ([("enqueue", "a"), ("remove", None), ("enqueue", "a"), ("dequeue", None)],
         [("typed_prompt", "a", 35)], ["a"], []),
        ([("enqueue", "ls"), ("remove", None), ("enqueue", "ls"), ("remove", None)],
         [("shell_input", "!ls", -5)], ["ls", "ls"], []),
        ([("enqueue", "a"), ("enqueue", "b"), ("dequeue", None)], [("typed_prompt", "a\n\nb", 25)],
         [], []),
        ([("enqueue", "a\nx"), ("enqueue", "b"), ("enqueue", "c"), ("dequeue", None)],
         [("typed_prompt", "a\nx\nb\n\nc", 35)], [], []),
        ([("enqueue", "a"), ("enqueue", "<task-notification>x</task-notification>"),
          ("enqueue", "b"), ("dequeue", None)],
         [("typed_prompt", "a\nb", 35)], [], []),
        ([("enqueue", "a"), ("enqueue", "b"), ("dequeue", None)], [("typed_prompt", "a", 25)],
         ["b"], []),
        ([("enqueue", "a"), ("enqueue", "b"), ("dequeue", None)], [("typed_prompt", "a b", 25)],
         ["a", "b"], []),
        ([("enqueue", "a"), ("enqueue", "b"), ("popAll", None)], [], [], ["a", "b"]),
        ([("enqueue", "a"), ("remove", None), ("enqueue", "b"), ("enqueue", "c"),
          ("popAll", None)], [], ["a"], ["b", "c"]),
        ([("enqueue", "x1"), ("enqueue", "x2"), ("popAll", "x1\nx2")], [], [], ["x1", "x2"]),
        ([("enqueue", "x1"), ("enqueue", "x2\ny"),
          ("popAll", "x1\n\nx2\ny\nand what stood in the line")], [], [], ["x1", "x2\ny"]),
        ([("enqueue", "x1"), ("enqueue", "x2"), ("enqueue", "x3"), ("popAll", "x1\nx2")], [],
         ["x3"], ["x1", "x2"]),
        ([("enqueue", "a1"), ("enqueue", "b1"), ("popAll", None), ("enqueue", "a1\nb1"),
          ("remove", None)], [], ["a1\nb1"], ["a1", "b1"]),
        ([("enqueue", "/cost"), ("dequeue", None)],
         [("injected_context", "x", 12), ("slash_command", "/usage", 15)], [], []),
        ([("enqueue", "/model"), ("dequeue", None)],
         [("typed_prompt", "go", 15), ("slash_command", "/usage", 25)], ["/model"], []),
        ([("enqueue", "/model"), ("remove", None)], [("slash_command", "/usage", 25)], ["/model"],
         []),
        ([("enqueue", "/review 5"), ("dequeue", None)], [("slash_command", "/clear", 15)],
         ["/review 5"], []),
        ([("enqueue", "/review 5"), ("dequeue", None)], [("slash_command", "/review 6", 15)],
         ["/review 5"], []),
        ([("enqueue", "/deploy now"), ("dequeue", None)],
         [("slash_command", "/tools:deploy  now", 15)], [], []),
        ([("enqueue", "yes"), ("dequeue", None)], [("typed_prompt", "yes\nand more", 15)], ["yes"],
         []),
        ([("enqueue", "yes"), ("enqueue", "and more"), ("dequeue", None)],
         [("typed_prompt", "yes\nand more", 25)], [], []),
        ([("enqueue", "a\n1"), ("enqueue", "a"), ("enqueue", "b"), ("dequeue", None)],
         [("typed_prompt", "a\n1\na\nb", 35)], [], []),
        ([("enqueue", "a"), ("enqueue", "b"), ("remove", None), ("remove", None)],
         [("queued_prompt", "a\nb", 35)], [], []),
        ([("enqueue", "a"), ("enqueue", "b"), ("remove", None), ("remove", None)],
         [("prompt_beside_result", "a\n\nb", 35)], [], []),
        ([("enqueue", "a"), ("enqueue", "b"), ("remove", None), ("remove", None)],
         [("machine_message", "a\nb", 35)], ["a", "b"], []),
        ([("enqueue", "a"), ("enqueue", "b"), ("remove", None), ("remove", None)],
         [("queued_prompt", "a\nb\nc", 35)], ["a", "b"], []),
        ([("enqueue", "a"), ("enqueue", "b")], [("typed_prompt", "a\nb", -5)], ["a", "b"], []),
        ([("enqueue", "a"), ("enqueue", "b")], [("typed_prompt", "a\nb", 15)], [], []),
        ([("enqueue", "a"), ("enqueue", "b"), ("popAll", None)], [("typed_prompt", "a\nb", 25)],
         [], []),
        ([("enqueue", "a"), ("enqueue", "b"), ("enqueue", "a"), ("enqueue", "b")],
         [("typed_prompt", "a\nb", 35)], ["a", "b"], []),
        ([("enqueue", "! ls  -l"), ("dequeue", None)], [("shell_input", "!ls -l", 15)], [], []),
        ([("enqueue", "/clear"), ("dequeue", None)], [], [], []),
        ([("enqueue", "/new"), ("dequeue", None)], [("typed_prompt", "x", 15)], [], []),
        ([("enqueue", "/clear"), ("popAll", None)], [], [], ["/clear"]),
        ([("enqueue", "clear"), ("dequeue", None)], [], ["clear"], []),
    ],
)  # fmt: skip
def test_what_became_of_each_queued_text(steps, lines, given, taken_back):
    found = only_in_queue(operations(*steps), [Line(*line) for line in lines])
    assert [queued.words for queued in found if queued.given] == given
    assert [queued.words for queued in found if not queued.given] == taken_back


def waiting_long(count: int) -> int:
    """The work for that many texts that wait together, of the same words and of others, and a turn
    for each."""
    steps = [("enqueue", "same" if n % 2 else f"text\n{n}") for n in range(count)] + [
        ("dequeue", None)
    ] * count
    lines = [Line("typed_prompt", "same", (2 * count + n) * 10) for n in range(count // 2)]
    made, found = operations(*steps), []
    work = calls(lambda: found.extend(only_in_queue(made, lines)))
    assert len(found) == count // 2
    return work


@pytest.mark.long
def test_many_waiting_texts_take_work_in_proportion():
    assert waiting_long(4_000) < 5 * waiting_long(1_000)


def test_an_enqueue_that_was_written_twice_is_one():
    twice = [Operation(f"#{n}", "enqueue", "a", n, 7) for n in (1, 2)]
    assert len(only_in_queue(twice, [])) == 1
    assert len(only_in_queue([twice[0], twice[1]._replace(at=8)], [])) == 2


@pytest.mark.parametrize(
    ("reason", "given"),
    [
        (None, True),
        ("absorbed_mid_turn", True),
        ("cancelled", False),
        ("canceled", False),
        ("user_removed", False),
        ("cleared", False),
        ("removed_by_user", False),
        ("cleared_on_cancel", False),
        ("dropped_by_hook", False),
        ("rewound", False),
        ("agent_stopped", False),
        ("not_carried_to_background", False),
        ("carried_to_background", True),
        ("deleted", False),
        ("edited", False),
        ("credit_recorded", True),
    ],
)
def test_a_reason_says_whether_a_removed_text_was_given(settings, reason, given):
    t = Transcript()
    t.prompt("Start")
    queue(t, "enqueue", "also this")
    queue(t, "remove", "also this", **({"reason": reason} if reason else {}))
    t.answer("msg_1")
    t.write(settings.roots[0] / "projects")
    ingest(settings)
    db = Sqlite(settings.database)
    said = db.ask(counts(Scope((1,))))["prompts"]
    db.close()
    assert (said["queued"], said["queued_taken_back"]) == (int(given), int(not given))


def test_a_prompt_that_a_fork_copies_is_counted_once(settings):
    kept(settings, busy(1), fork(busy(1), 4, upto=8))
    db = Sqlite(settings.database, readonly=True)
    try:
        said = db.ask(counts(Scope((1,))))["prompts"]
        ((distinct, held),) = db.run("SELECT COUNT(DISTINCT uuid), COUNT(*) FROM prompt")
    finally:
        db.close()
    assert said["typed"] == distinct < held
