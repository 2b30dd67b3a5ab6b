"""Markdown as HTML: what is read, and that nothing of it runs, loads or hides."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accrete.present.markup import MOST, code_block, markdown_html
from tests.fuzz import TORTURE
from tests.patience import least, thread_s

ALLOWED = {
    "a": {"href", "class", "rel", "title"}, "pre": {"class", "tabindex"},
    "div": {"class", "tabindex"}, "span": {"class"}, "ol": {"start"},
    **{name: set() for name in (
        "blockquote", "br", "code", "em", "h3", "hr", "li", "p", "strong", "table", "tbody", "td",
        "th", "thead", "tr", "ul",
    )},
}  # fmt: skip


def strange(made: str) -> list[str]:
    """What stands in the HTML that should not."""
    found = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.extend(
                f"<{tag} {name}={value}>"
                for name, value in attrs
                if name not in ALLOWED.get(tag, set())
                or (name == "href" and not re.match(r"https?://[^/\s]", value or ""))
            )
            if tag not in ALLOWED:
                found.append(f"<{tag}>")

    Reader().feed(made)
    return found


@pytest.mark.parametrize(
    ("given_text", "made"),
    [
        ("It is **done**, *really*.", "<p>It is <strong>done</strong>, <em>really</em>.</p>\n"),
        ("# A\n\n###### B", "<h3>A</h3>\n<h3>B</h3>\n"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
        ("![a cat](https://x.org/c.png)", '<p><span class="image">[picture: a cat]</span></p>\n'),
        ("[read](src/a.py)", "<p>read</p>\n"),
        (
            "[read](https://x.org/a?b=1&c)",
            '<p><a href="https://x.org/a?b=1&amp;c" class="out" rel="noreferrer nofollow">read</a>'
            "</p>\n",
        ),
        (
            "```python\nif a: # why\n    b = 'c'\n```",
            '<pre class="code" tabindex="0"><span class="k">if</span> a: '
            '<span class="c"># why</span>\n'
            "    b = <span class=\"s\">'c'</span></pre>",
        ),
    ],
)
def test_markdown_is_read(given_text, made):
    assert markdown_html(given_text) == made


def test_tables_scroll_in_a_box_of_their_own():
    made = markdown_html("| a | b |\n|---|---|\n| 1 | 2 |")
    assert made.startswith('<div class="scroll" tabindex="0"><table>')
    assert "<td>2</td>" in made


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '"><svg onload=alert(1)>',
        "[a](javascript:alert(1)) [b](JaVaScRiPt:alert(1)) [c](&#106;avascript:alert(1))",
        "[a](data:text/html,<script>1</script>) [b](vbscript:x) [c](file:///etc/passwd)",
        "[a](//evil.example) [b](http:///x) [c](https:\\\\evil.example) [d](/sessions/forget)",
        "[a]: javascript:alert(1)\n\n[a]",
        "<javascript:alert(1)> <a@b.c> <https://x.org>",
        '```"><script>alert(1)</script>\nx\n```',
        "```python onload=alert(1)\n<b>\n```",
        '<div class="prompt" id="s-1" hx-get="/data/forget" style="position:fixed">',
        "![x](javascript:alert(1)) ![x](https://x.org/pixel.gif)",
        "<details open ontoggle=alert(1)>",
        "a\n: b\n\n[^1]: <script>",
        "| <script> |\n|---|\n| <img onerror=1> |",
    ],
)
def test_nothing_in_it_runs_or_loads(text):
    assert strange(markdown_html(text)) == []


@pytest.mark.long
@given(st.text(st.sampled_from("[]()<>!*_`#|-~:/\\\"'&;= \nahtps.x\u202e\x00\x1b"), max_size=60))
def test_no_text_makes_anything_else(text):
    made = markdown_html(text)
    assert strange(made) == []
    assert not re.search("[\u202e\u200b\x00\x1b]", made)
    assert strange(code_block(text, "html")) == []


def test_what_cannot_be_seen_is_shown():
    made = markdown_html("abc\u202edef\u200b\x00 `x\u2066y`\x1b[31m red")
    assert made == "<p>abc\ufffddef␣\ufffd <code>x\ufffdy</code> red</p>\n"


def test_code_keeps_every_character():
    text = "<b> & \"q\"\n\n\tx = 'y'\n"
    assert re.sub("<[^>]+>", "", code_block(text, "python")) == (
        "&lt;b&gt; &amp; &#34;q&#34;\n\n\tx = &#39;y&#39;\n"
    )


HOSTILE = ["[", "*a _b ", "`a``b", ">", "[a](", "- ", "<a ", "![", "a\n", "&#"]


@pytest.mark.long
@pytest.mark.grid
@pytest.mark.parametrize("piece", HOSTILE if TORTURE else HOSTILE[:6])
def test_a_long_hostile_text_takes_no_time_that_is_felt(piece):
    text = piece * (MOST // len(piece))
    assert least(lambda: thread_s(lambda: markdown_html(text)), 5) < 5


def test_a_text_that_is_too_long_is_shown_as_it_stands():
    text = "**a** <b> " * (MOST // 8)
    made = markdown_html(text)
    assert "<strong>" not in made
    assert "&lt;b&gt;" in made
