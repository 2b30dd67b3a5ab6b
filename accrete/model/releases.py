"""What members may learn of their company and their team: releases, offers to show a practice, and
examples of one."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from accrete.model.field import key, local

_PERSON = key("the person")
_BLOCK = key("the first day of its four weeks")
_TEAM = key("the group: '' for all people, - for those of no team, else a team")


class Release(NamedTuple):
    """What was made of four weeks, once."""

    block: Annotated[str, _BLOCK]
    last_day: Annotated[str, local("the last day of its four weeks")]
    made_at: Annotated[int, local("when it was made", "UTC ms")]
    waiting: Annotated[int, local("how many people wait until others join", "people")]


class ReleaseGroup(NamedTuple):
    """A group of a release, released or not."""

    block: Annotated[str, _BLOCK]
    team: Annotated[str, _TEAM]
    people: Annotated[int, local("how many count in it", "people")]
    why: Annotated[str, local("what keeps it back: people, others; '' where it is released")]


class ReleaseCell(NamedTuple):
    """How many people of a group a practice is regular for."""

    block: Annotated[str, _BLOCK]
    team: Annotated[str, _TEAM]
    practice: Annotated[str, key("the practice")]
    answer: Annotated[str, local("few, about half, most; '' where it is kept back")]
    exact: Annotated[
        int,
        local("0 where another word is said in its place, since this would tell of somebody; "
              "1 after a year", "0 or 1"),
    ]  # fmt: skip
    versions: Annotated[str, local("the versions of the practice's rules that it rests on")]


class Counted(NamedTuple):
    """That a person counted in a group of a release; kept for a year."""

    person: Annotated[int, _PERSON]
    block: Annotated[str, _BLOCK]
    team: Annotated[str, _TEAM]


class Teaching(NamedTuple):
    """A practice that a person offers to show to others."""

    person: Annotated[int, _PERSON]
    practice: Annotated[str, key("the practice")]
    since: Annotated[int, local("since when", "UTC ms")]


class Clip(NamedTuple):
    """Steps of a session that their owner shows as an example of a practice."""

    person: Annotated[int, _PERSON]
    id: Annotated[str, key("a random id")]
    session: Annotated[str, key("the session")]
    practice: Annotated[str, key("the practice")]
    uuid: Annotated[str, key("the record of the moment that it is about")]
    step_ids: Annotated[str, local("the addresses of the records that are shown, in their order")]
    at: Annotated[int, local("when they shared it", "UTC ms")]
