"""What runs inside Claude Code: quick, silent, never failing, and whole in what it writes."""

from __future__ import annotations

import ast
import json
import os
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from accrete_hooks import capture, statusline

from accrete.queries import live
from accrete.record.forgotten import Ignored
from accrete.record.spool import read_event
from accrete.settings import Settings

CAPTURE = Path(__file__).resolve().parents[2] / "hooks" / "accrete_hooks" / "capture.py"
PAYLOAD = {
    "session_id": "s1",
    "hook_event_name": "Stop",
    "last_assistant_message": "Done — überall.",
    "transcript_path": "/nope/s1.jsonl",
}


def fire(
    home: Path, event: str = "Stop", payload: object = PAYLOAD, *, cwd: Path | None = None, **env: str
) -> subprocess.CompletedProcess[bytes]:
    data = payload if isinstance(payload, bytes) else json.dumps(payload, ensure_ascii=False).encode()
    words = [sys.executable, "-I", "-S", str(CAPTURE), event, str(home)]
    return subprocess.run(
        words,
        input=data,
        capture_output=True,
        check=False,
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "HOME": str(home), **env},
    )


def events(home: Path) -> list:
    return [read_event(path.read_bytes()) for path in sorted((home / "spool").glob("*.hook"))]


def silent(done: subprocess.CompletedProcess[bytes]) -> bool:
    return (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_it_imports_little_and_only_the_standard_library(tmp_path):
    tree = ast.parse(CAPTURE.read_text("utf-8"))
    named = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert named <= {"os", "sys", "time", "re"} <= sys.stdlib_module_names
    done = subprocess.run([sys.executable, "-I", "-S", "-X", "importtime", str(CAPTURE), "Stop", str(tmp_path)],
                          input=b"{}", capture_output=True, check=True, cwd=tmp_path)  # fmt: skip
    assert b" re\n" not in done.stderr


def test_an_event_is_one_whole_file_for_its_owner_alone(tmp_path):
    home = tmp_path / "home"
    done = fire(home, cwd=tmp_path, TZ="Europe/Lisbon")
    assert silent(done)
    (event,) = events(home)
    assert (event.name, event.session, event.zone, event.folder) == ("Stop", "s1", "Europe/Lisbon", str(tmp_path))
    assert event.payload == PAYLOAD
    assert abs(event.at - time.time() * 1000) < 60_000
    (path,) = (home / "spool").glob("*.hook")
    assert [stat.S_IMODE(p.stat().st_mode) for p in (home, home / "spool", path)] == [0o700, 0o700, 0o600]


def test_a_client_that_sends_no_arguments_is_understood_by_its_payload(tmp_path):
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(CAPTURE), "", str(tmp_path)],
        input=json.dumps(PAYLOAD).encode(),
        capture_output=True,
        check=False,
    )
    assert silent(done)
    assert [event.name for event in events(tmp_path)] == ["Stop"]


@pytest.mark.parametrize("payload", [b"", b"\xff\xfe", b"{", b"[]", b"x" * 300_000])
def test_whatever_comes_it_is_silent_and_well(tmp_path, payload):
    assert silent(fire(tmp_path, payload=payload))


@pytest.mark.parametrize("event", ["../../etc", "", "a b", "x" * 100])
def test_an_odd_name_writes_nothing(tmp_path, event):
    assert silent(fire(tmp_path, event, b"{}"))
    assert not list(tmp_path.rglob("*.hook"))


def test_ignored_folders_are_left_alone(tmp_path):
    home, work = tmp_path / "home", tmp_path / "work" / "deep"
    work.mkdir(parents=True)
    (tmp_path / "work" / ".accrete-ignore").touch()
    other = tmp_path / "other"
    other.mkdir()
    home.mkdir()
    (home / "ignore").write_text(f"# mine\n{other}\n")
    for folder in (work, other):
        assert silent(fire(home, cwd=folder))
    assert silent(fire(home, cwd=other, ACCRETE_DISABLE="1"))
    assert not (home / "spool").exists()


