"""What runs inside Claude Code at a hook: one file into the spool, at most one ingest set going, and gone.

Standard library only, and little of it: every import is time that the person waits. Nothing is printed and the exit
code is 0 whatever happens, because a hook that fails is shown to the person or stops them. Run as

    python -I -S capture.py [EVENT [DATA_FOLDER]]

A spool file is `<ns>-<pid>-<event>.hook`: a line `accrete-hook 1 EVENT MS OFFSET_MINUTES ZONE SESSION`, a line with the
folder, then what the client sent on standard input, byte for byte. It is written under another name and renamed, so that
a reader never sees a half; it survives this process, not a power cut. Not kept are events from folders whose owner said
so: a file `.accrete-ignore` in the folder or above it, or a line in the file `ignore` of the data folder.
"""

import os
import sys
import time

WAKING = ("SessionStart", "UserPromptSubmit", "Stop", "SessionEnd")
"""Events after which there is something to read."""
WAKE_AGAIN_S = 30
"""How long a started ingest may take to begin before another one is started."""
LARGEST = 16 * 1024 * 1024
LOG_LARGEST = 1024 * 1024
FULL = 16 * 1024 * 1024
"""Size of the spool's own directory at which nothing more is put there: some 200,000 files that nobody read."""
KEPT_ENVIRONMENT = ("PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "USERPROFILE", "APPDATA", "LOCALAPPDATA",
                    "XDG_DATA_HOME", "XDG_CONFIG_HOME", "CLAUDE_CONFIG_DIR", "ACCRETE_HOME")  # fmt: skip
"""What the ingest inherits: no key, no token."""


def data_folder(given: str) -> str:
    """Where the record is: the argument, else as accrete.settings decides."""
    if given:
        return given
    home = os.environ.get("ACCRETE_HOME", "").strip()
    if home:
        return os.path.expanduser(home)
    data = os.environ.get("XDG_DATA_HOME", "").strip() or os.path.join(os.path.expanduser("~"), ".local", "share")
    return os.path.join(os.path.expanduser(data), "accrete")


def read_input() -> bytes:
    """Standard input, up to LARGEST bytes."""
    pieces, size = [], 0
    while size < LARGEST:
        piece = os.read(0, 1 << 16)
        if not piece:
            break
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)


def is_ignored(home: str, folder: str) -> bool:
    """Whether the owner of a folder wants nothing of it kept."""
    at = folder
    while True:
        if os.path.exists(os.path.join(at, ".accrete-ignore")):
            return True
        above = os.path.dirname(at)
        if above == at:
            break
        at = above
    logical = os.environ.get("PWD", "")  # where the person believes to be, by links
    places = [folder, logical] if logical else [folder]
    try:
        with open(os.path.join(home, "ignore"), encoding="utf-8", errors="replace") as file:
            lines = file.read(1 << 20).splitlines()
    except OSError:
        return False
    for line in lines:
        name = os.path.expanduser(line.strip()).rstrip("/\\")
        if name and not name.startswith("#"):
            for each in (name, os.path.realpath(name)):
                if any(place == each or place.startswith(each + os.sep) for place in places):
                    return True
    return False


def zone() -> str:
    """The name of the machine's time zone, `-` where it does not say."""
    name = os.environ.get("TZ", "").lstrip(":")
    if not name:
        try:
            name = os.path.realpath("/etc/localtime").partition("/zoneinfo/")[2]
        except OSError:
            name = ""
    return name if name and len(name) < 60 and not any(char.isspace() for char in name) else "-"


def only_metadata(home: str) -> bool:
    """Whether the spool may hold no words: the local tier in the data folder's file `tier` is below 3."""
    try:
        with open(os.path.join(home, "tier"), "rb") as file:
            return file.read(1) in (b"1", b"2")
    except OSError:
        return False


def write(home: str, event: str, payload: bytes) -> bool:
    """Puts the event into the spool; returns whether it did."""
    spool = os.path.join(home, "spool")
    try:
        folder = os.getcwd()
    except OSError:
        folder = ""
    if os.environ.get("ACCRETE_DISABLE") or (folder and is_ignored(home, folder)):
        return False
    for each in (home, spool):
        os.makedirs(each, 0o700, exist_ok=True)
    if os.stat(spool).st_size > FULL:
        return False
    offset = time.localtime().tm_gmtoff // 60
    session = (os.environ.get("CLAUDE_CODE_SESSION_ID", "").split() or ["-"])[0]
    where = folder.replace("\n", " ")
    head = f"accrete-hook 1 {event} {time.time_ns() // 1_000_000} {offset} {zone()} {session}\n{where}\n"
    body = head.encode("utf-8", "surrogateescape") + (b"" if only_metadata(home) else payload)
    name = f"{time.time_ns():020d}-{os.getpid()}-{event}"
    hidden = os.path.join(spool, "." + name + ".part")
    handle = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        view = memoryview(body)
        while view:
            view = view[os.write(handle, view) :]
    except OSError:
        os.close(handle)
        os.unlink(hidden)
        return False
    os.close(handle)
    os.rename(hidden, os.path.join(spool, name + ".hook"))
    return True


def wake(home: str) -> None:
    """Starts an ingest, unless one that was started has not begun yet: it will see what was just written."""
    mark = os.path.join(home, "spool", ".waking")
    try:
        if 0 <= time.time() - os.stat(mark).st_mtime < WAKE_AGAIN_S:
            return
        os.utime(mark)
    except FileNotFoundError:
        os.close(os.open(mark, os.O_WRONLY | os.O_CREAT, 0o600))
    try:
        with open(os.path.join(home, "launcher"), encoding="utf-8") as file:
            command = [line for line in file.read(8192).split("\n") if line]
    except FileNotFoundError:  # a plugin that was installed alone brings a starter of its own
        starter = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bin", "accrete-start")
        command = [starter, "ingest"] if os.path.exists(starter) else []
    if command:
        start(home, command)


def start(home: str, command: list[str]) -> None:
    """Starts a command that outlives this process and the client: own session, own log, no inherited secrets."""
    environment = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
    environment["ACCRETE_HOME"] = home
    log = os.path.join(home, "ingest.log")
    try:
        if os.stat(log).st_size > LOG_LARGEST:
            os.replace(log, log + ".1")
    except OSError:
        pass
    if sys.platform == "win32":
        os.spawnve(os.P_DETACH, command[0], command, environment)  # noqa: S606 - no shell is wanted
        return
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, log, flags, 0o600),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    try:
        os.posix_spawn(command[0], command, environment, file_actions=actions, setsid=True)
    except NotImplementedError:
        os.posix_spawn(command[0], command, environment, file_actions=actions, setpgroup=0)


def named(payload: bytes) -> str:
    """The event's name as the payload has it: a client that knows no `args` sends none."""
    _, _, after = payload.partition(b'"hook_event_name"')
    words = after[:100].split(b'"')
    return words[1].decode("ascii", "replace") if len(words) > 1 else ""


def main() -> None:
    """Captures one event."""
    payload = read_input()
    event = (sys.argv[1] if len(sys.argv) > 1 else "") or named(payload)
    if not event.isalnum() or len(event) > 60:
        return
    home = data_folder(sys.argv[2] if len(sys.argv) > 2 else "")
    if write(home, event, payload) and event in WAKING:
        wake(home)


if __name__ == "__main__":
    try:  # noqa: SIM105 - contextlib is an import more
        main()
    except BaseException:  # noqa: S110 - whatever it is, the person at work must not notice
        pass
    os._exit(0)
