"""Planted secrets: kinds by places, drawn anew for each seed, through the functions and through a
whole ingest."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest

from accrete.ingest import ingest
from accrete.redaction import find, redact, redact_json
from tests.fuzz import seeds
from tests.redaction.engines import ENGINES
from tests.redaction.look_alikes import look_alikes
from tests.redaction.planted import (
    ALPHABETS,
    AROUND,
    ASSIGNED,
    KEY_PRINTED,
    VALUES,
    draw,
    lines_of,
    named,
    private_key,
    shaped,
)
from tests.transcripts import Transcript

pytestmark = pytest.mark.usefixtures("texts_as_they_are")

SEEDS = seeds(1)
SHAPES_LEFT, NAMED_LEFT = 0.01, 0.05
"""The shares of planted secrets that may stay."""


def share(left: list[str], planted: int) -> float:
    """How much stayed; what it was is shown when a test fails."""
    print(f"{len(left)} of {planted} stayed:", *left[:20], sep="\n")
    return len(left) / planted


@pytest.mark.long
@pytest.mark.seeded
def test_of_secrets_with_a_known_shape_at_most_one_in_a_hundred_stays_wherever_it_stands():
    texts = [
        (f"{issuer}, {place}", secret, around(secret))
        for seed in SEEDS
        for issuer, secret in shaped(random.Random(seed))
        for place, around in AROUND.items()
    ]
    left = [
        what for what, secret, text in texts if secret in redact(text) or secret[5:] in redact(text)
    ]
    assert len(texts) > 3000
    assert share(left, len(texts)) <= SHAPES_LEFT


@pytest.mark.long
@pytest.mark.seeded
def test_of_random_values_given_to_a_secret_name_at_most_five_in_a_hundred_stay():
    texts = [
        (f"{name}, {form}, {value}", value, give(name, value))
        for seed in SEEDS
        for name, value in named(random.Random(seed))
        for form, give in ASSIGNED.items()
    ]
    left = [what for what, value, text in texts if value in redact(text)]
    assert len(texts) > 3000
    assert share(left, len(texts)) <= NAMED_LEFT


@pytest.mark.long
@pytest.mark.parametrize(("alphabet", "length"), VALUES)
def test_no_alphabet_and_length_stays_more_often_than_the_rest(alphabet, length):
    dice = random.Random(7)
    values = [draw(dice, alphabet, length) for _ in range(300)]
    assert share([v for v in values if v in redact(f"API_TOKEN={v}\n")], len(values)) <= NAMED_LEFT


@pytest.mark.parametrize("length", [8, 10, 12])
def test_short_random_passwords_go(length):
    dice = random.Random(length)
    letters = ALPHABETS["a"] + "!#%*+"
    values = ["".join(dice.choice(letters) for _ in range(length)) for _ in range(300)]
    assert (
        share([v for v in values if v in redact(f"DB_PASSWORD='{v}'\n")], len(values)) <= NAMED_LEFT
    )


SHORT_NAMES = (
    *(
        "pass",
        "PASS",
        "pw",
        "auth",
        "AUTH",
        "cookie",
        "SESSION_COOKIE",
        "REDISCLI_AUTH",
        "AUTHORIZATION",
        "x-auth",
    ),
    *("db_password", "SMTP_PASS", "rootpw"),
)


@pytest.mark.long
@pytest.mark.parametrize(
    "letters", [ALPHABETS["a"], ALPHABETS["a"] + "!#%*+"], ids=["alphanumeric", "special"]
)
@pytest.mark.parametrize("length", [8, 10, 12])
def test_short_random_values_of_short_names_go(length, letters):
    dice = random.Random(length)
    left = []
    for name in SHORT_NAMES:
        for form in ("{}={}\n", "{}: '{}'\n", '{{"{}": "{}"}}'):
            for _ in range(60):
                inner = "".join(dice.choice(letters) for _ in range(length - 2))
                value = dice.choice(ALPHABETS["a"]) + inner + dice.choice(ALPHABETS["a"])
                text = form.format(name, value)
                left += [text] if value in redact(text) else []
    assert share(left, len(SHORT_NAMES) * 180) <= NAMED_LEFT


@pytest.mark.parametrize("kind", ["", "RSA ", "EC ", "OPENSSH "])
@pytest.mark.parametrize("printed", KEY_PRINTED)
def test_no_line_of_a_private_key_stays_however_it_is_printed(printed, kind):
    for seed in range(3):
        key = private_key(random.Random(seed), kind)
        out = redact(f"before\n{KEY_PRINTED[printed](key)}\nafter")
        assert not [line for line in lines_of(key) if line in out]
        assert out.startswith("before\n")
        assert out.endswith("\nafter")


@pytest.mark.parametrize("sign", ["", "+", "-", "  "])
@pytest.mark.parametrize(("first", "last"), [(1, 7), (3, 8), (0, 9)])
def test_a_part_of_a_private_key_goes_at_the_end_of_a_text(sign, first, last):
    key = private_key(random.Random(first)).splitlines()[first:last]
    out = redact("@@ -1 +1 @@\n" + "\n".join(sign + line for line in key))
    assert not [line for line in key if line in out]


@pytest.mark.parametrize("end", ["", "\n"])
@pytest.mark.parametrize("sign", ["", "+"])
@pytest.mark.parametrize("name", ["lines", "source"])
def test_a_private_key_goes_from_a_list_of_lines(name, sign, end):
    for kind in ("", "RSA ", "OPENSSH "):
        key = private_key(random.Random(3), kind)
        lines = ["before", *(sign + line for line in key.splitlines()), "after"]
        out = redact_json(json.dumps({name: [line + end for line in lines]}), redact)
        assert not [line for line in lines_of(key) if line in out]
        assert [item.strip() for item in json.loads(out)[name]][:: len(lines) - 1] == [
            "before",
            "after",
        ]
        assert redact_json(out, redact) == out


def test_a_list_of_hashes_stays():
    dice = random.Random(5)
    hashes = ["".join(dice.choice("0123456789abcdef") for _ in range(64)) for _ in range(12)]
    text = json.dumps({"layers": [f"sha256:{each}" for each in hashes], "sums": hashes[:4]})
    assert redact_json(text, redact) == text


@pytest.mark.seeded
def test_what_only_looks_like_a_secret_stays_as_it_is():
    for seed in SEEDS:
        for text in look_alikes(random.Random(seed)):
            assert redact(text) is text


def planted(seed: int) -> Iterator[str]:
    """Texts with one planted secret each."""
    dice = random.Random(seed)
    for _, secret in shaped(dice):
        yield AROUND[dice.choice(list(AROUND))](secret)
    for name, value in named(dice):
        yield ASSIGNED[dice.choice(list(ASSIGNED))](name, value)
    for print_key in KEY_PRINTED.values():
        yield print_key(private_key(dice))


@pytest.mark.long
@pytest.mark.seeded
def test_both_engines_find_the_same_planted_secrets():
    first, second = ENGINES
    for seed in SEEDS:
        for text in (*planted(seed), *look_alikes(random.Random(seed))):
            assert first.find(text) == second.find(text)


@pytest.mark.long
def test_redacting_planted_secrets_twice_changes_nothing_more():
    for text in planted(3):
        once = redact(text)
        assert redact(once) == once
        in_json = redact_json(json.dumps({"token": text, "a": [text, {"b": text}]}), redact)
        assert redact_json(in_json, redact) == in_json


TOOLS: dict[str, Any] = {
    "Write": lambda s: {"file_path": "/home/kim/a.txt", "content": s},
    "Edit": lambda s: {"file_path": "/home/kim/a.txt", "old_string": "x", "new_string": s},
    "MultiEdit": lambda s: {"file_path": "/home/kim/a.txt",
                            "edits": [{"old_string": s, "new_string": "y"}]},
    "Bash": lambda s: {"command": f"cat > .env <<'EOF'\n{s}\nEOF", "description": "Write it"},
    "TodoWrite": lambda s: {"todos": [{"content": f"Use {s}", "status": "pending"}]},
    "Task": lambda s: {"description": "Look", "prompt": s, "subagent_type": "general"},
    "WebFetch": lambda s: {"url": "https://example.org", "prompt": s},
    "mcp__db__query": lambda s: {"rows": {"deep": [{"very": s}]}, "n": 1.5},
    "NotebookEdit": lambda s: {"notebook_path": "/a.ipynb", "new_source": s},
    "Grep": lambda s: {"pattern": s},
}  # fmt: skip


def session(texts: list[tuple[str, str]]) -> Transcript:
    """A session that holds each text in an input of a tool, an output, a prompt, an answer, or a
    record of unknown type."""
    t = Transcript(1)
    t.prompt("go")
    for n, (_, text) in enumerate(texts):
        tool = list(TOOLS)[n % len(TOOLS)]
        t.call(tool, TOOLS[tool](text), message_id=f"msg_{n}", use=f"toolu_{n}")
        t.result("ok" if n % 2 else f"done\n{text}\n", use=f"toolu_{n}")
        if n % 5 == 0:
            t.prompt(f"look\n{text}")
            t.answer(f"msg_{n}_end", blocks=[{"type": "text", "text": text}])
        if n % 7 == 0:
            t.add("something-new", what={"is": [text]}, note=f"a\n{text}")
    return t


def kept(settings: Any) -> str:
    """All the record holds: its texts, as stored and decoded once, and the bytes of its files."""
    db = sqlite3.connect(settings.database)
    tables = [
        row[0]
        for row in db.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'"
        )
    ]
    values = [
        str(v)
        for table in tables
        for row in db.execute(f'SELECT * FROM "{table}"')
        for v in row
        if isinstance(v, str)
    ]
    db.close()
    files = [
        file.read_bytes().decode("latin-1") for file in settings.home.rglob("*") if file.is_file()
    ]
    return "\n".join([*values, *files])


@pytest.mark.long
def test_planted_secrets_are_not_in_the_record_after_an_ingest(settings):
    dice = random.Random(11)
    shapes = [
        (s, AROUND[dice.choice([p for p in AROUND if p != "colour inside"])](s))
        for _, s in shaped(dice)
    ]
    names = [(s, ASSIGNED[dice.choice(list(ASSIGNED))](n, s)) for n, s in named(dice)]
    session([*shapes, *names]).write(settings.roots[0] / "projects")
    ingest(settings)
    record = kept(settings)
    assert "[redacted:" in record
    assert share([s for s, _ in shapes if s in record], len(shapes)) <= SHAPES_LEFT
    assert share([s for s, _ in names if s in record], len(names)) <= NAMED_LEFT


def test_a_value_goes_by_the_name_of_its_member(settings):
    dice = random.Random(5)
    secrets = [draw(dice, "a", 24) for _ in range(9)]
    t = Transcript(1)
    t.prompt("go")
    given: dict[str, Any] = {
        "api_key": secrets[0],
        "auth": {"password": secrets[1]},
        "tokens": [secrets[2]],
        "env": [{"name": "DB_PASS", "value": secrets[3]}],
        "args": ["--token", secrets[4], "-u", f"kim:{secrets[5]}"],
        "headers": {"Authorization": f"Bearer {secrets[6]}", "Cookie": f"sid={secrets[7]}"},
        "manifest": {"kind": "Secret", "data": {"config": secrets[8]}},
        "count": 12345678901234567890,
        "ratio": 1e300,
    }
    t.call("mcp__x__y", given)
    t.add("unknown-kind", **given)
    t.write(settings.roots[0] / "projects")
    ingest(settings)
    record = kept(settings)
    assert not [s for s in secrets if s in record]
    assert "12345678901234567890" in record
    assert "--token" in record


@pytest.mark.long
def test_a_secret_does_not_stay_by_being_cut(settings):
    dice = random.Random(6)
    t = Transcript(1)
    t.prompt("go")
    secrets = []
    for n, at in enumerate((1000, 1015, 1023, 30_000, 32_760, 20_000 - 3072 - 20)):
        secrets.append("gh" + "p_" + draw(dice, "a", 36))
        text = "x" * (at - 1) + " " + secrets[-1] + " " + "y" * (20_000 - at)
        t.call(
            "Write",
            {"content": "x" * (at - 30) + "\n" + secrets[-1] + "z" * 100},
            message_id=f"msg_{n}",
            use=f"toolu_{n}",
        )
        t.result(text, use=f"toolu_{n}")
        t.add("new-kind", text="x" * at + "\n" + secrets[-1])
    t.write(settings.roots[0] / "projects")
    ingest(settings)
    record = kept(settings)
    assert not [s for s in secrets if s[:12] in record]


@pytest.mark.parametrize(
    "broken",
    [
        '{"a": "\\n%s',
        '{"a": "x\\n%s", "b": "\\ud800"}',
        '{"a": NaN, "b": ["\\t%s"]}',
        '{"a": "\\q\\n%s"}',
        '["\\n%s"',
    ],
)
def test_what_is_no_whole_json_is_redacted_through_its_escapes(broken):
    secret = "AK" + "IA" + "ABCDEFGHIJKLMNOP"
    assert secret not in redact_json(broken % secret, redact)


def test_numbers_order_and_spaces_of_json_stay_where_nothing_is_redacted():
    text = '{ "b": 1.0, "a": [1e2,  12345678901234567890], "token_count": 5 }'
    assert redact_json(text, redact) is text
    assert not find(text)
