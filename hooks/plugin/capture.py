"""Runs inside Claude Code at a hook: writes one file to the spool and starts at most one ingest.

Standard library only, and little of it: every import is time that the person waits. Nothing is
printed and the exit code is 0 whatever happens, because a hook that fails is shown to the person or
stops them. Run as

    python -I -S capture.py [EVENT [DATA_FOLDER]]

A spool file is `<ns>-<pid>-<event>.hook`: a line
`accrete-hook 1 EVENT MS OFFSET_MINUTES ZONE SESSION`, a line with the folder, then what the client
sent on standard input, byte for byte. It is written under another name and renamed, so that a
reader never sees a half; it survives this process, not a power cut. Not kept are events from
folders whose owner said so: a file `.accrete-ignore` in the folder or above it, or a line in the
file `ignore` of the data folder, which may be a glob. Of a payload larger than LARGEST only its
session is kept.
"""

import os
import sys
import time

WAKING = ("SessionStart", "UserPromptSubmit", "Stop", "SessionEnd")
"""Events after which there is something to read."""
DISABLED = "Disabled"
"""The name under which a session is noted that is to stay out (`ACCRETE_DISABLE`)."""
WAKE_AGAIN_S = 30
"""How long a started ingest may take to begin before another one is started."""
LARGEST = 16 * 1024 * 1024
LOG_LARGEST = 1024 * 1024
FULL = 16 * 1024 * 1024
"""Size of the spool's own directory at which nothing more is put there: some 200,000 files that
nobody read."""
KEPT_ENVIRONMENT = (
    "PATH",
    "HOME",
    "USER",
    "LANG",
    "LC_ALL",
    "TZ",
    "TMPDIR",
    "TEMP",
    "TMP",
    "SYSTEMROOT",
    "USERPROFILE",
    "APPDATA",
    "LOCALAPPDATA",
    "XDG_DATA_HOME",
    "XDG_CONFIG_HOME",
    "CLAUDE_CONFIG_DIR",
    "ACCRETE_HOME",
)
"""What the ingest inherits: no key, no token."""


def data_folder(given: str) -> str:
    """Where the record is: the argument, else as accrete.settings decides."""
    if given:
        return given
    home = os.environ.get("ACCRETE_HOME", "").strip()
    if home:
        return os.path.expanduser(home)
    data = os.environ.get("XDG_DATA_HOME", "").strip() or os.path.join(
        os.path.expanduser("~"), ".local", "share"
    )
    return os.path.join(os.path.expanduser(data), "accrete")


def read_input() -> tuple[bytes, bool]:
    """Standard input, and whether there was more than LARGEST bytes: all is read, because the
    client waits until it is."""
    pieces: list[bytes] = []
    size = 0
    while True:
        piece = os.read(0, 1 << 16)
        if not piece:
            return b"".join(pieces), size > LARGEST
        size += len(piece)
        if size <= LARGEST:
            pieces.append(piece)


def contents(path: str, most: int) -> bytes:
    """The beginning of a file, nothing if there is none or it is something else, such as a pipe
    that nobody writes to.
    Raises OSError if it is there and cannot be read: what it forbids is not known then."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except (FileNotFoundError, NotADirectoryError):
        return b""
    try:
        return os.read(handle, most) if os.fstat(handle).st_mode & 0o170000 == 0o100000 else b""
    finally:
        os.close(handle)


def is_ignored(home: str, folders: list[str]) -> bool:
    """Whether the owner of one of these folders, as it is called or where that leads, wants nothing
    of it kept. The first is called by its real name."""
    others = {*folders[1:]} - {folders[0], ""}
    places = ({folders[0]} | others | {os.path.realpath(other) for other in others}) - {""}
    if any(is_marked(place) for place in places):
        return True
    ignored = contents(os.path.join(home, "ignore"), 1 << 20).decode("utf-8", "surrogateescape")
    for line in ignored.splitlines():
        name = os.path.expanduser(line.strip()).rstrip("/\\")
        if name and not name.startswith("#"):
            for each in {name, os.path.realpath(name)}:
                if any(place == each or place.startswith(each + os.sep) for place in places):
                    return True
            if ("*" in name or "?" in name) and any(fits(name, place) for place in places):
                return True
    return False


def is_marked(folder: str) -> bool:
    """Whether a file in the folder or above it says that nothing is to be kept."""
    while not os.path.exists(os.path.join(folder, ".accrete-ignore")):
        above = os.path.dirname(folder)
        if above == folder:
            return False
        folder = above
    return True


def fits(glob: str, folder: str) -> bool:
    """Whether a folder, or one that it lies in, fits a glob: `*` and `?` within one name, `**`
    across names."""
    import re  # only who wrote a glob pays for it

    pieces = re.split(r"(\*\*/|/\*\*$|\*\*|\*|\?)", glob.replace("\\", "/"))
    words = {"**/": "(?:.*/)?", "/**": "", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    body = "".join(words[piece] if piece in words else re.escape(piece) for piece in pieces)
    flags = re.IGNORECASE if os.name == "nt" else 0
    return re.match(f"{body}(?:/.*)?$", folder.replace("\\", "/"), flags) is not None


def zone() -> str:
    """What TZ says, else the name of the machine's time zone; `-` where neither does."""
    name = os.environ.get("TZ")
    if name is not None:
        name = name.removeprefix(":") or "UTC"
    else:
        try:
            name = os.path.realpath("/etc/localtime").partition("/zoneinfo/")[2]
        except OSError:
            name = ""
    return name if name and len(name) < 60 and not any(char.isspace() for char in name) else "-"


