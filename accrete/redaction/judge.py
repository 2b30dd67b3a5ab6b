"""Whether a value looks like a secret: by how little it resembles words."""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from contextlib import suppress

from accrete.redaction.secret_names import ABROAD, NONE, PASSWORD, SECRET, strength
from accrete.text.lazy import lazy

_UUID = lazy(
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}", re.ASCII
)
_HEX = lazy(r"(?:0x)?[0-9a-fA-F]+", re.ASCII)
_NUMBER = lazy(r"[0-9.,:_%+/-]+(?:x[0-9.,:_%+/-]+)?|[0-9]*\.[0-9]+[eE][+-]?[0-9]{1,3}", re.ASCII)
_VERSION = lazy(
    r"v?(?:[0-9]{1,3}:)?[0-9]{1,8}(?:\.[0-9]{1,8}){1,4}"
    r"(?:[.+~-][0-9]{0,8}+(?:[a-z]{1,8}+[0-9]{0,3}+){0,2}+)*+",
    re.ASCII,
)
"""What lists of packages show behind a name, as Debian writes it too: `1:4.13+dfsg1-1+deb12`."""
_PLACEHOLDER = lazy(
    r"example|placeholder|change.?me|\byour|xxxx|\*\*\*|\.\.\.|\xe2\x80\xa6|dummy|sample|\bfake|"
    r"redacted|process\.env|environ|getenv|"
    r"undefined|\binsert|replace.?(?:me|with|this)|todo|(?:secret|key|token|value)[_-]?here|^<.*>$|"
    r"\$\{|\{\{|\btest[-_]|\bmock|foobar|"
    r"abc123|123456|\[[A-Za-z0-9]-[A-Za-z0-9]|\\[dws]|\\u[0-9a-f]{4}|localhost|^https?:|"
    r"^\$[A-Za-z_(]|^%[A-Za-z_]+%?$|^@[A-Za-z]|toolu_|msg_0|req_0|sess_|^ref:|^file:|^arn:|"
    r"\.\+/|\{[A-Za-z_]|\(\?|\][*+)(]|\)[*+|]|\]\[|^sha[0-9]+[-:]|^(?:secrets|vars|env|inputs|"
    r"steps|github)\.",
    re.IGNORECASE | re.ASCII,
)
_ANYTHING = ".*"
"""What stands in many patterns, and by chance in a value that was drawn."""
_RUN = lazy("[A-Za-z0-9]{5,}", re.ASCII)
_SAID = lazy(r"password|passwd|secret|token", re.IGNORECASE | re.ASCII)
_PATH = lazy(
    r"(?:~|\.{1,2}|[A-Za-z]:)?[/\\][A-Za-z0-9_.@-]+(?:[/\\]|\.[a-z]{2,5}$)|"
    r"[a-z0-9_@.-]+(?:/[a-z0-9_@.-]+)+$",
    re.ASCII,
)
_NAME = lazy(r"_*[A-Za-z]+[0-9]{0,2}(?:[_.-]+[A-Za-z]+[0-9]{0,2})*", re.ASCII)
_ABOUT = frozenset(
    {"hash", "key", "keys", "pass", "pw", "cred", "creds", "auth", "oauth", "cookie", "cookies"}
)
_SETTING = lazy(r"(?:auth|authorization|cookies?)$", re.IGNORECASE | re.ASCII)
"""Names that hold settings as often as secrets."""
_WORKING = lazy(r"^(?:old)?pwd$", re.IGNORECASE | re.ASCII)
"""Names that hold the working folder."""
_ROOT = lazy(
    r"(?:self|this|local|var|module|cls|config|cfg|settings|options|opts|args|params|props|request|"
    r"req|ctx)\.",
    re.ASCII,
)
_ALGORITHM = lazy(
    r"(?:AES|SHA|HMAC|RSA|ECDSA|ECDH|EDDSA|HKDF|PBKDF|GCM|CBC|CTR|CHACHA|POLY|ED|X|HS|RS|ES|PS|"
    r"SCRYPT|ARGON|BCRYPT|FERNET)[0-9]*(?:ID|GCM)?",
    re.IGNORECASE | re.ASCII,
)
_PAIRS = """
    abcdgilmnprstuvy baeilorsu cacehiklorstu dadeiorsu eabcdefglmnprstvx faefiloru gehinors haeio
    iabcdefglmnoprstvz ke ladeilostuy maeimops nacdefgiostuv obcdgiklmnoprstuvw paehiloprstuy qu
    racdegilmnorstuy sacehilopstu tacehilorstuy uabceilmnprst vaei waei xpt yp ze
"""
_FOLLOWS = {group[0] + second for group in _PAIRS.split() for second in group[1:]}
"""The 215 pairs of letters that make up 88 % of English words and identifiers: the first letter,
then what follows it."""

