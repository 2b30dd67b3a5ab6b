"""A page as a person reads it, as plain lines: words, where links lead, what a hint says."""

from __future__ import annotations

from html.parser import HTMLParser

BREAKS = frozenset((
    "article", "aside", "blockquote", "caption", "dd", "details", "div", "dl", "dt", "fieldset",
    "figure", "footer", "form", "h1", "h2", "h3", "header", "label", "li", "main", "nav", "ol",
    "option", "p", "pre", "section", "summary", "svg", "table", "tr", "ul", "a", "input", "button",
    "select",
))  # fmt: skip
"""Elements that begin a line of their own, outside of the rows of a table."""
IN_ROWS = frozenset(("caption", "summary", "tr", "table"))
HINTS = ("title", "aria-label", "placeholder")
STATES = ("aria-current", "checked", "selected", "open", "download", "aria-sort")
UNREAD = frozenset(("head", "script", "style", "title"))


class Read(HTMLParser):
    """Collects the lines of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._said: list[str] = []
        self._unread = 0
        self._in_row = False
        self._named = False
        self.feed(html)
        self._end()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in UNREAD:
            self._unread += not (tag == "title" and not self._named)
        if self._in_row and tag in ("td", "th"):
            self._said.append("|")
        if tag in BREAKS and (not self._in_row or tag in IN_ROWS):
            self._end()
        self._in_row = self._in_row or tag == "tr"
        if tag == "a" and "href" in given:
            self._said.append(f"[{given['href']}]")
            self._named = "aria-label" in given  # the mark of a chart, which says the same again
        if tag in ("input", "option", "form", "button") and given.get("name") != "token":
            self._said += [f"{name}={given[name]}" for name in ("type", "name", "value", "action")
                           if name in given]  # fmt: skip
        self._said += [f"{{{given[name]}}}" for name in HINTS if given.get(name)]
        self._said += [f"<{name}>" for name in STATES if name in given]
        if tag == "rect" and not self._named:
            self._end()
        if tag in ("span", "div", "rect", "td") and (kind := given.get("class")) and kind != "n":
            self._said.append(f"({kind})")

    def handle_endtag(self, tag: str) -> None:
        if tag in UNREAD and self._unread:
            self._unread -= 1
        if tag == "a":
            self._named = False
        if tag == "tr":
            self._in_row = False
            self._end()
        elif tag in BREAKS and tag != "a" and not self._in_row:
            self._end()

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self._said += data.split()

    def _end(self) -> None:
        line = " ".join(self._said)
        if (
            line
            and not line.startswith("(q0)")
            and not (line.startswith("(") and line.endswith(")") and " " not in line)
        ):
            self.lines.append(line)
        self._said = []


def read(html: str, part: str = "") -> str:
    """The lines of a page after its bar; of a part of it those of the section that begins with what
    is given."""
    _, _, main = html.partition(part or "<main")
    main = main.partition("</section>")[0] if part else f"<main{main}"
    return "\n".join(Read(main).lines) + "\n"
