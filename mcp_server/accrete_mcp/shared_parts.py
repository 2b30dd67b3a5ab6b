"""Parts that several tools share: why there is nothing to say, costs in dollars, usage rows."""

from __future__ import annotations

from accrete.insight.costs import cost_of, spent
from accrete.insight.sessions import Together
from accrete.queries.costs import CostRow
from accrete.queries.scope import Scope
from accrete.queries.sessions import SessionRow
from accrete_mcp.record import Record
from accrete_mcp.shape import Use
from accrete_mcp.shorten import ID, text
from accrete_mcp.texts import NO_SESSION, NO_SESSION_ALL


def nothing(scope: Scope, tool: str) -> str:
    """Why there is nothing to say, and the call to make."""
    return (NO_SESSION if scope.project else NO_SESSION_ALL).format(tool=tool)


def usd(row: SessionRow | CostRow | Together) -> float | None:
    """A cost in dollars; None where nothing of it has a price."""
    nano = spent(row.cost_nano, row.unpriced)
    return None if nano is None else round(nano / 1e9, 4)


def use(r: Record, row: CostRow, by: str, ms: int | None) -> Use:
    """A row of a usage table."""
    session_id, _, number = row.key.partition("#")
    key = {"session": session_id[:ID], "prompt": f"{session_id[:ID]}#{number}"}.get(by)
    label = r.time(int(row.key)) if by == "window" and row.key else row.label
    return r.short.of(
        Use,
        cost_of(row, active_ms=ms),
        key=key,
        sessions=None if key else row.sessions,
        label=text(label, 60) or "(none)",
        cost_usd=usd(row),
        cost_delegated_usd=round(row.cost_delegated_nano / 1e9, 4) or None,
    )
