"""Private keys in any printed form: numbered, quoted, in a diff, indented, cut, without their
header."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

from accrete.text.lazy import lazy

_SP = r"(?:[ +]|%(?:25){0,3}2[0Bb])"
"""A space, also as a URL or a form holds it, however often it was encoded."""
_MARK = lazy(rf"KEY(?:{_SP}BLOCK)?-----")
_BEFORE_MARK = lazy(
    rf"(?:-----BEGIN{_SP}(?:[A-Z0-9]{{1,20}}{_SP}){{0,4}}PRIVATE{_SP}|"
    r"(?<![A-Za-z0-9 _\"'`%+-])[A-Z0-9 -]{0,40})$"
)
_END = lazy(rf"-----END{_SP}(?:[A-Z0-9]{{1,20}}{_SP}){{0,4}}PRIVATE{_SP}KEY(?:{_SP}BLOCK)?-----")
_EDGE = lazy(
    r"-----(?:BEGIN|END) |(?:CERTIFICATE|PUBLIC KEY|MESSAGE|SIGNATURE|REQUEST|"
    r"PARAMETERS)[A-Z ]*-----"
)
_BEHIND = r"(?:[\"'`,;+)\\ \t\r|]|<br ?/?>|\^M|\$$)*"
"""What stands behind a line: quotes and joints of a program, a tag, what `cat -A` shows for the
end."""
_LINE = lazy(r"(?:[^\n]{0,200}[^A-Za-z0-9+/=\n])?(?P<run>[A-Za-z0-9+/=]{16,})" + _BEHIND)
_TAIL = lazy(r"(?:[^\n]{0,200}[^A-Za-z0-9+/=\n])?(?P<run>[A-Za-z0-9+/]{1,75}={0,2})" + _BEHIND)
_FIELD = lazy(r"[^\n]{0,60}(?:Proc-Type|DEK-Info|Comment|Version|Hash|Charset|MessageID): [^\n]*")
_EMPTY = lazy(
    r"(?:[ \t]*[0-9]*(?:\t|\xe2\x86\x92)|[^A-Za-z0-9\n]{0,40}|"
    r"[^\n]{0,120}[:-][0-9]{1,6}[:-])\r?[\"'`+,\\ \t\r]*"
)
_REST = lazy(r"(?:[ \t]*[A-Za-z0-9+/=]{4,})+")
_JOINT = (
    r"(?:%(?:25){0,3}(?:0[AaDd]|20)|<br ?/?>|&#x?[0-9aAdD]{1,2};|"
    r"[\\]{1,4}[0nrux]{1,2}[0-9a-f]{0,3}|[^A-Za-z0-9\n]{1,4})"
)
_JOINED = lazy(rf"(?:{_JOINT}{{0,6}}(?:[A-Za-z0-9+/=]|%(?:25){{0,3}}(?:2[BbFf]|3[Dd])){{16,}})+")
"""The lines of a body on one, joined by whatever an encoding or a program puts for their ends."""
_LINE_OF = lazy("[A-Za-z0-9+/=]{16,}")
SHORTEST_BODY = 44
"""The characters of a body without a mistake in them: no key has fewer than 32 bytes."""
_FARTHEST = 20_000
"""How far from its header the END line of a body may stand."""

_SPELLED = (
    "RSA PRIVATE KEY",
    "PRIVATE KEY",
    "EC PRIVATE KEY",
    "OPENSSH PRIVATE KEY",
    "ENCRYPTED PRIVATE KEY",
    "DSA PRIVATE KEY",
    "PGP PRIVATE KEY BLOCK",
)
_ENCODED = "|".join(
    {
        base64.b64encode(f"-----BEGIN {name}"[: (len(name) + 11) // 3 * 3].encode()).decode()
        for name in _SPELLED
    }
)
"""How the headers begin in base64, as a kubeconfig or a Kubernetes Secret holds them."""
_BODY = lazy(
    r"(?<![A-Za-z0-9+/])(?P<v>(?:MII[A-J][A-Za-z0-9+/]{2}IBAAKC|MIICX[A-Za-z0-9+/]IBAAKB|"
    r"MII[A-J][A-Za-z0-9+/]{2}IBADANBgkqhkiG9w0BAQEFAASC|"
    r"MIGHAgEAMBMGByqGSM49|MIG2AgEAMBAGByqGSM49|MHcCAQEEI|MIGkAgEBBD|MC4CAQAwBQYDK2V|"
    r"b3BlbnNzaC1rZXktdjE|"
    "MII[A-Za-z0-9+/]{3}IBAzCC|" + _ENCODED + r")[A-Za-z0-9+/=]{16,})"
)
"""How private keys begin: the DER of PKCS #1, PKCS #8, SEC 1 and PKCS #12, OpenSSH's own form, and
headers in base64."""

PROBE = "|".join(
    (
        r"KEY(?:(?:[ +]|%(?:25){0,3}2[0Bb])BLOCK)?-----",
        r"IBAzCC|IBAAK[CB]|BADANBgkqhkiG9w0BAQEFAASC|AgEAMB[MA]GByqGSM49|MHcCAQEEI|MIGkAgEBBD|"
        r"MC4CAQAwBQYDK2V|b3BlbnNzaC1rZXktdjE",
        _ENCODED.replace("+", r"\+"),
    )
)
"""Matches wherever find_keys finds something, but for blocks without any sign."""
HINTS = (
    "KEY-----",
    "BLOCK-----",
    "IBAzCC",
    "IBAAK",
    "BADANBgkqhkiG9w0BAQEFAASC",
    "AgEAMB",
    "MHcCAQEEI",
    "MIGkAgEBBD",
    "MC4CAQAwBQYDK2V",
    "b3BlbnNzaC1rZXktdjE",
    "LS0tLS1CRUdJTi",
)
"""One of these stands where PROBE matches."""
BLOCK_PROBE = r"[A-Za-z0-9+/]{64}"
"""Matches where a block without a sign may stand."""
_FULL = frozenset({64, 65, 70, 71})
"""The columns of PEM and OpenSSH, also with the sign of a diff before them."""
_MANY = 5
SHORTEST_BLOCK = _MANY * 64


def find_keys(text: str) -> Iterator[tuple[int, int]]:
    """The spans of private keys in the text, in no order, perhaps overlapping."""
    for match in _MARK.finditer(text):
        before = _BEFORE_MARK.search(text, max(0, match.start() - 60), match.start())
        if before is not None and "END" not in before[0] and "PUBLIC" not in before[0]:
            end = _whole_end(text, match.end()) or _body_end(text, match.end())
            if end is not None:
                yield before.start(), end
    for match in _END.finditer(text):
        start = _body_start(text, match.start())
        if start is not None:
            yield start, match.end()
    for match in _BODY.finditer(text):
        yield match.start(), max(match.end(), _body_end(text, match.start()) or 0)


def _is_evidence(run: str) -> bool:
    return (
        len(run) >= 16
        and len(set(run)) >= 10
        and any(c.isdigit() for c in run)
        and any(c.isupper() for c in run)
    )


def _whole_end(text: str, at: int) -> int | None:
    """Where the END line of the body that begins at `at` ends, if most of what stands between them
    is lines of a body, whatever joins them; None if not."""
    closing = _END.search(text, at, at + _FARTHEST)
    if closing is None:
        return None
    lines = [run[0] for run in _LINE_OF.finditer(text, at, closing.start())]
    held = sum(map(len, lines))
    size = closing.start() - at
    return closing.end() if held * 5 >= size * 2 and _is_body(lines) else None


def _is_body(lines: list[str]) -> bool:
    """Whether runs of characters are of a body, not the names in a program that looks for one."""
    return sum(len(line) for line in lines if _is_evidence(line)) >= SHORTEST_BODY


def _body_end(text: str, at: int) -> int | None:
    """Where the body that begins at `at` ends, its END line included; None if there is no body."""
    rest = _REST.match(text, at)
    found = False
    if rest is not None:
        found = any(_is_evidence(run) for run in rest[0].split())
        at = rest.end()
    joined = _JOINED.match(text, at)
    if joined is not None and _is_body(_LINE_OF.findall(joined[0])):
        found, at = True, joined.end()
    end = at if found else None
    closing = _END.match(text, _skip(text, at))
    if found and closing is not None:
        return closing.end()
    line = text.find("\n", at) + 1
    while 0 < line < len(text):
        stop = text.find("\n", line)
        stop = len(text) if stop < 0 else stop
        closing = _END.search(text, line, stop)
        if closing is not None:
            return closing.end() if found else None
        full = _LINE.fullmatch(text, line, stop)
        if full is not None and "-----" not in full[0]:
            found = found or _is_evidence(full["run"])
            end = full.end("run") if found else None
        elif (
            found
            and (tail := _TAIL.fullmatch(text, line, stop)) is not None
            and _closes(text, stop, tail["run"])
        ):
            end = tail.end("run")
        elif not _EMPTY.fullmatch(text, line, stop) and (
            found or not _FIELD.fullmatch(text, line, stop)
        ):
            break
        line = stop + 1
    return end


def _closes(text: str, stop: int, run: str) -> bool:
    """Whether the line that ends at `stop` is the body's last: an END line follows, a checksum, or
    nothing at all."""
    following = text[stop + 1 : stop + 300].split("\n")[:2]
    return any(_END.search(line) for line in following) or (
        not following[0].strip() and _is_partial(run)
    )


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t":
        at += 1
    return at


def _body_start(text: str, end: int) -> int | None:
    """Where the body before the END line that begins at `end` begins; None if there is none."""
    rest = re.search(
        r"(?:[A-Za-z0-9+/=]{4,}[ \t]+)+$", text[max(0, end - 8000) : end].rpartition("\n")[2] + ""
    )
    if rest is not None and any(_is_evidence(run) for run in rest[0].split()):
        return end - len(rest[0])
    start, found = None, False
    stop = text.rfind("\n", 0, end)
    while stop > 0:
        line = text.rfind("\n", 0, stop) + 1
        full = _LINE.fullmatch(text, line, stop) or _TAIL.fullmatch(text, line, stop)
        if (
            full is None
            or "-----" in full[0]
            or (found and len(full["run"]) < 16 and not _is_partial(full["run"]))
        ):
            if not _EMPTY.fullmatch(text, line, stop):
                break
        else:
            found = found or _is_evidence(full["run"])
            start = full.start("run")
        stop = line - 1
    return start if found else None


def _is_partial(run: str) -> bool:
    """Whether a short line may be the end of one that was cut: not a word."""
    return any(c.isdigit() for c in run) or (run[:1] + run[1:].lower() != run and not run.isupper())


def find_blocks(text: str) -> Iterator[tuple[int, int]]:
    """Blocks of lines of a key's width that no other header or end names."""
    line = 0
    block: list[tuple[int, int, int]] = []
    while line <= len(text) or block:
        stop = text.find("\n", line)
        stop = len(text) if stop < 0 else stop
        full = _LINE.fullmatch(text, line, stop) if stop - line >= 64 else None
        if full is not None and len(full["run"]) in _FULL and _is_evidence(full["run"]):
            block.append((line, full.start("run"), full.end("run")))
        else:
            if len(block) >= _MANY and not _is_named(text, block[0][0], stop):
                tail = _TAIL.fullmatch(text, line, stop)
                yield (
                    block[0][1],
                    tail.end("run") if tail is not None and len(tail["run"]) > 3 else block[-1][2],
                )
            block = []
        line = stop + 1


def _is_named(text: str, start: int, stop: int) -> bool:
    """Whether the lines around a block say what else it is: a certificate, a public key, a
    message."""
    before = text[max(0, start - 400) : start]
    after = text[stop - 200 if stop > 200 else 0 : stop + 200]
    return (
        _EDGE.search(before) is not None or _EDGE.search(after) is not None or "base64," in before
    )
