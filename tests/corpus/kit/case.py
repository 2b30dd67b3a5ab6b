"""What a case is: a story of files, what it pins, and what a correct reader must count."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.corpus.kit.lines import CWD, NEW, SLUG, A, Clock, Ids, Record, Transcript

TOKEN_KINDS = ("input", "output", "cache_read", "cache_write", "cache_write_5m", "cache_write_1h", "web_searches")
NAMES = {
    "prompts": ("typed", "slash", "shell", "queued", "beside_tool_result"),
    "responses": ("main", "delegated", "embedded_only", "synthetic"),
    "tokens": TOKEN_KINDS,
    "tokens_delegated": TOKEN_KINDS,
    "tokens_embedded": TOKEN_KINDS,
    "tokens_inferences": TOKEN_KINDS,
}
"""Keys of `counts` whose members are fixed."""
OPEN = ("record_types", "by_model", "inferences", "tools", "tool_errors")
"""Keys of `counts` whose members are names; they are compared whole."""
PLAIN = (
    "lines", "malformed", "recovered", "sessions", "human_prompts", "cost_nano", "cost_delegated_nano",
    "unpriced_responses", "tool_calls", "tool_rejected", "tools_embedded", "subagent_spawns", "agents", "compactions",
    "api_errors", "pull_request_links", "plan_mode_files",
)  # fmt: skip
SESSION_KEYS = ("prompts", "responses_own", "cost_own_nano", "cost_delegated_nano", "active_ms", "wall_ms", "title", "automated",
                "local_day", "project_name", "outcome", "commits", "commits_unconfirmed", "pull_requests", "checks", "checks_failed",
                "edits_proposed", "edits_landed", "edits_changed_by_user", "files_edited", "lines_added",
                "lines_removed")  # fmt: skip


def _filled(key: str, given: Mapping[str, int | None]) -> dict[str, int]:
    """The whole object: 0 for the members not named, none at all for those given as None (not compared)."""
    unknown = set(given) - set(NAMES[key])
    if unknown:
        raise ValueError(f"{key} has no {', '.join(sorted(unknown))}")
    filled = {name: given.get(name, 0) for name in NAMES[key]}
    return {name: value for name, value in filled.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Want:
    """What a reader must find. counts: keys of expected.json's `counts`; sessions: by id, only what is compared."""

    counts: dict[str, Any]
    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)
    timezone: str | None = None
    practices: dict[str, dict[str, int]] = field(default_factory=dict)


def want(sessions: dict[str, dict[str, Any]] | None = None, timezone: str | None = None,
         practices: dict[str, dict[str, int]] | None = None, **counts: Any) -> Want:  # fmt: skip
    """The expected values of a case, all literals. Raises ValueError for a key that the README does not define."""
    for key, value in counts.items():
        if key not in PLAIN and key not in OPEN and key not in NAMES and key != "session_count":
            raise ValueError(f"unknown count {key}")
        if key in NAMES:
            counts[key] = _filled(key, value)
    if "session_count" in counts:
        counts["sessions"] = counts.pop("session_count")
    for values in (sessions or {}).values():
        unknown = set(values) - set(SESSION_KEYS)
        if unknown:
            raise ValueError(f"unknown session keys {sorted(unknown)}")
    return Want(counts, sessions or {}, timezone, practices or {})


