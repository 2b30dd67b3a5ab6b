"""Draws what `accrete` prints for the bundled sample, for README.md: `python -m tools.readme_screen
--write`.

The screens are SVG files in docs/screens, one for light pages and one for dark ones. The status
line stands in README.md itself.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
from html import escape
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "README.md"
BEGIN, END = "<!-- statusline -->", "<!-- /statusline -->"
SESSION = "0000001a"
SCREENS = {"overview": [], "practices": ["practices"], "show": ["show", SESSION]}
"""The name of each picture and the arguments of the command that prints it."""
STATUS = {
    "session_id": f"{SESSION}-0000-4000-8000-000000000000",
    "model": {"display_name": "Opus 5.5"},
    "context_window": {"used_percentage": 42},
    "rate_limits": {"five_hour": {"used_percentage": 31}, "seven_day": {"used_percentage": 12}},
}
"""What Claude Code writes to its status line; the cost comes from the sample."""
COLUMNS = 80
THEMES = {
    "light": TerminalTheme(
        (255, 255, 255),
        (31, 35, 40),
        [(31, 35, 40), (207, 34, 46), (17, 99, 41), (154, 103, 0), (9, 105, 218), (130, 80, 223),
         (27, 124, 131), (89, 99, 110)],
    ),
    "dark": TerminalTheme(
        (13, 17, 23),
        (230, 237, 243),
        [(72, 79, 88), (255, 123, 114), (63, 185, 80), (210, 153, 34), (88, 166, 255),
         (188, 140, 255), (57, 197, 207), (177, 186, 196)],
    ),
}  # fmt: skip
FRAME = """\
<svg class="rich-terminal" role="img" viewBox="0 0 {width} {height}"
 xmlns="http://www.w3.org/2000/svg">
<title>TITLE</title>
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace;
 font-size: {char_height}px; line-height: {line_height}px; }}
{styles}
</style>
<defs>
{lines}
</defs>
<rect fill="BACKGROUND" stroke="#8b949e" stroke-opacity="0.4" x="1" y="1" width="99.8%"
 height="99.6%" rx="8"/>
<g transform="translate(9, 12)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""
"""The picture around the text; without the fonts that rich would fetch from a server."""


def outputs() -> dict[str, str]:
    """What each command prints for the sample at 80 columns in UTC, with its colours; under
    `statusline` without."""
    with tempfile.TemporaryDirectory() as home:
        env = {
            "HOME": home,
            "TZ": "UTC",
            "COLUMNS": str(COLUMNS),
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "PYTHONUTF8": "1",
        }

        def run(*arguments: str, given: str = "", colours: bool = True) -> str:
            command = [sys.executable, "-m", "accrete", *arguments]
            colour = {"FORCE_COLOR": "1"} if colours else {}
            return subprocess.run(
                command,
                env=env | colour,
                check=True,
                capture_output=True,
                text=True,
                cwd=home,
                input=given,
            ).stdout

        run("backfill", "--or-sample", "-q")
        shown = {name: run(*arguments) for name, arguments in SCREENS.items()}
        line = run("statusline", given=json.dumps(STATUS), colours=False)
    return shown | {"statusline": Text.from_ansi(line).plain.rstrip()}


def picture(name: str, shown: str, theme: TerminalTheme) -> str:
    """The terminal as SVG: the command, and under it what it printed."""
    command = " ".join(["accrete", *SCREENS[name]])
    console = Console(
        width=COLUMNS,
        record=True,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
    )
    console.print(Text.assemble(("$ ", "dim"), (command, "bold")))
    console.print(Text.from_ansi(shown.rstrip("\n")))
    frame = FRAME.replace("TITLE", escape(command)).replace(
        "BACKGROUND", theme.background_color.hex
    )
    drawn = console.export_svg(theme=theme, code_format=frame, unique_id=name)
    return "\n".join(line.rstrip() for line in drawn.splitlines() if line.strip()) + "\n"


def with_line(page: str, line: str) -> str:
    """The page with the present status line between its markers."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n    {line}\n\n{END}{after}"


def files() -> dict[Path, str]:
    """All that this script writes: the pictures, and README.md with its status line."""
    shown = outputs()
    pictures = {
        ROOT / "docs" / "screens" / f"{name}-{kind}.svg": picture(name, shown[name], theme)
        for name in SCREENS
        for kind, theme in THEMES.items()
    }
    return pictures | {PAGE: with_line(PAGE.read_text("utf-8"), shown["statusline"])}


def main() -> None:
    """Prints the screens, or writes the files."""
    if "--write" in sys.argv:
        for path, text in files().items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    else:
        print("\n\n".join(outputs().values()))


if __name__ == "__main__":
    main()
