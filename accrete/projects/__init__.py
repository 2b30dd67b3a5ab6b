"""Which project a folder belongs to: facts about folders in, projects out. Reads no database and
runs no git."""

from __future__ import annotations

from accrete.projects.folders import key, plain
from accrete.projects.identities import identities
from accrete.projects.repository import Seen, look, normalise_remote, registered, repository
from accrete.projects.resolve import Claim, Folder, Placed, Project, place
from accrete.projects.words import Words

__all__ = [
    "Claim",
    "Folder",
    "Placed",
    "Project",
    "Seen",
    "Words",
    "identities",
    "key",
    "look",
    "normalise_remote",
    "place",
    "plain",
    "registered",
    "repository",
]
