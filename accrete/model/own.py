"""What people say about their record: tags, notes, project names, deletions; and who they are."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from accrete.model.field import Holds, activity, instant, key, local, words

_PERSON = key("the person")


class Person(NamedTuple):
    """Whose record it is; a local one has a single person, "me"."""

    id: Annotated[int, local("the number in every row")]
    uuid: Annotated[str, key("a random id")]
    name: Annotated[str, local("their name in the record")]
    tier: Annotated[int, key("the highest tier at which others may read their rows")]


class Device(NamedTuple):
    """A machine of a person."""

    person: Annotated[int, _PERSON]
    uuid: Annotated[str, key("a random id")]
    name: Annotated[str, words("its name", holds=Holds.VALUE)]


class SessionTag(NamedTuple):
    """A person's tag on a session."""

    person: Annotated[int, _PERSON]
    session: Annotated[str, key("the session")]
    tag: Annotated[str, words("the tag")]
    at: Annotated[int, instant("when it was added")]


class SessionNote(NamedTuple):
    """A person's note on a session."""

    person: Annotated[int, _PERSON]
    session: Annotated[str, key("the session")]
    text: Annotated[str, words("the note")]
    at: Annotated[int, instant("when it was written")]


class SessionTitle(NamedTuple):
    """A person's own title for a session."""

    person: Annotated[int, _PERSON]
    session: Annotated[str, key("the session")]
    text: Annotated[str, words("the title")]
    at: Annotated[int, instant("when it was given")]


class ProjectWord(NamedTuple):
    """A person's own word on projects: merge (a project's id, the id that it is part of), split (a
    folder, the folder that its project is known by), name (a project's id, what it is called)."""

    person: Annotated[int, _PERSON]
    what: Annotated[str, key("merge, split, name")]
    subject: Annotated[str, activity("a project's id, or a folder", holds=Holds.VALUE)]
    value: Annotated[str, activity("a project's id, a folder, or a name")]
    label: Annotated[str, activity("the project's name at that time")]
    at: Annotated[int, instant("when it was changed")]


class Forgotten(NamedTuple):
    """What its owner deleted for good: a session, a project, a file, everything up to a moment."""

    person: Annotated[int, _PERSON]
    what: Annotated[str, key("session, project, file, before, history")]
    value: Annotated[str, local("its id, a hash, or UTC ms")]
    at: Annotated[int, instant("when it was deleted")]
