"""Markdown of answers and plans as safe HTML, and code as HTML with colours."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from accrete.present.code import coloured, language_named
from accrete.present.diff import code_html
from accrete.text.plain import visible

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

MOST = 64 * 1024
"""Characters of the longest text that is read as Markdown; a longer one is shown as it stands."""

_WEB = re.compile(r"https?://[^\s/]", re.IGNORECASE)
_TAGS = {
    "a", "blockquote", "br", "code", "div", "em", "h3", "hr", "li", "ol", "p", "pre", "span",
    "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_CLASSES = {"c", "s", "k", "code", "out", "image", "scroll"}


def markdown_html(text: str) -> Markup:
    """Markdown as HTML of few elements, whatever it holds. Headings are all h3, since they stand
    below a page's own. Links lead to http and https alone, as `a.out`; pictures are not loaded:
    their description stands there; HTML in it is text."""
    return _markdown(text)


@lru_cache(maxsize=1024)
def _markdown(text: str) -> Markup:
    import nh3

    shown = visible(text)
    if len(shown) > MOST:
        return Markup("<p>{}</p>").format(shown)
    made = nh3.clean(
        _reader().render(shown),
        tags=_TAGS,
        attributes={
            "a": {"href", "class"}, "pre": {"class", "tabindex"}, "div": {"class", "tabindex"},
            "span": {"class"}, "ol": {"start"},
        },
        attribute_filter=_kept,
        url_schemes={"http", "https"},
        link_rel="noreferrer nofollow",
    )  # fmt: skip
    return Markup(made)  # noqa: S704 - it was just cleaned


def _kept(tag: str, name: str, value: str) -> str | None:
    if name == "class":
        return " ".join(each for each in value.split() if each in _CLASSES) or None
    if name == "href":
        return value if _WEB.match(value) else None
    return value


@cache
def _reader() -> MarkdownIt:
    from markdown_it import MarkdownIt

    made = MarkdownIt("commonmark", {"html": False}).enable("table")
    made.core.ruler.push("tame", _tame)
    for name, rule in (
        ("fence", _fence), ("code_block", _fence), ("image", _image),
        ("table_open", _table_open), ("table_close", _table_close),
    ):  # fmt: skip
        made.add_render_rule(name, rule)
    return made


def _tame(state: StateCore) -> None:
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = "h3"
        if token.children:
            token.children = _links(token.children)


def _links(tokens: list[Token]) -> list[Token]:
    """The same without links that lead anywhere but to the web."""
    kept, leave = [], False
    for token in tokens:
        if token.type == "link_open":
            leave = not _WEB.match(str(token.attrs.get("href", "")))
            token.attrs["class"] = "out"
        if not (leave and token.type in ("link_open", "link_close")):
            kept.append(token)
    return kept


def _fence(renderer: object, tokens: Sequence[Token], at: int, *_: object) -> str:
    return str(code_block(tokens[at].content.rstrip("\n"), language_named(tokens[at].info)))


def _image(renderer: object, tokens: Sequence[Token], at: int, *_: object) -> str:
    return f'<span class="image">[picture: {escape(tokens[at].content or "no description")}]</span>'


def _table_open(*_: object) -> str:
    return '<div class="scroll" tabindex="0"><table>'


def _table_close(*_: object) -> str:
    return "</table></div>"


def code_block(text: str, language: str | None = None) -> Markup:
    """A text as `pre.code`, coloured by a language of present/code.py; what cannot be seen in it is
    shown."""
    lines = (code_html(pieces) for pieces in coloured(visible(text), language))
    made = f'<pre class="code" tabindex="0">{chr(10).join(lines)}</pre>'
    return Markup(made)  # noqa: S704 - code_html escapes each piece
