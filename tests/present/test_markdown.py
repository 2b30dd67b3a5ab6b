"""Markdown of an exported page: each block where it begins and ends."""

from __future__ import annotations

import pytest

from accrete.present.markdown import as_html

FENCE = "`" * 3


@pytest.mark.parametrize(
    ("text", "made"),
    [
        (f"{FENCE}py\na < b\n{FENCE}\nend", "<pre><code>a &lt; b</code></pre>\n<p>end</p>"),
        (f"{FENCE}\n{FENCE}", "<pre><code></code></pre>"),
        (f"{FENCE}\nopen", "<pre><code>open</code></pre>"),
        (f"one\n{FENCE}\ntwo\n{FENCE}", "<p>one</p>\n<pre><code>two</code></pre>"),
        ("# Title\n#### Part\n###### Small", "<h3>Title</h3>\n<h6>Part</h6>\n<h6>Small</h6>"),
        ("one\n\n---\ntwo\nthree", "<p>one</p>\n<hr>\n<p>two<br>three</p>"),
        ("| a | b |\n|---|---|\n| 1 | x \\| y |\nend",
         "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>x | y</td></tr></table>\n"
         "<p>end</p>"),
        ("a | b\n--- | ---", "<table><tr><th>a</th><th>b</th></tr></table>"),
        ("a | b\n---", "<p>a | b</p>\n<hr>"),
        ("a | b", "<p>a | b</p>"),
        ("> one\n> two\nthree", "<blockquote><p>one</p>\n<p>two</p></blockquote>\n<p>three</p>"),
        (">> deep", "<blockquote><p>&gt; deep</p></blockquote>"),
        ("- one\n  more\n    - two\n1. three\nend",
         '<ul><li class="d0">one<br>more<li class="d2">two<li class="n d0">1. three</ul>\n'
         "<p>end</p>"),
        ("use `a<b` and **so**", "<p>use <code>a&lt;b</code> and <strong>so</strong></p>"),
        ("<b>x</b>", "<p>&lt;b&gt;x&lt;/b&gt;</p>"),
        ("", ""), ("\n \n", ""),
    ],
)  # fmt: skip
def test_a_block_becomes_its_element(text, made):
    assert as_html(text) == made
