"""Whether a value assigned to a secret-looking name is a secret: by its characters, never by a list of values."""

from __future__ import annotations

import math
import re
from collections import Counter

_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}", re.ASCII)
_HEX = re.compile(r"[0-9a-fA-F]+", re.ASCII)
_NUMBER = re.compile(r"[0-9.,:_%+eE/-]+", re.ASCII)
_WORDS = re.compile(r"[A-Za-z]*(?:[._:/-][A-Za-z0-9]{0,14})*", re.ASCII)
_CAMEL = re.compile(r"(?:[A-Z]?[a-z]{2,}|[A-Z]{2,}(?![a-z])|[0-9]{1,3})+", re.ASCII)
_PLACEHOLDER = re.compile(
    r"example|placeholder|change.?me|your|xxx|\*\*\*|\.\.\.|dummy|sample|fake|redacted|process\.env|environ|getenv|"
    r"undefined|insert|replace|todo|secret[_-]?here|<|\$\{|\{\{|test[-_]|mock|foobar|abc123|123456|password|"
    r"localhost|https?:|^\$|^%|^&|^@|toolu_|msg_0|req_0|sess_|^ref:|^file:|^arn:",
    re.IGNORECASE | re.ASCII,
)
_PASSWORD_NAME = re.compile(r"passw|passphrase|pwd", re.IGNORECASE | re.ASCII)
MIN_BITS = 3.2
"""Bits of entropy a character: words and identifiers lie below, random keys of 16 characters and more above."""


def is_secret(name: str, value: str, quoted: bool, after: str) -> bool:
    """Whether `value`, assigned to `name`, looks like a secret. quoted: it stood in quotes; after: the character
    that follows it ('' at the end)."""
    value = value.rstrip(".,;:!?")
    if (
        after in ("(", "[", "{", "<")
        or _PLACEHOLDER.search(value)
        or _NUMBER.fullmatch(value)
        or _UUID.fullmatch(value)
    ):
        return False
    letters = sum(c.isalpha() for c in value)
    digits = sum(c.isdigit() for c in value)
    if _PASSWORD_NAME.search(name):
        return _is_password(value, letters, digits, quoted)
    if len(value) < 16 or not digits or not letters or len(set(value)) < 8:
        return False
    if _HEX.fullmatch(value):
        return len(value) >= 32 and len(value) != 40
    if _WORDS.fullmatch(value) or _CAMEL.fullmatch(value):
        return False
    if not quoted and any(c in value for c in "()[]{}<>!&|?*") or value.count("/") + value.count(".") > len(value) // 6:
        return False
    return entropy(value) >= MIN_BITS and _mixed(value)


def _is_password(value: str, letters: int, digits: int, quoted: bool) -> bool:
    if len(value) < 8 or not letters or value.count("/") > 1 or len(set(value)) < 6:
        return False
    special = len(value) - letters - digits
    if not digits and not (quoted and special and any(c in value for c in "!@#$%^&*")):
        return False
    if _WORDS.fullmatch(value) or (_CAMEL.fullmatch(value) and digits < 3):
        return False
    return entropy(value) >= 2.5


def _mixed(value: str) -> bool:
    """Letters and digits change places often enough, or the case does: not a name with a number at its end."""
    kinds = ["d" if c.isdigit() else "u" if c.isupper() else "l" if c.isalpha() else "o" for c in value]
    changes = sum(a != b for a, b in zip(kinds, kinds[1:], strict=False))
    return changes >= max(4, len(value) // 6)


def entropy(value: str) -> float:
    """Shannon entropy in bits a character."""
    n = len(value)
    return -sum(count / n * math.log2(count / n) for count in Counter(value).values())
