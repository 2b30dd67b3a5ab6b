"""A name of modules means one thing: those of one name are listed here with what that is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import accrete_hooks
import accrete_mcp
import accrete_team

import accrete

PACKAGES = (accrete, accrete_hooks, accrete_mcp, accrete_team)
SAMPLE = "sample/"
"""What the files of the sample are called, its tasks say."""

ONE_THING = {
    "__main__": "what `python -m` runs",
    "amounts": "what people's work cost and made: asked by week and person, and sums of it",
    "app": "every route of a site",
    "benchmarks": "what a member may learn of the team: as sent, answered, asked for and kept",
    "billed": "every response that a cost adds up: asked and shown",
    "budget": "budgets, on a person's page of costs and on a company's",
    "catalog": "the card of a project: asked, said, hidden and shown",
    "changes": "what a session did to files: asked, folded into diffs and shown",
    "clips": "examples of practices: kept and shown",
    "copies": "copies to go back to: of a record, and of a company",
    "cost": "what responses cost: calculated, and the command that says it",
    "costs": "costs by one thing: asked, as an answer, and the page",
    "days": "a session's figures by local day: the noun, and how it is derived",
    "deeds": "what the explorer changes in the record: the forms, and what they do",
    "doctor": "the command that says whether what there is is well: a record, a server",
    "experiments": "experiments of a team: kept and shown",
    "export": "the record or a session as files: written, asked for by command and on a page",
    "facts": "the facts of one session: asked and shown",
    "figures": "the five figures of a session: asked, as an answer, and the command",
    "findings": "responses that cost more than they had to: found and asked for",
    "folders": "folders as sessions name them: their spelling, and those of one session",
    "forget": "deleting for good: done, and the command",
    "local": "the record on this machine and its one person: the edge, and the pages",
    "matrix": "the matrix of people and practices: what its cells say, and the page",
    "opening": "a record is opened: by one policy, and for a command",
    "overview": "the overview: asked, as an answer, the command and the page",
    "parts": "databases of new sessions that are taken over: made and taken over",
    "people": "people of a company: nouns, what they may change, pages, and the demo's",
    "practice": "one practice: its definition, and its page in a team",
    "practices": "a person's practices by week: asked, as answers, the command and the page",
    "projects": "projects: derived, asked, as answers, the command and the page",
    "prompts": "a session's prompts: derived, and their numbers in SQL",
    "pull_states": "the states of pull requests: asked of forges, and kept",
    "pulls": "pull requests: found in what calls printed, and asked for",
    "releases": "what members may learn of their company: the nouns, and how a release is made",
    "replay": "the replay of one session: asked, as an answer, and the page",
    "rules": "a person's rules of projects: what they are, and by which projects were derived",
    "search": "words in the record are found: asked, the command and the page",
    "session": "one session: derived, its outcome, as a page, and one that is invented",
    "sessions": "sessions: nouns, lists, answers, the command and the page",
    "settings": "what is set: read, and the page",
    "sharing": "what a person shares: nouns, answers and the page",
    "statusline": "Claude Code's status line: the command, and what the client runs",
    "step": "one step of a session, whole: asked and shown",
    "steps": "the steps of a session: asked, and invented",
    "version": "the version of what takes long to load, apart from it: prices, patterns of secrets",
    "weeks": "a person's weeks: the rule, what is stale, what is stored, and which pages show",
    "worktrees": "git's worktrees: where they lie, and those that a session made",
}


def shared(paths: Iterable[str]) -> dict[str, list[str]]:
    """The modules by name, of names that several have; packages are called by their folder."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        if not path.endswith("/__init__.py"):
            found[Path(path).stem].append(path)
    return {name: modules for name, modules in found.items() if len(modules) > 1}


def test_modules_of_one_name_mean_one_thing():
    paths = [
        path.relative_to(root.parent).as_posix()
        for package in PACKAGES
        for root in [Path(str(package.__file__)).parent]
        for path in root.rglob("*.py")
        if not path.relative_to(root).as_posix().startswith(SAMPLE)
    ]
    found = shared(paths)
    assert len(paths) > 400
    assert {name: found[name] for name in found if name not in ONE_THING} == {}
    assert set(ONE_THING) <= set(found), "a name that only one module has"


def test_a_second_meaning_is_found():
    words = ["accrete/transcript/words.py", "accrete/projects/words.py"]
    assert shared([*words, "accrete/text/__init__.py", "accrete/care/__init__.py"]) == {
        "words": words
    }
    assert shared(["accrete/care/verify.py", "accrete/text/terms.py"]) == {}
