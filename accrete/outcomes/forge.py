"""What GitHub says of a pull request: asked through the person's own `gh`, or its API with a token,
within bounds."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import IO, TYPE_CHECKING, NamedTuple, TypeVar

from accrete.clock import parse_instant
from accrete.outcomes.addresses import same_address
from accrete.outcomes.kinds import CLOSED, FINAL, MERGED, OPEN
from accrete.text.lazy import lazy

if TYPE_CHECKING:
    import subprocess

GITHUB = "github.com"
API = "https://api.github.com"
TIMEOUT_S = 6.0
"""How long one pull request may take."""
MOST_BYTES = 256 << 10
"""How much of an answer is read: the whole of the API's is some 20 KiB."""
NOT_SIGNED_IN = 4
"""How `gh` exits where it has no account for a host (gh help exit-codes)."""
_ADDRESS = lazy(
    r"([a-z0-9.-]{1,253})/([A-Za-z0-9][A-Za-z0-9_-]{0,99})/"
    r"((?!\.{1,2}/)[A-Za-z0-9._-]{1,100})/pull/([1-9][0-9]{0,9})",
    re.ASCII,
)
_TOKEN = lazy(r"[!-~]{1,500}", re.ASCII)
_FOR_GH = (
    "HOME", "USER", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR", "GH_CONFIG_DIR",
    "DBUS_SESSION_BUS_ADDRESS", "SYSTEMROOT", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "TMPDIR",
    "TEMP", "TMP", "SSL_CERT_FILE", "SSL_CERT_DIR", "HTTPS_PROXY", "https_proxy", "NO_PROXY",
    "no_proxy",
)  # fmt: skip
"""What `gh` needs to find its account, its keyring and the network; no token is among them."""

T = TypeVar("T")


class Address(NamedTuple):
    """A pull request on a GitHub that may be asked."""

    host: str
    owner: str
    name: str
    number: int

    @property
    def url(self) -> str:
        """Its address, in the one form that a forge is asked with."""
        return f"https://{self.host}/{self.owner}/{self.name}/pull/{self.number}"


class Said(NamedTuple):
    """What a forge said: OPEN, MERGED or CLOSED, whether it is a draft, and moments in UTC ms."""

    state: str
    draft: bool
    opened_at: int | None
    merged_at: int | None
    closed_at: int | None


class Fault(NamedTuple):
    """Why there is no answer. of_all: it concerns every other pull request as well."""

    why: str
    of_all: bool = False


Ask = Callable[[Address, float], Said | Fault]
"""Asks about one pull request, for so many seconds at most."""


def address_of(url: str, hosts: tuple[str, ...] = ()) -> Address | None:
    """The pull request that an address names, on github.com or one of `hosts`; None for any other
    text."""
    found = (
        _ADDRESS.fullmatch(same_address(url)) if url.startswith(("https://", "http://")) else None
    )
    if found is None or found[1] not in (GITHUB, *hosts):
        return None
    return Address(found[1], found[2], found[3], int(found[4]))


def through_gh(env: Mapping[str, str], folder: str) -> Ask | Fault:
    """Asks the person's own `gh`, run in `folder`, with its own sign-in."""
    import shutil

    path = os.pathsep.join(
        part for part in env.get("PATH", "").split(os.pathsep) if os.path.isabs(part)
    )
    program = shutil.which("gh", path=path or os.devnull)
    if program is None or program.lower().endswith((".bat", ".cmd")):  # they run in a shell
        return Fault("gh was not found", of_all=True)
    given = _environment(env, path)

    def ask(address: Address, timeout_s: float) -> Said | Fault:
        fields = "state,isDraft,mergedAt,closedAt,createdAt"
        done = _output([program, "pr", "view", address.url, "--json", fields], given, folder,
                       timeout_s)  # fmt: skip
        if isinstance(done, Fault):
            return done
        code, text = done
        if code == NOT_SIGNED_IN:
            return Fault(f"gh is not signed in to {address.host}", address.host == GITHUB)
        if code:
            return Fault("gh could not read it")
        return _said(
            text, opened="createdAt", merged="mergedAt", closed="closedAt", draft="isDraft"
        )

    return ask


def with_token(token: str, version: str, base: str = API) -> Ask:
    """Asks the API at `base`, and sends the token nowhere else."""
    import http.client
    import urllib.error
    import urllib.request

    class _SameOrigin(urllib.request.HTTPRedirectHandler):
        def redirect_request(
            self,
            req: urllib.request.Request,
            fp: IO[bytes],
            code: int,
            msg: str,
            headers: http.client.HTTPMessage,
            newurl: str,
        ) -> urllib.request.Request | None:
            """A repository that was renamed is behind a redirect."""
            if not newurl.startswith(f"{base}/"):
                return None
            return super().redirect_request(req, fp, code, msg, headers, newurl)

    opener = urllib.request.build_opener(_SameOrigin)

    def ask(address: Address, timeout_s: float) -> Said | Fault:
        if address.host != GITHUB:
            return Fault("a token is for github.com only")
        url = f"{base}/repos/{address.owner}/{address.name}/pulls/{address.number}"
        headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {token}",
            "User-Agent": f"accrete/{version}",
            "X-GitHub-Api-Version": "2022-11-28",
        }

        def read() -> bytes | Fault:
            request = urllib.request.Request(url, headers=headers)  # noqa: S310 - base is ours
            try:
                with opener.open(request, timeout=timeout_s) as answer:
                    return bytes(answer.read(MOST_BYTES + 1))
            except urllib.error.HTTPError as error:
                with error:
                    return _refusal(error.code, dict(error.headers))
            except (OSError, ValueError, http.client.HTTPException) as error:
                return Fault(_no_answer(error))

        answer = _within(timeout_s, read)
        if answer is None:
            return Fault("no answer in time")
        if isinstance(answer, Fault):
            return answer
        return _said(
            answer, opened="created_at", merged="merged_at", closed="closed_at", draft="draft"
        )

    return ask


