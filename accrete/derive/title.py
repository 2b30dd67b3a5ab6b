"""A session's title if nobody gave one: the first meaningful prompt, else a plan, else an
answer."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from accrete.derive.continuing import says_nothing
from accrete.practices.built_in import BUILT_IN_COMMANDS
from accrete.text.lazy import lazy
from accrete.text.plain import squeeze
from accrete.text.terms import words
from accrete.transcript.client_marks import command_line, machine_kind, plan_words, without_injected

LONGEST = 100
"""Characters of a title."""
LOOKED_AT = 10
"""Prompts among which a better one is looked for when the first says nothing."""
NEAR = 5
"""Prompts among which a sentence goes before a command line, a path or a single word."""
ENOUGH = 3
"""Words of an answer's sentence."""
SAME = 5
"""First words by which a prompt says again what `/plan` was given."""
LINES, COLUMNS, CHARACTERS = 200, 500, 20_000
"""How much of a prompt is looked at: lines, characters of each, characters in all."""

NOTHING, EMPTY, BARE, FULL = range(4)
"""How much a line says: nothing; a greeting, `continue`; a log line, a path, one word; something to
do."""

HOUSEKEEPING = BUILT_IN_COMMANDS - {
    "autofix-pr",
    "batch",
    "btw",
    "bug",
    "code-review",
    "debug",
    "goal",
    "init",
    "insights",
    "loop",
    "plan",
    "pr-comments",
    "review",
    "security-review",
    "simplify",
    "team-onboarding",
    "ultraplan",
    "ultrareview",
    "verify",
    "workflows",
}
"""The client's own commands that set something or show something, and say nothing of the work."""


class Said(NamedTuple):
    """What a person put in: the event's kind and text."""

    kind: str
    text: str


class Line(NamedTuple):
    """A line that may be a title, and how much it says."""

    level: int
    text: str


NONE = Line(NOTHING, "")


