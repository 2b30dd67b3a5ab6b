"""Builds the rows of one invented session, step by step: whatever is added counts in the session,
its day, its turn and its sums at once, so that they agree.

Longer than a module should be because all figures of a session are kept in one place.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from random import Random
from typing import NamedTuple, TypedDict

from accrete.clock import LocalTime
from accrete.model import DAY_FIGURES, DAY_KNOWN, HUMAN_KINDS
from accrete.outcomes.story import ending
from accrete.pricing.cost import ASSUMED, UsedTokens, price
from accrete.pricing.findings import Answer, findings
from accrete.pricing.version import PRICE_TABLE_VERSION
from accrete.wire.travels import NAMES, Value, typed

DERIVED_VERSION = 14
"""The version of the rules of `derive` that these rows look like; a test compares it."""
IDLE_MS, BLOCK_MS = 5 * 60_000, 10 * 60_000
"""The longest pause that counts as active, and that does not end a work block."""
MERGED_AFTER_MS = 36 * 3_600_000
"""How long a pull request is open, on average."""
FULL_CONTEXT = 160_000
Row = list[Value]


@cache
def _shape(table: str) -> tuple[dict[str, int], Row]:
    """Where each column of a table is, and a row without values."""
    fields = typed(table)
    blank: Row = [None if null else "" if kind is str else 0 for kind, null, _ in fields.values()]
    return {name: at for at, name in enumerate(fields)}, blank


class Where(NamedTuple):
    """Where a session runs. project: the id that its project has on the machine."""

    project: str
    cwd: str
    branch: str
    version: str
    entrypoint: str
    model: str
    small: str


class Called(NamedTuple):
    """A tool call that was made."""

    message: str
    use: str
    uuid: str
    seq: int
    at: int


class Turn(TypedDict):
    """The turn of a prompt, by the columns of its row."""

    uuid: str
    kind: str
    seq: int
    at: int
    command: str | None
    chars: int
    permission_mode: str | None
    source: str
    branch: str
    number: int
    local_day: str
    hour_of_week: int
    ended_at: int
    active_ms: int
    responses: int
    tool_calls: int
    tokens_own: int
    tokens_delegated: int
    cost_own_nano: int
    cost_delegated_nano: int
    interrupted: int


class Run(TypedDict):
    """A subagent at work, by the columns of its row."""

    agent: str
    type: str
    task: str
    tool_use_id: str
    layout: str
    shown_type: str
    shown_task: str
    started_by: str
    prompt: str | None
    model: str
    started_at: int
    ended_at: int
    responses: int
    tool_calls: int
    tokens: int
    cost_nano: int


class Moment(TypedDict):
    """A moment of a practice: the fields of a Sighting, but for the session's."""

    uuid: str
    seq: int
    tool_use_id: str
    at: int
    local_day: str
    marks: str
    note: str | None


Open = tuple[Row, Called, str | None, tuple[str, str] | None]
"""A call without a result: its row, its record, its error, and who decided what on it."""


