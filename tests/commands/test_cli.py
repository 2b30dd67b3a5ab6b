"""The command line as a person meets it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from accrete import __version__
from accrete.commands import COMMANDS
from accrete.commands.backfill import sample_folder
from tools.sample import files


@pytest.fixture
def filled(run):
    """The record holds the bundled sample."""
    assert run("backfill", "--path", str(sample_folder()), "--quiet") == (0, "", "")
    return run


def test_the_bundled_sample_is_current():
    for name, text in files().items():
        assert (sample_folder() / name).read_text("utf-8") == text, (
            "run: python -m tools.sample --write"
        )


@pytest.mark.long
def test_without_transcripts_the_sample_is_read_and_said_so(run):
    code, out, _ = run("backfill", "--or-sample")
    assert code == 0
    assert "Reading the bundled sample" in out
    assert "6 sessions" in out


def test_own_transcripts_go_before_the_sample(run, tmp_path, monkeypatch):
    from tests.transcripts import busy

    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path))
    busy(1).write(tmp_path / "projects")
    _, out, _ = run("backfill", "--or-sample")
    assert "sample" not in out
    assert "1 session " in out


@pytest.mark.long
def test_without_a_command_the_overview_is_shown(filled):
    code, out, _ = filled()
    assert code == 0
    assert "sessions          4          2" in out
    assert "$0.3" in out
    assert filled("overview")[1] == out


def test_before_the_first_backfill_each_command_says_what_to_do(run):
    for command in ("overview", "sessions", "cost", "rebuild"):
        code, out, err = run(command)
        assert (code, out) == (1, "")
        assert "accrete backfill" in err, command
    code, out, _ = run("doctor")
    assert code == 0
    assert "No record" in out
    assert "accrete backfill" in out


JSON = [
    ["overview"],
    ["sessions"],
    ["cost"],
    ["search", "npm"],
    ["doctor"],
    ["doctor", "--counts"],
    ["rebuild"],
    *(
        ["cost", "--by", by]
        for by in ("week", "month", "project", "branch", "model", "session", "prompt", "subagent")
    ),
]


@pytest.mark.long
@pytest.mark.parametrize("args", JSON, ids=" ".join)
def test_each_command_prints_json(filled, args):
    code, out, err = filled(*args, "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)


@pytest.mark.long
@pytest.mark.parametrize(
    "by", ["day", "week", "month", "project", "branch", "model", "session", "prompt", "subagent"]
)
def test_every_way_of_dividing_the_cost_adds_up_to_the_same(filled, by):
    found = json.loads(filled("cost", "--by", by, "--json")[1])
    whole = sum(row["cost_nano"] for row in found["rows"])
    if by == "subagent":
        assert whole == found["total"]["cost_delegated_nano"]
    else:
        assert whole == found["total"]["cost_nano"]
        for name in (
            "responses",
            "input_tokens",
            "output_tokens",
            "cache_read_tokens",
            "cache_write_tokens",
        ):
            assert sum(row[name] for row in found["rows"]) == found["total"][name], name


@pytest.mark.long
@pytest.mark.parametrize("columns", [80, 140])
def test_no_line_is_wider_than_the_terminal(filled, columns):
    for args in (
        ["overview"],
        ["sessions"],
        ["cost"],
        ["cost", "--by", "prompt"],
        ["search", "the"],
        ["doctor"],
    ):
        _, out, _ = filled(*args, columns=columns)
        assert max(map(len, out.splitlines())) <= columns, args


@pytest.mark.long
def test_an_id_may_be_given_by_its_beginning(filled):
    one = json.loads(filled("cost", "--session", "0000002b", "--json")[1])
    latest = json.loads(filled("cost", "--session", "latest", "--json")[1])
    assert one["total"]["cost_nano"] > latest["total"]["cost_nano"] > 0


@pytest.mark.long
@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (["sesions"], 2, "Did you mean sessions"),
        (["cost", "--by", "moon"], 2, "Invalid value"),
        (["cost", "--since", "blah"], 1, "Can't read"),
        (["sessions", "--project", "ledgr"], 1, "Did you mean ledger"),
        (["cost", "--session", "0000"], 1, "6 session ids begin with"),
        (["cost", "--session", "zz"], 1, "No session 'zz'"),
        (["search", "***"], 2, "Nothing to search for"),
        (["forget"], 2, "Say what to delete"),
        (["forget", "0000001a"], 1, "Add --yes"),
        (["forget", "0000001a", "--all"], 2, "Give only one of"),
        (["backup", "--restore", "/nowhere/at/all"], 1, "does not exist"),
        (["backup", "/nowhere/at/all"], 1, "Cannot write"),
        (["redact", "--check", "/nowhere/at/all"], 2, "Cannot read"),
        (["backfill", "--path", "/nowhere/at/all"], 1, "does not exist"),
        (["backfill", "--since", "soon"], 1, "Can't read"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_bad_input_gets_a_sentence_and_an_exit_code(filled, args, code, words):
    found, out, err = filled(*args)
    assert (found, out) == (code, "")
    assert words in err
    assert "Traceback" not in err


@pytest.mark.long
def test_filters_narrow_what_is_shown(filled):
    def ids(*args: str) -> set[str]:
        return {row["id"][:8] for row in json.loads(filled("sessions", "--json", *args)[1])}

    assert ids("--project", "ledger") == {"0000001a", "0000002b", "0000004d"}
    assert ids("--automated") == {"0000005e", "0000006f"}
    assert ids("--human", "--since", "2026-11-09") == {"0000003c", "0000004d"}
    assert ids("--until", "2026-11-02") == {"0000001a"}
    assert ids("--branch", "rounding") == {"0000004d"}
    assert ids("--model", "claude-haiku-4-5-20251001") == {"0000002b", "0000005e", "0000006f"}


@pytest.mark.long
def test_forgetting_asks_first_and_gives_a_receipt(filled):
    code, out, _ = filled("forget", "0000001a", "--yes")
    assert code == 0
    assert "Deleted: 1 session, 2 prompts" in out
    assert "Claude Code still has 1 transcript" in out
    assert len(json.loads(filled("sessions", "--json")[1])) == 5
    assert filled("forget", "--scrub")[0] == 0


@pytest.mark.long
def test_a_backup_and_its_restore(filled, tmp_path):
    file = tmp_path / "b.db"
    assert "Restore it with" in filled("backup", str(file))[1]
    filled("forget", "--all", "--yes")
    code, out, _ = filled("backup", "--restore", str(file))
    assert (code, "Restored" in out) == (0, True)
    assert filled("sessions")[1].startswith("The record is empty")


@pytest.mark.long
def test_doctor_tells_what_will_be_lost_and_when(filled, tmp_path, monkeypatch):
    from tests.transcripts import busy

    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path))
    busy(1).write(tmp_path / "projects")
    (tmp_path / "settings.json").write_text('{"cleanupPeriodDays": 7}')
    _, out, _ = filled("doctor", columns=140)
    assert "deletes transcripts 7 days after" in out
    assert "with content that is not in the record yet" in out
    filled("backfill")
    _, out, _ = filled("doctor", columns=140)
    assert "Nothing will be lost" in out


def test_doctor_names_models_without_a_price_and_unknown_records(run, tmp_path, monkeypatch):
    from tests.transcripts import Transcript

    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path))
    t = Transcript(1)
    t.prompt("hello")
    t.answer(model="house-model-7")
    t.add("never-seen-before")
    path = t.write(tmp_path / "projects")
    path.write_bytes(path.read_bytes() + b"// broken\n")
    run("backfill")
    code, out, _ = run("doctor", columns=140)
    assert code == 0
    for words in ("house-model-7", "never-seen-before", "could not be read"):
        assert words in out
    assert "—" in run("cost")[1]
    (home := os.environ["ACCRETE_HOME"])
    with open(os.path.join(home, "config.json"), "w", encoding="utf-8") as file:
        json.dump(
            {
                "modelPricing": {
                    "overrides": {
                        "house-model-7": {"input": 1, "output": 1, "cacheRead": 1, "cacheWrite": 1}
                    }
                }
            },
            file,
        )
    run("rebuild")
    assert "Every response with usage has a price" in run("doctor", columns=140)[1]


@pytest.mark.long
def test_doctor_sees_a_damaged_record(filled):
    from accrete.settings import read_settings

    path = read_settings().database
    data = bytearray(path.read_bytes())
    data[8192:40960] = b"\xff" * (40960 - 8192)
    path.write_bytes(bytes(data))
    code, out, err = filled("doctor", columns=140)
    assert code == 1
    assert "damaged" in out + err


@pytest.mark.parametrize(
    "text",
    [
        "[1]",
        "{",
        '{"modelPricing": 3}',
        '{"modelPricing": {"overrides": {"m": {}}}}',
        '{"workBlockIdleMinutes": -1}',
    ],
)
def test_a_bad_configuration_is_told_in_a_sentence(run, text):
    home = os.environ["ACCRETE_HOME"]
    os.makedirs(home)
    with open(os.path.join(home, "config.json"), "w", encoding="utf-8") as file:
        file.write(text)
    code, _, err = run("backfill", "--path", str(sample_folder()))
    assert code == 1
    assert "config.json" in err


def test_redact_shows_places_and_never_the_secret(run, tmp_path):
    secret = "gh" + "p_" + "aB3dE5fG7hJ9kL2mN4pQ6rS8tU1vW3xY5zA7"
    file = tmp_path / "notes.txt"
    file.write_text(f"one\ntoken is {secret}\n")
    code, out, _ = run("redact", "--check", str(file))
    assert code == 1
    assert "github-token" in out
    assert secret not in out
    assert json.loads(run("redact", "--check", str(file), "--json")[1])["findings"] == [
        {"line": 2, "kind": "github-token", "characters": 40}
    ]


@pytest.mark.parametrize("options", [[], ["--json"]])
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("nothing here\n", 0),
        ("", 0),
        ("mysql -u root -pQx7Rt2Lm9Zk4 shop\n", 1),
        ('{"a": "x\\nAPI_KEY=Qx7Rt2Lm9Zk4Vb8N"}\n', 1),
    ],
)
def test_redact_tells_by_its_exit_code_whether_it_found_something(
    run, tmp_path, text, code, options
):
    file = tmp_path / "notes.txt"
    file.write_text(text)
    found, out, _ = run("redact", "--check", str(file), *options)
    assert found == code
    assert "Qx7Rt2Lm9Zk4" not in out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_printed_for_each_shell(run, shell):
    code, out, _ = run("completion", shell)
    assert code == 0
    assert "_ACCRETE_COMPLETE" in out


def test_the_version_and_help_name_every_command(run):
    assert run("--version")[1].strip() == f"accrete {__version__}"
    out = run("--help")[1]
    assert all(command in out for command in COMMANDS)
    for command in COMMANDS:
        assert "Usage: accrete" in run(command, "--help")[1]


def test_a_fault_is_logged_once_and_shown_as_one_sentence(run, monkeypatch):
    import accrete.commands.common as common

    monkeypatch.setattr(common, "open_record", lambda _: 1 / 0)
    code, out, err = run("sessions")
    assert (code, out) == (70, "")
    assert "Internal error" in err
    assert "Traceback" not in err
    with open(os.path.join(os.environ["ACCRETE_HOME"], "errors.log"), encoding="utf-8") as file:
        assert "ZeroDivisionError" in file.read()


@pytest.mark.long
def test_reading_commands_import_nothing_heavy():
    script = (
        "import sys\nfrom accrete.commands import main\n"
        "try:\n    main(['cost', '--json'])\nexcept SystemExit:\n    pass\n"
        "heavy = [m for m in ('msgspec', 're2', 'asyncio', 'psycopg', 'aiosqlite', "
        "'pydantic', 'rich') if m in sys.modules]\n"
        "print('HEAVY', heavy)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert "HEAVY []" in done.stdout, done.stdout + done.stderr


@pytest.mark.long
def test_a_closed_pipe_is_no_error(filled):
    done = subprocess.run(
        f"{sys.executable} -m accrete sessions --all | head -1",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""


@pytest.mark.long
def test_a_reader_that_has_enough_is_no_error(filled):
    command = f"{sys.executable} -m accrete doctor --counts | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_escape_sequences_in_titles_are_shown_and_not_obeyed(run, tmp_path):
    from tests.transcripts import Transcript

    t = Transcript(1)
    t.prompt("\x1b[31mred\x1b[0m needle \x9b1m")
    t.write(tmp_path / "projects")
    assert run("backfill", "--path", str(tmp_path), "-q")[0] == 0
    for args in (["sessions"], ["search", "needle"], ["cost", "--by", "prompt"]):
        out = run(*args)[1]
        assert not {"\x1b", "\x9b"} & set(out), args


@pytest.mark.long
@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["cost", "--model", "nosuch"], "No model 'nosuch'"),
        (["sessions", "--branch", "nosuch"], "No branch"),
        (["cost", "--since", "2026-05-01", "--until", "2026-04-01"], "is after --until"),
        (["sessions", "--project", ""], "No project"),
        (["forget", "--scrub", "--all"], "--scrub only rewrites"),
    ],
)
def test_a_filter_that_cannot_match_is_told(args, said, filled):
    code, out, err = filled(*args)
    assert code in (1, 2)
    assert (out, said in err) == ("", True)


@pytest.mark.long
def test_a_part_of_a_models_name_is_enough(filled):
    assert "claude-haiku" in filled("cost", "--by", "model", "--model", "haiku")[1]


@pytest.mark.long
def test_options_without_a_command_are_the_first_screens(filled):
    assert json.loads(filled("--json")[1]) == json.loads(filled("overview", "--json")[1])
    assert filled("help")[1] == filled("--help")[1]


@pytest.mark.long
@pytest.mark.parametrize(
    "config", ['{"timeZone": "Mars/X"}', '{"timezone": "UTC"}', '{"workBlockIdleMinutes": 0}']
)
def test_a_setting_that_means_nothing_is_refused(config, filled):
    folder = Path(os.environ["ACCRETE_HOME"])
    folder.joinpath("config.json").write_text(config)
    code, _, err = filled("overview")
    assert (code, "config.json" in err) == (1, True)
