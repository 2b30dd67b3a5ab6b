"""Every stored table with its nouns, and the lists that must agree with them."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from accrete.model.captured import (
    AgentRun,
    Context,
    ContextState,
    Event,
    EventState,
    HookEvent,
    Prompt,
    Response,
    ToolCall,
    ToolResult,
    TypedHistory,
    WaitingResult,
)
from accrete.model.days import SessionDay, SessionFigures
from accrete.model.field import Field, Holds, marks
from accrete.model.machine import (
    Fact,
    GitAnswer,
    GitWorktree,
    Project,
    PullRequest,
    PullState,
    Revision,
    SessionChange,
    SessionPullRequest,
    Settled,
    SourceFile,
    Workdir,
)
from accrete.model.own import (
    Device,
    Forgotten,
    Person,
    ProjectWord,
    SessionNote,
    SessionTag,
    SessionTitle,
)
from accrete.model.people import (
    Account,
    Audit,
    CompanySetting,
    Experiment,
    HiddenCard,
    Invitation,
    Look,
    Opening,
    PutOff,
    SignIn,
    Team,
    TeamPlace,
    WeekStamp,
)
from accrete.model.releases import Clip, Counted, Release, ReleaseCell, ReleaseGroup, Teaching
from accrete.model.sessions import (
    AgentRunFigures,
    CheckRun,
    Finding,
    Inference,
    PersonWeek,
    PromptFigures,
    ResponseFigures,
    Session,
    SessionCommit,
    SessionFile,
    SessionKind,
    SessionPractice,
    SessionPull,
    SessionPullState,
    SessionState,
    SessionTool,
    SessionUsage,
    SessionWorktree,
    Sighting,
    ToolCallFigures,
    WorkBlock,
)
from accrete.model.sharing import (
    ChoiceHeard,
    Compared,
    DeviceToken,
    MessageNumber,
    MessageOrder,
    PersonChoice,
    PublishedProject,
    Refused,
    RivalRow,
    SessionDevice,
    SharedProject,
    SharedRows,
    Unshared,
)

Noun = type[tuple[object, ...]]


class Origin(Enum):
    """The origin of a table's rows, which decides how they are kept."""

    CAPTURED = "captured"
    """From transcripts and hooks: kept until their owner deletes them, redacted again by newer
    patterns."""
    DERIVED = "derived"
    """Derived from other rows: replaced whenever these change."""
    SAID = "said"
    """Entered by the person."""
    MACHINE = "machine"
    """Bookkeeping of this machine."""


class Table(NamedTuple):
    """A stored table. nouns: those that its columns are of. worked_out: of them those that are
    derived, though the row is not. key: its identity, which begins with the person."""

    name: str
    nouns: tuple[Noun, ...]
    key: tuple[str, ...]
    origin: Origin
    worked_out: tuple[Noun, ...] = ()
    exported: bool = False

    @property
    def fields(self) -> dict[str, Field]:
        """The mark of each column."""
        return {
            name: mark
            for noun in (*self.nouns, *self.worked_out)
            for name, mark in marks(noun).items()
        }

    @property
    def texts(self) -> tuple[str, ...]:
        """The columns with text from outside, as it was stored."""
        if self.origin is Origin.DERIVED:
            return ()
        return tuple(
            name
            for noun in self.nouns
            for name, mark in marks(noun).items()
            if mark.holds is not Holds.VALUE
        )


_C, _D, _S, _M = Origin.CAPTURED, Origin.DERIVED, Origin.SAID, Origin.MACHINE
_CALL = ("person", "message_id", "tool_use_id")
_MADE = ("person", "session", "message_id", "tool_use_id", "part")

