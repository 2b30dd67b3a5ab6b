"""Whose session it was: a person's, or a machine's by what its records say or by what its owner
says of the folder."""

from __future__ import annotations

import json

import pytest

from accrete.derive.automation import A_LOOP, AT_ONCE_MS
from accrete.errors import AccreteError
from accrete.ingest import ingest
from accrete.settings import Settings, read_settings
from tests.records import kept, projects, rows
from tests.transcripts import Transcript

OLD = {"version": "2.0.55", "entrypoint": None}


def old(cwd: str = "/home/dev/demo", **common: object) -> Transcript:
    """A transcript of a client that did not write how it was started."""
    t = Transcript(1, cwd=cwd, **{**OLD, **common})
    if t.common["entrypoint"] is None:
        del t.common["entrypoint"]
    return t


def queued(t: Transcript, *operations: str) -> Transcript:
    for operation in operations:
        t.add(
            "queue-operation",
            operation=operation,
            **({"content": "Do it"} if operation == "enqueue" else {}),
        )
        del t.lines[-1]["uuid"]
    return t


def why(settings: Settings, t: Transcript) -> str | None:
    """Why a session is not a person's."""
    kept(settings, t)
    ((automated, reason),) = rows(settings, "SELECT automated, automated_reason FROM session")
    assert automated == (reason is not None)
    return reason


def one_prompt(t: Transcript, **fields: object) -> Transcript:
    t.prompt("Do it", **fields)
    t.answer("msg_1")
    return t


def prompts(t: Transcript, number: int, pause_ms: int) -> Transcript:
    for n in range(number):
        t.prompt(f"Do thing {n}", after_ms=pause_ms)
        t.answer(f"msg_{n}")
    return t


@pytest.mark.parametrize(
    "operations",
    [
        ("dequeue",),
        ("enqueue", "dequeue"),
        ("dequeue", "enqueue"),
        ("dequeue", "enqueue", "enqueue"),
        ("enqueue", "dequeue", "enqueue"),
    ],
)
def test_print_mode_of_an_older_client_begins_with_the_queue(settings, operations):
    assert why(settings, one_prompt(queued(old(), *operations))) == "print mode of an older client"


@pytest.mark.parametrize(
    "made",
    [
        lambda: one_prompt(old()),
        lambda: one_prompt(queued(old(), "enqueue")),
        lambda: one_prompt(queued(old(), "enqueue", "enqueue", "dequeue")),
        lambda: one_prompt(queued(old(), "enqueue", "remove")),
        lambda: one_prompt(
            queued(Transcript(1, entrypoint="claude-desktop"), "enqueue", "dequeue")
        ),
        lambda: prompts(queued(old(), "dequeue"), 3, 40_000),
    ],
)
def test_what_begins_with_the_queue_in_a_persons_hands_is_a_persons(settings, made):
    assert why(settings, made()) is None


def test_a_person_who_interrupts_or_has_a_file_open_is_one(settings):
    stopped = one_prompt(queued(old(), "dequeue"))
    stopped.prompt("[Request interrupted by user]")
    assert why(settings, stopped) is None


@pytest.mark.parametrize("name", ["ide_opened_file", "ide_selection"])
def test_a_file_open_in_an_editor_is_a_persons(settings, name):
    t = queued(old(), "enqueue", "dequeue")
    t.prompt(f"<{name}>The user opened the file a.py</{name}>\nWhat is it?")
    t.answer("msg_1")
    assert why(settings, t) is None


@pytest.mark.parametrize(
    "cwd",
    [
        "/home/runner/work/demo/demo",
        "/Users/runner/work/demo/demo",
        "/github/workspace",
        "/builds/acme/demo",
        "/home/vsts/work/1/s",
        "/bitbucket/pipelines/agent/build",
        "/var/lib/jenkins/workspace/demo",
        "/srv/actions-runner/_work/demo/demo",
        "/home/circleci/project",
        "D:\\a\\demo\\demo",
        "/workspace/demo",
    ],
)
def test_a_session_on_a_ci_runner_is_automated(settings, cwd):
    assert why(settings, one_prompt(old(cwd))) == "CI runner: " + cwd.replace("\\", "/")


@pytest.mark.parametrize(
    ("cwd", "fields"),
    [
        ("/home/runner/demo", {}),
        ("/home/dev/builds/acme/demo", {}),
        ("/home/dev/github/workspace", {}),
        ("/home/dev/a/demo/demo", {}),
    ],
)
def test_a_folder_that_only_looks_like_a_runners_is_a_persons(settings, cwd, fields):
    assert why(settings, one_prompt(old(cwd), **fields)) is None


def test_what_was_typed_on_a_runner_was_typed(settings):
    assert (
        why(
            settings,
            one_prompt(Transcript(1, cwd="/home/runner/work/demo/demo"), promptSource="typed"),
        )
        is None
    )


def test_a_container_with_a_workspace_is_a_persons_where_the_client_says_so(settings):
    assert why(settings, one_prompt(Transcript(1, cwd="/workspace/demo"))) is None


def test_prompts_that_come_as_soon_as_the_last_answer_is_there_are_a_programs(settings):
    assert why(settings, prompts(old(), 4, 300)) == "prompts sent by a program"


