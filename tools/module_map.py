"""Prints the map of modules for docs/architecture.md: each module and the first paragraph
of its docstring.

`python -m tools.module_map --write` puts it between the page's markers; a test compares them.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "architecture.md"
SOURCES = ("accrete", "hooks/accrete_hooks", "mcp_server/accrete_mcp", "team_server/accrete_team")
BEGIN, END = "<!-- map -->", "<!-- /map -->"


def module_map() -> str:
    """The map as a Markdown table."""
    rows = ["| module | what it is for |", "|---|---|"]
    for path in sorted(path for root in SOURCES for path in (ROOT / root).rglob("*.py")):
        doc = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
        name = str(path.relative_to(ROOT))
        first = " ".join(doc.partition("\n\n")[0].split())
        rows.append(f"| `{name}` | {first} |")
    return "\n".join(rows)


def with_map(page: str) -> str:
    """The page with the present map between its markers."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{module_map()}\n{END}{after}"


def main() -> None:
    """Prints the map, or writes it into the page."""
    if "--write" in sys.argv:
        PAGE.write_text(with_map(PAGE.read_text("utf-8")), encoding="utf-8")
    else:
        print(module_map())


if __name__ == "__main__":
    main()
