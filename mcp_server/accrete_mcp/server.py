"""The MCP server: six tools, two prompts, a resource for each practice, over stdio."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Literal, TypeVar

import msgspec
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp_types import CallToolResult, InputRequiredResult, ToolAnnotations
from pydantic import Field

from accrete import __version__
from accrete.edge.running import running
from accrete.errors import AccreteError
from accrete.practices import all_practices
from accrete.text.json import JsonObject
from accrete_mcp import session_tool, tools
from accrete_mcp.arguments import Schema, understood
from accrete_mcp.shape import Comparison, Costs, Hits, Practices, Session, Steps
from accrete_mcp.texts import HANDOFF, INSTRUCTIONS, RETRO

READS = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)
ASSUMED = "assumed from the environment; wrong after a /clear or /resume in the same client"
Project = Annotated[
    str, Field(description="here (where Claude Code was started), all, or a project's name")
]
Since = Annotated[str | None, Field(description="from this date on: 2026-03-01, 14d, 2w, 3m")]
Until = Annotated[str | None, Field(description="up to and including this date")]
T = TypeVar("T")
Tool = TypeVar("Tool", bound=Callable[..., object])


def hint(words: str) -> dict[str, str]:
    """What finds a tool that the client has not loaded yet."""
    return {"anthropic/searchHint": words}


COMMANDS = {
    "sessions": 'usage(by="session")',
    "projects": 'usage(by="project")',
    "practices": "my_practices()",
    "cost": "usage()",
}
"""The call that answers what a command of the terminal does."""


def as_calls(text: str) -> str:
    """A sentence of the terminal with calls in place of commands, where there is one; others are
    for the user to run."""
    return re.sub(r"`accrete (\w+)[^`]*`", lambda found: COMMANDS.get(found[1], found[0]), text)


def answered(ask: Callable[[], T]) -> T:
    """The answer, or the error as a sentence that says what to do."""
    try:
        return ask()
    except AccreteError as error:
        raise ToolError(as_calls(str(error))) from None


class Server(MCPServer[object]):
    """Reads arguments as models send them; errors are one sentence."""

    async def call_tool(
        self, name: str, arguments: JsonObject, context: Context[object, object] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Calls a tool by its name. Raises ToolError with the call to make instead."""
        schemas = {tool.name: tool.input_schema for tool in await self.list_tools()}
        if name not in schemas:
            raise ToolError(f"No tool {name[:60]!r}. Choose one of {', '.join(schemas)}.")
        schema = msgspec.convert(schemas[name], Schema)
        given = answered(lambda: understood(name, schema, arguments))
        try:
            return await super().call_tool(name, given, context)
        except UnexpectedToolError:
            raise
        except ToolError as error:
            raise error.__cause__ if isinstance(error.__cause__, ToolError) else error from None


