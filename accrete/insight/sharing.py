"""What is shared with a team, and what a sync did, as answers."""

from __future__ import annotations

from typing import Annotated, NamedTuple


class RefusedRows(NamedTuple):
    """Rows of a table that the server did not take for one reason."""

    table: Annotated[str, "the table"]
    why: Annotated[str, "the field and the reason, without values"]
    rows: Annotated[int, "how many rows"]
    sessions: Annotated[int, "in how many sessions"]


class TeamStatus(NamedTuple):
    """What is shared, and with whom."""

    joined: Annotated[bool, "whether this machine shares with a team"]
    url: Annotated[str | None, "the server's address"]
    company: Annotated[str | None, "the company's name in addresses"]
    tier: Annotated[int | None, "1 metadata, 2 also tool activity, 3 also texts"]
    projects: Annotated[str | None, "all, listed or none"]
    listed: Annotated[list[str], "ids of the projects that are shared where it is `listed`"]
    excluded: Annotated[list[str], "ids of the projects that are never shared"]
    private: Annotated[list[str], "patterns of git remotes whose projects are not shared"]
    tiers: Annotated[dict[str, int], "lower tiers of projects, by their id"]
    paused: Annotated[bool, "whether nothing is sent"]
    timer: Annotated[bool, "whether a timer of the system starts syncs"]
    refused: Annotated[list[RefusedRows], "rows that the server did not take"]


class NotTaken(NamedTuple):
    """A row that the server did not take."""

    session: Annotated[str, "its session"]
    table: Annotated[str, "its table"]
    row: Annotated[int, "its place among the rows that were sent"]
    why: Annotated[str, "why"]


class Synced(NamedTuple):
    """What a sync did."""

    messages: Annotated[int, "messages sent"]
    sessions: Annotated[int, "sessions in them"]
    tables: Annotated[int, "tables of sessions that the server took"]
    bytes: Annotated[int, "bytes sent"]
    taken_back: Annotated[int, "sessions that the server deleted"]
    outdated: Annotated[
        int, "sessions of which the server knew something newer of this machine; compared again"
    ]
    refused: Annotated[list[NotTaken], "rows that the server did not take"]
