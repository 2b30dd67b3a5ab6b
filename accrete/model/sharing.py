"""What a person shares with a team: what was acknowledged, taken back, and by which machine."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from accrete.model.field import Holds, activity, key, local, words

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
    byte_count: Annotated[
        int, local("as they left, not compressed; 0 when shared before it was counted", "bytes")
    ]
    device: Annotated[str, local("the machine that sent them")]
    at: Annotated[int, local("when", "UTC ms")]


class Unshared(NamedTuple):
    """A session that is no longer shared."""

    person: Annotated[int, _PERSON]
    session: Annotated[str, key("the session")]
    why: Annotated[str, local("forgotten, unshared, left, expired")]
    at: Annotated[int, local("when", "UTC ms")]
    told_at: Annotated[int | None, local("when the other side was told", "UTC ms")]
    number: Annotated[int, local("on a server the number of the message that said so; 0 for none")]


class Compared(NamedTuple):
    """A session of which the server was found to have all that is shared."""

    person: Annotated[int, _PERSON]
    session: Annotated[str, key("the session")]
    n: Annotated[int, local("its session_change at that time; 0 for none")]
    basis: Annotated[str, local("a hash of what else decides what is sent")]


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


class Refused(NamedTuple):
    """Rows of one table of one session that the team server did not take, for one reason."""

    person: Annotated[int, _PERSON]
    session: Annotated[str, key("the session")]
    what: Annotated[str, local("the table")]
    why: Annotated[str, local("the field and the reason, without its value")]
    row_count: Annotated[int, local("how many rows")]
    tier: Annotated[int, local("the tier of the rows")]
    hash: Annotated[str, local("of the table's rows as they left")]
    version: Annotated[str, local("of the program, here and there")]
    at: Annotated[int, local("when", "UTC ms")]


class PublishedProject(NamedTuple):
    """A project on a company's list: its id is the same for everybody."""

    remote: Annotated[str, activity("host/owner/name of its git remote")]
    id: Annotated[str, local("the id it leaves machines under")]
    name: Annotated[str, local("what the company calls it")]
    at: Annotated[int, local("when it was listed", "UTC ms")]


class PersonChoice(NamedTuple):
    """What a person last chose for all their machines."""

    person: Annotated[int, _PERSON]
    what: Annotated[str, local("tier, paused, or cleared where all of theirs was deleted")]
    amount: Annotated[int, local("the tier, or 1 for a pause and 0 for its end")]
    device: Annotated[str, local("the machine where they chose it, '' for a page")]
    at: Annotated[int, local("when the server heard of it", "UTC ms")]


class ChoiceHeard(NamedTuple):
    """A machine that was told what its person last chose elsewhere."""

    person: Annotated[int, _PERSON]
    what: Annotated[str, local("tier, paused or cleared")]
    device: Annotated[str, local("the machine")]


class SessionDevice(NamedTuple):
    """A machine that sent something of a session."""

    person: Annotated[int, _PERSON]
    session: Annotated[str, key("the session")]
    device: Annotated[str, local("the machine")]
    events: Annotated[int, local("how many events it knows")]
    tier: Annotated[int, local("the tier at which it shares them")]
    wanted: Annotated[int, local("whether the server wants all of it again", "0 or 1")]


class MessageNumber(NamedTuple):
    """The numbers that a server handed out for the messages of a person's machines."""

    person: Annotated[int, _PERSON]
    number: Annotated[int, local("the first of those that were handed out last")]
    floor: Annotated[int, local("messages up to this number are not taken any more")]


class MessageOrder(NamedTuple):
    """Which message of a machine the rows of a session are of."""

    person: Annotated[int, _PERSON]
    session: Annotated[str, key("the session")]
    device: Annotated[str, local("the machine")]
    whole: Annotated[int, local("the number of the last one that said all of it, or took it back")]
    parts: Annotated[str, local("those of the tables that came after that, as JSON")]
    missed: Annotated[int, local("that of the last one that could not be taken without the rest")]


class RivalRow(NamedTuple):
    """A row that counts once by its identity, as one machine has it in one session, where several
    machines or sessions have it."""

    person: Annotated[int, _PERSON]
    what: Annotated[str, local("the table")]
    hash: Annotated[str, local("a hash of its identity")]
    session: Annotated[str, key("the session")]
    device: Annotated[str, local("the machine")]
    fields: Annotated[str, words("the row, as JSON", holds=Holds.JSON)]
