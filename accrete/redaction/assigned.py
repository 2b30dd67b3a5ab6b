"""Values given to a secret-looking name: assignments of every language, markup, flags, name-value
pairs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from accrete.redaction.judge import (
    LIKELY,
    NO_WORDS,
    WRITTEN,
    has_odd_case,
    is_drawn,
    is_placeholder,
    is_random,
    is_secret,
)
from accrete.redaction.patterns import any_case, one_of
from accrete.redaction.secret_names import FOREIGN, NONE, SECRET, STEMS, strength
from accrete.text.lazy import lazy

_IS = (
    r"(?:is|was|are|were|be|been|becomes|became|equals|to|as|now|still|ist|lautet|war|est|es|era|"
    r"jest|to|on|\xc3\xa8|\xc3\xa9|\xc3\xa4r|er|je)"
)
"""Words after which a value is told, here and elsewhere."""
_DASH = r"(?:-{1,2}|\xe2\x80[\x92-\x95]|\xe2\x86\x92)"
_WORDS_THEN_COLON = (
    r"(?:(?:[ ][A-Za-z'-]+){1,6}(?:[ ][A-Za-z0-9.-]+@[A-Za-z0-9.-]+)?(?:[ ]\([^()\n]*\))?"
    r"|[ ]\([^()\n]*\))[ ]?[:=](?:[ ]|[ \t]*\r?\n[ ]{1,12})"
)
_TOLD_BY = (
    rf"[\"'`*]{{0,3}}(?:(?:[ ]\(?[A-Za-z'-]+[),]?){{0,6}}[ ]{_IS}[ ]?:?[ ]"
    rf"|{_WORDS_THEN_COLON}|[ ]{_DASH}[ ]|[ ]\(|[ ]"
    r"|[ ]?:[ \t]*\r?\n(?:[ \t]*\r?\n){0,2}(?:`{3}[a-z]{0,12}\r?\n)?[ \t]{0,12})"
)
"""What stands between a name and its value where one person tells another."""
_STEM = "(?:" + "|".join(any_case(stem) for stem in STEMS) + ")[A-Za-z0-9_.-]*"
_V = (
    r"(?:[ \t\r\n\\\"'`=>:|({\[*+?-]|\\[nrt])*(?:[0-9]{1,6}\t[ \t]*)?(?:[&!][^\x00-\x20]*[ "
    r"\t]+[\"'|>]*(?:[ \t\r\n+0-9>-]|\\+[nrt])*)?(?:[bBrRuUfFL$@]{1,2}[\\]*[\"'`][\\]*)?"
    r"[^\x00-\x20\"'`\\]{3}"
)
_GIVEN = (
    rf"(?:[\\\"'`\])}}*]*[ \t]*(?:[:=,|>?]|->|<-|[+./]=|//=|&&=|"
    rf"[(][ \t]*[bBrRuUfF]?[\\]*[\"'`]|\xef\xbc\x9a|or[ ]){_V}"
    r"|[^\n\"'`]*?[\"'`]?[\])]*[ \t]*(?:\|\||\?\?|or|\?:)[ \t]*[\"'`]|[^<>\n]*?&(?:#|gt;|quot;)"
    r"|\][^\x00-\x20\[\]]+\[/|[ ](?:(?:for|of)[ ][^\x00-\x20:]+|\[[^\]\n]*\])[ \t]*[:=]"
    r"|(?:'|\xe2\x80\x99)s[ ][\\\"'`]*[^\x00-\x20]*(?:[0-9]|[a-z][A-Z])"
    r"|[\\\"'`\])}*]*(?:[ \t]+(?:(?:is|was|are|to|as|est|ist|es|=|:)[ \t]+)?(?:\\\r?\n[ \t]*)?|"
    r"[ \t]?(?:\xe6\x98\xaf|\xe3\x81\xaf)[ \t]?)"
    r"[\\\"'`]*[^\x00-\x20]*(?:[0-9]|[a-z][A-Z])"
    rf"|{_TOLD_BY}[\\\"'`*(]*[^\x00-\x20]*(?:[0-9]|[a-z][A-Z])"
    r"|[\\\"'`,; \t\r\n-]*(?:[Vv]alue|VALUE|content|default|secretValue|ParameterValue|data|text|"
    r"\"type)[\\\"' \t]*[:=]"
    r"|[ \t]+--?(?:body|value|data|b|v|d)[ \t=]|[ \t]+/[td][ \t]|[ ]?\{[ ][a-z]+[; ]|"
    r"[ ][a-z.]+[ ]=|[\"'][ \t]*\{|[:*]*</[a-zA-Z]+>|"
    r"[\"'][^<>\n]*[ ](?:value|content|default)="
    r"|[ \t]+[A-Za-z:]+=[\"'][^\"'<>\n]*[\"']>)"
)
_AFTER_FLAG = r"[ \t]+(?:\\\r?\n[ \t]*)?[\\\"'`]*[^\x00-\x20\\\"'`-]"
_VERBS = "set|config|configure|modify|connect|create|update|put"
_DEFINING = (
    r"(?:^|[^A-Za-z0-9_.-]|\\[nrt])(?:ENV|ARG|#[ ]?define|setenv|setx|setq|defvar|defconst|"
    rf"user-secrets|SET|HSET|XADD|(?P<verb>{_VERBS}))"
)
"""Words before a name that is given the value after it: `ENV X …`, `#define X …`."""
_SETTINGS = frozenset(
    {"requirepass", "masterauth", "bindpw", "rootpw", "rootbindpw", "rootdnpw", "storepassword",
     "keypassword"}
)  # fmt: skip
"""Names of configuration files and of build scripts whose values follow a space."""
DEFINES = (
    rf"(?:{_DEFINING}(?:[ \t]+[^\x00-\x20]+)*[ \t]+[^\x00-\x20]*{_STEM}"
    rf"|(?:{'|'.join(map(any_case, sorted(_SETTINGS)))}))"
    r"[\\\"'`\]]*[ \t]+(?:\\\r?\n[ \t]*)?[^\x00-\x20][^\n]{5}"
    rf"|:[A-Za-z0-9_.-]*{_STEM}[ \t]+[\\]*[\"'`]"
)
"""Matches behind what says that a value follows, whatever that is made of, up to the value. It does
not begin where the name does: then every stem is one of which find_assigned may find the value."""
SIGN = rf"{_STEM}{_GIVEN}|--?[A-Za-z0-9_.-]*{_STEM}{_AFTER_FLAG}"
"""Matches at every other name of which find_assigned may find the value."""
ANY_STEM = lazy(one_of(STEMS))
"""Any stem, in lower case."""

_NAME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.$-")
_NAME_RIGHT = lazy(
    "(?:" + "|".join(map(any_case, (w for w in FOREIGN if not w.isascii()))) + "|[A-Za-z0-9_.-])*"
)
_CLOSE = r"[\\]{0,7}[\"'`]?[\])]{0,2}\*{0,3}(?:</[a-z]{1,10}>)?"
_YAML = r"(?:[&!][A-Za-z0-9!:/._-]*[ \t]+){0,2}"
"""Tags and anchors before a value."""
_SPACE = r"[ \t]{0,12}"
_PRINTED = (
    r"(?:[ \t]{0,8}[0-9]{1,6}(?:\t|\xe2\x86\x92|[ ]?\|[ ])|(?:[^\n \t:]{1,200}[:-])?[0-9]{1,6}[:-]|"
    r"(?:>[ ]?){1,4}|[+#-])?"
)
"""What `cat -n`, `grep -n`, a quotation or a diff puts before a line."""
_BREAK = r"(?:\r?\n|(?:[\\]{1,7}r)?[\\]{1,7}n)"
"""The end of a line, as it is or escaped."""
_LINES = rf"(?:[ \t]*{_BREAK}{_PRINTED}[ \t]*)?"
_WORD_VALUE = (
    r"[\\]{0,7}[\"']?(?:[Vv]alue|VALUE|content|default|secretValue|ParameterValue|data|"
    r"text)[\\]{0,7}[\"']?"
)

_PAIR = lazy(
    rf"[\\]{{0,7}}[\"'`]?[ \t]*[,;]?[ \t\r\n]{{0,40}}(?:-[ ])?{_WORD_VALUE}[ "
    rf"\t]{{0,4}}[:=][ \t]{{0,8}}"
    r"|[\"'][ \t]*\{[^{}]{0,300}?default[ \t]*=[ \t]*"
    r"|[\\]{0,7}[\"'`]?,[ \t\r\n]{0,40}[\\]{0,7}\"type[\\]{0,7}\":[ "
    r"]?[\\]{0,7}\"[a-z]{1,20}[\\]{0,7}\",[ \t\r\n]{0,40}[\\]{0,7}\"value[\\]{0,7}\":[ ]?"
    r"|</(?:key|name|Name|Key)>[ \t\r\n]{0,40}<(?:string|value|Value)>"
    r"|[:*]{0,3}</(?:td|th|dt|b|strong|span|label|code)>[ \t\r\n]{0,40}"
    r"<(?:td|dd|code|span|kbd|pre)(?:[ ][^<>\n]{0,200})?>(?:<(?:code|kbd|pre)>)?"
    r"|[:*]{0,3}</(?:b|strong|span|label|code)>[ \t]{0,4}:?[ \t]{1,4}"
    r"|[ \t]{1,4}--?(?:body|value|data|b|v|d)[ \t=]{1,3}"
    r"|[ \t]{1,4}(?:/t[ \t]{1,4}REG_[A-Z_]{2,20}[ \t]{1,4})?/d[ \t]{1,4}"
    r"|:[ \t]*\r?\n(?:[ \t]{1,12}[A-Za-z]{2,24}:[ ][^\n]{1,120}\r?\n){0,5}"
    r"[ \t]{1,12}[Dd]efault:[ ]{1,8}"
)
"""`"name": "API_KEY", "value": "…"`, `variable "db_password" { default = "…" }`,
`<key>Password</key><string>…`."""
_ASSIGN = lazy(
    rf"{_CLOSE}{_SPACE}(?:::?=|\|\|=|\?\?=|&&=|//=|[?+.]=|=>|->|<-|===?|=|:-|:|\xef\xbc\x9a|,|"
    rf"\|)[*]{{0,2}}(?:</[a-z]{{1,10}}>)?{_SPACE}(?:<[a-z]{{1,10}}>)?"
    rf"{_LINES}{_YAML}(?:string\([0-9]{{1,6}}\)[ ])?"
    rf"(?:[>|][-+0-9]{{0,2}}[ \t]*{_BREAK}{_PRINTED}[ \t]*)?"
    rf"|{_CLOSE}{_SPACE}:{_SPACE}[&A-Za-z_][A-Za-z0-9_.<>\[\]| ?&']{{0,40}}={_SPACE}"
    rf"|[ ][a-z][a-z0-9.]{{0,20}}[ ]={_SPACE}"
    rf"|[ ]?\{{[ ](?:[a-z]{{3,9}}[; ]{{1,2}}){{1,6}}\}}[ ]?={_SPACE}"
)
_TYPED = lazy(
    rf"{_CLOSE}{_SPACE}:{_SPACE}[&A-Za-z_][A-Za-z0-9_.<>\[\]| ?&']{{0,40}}={_SPACE}|"
    rf"[ ][a-z][a-z0-9.]{{0,20}}[ ]={_SPACE}"
)
_CHANGED = lazy(
    rf"{_CLOSE}{_SPACE}[:=]{_SPACE}(?:[\"'][^\"'\n]{{0,200}}[\"']|null|"
    rf"[(][a-z ]{{1,30}}[)]){_SPACE}[-=]>{_SPACE}"
)
"""`password = "old" -> "new"`, as Terraform shows it."""
_PROMPT = lazy(
    rf"[ ](?:(?:for|of)[ ][^\x00-\x20:\"']{{1,60}}|\[[^\]\n]{{0,40}}\])[ \t]?[:=]{_SPACE}"
)
_BRACKET = lazy(r"\](?=[^\x00-\x20\[\]]{6,200}\[/)")
_CALL = lazy(r"[(][ \t\r\n]{0,8}(?=[bBrRuUfF]?[\\]{0,7}[\"'`])")
_LOGIN = lazy(
    r"(?:=[ ]?)?[(][ \t\r\n]{0,8}[\\]{0,7}[\"'][^\"'\n]{1,80}[\"'],[ "
    r"\t\r\n]{0,8}(?=[\\]{0,7}[\"'`])"
)
"""`HTTPBasicAuth('kim', '…')`, `auth=('kim', '…')`, `changeUserPassword('kim', '…')`."""
_DEFAULT = lazy(r"[^\n\"'`]{0,60}[\"'`]?[\])]{0,2}[ \t]*(?:\|\||\?\?|or|\?:)[ \t]*(?=[\"'`])")
_MARKUP = lazy(
    r"(?:[ \t][^<>\n]{0,120}|[\"'][^<>\n]{0,80})?>[ \t\r\n]{0,20}(?:<!\[CDATA\[|<(?:string|value|"
    r"plainText)>)?"
)
_ATTRIBUTE = lazy(r"[\"'][^<>\n]{0,60}[ ](?:value|content|default)=")
_SPOKEN = lazy(
    r"(?:'|\xe2\x80\x99)s[ ]|(?:[\"'`*]{1,2})?(?:[ \t]{1,4}(?:is|was|are|to|as|est|ist|es|=|"
    r":)[ \t]{1,4}:?[ \t]{0,2}|[ \t]?(?:\xe6\x98\xaf|\xe3\x81\xaf)[ \t]?)"
)
_TELLS = lazy(_TOLD_BY)
_TELLS_AFTER_COLON = lazy(_WORDS_THEN_COLON)
"""The same up to a colon: `password is generated for root@localhost: …`."""
_DEFINED = lazy(rf"{_DEFINING}(?:[ \t]+[^\x00-\x20]+){{0,6}}[ \t]+[^\x00-\x20]{{0,60}}$")
"""What stands before a name whose value follows a space: `ENV X …`, `#define X …`, `aws configure
set X …`."""
_APART = lazy(r"[\\]{0,7}[\"'`]?(?:\][\"'])?[ \t]{1,12}(?:\\\r?\n[ \t]*)?")

_OPENED = lazy(
    r"(?:[\[({][ \t\r\n]{0,8})?(?:(?:new[ ])?[A-Za-z_][A-Za-z0-9_.:]{0,40}!?\([ "
    r"\t]{0,4})?[bBrRuUfFL$@]{0,2}"
    r"(?P<escapes>[\\]{0,7})(?P<quote>\"\"\"|'''|[\"'`])"
)
_ENVIRONMENT = lazy(r"(?:env|environ|ENV)(?:\.get|\.fetch)?\(|[Ee]nvironmentVariable\(")
"""What follows is the name of a variable."""
_OTHERWISE = lazy(r"[A-Za-z0-9_.-]{1,80}[\\]{0,7}[\"'`],[ \t]{0,8}(?=[\\]{0,7}[\"'`])")
"""The name of a variable, before what stands for it where it is not set."""
_HEX = lazy(r"[0-9a-f]{8,}")
_ID = lazy(r"[0-9a-f-]{8,}")
"""An id or a commit, which a sentence may name too."""
_NAMES_ID = lazy(
    r"[ ](?:commits?|sha|hash|digest|ids?|uuid|revision|session|request|run|build|job|branch|"
    r"version|checksum|fingerprint|block|file|object)[ :]"
)
"""Words that say that the value after them is an id."""
_IN_SENTENCE = lazy(r"[A-Za-z][,;]?[ ]$")
"""A word before the name. Without one, hexadecimal digits after a name may be a commit's: git lists
branches so."""
_SCHEME = lazy(
    r"(?:[Bb]earer|[Bb]asic|BEARER|BASIC|[Tt]oken|JWT|[Dd]igest|[Aa]pi[Kk]ey|FlyV1|SSWS|GenieKey|"
    r"Bot|OAuth|Key)(?:[ \t]+|%20)"
)
_BARE = lazy(r"[^\x00-\x20\"'`<>;|\\]+")
_STOP = lazy(
    r"\[/|&(?:[A-Za-z0-9_.%\[\]-]+=|amp;|&|$)|,(?:[A-Za-z0-9_.-]+[=:]|$)|\xe2\x80|\xe3\x80|"
    r"\[redacted:|\)[,.;)]|\}[,.;)}]|[\])},.;:?]+$"
)
"""Where a value ends that stands in no quotes. An exclamation mark belongs to it: that is how
people make a password strong."""
_SETTER = lazy(
    r"(?:[Dd]efine|[Ss]et[A-Za-z]{0,20}|[Pp]ut|[Aa]dd[A-Za-z]{0,20}|[Aa]ppend|[Hh]eader|fetch|"
    r"getenv|[a-z]Env)\([ \t]*[\\]*[\"'`]$"
)
"""A call that gives its second argument to its first: `define('X', '…')`."""
_HELD = lazy(r"--[a-z-]*(?:auth|cookies?)(?![a-z-])")
"""Flags that take a way of signing in as often as a secret."""
_TAKES_USER = lazy(r"(?:auth|pass(?:word|phrase|wd))$", re.IGNORECASE)
"""Calls that are given a user, then the password."""
_SETS = lazy(r"(?:^|\.)(?:set|with)_?[Pp]ass(?:word|phrase)$")
"""A method that is given a password and nothing else."""
_COMPOUND = lazy(
    r"(?:api|access|private|secret|encryption|signing|license|master|account|recovery)[ ]$",
    re.IGNORECASE,
)
"""The first word of a name that people write as two: `API key`."""
_DIGIT = lazy("[0-9]")
_TOLD = lazy("[0-9]|[a-z][A-Z]")
"""What SIGN asks of a value in a sentence."""
_PUNCTUATED = lazy(r"[-._/:]")
LONGEST = 4096
LONGEST_NAME = 120


def find_assigned(text: str, places: Iterable[int]) -> Iterator[tuple[int, int]]:
    """The spans of secrets given to a name, in order of the names. places: where names with a stem
    in them are."""
    done = 0
    for at in places:
        if at < done:
            continue
        start, done = _name(text, at, done)
        name = text[start:done].rstrip(".-")
        first = (
            _COMPOUND.search(text, max(0, start - 12), start)
            if name[:3].lower() in ("key", "tok")
            else None
        )
        if len(name) <= LONGEST_NAME and strength(name) != NONE:
            said = f"{first[0].strip()}_{name}" if first is not None else name
            span = _given(text, start, start + len(name), said)
            if span is not None:
                yield span


def _name(text: str, at: int, furthest: int) -> tuple[int, int]:
    """The span of the whole name around `at`, without the letter of an escape before it (`\\n`)."""
    right = _NAME_RIGHT.match(text, at)
    start = at
    while start > furthest and text[start - 1] in _NAME:
        start -= 1
    if start > 0 and text[start - 1] == "\\" and text[start] in "nrtbf" and start < at:
        start += 1
    return start, right.end() if right is not None else at


def stems(text: str) -> Iterator[int]:
    """Where names of secrets may stand, without a search engine."""
    lower = text.encode("latin-1").lower().decode("latin-1")  # ASCII letters only
    return (match.start() for match in ANY_STEM.finditer(lower))


def _given(text: str, start: int, end: int, name: str) -> tuple[int, int] | None:
    """The value that the name from `start` to `end` is given, when it is a secret."""
    for form in (_PAIR, _ATTRIBUTE, _TYPED, _ASSIGN, _CHANGED, _PROMPT, _BRACKET, _DEFAULT):
        match = form.match(text, end)
        if (
            match is not None
            and (span := _judged(text, match.end(), name, listed=_is_listed(text, start, match[0])))
            is not None
        ):
            return _block(text, span) if "\n" in match[0] else span
    for form in (_CALL, _LOGIN):
        match = form.match(text, end) if form is _CALL or _TAKES_USER.search(name) else None
        if (
            match is not None
            and strength(name) >= SECRET
            and (span := _judged(text, match.end(), name, listed="" if _SETS.search(name) else ","))
        ):
            return span
    if _in_tag(text, start) and (match := _MARKUP.match(text, end)) is not None:
        span = _judged(text, match.end(), name, markup=True)
        if span is not None:
            return span
    spoken = _SPOKEN.match(text, end)
    if spoken is not None and (span := _spoken(text, spoken.end(), name)) is not None:
        return span
    apart = _APART.match(text, end)
    span = _apart(text, start, apart.end(), name) if apart is not None else None
    return span or _told(text, start, end, name)


def _block(text: str, span: tuple[int, int]) -> tuple[int, int]:
    """The span and what follows it in a block of YAML: the lines that begin in its column."""
    line = text.rfind("\n", max(0, span[0] - 40), span[0]) + 1
    indent = text[line : span[0]]
    if line == 0 or not indent or indent.strip(" "):
        return span
    a, b = span
    while b - a < LONGEST and text.startswith("\n" + indent, b + text.startswith("\r\n", b)):
        end = text.find("\n", b + 2)
        b = len(text) if end < 0 else end - text.startswith("\r\n", end - 1)
    return a, b


def _is_listed(text: str, start: int, between: str) -> str:
    """The comma, bar or arrow between a name and its value, as in any list of words; '' if it gives
    the value, as what follows a flag in a list of arguments does."""
    if text.startswith("--", start) and between[-1:] != "|" and not _HELD.match(text, start):
        return ""
    last = between.rstrip()[-1:]
    if last == "," and _SETTER.search(text, max(0, start - 40), start) is not None:
        return ""
    if last == "|" and "\n" in between:
        return ""
    return last if last in (",", "|") or between.rstrip().endswith("->") else ""


def _in_tag(text: str, start: int) -> bool:
    return text.rfind("<", max(0, start - 80), start) > text.rfind(">", max(0, start - 80), start)


def _judged(
    text: str, at: int, name: str, *, markup: bool = False, listed: str = ""
) -> tuple[int, int] | None:
    a, b, quoted = _value(text, at, markup=markup)
    value = text[a:b]
    if value.startswith("--"):
        return None  # the next argument
    if listed and not _is_mixed(value) and not (quoted and is_random(value, 12, LIKELY)):
        digits = _DIGIT.search(value) is not None
        if not (
            digits
            and (quoted or listed in ("|", ">"))
            and strength(name) >= SECRET
            and is_drawn(value)
        ):
            return None
    return (
        (a, b)
        if b - a >= 6
        and is_secret(name, value, quoted, "" if text.startswith("[/", b) else text[b : b + 1])
        else None
    )


def _is_mixed(value: str) -> bool:
    """Whether letters of both cases and digits are mixed, as no word and no argument has them."""
    digit = _DIGIT.search(value) is not None
    return digit and value.lower() != value and value.upper() != value and is_random(value, 8)


def _spoken(text: str, at: int, name: str) -> tuple[int, int] | None:
    """A value after `is` or `to`."""
    a, b, quoted = _value(text, at)
    value = text[a:b]
    if (
        b - a < 6
        or strength(name) < SECRET
        or _TOLD.search(value) is None
        or not is_secret(name, value, quoted, "")
    ):
        return None
    least = LIKELY if quoted and has_odd_case(value) else WRITTEN
    return (a, b) if _DIGIT.search(value) is not None or is_random(value, 8, least) else None


def _apart(text: str, start: int, at: int, name: str) -> tuple[int, int] | None:
    """A value after a space: whatever it is after a flag, else only what was drawn."""
    a, b, quoted = _value(text, at)
    value = text[a:b]
    if b - a < 6 or is_placeholder(value) or value[0] == "*":  # C writes pointers so
        return None
    if (
        name.startswith("-")
        or name.lower() in _SETTINGS
        or _is_defined(text, start, name, value)
        or (quoted and text[start - 1 : start] == ":")  # a keyword of Lisp
    ):
        return (a, b) if is_secret(name, value, True, "") else None
    if name.lower() in ("pass", "auth", "cookie", "cookies"):
        return None
    if strength(name) < SECRET or _TOLD.search(value) is None:
        return None
    if not is_secret(name, value, quoted, ""):
        return None
    return (a, b) if _stands_out(text, start, value) else None


def _is_defined(text: str, start: int, name: str, value: str) -> bool:
    """Whether a command gives the value to the name. Behind one that is a verb, too, a plain word
    is as often told in a sentence, `update password hashing`: then the value has a digit or a
    capital inside."""
    match = _DEFINED.search(text, max(_line(text, start) - 1, 0), start)
    if match is not None and match["verb"] and name.isalpha() and name.islower():
        return _TOLD.search(value) is not None
    return match is not None


def _told(text: str, start: int, end: int, name: str) -> tuple[int, int] | None:
    """A value that some words of a sentence give to the name: `the token for staging: …`."""
    if strength(name) < SECRET:
        return None
    for form in (_TELLS, _TELLS_AFTER_COLON):
        between = form.match(text, end)
        if between is not None and (span := _said(text, start, between, name)) is not None:
            return span
    return None


def _said(text: str, start: int, between: re.Match[str], name: str) -> tuple[int, int] | None:
    """The value behind the words `between`, if nothing else in a sentence looks like it."""
    a, b, quoted = _value(text, between.end())
    if text[a : a + 1] == "*" and "*" not in text[a + 1 : b]:
        return None  # so C writes a pointer
    while a < b and text[a] in "*(":
        a += 1
    while b > a and text[b - 1] in "*),.;":
        b -= 1
    value = text[a:b]
    if b - a < 8 or _TOLD.search(value) is None or not is_secret(name, value, quoted, ""):
        return None
    said = between[0]
    if _ID.fullmatch(value) is not None:
        if said.isspace() or _NAMES_ID.search(said) is not None:
            return None
        return (a, b) if is_drawn(value) else None
    return (a, b) if _stands_out(text, start, value) else None


def _stands_out(text: str, start: int, value: str) -> bool:
    """Whether no word, name or number that may follow the name of a secret in a sentence looks like
    the value."""
    if not value.isascii():
        return False  # a word of another script, in bytes
    if _HEX.fullmatch(value) is not None:
        return _IN_SENTENCE.search(text, max(0, start - 40), start) is not None and is_drawn(value)
    if _DIGIT.search(value) is None:
        return is_random(value, 12, NO_WORDS) or (
            has_odd_case(value) and is_random(value, 8, WRITTEN)
        )
    if is_random(value, 16):
        return True
    if _PUNCTUATED.search(value) is not None:
        return _is_mixed(value) and is_random(value, 8, WRITTEN)
    return is_random(value, 8) and not value.isupper()


def _line(text: str, at: int) -> int:
    """Where the line begins that `at` stands in, or a place near enough."""
    return max(text.rfind("\n", max(0, at - 160), at) + 1, at - 160, 0)


def _value(text: str, at: int, *, markup: bool = False) -> tuple[int, int, bool]:
    """(start, end, in quotes) of the value that begins at `at`."""
    if markup:
        end = text.find("<", at, at + LONGEST)
        end = at if end < 0 else end
        while end > at and text[end - 1] in " \t\r\n":
            end -= 1
        return (*_without_scheme(text, at, end), True)
    opened = _OPENED.match(text, at)
    if opened is not None and _ENVIRONMENT.search(opened[0]):
        unset = _OTHERWISE.match(text, opened.end())
        return _value(text, unset.end()) if unset is not None else (at, at, False)
    if opened is not None:
        a = opened.end()
        b = _closing(text, a, opened["quote"], len(opened["escapes"]))
        line = text.find("\n", a, b if b >= 0 else a + LONGEST)
        if b >= 0 and (line < 0 or len(opened["quote"]) == 3):
            return (*_without_scheme(text, a, b), True)
        at = a
    scheme = _SCHEME.match(text, at)
    at = scheme.end() if scheme is not None else at
    bare = _BARE.match(text, at, min(len(text), at + LONGEST))
    if bare is None:
        return at, at, False
    end = bare.end()
    stop = _STOP.search(text, at, end)
    return at, stop.start() if stop is not None else end, opened is not None


def _closing(text: str, at: int, quote: str, escapes: int) -> int:
    """Where the quote that was opened with so many backslashes before it closes, its backslashes
    included; or -1."""
    end = at
    while (end := text.find(quote, end, at + LONGEST)) >= 0:
        first = end
        while first > at and text[first - 1] == "\\":
            first -= 1
        if end - first <= escapes or (end - first) % 2 == 0:
            return end - min(escapes, end - first)
        end += 1
    return -1


def _without_scheme(text: str, start: int, end: int) -> tuple[int, int]:
    scheme = _SCHEME.match(text, start, end)
    return (scheme.end() if scheme is not None else start), end
