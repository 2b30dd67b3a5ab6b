"""A page as it is read: its words without the marks, its parts, its tables."""

from __future__ import annotations

import re
from html import unescape


def words_of(html: str) -> str:
    """The text of a part of a page on one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", "", html)).split())


def parts(html: str, tag: str, **attributes: str) -> list[str]:
    """What stands in each element of a name, with such attributes; elements that hold no other of
    their name."""
    wanted = "".join(rf'(?=[^>]*\b{name}="{value}")' for name, value in attributes.items())
    return re.findall(rf"<{tag}\b{wanted}[^>]*>(.*?)</{tag}>", html, re.S)


def items(html: str) -> list[str]:
    """The items of lists, as text."""
    return [words_of(each) for each in parts(html, "li")]


def links(html: str) -> dict[str, str]:
    """Where links go, by their text."""
    found = re.findall(r'<a\b[^>]*?href="([^"]*)"[^>]*>(.*?)</a>', html, re.S)
    return {words_of(text): unescape(href) for href, text in found}


def chosen(html: str) -> list[str]:
    """What is chosen of what there is to choose from, in lists and in rows of links."""
    found = re.findall(r"<option\b[^>]*\bselected[^>]*>(.*?)</option>", html, re.S)
    found += re.findall(r'<a\b[^>]*aria-current="true"[^>]*>(.*?)</a>', html, re.S)
    return [words_of(each) for each in found]


def options(html: str) -> dict[str, str]:
    """What there is to choose from: the words by their values."""
    found = re.findall(r'<option value="([^"]*)"[^>]*>(.*?)</option>', html, re.S)
    return {unescape(value): words_of(text) for value, text in found}


def figures(html: str) -> dict[str, str]:
    """The figures of a page with their notes, by name."""
    return {
        words_of(name): words_of(value.replace("<span", " <span"))
        for name, value in re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", html, re.S)
    }


def rows(html: str, key: str = "") -> list[list[str]]:
    """The rows of a table with what stands under a value, as text; of the first one without a
    key."""
    part = (html.partition(f'id="{key}"')[2] if key else html).partition("</table>")[0]
    return [
        [
            words_of(cell.replace("<span", " <span"))
            for cell in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.S)
        ]
        for row in re.findall(r"<tr>(.*?)</tr>", part.partition("<tbody>")[2], re.S)
    ]


def lead_of(html: str) -> str:
    """The sentences at the top of a page."""
    return words_of(parts(html, "p", **{"class": "lead"})[0])