class Building:
    """A session while it goes on. at: its time, UTC ms; tier: at which it leaves: what only higher
    tiers hold is not made; told: up to when anything is told, UTC ms. texts: the words for it."""

    def __init__(
        self, session: str, where: Where, local: LocalTime, at: int, tier: int, rng: Random,
        told: int,
    ) -> None:  # fmt: skip
        self.id, self.where, self.local, self.at, self.tier = session, where, local, at, tier
        self.rng, self.told = rng, told
        self.rows: dict[str, list[Row]] = {name: [] for name in NAMES}
        self.days: dict[str, dict[str, int | None]] = {}
        self.usage: dict[tuple[str, str, int], list[int]] = defaultdict(lambda: [0] * 10)
        self.tools: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
        self.files: set[tuple[str, str]] = set()
        self.kinds: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
        self.answers: list[Answer] = []
        self.started = self.last = self.block_from = at
        self.block_active = 0
        self.seq = self.records = 0
        self.parent: str | None = None
        self.context = 14_000 + rng.randrange(6_000)
        self.turn: Turn | None = None
        self.run: Run | None = None
        self.run_context = 0
        self._beside: tuple[Open | None, str] = None, ""
        self.models: set[str] = set()
        self.main_calls = 0
        self.message = ""
        self._open: Open | None = None
        self._head, self._tail = session[:8], session[-12:]
        self._day_of()

    # -- time

    def _day_of(self) -> None:
        self.day, self.hour = self.local.day_and_hour(self.at)
        if self.day not in self.days:
            found: dict[str, int | None] = dict.fromkeys(DAY_FIGURES, 0)
            found |= dict.fromkeys(DAY_KNOWN)
            self.days[self.day] = found | {
                "active_ms": 0, "plan_mode": 0, "first_at": self.at, "last_at": self.at,
                "steps_told": 0, "steps_untold": 0,
            }  # fmt: skip
            self._end_block()
            self.count("work_blocks")

    def count(self, figure: str, n: int = 1) -> None:
        """Adds to a figure of the day."""
        day = self.days[self.day]
        day[figure] = (day[figure] or 0) + n

    def wait(self, ms: float) -> None:
        """Lets time pass until something happens."""
        self.at += int(ms)

    def happens(self) -> None:
        """Something happens now."""
        gap = self.at - self.last
        if gap > BLOCK_MS and self.local.day(self.at) == self.day:
            self._end_block()
            self.count("work_blocks")
        self._day_of()
        if 0 < gap <= IDLE_MS:
            self.count("active_ms", gap)
            self.block_active += gap
            if self.turn is not None:
                self.turn["active_ms"] += gap
        self.last = self.days[self.day]["last_at"] = self.at

    def _end_block(self) -> None:
        if self.rows["work_block"] or self.last != self.at:
            day = self.local.day(self.block_from)
            self._add("work_block", started_at=self.block_from, ended_at=self.last,
                      active_ms=self.block_active, local_day=day)  # fmt: skip
        self.block_from, self.block_active = self.at, 0

    # -- rows

    def _add(self, table: str, **given: Value) -> Row:
        place, blank = _shape(table)
        row = blank.copy()
        for name, value in given.items():
            row[place[name]] = value
        row[place["id" if table == "session" else "session"]] = self.id
        self.rows[table].append(row)
        return row

    def _record(self) -> tuple[str, int]:
        """The id and the place of the next record."""
        self.records += 1
        self.seq += 420 + self.records * 37 % 1100
        return f"{self._head}-{self.records:04x}-4000-8000-{self._tail}", self.seq

    def event(
        self,
        kind: str,
        text: str | None,
        *,
        name: str | None = None,
        size: int | None = None,
        message: str | None = None,
        use: str | None = None,
        record: tuple[str, int] | None = None,
    ) -> str:
        """One record, as the replay shows it; returns its id."""
        uuid, seq = record or self._record()
        if self.tier > 1:
            self._add(
                "event", agent=self._agent, uuid=uuid, seq=seq, at=self.at, kind=kind, name=name,
                text=text, size=len(text or "") if size is None else size, message_id=message,
                tool_use_id=use, parent=self.parent, sidechain=int(self.run is not None),
            )  # fmt: skip
        self.parent = uuid
        return uuid

    @property
    def _agent(self) -> str:
        return "" if self.run is None else self.run["agent"]

    def prompt(
        self,
        text: str,
        *,
        kind: str = "typed_prompt",
        mode: str | None = None,
        command: str | None = None,
        source: str = "typed",
    ) -> Called:
        """A person says something: a turn begins. Returns its record, which is of no call."""
        self.end_turn()
        self.happens()
        record = self._record()
        self.turn = {
            "uuid": record[0], "kind": kind, "seq": record[1], "at": self.at, "command": command,
            "chars": len(text), "permission_mode": mode, "source": source,
            "branch": self.where.branch, "number": len(self.rows["prompt"]) + 1,
            "local_day": self.day, "hour_of_week": self.hour, "ended_at": self.at, "active_ms": 0,
            "responses": 0, "tool_calls": 0, "tokens_own": 0, "tokens_delegated": 0,
            "cost_own_nano": 0, "cost_delegated_nano": 0, "interrupted": 0,
        }  # fmt: skip
        self.count("prompts" if kind in HUMAN_KINDS else "prompts_queued")
        if mode == "plan":
            self.days[self.day]["plan_mode"] = 1
        if command is not None:  # as the client writes it
            text = (
                f"<command-message>{command}</command-message>\n"
                f"<command-name>/{command}</command-name>\n"
                f"<command-args>{text.partition(' ')[2]}</command-args>"
            )
        self.event(kind, text, name=command, record=record)
        return Called("", "", *record, self.at)

    def end_turn(self) -> None:
        """What follows is of another turn."""
        if self.turn is not None:
            self.turn["ended_at"] = self.last
            self._add("prompt", **self.turn)
            self.turn = None

    def respond(self, text: str | None = None, *, output: int = 0, stop: str = "tool_use") -> str:
        """An answer of the API; returns its message id. text: what it says, if anything."""
        rng, run = self.rng, self.run
        began = self.at + rng.randrange(1_500, 9_000)
        self.at = began
        self.happens()
        n = output or rng.randrange(80, 900)
        context = self.context if run is None else self.run_context
        written = rng.randrange(300, 2_600) if self.rows["response"] else 6_000
        usage = UsedTokens(rng.randrange(3, 14), n, context, written, 0, written)
        model = self.where.model if run is None else self.where.small
        cost = price(usage, model=model, at=began)
        nano, delegated = cost.nano or 0, int(run is not None)
        tokens = usage.input + usage.output + usage.cache_read + usage.cache_write
        message = f"msg_{self._head}{self._tail}{len(self.rows['response']):04x}"
        record = self._record()
        ended = "end_turn" if text and stop != "tool_use" else "tool_use"
        assert self.turn is not None
        self._add(
            "response", message_id=message, request_id=f"req_{message[4:]}", agent=self._agent,
            seq=record[1], at=began, ended_at=began, model=model, version=self.where.version,
            branch=self.where.branch, input_tokens=usage.input, output_tokens=usage.output,
            cache_read_tokens=usage.cache_read, cache_write_tokens=usage.cache_write,
            cache_write_1h_tokens=usage.cache_write_1h, has_usage=1,
            stop_reason=ended,
            sidechain=delegated, counted=1, run=self._agent, prompt=self.turn["uuid"],
            local_day=self.day, hour_of_week=self.hour, cost_nano=cost.nano,
            cost_basis=cost.basis, price_version=PRICE_TABLE_VERSION,
        )  # fmt: skip
        self.models.add(model)
        if run is None:
            self.answers.append(
                Answer(
                    record[1], message, f"req_{message[4:]}", model, self.turn["uuid"],
                    self.turn["at"], began, began, self.day, ended, 0, usage, None, None, None,
                )
            )  # fmt: skip
        whose = "delegated" if run else "own"
        for figure, amount in ((f"responses_{whose}", 1), (f"tokens_{whose}", tokens),
                               (f"cost_{whose}_nano", nano), ("unpriced", int(cost.nano is None)),
                               ("price_assumed", int(cost.basis == ASSUMED))):  # fmt: skip
            self.count(figure, amount)
        self.turn["responses"] += 1
        sums = self.usage[self.day, model, delegated]
        for at, amount in enumerate(
            (1, usage.input, usage.output, usage.cache_read, usage.cache_write, 0, nano,
             int(cost.nano is None), 0, int(cost.basis == ASSUMED))
        ):  # fmt: skip
            sums[at] += amount
        if run is None:
            self.context += n + written
            self.turn["tokens_own"] += tokens
            self.turn["cost_own_nano"] += nano
        else:
            self.turn["tokens_delegated"] += tokens
            self.turn["cost_delegated_nano"] += nano
            self.run_context += n + written
            run["responses"] += 1
            run["tokens"] += tokens
            run["cost_nano"] += nano
            run["ended_at"] = self.at
        if text is not None:
            self.event("assistant_text", text, message=message, record=record)
        self.message = message
        return message

    def call(
        self,
        tool: str,
        target: str | None = None,
        *,
        given: Mapping[str, object] | None = None,
        variant: str | None = None,
        status: str = "ok",
        output: str = "",
        ms: int | None = None,
        lines: tuple[int, int] | None = None,
        error: str | None = None,
        decision: tuple[str, str] | None = None,
        by_person: bool = False,
        open_ended: bool = False,
    ) -> Called:
        """A tool call of the last answer, with its result unless it is left open (see `result`).
        lines: added and removed by its patch."""
        assert self.turn is not None
        self.wait(200)
        self.happens()
        made = Called(self.message, f"toolu_{self.message[4:]}{self.records:04x}",
                      *self._record(), self.at)  # fmt: skip
        arguments = json.dumps(given or {}) if self.tier > 1 else ""
        self.event("tool_call", target, name=tool, size=len(arguments), message=made.message,
                   use=made.use, record=(made.uuid, made.seq))  # fmt: skip
        row = self._add(
            "tool_call", message_id=made.message, tool_use_id=made.use, agent=self._agent,
            uuid=made.uuid, seq=made.seq, at=made.at, tool=tool, variant=variant,
            target=target if self.tier > 1 else None, input=arguments if self.tier > 2 else None,
            sidechain=int(self.run is not None), run=self._agent, prompt=self.turn["uuid"],
            counted=1, local_day=self.day, result_uuid="", status=status,
        )  # fmt: skip
        if lines is not None and status == "ok":
            place, _ = _shape("tool_call")
            row[place["lines_added"]], row[place["lines_removed"]] = lines
            row[place["user_modified"]] = int(by_person)
            if self.tier > 1:
                row[place["patch"]], row[place["patch_cut"]] = output, 0
                output = f"The file {target} has been updated."
        self.turn["tool_calls"] += 1
        self.count("tool_calls")
        self.tools[self.day, tool][0] += 1
        if self.run is None:
            self.main_calls += 1
        else:
            self.run["tool_calls"] += 1
        self._open = (row, made, error, decision)
        if not open_ended:
            self.wait(ms if ms is not None else self.rng.randrange(300, 4_000))
            self.result(output, ms=ms)
        return made

    def result(self, output: str, *, ms: int | None = None, spawned: str | None = None) -> None:
        """What came of the last call."""
        self.happens()
        assert self._open is not None
        row, made, error, decision = self._open
        place, _ = _shape("tool_call")
        status = str(row[place["status"]])
        uuid = self.event("tool_result", None, name=status, size=len(output), use=made.use)
        bad = int(status != "ok")
        shown: dict[str, Value] = {
            "result_uuid": uuid, "result_at": self.at, "is_error": bad, "error_class": error,
            "output": output if self.tier > 2 else None, "output_chars": len(output), "ms": ms,
            "spawned": spawned,
        }  # fmt: skip
        if decision is not None:
            shown["decision"], shown["decision_source"] = decision
            if status == "rejected":
                shown["denial"] = "user-rejected"
        for name, value in shown.items():
            row[place[name]] = value
        if decision is not None and decision[1].startswith("user_"):
            self._asked(accepted=decision[0] == "accept")
        if bad:
            self.count("tool_errors")
            self.tools[self.day, str(row[place["tool"]])][1] += 1
        if self.run is not None:
            self.run["ended_at"] = self.at

    def subagent(self, by: Called, kind: str, task: str) -> None:
        """What follows is done by a subagent that the last call started, until `back`."""
        self._beside, self.run_context = (self._open, self.message), 9_000
        self.run = {
            "agent": f"a{self.rng.getrandbits(64):016x}", "type": kind, "task": task,
            "tool_use_id": by.use, "layout": "subagent", "shown_type": kind, "shown_task": task,
            "started_by": by.use, "prompt": self.turn["uuid"] if self.turn is not None else None,
            "model": self.where.small, "started_at": self.at, "ended_at": self.at, "responses": 0,
            "tool_calls": 0, "tokens": 0, "cost_nano": 0,
        }  # fmt: skip
        self.count("agents")
        self.happens()
        self.event("agent_prompt", task)

    def back(self, output: str) -> None:
        """The subagent is done, and its call has a result."""
        assert self.run is not None
        run, self.run = self.run, None
        self._open, self.message = self._beside
        self._add("agent_run", **run)
        self.wait(400)
        self.result(output, ms=self.at - run["started_at"], spawned=run["agent"])

    def landed(self, path: str, lines: tuple[int, int]) -> None:
        """An edit was applied."""
        self.files.add((self.day, path))
        sums = self.kinds[self.day, ending(path)]
        sums[0], sums[1] = sums[0] + lines[0], sums[1] + lines[1]
        self.count("edits_proposed")
        self.count("edits_landed")
        self.count("lines_added", lines[0])
        self.count("lines_removed", lines[1])

    def _asked(self, *, accepted: bool) -> None:
        """A person was asked, and said yes or no."""
        day = self.days[self.day]
        for figure in ("asked_accepted", "asked_rejected"):
            day[figure] = (day[figure] or 0) + int((figure == "asked_accepted") == accepted)

    def interrupt(self) -> Called:
        """The person stops the turn. Returns the record, which is of no call."""
        assert self.turn is not None
        self.wait(self.rng.randrange(2_000, 20_000))
        self.happens()
        self.turn["interrupted"] = 1
        self.count("interruptions")
        uuid = self.event("interruption", "[Request interrupted by user]")
        return Called("", "", uuid, self.seq, self.at)

    def api_error(self) -> None:
        """The API did not answer, and the client tries again."""
        self.count("api_errors")
        self.event("api_error", None, name="overloaded_error")

    def compact(self) -> None:
        """The context is summarised."""
        self.happens()
        self.count("compactions")
        self.context = 22_000
        self.event("compact_boundary", None)
        self.event("compact_summary", "What was decided, what was changed, and what is left.")

    def add_check(self, made: Called, kind: str, runner: str, verdict: str,
                  passed: int | None, failed: int | None) -> None:  # fmt: skip
        """A check that a call ran."""
        self.count("checks")
        self.count("checks_failed", int(verdict == "failed"))
        self._add("check_run", message_id=made.message, tool_use_id=made.use, run="", kind=kind,
                  runner=runner, verdict=verdict, passed=passed, failed=failed, uuid=made.uuid,
                  seq=made.seq, at=made.at, local_day=self.day)  # fmt: skip

    def add_commit(self, made: Called, sha: str, subject: str) -> None:
        """A commit that a call made."""
        self.count("commits")
        self._add("session_commit", message_id=made.message, tool_use_id=made.use,
                  project=self.where.project, sha=sha, branch=self.where.branch, subject=subject,
                  confidence="printed", kind="committed", uuid=made.uuid, seq=made.seq,
                  at=made.at, local_day=self.day)  # fmt: skip

    def add_pull(self, made: Called, url: str, number: int, repository: str) -> None:
        """A pull request that a call opened."""
        self.count("pull_requests")
        self._add("session_pull", url=url, number=number, repository=repository,
                  confidence="printed", uuid=made.uuid, seq=made.seq, at=made.at,
                  local_day=self.day)  # fmt: skip
        self._add("session_pull_state", url=url, **self._state_of(url, made.at))

    def _state_of(self, url: str, at: int) -> dict[str, Value]:
        """What a forge says of a pull request that was opened at a moment, by the moment up to
        which it is told; nothing of some."""
        rng = Random(f"{self.id} {url}")  # noqa: S311 - invents, protects nothing
        kind, ended = rng.random(), at + int(rng.expovariate(1 / MERGED_AFTER_MS))
        if kind < 0.05:
            return {}
        if ended >= self.told or kind > 0.95:
            return {"state": "open", "draft": int(kind > 0.98), "opened_at": at, "told_at": at}
        state: dict[str, Value] = {
            "draft": 0,
            "opened_at": at,
            "closed_at": ended,
            "told_at": ended,
        }
        if kind < 0.15:
            return {"state": "closed", **state}
        return {"state": "merged", "merged_at": ended, **state}

    def add_practice(
        self, name: str, version: int, possible: bool | None, found: Sequence[Moment]
    ) -> None:
        """What the session shows of a practice."""
        for each in found:
            self._add("sighting", practice=name, **each)
        self._add(
            "session_practice", practice=name, version=version, sightings=len(found),
            possible=1 if found else None if possible is None else int(possible),
            marked=sum(bool(each["marks"]) for each in found),
        )  # fmt: skip

    def _title(self, title: str) -> None:
        """The record in which the client keeps the title; it has no time and no id."""
        if self.tier > 1:
            _, seq = self._record()
            self._add("event", uuid=f"#{self.rng.getrandbits(128):032x}", seq=seq, kind="ai_title",
                      text=title, size=len(title))  # fmt: skip

    def finish(self, **said: Value) -> dict[str, list[Row]]:
        """The rows of the whole session, by table. said: what only the whole of it tells."""
        self.end_turn()
        self._title(str(said["title"]))
        self.at = self.last + 1
        self._end_block()
        figures: dict[str, int | None] = {
            name: (
                None
                if name in DAY_KNOWN and all(day[name] is None for day in self.days.values())
                else sum(day[name] or 0 for day in self.days.values())
            )
            for name in DAY_FIGURES
        }
        found = findings((0, self.id), self.answers)
        for each in found.rows:
            self._add("finding", **dict(zip(each._fields[2:], each[2:], strict=True)))
        for figure, days in (("steps_told", found.told), ("steps_untold", found.untold)):
            for day in days:
                self.days[day][figure] = (self.days[day][figure] or 0) + 1
        for (day, kind), (added, removed) in sorted(self.kinds.items()):
            self._add("session_kind", local_day=day, kind=kind, lines_added=added,
                      lines_removed=removed)  # fmt: skip
        for day, known in sorted(self.days.items()):
            self._add("session_day", local_day=day, **known)
        for (day, model, delegated), sums in sorted(self.usage.items()):
            self._add("session_usage", local_day=day, model=model, branch=self.where.branch,
                      delegated=delegated, **dict(zip(_SUMS, sums, strict=True)))  # fmt: skip
        for (day, tool), (calls, errors) in sorted(self.tools.items()):
            self._add("session_tool", local_day=day, tool=tool, calls=calls, errors=errors)
        for day, path in sorted(self.files):
            self._add("session_file", local_day=day, path=path)
        first_day, hour = self.local.day_and_hour(self.started)
        self._add(
            "session", client="claude-code", derived_version=DERIVED_VERSION,
            project=self.where.project, cwd=self.where.cwd, branch=self.where.branch,
            version=self.where.version, entrypoint=self.where.entrypoint,
            started_at=self.started, ended_at=self.last, local_day=first_day, hour_of_week=hour,
            wall_ms=self.last - self.started,
            plan_mode=int(any(day["plan_mode"] for day in self.days.values())),
            files_edited=len({path for _, path in self.files}), **figures, **said,
        )  # fmt: skip
        return self.rows


_SUMS = (
    "responses", "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens",
    "web_searches", "cost_nano", "unpriced", "lower_bound", "price_assumed",
)  # fmt: skip
