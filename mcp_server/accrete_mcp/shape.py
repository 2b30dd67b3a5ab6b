"""Shapes of answers for a model: parts of what `--json` prints, lists capped, each with its scope.

The client shows a model the structured content of a result and not its text, so these are what is
read. A key that `--json` has too has the same name, type and meaning (docs/json.md), but for three
units: money is in dollars (`cost_usd` for `cost_nano`), active time in hours (`active_hours` for
`active_ms`), and times are local (`started` for `started_at`: `2026-11-20 14:02`). Ids are the
first characters that the tools take back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import BaseModel, Field, SerializerFunctionWrapHandler, model_serializer

from accrete.insight import beside_team, costs, found, practices, replay, sessions
from accrete.queries import work


@dataclass(frozen=True)
class Most:
    """The characters of a text that are kept."""

    characters: int


UNPRICED = Field(default=None, description="responses without a price, which the cost leaves out")


class Compact(BaseModel):
    """A part of an answer. Empty and unknown fields are left out, because a model pays for every
    word."""

    answer: ClassVar[type[object] | None] = None
    """What it is a part of; its other keys are of this server alone."""

    @model_serializer(mode="wrap")
    def _without_empty(self, handler: SerializerFunctionWrapHandler) -> dict[str, object]:
        return {
            name: value
            for name, value in handler(self).items()
            if value is not None and value != []
        }


class Answer(Compact):
    """Part of every answer: its scope, and how to get more."""

    scope: str
    more: str | None = Field(
        default=None, description="what was left out, and the call that returns it"
    )
    legend: str | None = Field(default=None, description="what the figures mean")


class ByWeek(Compact):
    """The newest weeks in which a practice was possible, the newest last."""

    answer = practices.ByWeek
    seen: list[int] = []
    possible: list[int] = []


class Practice(Compact):
    """One practice of the person: seen in so many of the sessions in which it was possible."""

    answer = practices.Practice
    name: str
    depth: str
    seen: int
    possible: int
    sightings: int
    marked: int
    by_week: ByWeek
    last: str | None = None


class Moment(Compact):
    """One observed moment, which proves the figures."""

    answer = practices.Moment
    when: str
    session: str
    prompt: int | None = Field(default=None, description="number of the prompt it belongs to")
    asked: Annotated[str | None, Most(120)] = Field(
        default=None, description="the words of that prompt"
    )
    note: str | None = None
    what: str | None = None
    text: Annotated[str | None, Most(160)] = Field(
        default=None, description="the command, file or words that prove it"
    )
    marks: list[str] = []


class Practices(Answer):
    """All practices, or one with what it is and its moments."""

    answer = practices.Practice
    practices: list[Practice] = []
    what: Annotated[str | None, Most(2000)] = None
    why: Annotated[str | None, Most(2000)] = None
    good: Annotated[str | None, Most(2000)] = None
    try_next: Annotated[str | None, Most(2000)] = None
    source: str | None = None
    moments: list[Moment] = []


class TeamWord(Compact):
    """For how many people of a group a practice is regular, in a word."""

    answer = beside_team.TeamWord
    of: str
    word: str | None = Field(default=None, description="few, about half or most")
    people: int | None = None
    why: Annotated[str | None, Most(200)] = Field(default=None, description="why there is no word")


class Beside(Compact):
    """One practice of the person beside their team's, in the same four weeks."""

    answer = beside_team.BesideTeam
    name: str
    said: Annotated[str, Most(400)]
    seen: int
    possible: int
    sightings: int
    marked: int
    depth: str
    regular_since: str | None = None
    words: list[TeamWord] = []
    taught_by: list[str] = Field(default=[], description="who offers to show it")
    try_next: Annotated[str | None, Most(2000)] = Field(
        default=None, description="one thing to try; with a practice's name only"
    )


class Comparison(Answer):
    """The person beside their team."""

    answer = beside_team.TeamComparison
    team_connected: bool
    said: Annotated[str, Most(1200)]
    first_day: str | None = None
    last_day: str | None = None
    fetched: str | None = Field(default=None, description="when the server said so")
    offline: bool | None = Field(default=None, description="the server did not answer now")
    practices: list[Beside] = []
    caveats: list[str] = []
    mine: list[Practice] = Field(default=[], description="without a team: the user's own figures")


