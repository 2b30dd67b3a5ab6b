"""What a hook costs the person, and how fast the spool is drained.

`python benchmarks/hooks.py`. Each run of the hook is paired with one of `python -I -S -c pass`, the
least that any hook in Python can cost, in turn, so that a noisy machine is noisy for both.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from accrete_hooks.install import HOOK, write_scripts

PAYLOAD = json.dumps(
    {
        "session_id": "11111111-2222-4333-8444-555555555555",
        "transcript_path": "/home/dev/.claude/projects/-home-dev-demo/x.jsonl",
        "cwd": "/home/dev/demo",
        "hook_event_name": "Stop",
        "last_assistant_message": "Done. " * 100,
    }
).encode()


def timed(command: list[str], env: dict[str, str], given: bytes = PAYLOAD) -> float:
    """Milliseconds of one run."""
    began = time.perf_counter()
    subprocess.run(command, input=given, capture_output=True, check=True, env=env)
    return (time.perf_counter() - began) * 1000


def quantile(values: list[float], share: float) -> float:
    """The value that this share does not pass."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--record", help="a data folder with a record, for the status line")
    parser.add_argument("--events", type=int, default=20_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "data"
        write_scripts(home)
        (home / "launcher").write_text("/bin/true\n")
        env = {
            "PATH": os.environ["PATH"],
            "HOME": folder,
            "ACCRETE_HOME": str(home),
            "CLAUDE_CONFIG_DIR": folder,
        }
        least = [os.path.realpath(sys.executable), "-I", "-S", "-c", "pass"]
        hook = [str(home / "bin" / HOOK), "Stop"]
        pairs = [(timed(least, env), timed(hook, env)) for _ in range(given.runs)]
        bare, ours = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        ratio = statistics.median(b / a for a, b in pairs)
        print(f"python -I -S -c pass   median {statistics.median(bare):.1f} ms")
        print(
            f"the hook               median {statistics.median(ours):.1f} ms, p99 "
            f"{quantile(ours, 0.99):.1f} ms               goal 60 ms"
        )
        print(
            f"  paired ratio         {ratio:.2f} "
            f"(median of {given.runs})                       goal 1.5"
        )
        if given.record:
            known = sqlite3.connect(f"file:{given.record}/accrete.db?mode=ro", uri=True)
            (session,) = known.execute(
                "SELECT id FROM session ORDER BY tool_calls DESC LIMIT 1"
            ).fetchone()
            known.close()
            line = [least[0], "-I", "-S", str(home / "bin" / "statusline.py"), given.record]
            shown = [
                timed(
                    line,
                    env,
                    json.dumps({"session_id": session, "cost": {"total_cost_usd": 1}}).encode(),
                )
                for _ in range(60)
            ]
            print(
                f"the status line        median {statistics.median(shown):.1f} ms, p99 "
                f"{quantile(shown, 0.99):.1f} ms               goal 60 ms"
            )
        for path in (home / "spool").glob("*.hook"):
            path.unlink()
        with ThreadPoolExecutor(20) as pool:
            together = list(pool.map(lambda _: timed(hook, env), range(500)))
        kept = len(list((home / "spool").glob("*.hook")))
        print(
            f"500 by 20 at once      {kept} whole records, median "
            f"{statistics.median(together):.1f} ms each"
        )
        for path in (home / "spool").glob("*.hook"):
            path.unlink()
        for n in range(given.events):
            at = 1_790_000_000_000 + n * 4000
            head = f"accrete-hook 1 Stop {at} 0 Etc/UTC -\n/home/dev/demo\n"
            (home / "spool" / f"{at * 1_000_000:020d}-{n}-Stop.hook").write_text(
                head + json.dumps({"session_id": f"s{n % 200}", "hook_event_name": "Stop"})
            )
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "accrete", "ingest", "--json"],
            env=env,
            capture_output=True,
            check=True,
        )
        seconds = time.perf_counter() - began
        print(
            f"a day in the spool     {json.loads(done.stdout)['events']} events drained in "
            f"{seconds:.1f} s                  goal 10 s"
        )


if __name__ == "__main__":
    main()