def only_metadata(home: str) -> bool:
    """Whether the spool may hold no words: the local tier in the data folder's file `tier` is below
    3."""
    return contents(os.path.join(home, "tier"), 1) in (b"1", b"2")


def write(home: str, event: str, payload: bytes, too_large: bool = False) -> bool:
    """Puts the event into the spool; returns whether anything was to be put there. Of a session
    that is to stay out only its id is put there, so that nobody reads its transcript either; of a
    payload that is too large as much."""
    try:
        folder = os.getcwd()
    except OSError:
        folder = ""
    if is_ignored(home, [folder, os.environ.get("PWD", ""), said_folder(payload)]):  # PWD: by links
        return False
    session = (os.environ.get("CLAUDE_CODE_SESSION_ID", "").split() or ["-"])[0]
    if too_large:
        session, payload = field(payload, b"session_id") or session, b""
    if os.environ.get("ACCRETE_DISABLE"):
        session = field(payload, b"session_id") or session
        event, folder, payload = DISABLED, "", b""
    offset = time.localtime().tm_gmtoff // 60
    where = folder.replace("\n", " ")
    head = (
        f"accrete-hook 1 {event} {time.time_ns() // 1_000_000} {offset} {zone()} {session}\n"
        f"{where}\n"
    )
    body = head.encode("utf-8", "surrogateescape") + (b"" if only_metadata(home) else payload)
    try:
        put(home, event, body)
    except FileNotFoundError:  # the spool was made anew at this moment
        put(home, event, body)
    return True


def put(home: str, event: str, body: bytes) -> None:
    """Writes an event's file, or counts it as dropped where the spool is full."""
    spool = os.path.join(home, "spool")
    for each in (home, spool):
        os.makedirs(each, 0o700, exist_ok=True)
    if os.stat(spool).st_size > FULL:
        handle = os.open(
            os.path.join(home, "dropped"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600
        )
        os.write(handle, b".")
        os.close(handle)
        return
    name = f"{time.time_ns():020d}-{os.getpid()}-{event}"
    hidden = os.path.join(spool, "." + name + ".part")
    handle = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        try:
            view = memoryview(body)
            while view:
                view = view[os.write(handle, view) :]
        finally:
            os.close(handle)
        os.rename(hidden, os.path.join(spool, name + ".hook"))
    except OSError:
        os.unlink(hidden)
        raise


def wake(home: str) -> None:
    """Starts an ingest, unless one that was started has not begun yet: it will see what was just
    written."""
    mark = os.path.join(home, "spool", ".waking")
    try:
        if is_fresh(mark):
            return
        taken = f"{mark}.{os.getpid()}"
        os.rename(mark, taken)
        if is_fresh(taken):  # another hook was faster, and this is its mark
            os.rename(taken, mark)
            return
        os.unlink(taken)
    except FileNotFoundError:
        pass
    try:  # of many hooks at once one makes it
        os.close(os.open(mark, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return
    launcher = contents(os.path.join(home, "launcher"), 8192).decode("utf-8", "surrogateescape")
    # a plugin brings a starter of its own, for where it was installed alone or what the launcher
    # names is gone
    starter = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bin", "accrete-start")
    for command in ([line for line in launcher.split("\n") if line], [starter, "ingest"]):
        if command and os.path.exists(command[0]):
            start(home, command)
            return


def is_fresh(mark: str) -> bool:
    """Whether an ingest was started so lately that it may begin yet."""
    return 0 <= time.time() - os.stat(mark).st_mtime < WAKE_AGAIN_S


def start(home: str, command: list[str]) -> None:
    """Starts a command that outlives this process and the client: own session, own log, no
    inherited secrets."""
    environment = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
    environment["ACCRETE_HOME"] = home
    log = os.path.join(home, "ingest.log")
    try:
        if os.stat(log).st_mode & 0o170000 != 0o100000:  # a pipe would make us wait
            log = os.devnull
        elif os.stat(log).st_size > LOG_LARGEST:
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


def field(payload: bytes, name: bytes) -> str:
    """A short text of the payload, such as the event's name: a client that knows no `args` says it
    only here."""
    _, _, after = payload.partition(b'"' + name + b'"')
    words = after[:200].split(b'"')
    return "".join(words[1].decode("ascii", "replace").split()) if len(words) > 2 else ""


def said_folder(payload: bytes) -> str:
    """The folder that the payload names: the client may have gone to another one than this process
    was started in."""
    _, _, after = payload[:65536].partition(b'"cwd"')
    text = after.lstrip(b" :")[1:].replace(b"\\\\", b"\0").replace(b'\\"', b"\1").partition(b'"')[0]
    return text.replace(b"\0", b"\\").replace(b"\1", b'"').decode("utf-8", "surrogateescape")


def main() -> None:
    """Captures one event."""
    payload, too_large = read_input()
    event = (sys.argv[1] if len(sys.argv) > 1 else "") or field(payload, b"hook_event_name")
    if not event.isalnum() or len(event) > 60:
        return
    home = data_folder(sys.argv[2] if len(sys.argv) > 2 else "")
    if write(home, event, payload, too_large) and event in WAKING:
        wake(home)


if __name__ == "__main__":
    try:  # noqa: SIM105 - contextlib is an import more
        main()
    except BaseException:  # noqa: S110 - whatever it is, the person at work must not notice
        pass
    os._exit(0)
