"""A session in a file: what an answer leaves open takes in nothing else, and its Markdown is
rendered."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from accrete.commands import cli
from accrete.ingest import ingest
from accrete.present import markdown
from accrete.settings import read_settings
from tests.patience import least, thread_s
from tests.transcripts import Transcript


def exported(tmp_path: Path, ending: str, *answers: str) -> str:
    t = Transcript(1)
    for n, answer in enumerate(answers):
        t.prompt(f"Question {n}")
        t.answer(f"msg_{n}", blocks=[{"type": "text", "text": answer}])
    settings = read_settings()
    t.write(settings.roots[0] / "projects")
    ingest(settings)
    file = tmp_path / f"s{ending}"
    result = CliRunner().invoke(cli, ["export", str(file)])
    assert result.exit_code == 0, result.output
    return file.read_text("utf-8")


def headings(page: str) -> list[str]:
    """The headings of prompts outside of code and HTML, by the rules of CommonMark."""
    found, fence = [], ""
    page = re.sub(r"<!--.*?(-->|\Z)|<(pre|details)>.*?(</\2>|\Z)", "", page, flags=re.DOTALL)
    for line in page.splitlines():
        mark = re.match(r"[\s>]*(`{3,}|~{3,})\s*(\w*)$", line)
        if mark and fence:
            fence = (
                ""
                if mark[1][0] == fence[0] and len(mark[1]) >= len(fence) and not mark[2]
                else fence
            )
        elif mark:
            fence = mark[1]
        elif line.startswith("## Prompt") and not fence:
            found.append(line)
    return found


@pytest.mark.long
@pytest.mark.parametrize(
    "answer",
    [
        "Here:\n```python\nprint(1)",
        "~~~\ncode",
        "````md\n```\ninner\n```",
        "> ```\n> quoted",
        "- a\n  ```sh\n  ls",
        "```\na\n```\nthen\n```\nb",
        "text\n\n<!-- a remark",
        "<details>\n<summary>More</summary>\n\ntext",
        "<pre>\nx",
        "```\n~~~\n```js x",
        "fine",
        "`` ``` `` in a line",
        "```a```",
    ],
)
def test_what_an_answer_leaves_open_does_not_swallow_the_next_prompt(tmp_path, answer):
    assert len(headings(exported(tmp_path, ".md", answer, answer, "end"))) == 3


@pytest.mark.parametrize(
    "whole",
    [
        "",
        "plain",
        "```\nx\n```",
        "<details>a</details>",
        "<!-- a --> b",
        "~~~\n```\n~~~",
        "`<pre>` is an element",
    ],
)
def test_what_is_closed_stays_as_it_is(whole):
    assert markdown.closed(whole) == whole


def test_a_page_renders_markdown_and_has_cost_length_and_contents(tmp_path):
    page = exported(
        tmp_path,
        ".html",
        "## Why\n\n- **one**\n- `two`\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```py\nif a < b: pass\n"
        "```",
        "See [x](https://x.org/a)",
    )
    for part in (
        "<h4>Why</h4>",
        "<strong>one</strong>",
        "<code>two</code>",
        "<th>a</th>",
        "<td>2</td>",
        "<pre><code>if a &lt; b: pass</code></pre>",
        '<a href="https://x.org/a" rel="noreferrer">x</a>',
        "API-equivalent",
        "active ",
    ):
        assert part in page
    targets = re.findall(r'<a href="#([^"]+)"', page)
    assert len(targets) == 2
    assert all(f'id="{target}"' in page for target in targets)


@pytest.mark.parametrize(
    "answer",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        '[x](https://a.b/"onclick="y)',
        "`<b>`",
        "**<img src=x onerror=y>**",
        "| <i> | b |\n|---|---|\n| <i> | b |",
        "# <svg>",
        "> <iframe>",
        "- <a href='x'>",
    ],
)
def test_a_page_holds_no_markup_of_an_answer(answer):
    made = markdown.as_html(answer)
    assert not re.search(
        r"<(script|img|svg|iframe|b|i)\b|<a (?!href=\"https?://[^\"]*\" rel=\"noreferrer\">)", made
    ), made


@pytest.mark.parametrize(
    "answer",
    [
        "*" * 50_000,
        "`" * 50_000,
        "[" * 50_000,
        "> " * 20_000,
        "| " * 20_000 + "\n|-|",
        "- " * 20_000,
        "* a" * 20_000,
        "**a" * 9_000,
        "- - " * 10_000 + "```",
        "~~a" * 6_000,
    ],
)
def test_no_answer_takes_long_to_render(answer):
    def rendered() -> None:
        markdown.as_html(answer)
        markdown.closed(answer)

    assert least(lambda: thread_s(rendered), 5) < 5
