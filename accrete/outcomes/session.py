"""A session's outcome, task category and acceptance, each with its reason."""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

from accrete.outcomes.commits import OWN_KINDS, REPLACED
from accrete.outcomes.kinds import (
    ABANDONED,
    DELIVERED,
    ERRORED,
    EXPLORED,
    RUNNING,
    SHIPPED,
    UNFINISHED,
    UNSURE,
)
from accrete.outcomes.shell import commands
from accrete.outcomes.story import Call, Story, is_prose, is_test, within
from accrete.outcomes.tool_names import EDITS, SHELLS
from accrete.text.lazy import lazy


class Judged(NamedTuple):
    """A value and the reason for it, in words."""

    value: str | None
    reason: str


class Acceptance(NamedTuple):
    """Edits proposed, landed and changed by the user before they accepted; and what a person was
    asked: accepted and rejected, both None if the client wrote no decisions of persons down."""

    proposed: int
    landed: int
    changed_by_user: int
    accepted: int | None
    rejected: int | None


class End(NamedTuple):
    """How the main conversation ended. Positions are None if there was none.

    error, error_name: its last API error. answer, prompt, stop: its last answer, prompt and
    interruption.
    broken_off: it ended with a tool call, a result or a thought. use: the tool-use id, if it was a
    call.
    open: hooks saw it begin but not end.
    """

    error: int | None
    error_name: str | None
    answer: int | None
    prompt: int | None
    stop: int | None
    broken_off: bool = False
    use: str | None = None
    open: bool = False


def outcome(story: Story, end: End, pulls: int) -> Judged:
    """The session's outcome by the first rule that holds."""
    sure = [
        commit for call in story.calls for commit in call.commits if commit.confidence not in UNSURE
    ]
    own = sum(commit.kind in OWN_KINDS for commit in sure)
    parts = [f"{own} commit{'s' * (own != 1)}"] * bool(own)
    parts += [f"{pulls} pull request{'s' * (pulls != 1)}"] * bool(pulls)
    parts += [
        f"{n} {kind}"
        for kind, n in sorted(
            Counter(c.kind for c in sure if c.kind not in OWN_KINDS | {REPLACED}).items()
        )
    ]
    if parts:
        return Judged(SHIPPED, " and ".join(parts))
    if any(call.pushed and call.ok for call in story.calls):
        return Judged(SHIPPED, "pushed")
    if end.error is not None and max(end.answer or -1, end.prompt or -1) < end.error:
        return _unless_open(
            end, Judged(ERRORED, f"ended in an API error ({end.error_name or 'unknown'})")
        )
    given = max(
        (call.seq for call in story.main if call.tool in _ANSWERING and call.ok), default=-1
    )
    end = (
        end._replace(answer=given)
        if given > (end.answer if end.answer is not None else -1)
        else end
    )
    broken = _broken_off(story, end)
    if story.landed:
        return Judged(DELIVERED, _delivered(story) + (f", {broken}" if broken else ""))
    if story.handed_over is not None:
        return _unless_open(end, Judged(EXPLORED, "a plan handed over"))
    return _unless_open(end, _without_edits_or_commits(end, broken))


def _delivered(story: Story) -> str:
    quiet = sum(call.ok and bool(call.commits) for call in story.calls)
    files = len({call.target for call in story.landed})
    note = f", {quiet} commit{'s' * (quiet != 1)} unconfirmed" if quiet else ", none committed"
    return f"{files} file{'s' * (files != 1)} edited{note}"


def _without_edits_or_commits(end: End, broken: str | None) -> Judged:
    if end.answer is None and end.prompt is None:
        return Judged(None, "nothing happened")
    if end.stop is not None and end.stop > (end.answer or -1):
        return Judged(
            ABANDONED, "stopped, nothing edited" if end.answer is not None else "no answer"
        )
    if broken:
        return Judged(UNFINISHED, f"{broken}, nothing edited")
    if end.answer is None:
        return Judged(ABANDONED, "no answer")
    if end.prompt is not None and end.prompt > end.answer:
        return Judged(ABANDONED, "the last prompt has no answer, nothing edited")
    return Judged(EXPLORED, "answered, nothing edited")


def _unless_open(end: End, judged: Judged) -> Judged:
    """How a session ended is not said of one that goes on."""
    return Judged(None, RUNNING) if end.open and judged.value else judged


_ANSWERING = frozenset({"StructuredOutput", "SendUserMessage", "Brief"})
"""Tools by which an answer is given: a session may end with one."""


def _broken_off(story: Story, end: End) -> str | None:
    """How the main conversation ended, if not with an answer."""
    if not end.broken_off:
        return None
    last = next((call for call in story.main if call.use == end.use), None) if end.use else None
    if last is None:
        return "ended with a tool call" if end.use else "ended in the middle of an answer"
    if last.tool in _ANSWERING and last.ok:
        return None
    if last.tool == "AskUserQuestion":
        return (
            "ended with a question that was not answered"
            if not last.ok
            else "ended before Claude went on"
        )
    return f"ended with a call of {last.tool}" + (
        "" if last.status is not None else " that has no result"
    )