class Story:
    """The config folder of a case while it is written: its files, its links, and its state at each step."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.ids = Ids()
        self.files: dict[str, Transcript | bytes] = {}
        self.links: dict[str, str] = {}
        self.moves: dict[str, dict[str, str]] = {}
        self.steps: list[dict[str, bytes]] = []

    def session(self, name: str = A, *, slug: str = SLUG, cwd: str = CWD, version: str = NEW, entrypoint: str = "cli"
                ) -> Transcript:  # fmt: skip
        """A main transcript, `projects/<slug>/<name>.jsonl`."""
        made = Transcript(name, self.clock, self.ids, cwd=cwd, version=version, entrypoint=entrypoint)
        self.files[f"projects/{slug}/{name}.jsonl"] = made
        return made

    def subagent(self, parent: Transcript, agent: str, *, folder: str = "", slug: str = SLUG, meta: Record | None = None
                 ) -> Transcript:  # fmt: skip
        """A subagent's transcript in its session's folder; folder: below `subagents/`, such as `workflows/wf_1/`."""
        path = f"projects/{slug}/{parent.session}/subagents/{folder}agent-{agent}"
        if meta is not None:
            self.files[f"{path}.meta.json"] = json.dumps(meta).encode()
        return self._agent(parent, agent, f"{path}.jsonl")

    def beside(self, parent: Transcript, agent: str, *, slug: str = SLUG) -> Transcript:
        """A subagent's transcript beside the main one, as 2.0.x laid it."""
        return self._agent(parent, agent, f"projects/{slug}/agent-{agent}.jsonl")

    def _agent(self, parent: Transcript, agent: str, path: str) -> Transcript:
        made = Transcript(parent.session, self.clock, self.ids, agent=agent, cwd=parent.cwd, version=parent.version,
                          entrypoint=parent.entrypoint)  # fmt: skip
        self.files[path] = made
        return made

    def put(self, path: str, content: bytes) -> None:
        """Any other file."""
        self.files[path] = content

    def remove(self, path: str) -> None:
        """A file that is gone in the next step."""
        del self.files[path]

    def move(self, old: str, new: str) -> None:
        """A file renamed before the next step."""
        self.files[new] = self.files.pop(old)
        self.moves.setdefault(f"step-{len(self.steps) + 1}", {})[old] = new

    def link(self, path: str, target: str) -> None:
        """A symbolic link `path` to `target`, both below the config folder; the runner makes it."""
        self.links[path] = target

    def step(self) -> None:
        """The folder as it is now is a state of its own, to be read before the next."""
        self.steps.append(self.rendered())

    def rendered(self) -> dict[str, bytes]:
        """The bytes of every file."""
        return {path: file if isinstance(file, bytes) else file.content for path, file in self.files.items()}


Builder = Callable[[Story], Want]


@dataclass(frozen=True, slots=True)
class Case:
    """A case of the kit. pins: numbers of docs in the README (A1 … B41 pitfalls, V1 … V21 variations)."""

    name: str
    about: str
    pins: tuple[str, ...]
    build: Builder


CASES: dict[str, Case] = {}


def case(name: str, about: str, *pins: str) -> Callable[[Builder], Builder]:
    """Registers a case. Raises ValueError when the name is taken."""

    def register(build: Builder) -> Builder:
        if name in CASES:
            raise ValueError(f"two cases are called {name}")
        CASES[name] = Case(name, about, pins, build)
        return build

    return register


def render(each: Case) -> dict[str, bytes]:
    """All files of a case, expected.json included, by path below the case's folder."""
    story = Story()
    wanted = each.build(story)
    expected: dict[str, Any] = {"about": each.about, "pins": list(each.pins)}
    if story.steps:
        expected["steps"] = [f"step-{number + 1}" for number in range(len(story.steps))]
        files = {f"step-{n + 1}/{path}": data for n, step in enumerate(story.steps) for path, data in step.items()}
    else:
        files = story.rendered()
    if story.moves:
        expected["moves"] = story.moves
    if story.links:
        expected["links"] = story.links
    return files | {"expected.json": expected_bytes(expected, wanted)}


def expected_bytes(head: dict[str, Any], wanted: Want) -> bytes:
    """expected.json."""
    if wanted.timezone:
        head["timezone"] = wanted.timezone
    head["counts"] = wanted.counts
    if wanted.sessions:
        head["sessions"] = wanted.sessions
    if wanted.practices:
        head["practices"] = wanted.practices
    return (json.dumps(head, indent=2, ensure_ascii=False) + "\n").encode("utf-8")
