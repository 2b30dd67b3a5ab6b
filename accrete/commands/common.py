"""Shared by commands: the record, options, the screen, and formatting of figures."""

from accrete.clock import LocalNow
from accrete.commands.opening import (
    EMPTY,
    catch_up,
    find_project,
    find_session,
    nothing,
    open_record,
    settle,
)
from accrete.commands.options import (
    assumed_reading,
    json_option,
    left_out,
    limit_option,
    make_scope,
    project_options,
    range_note,
    scope_options,
    tell_zone,
)
from accrete.commands.screen import (
    console,
    local_now,
    local_style,
    print_answer,
    rich_console,
    style_of,
)
from accrete.commands.terminal_tables import Table, table
from accrete.edge.local import ME, MINE, about
from accrete.present.formats import (
    assumed,
    money,
    number,
    partial,
    percent,
    plural,
    size,
    span,
    tokens,
)
from accrete.settings import read_settings as settings
from accrete.text.plain import plain

__all__ = [
    "EMPTY",
    "LocalNow",
    "ME",
    "MINE",
    "Table",
    "about",
    "assumed",
    "assumed_reading",
    "catch_up",
    "console",
    "find_project",
    "find_session",
    "json_option",
    "left_out",
    "limit_option",
    "local_now",
    "local_style",
    "make_scope",
    "money",
    "nothing",
    "number",
    "open_record",
    "partial",
    "percent",
    "plain",
    "plural",
    "print_answer",
    "project_options",
    "range_note",
    "rich_console",
    "scope_options",
    "settings",
    "settle",
    "size",
    "span",
    "style_of",
    "table",
    "tell_zone",
    "tokens",
]
