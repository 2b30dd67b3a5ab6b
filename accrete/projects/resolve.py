"""Assigns folders to projects from git's answers, worktree layouts, and a person's rules and
changes; independent of order."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from accrete.projects import folders as spelling
from accrete.projects.person_changes import PersonChanges
from accrete.projects.repository import identity, remote_key
from accrete.projects.rules import rule_for
from accrete.projects.settled import Rule
from accrete.projects.worktrees import BESIDE, HIDDEN, IN_CLAUDE, NEXT_TO, Layout, is_home, layouts

REMOTE, REPOSITORY, WORKTREE = "git remote", "repository", "worktree rule"
FOLDER, RULE, SPLIT, MERGED = "folder", "your rule", "split", "merged"
_BEST_FIRST = (MERGED, SPLIT, RULE, REMOTE, REPOSITORY, FOLDER, WORKTREE)


class Folder(NamedTuple):
    """A folder that sessions ran in: as they wrote it, and what this machine said of it
    (repository.Seen). asked_at:
    when it was asked. sessions: how many began in it. branch: whether the client named a branch
    there."""

    cwd: str
    real: str | None = None
    root: str | None = None
    remote: str | None = None
    there: bool = False
    asked_at: int = 0
    sessions: int = 0
    branch: bool = False


class Claim(NamedTuple):
    """A worktree that a session made or was in, and the folder of its repository; both as
    `folders.plain` gives them."""

    worktree: str
    repository: str
    at: int = 0


class Project(NamedTuple):
    """A project. name: as it is shown, told apart from namesakes. short: its name alone. root: a
    folder of it, as it was written. how: how it was found. ids: its own id and those it would have,
    or had, by itself."""

    id: str
    name: str
    short: str
    remote: str | None
    root: str
    how: str
    ids: tuple[str, ...]


class Placed(NamedTuple):
    """The projects by id, and for each folder as it was written its project's id and how it was
    found."""

    projects: dict[str, Project]
    folders: dict[str, tuple[str, str]]


@dataclass(slots=True)
class _Node:
    """Spellings of one folder, and the newest that git said of it."""

    spelled: str
    written: list[Folder] = field(default_factory=list)
    root: str | None = None
    there: bool = False
    branch: bool = False


@dataclass(slots=True)
class _Group:
    """A project on its way: its folders, and what it is known by."""

    id: str
    how: str
    named: str | None = None
    remote: str | None = None
    root: str = ""
    ids: set[str] = field(default_factory=set)
    members: list[Folder] = field(default_factory=list)


def place(folders: Iterable[Folder], claims: Iterable[Claim] = (), rules: Sequence[Rule] = (),
          changes: PersonChanges | None = None, home: str = "") -> Placed:  # fmt: skip
    """The projects of these folders. home: the person's home, as `folders.plain` gives it."""
    listed = sorted(folders)
    map_ = _Map(listed, claims, spelling.key(home))
    found = _by_rule(_groups(map_, rules, changes or PersonChanges()))
    now = {old: group.id for group in found.values() for old in group.ids if old not in found}
    said = (changes or PersonChanges()).under(now)
    whole = _merged(found, said)
    names = {
        one: said.names.get(one) or group.named or _name(map_, group)
        for one, group in whole.items()
    }
    shown = _told_apart(
        {one: (names[one], group.remote or _root(map_, group)) for one, group in whole.items()},
        {one for one, group in whole.items() if any(f.sessions for f in group.members)},
    )
    projects = {
        one: Project(
            one,
            shown[one],
            names[one],
            group.remote,
            _root(map_, group),
            group.how,
            tuple(sorted(group.ids)),
        )
        for one, group in whole.items()
    }
    return Placed(
        projects,
        {f.cwd: (one, map_.how[f.cwd]) for one, group in whole.items() for f in group.members},
    )


