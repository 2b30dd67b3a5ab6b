"""docs/transcript-format.md: every conformance case that it cites exists, and every rule of the
reader stands in it."""

from __future__ import annotations

import re
from pathlib import Path

from accrete.transcript.classify import METADATA_KINDS, SYSTEM_KINDS, USER_RULES

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "transcript-format.md").read_text("utf-8")


def test_cited_cases_exist():
    cited = set(re.findall(r"\[case: ([^\]]+)\]", TEXT.split("\n## ", 1)[1]))
    assert len(cited) > 80
    assert not [
        name
        for name in sorted(cited)
        if not (ROOT / "tests" / "corpus" / name / "expected.json").is_file()
    ]


def test_every_evidence_mark_is_one_of_those_explained():
    marks = set(re.findall(r"\[([a-z]+)[\]:]", TEXT.split("\n## ", 1)[1]))
    assert marks == {"rig", "case", "corpus", "docs"}


def test_record_types_that_are_read_are_described():
    described = {"derived-from", "teleported-from"} | set(re.findall(r"`([a-z_-]+)`", TEXT))
    assert not sorted((METADATA_KINDS.keys() | SYSTEM_KINDS.keys()) - described)


def test_kinds_of_user_records_are_described():
    kinds = {rule.kind for rule in USER_RULES} - {
        "machine_text",
        "machine_message",
        "task_notification",
        "teammate_message",
    }
    assert not sorted(kind for kind in kinds if f"`{kind}`" not in TEXT)