def test_prompts_that_somebody_had_to_think_of_are_a_persons(settings):
    assert why(settings, prompts(old(), 4, 9_000)) is None


@pytest.mark.parametrize(
    ("number", "pause_ms", "reason"),
    [
        (A_LOOP, AT_ONCE_MS, "prompts sent by a program"),
        (A_LOOP, AT_ONCE_MS + 1, None),
        (A_LOOP - 1, AT_ONCE_MS, None),
    ],
)
def test_a_loop_is_three_prompts_each_at_once_after_an_answer(settings, number, pause_ms, reason):
    assert why(settings, prompts(old(), number, pause_ms)) == reason


@pytest.mark.parametrize("slow", [1, 2, 3])
def test_one_prompt_that_somebody_had_to_think_of_is_enough(settings, slow):
    t = old()
    for n in range(4):
        t.prompt(f"Do thing {n}", after_ms=9_000 if n == slow else 300)
        t.answer(f"msg_{n}")
    assert why(settings, t) is None


def test_a_prompt_that_waited_for_no_answer_or_has_no_time_is_not_known_to_be_a_programs(settings):
    unanswered, timeless = old(), prompts(old(), 4, 300)
    for n in range(4):
        unanswered.prompt(f"Do thing {n}", after_ms=300)
    assert why(settings, unanswered) is None
    timeless.lines[4]["timestamp"] = "1970-01-01T00:00:05.000Z"
    timeless.session = timeless.lines[0]["sessionId"]
    timeless.write(projects(settings))
    ingest(settings)
    assert rows(settings, "SELECT automated FROM session") == [(0,)]


@pytest.mark.parametrize(
    ("sources", "reason"),
    [
        (("sdk",), "print mode or SDK"),
        (("sdk", "sdk"), "print mode or SDK"),
        (("sdk", None), None),
        ((None, "sdk"), None),
        (("sdk", "typed"), None),
        (("typed", "sdk"), None),
        (("suggestion_accepted",), None),
    ],
)
def test_prompts_are_a_programs_where_the_client_says_so_of_all_of_them(settings, sources, reason):
    t = old()
    for n, source in enumerate(sources):
        told = {} if source is None else {"promptSource": source}
        t.prompt(f"Do thing {n}", after_ms=60_000, **told)
        t.answer(f"msg_{n}")
    assert why(settings, t) == reason


def test_the_entry_point_of_an_action_is_named(settings):
    assert (
        why(settings, one_prompt(Transcript(1, entrypoint="claude-code-github-action")))
        == "entry point claude-code-github-action"
    )


@pytest.mark.long
@pytest.mark.parametrize(
    ("globs", "reason"),
    [
        (["/home/dev/demo"], "config.json: /home/dev/demo"),
        (["/home/dev/*"], "config.json: /home/dev/*"),
        (["**/demo"], "config.json: **/demo"),
        (["/srv/**", "/home/**/demo/**"], "config.json: /home/**/demo/**"),
        (["/home/dev/dem"], None),
        (["/home/*"], "config.json: /home/*"),
        (["/home/dev/demo/inner"], None),
        ([], None),
    ],
)
def test_a_folder_that_its_owner_names_is_automated_whatever_the_records_say(
    settings, globs, reason
):
    t = one_prompt(Transcript(1), promptSource="typed")
    assert (
        why(Settings(home=settings.home, roots=settings.roots, automated=tuple(globs)), t) == reason
    )


def test_a_rule_applies_to_the_past_at_the_next_ingest_and_so_does_its_end(settings):
    ruled = Settings(home=settings.home, roots=settings.roots, automated=("/home/dev/**",))
    assert why(settings, one_prompt(Transcript(1))) is None
    ingest(ruled)
    assert rows(settings, "SELECT automated, automated_reason FROM session") == [
        (1, "config.json: /home/dev/**")
    ]
    assert rows(settings, "SELECT SUM(seen) FROM person_week") == [(None,)]
    ingest(settings)
    assert rows(settings, "SELECT automated, automated_reason FROM session") == [(0, None)]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ('"/home/dev"', "automated must be a list of folders"),
        ("{}", "automated must be a list"),
        ("[3]", "automated 3 is not a text in quotes"),
        ('[""]', "is not a text in quotes"),
        ('["bots"]', "'bots' must begin with /, ~/, \\* or a drive"),
    ],
)
def test_a_setting_that_is_no_list_of_folders_is_said_in_a_sentence(tmp_path, given, said):
    tmp_path.joinpath("config.json").write_text(f'{{"automated": {given}}}')
    with pytest.raises(AccreteError, match=said):
        read_settings({"ACCRETE_HOME": str(tmp_path), "HOME": str(tmp_path)})


def test_the_home_folder_is_written_out(tmp_path):
    tmp_path.joinpath("config.json").write_text(
        json.dumps({"automated": ["~/bots/**", "C:\\robots"]})
    )
    found = read_settings({"ACCRETE_HOME": str(tmp_path), "HOME": "/home/dev"}).automated
    assert found == ("/home/dev/bots/**", "C:\\robots")
