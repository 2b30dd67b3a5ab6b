"""Practices: for each, a session that shows it and one that comes close and does not."""

from __future__ import annotations

from tests.corpus.kit.case import Story, Want, case, want
from tests.practices.examples import EXAMPLES, Made


def _of_example(name: str, made: Made, *, shown: bool) -> None:
    about = f"A session that shows {name}." if shown else f"A session in which {name} was possible, and only something near it happened."

    @case(f"practice-{name}-{'shown' if shown else 'near'}", about, "P")
    def build(s: Story) -> Want:
        t = made()
        s.put(f"projects/-home-dev-demo/{t.session}.jsonl", t.text())
        return want(practices={name: {"possible": 1, "seen": int(shown)}})


for _name, (_shown, _near) in EXAMPLES.items():
    _of_example(_name, _shown, shown=True)
    _of_example(_name, _near, shown=False)