def test_at_a_lower_tier_the_spool_holds_no_words(tmp_path):
    (tmp_path / "tier").write_text("1")
    fire(tmp_path, CLAUDE_CODE_SESSION_ID="s1")
    (path,) = (tmp_path / "spool").glob("*.hook")
    assert b"Done" not in path.read_bytes()
    assert [(event.name, event.session, event.payload) for event in events(tmp_path)] == [("Stop", "s1", {})]


@pytest.mark.parametrize("spoil", ["readonly", "a file", "no launcher", "bad launcher"])
def test_whatever_is_broken_it_is_silent_and_well(tmp_path, spoil):
    home = tmp_path / "home"
    if spoil == "readonly":
        (home / "spool").mkdir(parents=True)
        (home / "spool").chmod(0o500)
    elif spoil == "a file":
        home.write_text("")
    elif spoil == "bad launcher":
        home.mkdir()
        (home / "launcher").write_text("/no/such/program\ningest\n")
    assert silent(fire(home))


def test_it_starts_one_ingest_with_no_secret_and_a_log(tmp_path):
    seen = tmp_path / "seen"
    program = tmp_path / "program.sh"
    program.write_text(f'#!/bin/sh\nenv > "{seen}.$$"\necho went\n')
    program.chmod(0o755)
    (tmp_path / "launcher").write_text(f"{program}\ningest\n")
    for _ in range(3):
        assert silent(
            fire(tmp_path, ANTHROPIC_API_KEY="sk-secret", CLAUDE_CODE_MESSAGING_TOKEN="t", CLAUDE_CONFIG_DIR="/c")
        )
    deadline = time.monotonic() + 20
    while not list(tmp_path.glob("seen.*")) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.3)
    (env,) = [path.read_text() for path in tmp_path.glob("seen.*")]
    assert "sk-secret" not in env
    assert "TOKEN" not in env
    assert "CLAUDE_CONFIG_DIR=/c" in env
    assert f"ACCRETE_HOME={tmp_path}" in env
    assert (tmp_path / "ingest.log").read_text() == "went\n"
    assert len(events(tmp_path)) == 3


def test_a_notification_starts_nothing(tmp_path):
    (tmp_path / "launcher").write_text("/bin/true\n")
    fire(tmp_path, "Notification")
    assert not (tmp_path / "spool" / ".waking").exists()


def test_five_hundred_hooks_of_twenty_processes_are_five_hundred_whole_records(tmp_path):
    big = "y" * 20_000

    def one(n: int) -> bool:
        return silent(fire(tmp_path, "Notification", {"session_id": f"s{n}", "text": big}))

    with ThreadPoolExecutor(20) as pool:
        assert all(pool.map(one, range(500)))
    found = events(tmp_path)
    assert sorted(event.session for event in found) == sorted(f"s{n}" for n in range(500))
    assert all(event.payload["text"] == big for event in found)
    assert not list((tmp_path / "spool").glob(".*.part"))


def test_the_plugin_has_the_same_file():
    plugin = CAPTURE.parents[1] / "plugin" / "capture.py"
    assert plugin.read_bytes() == CAPTURE.read_bytes()


def test_a_full_disk_leaves_nothing_half_written(tmp_path):
    import resource

    words = [sys.executable, "-I", "-S", str(CAPTURE), "Stop", str(tmp_path)]
    done = subprocess.run(words, input=json.dumps(PAYLOAD).encode(), capture_output=True, check=False, cwd=tmp_path,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)))  # fmt: skip
    assert silent(done)
    assert [
        path.name for path in (tmp_path / "spool").iterdir() if path.stat().st_size or path.suffix in (".hook", ".part")
    ] == []


def test_an_ingest_that_hangs_keeps_nobody_waiting(tmp_path):
    (tmp_path / "launcher").write_text("/bin/sleep\n30\n")
    began = time.monotonic()
    assert silent(fire(tmp_path))
    assert time.monotonic() - began < 20
    assert len(events(tmp_path)) == 1