class _Map:
    """Every folder that is known, by key, and which repository each lies in."""

    def __init__(self, listed: list[Folder], claims: Iterable[Claim], home: str) -> None:
        self.home = home
        self.how: dict[str, str] = {}
        self.drives = frozenset(
            drive for folder in listed if (drive := spelling.drive_of(folder.cwd))
        )
        self.nodes: dict[str, _Node] = {}
        self.roots: dict[str, tuple[str, str | None]] = {}
        """key of a main work tree -> its spelling, its remote"""
        self.leads: dict[str, str] = {}
        """key of a folder by the name that it was called -> key of where that leads"""
        for folder in sorted(listed, key=lambda each: (each.asked_at, each)):
            self._add(folder)
        self.claims: dict[str, str] = {}
        for claim in sorted(claims, key=lambda each: (each.at, each)):
            worktree, made_in = (self.key_of(each) for each in claim[:2])
            self.claims[worktree] = made_in

    def spelled(self, folder: Folder) -> str:
        real = None if spelling.elsewhere(folder.cwd) else folder.real
        return real or spelling.plain(folder.cwd, drives=self.drives)

    def as_written(self, folder: Folder) -> str:
        """A folder by the name that it was called, wherever that leads."""
        return spelling.plain(folder.cwd, drives=self.drives)

    def again(self, path: str) -> str:
        """A path that was spelled before the Windows drives were known."""
        return (
            spelling.plain(path, drives=self.drives)
            if path[:1] == "/" and path[:2] != "//"
            else path
        )

    def key_of(self, path: str) -> str:
        """The key of a folder that somebody named, where it leads: by the nearest folder around it
        that this machine was asked about."""
        folder = spelling.key(self.again(path))
        for each in spelling.ancestors(folder):
            if each in self.leads:
                return self.leads[each] + folder[len(each) :]
        return folder

    def spelling_of(self, root: str, inner: _Node) -> tuple[str, str | None]:
        """(a folder as it is spelled, its remote), by what is known of it or of a folder in it."""
        if root in self.roots:
            return self.roots[root]
        beginning = inner.spelled[: len(root)]
        known = self.nodes[root].spelled if root in self.nodes else beginning
        return (known if spelling.key(known) == root else root), None

    def _add(self, folder: Folder) -> None:
        spelled = self.spelled(folder)
        self.leads[spelling.key(self.as_written(folder))] = spelling.key(spelled)
        node = self.nodes.setdefault(spelling.key(spelled), _Node(spelled))
        node.spelled = min(node.spelled, spelled)
        node.written.append(folder)
        node.branch |= folder.branch
        if folder.root:
            if folder.there or not node.there:
                node.root, node.there = folder.root, folder.there
            spelled, remote = self.roots.get(spelling.key(folder.root), (folder.root, None))
            self.roots[spelling.key(folder.root)] = (
                min(spelled, folder.root),
                folder.remote or remote,
            )

    def repository(self, folder: str, seen: frozenset[str] = frozenset()) -> tuple[str, str]:
        """(key of the folder that a folder is of, how that was found)."""
        node = self.nodes.get(folder)
        if node and node.root and node.there:
            return spelling.key(node.root), REPOSITORY
        if folder in seen:
            return folder, FOLDER
        for above in self._made_from(folder):
            return self.repository(above, seen | {folder})[0], WORKTREE
        around = [each for each in spelling.ancestors(folder) if each in self.roots]
        if node and node.root:
            around.append(spelling.key(node.root))
        around = [each for each in around if each == folder or not is_home(each, self.home)]
        return (max(around, key=len), REPOSITORY) if around else (folder, FOLDER)

    def _made_from(self, folder: str) -> Iterable[str]:
        """The folders of which a rule says that this one is a worktree."""
        fitting = list(layouts(folder))
        for believed in (self._is_repository, self._is_known, self._is_likely):
            yield from (layout.repository for layout in fitting if believed(layout))
        for above in spelling.ancestors(folder):
            base = self.claims.get(above, "")
            if base and not spelling.is_below(base, above):
                yield base

    def _is_repository(self, layout: Layout) -> bool:
        """Whether git says so; a home, in which worktrees are of any repository, is one for no
        other reason."""
        base = layout.repository
        if is_home(base, self.home):
            return base in self.roots
        node = self.nodes.get(base)
        named = base in self.roots or (node is not None and node.branch)
        return named and layout.kind != NEXT_TO

    def _is_known(self, layout: Layout) -> bool:
        """Whether sessions ran in it, or git names it, so that a worktree of it may lie next to it
        or in it."""
        base = layout.repository
        known = base in self.nodes or base in self.roots
        if layout.kind == NEXT_TO:
            return known and not is_home(base.rpartition("/")[0], self.home)
        return known and layout.kind == BESIDE and not is_home(base, self.home)

    def _is_likely(self, layout: Layout) -> bool:
        """Whether only a worktree lies so."""
        return layout.kind in (IN_CLAUDE, HIDDEN) and not is_home(layout.repository, self.home)


def _groups(map_: _Map, rules: Sequence[Rule], changes: PersonChanges) -> dict[str, _Group]:
    """The projects as git, rules and splits have it, by id."""
    rules = [rule._replace(glob=map_.again(rule.glob)) for rule in rules]
    apart_from = PersonChanges(
        split={map_.key_of(each): first for each, first in sorted(changes.split.items())}
    )
    found: dict[str, _Group] = {}
    for folder, node in sorted(map_.nodes.items()):
        root, how = map_.repository(folder)
        spelled, remote = map_.spelling_of(root, node)
        apart = apart_from.split_off(folder) or apart_from.split_off(root)
        rule = (
            None
            if apart
            else rule_for(rules, (node.spelled, *map(map_.as_written, node.written), spelled))
        )
        how = SPLIT if apart else RULE if rule else REMOTE if remote and how == REPOSITORY else how
        made = _group_of(root, remote, how, apart, rule)
        group = found.setdefault(made.id, made)
        group.how = min(group.how, made.how, key=_BEST_FIRST.index)
        group.remote = min(filter(None, (group.remote, made.remote)), default=None)
        group.ids |= {identity(f"remote:{made.remote}")} if made.remote else set()
        at = (
            map_.spelling_of(map_.key_of(apart), node)[0]
            if apart
            else node.spelled
            if rule
            else spelled
        )
        group.root = min(filter(None, (group.root, at)), key=lambda each: (len(each), each))
        if not apart and not rule:
            group.ids |= _former(root, node if root == folder else None)
        group.members.extend(node.written)
        map_.how.update({each.cwd: how for each in node.written})
    return found