RANDOM = 0.36
"""The share of odd neighbours from which on a value is random: words and identifiers have up to
0.25, random characters about 0.6."""

LIKELY = 0.31
"""The same for a value given to a name that says what it is."""

KEYED = 0.26
"""The same for a value with a digit before a letter, given to a mere `key`: `adler32sum` has
0.24."""

WRITTEN = 0.45
"""The same for a word in a sentence that holds no digit."""

NO_WORDS = 0.55
"""The same for a longer one, whatever its case."""

NO_LANGUAGE = 0.7
"""The same for one with as many vowels as words of any language have."""

JUDGED = 160
"""So many characters say what a value is: long lines may hold many names."""

MIXED = 0.22
"""The same where a digit stands before a letter too: words and versions have their digits at the
end."""
_MIXED = lazy(r"[0-9][A-Za-z]", re.ASCII)
_LED = lazy(r"[a-f]{1,3}[0-9]{5,}", re.ASCII)
"""Hexadecimal digits of which the first are letters, too few for a word."""
_TYPED = lazy(r"^[^+<>]*[~^!%#@*?][^+<>]*$", re.ASCII)
"""Characters that passwords have; not those of a shortcut: `cmd+shift+p`, `<leader>ff`."""
_CASED = lazy(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", re.ASCII)


def oddness(value: str) -> float:
    """How little a text reads like words, from 0 to 1: the share of neighbouring characters that
    words do not have."""
    odd, pairs = 0.0, 0
    value = value[:JUDGED]
    kinds = [_kind(c) for c in value]
    for a, b, x, y in zip(value, value[1:], kinds, kinds[1:], strict=False):
        if "s" in (x, y):
            continue
        pairs += 1
        if x in "ul" and y in "ul":
            odd += 0.4 if x == "l" and y == "u" else (a + b).lower() not in _FOLLOWS
        elif x == "d":
            odd += 0.1 if y == "d" else 0.7
        else:
            odd += 0.4 if x in "ul" and y == "d" else 0.7
    return odd / pairs if pairs else 0.0


def _kind(c: str) -> str:
    """Digit, upper or lower letter, separator, other."""
    if "0" <= c <= "9":
        return "d"
    if "a" <= c <= "z":
        return "l"
    return "u" if "A" <= c <= "Z" else "s" if c in "_-./: " else "o"


def is_random(value: str, shortest: int = 16, least: float = RANDOM) -> bool:
    """Whether a value of at least `shortest` characters was drawn, not written."""
    value = value[:JUDGED]
    if (
        len(value) < shortest
        or len(set(value)) < min(8, shortest - 2)
        or not any(c.isalpha() for c in value)
    ):
        return False
    if sum(ord(b) - ord(a) == 1 for a, b in zip(value, value[1:], strict=False)) * 2 > len(value):
        return False  # an alphabet
    if _HEX.fullmatch(value):
        return len(value) >= 24 and any(c.isdigit() for c in value)
    return oddness(value) >= least


def is_drawn(value: str) -> bool:
    """The same for a value of at least 8 characters that is given to a name that says what it
    is."""
    if is_random(value, 8, LIKELY):
        return True
    if len(value) < 8 or len(set(value)) < 5:
        return False
    if _HEX.fullmatch(value) is not None:
        return not value.isdigit() and not value.isalpha()
    return _MIXED.search(value) is not None and oddness(value) >= MIXED


def _is_key(value: str) -> bool:
    """The same for a name that may hold something else: short values have digits inside, or change
    their case too often for words."""
    if len(value) >= 16 and is_random(value):
        return True
    if _MIXED.search(value) is not None:
        if _HEX.fullmatch(value) is not None:
            return is_drawn(value)
        return is_random(value, 8, KEYED) or (len(set(value)) == 5 and oddness(value) >= RANDOM)
    if _LED.fullmatch(value) is not None:
        return is_drawn(value)
    if has_odd_case(value):
        return is_random(value, 8, LIKELY if _humps(value) * 5 >= 2 * len(value) else RANDOM)
    if any(c.isdigit() for c in value):
        return is_random(value, 8)
    if not value.isalpha() and _TYPED.search(value) is None:
        return False
    vowels = sum(c in "aeiouAEIOU" for c in value)
    return is_random(value, 8, NO_WORDS if vowels * 4 <= len(value) else NO_LANGUAGE)


def has_odd_case(value: str) -> bool:
    """Whether letters change their case more often than words and identifiers do."""
    return _humps(value) * 3 >= len(value)


def _humps(value: str) -> int:
    """How many words a name in camel case would have."""
    return len(_CASED.findall(value))


def is_placeholder(value: str) -> bool:
    """Whether a value stands for another: `<token>`, `${TOKEN}`, `your-key-here`, `****`."""
    if _PLACEHOLDER.search(value) is not None:
        return True
    return _ANYTHING in value and not any(
        _MIXED.search(run[0]) or oddness(run[0]) >= RANDOM for run in _RUN.finditer(value)
    )


def is_secret(name: str, value: str, quoted: bool = True, after: str = "") -> bool:
    """Whether `value`, given to `name`, is a secret. quoted: it stood in quotes; after: the
    character that follows it ('' at the end)."""
    said = strength(name)
    if said == NONE or len(value) < 6 or len(value) > 4096 or "[redacted:" in value:
        return False
    value = _spelled(value[:JUDGED])
    if len(value) < 6 or value.rstrip("*:?").lower() in ABROAD:
        return False
    if (
        not quoted
        and (after in ("(", "[", "{") or any(c in value for c in "()[]{}"))
        and not is_random(value, 20)
    ):
        return False
    if is_placeholder(value) or _NUMBER.fullmatch(value) or _VERSION.fullmatch(value):
        return False
    if any(c <= " " for c in value):
        return quoted and said == PASSWORD and _is_phrase(value)
    if _UUID.fullmatch(value):
        return said >= SECRET
    if _WORKING.search(name) and value[0] in "/~\\":
        return False
    if (_PATH.match(value) and not is_random(value, 24)) or is_name(value, quoted):
        return False
    if said == PASSWORD:
        return _is_password(value, quoted) and not (_SETTING.search(name) and _holds_words(value))
    if said == SECRET:
        return is_drawn(value)
    return (_is_key(value) and not _holds_words(value)) or is_pair(value)


def _spelled(value: str) -> str:
    """A value in letters of ASCII, by which it is judged: accents go, and so do letters of other
    scripts; '' where it is a word of another language (`Contraseña`, `Пароль`), as in translations
    of a page. It may be bytes, each as a character."""
    if value.isascii():
        return value
    with suppress(UnicodeError):
        value = value.encode("latin-1").decode()
    if not any("0" <= c <= "9" for c in value):
        parts = re.findall("[!-~]+", value)
        return next((part for part in parts if is_random(part, 8)), "")
    return "".join(c for c in unicodedata.normalize("NFKD", value) if c.isascii())


def _is_phrase(value: str) -> bool:
    """Whether one of a few words was drawn: a password with a space in it, not a message."""
    words = value.split(" ")
    return len(words) <= 4 and any(
        is_random(word, 8) and any(c.isdigit() for c in word) for word in words
    )


def is_name(value: str, quoted: bool = True) -> bool:
    """Whether a value is the name of a secret, a place in a program, or an algorithm:
    `DB_PASSWORD`, `local.pw2`, `AES256-GCM`."""
    parts = [part for part in re.split("[_.-]+", value) if part]
    if len(parts) > 1 and sum(_ALGORITHM.fullmatch(part) is not None for part in parts) * 2 >= len(
        parts
    ):
        return True
    if _NAME.fullmatch(value) is None:
        return False
    if len(parts) == 1:
        return not quoted and value.isalpha() and _SAID.search(value) is not None
    if (
        not quoted
        and "." in value
        and (value.isascii() and not any(c.isdigit() for c in value) or _ROOT.match(value))
    ):
        return True
    return any(
        part.rstrip("0123456789").lower() in _ABOUT or strength(part) >= SECRET for part in parts
    )


def _holds_words(value: str) -> bool:
    """Whether parts of it are words: `linux-pip-3f2a…` is the key of a cache."""
    return any(
        len(part) > 3 and part.isalpha() and oddness(part) < 0.3
        for part in re.split("[-_.:/=;]", value)
    )


def _is_password(value: str, quoted: bool) -> bool:
    if is_drawn(value):
        return True
    digits = sum(c.isdigit() for c in value)
    special = sum(_kind(c) == "o" for c in value)
    letters = sum(c.isalpha() for c in value)
    if (
        len(value) < 8
        or not letters
        or _SAID.search(value)
        or value.count("/") + value.count(".") > 1
    ):
        return False
    if digits > 0 and (special > 0 or oddness(value) >= 0.2):
        return True
    inside = value.rstrip("*:?")  # a label has them behind it: `Wachtwoord*`
    return quoted and any(_kind(c) == "o" for c in inside) and "(" not in value


def is_pair(value: str) -> bool:
    """Whether it is `user:password` in base64, as Docker and Basic authentication write it."""
    try:
        plain = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return False
    return b":" in plain and all(32 <= byte < 127 for byte in plain)