_POINTS = lazy(
    r"(?:(?:please|pls|can you|could you) )*(?:fix|solve|check|explain|see|look at|read|do|try|"
    r"run) (?:this|these|it|that|them|below|the following)"
    r"(?: (?:error|errors|issue|issues|please|again|below))?[\s.!?:]*"
    r"|here(?:'s| is| are)? (?:the |my )?(?:log|logs|error|errors|output)s?[\s.!?:]*",
    re.IGNORECASE,
)
"""What says no more than to look at what stands beside it."""
_ESCAPES = lazy(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])|\x9b[0-?]*[ -/]*[@-~]|"
    r"[\x00-\x08\x0e-\x1f\x7f]"
)
"""Colours and other commands to a terminal, and characters that steer one."""
_BOX = lazy(r"[\u2500-\u259f]+")
_ROW_OF_TABLE = lazy(r"\s*\|.*\|\s*$|\s*:?-{3,}:?\s*(?:\|\s*:?-{3,}:?\s*)+$")
_BANNER = lazy(
    r"\W*(?:welcome (?:back|to claude)|claude code(?: v?\d.*)?$|tips for getting started|"
    r"what's new|/\w+ (?:for|to) |\? for shortcuts|cwd: |"
    r"(?:(?:opus|sonnet|haiku|fable|claude|code|max|pro|team|enterprise|api|\d[\d.]*+|\[\w+\]|"
    r"\([^()]{0,40}\))\s*+){1,9}+(?:[·|]|$)|recent activity|no recent activity|run /init)",
    re.IGNORECASE,
)
"""What the client's screen says of itself."""
_SCREEN = lazy(r"^[ \t]*(?:[⏺⎿✻]\s|[\u2500-\u259f]{3}|[▐▝▘█]|│.*│[ \t]*$)", re.MULTILINE)
_TYPED = lazy(r"^\s*(?:│\s*)?[>❯]\s+(?=\S)")
_ANSWERED = lazy(r"^\s*[⏺●⎿✻✳✢✽]\s")
_MAIL = lazy(
    r"(?=.{0,300}[\d@]|(?:on|am|op|le|el|il|em|den|pe|w|dnia)\b|(?:\S+\s+){1,3}\S+:$)"
    r".{0,300}\b(?:(?:wrote|a écrit|escribió|ha scritto|escreveu|napisał\S*|писала?|пишет|yazdı)"
    r"(?:\s\S*@\S*)?|(?:schrieb|schreef|skrev)\b.{0,80})\s?[:：]$"
    r"|.{0,300}(?:写道|寫道|さんは書きました|님이 작성)\s?[:：]$"
    r"|(?=.{0,300}\d).{0,300}<[^<>@\s]+@[^<>\s]+>(?:\s\S+){0,2}\s?[:：]$"
    r"|-+ ?original message ?-+$",
    re.IGNORECASE,
)
"""The line above a quoted mail: a day, an address or a name alone, and who wrote."""
_BOILERPLATE = lazy(
    r"<fork-boilerplate>.*?(?:</fork-boilerplate>|\Z)\s*(?:your directive:\s*)?",
    re.DOTALL | re.IGNORECASE,
)
_STOP = lazy(r"stop[.!]* read this first[.!]*", re.IGNORECASE)
_AROUND = lazy(r"^\W+|\W+$")
_GREETING = lazy(
    r"\A(?:hey|hi|hello|good (?:morning|afternoon|evening))(?:(?: there)?,? claude\b|(?: there)?)"
    r"(?:\s*[,!–—]+\s*|\s*[.:]+\s+|\s+-+\s+|\s+(?=(?:i|i'[a-z]+|we|can|could|would|will|please|pls|"
    r"let|lets|let's|what|why|how|where|when|which|who|is|are|do|does|did|there|this|my|your?)\b))"
    r"(?=\S)(?!worlds?\b)",
    re.IGNORECASE,
)
"""A greeting that a line begins with. What follows it is a sign or the beginning of a question:
`hello.py`, `Hello world` and `Hey Siri` are names."""
_LOG = lazy(
    r"[^\s@]+@[^\s@:~]+[:~ ].*[$#%>](?:\s|$)|[$❯➜»>]\s+\S|%\s+\S+$|[EWI]: |"
    r"\(\w+\) \S*[\w~/\\][$#%>](?:\s|$)|PS [A-Z]:\\|"
    r"[A-Z]:\\[^>]*>|"
    r"\[?\d{4}[-/]\d\d[-/]\d\d[T ]\[?(?:\d|[A-Z]{3})|\d{1,2}:\d\d:\d\d|\[\d{1,2}:\d\d|"
    r"\d{1,2}:\d\d +\[?[A-Z]{3}|\[?(?:ERROR|WARN|WARNING|INFO|DEBUG|FATAL|TRACE)\b|"
    r"Traceback \(most|\s*at (?:async |new )?[\w.$<>/:\\\[\]#-]*(?:[.$<>/:\\]\S*| \()|"
    r"\s*File \"[^\"]*\", line|E  +|npm (?:ERR|WARN|error)|"
    r"error(?:\[\w+\])?:|\w+(?:\.\w+)*(?:Error|Exception)(?::|$)|"
    r"Exit code \d+$|panic:|thread '.*' panicked|---|={4}|===.*===|\+\+\+ |@@ |diff --git|"
    r"commit [0-9a-f]{7,40}(?: \(.*\))?$"
)
_CODE = lazy(
    r"[{}\]|;]|\[(?!(?:[A-Z]{1,10}-?\d+|(?i:bug|fix|feat|feature|wip|task|todo|draft|rfc|urgent|"
    r"idea|question|request|chore|docs))\] )|<(?![^\s<>]+(?: /)?> [^\W\d]\S* )|//|/\*|#!|"
    r"import (?:[\w{*\"'].*[ }]from\s*[\"']|[\"'{(*]|[\w.]+(?: as \w+)?;?$)|from [\w.]+ import |"
    r"(?:(?:async )?(?:def|function|fn|func)) \w+\s*+[(<]|"
    r"class \w+\s*+(?:[({]|:$|: public |extends |implements )|"
    r"(?:const|let|var) (?:[\w$]+\s*+(?::[^=]*)?|[{\[][^=]*)=|"
    r"(?:package|using) [\w.]+;?$|using \w+ = |"
    r"public (?:(?:static|final|abstract|async|override|virtual|const|readonly|class|interface|"
    r"enum|record|void) |\w+\(|[\w<>\[\],.]+ \w+\s*+[({;=])|"
    r"SELECT .* FROM |INSERT INTO |\w+\(.*\)[;:]?$"
)
_PLACE = lazy(
    r"(?:[a-z]+://|~?/|\.{1,2}/|@|[A-Za-z]:\\)?"
    r"(?=[\w@~%+=:#?&-]*[/\\.])[\w.@~%+=:#?&/\\-]+"
)
_IMAGE = lazy(
    r"\[(?:Image|Pasted (?:text|content))(?:[ :]*#\d[^\]]*|:[^\]]*)?\]|"
    r"'(?=[^'\n/\\]*[/\\])[^'\n]*\.(?:png|jpe?g|gif|webp|pdf|svg)'|"
    r'"(?=[^"\n/\\]*[/\\])[^"\n]*\.(?:png|jpe?g|gif|webp|pdf|svg)"',
    re.IGNORECASE,
)
"""An image or text that was put in, or the path of one that was dropped."""
_IMAGES_BEFORE = lazy(rf"\A(?:\s*(?:{_IMAGE.pattern}))+(?:\s*[,.:]\s|\s|$)", re.IGNORECASE)
_IMAGES_BEHIND = lazy(
    rf"(?:(?<=[.!?:])|(?<=[。！？：]))(?:\s*(?:{_IMAGE.pattern}))+\s*$", re.IGNORECASE
)
"""Where they stand beside what is said; between two words they are a part of it."""
_PLAN = lazy(r"(?<=# )(?:implementation )?plan: *(?=\S)", re.IGNORECASE)
_COMMAND = lazy(r"/[A-Za-z][\w:-]*(?:\s|$)")
_PAIRED = lazy(r"<([A-Za-z][\w-]*)(?:\s[^<>]*)?>([^<>]*)</\1>")
_PASTED = lazy(r"<pasted_content[^<>]*>(.*?)(?:</pasted_content>|\Z)", re.DOTALL)
_FENCE = lazy(r"^[ \t]*(?:```|~~~).*?(?:^[ \t]*(?:```|~~~)[ \t]*$|\Z)", re.DOTALL | re.MULTILINE)
_TAG_BEFORE = lazy(r"<(/?)([A-Za-z][\w:-]*)(?:\s[^<>]*)?>(\s*)")
_TAG_BEHIND = lazy(r"</([A-Za-z][\w:-]*)>$")
_BEFORE = lazy(
    r"^(?:\s*(?:#{1,6}\s+|>+(?:\s+|(?=[\w\"'“„«(\[*_`>¿¡@/]))|"
    r"[-*+•●◦▪]\s+|\d{1,3}[.)]\s+|\[[ xX]\]\s+))+"
)
_MARKS = (
    (
        re.compile(
            r"(?<![A-Za-z0-9_\])])!?\[([^\]\n]+)\]"
            r"\((?:[^()\s]|\([^()\s]*\))*(?:\s+[\"'][^\"'\n]*[\"'])?\)"
        ),
        r"\1",
    ),
    (re.compile(r"(?<![A-Za-z0-9_*/.])\*\*(?=\S)(.*?\S)\*\*(?![A-Za-z0-9_*/])"), r"\1"),
    (re.compile(r"(?<!\w)__(\S[^_]* [^_]*\S)__(?!\w)"), r"\1"),
    (re.compile(r"(?<!~)~~(?=[^\s~])(.*?\S)~~(?!~)"), r"\1"),
    (re.compile(r"(?<![\w*/.])\*(\w(?:[^*\n]*[\w.!?])?)\*(?![\w*/]|\.\w)"), r"\1"),
    (re.compile(r"(?<![\w_/.])_([^\W_](?:[^_\n]*[^\W_])?)_(?![\w_/]|\.\w)"), r"\1"),
    (re.compile(r"`+([^`\n]+)`+"), r"\1"),
)
_GENERAL = frozenset(
    {
        "plan",
        "context",
        "overview",
        "summary",
        "goal",
        "goals",
        "background",
        "implementation plan",
        "task",
        "objective",
        "introduction",
    }
)
_SENTENCE = lazy(
    r"\S.*?(?:(?<!\be\.g)(?<!\bi\.e)(?<!\bz\.B)(?<!\bvs)(?<!\bapprox)[.!?](?=\s|$)|[。！？]|$)"
)
_POLITE = lazy(
    r"(?:great(?= question|[^\w\s]|$)|greetings|excellent|perfect|sure|certainly|of course|"
    r"absolutely|understood|got it|thank you|thanks|"
    r"you're (?:absolutely )?right|hello|hi|i understand|i'm (?:ready|claude)|i am (?:ready|"
    r"claude)|i've reviewed the system|"
    r"how can i help|what would you like)\b",
    re.IGNORECASE,
)
_FAILED = lazy(
    r"no response requested|api error\s*(?:[:(]|\d|$)|prompt is too long|credit balance|"
    r"\(no content\)|"
    r"invalid api key|claude (?:ai )?usage limit|"
    r"request timed out",
    re.IGNORECASE,
)


