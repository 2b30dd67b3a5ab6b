"""Where a command writes: the console, JSON, and the reader's locale."""

from __future__ import annotations

import json
import os
import re
import sys
from typing import TYPE_CHECKING, Any

import click

from accrete.clock import ISO, LocalNow, Style
from accrete.commands.tables import Table
from accrete.settings import Settings

if TYPE_CHECKING:
    from rich.console import Console


def local_now(settings: Settings) -> LocalNow:
    """The present, for a person who reads it."""
    import time

    return LocalNow(settings.zone, int(time.time() * 1000), local_style())


def local_style() -> Style:
    """How the locale of this run (LC_ALL, LC_TIME, LANG) writes days and times: years in four
    digits, times without seconds. ISO 8601 where it is C or POSIX, is not installed, or the system
    does not tell."""
    import locale

    try:
        chosen = locale.setlocale(locale.LC_TIME, "")
        day, time, half_days = (
            locale.nl_langinfo(each) for each in (locale.D_FMT, locale.T_FMT, locale.T_FMT_AMPM)
        )
        half_days = half_days if locale.nl_langinfo(locale.AM_STR) else half_days.replace("%p", "")
        time = time if locale.nl_langinfo(locale.AM_STR) else time.replace("%p", "")
    except (locale.Error, AttributeError, ValueError):
        return ISO
    return ISO if chosen.partition(".")[0] in ("C", "POSIX") else style_of(day, time, half_days)


def style_of(day: str, time: str, half_days: str) -> Style:
    """A style from what a locale says of itself: `%d.%m.%y`, `%T` or `%r`, and what `%r` stands
    for; ISO 8601 where that says more or less than a day and a time of day that can be read back.
    """
    for short, long in (
        ("%D", "%m/%d/%y"),
        ("%F", "%Y-%m-%d"),
        ("%y", "%Y"),
        ("%-", "%"),
        ("%e", "%d"),
    ):
        day = day.replace(short, long)
    for short, long in (
        ("%r", half_days or "%I"),
        ("%T", "%H:%M:%S"),
        ("%R", "%H:%M"),
        ("%k", "%H"),
        ("%l", "%I"),
    ):
        time = time.replace(short, long)
    day, seconds = day.strip(), time.strip()
    of_day, of_time = set(re.findall("%.", day)), set(re.findall("%.", seconds))
    readable = {"%d", "%Y"} <= of_day <= {"%d", "%m", "%Y", "%b", "%B"} and {"%M"} <= of_time <= {
        "%H",
        "%I",
        "%M",
        "%S",
        "%p",
    }
    if not readable or ("%I" in of_time) != (
        "%p" in of_time
    ):  # without %p nothing tells morning from evening
        return ISO
    return Style(day, re.sub(r"[:.,]?%S[^\s%]*", "", seconds), seconds)


def print_json(value: Any) -> None:
    """One JSON document on stdout."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def print_answer(value: Any) -> None:
    """An answer, or a list of them, as one JSON document on stdout."""
    from accrete.insight.answer import as_json

    print_json(as_json(value))


def console() -> Console:
    """A console that colours only a terminal and keeps whole lines when it is piped into a file."""
    from rich.console import Console
    from rich.text import Text

    known = bool(sys.stdout.isatty() or os.environ.get("COLUMNS"))
    width = None if known else _terminal_width()

    class Piped(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

        def print(self, *objects: Any, **how: Any) -> None:
            """A text that says not to wrap is cut on a terminal and whole in a pipe; rich forgets
            it when it joins what is printed. A table that is wider than the terminal in spite of
            all flows over its edge whole."""
            if len(objects) == 1 and isinstance(objects[0], Table):
                how = {"crop": False, **how}
            if len(objects) == 1 and isinstance(objects[0], Text) and objects[0].no_wrap:
                cut = {"no_wrap": True, "overflow": objects[0].overflow, "crop": True}
                how = {**(cut if known else {"soft_wrap": True}), **how}
            super().print(*objects, **how)

    return Piped(highlight=False, width=width, soft_wrap=False, emoji=False, markup=False)


def _terminal_width() -> int:
    """Where the output goes into a pipe: the width of the terminal that the errors go to, and so
    the eyes, or 100."""
    try:
        return os.get_terminal_size(2).columns or 100
    except (OSError, ValueError):
        return 100
