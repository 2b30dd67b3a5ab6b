"""No figure is ever cut: at every width each figure on the screen is the one that the JSON has."""

from __future__ import annotations

import json
import re

import pytest

from tests.transcripts import START, Transcript

pytestmark = pytest.mark.long

LONG = "a-project-whose-name-nobody-would-want-to-type-twice"


@pytest.fixture
def large(run, kept):
    """A record with figures as long as figures get: costs of six digits, tokens in billions, a
    price that is missing."""
    made = []
    for n in range(1, 5):
        t = Transcript(
            n,
            start=START + n * 86_400_000,
            cwd=f"/home/dev/{LONG}-{n}",
            gitBranch=f"feature/{LONG}/{n}",
        )
        for turn in range(3 * n):
            t.prompt(
                f"Turn {turn} of a session whose title is as long as titles are: "
                "mend the cart and all of its tests"
            )
            if turn == 0:
                t.call("Bash", {"command": "npm test"}, message_id=f"msg_{n}_c")
                t.result("ok")
                t.answer(f"msg_{n}_c2", model="claude-unheard-of-9" if n == 2 else "claude-opus-5")
            huge = {
                "input_tokens": 41_234_567 * n,
                "output_tokens": 912_345_678,
                "cache_read_input_tokens": 3_123_456_789,
            }
            t.answer(f"msg_{n}_{turn}", usage=huge, after_ms=240_000)
        made.append(t)
    kept(*made)
    return run


def cells(out: str, first: str, rows: int, shown: str) -> list[dict[str, str]]:
    """The figures of the table whose heading begins with `first`, by heading: what ends where its
    heading ends."""
    lines = out.splitlines()
    head = next(
        n for n, line in enumerate(lines) if line.lstrip().startswith(first) and shown in line
    )
    headings = [(found.group(), found.end()) for found in re.finditer(r"\S+(?: \S+)*", lines[head])]
    found = []
    for line in lines[head + 1 : head + 1 + rows]:
        row = {}
        for heading, end in headings:
            if (
                line[:end].rstrip()
                and line[end - 1 : end].strip()
                and not line[end : end + 2].strip()
            ):
                row[heading] = re.split(r" {2,}", line[:end].strip())[-1]
        found.append(row)
    return found


def dollars(text: str) -> float:
    assert re.fullmatch(r"\$\d{1,3}(,\d{3})*\.\d{2,4}\+?|—", text), text
    return 0.0 if text == "—" else float(text.strip("$+").replace(",", ""))


def count(text: str) -> int:
    assert re.fullmatch(r"\d{1,3}(,\d{3})*", text), text
    return int(text.replace(",", ""))


def short(text: str) -> float:
    assert re.fullmatch(r"\d+(\.\d)?[kMG]?", text), text
    return float(text.strip("kMG")) * {"k": 1e3, "M": 1e6, "G": 1e9}.get(text[-1], 1)


def minutes(text: str) -> int:
    units = {"s": 0, "min": 1, "h": 60, "d": 1440}
    found = re.fullmatch(r"(\d+) (s|min|h|d)(?: (\d+)(?: h)?)?", text)
    assert found, text
    more = int(found[3] or 0) * (60 if found[2] == "d" else 1)
    return int(found[1]) * units[found[2]] + more


def same(heading: str, text: str, row: dict) -> None:
    """Whether what is shown under a heading is what the JSON's row says."""
    cost = row.get("cost_nano", 0)
    used = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")
    tokens = dict(
        zip(
            ("input", "output", "cache read", "cache write"),
            (row.get(n, 0) for n in used),
            strict=True,
        )
    )
    tokens["tokens"] = row.get("tokens", sum(tokens.values()))
    if heading == "cost":
        assert abs(dollars(text) - cost / 1e9) < 0.006
    elif heading in ("own", "delegated"):
        assert abs(dollars(text) - row[f"cost_{heading}_nano"] / 1e9) < 0.006
    elif heading in tokens:
        last_digit = short(re.sub(r"[\d.]+", "0.1" if "." in text else "1", text))
        assert abs(short(text) - tokens[heading]) <= last_digit * 0.501
    elif heading == "active":
        assert minutes(text) == row["active_ms"] // 60_000
    elif heading in ("sessions", "prompts", "responses", "calls"):
        assert count(text) == row[heading], heading


TABLES = [
    *(
        (["cost", "--by", by], by, "rows")
        for by in ("day", "week", "month", "project", "branch", "model", "session", "prompt")
    ),
    (["sessions"], "id", ""),
    (["sessions", "--sort", "active"], "id", ""),
    (["projects"], "project", ""),
]


def compare(large, args: list[str], first: str, rows: list[dict], columns: int) -> set[str]:
    out = large(*args, columns=columns)[1]
    assert max(map(len, out.splitlines())) <= columns, out
    seen = cells(out, first, len(rows), "cost")
    for row, shown in zip(rows, seen, strict=True):
        assert "cost" in shown, out
        for heading, text in shown.items():
            same(heading, text, row)
    return set(seen[0])


def every(large, widths: range) -> None:
    for args, first, key in TABLES:
        answer = json.loads(large(*args, "--json")[1])
        rows = answer[key] if key else answer
        most = [compare(large, args, first, rows, columns) for columns in widths]
        assert len(most[0]) < len(most[-1]) or first in ("month", "week"), f"{args}: no column goes"


def test_figures_are_whole_at_some_widths(large):
    every(large, range(60, 201, 13))


@pytest.mark.torture
def test_figures_are_whole_at_every_width(large):
    every(large, range(60, 201))


@pytest.mark.parametrize("columns", [80, 100, 132])
def test_the_first_screen_fits_a_terminal_of_24_lines_and_the_answer_comes_first(columns, large):
    for args in ([], ["--since", "2026-09-21"], ["--project", f"{LONG}-2"]):
        lines = large(*args, columns=columns)[1].splitlines()
        assert len(lines) <= 23  # and the next prompt of the shell
        assert [line.split()[0] for line in lines[3:6]] == ["active", "cost", "sessions"]
    more = large("--all", columns=columns)[1]
    assert len(more.splitlines()) > 23
    assert "cache write" in more or columns < 100


FIGURES = re.compile(r"\$[\d,.]+\d|\d[\d,.]*[kMG]?(?= |$)")


@pytest.mark.parametrize(
    "args",
    [
        ["overview"],
        ["blocks"],
        ["cost", "--by", "day", "--breakdown"],
        ["overview", "--all"],
        ["figures"],
        ["figures", "--by", "project"],
        ["practices"],
        ["practices", "verification"],
        ["doctor"],
        ["projects", "show", f"{LONG}-1"],
    ],
    ids=" ".join,
)
def test_a_narrow_screen_has_no_figure_that_the_wide_one_has_not(args, large):
    wide = set(FIGURES.findall(large(*args, columns=200)[1]))
    for columns in range(60, 200, 9):
        out = large(*args, columns=columns)[1]
        assert set(FIGURES.findall(out)) <= wide, (columns, out)
        assert args[0] == "projects" or max(map(len, out.splitlines())) <= columns
        assert not re.search(r"\d…", re.sub(r"[A-Za-z/-]+\S*…", "", out)), out
