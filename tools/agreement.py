"""How far outcomes and task categories agree with labels given by eye: `python -m tools.agreement
LABELS.tsv`.

Reads the record at ACCRETE_HOME, into which the labelled transcripts were backfilled. The labels
hold session ids and no text: session, outcome, category, a second category that is as good or `-`,
sure, half (`open`: its sessions were looked at when the rules were made; `aside`: they were not).
Prints the two shares for each half.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from accrete.commands.common import open_record
from accrete.settings import read_settings

HALVES = ("open", "aside")


def main() -> int:
    """Prints the table; exit code 1 where a labelled session is not in the record."""
    with Path(sys.argv[1]).open(encoding="utf-8", newline="") as file:
        labels = list(csv.DictReader(file, delimiter="\t"))
    db = open_record(read_settings())
    found = {row[0]: row[1:] for row in db.run("SELECT id, outcome, category FROM session")}
    missing = [label["session"] for label in labels if label["session"] not in found]
    if missing:
        print(
            f"{len(missing)} labelled sessions are not in the record, the first: {missing[0]}",
            file=sys.stderr,
        )
        return 1
    for half in HALVES:
        mine = [label for label in labels if label["half"] == half]
        outcomes = [(label["outcome"], found[label["session"]][0] or "none") for label in mine]
        outcomes = [pair for pair in outcomes if pair != ("none", "none")]
        kinds = [({label["category"], label["also"]}, found[label["session"]][1]) for label in mine
                 if label["category"] != "none"]  # fmt: skip
        print(
            f"{half:>6}  outcome {sum(a == b for a, b in outcomes)} of {len(outcomes)}  category "
            f"{sum(given in meant for meant, given in kinds)} of {len(kinds)}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
