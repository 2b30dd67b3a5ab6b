"""The real client, its hooks, the record, and a team server over TLS: what arrives is what the
preview showed."""

from __future__ import annotations

import gzip
import json

import pytest
from accrete_team import tokens

from tests.e2e.api import text, use
from tests.fuzz import TORTURE
from tests.team.served import Served
from tests.team.signed import a_person

pytestmark = pytest.mark.slow


@pytest.fixture
def served(tmp_path):
    made = Served(tmp_path / "team", tls=True)
    yield made
    made.close()


def token_of(served: Served, name: str) -> str:
    with served.database() as db:
        return tokens.make_token(db, "acme", tokens.person_named(db, name), "laptop", 1)


def sent_lines(served: Served) -> list[str]:
    """The rows of all messages that came, as the preview writes them."""
    lines = []
    for body in served.bodies:
        if body[:2] != b"\x1f\x8b":
            continue
        for session in json.loads(gzip.decompress(body)).get("sessions", []):
            for table in session.get("tables", []):
                for row in table.get("rows", []):
                    lines.append(json.dumps({"table": table["table"], "row": row}))
    return lines


@pytest.mark.grid
@pytest.mark.parametrize("tier", [1, 2, 3] if TORTURE else [1, 3])
def test_what_is_on_the_wire_is_what_the_preview_shows(place, served, tier):
    a_person(served, "Amara Nwosu", password=None)
    p = place({
        "The add function subtracts": [
            [use("Edit", file_path="calc.py", old_string="return a - b",
                 new_string="return a + b")],
            [text("It adds now, zqanswer.")],
        ],
    })  # fmt: skip
    p.accrete("init", "--yes")
    joined = p.accrete(
        "team", "join", served.base.partition("/c/")[0], "--token", token_of(served, "Amara Nwosu"),
        "--tier", str(tier), "--ca-file", str(served.certificate), "--yes",
    )  # fmt: skip
    assert joined
    session = p.say("The add function subtracts. zqprompt")
    assert p.until(
        lambda: p.rows(f"SELECT 1 FROM session WHERE id = '{session}' AND tool_calls > 0")
    )
    shown = [json.dumps(json.loads(line)) for line in p.accrete("sync", "--preview").splitlines()]
    assert shown
    before = len(sent_lines(served))
    p.accrete("sync")
    assert sorted(sent_lines(served)[before:]) == sorted(shown)
    assert p.accrete("sync", "--preview") == ""
    with served.database() as db:
        held = repr([db.run(f"SELECT * FROM {name}") for name in ("session", "event", "prompt")])
    for word in ("zqprompt", "zqanswer", "calc.py"):
        assert (word in held) == (tier == 3), word


@pytest.mark.torture
def test_nothing_leaves_for_a_server_whose_certificate_nobody_vouches_for(place, served):
    a_person(served, "Amara Nwosu", password=None)
    p = place({"Hello": [[text("Hello.")]]})
    p.accrete("init", "--yes")
    session = p.say("Hello")
    assert p.until(lambda: p.rows(f"SELECT 1 FROM session WHERE id = '{session}'"))
    p.accrete("team", "join", served.base.partition("/c/")[0], "--token",
              token_of(served, "Amara Nwosu"), "--yes", check=False)  # fmt: skip
    assert p.accrete("sync", check=False) == ""
    assert served.bodies == []