def test_where_no_new_session_can_be_begun_the_ingest_has_a_group_of_its_own(tmp_path, monkeypatch):
    told = []

    def spawn(program, command, environment, **how):
        if "setsid" in how:
            raise NotImplementedError  # a C library without POSIX_SPAWN_SETSID
        told.append((program, command, environment, how))

    monkeypatch.setattr(os, "posix_spawn", spawn)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "secret")
    capture.start(str(tmp_path), ["/bin/starter", "ingest"])
    ((program, command, environment, how),) = told
    assert (program, command, how["setpgroup"]) == ("/bin/starter", ["/bin/starter", "ingest"], 0)
    assert environment["ACCRETE_HOME"] == str(tmp_path)
    assert "ANTHROPIC_API_KEY" not in environment


def test_the_status_line_nudges_when_the_live_view_does():
    assert (statusline.CALLS_WITHOUT_CHECK, statusline.ERRORS_IN_A_ROW) == (
        live.CALLS_WITHOUT_CHECK,
        live.ERRORS_IN_A_ROW,
    )


@pytest.mark.parametrize("known", ["by its payload", "by the environment"])
def test_of_a_session_with_capture_switched_off_only_its_id_is_noted(tmp_path, known):
    payload = PAYLOAD if known == "by its payload" else b"{}"
    assert silent(fire(tmp_path, "UserPromptSubmit", payload, ACCRETE_DISABLE="1", CLAUDE_CODE_SESSION_ID="s1"))
    (event,) = events(tmp_path)
    assert (event.name, event.session, event.folder, event.payload) == ("Disabled", "s1", "", {})
    assert b"Done" not in next((tmp_path / "spool").glob("*.hook")).read_bytes()


@pytest.mark.parametrize("name", ["ignore", "tier", "launcher", "ingest.log"])
def test_a_pipe_that_nobody_writes_to_keeps_nobody_waiting(tmp_path, name):
    os.mkfifo(tmp_path / name)
    if name == "ingest.log":
        (tmp_path / "launcher").write_text("/bin/true\n")
    began = time.monotonic()
    assert silent(fire(tmp_path))
    assert time.monotonic() - began < 5
    assert len(events(tmp_path)) == 1


@pytest.mark.parametrize("stale", [False, True])
def test_many_hooks_at_once_start_one_ingest(tmp_path, stale):
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\necho started >> {tmp_path}/started\n")
    program.chmod(0o700)
    (tmp_path / "launcher").write_text(f"{program}\n")
    (tmp_path / "spool").mkdir()
    if stale:
        (tmp_path / "spool" / ".waking").touch()
        os.utime(tmp_path / "spool" / ".waking", (1, 1))
    with ThreadPoolExecutor(24) as pool:
        assert all(
            silent(done) for done in pool.map(lambda n: fire(tmp_path, payload={"session_id": f"s{n}"}), range(162))
        )
    deadline = time.monotonic() + 5
    while not (tmp_path / "started").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len((tmp_path / "started").read_text().splitlines()) == 1
    assert len(events(tmp_path)) == 162
    assert [path.name for path in (tmp_path / "spool").glob(".*")] == [".waking"]


def test_a_mark_that_another_hook_has_just_made_is_not_taken_for_a_stale_one(tmp_path, monkeypatch):
    mark, program = tmp_path / "spool" / ".waking", tmp_path / "program"
    mark.parent.mkdir()
    mark.touch()
    program.touch()
    (tmp_path / "launcher").write_text(f"{program}\n")
    seen = iter([False, True])  # stale when it was looked at, and new when it was taken
    monkeypatch.setattr(capture, "is_fresh", lambda _: next(seen))
    monkeypatch.setattr(capture, "start", lambda *_: pytest.fail("it was started twice"))
    capture.wake(str(tmp_path))
    assert os.listdir(mark.parent) == [".waking"]