def given_title(text: str | None) -> str | None:
    """A title that a person gave, on one line; None if it is the client's own mark-up or empty."""
    if not text or text.lstrip().startswith(("<command-", "<local-command", "<bash-")):
        return None
    return short(squeeze(_ESCAPES.sub("", text))) or None


def written_title(text: str | None) -> str | None:
    """A title that a model wrote: as `given_title`, without mark-up."""
    title = given_title(text)
    return one_line(_PAIRED.sub(r"\2", title)) if title else None


def one_line(text: str) -> str | None:
    """Any text on one line, without mark-up; None if nothing is left."""
    text = _BOILERPLATE.sub("", _ESCAPES.sub("", text[:CHARACTERS]))
    row = squeeze(text[:COLUMNS])
    return short(_plain(_without_tags(row, text.splitlines()))) or None


def prompt_title(asked: Iterable[Said]) -> tuple[str, str] | None:
    """(title, source) by what a person put in, in order: the first prompt that says something to
    do, else one that says anything at all. None if there are but greetings, `continue` and settings
    of the client."""
    lines = [
        (best_line(said), "plan" if said.kind == "plan_handoff" else "prompt")
        for said in islice(_once(asked), LOOKED_AT)
    ]
    lines = [each for each in lines if each[0].level > NOTHING]
    for some in (lines[:NEAR], lines):
        line, source = max(some, key=lambda each: each[0].level, default=(NONE, ""))
        if line.level > EMPTY:
            return short(line.text), source
    return None


