"""Which session runs: by the client's own word where it can be proved. A Python program plays the
client here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

# ruff: noqa: E501 - a row of the table is a file
NOW, BEFORE = "1" * 8 + "-now", "2" * 8 + "-before"
ASK = (
    "from accrete.edge.running import running; "
    "found = running(); print(found.session, found.assumed)"
)
CLIENT = """
import json, os, subprocess, sys
said, sessions, command = json.loads(sys.argv[1]), sys.argv[2], sys.argv[3:]
start = open("/proc/self/stat").read().rpartition(")")[2].split()[19]
shown = subprocess.run(["ps", "-o", "lstart=", "-p", str(os.getpid())], env={**os.environ, "LC_ALL": "C", "TZ": "UTC"}, capture_output=True, text=True)
whole = {"pid": os.getpid(), "cwd": os.getcwd(), "procStart": start, **said}
if said.get("procStart") == "ps":
    whole["procStart"] = shown.stdout.strip()
os.makedirs(sessions, exist_ok=True)
with open(os.path.join(sessions, f"{os.getpid()}.json"), "w") as file:
    file.write(said.get("raw") or json.dumps(whole))
print(subprocess.run(command, capture_output=True, text=True).stdout, end="")
"""

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="the client that is played here needs /proc"
)


WITHOUT_PROC = "from accrete.edge import running; running._listed = lambda pid: None; "
WITHOUT_PS = WITHOUT_PROC + "running._shown = lambda pid: None; "


def asked(place: Path, said: dict, *wrapper: str, before: str = "", **env: str) -> str:
    """What a process that the client started, by way of wrappers, takes for the running session; it
    runs `before` first."""
    config = place / "config"
    own = {
        **os.environ,
        "CLAUDE_CONFIG_DIR": str(config),
        "CLAUDE_CODE_SESSION_ID": BEFORE,
        "CLAUDECODE": "1",
        **env,
    }
    own.pop("CLAUDE_PROJECT_DIR", None)
    command = [
        sys.executable,
        "-c",
        CLIENT,
        json.dumps(said),
        str(config / "sessions"),
        *wrapper,
        sys.executable,
        "-c",
        before + ASK,
    ]
    done = subprocess.run(command, cwd=place, env=own, capture_output=True, text=True, check=True)
    return done.stdout.strip()


SHELL = ("sh", "-c", '"$@"; true', "sh")
RUNNER = (sys.executable, "-c", "import subprocess, sys; subprocess.run(sys.argv[1:])")


@pytest.mark.long
@pytest.mark.parametrize(
    "wrapper", [(), SHELL, RUNNER, (*RUNNER, *SHELL), (*SHELL, *RUNNER, *SHELL)]
)
def test_what_the_client_runs_now_is_current_through_wrappers(tmp_path, wrapper):
    assert asked(tmp_path, {"sessionId": NOW}, *wrapper) == f"{NOW} False"


@pytest.mark.long
def test_where_there_is_no_proc_the_start_is_compared_with_what_ps_shows(tmp_path):
    assert asked(tmp_path, {"sessionId": NOW, "procStart": "ps"}) == f"{NOW} False"
    assert asked(tmp_path, {"sessionId": NOW, "procStart": "ps"}, *SHELL) == f"{NOW} False"


@pytest.mark.long
@pytest.mark.parametrize(
    "said",
    [
        {"sessionId": NOW, "procStart": "1"},
        {"sessionId": NOW, "procStart": "Thu Jan  1 00:00:00 1970"},
        {"sessionId": NOW, "pid": 1},
        {"sessionId": NOW, "cwd": "/elsewhere"},
        {"sessionId": NOW, "procStart": None},
        {"sessionId": 5},
        {"sessionId": ""},
        {"raw": "{"},
        {"raw": "[1]"},
        {"raw": " "},
        {"raw": "[" * 60000},
    ],
)
def test_a_file_of_another_process_or_another_folder_is_not_believed(tmp_path, said):
    assert asked(tmp_path, said) == f"{BEFORE} True"


@pytest.mark.long
def test_a_client_that_is_too_far_away_is_not_looked_for(tmp_path):
    assert asked(tmp_path, {"sessionId": NOW}, *SHELL, *RUNNER, *SHELL, *RUNNER) == f"{BEFORE} True"


def test_outside_of_claude_code_no_session_runs(tmp_path):
    assert asked(tmp_path, {"sessionId": NOW}, CLAUDE_CODE_SESSION_ID="", CLAUDECODE="") == "False"


@pytest.mark.long
def test_a_client_that_tells_its_servers_nothing_is_found_by_its_file(tmp_path):
    assert asked(tmp_path, {"sessionId": NOW}, CLAUDE_CODE_SESSION_ID="") == f"{NOW} False"
    assert asked(tmp_path, {"raw": "{}"}, CLAUDE_CODE_SESSION_ID="") == "False"


@pytest.mark.long
@pytest.mark.parametrize("wrapper", [(), SHELL, (*SHELL, *RUNNER, *SHELL)])
def test_where_there_is_no_proc_the_walk_goes_by_what_ps_shows(tmp_path, wrapper):
    assert (
        asked(tmp_path, {"sessionId": NOW, "procStart": "ps"}, *wrapper, before=WITHOUT_PROC)
        == f"{NOW} False"
    )


@pytest.mark.long
@pytest.mark.parametrize(
    "said",
    [
        {"procStart": "Thu Jan  1 00:00:00 1970"},
        {"procStart": "ps", "cwd": "/elsewhere"},
        {"procStart": "ps", "pid": 1},
    ],
)
def test_where_there_is_no_proc_a_stale_file_is_not_believed_either(tmp_path, said):
    assert (
        asked(tmp_path, {"sessionId": NOW, **said}, *SHELL, before=WITHOUT_PROC) == f"{BEFORE} True"
    )


@pytest.mark.long
def test_where_nothing_tells_of_processes_the_environment_is_taken_and_said_to_be_assumed(tmp_path):
    assert asked(tmp_path, {"sessionId": NOW}, before=WITHOUT_PS) == f"{BEFORE} True"


@pytest.mark.long
def test_of_two_clients_the_nearer_one_is_taken(tmp_path):
    """A client in a tool of another one: both have files, and both agree."""
    outer = tmp_path / "outer"
    outer.mkdir()
    inner = (
        sys.executable,
        "-c",
        CLIENT,
        json.dumps({"sessionId": NOW}),
        str(outer / "config" / "sessions"),
    )
    assert asked(outer, {"sessionId": "3" * 8 + "-outer"}, *inner) == f"{NOW} False"