def test_what_comes_to_a_full_spool_is_counted_and_somebody_is_woken_to_empty_it(tmp_path, monkeypatch):
    monkeypatch.setattr(capture, "FULL", -1)
    monkeypatch.chdir(tmp_path)
    assert capture.write(str(tmp_path), "Stop", b"{}")
    assert capture.write(str(tmp_path), "Stop", b"{}")
    assert events(tmp_path) == []
    assert (tmp_path / "dropped").stat().st_size == 2


@pytest.mark.parametrize("spoilt", ["#!/bin/sh\nexit 1\n", "#!/no/such/interpreter\n", "not a program"])
def test_a_python_that_does_not_run_is_passed_over(tmp_path, spoilt):
    folder = tmp_path / "programs"
    folder.mkdir()
    (folder / "python3").write_text(spoilt)
    (folder / "python3").chmod(0o700)
    (folder / "python").symlink_to(sys.executable)
    hook = CAPTURE.parents[1] / "plugin" / "bin" / "accrete-hook"
    env = {"PATH": f"{folder}:/usr/bin:/bin", "HOME": str(tmp_path), "ACCRETE_HOME": str(tmp_path / "data")}
    assert silent(
        subprocess.run(
            [str(hook), "Stop"], input=json.dumps(PAYLOAD).encode(), capture_output=True, env=env, check=False
        )
    )
    assert len(events(tmp_path / "data")) == 1


HOOK = CAPTURE.parents[1] / "plugin" / "bin" / "accrete-hook"