class Step(Compact):
    """Something to try next: seen in so many of the sessions in which it was possible."""

    answer = practices.Step
    name: str
    seen: int
    possible: int
    last: str | None = None
    try_next: Annotated[str, Most(2000)]
    why: Annotated[str, Most(2000)]
    source: str


class Steps(Answer):
    """What to try next, most promising first."""

    steps: list[Step] = []


class Hit(Compact):
    """One text with the words, marked with **."""

    answer = found.Hit
    session: str
    prompt: int | None = Field(default=None, description="number of the prompt it belongs to")
    when: str
    project_name: str
    kind: str
    name: str | None = None
    excerpt: Annotated[str, Most(260)]


class Hits(Answer):
    """Texts with the words, newest first."""

    hits: list[Hit] = []


class Use(Compact):
    """One row of a usage table."""

    answer = costs.Cost
    key: str | None = Field(default=None, description="of sessions and prompts: `session#prompt`")
    label: Annotated[str, Most(60)]
    sessions: int | None = None
    responses: int
    tokens: int
    cost_usd: float | None = None
    cost_delegated_usd: float | None = None
    unpriced: int | None = UNPRICED
    price_assumed: int | None = Field(default=None, description="responses with an assumed price")
    active_hours: float | None = None


class Costs(Answer):
    """Usage by one thing; cost is API-equivalent, not a bill."""

    answer = costs.Costs
    by: str
    rows: list[Use] = []
    total: Use | None = Field(default=None, description="of the rows shown")
    note: str | None = None


class Spent(Compact):
    """What a session has used, by one thing: the rows with the highest cost."""

    answer = costs.Costs
    by: str
    rows: list[Use]


class Asked(Compact):
    """A prompt."""

    answer = replay.Asked
    number: int
    kind: str | None = Field(default=None, description="left out for a typed prompt")
    text: str


class Commit(Compact):
    """A commit."""

    answer = replay.Commit
    sha: str | None = None
    subject: str | None = None
    confidence: str | None = Field(default=None, description="only if it is not certain")


class Check(Compact):
    """A run of tests, a build or lint."""

    answer = replay.Check
    runner: str
    verdict: str
    passed: int | None = None
    failed: int | None = None


class FailedCall(Compact):
    """A tool call that failed, was refused or interrupted."""

    answer = replay.FailedCall
    number: int | None = Field(default=None, description="the prompt it belongs to")
    tool: str
    target: Annotated[str | None, Most(120)] = None
    status: str
    output: Annotated[str | None, Most(160)] = None


class FailedBefore(Compact):
    """A failed call of one of several sessions."""

    answer = work.Failed
    when: str | None = None
    session: str
    prompt: int | None = None
    tool: str
    target: Annotated[str | None, Most(100)] = None
    status: str
    output: Annotated[str | None, Most(120)] = None


class Edited(Compact):
    """A changed file of one session."""

    answer = replay.Edited
    path: Annotated[str, Most(1000)]
    edits: int
    added: int
    removed: int


class Touched(Compact):
    """A changed file of several sessions."""

    answer = work.Touched
    path: Annotated[str, Most(1000)]
    sessions: int
    last_day: str


class Handoff(Compact):
    """What was asked and done, and what is open."""

    answer = replay.Handoff
    asked: list[Asked] = []
    commits: list[Commit] = []
    pulls: list[str] = []
    last_check: Check | None = None
    uncommitted: list[str] = Field(default=[], description="edited since the last commit")
    last_failed: FailedCall | None = None
    last_answer: Annotated[str | None, Most(600)] = None


class Line(Compact):
    """One of several sessions."""

    answer = sessions.Session
    id: str
    started: str | None = None
    project_name: str
    active_hours: float | None = None
    cost_usd: float | None = None
    unpriced: int | None = UNPRICED
    tool_errors: int
    outcome: str | None = None
    title: Annotated[str | None, Most(80)] = None


class Session(Answer):
    """One session, or all of a range added up: its figures, and the part that was asked for."""

    answer = sessions.Session
    id: str
    title: str | None = None
    started: str | None = None
    project_name: str
    branch: str | None = None
    outcome: str | None = None
    outcome_reason: str | None = None
    active_hours: float | None = None
    prompts: int
    tool_calls: int
    tool_errors: int
    responses: int
    cost_usd: float | None = None
    unpriced: int | None = UNPRICED
    agents: int
    work: Handoff | None = None
    failed: list[FailedCall | FailedBefore] = []
    files: list[Edited | Touched] = []
    costs: list[Spent] = []
    sessions: list[Line] = []