def _former(root: str, node: _Node | None) -> set[str]:
    """The ids that a project had before it had a remote, or as older versions spelled its
    folder."""
    written = [spelling.stripped(folder.cwd) for folder in node.written] if node else []
    return {identity(f"path:{folder}") for folder in (root, *written)}


def _group_of(
    root: str, remote: str | None, how: str, apart: str | None, rule: Rule | None
) -> _Group:
    if apart:
        return _Group(identity(f"split:{apart}"), SPLIT)
    if rule:
        return _Group(identity(f"rule:{rule.name}"), RULE, rule.name)
    if remote:
        return _Group(
            identity(f"remote:{remote_key(remote)}"), REMOTE, None, remote
        )  # whatever led there
    return _Group(identity(f"path:{root}"), how)


def _by_rule(found: dict[str, _Group]) -> dict[str, _Group]:
    """A rule's project goes into the one that is called so by itself, where there is just one."""
    called: dict[str, list[str]] = defaultdict(list)
    for one, group in found.items():
        if group.how != RULE:
            called[_last(group.remote or group.root)].append(one)
    into = {one: called[group.named or ""][0] for one, group in found.items()
            if group.how == RULE and len(called.get(group.named or "", ())) == 1}  # fmt: skip
    return _joined(found, into, RULE)


def _merged(found: dict[str, _Group], changes: PersonChanges) -> dict[str, _Group]:
    return _joined(found, {one: changes.target(one, found) for one in found}, MERGED)


def _joined(found: dict[str, _Group], into: Mapping[str, str], how: str) -> dict[str, _Group]:
    """The groups with those in `into` made part of another."""
    whole = {one: group for one, group in found.items() if into.get(one, one) == one}
    for one, target in sorted(into.items()):
        if one != target:
            whole[target].members.extend(found[one].members)
            whole[target].ids |= {one, *found[one].ids}
            whole[target].how = how if how == MERGED else whole[target].how
    for one, group in whole.items():
        group.ids.add(one)
    return whole


def _root(map_: _Map, group: _Group) -> str:
    """The folder of a project as it was most often written, of equals as Windows itself does; else
    as git has it."""
    root = spelling.key(group.root)
    written: dict[str, int] = defaultdict(int)
    letters: dict[str, int] = defaultdict(int)
    for folder in group.members:
        if spelling.key(map_.spelled(folder)) == root:
            written[spelling.shown(folder.cwd)] += folder.sessions
            letters[map_.as_written(folder)] += folder.sessions

    def rank(shown: str) -> tuple[int, int, bool, str]:
        spelled = spelling.plain(shown, drives=map_.drives)
        return -letters[spelled], -written[shown], shown.startswith("/"), shown

    return min(written, key=rank) if written else spelling.native(group.root)


def _name(map_: _Map, group: _Group) -> str:
    return _last(group.remote or _root(map_, group))


def _last(path: str) -> str:
    names = spelling.parts(path)
    return (names[-1].removesuffix(".git") or names[-1]) if names else path


def _told_apart(named: Mapping[str, tuple[str, str]], used: Iterable[str]) -> dict[str, str]:
    """Names of which no two are equal: namesakes with the end of the path that tells them apart.
    named: id -> (name, where). used: the projects that have sessions; the others take no name away
    from them."""
    shown = {one: name for one, (name, _) in named.items()}
    alike: dict[tuple[str, bool], list[str]] = defaultdict(list)
    begun = set(used)
    for one, (name, _) in named.items():
        alike[(name, one in begun)].append(one)
    for (name, _), ids in alike.items():
        if len(ids) < 2:
            continue
        paths = {one: spelling.parts(named[one][1]) for one in ids}
        shown |= {one: f"{name} ({ending})" for one, ending in _endings(paths).items()}
    return shown


def _endings(paths: Mapping[str, list[str]]) -> dict[str, str]:
    """The shortest end of each path, of two names at least, that no other has; the whole of one
    that is the end of another; the beginning of the id where another path is equal. By counting,
    for there may be thousands."""
    ends = Counter(
        _end(path, n) for path in paths.values() for n in range(min(1, len(path)), len(path) + 1)
    )
    whole = Counter(map(tuple, paths.values()))
    found = {}
    for one, path in paths.items():
        own = next(
            (n for n in range(min(2, len(path)), len(path) + 1) if ends[_end(path, n)] == 1), None
        )
        alone = whole[tuple(path)] == 1
        found[one] = (
            "/".join(_end(path, own))
            if own is not None
            else "/" + "/".join(path)
            if alone
            else one[:8]
        )
    return found


def _end(path: list[str], n: int) -> tuple[str, ...]:
    return tuple(path[-n:])