def acceptance(calls: list[Call]) -> Acceptance:
    """The results of proposed edits, and people's decisions when asked."""
    edits = [call for call in calls if call.tool in EDITS and call.status is not None]
    decided = [call for call in calls if (call.decision_source or "").startswith("user_")]
    rejected = sum(call.decision == "reject" or call.status == "rejected" for call in decided)
    return Acceptance(
        len(edits),
        sum(call.ok for call in edits),
        sum(call.user_modified == 1 for call in edits if call.ok),
        len(decided) - rejected if decided else None,
        rejected if decided else None,
    )


_PREFIX = lazy(r"^(\w+)(?:\([^)]*\))?!?:\s")
_OF_PREFIX = {
    "feat": "feature",
    "feature": "feature",
    "fix": "fix",
    "bugfix": "fix",
    "hotfix": "fix",
    "docs": "docs",
    "doc": "docs",
    "test": "test",
    "tests": "test",
    "refactor": "refactor",
    "perf": "refactor",
    "style": "refactor",
    "chore": "operate",
    "build": "operate",
    "ci": "operate",
    "release": "operate",
    "revert": "fix",
}
_BRANCH = lazy(
    r"^(?:[\w.-]+/)?(feat|feature|fix|bugfix|hotfix|docs|test|refactor|chore|ci|release)[/_-]",
    re.IGNORECASE,
)
_OPERATING = frozenset(
    {
        "docker",
        "docker-compose",
        "podman",
        "kubectl",
        "helm",
        "terraform",
        "ansible",
        "aws",
        "gcloud",
        "az",
        "fly",
        "flyctl",
        "vercel",
        "netlify",
        "wrangler",
        "heroku",
        "ssh",
        "scp",
        "rsync",
        "systemctl",
        "service",
        "brew",
        "apt",
        "apt-get",
        "dnf",
        "yum",
        "pacman",
        "pip",
        "pipx",
        "uv",
        "conda",
        "npm",
        "pnpm",
        "yarn",
        "cargo",
        "gem",
        "gh",
        "glab",
        "git",
        "kill",
        "pkill",
        "chmod",
        "chown",
        "mv",
        "cp",
        "rm",
        "ln",
        "mkdir",
        "crontab",
        "nginx",
        "psql",
        "mysql",
        "sudo",
        "choco",
        "winget",
        "scoop",
        "launchctl",
        "wsl",
    }
)
_LOOKING = lazy(
    r"^git\s+(?:-\S+\s+)*(?:log|status|diff|show|branch|blame|remote|rev-parse|ls-files|grep|"
    r"describe)\b"
    r"|^gh\s+\w+\s+(?:view|list|diff|checks|status)\b"
)
_SURROUNDINGS = lazy(
    r"(?:^|/)(?:\.github/|\.gitlab-ci|\.circleci/|(?:docker|jenkins)file(?:[.-][\w-]+)?$|"
    r"(?:docker-)?compose(?:[.-][\w.-]+)?\.ya?ml$|\.goreleaser|"
    r"(?:terraform|helm|k8s)/[^\n]*\.(?:tf|tfvars|hcl|ya?ml|tpl|json|toml)$"
    r"|package(?:-lock)?\.json$|pnpm-lock|yarn\.lock|uv\.lock|poetry\.lock|cargo\.lock|go\.(?:mod|"
    r"sum)$|requirements[^/]*\.txt$|\.gitignore$"
    r"|\.pre-commit-config|renovate\.json|dependabot\.ya?ml)",
    re.IGNORECASE,
)
_WORDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("fix", r"\b(?:fix(?:e[sd]|ing)?|debug\w*|bugs?|broken|crash(?:es|ed|ing)?|fail(?:s|ed|ing|"
                r"ure|ures)?|regression|doesn'?t work|"
                r"(?:not|isn'?t|aren'?t) (?:\w+ )?(?:working|rendered|shown|loading)|traceback|"
                r"stack ?trace|exception|stuck|"
                r"fehler|kaputt|erreur|corrig\w+|errores|arregl\w+|correg\w+)\b|修复|修正|错误|"
                r"エラー|バグ|오류|ошибк|исправ"),
        ("test", r"\b(?:(?:write|add|improve|extend|update|adapt) (?:\w+ ){0,3}tests?|"
                 r"test coverage)\b"),
        ("refactor", r"\b(?:refactor\w*|clean ?up|simplif\w+|renam(?:e|ing)|restructur\w+|"
                     r"reorgani[sz]\w+|deduplicat\w+|instead of \w+ing|"
                     r"rewrites? for|no longer need|don'?t need)\b|重構|リファクタ"),
        ("feature", r"\b(?:add|implement|create|build|introduce|support|feature|extend|make (?:it|"
                    r"the)|would like|update the)\b|新增|実装"),
    )
)  # fmt: skip
_OPERATIONS = lazy(
    r"\b(?:deploy\w*|installing|install|apt|dpkg|brew|uninstall|remove (?:a |the )?(?:file|"
    r"package)|there is a file|unable to remove|"
    r"watch the pr|merge (?:the|this|it|into|pr)|rebase|push (?:it|this|the)|new release|"
    r"release v?\d|create a release|toolchain)\b|部署",
    re.IGNORECASE,
)
_RELEASE = lazy(r"\b(?:releas\w+|publish\w*|version bump|bump)\b", re.IGNORECASE)
_DRUDGERY = frozenset({"operate", "docs"})
"""What commits also do in a session that serves something else."""