def _once(asked: Iterable[Said]) -> Iterator[Said]:
    """What a person put in, without a `/plan` whose words are said again as a prompt."""
    last: Said | None = None
    for said in asked:
        if last is not None and not (
            last.kind == "slash_command"
            and (planned := plan_words(command_line(last.text))) is not None
            and planned.split()[:SAME]
            == without_injected(said.text).split()[: min(SAME, len(planned.split()))]
        ):
            yield last
        last = said
    if last is not None:
        yield last


def weak_title(asked: Iterable[Said]) -> str | None:
    """The first thing that a person put in, where nothing else names the session: a greeting,
    `continue`, `/model`."""
    lines = (best_line(said) for said in asked)
    return next((short(line.text) for line in lines if line.level > NOTHING), None)


def answer_title(texts: Iterable[str]) -> str | None:
    """The first sentence of an answer that says something; politeness and the client's own errors
    say nothing."""
    for text in texts:
        lines = [] if _FAILED.match(text.lstrip()) else _lines(text)
        for sentence in (
            part for line in lines if line.level == FULL for part in _SENTENCE.findall(line.text)
        ):
            if len(words(sentence)) >= ENOUGH and not _POLITE.match(sentence):
                return short(sentence)
    return None


def best_line(said: Said) -> Line:
    """The line of a prompt that says most, the first of those; not yet cut."""
    if said.kind == "shell_input":
        command = squeeze(_ESCAPES.sub("", command_line(said.text)).lstrip("!"))
        return Line(BARE, f"! {command}") if command else NONE
    if said.kind == "slash_command":
        return _command(command_line(said.text))
    text = _BOILERPLATE.sub("", _ESCAPES.sub("", without_injected(said.text)[:CHARACTERS]))
    if said.kind == "plan_handoff":
        text = _PLAN.sub("", text.removeprefix("Implement the following plan:"))
    elif machine_kind(text):
        return NONE
    if _COMMAND.match(text):
        return _command(text, recorded=said.kind not in _AS_WORDS)
    line = _best(_lines(_FENCE.sub("\n", _PASTED.sub("\n", text))))
    return (
        line
        if line.level > EMPTY
        else max(line, _best(_lines(_PASTED.sub(r"\n\1\n", text))), key=lambda each: each.level)
    )


_AS_WORDS = frozenset({"typed_prompt", "prompt_beside_result"})
"""Prompts that Claude was given: what the client takes for a command is recorded as one."""


def _command(typed: str, *, recorded: bool = True) -> Line:
    name, *rest = typed.lstrip("/").split(maxsplit=1) or [""]
    if not name:
        return NONE
    if name.lower() in HOUSEKEEPING and (recorded or not rest):
        return Line(EMPTY, squeeze(typed))
    return Line(FULL if rest else BARE, squeeze(typed))


def _lines(text: str) -> list[Line]:
    """The lines of a text in their order; the last first where it begins with a log, since a
    person's words then follow; of the client's screen what was typed first."""
    rows = [
        row[:COLUMNS] for row in _ESCAPES.sub("", text[:CHARACTERS]).splitlines() if row.strip()
    ][:LINES]
    if not rows:
        return []
    if _SCREEN.search(text):
        return _on_screen(rows)
    made = [_line(row, rows) for row in rows]
    found = [
        line._replace(text=f"{line.text} {then.text}")
        if _goes_on(line) and then.level > NOTHING
        else line
        for line, then in zip(made, [*made[1:], NONE], strict=True)
    ]
    if not _LOG.match(rows[0].strip()):
        return found
    return [found[-1], *(line._replace(level=min(line.level, BARE)) for line in found[-2::-1])]


