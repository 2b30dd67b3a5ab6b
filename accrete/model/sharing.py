"""What a person shares with a team: what was acknowledged, taken back, and by which machine."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from accrete.model.field import key, local

_PERSON = key("the person")


class SharedRows(NamedTuple):
    """The rows of one table of one session that are shared: acknowledged by the server, or held by
    it."""

    person: Annotated[int, _PERSON]
    session: Annotated[str, key("the session")]
    what: Annotated[str, local("the table")]
    tier: Annotated[int, local("the tier of the rows")]
    hash: Annotated[str, local("of the rows as they left")]
    row_count: Annotated[int, local("how many rows")]
    device: Annotated[str, local("the machine that sent them")]
    at: Annotated[int, local("when", "UTC ms")]


class Unshared(NamedTuple):
    """A session that is no longer shared."""

    person: Annotated[int, _PERSON]
    session: Annotated[str, key("the session")]
    why: Annotated[str, local("forgotten, unshared, left")]
    at: Annotated[int, local("when", "UTC ms")]
    told_at: Annotated[int | None, local("when the other side was told", "UTC ms")]


class SharedProject(NamedTuple):
    """The id that a project leaves the machine under."""

    person: Annotated[int, _PERSON]
    project: Annotated[str, local("its id on this machine")]
    leaves_as: Annotated[str, local("a random id, or that of the company's published list")]


class DeviceToken(NamedTuple):
    """A machine that may send a person's rows to this server."""

    person: Annotated[int, _PERSON]
    device: Annotated[str, key("a random id")]
    hash: Annotated[str, local("of its secret")]
    label: Annotated[str, local("what an administrator called it")]
    made_at: Annotated[int, local("when it was made", "UTC ms")]
    used_week: Annotated[str | None, local("the week, by its Monday, of its last use")]
    revoked_at: Annotated[int | None, local("when it was revoked", "UTC ms")]
