"""Diffs as HTML: line numbers, changed words, and that nothing in them is ever markup."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accrete.present.diff import diff_html
from tests.patience import least, thread_s

ATTACKS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "</div></div><style>*{display:none}</style>",
    "&lt;b&gt;",
)


ALLOWED = {
    ("div", "class"), ("div", "tabindex"), ("div", "role"), ("div", "aria-label"),
    ("i", "data-n"), ("span", "class"),
    *((name, "") for name in ("div", "i", "b", "ins", "del", "span", "mark")),
}  # fmt: skip


def elements(made: str) -> set[tuple[str, str]]:
    """Every element that a browser would find, with each of its attributes."""
    found: set[tuple[str, str]] = set()

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.update((tag, name) for name, _ in attrs)
            found.add((tag, ""))

    Reader().feed(made)
    return found


def texts(made: str) -> list[tuple[str, str, str, str]]:
    """(class, old number, new number, text) of the lines of code."""
    rows = re.findall(
        r'<div(?: class="(\w)")?><i data-n="(\d*)"></i><i data-n="(\d*)"></i><b>.</b>'
        r"<(?:ins|del|span)>(.*?)</(?:ins|del|span)></div>",
        made,
    )
    return [(k, o, n, html.unescape(re.sub(r"<[^>]+>", "", code))) for k, o, n, code in rows]


def test_each_line_has_its_number_on_the_side_it_stands_on() -> None:
    made = diff_html(
        "@@ -167 +200 @@\n same\n-gone\n+one\n+two\n more\n@@ -300,2 +334,2 @@ f()\n z"
    )
    assert texts(made) == [
        ("", "167", "200", "same"),
        ("r", "168", "", "gone"),
        ("a", "", "201", "one"),
        ("a", "", "202", "two"),
        ("", "169", "203", "more"),
        ("", "300", "334", "z"),
    ]
    assert '<div class="h">f()</div>' in made


def test_words_that_changed_are_marked_and_words_that_did_not_are_not() -> None:
    made = diff_html('@@ -1 +1 @@\n-const sep = ",";\n+const sep = ";";')
    assert re.findall(r"<mark>(.*?)</mark>", made) == [",", ";"]


def test_lines_that_have_little_in_common_are_not_marked() -> None:
    assert "<mark>" not in diff_html("@@ -1 +1 @@\n-return total\n+raise KeyError(name) from None")


def test_code_has_the_colours_of_the_language_of_its_file() -> None:
    patch = '@@ -1 +1 @@\n-x = "a"\n+x = "b"  # why'
    assert '<span class="c"># why</span>' in diff_html(patch, "src/a.py")
    assert 'class="c"' not in diff_html(patch, "src/a.unknown")


def test_a_string_over_several_lines_is_a_string_in_each() -> None:
    made = diff_html('@@ -1 +1 @@\n x = """one\n+two\n three"""', "a.py")
    assert '<ins><span class="s">two</span></ins>' in made


@pytest.mark.long
def test_nothing_in_a_patch_or_a_path_is_markup() -> None:
    for attack in ATTACKS:
        for path in (attack, "a.py", "a.html"):
            made = diff_html(
                f"@@ -1 +1 @@ {attack}\n {attack}\n-{attack}\n+{attack}1\n\\{attack}", path
            )
            assert elements(made) <= ALLOWED
            assert [text for *_, text in texts(made)] == [attack, attack, f"{attack}1"]


def test_what_cannot_be_seen_is_shown() -> None:
    made = diff_html("@@ -1 +1 @@\n-if admin:\r\n+if admin\u202e\u200b:\x00\x1b[31m")
    assert [text for *_, text in texts(made)] == ["if admin:␍", "if admin\ufffd␣:\ufffd"]


def test_a_carriage_return_is_shown_only_where_a_line_changed() -> None:
    made = diff_html("@@ -1 +1 @@\n same\r\n-old\r\n+new")
    assert [text for *_, text in texts(made)] == ["same", "old␍", "new"]


def test_a_patch_that_was_cut_says_so() -> None:
    patch = "@@ -1 +1 @@\n-a"
    assert "too long to be kept" in diff_html(patch, cut=True)
    assert "too long to be kept" not in diff_html(patch)


def test_file_headers_are_left_out_and_lines_that_look_like_them_are_not() -> None:
    made = diff_html("--- a/x\n+++ b/x\n@@ -1,1 +1,1 @@\n--- a comment of SQL\n+++ b")
    assert [text for *_, text in texts(made)] == ["-- a comment of SQL", "++ b"]


def test_a_patch_without_heads_has_no_numbers() -> None:
    assert texts(diff_html("-a\n+b")) == [("r", "", "", "a"), ("a", "", "", "b")]


def test_an_empty_patch_has_no_lines() -> None:
    assert texts(diff_html("")) == []


@pytest.mark.long
def test_a_patch_of_32_kib_takes_no_time_that_is_felt() -> None:
    changed = "".join(
        f"-value_{n} = call({n}, 'x')\n+value_{n} = call({n + 1}, 'y')\n" for n in range(400)
    )
    one = "-" + "a b" * 5000 + "\n+" + "b a" * 5000

    def shown() -> None:
        for patch in (changed, one, "-" + "(" * 16000 + "\n+" + "[" * 16000):
            diff_html(f"@@ -1 +1 @@\n{patch}", "a.py")

    assert least(lambda: thread_s(shown), 2) < 2


@pytest.mark.long
@given(
    st.lists(
        st.tuples(st.sampled_from(" +-"), st.text(st.characters(codec="utf-8"), max_size=30)),
        min_size=1,
    )
)
def test_every_line_is_shown_whole_whatever_it_holds(lines: list[tuple[str, str]]) -> None:
    clean = [(sign, re.sub(r"[^\x20-\x7e]", "x", text)) for sign, text in lines]
    made = diff_html(
        "@@ -1 +1 @@\n" + "\n".join(sign + text for sign, text in clean) + "\n", "a.js"
    )
    assert [text for *_, text in texts(made)] == [text for _, text in clean]
    diff_html("\n".join(sign + text for sign, text in lines), "a.js")


def test_side_by_side_what_was_removed_stands_left_of_what_was_added():
    patch = (
        "@@ -4,3 +4,4 @@ def a():\n same\n-one = 1\n+one = 2\n+two = 3\n end\n@@ -20 +21 @@\n-gone"
    )
    made = str(diff_html(patch, beside=True))
    pairs = [
        tuple(re.sub("<[^>]+>", "", half) for half in re.split(r"</div><div[^>]*>", pair))
        for pair in re.findall(r'<div class="p">(.*?)</div></div>', made)
    ]
    assert pairs == [
        (" same", " same"),
        ("-one = 1", "+one = 2"),
        ("", "+two = 3"),
        (" end", " end"),
        ("-gone", ""),
    ]
    assert made.count('aria-hidden="true"') == 2  # heard once
    assert '<div class="h">def a():</div>' in made


@pytest.mark.long
@given(
    st.lists(
        st.builds(
            lambda kind, text: kind + text,
            st.sampled_from([" ", "+", "-", "\\"]),
            st.text("ab<&", min_size=1, max_size=4),
        ),
        max_size=12,
    ).map(lambda lines: "\n".join(["@@ -1 +1 @@", *lines]))
)
def test_side_by_side_no_line_is_lost_nor_told_twice(patch):
    def lines(made: str, kind: str) -> list[str]:
        return re.findall(rf'<div class="{kind}">(.*?)</div>', made)

    one, two = str(diff_html(patch)), str(diff_html(patch, beside=True))
    for kind in "arhn":
        assert lines(two, kind) == lines(one, kind)
    assert len(re.findall(r'<div aria-hidden="true">', two)) == one.count("<div><i")
