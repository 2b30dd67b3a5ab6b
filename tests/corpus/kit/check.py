"""A small reader of its own that holds the kit's files against their expected lines and record types."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any


def physical_lines(path: Path) -> list[bytes]:
    """The lines of a file that hold more than white space, split on newlines alone."""
    return [line for line in path.read_bytes().split(b"\n") if line.strip(b" \t\r\n\x0b\x0c")]


def recount(folder: Path) -> dict[str, Any]:
    """lines, strict_failures (lines that plain JSON refuses, or that are no object) and record_types of the lines
    that plain JSON reads, over every `.jsonl` under `folder`/projects."""
    lines, failures = 0, 0
    types: Counter[str] = Counter()
    for path in sorted(path for path in folder.glob("projects/**/*.jsonl") if path.is_file()):
        for line in physical_lines(path):
            lines += 1
            try:
                record = json.loads(line)
            except (ValueError, RecursionError):
                record = None
            if isinstance(record, dict):
                types[str(record.get("type"))] += 1
            else:
                failures += 1
    return {"lines": lines, "strict_failures": failures, "record_types": dict(types)}


def disagreements(folder: Path, expected: dict[str, Any]) -> list[str]:
    """What the expected values of a case say otherwise than a recount of its last state. Where lines had to be
    repaired, plain JSON reads fewer records, and the types are not compared."""
    last = folder / expected["steps"][-1] if "steps" in expected else folder
    found, counts = recount(last), expected["counts"]
    if "links" in expected or "lines" not in counts:
        return []
    said = []
    if counts["lines"] != found["lines"]:
        said.append(f"lines: expected {counts['lines']}, recounted {found['lines']}")
    broken = counts.get("malformed", 0) + counts.get("recovered", 0)
    if "malformed" in counts and found["strict_failures"] > broken:
        said.append(f"plain JSON refuses {found['strict_failures']} lines, expected at most {broken}")
    if not found["strict_failures"] and counts.get("record_types", found["record_types"]) != found["record_types"]:
        said.append(f"record_types: expected {counts['record_types']}, recounted {found['record_types']}")
    return said