def bare(seconds: list[float]) -> float:
    """Appends how long this Python takes to start here and now, and returns the least of all."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-I", "-S", "-c", ""], check=True)
    seconds.append(time.perf_counter() - began)
    return min(seconds)


def spoil(home: Path, how: str) -> dict[str, object]:
    """Breaks what a hook needs; returns what else its process is to have."""
    limits: dict[str, object] = {}
    if how == "no data folder":
        return limits
    home.mkdir()
    if how in ("ignore", "tier", "launcher"):
        os.mkfifo(home / how)
    elif how == "a device":
        (home / "ignore").symlink_to("/dev/zero")
        (home / "launcher").symlink_to("/dev/zero")
    elif how == "no launcher":
        (home / "launcher").write_text("/no/such/program\ningest\n")
    elif how == "a launcher that is no program":
        (home / "launcher").write_text(f"{home}\ningest\n")
    elif how == "a file for a spool":
        (home / "spool").write_text("")
    elif how == "a loop of links":
        (home / "spool").symlink_to(home / "spool")
    return limits


@pytest.mark.parametrize("how", ["no data folder", "ignore", "tier", "launcher", "a device", "no launcher", "a launcher that is no program",
                                 "a file for a spool", "a loop of links"])  # fmt: skip
def test_whatever_is_broken_nobody_waits_for_it(tmp_path, how):
    home = tmp_path / "home"
    spoil(home, how)
    took, alone = [], []
    for _ in range(5):
        least = bare(alone)
        began = time.perf_counter()
        assert silent(fire(home, cwd=tmp_path))
        took.append(time.perf_counter() - began)
        if min(took) - least < 0.1:
            break
    assert min(took) - least < 0.1


@pytest.mark.parametrize("handles", range(3, 14))
def test_without_a_file_handle_it_is_silent_and_well(tmp_path, handles):
    import resource

    def few() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (handles, handles))

    for words in (
        [sys.executable, "-I", "-S", str(CAPTURE), "Stop", str(tmp_path / "home")],
        ["/bin/sh", str(HOOK), "Stop"],
    ):
        alone = [words[0], "-c", "pass" if words[0] == sys.executable else ":"]
        env = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "ACCRETE_HOME": str(tmp_path / "home")}
        begins, done = (
            subprocess.run(each, input=json.dumps(PAYLOAD).encode(), capture_output=True, check=False, cwd=tmp_path,
                           env=env, preexec_fn=few) for each in (alone, words)
        )  # fmt: skip
        # a Python that cannot begin, and a shell that cannot open its script, are none of ours
        assert silent(done) or begins.returncode or (words[0] == "/bin/sh" and handles < 12)


def test_what_its_owner_forbade_is_not_kept_where_it_cannot_be_read(tmp_path, monkeypatch):
    (tmp_path / "ignore").write_text("/somewhere\n")
    real = os.open

    def full(path, *args, **how):
        if str(path).endswith("ignore"):
            raise OSError(24, "Too many open files")
        return real(path, *args, **how)

    monkeypatch.setattr(os, "open", full)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OSError, match="Too many"):
        capture.write(str(tmp_path), "Stop", b"{}")
    assert not (tmp_path / "spool").exists()


def test_a_file_that_cannot_be_renamed_leaves_no_half(tmp_path, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "rename", full)
    with pytest.raises(OSError, match="No space"):
        capture.put(str(tmp_path), "Stop", b"x")
    assert os.listdir(tmp_path / "spool") == []


def test_a_payload_of_fifty_megabytes_is_taken_in_and_only_its_session_is_kept(tmp_path):
    payload = json.dumps({"session_id": "s1", "prompt": "\ud800" + "x" * 50_000_000}).encode()
    began = time.monotonic()
    assert silent(fire(tmp_path, "UserPromptSubmit", payload, CLAUDE_CODE_SESSION_ID="other"))
    assert time.monotonic() - began < 5
    ((name, session, payload),) = [(event.name, event.session, event.payload) for event in events(tmp_path)]
    assert (name, session, payload) == ("UserPromptSubmit", "s1", {})


def test_where_the_launcher_is_gone_a_plugin_takes_its_own_starter(tmp_path, monkeypatch):
    (tmp_path / "spool").mkdir()
    (tmp_path / "launcher").write_text("/no/such/program\ningest\n")
    (tmp_path / "bin").mkdir()
    starter = tmp_path / "bin" / "accrete-start"
    starter.touch()
    told = []
    monkeypatch.setattr(capture, "__file__", str(tmp_path / "capture.py"))
    monkeypatch.setattr(capture, "start", lambda home, command: told.append(command))
    capture.wake(str(tmp_path))
    assert told == [[str(starter), "ingest"]]


IGNORED = [
    ("{at}/private", "{at}/private"), ("{at}/private", "{at}/private/deep/er"), ("{at}/link", "{at}/private"), ("{at}/private", "{at}/link/deep"),
    ("~/private", "{at}/private"), ("{at}/pri*", "{at}/private/deep"), ("{at}/*/deep", "{at}/private/deep"), ("**/deep", "{at}/private/deep"),
    ("{at}/p?ivate/**", "{at}/private/deep"),
]  # fmt: skip
KEPT = [
    ("{at}/private", "{at}/privates"), ("{at}/pri*", "{at}/other"), ("{at}/*", "{at}"), ("{at}/?", "{at}/private"),
    ("# {at}/private", "{at}/private"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "folder", "kept"), [*((*each, False) for each in IGNORED), *((*each, True) for each in KEPT)]
)
@pytest.mark.parametrize("how", ["it runs there", "its payload says so"])
def test_an_ignored_folder_is_known_by_any_of_its_names(tmp_path, rule, folder, kept, how):
    at, home = tmp_path / "at", tmp_path / "home"
    for name in ("private/deep/er", "privates", "other"):
        (at / name).mkdir(parents=True)
    (at / "link").symlink_to(at / "private")
    home.mkdir()
    (home / "ignore").write_text(f"{rule.format(at=at)}\n")
    where = folder.format(at=at)
    payload = {**PAYLOAD, "cwd": where} if how == "its payload says so" else PAYLOAD
    assert silent(fire(home, payload=payload, cwd=Path(where) if how == "it runs there" else tmp_path, HOME=str(at)))
    assert (home / "spool").exists() == kept
    ignored = Ignored(Settings(home=home, roots=(), zone="UTC"))
    assert rule.startswith("~") or ignored.covers(where) != kept  # the record's reader judges alike
