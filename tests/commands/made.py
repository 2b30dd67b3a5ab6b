"""What tests of commands ask, and sessions that several of them put into the record."""

from __future__ import annotations

import json

from tests.practices.examples import edit, session
from tests.transcripts import Transcript


def asked(run, *args: str) -> list | dict:
    code, out, err = run(*args, "--json")
    assert code == 0, err
    return json.loads(out)


def shipped() -> Transcript:
    return session(
        ("say", "Fix the add function"),
        ("fail", "Bash", {"command": "pytest"}, "1 failed, 2 passed in 0.1s"),
        edit("/home/dev/demo/calc.py"),
        ("call", "Bash", {"command": "pytest"}, "3 passed in 0.1s"),
        (
            "call",
            "Bash",
            {"command": "git commit -am 'Add, not subtract'"},
            "[main 1a2b3c4] Add, not subtract",
        ),
        ("call", "Bash", {"command": "gh pr create --fill"}, "https://github.com/acme/demo/pull/7"),
        ("say", "Thanks"),
    )


def one(n: int) -> Transcript:
    t = Transcript(n)
    t.prompt(f"Number {n}")
    t.answer(f"msg_{n}")
    return t
