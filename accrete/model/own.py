"""What people say of their record: tags, notes, names of projects, what is to be forgotten; and who they are."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from accrete.model.field import Holds, activity, instant, key, local, words

_PERSON = key("whose it is")


class Person(NamedTuple):
    """Whose record it is; a local one has a single person, "me"."""

    id: Annotated[int, local("the number that every row has")]
    uuid: Annotated[str, key("a random id")]
    name: Annotated[str, local("what the record calls them")]
    tier: Annotated[int, key("up to which tier others may read their rows")]


class Device(NamedTuple):
    """A machine of a person."""

    person: Annotated[int, _PERSON]
    uuid: Annotated[str, key("a random id")]
    name: Annotated[str, words("what it is called", holds=Holds.VALUE)]


class SessionTag(NamedTuple):
    """A word that a person put on a session."""

    person: Annotated[int, _PERSON]
    session: Annotated[str, key("the session")]
    tag: Annotated[str, words("the tag")]
    at: Annotated[int, instant("when it was given")]


class SessionNote(NamedTuple):
    """What a person noted on a session."""

    person: Annotated[int, _PERSON]
    session: Annotated[str, key("the session")]
    text: Annotated[str, words("the note")]
    at: Annotated[int, instant("when it was written")]


class ProjectWord(NamedTuple):
    """A person's own word on projects: merge (a project's id, the id that it is part of), split (a folder, the folder
    that its project is known by), name (a project's id, what it is called)."""

    person: Annotated[int, _PERSON]
    what: Annotated[str, key("merge, split, name")]
    subject: Annotated[str, activity("a project's id, or a folder", holds=Holds.VALUE)]
    value: Annotated[str, activity("a project's id, a folder, or a name")]
    label: Annotated[str, activity("what the project was called when this was said")]
    at: Annotated[int, instant("when it was said")]


class Forgotten(NamedTuple):
    """What its owner deleted and does not want back: a session, a project, a file, everything up to a moment."""

    person: Annotated[int, _PERSON]
    what: Annotated[str, key("session, project, file, before, history")]
    value: Annotated[str, local("its id, a hash, or UTC ms")]
    at: Annotated[int, instant("when it was forgotten")]
