"""A person's changes to projects: merged, split or renamed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from accrete.projects.folders import ancestors


@dataclass(frozen=True, slots=True)
class PersonChanges:
    """merged: project id -> id of the project that it is part of. split: folder (a key) -> the
    folder that its new project is known by. names: project id -> what it is called."""

    merged: Mapping[str, str] = field(default_factory=dict)
    split: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    def split_off(self, folder: str) -> str | None:
        """The folder by which the project is known that a folder (a key) was split off into."""
        return next((self.split[each] for each in ancestors(folder) if each in self.split), None)

    def target(self, project: str, present: Mapping[str, object]) -> str:
        """The project that one is part of in the end; only projects that are `present` count. Of
        those that name each other it is the least, so that they end somewhere."""
        way = [project]
        while (into := self.merged.get(way[-1])) and into in present:
            if into in way:
                return min(way[way.index(into) :])
            way.append(into)
        return way[-1]

    def under(self, ids: Mapping[str, str]) -> PersonChanges:
        """The same changes, with ids that projects had before replaced by those that they have
        now."""
        return PersonChanges(
            {ids.get(one, one): ids.get(into, into) for one, into in sorted(self.merged.items())},
            self.split,
            {ids.get(one, one): name for one, name in sorted(self.names.items())},
        )
