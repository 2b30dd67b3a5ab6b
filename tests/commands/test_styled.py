"""Screens that are written without `rich` are, byte for byte, those that `rich` writes."""

from __future__ import annotations

import io
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from accrete.commands import screen
from accrete.commands.styled import _COLOURS, Block, Cut, Text, broken, is_simple
from accrete.commands.terminal_tables import Table, table

pytestmark = pytest.mark.long

WORDS = st.text(st.sampled_from("abcXY  .-—·…ä▇ \n"), max_size=60)
ODD = st.text(st.sampled_from("ab \n漢é\u0301🙂\t"), max_size=30)
STYLES = st.sampled_from(
    ("", "bold", "dim", "cyan", "bold yellow", "green", "red", "dim italic", "blue", "magenta")
)
TEXTS = st.one_of(WORDS, ODD)


class Terminal(io.StringIO):
    """A stream that says whether it is a terminal."""

    def __init__(self, tty: bool) -> None:
        super().__init__()
        self.tty = tty

    def isatty(self) -> bool:
        return self.tty


def both(monkeypatch: pytest.MonkeyPatch, shown: object, style: str, width: int, tty: bool,
         coloured: bool = True) -> tuple[str, str]:  # fmt: skip
    """What the screen writes, and what `rich` writes."""
    with monkeypatch.context() as patch:
        for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
            patch.delenv(name, raising=False)
        patch.setenv("TERM", "xterm")
        patch.setenv("COLUMNS", str(width))
        if not coloured:
            patch.setenv("NO_COLOR", "1")
        written = []
        for write in (
            lambda: screen.console().print(shown, style=style),
            lambda: screen.rich_console().print(
                shown.__rich__() if isinstance(shown, Text) else shown, style=style or None
            ),
        ):
            out = Terminal(tty)
            patch.setattr("sys.stdout", out)
            write()
            written.append(out.getvalue())
    return written[0], written[1]


@given(text=TEXTS, style=STYLES, width=st.integers(1, 40), tty=st.booleans(), plain=st.booleans())
def test_a_text_is_written_as_rich_writes_it(
    text: str, style: str, width: int, tty: bool, plain: bool
) -> None:
    ours, theirs = both(pytest.MonkeyPatch(), text, style, width, tty, coloured=not plain)
    assert ours == theirs


@given(
    pieces=st.lists(st.tuples(TEXTS, STYLES), max_size=5), width=st.integers(1, 40),
    tty=st.booleans(), plain=st.booleans(),
)  # fmt: skip
def test_a_text_of_pieces_is_written_as_rich_writes_it(
    pieces: list[tuple[str, str]], width: int, tty: bool, plain: bool
) -> None:
    shown = Text.assemble(*pieces)
    ours, theirs = both(pytest.MonkeyPatch(), shown, "", width, tty, coloured=not plain)
    assert ours == theirs


@given(
    columns=st.lists(
        st.tuples(st.sampled_from(("", "name", "längste")), st.sampled_from("lrwf"),
                  st.integers(0, 3)), min_size=1, max_size=5),
    cells=st.lists(st.lists(TEXTS, min_size=5, max_size=5), max_size=4),
    title=st.sampled_from((None, "Projects", "Last 4 of 12 active days")),
    header=st.booleans(), style=STYLES, width=st.integers(1, 90), tty=st.booleans(),
)  # fmt: skip
def test_a_table_is_written_as_rich_writes_it(
    columns: list[tuple[str, str, int]], cells: list[list[str]], title: str | None, header: bool,
    style: str, width: int, tty: bool,
) -> None:  # fmt: skip
    made = _table(columns, cells, title, header, style)
    ours, theirs = both(pytest.MonkeyPatch(), made, "", width, tty)
    assert ours == theirs


PARTS = st.one_of(
    st.builds(Text, TEXTS, STYLES),
    st.builds(lambda pieces: Cut.assemble(*pieces), st.lists(st.tuples(TEXTS, STYLES), max_size=4)),
    st.builds(Cut, TEXTS, STYLES),
    st.builds(Block, TEXTS, STYLES, st.integers(0, 6)),
)


@example(parts=[Cut("\u0301\ta")], width=None, tty=False, plain=False)
@given(
    parts=st.lists(PARTS, max_size=4), width=st.one_of(st.none(), st.integers(1, 40)),
    tty=st.booleans(), plain=st.booleans(),
)  # fmt: skip
def test_parts_are_rendered_as_rich_renders_them(
    parts: list[Text], width: int | None, tty: bool, plain: bool
) -> None:
    with pytest.MonkeyPatch().context() as patch:
        for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "COLUMNS"):
            patch.delenv(name, raising=False)
        patch.setenv("TERM", "xterm")
        if width is not None or tty:
            patch.setenv("COLUMNS", str(width or 40))
        if plain:
            patch.setenv("NO_COLOR", "1")
        patch.setattr("sys.stdout", Terminal(tty))
        ours = screen.console().rendered(parts)
        out = screen.rich_console()
        with out.capture() as captured:
            for part in parts:
                out.print(part.padded() if isinstance(part, Block) else part.__rich__())
    theirs = captured.get()
    lines = [line.rstrip() for line in theirs.splitlines()]
    assert ours == (theirs if tty else "".join(f"{line}\n" for line in lines))


def _table(
    columns: list[tuple[str, str, int]], cells: list[list[str]], title: str | None, header: bool,
    style: str,
) -> Table:  # fmt: skip
    made = table(*columns, title=title)
    made.show_header = header
    for row in cells:
        made.add_row(*row[: len(columns)], style=style)
    return made


def test_characters_that_count_as_one_cell_take_one() -> None:
    simple = [char for char in map(chr, range(0x110000)) if is_simple(char)]
    assert len(simple) > 1000
    assert [char for char in simple if cell_len(char) != 1] == []
    assert [char for char in simple if unicodedata.east_asian_width(char) in "WF"] == []
    assert all(map(is_simple, "—·–…−▇⚙"[:6]))


def test_wide_joined_and_control_characters_are_left_to_rich() -> None:
    assert not any(map(is_simple, ("漢", "e\u0301", "🙂", "\t", "\x1b", "\u200d", "a\nb")))
    assert broken("漢字", 10) is None


def test_a_screen_that_rich_is_not_needed_for_does_not_load_it() -> None:
    import subprocess
    import sys

    code = (
        "import sys\n"
        "from accrete.commands import common\n"
        "rows = common.table(('name', 'w'), ('cost', 'r'), title='Projects')\n"
        "rows.add_row('shop — web', '$1.20')\n"
        "out = common.console()\n"
        "out.print(rows)\n"
        "out.print('a note', style='dim')\n"
        "print('rich.console' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"


def test_every_colour_has_a_code() -> None:
    from accrete.commands.styled import _CODES

    assert _CODES.keys() > _COLOURS
