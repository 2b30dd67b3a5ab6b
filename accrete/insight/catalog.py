"""The card of a project: what it was about, practices seen, files worked on, as sentences that
rules make of digests of sessions. Each sentence names the sessions that it rests on.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from accrete.insight.matrix import ORDER
from accrete.insight.sums import FEWEST
from accrete.outcomes.story import is_plan
from accrete.practices import named
from accrete.queries.catalog import Digest, Worked
from accrete.text.terms import words

TOLD = 40
"""The newest sessions that a card rests on, at most."""
THEMES, FILES, KINDS, CITED = 3, 3, 3, 3
"""How many of each are said, and the sources of one sentence at most."""
ALIKE = 0.5
"""The part of the words of two titles that is in both, from which on they are about one thing."""
RULES = "rules"
DOING = {
    "fix": "fixes", "feature": "new features", "refactor": "refactoring", "test": "tests",
    "docs": "documentation", "explore": "exploring", "operate": "operations",
}  # fmt: skip
"""Task categories in words; any other is said as it is."""
SHORT = 3
"""Parts of a path that are shown where the project's folder is not in it."""

Key = tuple[int, str]
"""A person and a session."""


class Source(NamedTuple):
    """A session that a card cites."""

    person: int
    session: str
    day: str


class Said(NamedTuple):
    """One sentence. about: theme, category, practice, file or kind; words: what is named, another
    person's own words of a theme; sessions: in how many; sources: the places of some of them among
    the sources of the card, from 1."""

    about: str
    words: str
    sessions: int
    sources: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """A project. made_by: `rules`, or the model that wrote it; made_on: the last local day that it
    rests on. people: those whose sessions the reader may open; sessions: how many of these it rests
    on; others: people whose sessions the reader may not open, 0 where they are fewer than five;
    others_use: the practices that were seen with five of these or more."""

    project: str
    name: str
    made_by: str
    made_on: str
    people: int
    sessions: int
    said: Sequence[Said] = ()
    sources: Sequence[Source] = ()
    others: int = 0
    others_use: Sequence[str] = ()

    def about(self, *kinds: str) -> list[Said]:
        """The sentences of some kinds, in their order."""
        return [each for each in self.said if each.about in kinds]


class Listed(NamedTuple):
    """A project that has a card. people: whose sessions the reader may open; others: see Card."""

    project: str
    name: str
    people: int
    others: int
    others_use: tuple[str, ...]


def listed(known: Iterable[Worked], beyond: Iterable[Worked]) -> list[Listed]:
    """The projects with five people or more among those whose sessions the reader may open, or
    among all others; by name. The two are never added up: what others do is told by the difference,
    otherwise. known, beyond: of these two groups, which share nobody."""
    mine, theirs = ({each.project: each for each in some} for some in (known, beyond))
    made = []
    for project in mine.keys() | theirs.keys():
        own, other = mine.get(project), theirs.get(project)
        people = own.people if own else 0
        others = other.people if other and other.people >= FEWEST else 0
        if max(people, others) < FEWEST:
            continue
        use = other.practices if other and others else {}
        called = own or other
        assert called is not None
        made.append(
            Listed(project, called.name, people, others,
                   tuple(each for each in ORDER if use.get(each, 0) >= FEWEST))
        )  # fmt: skip
    return sorted(made, key=lambda each: (each.name.casefold(), each.name, each.project))


@dataclass(slots=True)
class _Sources:
    """The sessions that are cited so far, in the order in which they were."""

    days: Mapping[Key, str]
    found: list[Key] = field(default_factory=list)

    def cite(self, some: Sequence[Key], most: int) -> tuple[int, ...]:
        """The places of some sessions: of those that are cited already first, so that a card needs
        few."""
        chosen = sorted(some, key=lambda each: each not in self.found)[:most]
        self.found += [each for each in chosen if each not in self.found]
        return tuple(sorted(self.found.index(each) + 1 for each in chosen))


def card(of: Listed, digests: Sequence[Digest], made_on: str) -> Card:
    """The card of a project by rules. digests: of the newest sessions on it that the reader may
    open, the newest first."""
    sources = _Sources({_key(each): each.day for each in digests})
    said = _themes(digests, sources) or [
        *_most("category", digests, lambda each: _one(each.category), sources, THEMES,
               lambda name: DOING.get(name, name)),
        *_most("kind", digests, lambda each: each.kinds, sources, KINDS, str),
    ]  # fmt: skip
    said += _practices(digests, sources)
    said += _most("file", digests, lambda each: _paths(each.files, of.name), sources, FILES, str)
    cited = [Source(*key, sources.days[key]) for key in sources.found]
    return Card(
        of.project, of.name, RULES, made_on, of.people, len(digests), said, cited, of.others,
        [_title(each) for each in of.others_use],
    )  # fmt: skip


def _key(each: Digest) -> Key:
    return each.person, each.session


def _one(value: str | None) -> Iterable[str]:
    return (value,) if value else ()


def _themes(digests: Sequence[Digest], sources: _Sources) -> list[Said]:
    """The titles that most other titles are like, each with the sessions that are."""
    groups: list[tuple[frozenset[str], str, list[Key]]] = []
    for each in digests:
        found = frozenset(words(each.title or ""))
        if not found:
            continue
        like = next((group for group in groups if _alike(group[0], found)), None)
        if like is None:
            groups.append((found, each.title or "", [_key(each)]))
        else:
            like[2].append(_key(each))
    groups.sort(key=lambda group: -len(group[2]))  # stable: of as many sessions the newest first
    return [
        Said("theme", said, len(keys), sources.cite(keys, CITED))
        for _, said, keys in groups[:THEMES]
    ]


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= ALIKE * len(one | other)


def _practices(digests: Sequence[Digest], sources: _Sources) -> list[Said]:
    made = []
    for name in ORDER:
        keys = [_key(each) for each in digests if name in each.practices]
        if keys:
            made.append(Said("practice", _title(name), len(keys), sources.cite(keys, 1)))
    return made


def _title(name: str) -> str:
    found = named(name)
    return found.title if found else name


def _most(
    about: str,
    digests: Sequence[Digest],
    of: Callable[[Digest], Iterable[str]],
    sources: _Sources,
    most: int,
    called: Callable[[str], str],
) -> list[Said]:
    """What is in most sessions; of as many by name."""
    found: dict[str, list[Key]] = defaultdict(list)
    for each in digests:
        for value in set(of(each)):
            found[value].append(_key(each))
    counts = Counter({value: len(keys) for value, keys in found.items()})
    order = sorted(counts, key=lambda value: (-counts[value], value))
    return [
        Said(about, called(value), counts[value], sources.cite(found[value], CITED))
        for value in order[:most]
    ]


def _paths(files: Iterable[str], project: str) -> Iterable[str]:
    """Paths within the project's folder, which everybody has elsewhere."""
    return (below(each, project) for each in files if not is_plan(each))


def below(path: str, project: str) -> str:
    """A path from the folder on that is called as the project is; else its last parts."""
    plain = path.replace("\\", "/")
    _, folder, rest = plain.partition(f"/{project}/")
    if folder and rest:
        return rest
    parts = plain.split("/")
    return plain if len(parts) <= SHORT else "…/" + "/".join(parts[-SHORT:])
