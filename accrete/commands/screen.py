"""Where a command writes: the console, JSON, and the reader's locale."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from accrete.clock import ISO, LocalNow, Style
from accrete.commands.styled import Block, Cut, ansi
from accrete.commands.styled import Text as Styled
from accrete.commands.terminal_tables import Table
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


def print_json(value: object) -> None:
    """One JSON document on stdout."""
    import json

    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def print_answer(value: object) -> None:
    """An answer, or a list of them, as one JSON document on stdout."""
    from accrete.insight.answer import as_json

    print_json(as_json(value))


class Screen:
    """Where a command prints texts and tables: it colours only a terminal, and keeps whole lines
    when it is piped into a file. What is simple it writes itself, everything else `rich` does."""

    def __init__(self) -> None:
        self._rich: Console | None = None
        self._plainly = _is_plain()
        terminal = sys.stdout.isatty()
        self._styled = terminal and self._plainly
        self._coloured = not os.environ.get("NO_COLOR")
        self._known = bool(terminal or os.environ.get("COLUMNS"))
        self.terminal = terminal if self._plainly else self.rich.is_terminal
        self.width = _screen_width(self._known) if self._plainly else self.rich.width

    @property
    def cut_at(self) -> int | None:
        """How wide it is, where somebody said so: what goes beyond that is cut."""
        return self.width if self.terminal or os.environ.get("COLUMNS") else None

    @property
    def rich(self) -> Console:
        """The console of `rich`."""
        if self._rich is None:
            self._rich = rich_console()
        return self._rich

    def print(self, shown: object = "", *, style: str = "") -> None:
        """Prints one text or table. style: of a text that has none of its own."""
        lines = self._lines(shown, style) if self._plainly else None
        if lines is None:
            shown = shown.__rich__() if isinstance(shown, Styled) else shown
            self.rich.print(shown, style=style or None)
            return
        text = "".join("".join(self._written(*piece) for piece in line) + "\n" for line in lines)
        sys.stdout.write(text)
        sys.stdout.flush()

    def rendered(self, parts: Iterable[object]) -> str:
        """What it would print of some parts, one below the other; without white space at the ends
        of lines where it is no terminal."""
        found = []
        for part in parts:
            lines = self._part(part) if self._plainly else None
            if lines is None:
                found.append(self._by_rich(part))
                continue
            text = "".join(
                "".join(self._written(*piece) for piece in line) + "\n" for line in lines
            )
            found.append(text if self.terminal else _trimmed(text))
        return "".join(found)

    def _part(self, part: object) -> list[list[tuple[str, str]]] | None:
        if isinstance(part, Cut):
            return part.lines(self.width if self._known else None)
        if isinstance(part, Block):
            return None if self.terminal else part.lines(self.width)
        return self._lines(part, "")

    def _by_rich(self, part: object) -> str:
        shown = part
        if isinstance(part, Styled):
            shown = part.padded() if isinstance(part, Block) else part.__rich__()
        with self.rich.capture() as captured:
            self.rich.print(shown)
        return captured.get() if self.terminal else _trimmed(captured.get())

    def _lines(self, shown: object, style: str) -> list[list[tuple[str, str]]] | None:
        if isinstance(shown, str):
            shown, style = Styled(shown, style), ""
        if style:
            return None
        if isinstance(shown, Table):
            lines = shown.lines(self.width)
            return None if lines is None else [[line] for line in lines]
        return shown.lines(self.width) if isinstance(shown, Styled) else None

    def _written(self, text: str, style: str) -> str:
        return ansi(text, style, coloured=self._coloured) if self._styled else text


def _trimmed(text: str) -> str:
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def console() -> Screen:
    """The screen of this run."""
    return Screen()


def _is_plain() -> bool:
    """Whether nothing asks for more than a terminal or a pipe as it is: `rich` knows the rest."""
    asked = ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "JPY_PARENT_PID")
    return (
        os.name != "nt"
        and not any(os.environ.get(name) is not None for name in asked)
        and os.environ.get("TERM", "").lower() not in ("dumb", "unknown")
        and os.environ.get("COLUMNS", "100").isdigit()
        and int(os.environ.get("COLUMNS", "100")) > 0
    )


def _screen_width(known: bool) -> int:
    """How many cells wide the screen is."""
    if not known:
        return _terminal_width()
    if columns := os.environ.get("COLUMNS"):
        return int(columns)
    for descriptor in (0, 1, 2):
        with suppress(OSError, ValueError):
            return os.get_terminal_size(descriptor).columns or 80
    return 80


def rich_console() -> Console:
    """A console of `rich`, for what a screen cannot print itself."""
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