def category(story: Story, branch: str | None) -> Judged:
    """The kind of task, by the first rule that says something: what kind of files was edited, the
    branch, the subjects of commits, the words of the first prompts, the shape of the change."""
    files = {within(call.target, story.trees) for call in story.landed if call.target}
    if not files:
        return _without_edits(story)
    words = _by_words(story)
    if all(is_prose(path) for path in files):
        if words is not None and words.value == "fix" and "debug" in words.reason.lower():
            return words
        if any(_RELEASE.search(turn.words[:600]) for turn in story.turns[:3]):
            return Judged("operate", "a release, only prose was edited")
        return Judged("docs", "only prose was edited")
    code = [path for path in files if not is_prose(path)]
    if all(is_test(path) for path in code):
        if words is not None and words.value == "fix":
            return words
        return Judged("test", "only tests were edited")
    if all(_SURROUNDINGS.search(path) for path in code):
        return Judged("operate", "only files of the build and of packages were edited")
    match = _BRANCH.match(branch or "")
    if match and (named := _OF_PREFIX.get(match.group(1).lower(), "operate")) not in _DRUDGERY:
        return Judged(named, f"branch {branch}")
    return _by_subjects(story) or words or _by_shape(story)


def _by_subjects(story: Story) -> Judged | None:
    kinds = Counter(
        kind
        for call in story.calls
        for commit in call.commits
        if commit.subject
        and (m := _PREFIX.match(commit.subject))
        and (kind := _OF_PREFIX.get(m.group(1).lower()))
    )
    served = Counter({kind: n for kind, n in kinds.items() if kind not in _DRUDGERY})
    if not served:
        return None
    kind, n = served.most_common(1)[0]
    return Judged(kind, f"{n} of {sum(kinds.values())} commit subjects")


def _without_edits(story: Story) -> Judged:
    ran = [
        simple
        for call in story.calls
        if call.tool in SHELLS
        for simple in commands(call.target or "")
    ]
    asked = next(
        (m for turn in story.turns[:4] if (m := _OPERATIONS.search(turn.words[:600]))), None
    )
    if asked is not None:
        return Judged("operate", f"the prompt says “{asked.group(0).strip()}”, nothing edited")
    if not story.main:
        return Judged("explore", "answered without tools")
    changing = [
        s
        for s in ran
        if s.words[0].rsplit("/", 1)[-1] in _OPERATING and not _LOOKING.match(" ".join(s.words))
    ]
    if (
        len(changing) >= 2
        and 2 * len(changing) >= len(ran)
        or any(call.pushed or call.commits or call.pulls for call in story.calls)
    ):
        return Judged(
            "operate",
            f"{len(changing)} of {len(ran)} commands change the surroundings, nothing edited",
        )
    return Judged("explore", "nothing edited")


def _by_words(story: Story) -> Judged | None:
    """By the word that stands first in the prompts, each prompt by itself: the first that says
    anything decides."""
    for turn in story.turns[:6]:
        text = f"{turn.command or ''} {turn.words[:600]}"
        first = [
            (m.start(), kind, m.group(0)) for kind, pattern in _WORDS if (m := pattern.search(text))
        ]
        if first:
            _, kind, word = min(first)
            return Judged(kind, f"the prompt says “{word.strip()}”")
    return None


def _by_shape(story: Story) -> Judged:
    added = sum(call.added or 0 for call in story.landed)
    removed = sum(call.removed or 0 for call in story.landed)
    if not added and not removed:
        return Judged("feature", "code was edited")
    kind = "refactor" if removed > added * 2 else "feature"
    return Judged(kind, f"{added} {'line' if added == 1 else 'lines'} added, {removed} removed")


def patched(calls: list[Call]) -> list[Call]:
    """The calls that ended well and of whose patch the lines are known."""
    return [call for call in calls if call.ok and call.added is not None]


def lines(calls: list[Call]) -> tuple[int | None, int | None]:
    """Lines added and removed by calls that ended well, of all lines of the session; None if no
    patch was recorded."""
    known = patched(calls)
    return (
        (sum(call.added or 0 for call in known), sum(call.removed or 0 for call in known))
        if known
        else (None, None)
    )