def token_in(env: Mapping[str, str]) -> str | None:
    """The token of an environment: GH_TOKEN before GITHUB_TOKEN, as `gh` has it."""
    for name in ("GH_TOKEN", "GITHUB_TOKEN"):
        value = env.get(name, "").strip()
        if _TOKEN.fullmatch(value):
            return value
    return None


def _environment(env: Mapping[str, str], path: str) -> dict[str, str]:
    given = {name: env[name] for name in _FOR_GH if name in env}
    if hasattr(os, "getuid") and "XDG_RUNTIME_DIR" not in given:  # a hook's ingest has none
        runtime = f"/run/user/{os.getuid()}"
        given |= {"XDG_RUNTIME_DIR": runtime} if os.path.isdir(runtime) else {}
    return {
        **given,
        "PATH": path,
        "GH_PROMPT_DISABLED": "1",
        "GH_NO_UPDATE_NOTIFIER": "1",
        "DO_NOT_TRACK": "1",
        "NO_COLOR": "1",
        "LC_ALL": "C",
    }


def _output(
    command: list[str], env: dict[str, str], folder: str, timeout_s: float
) -> tuple[int, bytes] | Fault:
    """A program's exit code and what it printed. It and what it started are ended where it takes
    longer or prints more than is read."""
    import subprocess

    until = time.monotonic() + timeout_s
    try:
        process = subprocess.Popen(
            command,
            bufsize=0,  # so that the pipe can be closed while it is read
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=env,
            cwd=folder,
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError as error:
        return Fault(f"gh did not start: {error.strerror}", of_all=True)
    pipe = process.stdout
    assert pipe is not None
    text = _within(timeout_s, lambda: _read(pipe))
    if text is not None and len(text) <= MOST_BYTES:
        try:
            code = process.wait(max(until - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            _end(process)
            return Fault("no answer in time")
        finally:
            pipe.close()
        return code, text
    _end(process)
    pipe.close()
    return Fault("no answer in time" if text is None else "gh printed too much")


def _read(pipe: IO[bytes]) -> bytes:
    """What comes out of a pipe, up to a little more than MOST_BYTES."""
    text = b""
    while len(text) <= MOST_BYTES and (more := pipe.read(1 << 16)):
        text += more
    return text


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends a program with all that it started, which may go on where it has ended itself."""
    try:
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    except OSError:
        process.kill()
    process.wait()


def _within(seconds: float, work: Callable[[], T]) -> T | None:
    """What some work comes to, or None where it takes longer; it is left alone then."""
    done: list[T] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(work())
        except BaseException as error:  # raised again by whoever waits
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if failed:
        raise failed[0]
    return done[0] if done else None


def _refusal(code: int, headers: Mapping[str, str]) -> Fault:
    limits = {name.lower(): value for name, value in headers.items()}
    if code == 401:
        return Fault("GitHub refused the token", of_all=True)
    if code == 429 or (
        code == 403 and ("retry-after" in limits or limits.get("x-ratelimit-remaining") == "0")
    ):
        return Fault("GitHub's rate limit is reached", of_all=True)
    if code in (403, 404):
        return Fault("GitHub does not show it to this token")
    return Fault(f"GitHub answered {code}")


def _no_answer(error: Exception) -> str:
    late = isinstance(error, TimeoutError) or isinstance(
        getattr(error, "reason", None), TimeoutError
    )
    return "no answer in time" if late else "GitHub could not be reached"


def _said(text: bytes, *, opened: str, merged: str, closed: str, draft: str) -> Said | Fault:
    try:
        found = json.loads(text) if len(text) <= MOST_BYTES else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        return Fault("the answer could not be read")
    state = found.get("state")
    word = state.lower() if isinstance(state, str) else ""
    merged_at = _moment(found.get(merged))
    if word == CLOSED and merged_at is not None:  # the API has no state of its own for it
        word = MERGED
    if word not in (OPEN, *FINAL):
        return Fault("the answer could not be read")
    return Said(word, found.get(draft) is True, _moment(found.get(opened)), merged_at,
                _moment(found.get(closed)))  # fmt: skip


def _moment(value: object) -> int | None:
    """UTC ms of a moment as GitHub writes it."""
    return parse_instant(value) if isinstance(value, str) and len(value) <= 40 else None
