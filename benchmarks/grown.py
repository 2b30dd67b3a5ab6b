"""A record with several times its facts, and a history of one long session: what grows with them.

    python benchmarks/grown.py DATA_FOLDER NEW_FOLDER [--times 10]

Each session is there so many times, on the same days, under ids of its own: its figures, prompts,
responses, calls and everything derived, without the events and the texts.
"""

from __future__ import annotations

import argparse
import shutil
import sqlite3
from pathlib import Path

from conversation import Conversation
from corpus import Maker
from tool_calls import Workshop
from transcripts import CLIENTS, Transcript

from accrete.model.tables import TABLES, Origin, Table

LEFT_OUT = {"event", "session_context", "session_pull_request", "hook_event", "waiting_result",
            "typed_history"}  # fmt: skip
IDS = {"session", "message_id", "tool_use_id", "answer", "called", "started_by", "cluster"}
TEXTS = {"input", "output", "patch", "detail"}
BYTES_A_STEP = 10_200
"""What a step of the main conversation takes in a made transcript."""


def copied(table: Table) -> bool:
    """Whether the rows of a table go with their session."""
    of_session = table.name == "session" or "session" in table.fields
    return of_session and table.origin in (Origin.CAPTURED, Origin.DERIVED) and (
        table.name not in LEFT_OUT
    )  # fmt: skip


def grow(record: Path, folder: Path, times: int) -> None:
    """Writes a record with so many times the facts of another into a folder."""
    folder.mkdir(parents=True)
    shutil.copyfile(record / "accrete.db", folder / "accrete.db")
    db = sqlite3.connect(folder / "accrete.db")
    db.execute("PRAGMA synchronous = OFF")
    db.execute("CREATE TEMP TABLE once AS SELECT person, id FROM session")
    db.execute("CREATE TEMP TABLE copy (n INTEGER PRIMARY KEY)")
    db.executemany("INSERT INTO copy VALUES (?)", ((n,) for n in range(1, times)))
    for table in filter(copied, TABLES):
        key = "id" if table.name == "session" else "session"
        made = [_expression(name, name in IDS or name == key) for name in table.fields]
        names = ", ".join(table.fields)
        db.execute(
            f"""INSERT INTO {table.name} ({names})
            SELECT {", ".join(made)} FROM {table.name} t, copy
            WHERE (t.person, t.{key}) IN (SELECT person, id FROM once)"""
        )
    db.commit()
    db.close()


def _expression(name: str, is_id: bool) -> str:
    return "NULL" if name in TEXTS else f"t.{name} || '-' || copy.n" if is_id else f"t.{name}"


def one_long(directory: Path, steps: int) -> None:
    """Makes a history of one session with about so many steps in its main conversation."""
    maker = Maker(directory, steps * BYTES_A_STEP, seed=7)
    shop = Workshop(maker.dice, maker._wording, "/home/dev/code/infra", 0)
    client = CLIENTS[-1]
    file: Transcript = maker._transcript(client, "/home/dev/code/infra", 1_793_000_000_000)
    talk = Conversation(file, shop, maker.truth, client.models[0])
    maker._talk(talk, steps * BYTES_A_STEP)


def main() -> None:
    """Makes the larger record."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("record", type=Path, help="a data folder")
    parser.add_argument("folder", type=Path, help="where the larger one is to be")
    parser.add_argument("--times", type=int, default=10)
    given = parser.parse_args()
    grow(given.record, given.folder, given.times)


if __name__ == "__main__":
    main()
