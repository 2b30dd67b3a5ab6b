"""Whatever is broken, crowded or forbidden, a hook is silent and keeps nobody waiting."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from accrete_hooks import capture

from accrete.record.ignored import Ignored
from accrete.settings import Settings
from tests.fuzz import TORTURE
from tests.hooks.fired import CAPTURE, PAYLOAD, events, fire, silent
from tests.patience import clock_s, least, until

pytestmark = pytest.mark.long


@pytest.mark.parametrize("name", ["ignore", "tier", "launcher", "ingest.log"])
def test_a_pipe_that_nobody_writes_to_keeps_nobody_waiting(tmp_path, name):
    os.mkfifo(tmp_path / name)
    if name == "ingest.log":
        (tmp_path / "launcher").write_text("/bin/true\n")
    assert silent(fire(tmp_path))  # who opens such a pipe waits without end, and `fire` gives up
    assert len(events(tmp_path)) == 1


MANY = 162 if TORTURE else 60


@pytest.mark.long
@pytest.mark.grid
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
            silent(done)
            for done in pool.map(
                lambda n: fire(tmp_path, payload={"session_id": f"s{n}"}), range(MANY)
            )
        )
    until((tmp_path / "started").exists)
    assert len((tmp_path / "started").read_text().splitlines()) == 1
    assert len(events(tmp_path)) == MANY
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


def test_what_comes_to_a_full_spool_is_counted_and_somebody_is_woken_to_empty_it(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(capture, "FULL", -1)
    monkeypatch.chdir(tmp_path)
    assert capture.write(str(tmp_path), "Stop", b"{}")
    assert capture.write(str(tmp_path), "Stop", b"{}")
    assert events(tmp_path) == []
    assert (tmp_path / "dropped").stat().st_size == 2


@pytest.mark.parametrize(
    "spoilt", ["#!/bin/sh\nexit 1\n", "#!/no/such/interpreter\n", "not a program"]
)
def test_a_python_that_does_not_run_is_passed_over(tmp_path, spoilt):
    folder = tmp_path / "programs"
    folder.mkdir()
    (folder / "python3").write_text(spoilt)
    (folder / "python3").chmod(0o700)
    (folder / "python").symlink_to(sys.executable)
    hook = CAPTURE.parents[1] / "plugin" / "bin" / "accrete-hook"
    env = {
        "PATH": f"{folder}:/usr/bin:/bin",
        "HOME": str(tmp_path),
        "ACCRETE_HOME": str(tmp_path / "data"),
    }
    assert silent(
        subprocess.run(
            [str(hook), "Stop"],
            input=json.dumps(PAYLOAD).encode(),
            capture_output=True,
            env=env,
            check=False,
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


@pytest.mark.parametrize(
    "how",
    [
        "no data folder",
        "ignore",
        "tier",
        "launcher",
        "a device",
        "no launcher",
        "a launcher that is no program",
        "a file for a spool",
        "a loop of links",
    ],
)
def test_whatever_is_broken_nobody_waits_for_it(tmp_path, how):
    home = tmp_path / "home"
    spoil(home, how)
    took, alone = [], []

    def longer() -> float:
        fastest = bare(alone)
        began = time.perf_counter()
        assert silent(fire(home, cwd=tmp_path))
        took.append(time.perf_counter() - began)
        return min(took) - fastest

    assert least(longer, 0.1, times=20) < 0.1


@pytest.mark.long
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
        env = {
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "ACCRETE_HOME": str(tmp_path / "home"),
        }
        begins, done = (
            subprocess.run(
                each,
                input=json.dumps(PAYLOAD).encode(),
                capture_output=True,
                check=False,
                cwd=tmp_path,
                env=env,
                preexec_fn=few,
            )
            for each in (alone, words)
        )
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


@pytest.mark.long
def test_a_payload_of_fifty_megabytes_is_taken_in_and_only_its_session_is_kept(tmp_path):
    payload = json.dumps({"session_id": "s1", "prompt": "\ud800" + "x" * 50_000_000}).encode()

    def taken() -> None:
        done = fire(tmp_path, "UserPromptSubmit", payload, CLAUDE_CODE_SESSION_ID="other")
        assert silent(done)

    assert least(lambda: clock_s(taken), 5) < 5
    told = [(event.name, event.session, event.payload) for event in events(tmp_path)]
    assert set(map(repr, told)) == {repr(("UserPromptSubmit", "s1", {}))}


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
    ("{at}/private", "{at}/private"),
    ("{at}/private", "{at}/private/deep/er"),
    ("{at}/link", "{at}/private"),
    ("{at}/private", "{at}/link/deep"),
    ("~/private", "{at}/private"),
    ("{at}/pri*", "{at}/private/deep"),
    ("{at}/*/deep", "{at}/private/deep"),
    ("**/deep", "{at}/private/deep"),
    ("{at}/p?ivate/**", "{at}/private/deep"),
]


KEPT = [
    ("{at}/private", "{at}/privates"),
    ("{at}/pri*", "{at}/other"),
    ("{at}/*", "{at}"),
    ("{at}/?", "{at}/private"),
    ("# {at}/private", "{at}/private"),
]


@pytest.mark.parametrize(
    ("rule", "folder", "kept"),
    [*((*each, False) for each in IGNORED), *((*each, True) for each in KEPT)],
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
    assert silent(
        fire(
            home,
            payload=payload,
            cwd=Path(where) if how == "it runs there" else tmp_path,
            HOME=str(at),
        )
    )
    assert (home / "spool").exists() == kept
    ignored = Ignored(Settings(home=home, roots=(), zone="UTC"))
    assert rule.startswith("~") or ignored.covers(where) != kept  # the record's reader judges alike
