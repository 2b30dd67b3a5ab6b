"""What each command prints with `--json`: one answer, or an array of answers."""

from __future__ import annotations

from accrete.insight.beside_team import TeamComparison
from accrete.insight.costs import Costs
from accrete.insight.figures import Figures
from accrete.insight.found import Decision, Hit
from accrete.insight.overview import Overview
from accrete.insight.practices import Practice
from accrete.insight.projects import Changed, Project, ProjectInFull
from accrete.insight.replay import Replay
from accrete.insight.sessions import Session
from accrete.insight.sharing import Synced, TeamStatus
from accrete.insight.upkeep import (
    BackedUp,
    Backfilled,
    Counted,
    Exported,
    Findings,
    Forgotten,
    Ingested,
    Rebuilt,
    Redacted,
    Said,
    Status,
)
from accrete.insight.windows import Block

ANSWERS: dict[str, object] = {
    "overview": Overview,
    "today": Overview,
    "sessions": list[Session],
    "cost": Costs,
    "blocks": list[Block],
    "practices": list[Practice],
    "practices PRACTICE": Practice,
    "compare --team": TeamComparison,
    "figures": Figures,
    "show": Replay,
    "search": list[Hit],
    "debug": list[Decision],
    "projects": list[Project],
    "projects show": ProjectInFull,
    "projects merge": Changed,
    "projects split": Changed,
    "projects rename": Changed,
    "tag": Said,
    "note": Said,
    "export": Exported,
    "status": Status,
    "doctor": Findings,
    "doctor --counts": Counted,
    "backfill": Backfilled,
    "ingest": Ingested,
    "forget": Forgotten,
    "rebuild": Rebuilt,
    "backup": BackedUp,
    "redact": Redacted,
    "team status": TeamStatus,
    "sync": Synced,
}
"""By the command, in the order of docs/json.md."""