TABLES: tuple[Table, ...] = (
    Table("person", (Person,), ("id",), _S),
    Table("device", (Device,), ("person", "uuid"), _M),
    Table("session", (Session, SessionState, SessionFigures), ("person", "id"), _D, exported=True),
    Table("prompt", (Prompt,), ("person", "session", "uuid"), _C, (PromptFigures,), exported=True),
    Table("response", (Response,), ("person", "message_id", "request_id"), _C, (ResponseFigures,),
          exported=True),
    Table("inference", (Inference,), ("person", "session", "message_id", "request_id", "part"), _D,
          exported=True),
    Table("tool_call", (ToolCall, ToolResult), _CALL, _C, (ToolCallFigures,), exported=True),
    Table("agent_run", (AgentRun,), ("person", "session", "agent"), _C, (AgentRunFigures,),
          exported=True),
    Table("session_commit", (SessionCommit,), _MADE, _D, exported=True),
    Table("session_pull", (SessionPull,), ("person", "session", "url"), _D, exported=True),
    Table("session_pull_state", (SessionPullState,), ("person", "session", "url"), _D,
          exported=True),
    Table("check_run", (CheckRun,), _MADE, _D, exported=True),
    Table("sighting", (Sighting,), ("person", "session", "practice", "uuid", "tool_use_id"), _D,
          exported=True),
    Table("session_practice", (SessionPractice,), ("person", "session", "practice"), _D,
          exported=True),
    Table("session_day", (SessionDay, SessionFigures), ("person", "session", "local_day"), _D,
          exported=True),
    Table("session_usage", (SessionUsage,),
          ("person", "session", "local_day", "model", "branch", "delegated"), _D,
          exported=True),
    Table("session_tag", (SessionTag,), ("person", "session", "tag"), _S, exported=True),
    Table("session_note", (SessionNote,), ("person", "session"), _S, exported=True),
    Table("session_title", (SessionTitle,), ("person", "session"), _S, exported=True),
    Table("project", (Project,), ("person", "id"), _M, exported=True),
    Table("project_word", (ProjectWord,), ("person", "what", "subject"), _S, exported=True),
    Table("event", (Event,), ("person", "session", "agent", "uuid", "part"), _C, (EventState,),
          exported=True),
    Table("session_context", (Context,),
          ("person", "session", "cwd", "branch", "version", "entrypoint", "teammate"), _C,
          (ContextState,)),
    Table("session_tool", (SessionTool,), ("person", "session", "local_day", "tool"), _D),
    Table("session_file", (SessionFile,), ("person", "session", "local_day", "path"), _D),
    Table("session_kind", (SessionKind,), ("person", "session", "local_day", "kind"), _D),
    Table("finding", (Finding,), ("person", "session", "message_id", "request_id", "kind"), _D,
          exported=True),
    Table("session_worktree", (SessionWorktree,), ("person", "session", "worktree", "repository"),
          _D),
    Table("session_pull_request", (SessionPullRequest,), ("person", "session", "url"), _C),
    Table("pull_request", (PullRequest, PullState), ("person", "url"), _C),
    Table("work_block", (WorkBlock,), ("person", "session", "started_at"), _D),
    Table("person_week", (PersonWeek,), ("person", "week", "practice", "project"), _D),
    Table("typed_history", (TypedHistory,), ("person", "id"), _C),
    Table("hook_event", (HookEvent,), ("person", "session", "event", "at", "hash"), _C),
    Table("waiting_result", (WaitingResult,), ("person", "tool_use_id", "session", "agent", "seq"),
          _C),
    Table("workdir", (Workdir,), ("person", "cwd"), _M),
    Table("git_worktree", (GitWorktree,), ("person", "worktree", "repository"), _M),
    Table("git_answer", (GitAnswer,), ("person", "message_id", "tool_use_id", "part"), _M),
    Table("source_file", (SourceFile,), ("person", "path"), _M),
    Table("shared", (SharedRows,), ("person", "session", "what"), _M),
    Table("unshared", (Unshared,), ("person", "session"), _M),
    Table("session_change", (SessionChange,), ("person", "session"), _M),
    Table("compared", (Compared,), ("person", "session"), _M),
    Table("shared_project", (SharedProject,), ("person", "project"), _M),
    Table("refused", (Refused,), ("person", "session", "what", "why"), _M),
    Table("published_project", (PublishedProject,), ("remote",), _M),
    Table("person_choice", (PersonChoice,), ("person", "what"), _M),
    Table("choice_heard", (ChoiceHeard,), ("person", "what", "device"), _M),
    Table("session_device", (SessionDevice,), ("person", "session", "device"), _M),
    Table("message_number", (MessageNumber,), ("person",), _M),
    Table("message_order", (MessageOrder,), ("person", "session", "device"), _M),
    Table("rival_row", (RivalRow,), ("person", "what", "hash", "session", "device"), _M),
    Table("device_token", (DeviceToken,), ("person", "device"), _M),
    Table("account", (Account,), ("person",), _M),
    Table("invitation", (Invitation,), ("person", "hash"), _M),
    Table("sign_in", (SignIn,), ("person", "hash"), _M),
    Table("team", (Team,), ("id",), _M),
    Table("team_place", (TeamPlace,), ("person", "team", "role", "since"), _M),
    Table("look", (Look,), ("person", "id"), _M),
    Table("opening", (Opening,), ("person", "admin", "since"), _M),
    Table("company_setting", (CompanySetting,), ("name", "since"), _M),
    Table("audit", (Audit,), ("id",), _M),
    Table("release", (Release,), ("block",), _M),
    Table("release_group", (ReleaseGroup,), ("block", "team"), _M),
    Table("release_cell", (ReleaseCell,), ("block", "team", "practice"), _M),
    Table("counted", (Counted,), ("person", "block", "team"), _M),
    Table("teaching", (Teaching,), ("person", "practice"), _M),
    Table("experiment", (Experiment,), ("id",), _M),
    Table("put_off", (PutOff,), ("person", "item"), _M),
    Table("week_stamp", (WeekStamp,), ("person", "week"), _M),
    Table("clip", (Clip,), ("person", "id"), _M),
    Table("hidden_card", (HiddenCard,), ("project",), _M),
    Table("settled", (Settled,), ("person", "session"), _M),
    Table("forgotten", (Forgotten,), ("person", "what", "value"), _S),
    Table("fact", (Fact,), ("person", "name"), _M),
    Table("revision", (Revision,), ("n",), _M),
)  # fmt: skip
"""All tables but the search index, which holds words of events."""

EXPORTED = tuple(table.name for table in TABLES if table.exported)
"""What `accrete export` writes, in its order."""

OF_SESSION = tuple(
    table.name
    for table in TABLES
    if "session" in table.key and table.name not in ("event", "shared", "unshared")
)
"""Tables whose rows go with their session when it is forgotten. Events do too, out of the search
index as well. That it was shared is remembered until the server has deleted it."""

OF_COMPANY = frozenset(
    ("device_token", "account", "invitation", "sign_in", "team", "team_place", "look", "opening",
     "company_setting", "audit", "person_choice", "choice_heard", "message_number", "release",
     "release_group", "release_cell", "counted", "teaching", "experiment", "put_off",
     "hidden_card", "clip", "week_stamp")
)  # fmt: skip
"""Tables of a company's people, empty on a person's own machine."""

OF_PERSON = tuple(
    table.name
    for table in TABLES
    if "person" in table.key
    and table.name not in OF_COMPANY
    and table.name not in ("device", "fact", "forgotten", "shared", "unshared")
)
"""Tables that hold nothing of a person who has forgotten everything. What was forgotten is
remembered."""

BY_DAY = frozenset(
    table.name for table in TABLES if "local_day" in table.fields and table.name not in ("session",)
)
"""Tables whose rows have a local day of their own."""