def make() -> MCPServer[object]:
    """The server, ready to run."""
    server: MCPServer[object] = Server(
        "accrete",
        title="Accrete",
        instructions=INSTRUCTIONS,
        version=__version__,
        log_level="ERROR",
        subscriptions=False,
    )

    def reads(title: str, words: str) -> Callable[[Tool], Tool]:
        """A tool that only reads; `words` find it, its docstring is what a model reads of it."""

        def add(tool: Tool) -> Tool:
            said = " ".join((tool.__doc__ or "").split())
            server.tool(
                title=title,
                description=said,
                annotations=READS,
                structured_output=True,
                meta=hint(words),
            )(tool)
            return tool

        return add

    @reads(
        "My practices",
        "how do I work use subagents planning skills "
        "tests habits practice trend evidence my own usage",
    )
    def my_practices(
        practice: Annotated[
            str | None, Field(description="one practice, for its moments and next step")
        ] = None,
        project: Project = "here",
        since: Since = None,
        until: Until = None,
    ) -> Practices:
        """How the user works with Claude Code: how often and since when they plan, delegate to
        subagents, use skills, verify, review …, by week; with a practice's name also the moments
        that prove it."""
        return answered(lambda: tools.my_practices(practice, project, since, until))

    @reads(
        "Compare with my team",
        "compare me my team others colleagues company how do I use subagents planning tests "
        "compared to my team usual normal",
    )
    def compare_with_team(
        practice: Annotated[
            str | None,
            Field(description="what the question is about: subagents, planning, tests …"),
        ] = None,
        project: Project = "all",
        since: Since = None,
        until: Until = None,
    ) -> Comparison:
        """How the user works compared to their team, colleagues or company: own figures beside
        what the team does (few, about half, most), for one practice or all. For every question with
        a team, others or what is usual in it; also who can show a practice. Says so if no team is
        connected."""
        return answered(lambda: tools.compare_with_team(practice, project, since, until))

    @reads("What to try next", "coaching tip advice improve better habit next step try")
    def what_to_try(
        project: Project = "all", limit: int = 3, since: Since = None, until: Until = None
    ) -> Steps:
        """The next habits worth trying, each with an exact command or prompt, the user's own figure
        behind it, and the official page that explains it."""
        return answered(lambda: tools.what_to_try(project, limit, since, until))

    @reads(
        "Search my history",
        "find past sessions prompts answers commands files what did we do before history recall",
    )
    def search_history(
        words: Annotated[
            str,
            Field(description='texts with all words, otherwise with some; "a phrase", beginning*'),
        ],
        where: Literal["all", "prompts", "answers", "commands"] = "all",
        project: Project = "here",
        since: Since = None,
        limit: int = 10,
        until: Until = None,
    ) -> Hits:
        """Find words in the user's past prompts, Claude's answers, commands and file paths."""
        return answered(lambda: tools.search_history(words, where, project, since, limit, until))

    @reads(
        "One session",
        "session summary handoff continue where left off errors failed files changed touched "
        "yesterday cost this session latest",
    )
    def session(
        id: Annotated[  # noqa: A002
            str | None,
            Field(description="latest, current, the beginning of an id, or all (of since … until)"),
        ] = None,
        view: Literal["summary", "handoff", "errors", "files", "cost"] = "summary",
        project: str | None = None,
        since: Since = None,
        until: Until = None,
    ) -> Session:
        """One past or the current session: what was asked and came of it; handoff (for going on),
        errors, files changed, or cost.
        With since or until all sessions of the range: how long each took (summary), which calls
        failed (errors), what was touched (files).
        """
        found = answered(lambda: session_tool.session(id, view, project, since, until))
        if (id or "").strip() == "current" and running().assumed:
            found.scope = f"{found.scope}, {ASSUMED}"
        return found

    @reads(
        "Usage and cost", "tokens cost spend dollars usage hours worked time by day project model"
    )
    def usage(
        by: Literal[
            "day",
            "week",
            "month",
            "project",
            "branch",
            "model",
            "session",
            "prompt",
            "subagent",
            "skill",
            "plugin",
            "mcp-server",
            "outcome",
            "window",
        ] = "day",
        project: Project = "all",
        since: Since = None,
        limit: int = 20,
        until: Until = None,
    ) -> Costs:
        """Tokens, API-equivalent cost and active hours of the user's sessions, by day, project,
        model …"""
        return answered(lambda: tools.usage(by, project, since, limit, until))

    @server.prompt(title="Look back")
    def retro(project: str = "here") -> str:
        """Look back over the last two weeks and choose one thing to try."""
        return RETRO.format(project=project)

    @server.prompt(title="Hand over")
    def handoff(id: str = "latest") -> str:  # noqa: A002
        """Write down what the next session has to know."""
        return HANDOFF.format(id=id)

    for practice in all_practices():
        _add_practice(server, practice.name, practice.title)
    return server


def _add_practice(server: MCPServer[object], name: str, title: str) -> None:
    @server.resource(
        f"accrete://practices/{name}",
        name=name,
        title=title,
        description=f"The practice {name}: what it is, the user's moments.",
        mime_type="application/json",
    )
    def read() -> str:
        try:
            return tools.my_practices(name, tools.ALL, None).model_dump_json(exclude_none=True)
        except AccreteError as error:
            raise ValueError(str(error)) from None


def run() -> None:
    """Serves over standard input and output until the client goes. Nothing but protocol is
    printed."""
    make().run("stdio")
