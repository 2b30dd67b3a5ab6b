"""What a page shows, read back: its tables with their links, and all rows behind a link."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

ALL = "range=all&who=all"
DAY = 86_400_000


class Cells(HTMLParser):
    """The tables of a page: for each its key, the definitions of its columns, and its rows of
    cells, each with its text, where it leads and why it is
    not known."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.key = ""
        self.tables: list[dict[str, Any]] = []
        self.cell: dict[str, Any] | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "div" and given.get("class") == "sheet":
            self.key = given["id"] or ""
        elif tag == "table":
            self.tables.append({"key": self.key, "heads": [], "rows": []})
        elif tag == "tr":
            self.tables[-1]["rows"].append([])
        elif tag in ("th", "td"):
            self.cell = {"text": "", "href": None, "why": None, "right": given.get("class") == "n"}
            place = self.tables[-1]["heads"] if tag == "th" else self.tables[-1]["rows"][-1]
            place.append(self.cell)
        elif tag == "abbr" and self.cell is not None:
            self.cell["why"] = given["title"]
        elif tag == "a" and self.cell is not None:
            self.cell["href"] = self.cell["href"] or given["href"]

    def handle_endtag(self, tag: str) -> None:
        if tag in ("th", "td"):
            self.cell = None

    def handle_data(self, data: str) -> None:
        if self.cell is not None:
            self.cell["text"] += data


def shown(client, path: str) -> dict[str, Any]:
    """What a page shows, as JSON."""
    answer = client.get(f"{path}{'&' if '?' in path else '?'}format=json")
    assert answer.status_code == 200, (path, answer.text)
    return answer.json()


def listed(client, path: str, table: str) -> list[dict[str, Any]]:
    """All rows of a table, those behind its links to older ones too."""
    found: list[dict[str, Any]] = []
    at: str | None = path.partition("#")[0]
    while at:
        found += shown(client, at)["tables"][table]
        page = client.get(at).text
        older = re.search(r'<a href="([^"#]+)[^"]*">(?:Older|More|The next)</a>', page)
        at = older[1].replace("&amp;", "&") if older else None
    return found


def links(client, path: str, table: str) -> list[dict[str, tuple[Any, str | None]]]:
    """The rows of a table by the keys of its columns: (value, where it leads)."""
    (found,) = [each for each in Cells(client.get(path).text).tables if each["key"] == table]
    values = shown(client, path)["tables"][table]
    drawn = [row for row in found["rows"] if row]
    assert len(drawn) == len(values) > 0, (path, table)
    return [
        {key: (value, cell["href"]) for (key, value), cell in zip(row.items(), cells, strict=True)}
        for row, cells in zip(values, drawn, strict=True)
    ]
