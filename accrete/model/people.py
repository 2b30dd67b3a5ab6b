"""People of a company: accounts, sign-ins, teams, and who looked at whose sessions."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from accrete.model.field import key, local

_PERSON = key("the person")


class Account(NamedTuple):
    """What a person is to a company: how they sign in, and what they may do."""

    person: Annotated[int, _PERSON]
    email: Annotated[str | None, local("what they sign in with; none for one who never did")]
    admin: Annotated[int, local("whether they administer the company", "0 or 1")]
    job: Annotated[str, local("their job's label, as an administrator gave it")]
    start_month: Annotated[str, local("the month in which they joined, YYYY-MM; '' if not given")]
    zone: Annotated[str, local("the time zone of their own pages")]
    password: Annotated[str | None, local("argon2 hash of their password")]
    subject: Annotated[str | None, local("issuer and subject of their single sign-on")]
    made_at: Annotated[int, local("when the person was added", "UTC ms")]
    paused_at: Annotated[int | None, local("since when they share nothing new", "UTC ms")]
    left_at: Annotated[int | None, local("when they left the company", "UTC ms")]


class Invitation(NamedTuple):
    """A link with which a person sets a password, once."""

    person: Annotated[int, _PERSON]
    hash: Annotated[str, key("of its secret")]
    made_at: Annotated[int, local("when it was made", "UTC ms")]
    until: Annotated[int, local("when it ends", "UTC ms")]
    used_at: Annotated[int | None, local("when it was used", "UTC ms")]


class SignIn(NamedTuple):
    """A browser that is signed in."""

    person: Annotated[int, _PERSON]
    hash: Annotated[str, key("of its cookie")]
    how: Annotated[str, local("password, oidc")]
    made_at: Annotated[int, local("when", "UTC ms")]
    until: Annotated[int, local("when it ends", "UTC ms")]
    ended_at: Annotated[int | None, local("when it was ended", "UTC ms")]


class Team(NamedTuple):
    """A team of a company."""

    id: Annotated[str, key("a random id")]
    name: Annotated[str, local("its name")]
    made_at: Annotated[int, local("when it was made", "UTC ms")]
    gone_at: Annotated[int | None, local("when it was dissolved", "UTC ms")]


class TeamPlace(NamedTuple):
    """That a person is in a team, or leads it."""

    person: Annotated[int, _PERSON]
    team: Annotated[str, key("the team")]
    role: Annotated[str, key("member, lead")]
    since: Annotated[int, local("from when on: a day after it was said", "UTC ms")]
    until: Annotated[int | None, local("until when", "UTC ms")]
    made_at: Annotated[int, local("when it was said", "UTC ms")]


class Look(NamedTuple):
    """That somebody opened a person's words; written before they were sent."""

    person: Annotated[int, _PERSON]
    id: Annotated[str, key("a random id")]
    at: Annotated[int, local("when", "UTC ms")]
    viewer: Annotated[int, local("who looked; 0 for an export from the command line")]
    what: Annotated[str, key("session, step, changes, search, export, profile")]
    session: Annotated[str | None, local("the session")]
    why: Annotated[str | None, local("the reason given for breaking the glass")]


class Opening(NamedTuple):
    """That an administrator broke the glass to one person's sessions."""

    person: Annotated[int, _PERSON]
    admin: Annotated[int, local("the administrator")]
    since: Annotated[int, local("from when on", "UTC ms")]
    until: Annotated[int, local("until when", "UTC ms")]
    why: Annotated[str, local("the written reason")]


class CompanySetting(NamedTuple):
    """A setting of a company from a moment on."""

    name: Annotated[str, key("its name, one of the settings that the server knows")]
    since: Annotated[int, local("from when on", "UTC ms")]
    value: Annotated[str, local("its value")]
    by_person: Annotated[int | None, local("who set it; none from the command line")]
    made_at: Annotated[int, local("when it was said", "UTC ms")]


class Audit(NamedTuple):
    """One change of accounts, teams, tokens or settings."""

    id: Annotated[str, key("a random id")]
    at: Annotated[int, local("when", "UTC ms")]
    actor: Annotated[int | None, local("who did it; none from the command line")]
    what: Annotated[str, key("what was done, one of the server's own words")]
    about: Annotated[str, local("whom or what it was done to")]


class Experiment(NamedTuple):
    """What a lead tries with a team. Its people are the team's members when it starts."""

    id: Annotated[str, key("a random id")]
    team: Annotated[str, key("the team")]
    practice: Annotated[str, key("the practice")]
    metric: Annotated[str, key("what it is measured on, one of the server's own words")]
    start_week: Annotated[str, local("the Monday on which it starts")]
    weeks: Annotated[int, local("for how long", "weeks")]
    by_person: Annotated[int, local("the lead who made it")]
    made_at: Annotated[int, local("when it was made", "UTC ms")]
    ended_at: Annotated[int | None, local("when it was ended early", "UTC ms")]


class PutOff(NamedTuple):
    """An item of the agenda that a lead put off."""

    person: Annotated[int, _PERSON]
    item: Annotated[str, key("what it is about")]
    until: Annotated[int, local("until when", "UTC ms")]


class WeekStamp(NamedTuple):
    """What tells whether anything of a person's week changed on a server."""

    person: Annotated[int, _PERSON]
    week: Annotated[str, key("its Monday")]
    stamp: Annotated[int, local("a random number, another one after each change")]


class HiddenCard(NamedTuple):
    """A card of the catalog that is not shown."""

    project: Annotated[str, key("the project")]
    by_person: Annotated[int, local("the lead or administrator who hid it")]
    at: Annotated[int, local("when they did", "UTC ms")]