def _on_screen(rows: list[str]) -> list[Line]:
    """The lines of a text that has a pasted screen of the client: what was typed there goes before
    what surrounds it, and what the client says of itself says nothing."""
    typed, around = [], []
    for row in rows:
        asked = _TYPED.sub("", row)
        inner = _BOX.sub(" ", asked)
        line = _line(inner, rows)
        if asked != row:
            typed.append(line)
        elif _BANNER.match(inner.strip()) or _BOX.search(row):
            around.append(line._replace(level=min(line.level, EMPTY)))
        else:
            around.append(
                line._replace(level=min(line.level, BARE)) if _ANSWERED.match(row) else line
            )
    return [*typed, *around]


def _goes_on(line: Line) -> bool:
    """Whether a short line needs the next one: `fix this:`."""
    return (
        not _MAIL.match(line.text)
        and line.text[-1:] in (":", ",")
        and len(line.text) < LONGEST // 2
    )


def _best(lines: Iterable[Line]) -> Line:
    return max(lines, key=lambda line: line.level, default=NONE)


def _line(row: str, rows: list[str]) -> Line:
    """A row of a text without mark-up, a greeting, images beside the words; how much it says goes
    by its words alone."""
    shown = _IMAGES_BEHIND.sub("", _IMAGES_BEFORE.sub("", row, count=1))
    bare = _bare(shown, rows)
    said = bare if not _IMAGE.search(bare) else _bare(_IMAGE.sub(" ", row), rows)
    return Line(_level(said, row), bare)


def _bare(row: str, rows: list[str]) -> str:
    """A row of a text without mark-up and without a greeting."""
    return _GREETING.sub("", _plain(_BEFORE.sub("", _without_tags(row.strip(), rows))), count=1)


def _without_tags(row: str, rows: Iterable[str]) -> str:
    """A row without the tags that hold it, or some of the rows of its text. A tag that is spoken of
    stays: it holds nothing, as in `<button> needs a colour` or `take out the second </div>`."""
    while (tag := _TAG_BEFORE.match(row)) is not None:
        closes, name, space = tag.groups()
        rest = row[tag.end() :]
        inside, closed, behind = rest.partition(f"</{name}>")
        if not rest or (_begins(name, rows) if closes else not closed and _ends(name, rows)):
            row = rest
        elif not closes and closed and not (space and behind.strip()):
            row = inside + behind
        else:
            break
    while (tag := _TAG_BEHIND.search(row)) is not None:
        if f"<{tag[1]}" in row or not _begins(tag[1], rows):
            break
        row = row[: tag.start()].rstrip()
    return row


def _begins(name: str, rows: Iterable[str]) -> bool:
    """Whether a row of a text begins with a tag that it does not close."""
    return any(
        row.lstrip().startswith((f"<{name}>", f"<{name} ")) and f"</{name}>" not in row
        for row in rows
    )


def _ends(name: str, rows: Iterable[str]) -> bool:
    """Whether a row of a text ends with what closes a tag that it does not open."""
    return any(row.rstrip().endswith(f"</{name}>") and f"<{name}" not in row for row in rows)


def _plain(row: str) -> str:
    """A line without the marks of Markdown."""
    row = _BEFORE.sub("", row)
    for pattern, kept in _MARKS:
        row = pattern.sub(kept, row)
    return squeeze(row).strip("` ")


def _level(bare: str, row: str) -> int:
    said = words(bare)
    if not said:
        return NOTHING
    core = _AROUND.sub("", bare)
    if says_nothing(core) or _POINTS.fullmatch(core) or bare.casefold().rstrip(":") in _GENERAL:
        return EMPTY
    if _ROW_OF_TABLE.match(row) or _MAIL.match(bare) or _STOP.fullmatch(bare):
        return EMPTY
    letters = sum(char.isalpha() or unicodedata.category(char)[0] == "M" for char in bare)
    if (
        _LOG.match(row.strip())
        or _CODE.match(bare)
        or _PLACE.fullmatch(bare)
        or 2 * letters < len(bare.replace(" ", ""))
    ):
        return BARE
    return FULL if len(said) > 1 else BARE


def short(text: str) -> str:
    """The text cut at the end of a word."""
    if len(text) <= LONGEST:
        return text
    cut = text[: LONGEST - 1]
    head = cut.rsplit(" ", 1)[0]
    return (head if len(head) > LONGEST // 2 else cut).rstrip(" ,;:.–—-(") + "…"
