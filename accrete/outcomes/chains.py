"""What a call's exit status says about each of its commands: passed, failed, or not run."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from accrete.outcomes.kinds import FAILED, PASSED, UNKNOWN
from accrete.outcomes.shell import Simple

_SINKS = frozenset(
    {
        "tail",
        "head",
        "tee",
        "cat",
        "sort",
        "uniq",
        "wc",
        "nl",
        "column",
        "Select-Object",
        "Out-String",
        "Out-Host",
    }
)
"""What ends well whatever a pipe gives it, so that a pipe into it hides the exit status before
it."""
_HARMLESS = _SINKS | {
    "cd",
    "source",
    ".",
    "export",
    "set",
    "unset",
    "pushd",
    "popd",
    "echo",
    "printf",
    "true",
    "Write-Host",
    "Write-Output",
}
"""Commands that are not what failed, unless the shell says so."""


class _Link(NamedTuple):
    """Commands joined by pipes: the places of the first and the last. `nested`: it stood in a
    `$(…)` of the next one."""

    first: int
    last: int
    nested: bool


class Heard(NamedTuple):
    """What the output tells of some commands of a call: `judged`, the places of those that are
    asked about; `said`, a verdict of their own; `spoke`, the places of all that printed something
    of their own; `loud`, of those that would have printed something, had they run."""

    judged: Collection[int]
    said: Mapping[int, str]
    spoke: Collection[int]
    loud: Collection[int] = ()


def by_exit(found: Sequence[Simple], status: str | None, heard: Heard) -> dict[int, str | None]:
    """For each judged command PASSED, FAILED, UNKNOWN where the exit status is another's, or None
    if it never ran.

    In a chain of `&&` whatever spoke proves that all before it passed. Of one that ended in an
    error, the first link without such a proof failed, and what is behind it did not run. Of `a; b`
    only `b` has the exit status.
    """
    verdicts: dict[int, str | None] = {}
    chains = list(_chains(found, heard.judged))
    for chain in chains:
        own = status if chain is chains[-1] else None
        verdicts.update(_of_chain(found, chain, own, heard))
    return verdicts


def exit_verdict(found: Sequence[Simple], place: int, status: str | None) -> str:
    """The same for the only command of a call that is judged, by the exit status alone."""
    return by_exit(found, status, Heard((place,), {}, ()))[place] or UNKNOWN


def _chains(found: Sequence[Simple], judged: Collection[int]) -> Iterator[list[_Link]]:
    """The commands by chains of `&&`, each of links."""
    chain: list[_Link] = []
    first = 0
    for place, simple in enumerate(found):
        ends = place + 1 == len(found)
        if simple.follows == "|" and not ends:
            continue
        nested = (
            simple.follows == ""
            and not ends
            and not any(at in judged for at in range(first, place + 1))
        )
        chain.append(_Link(first, place, nested))
        first = place + 1
        if simple.follows != "&&" and not nested:
            yield chain
            chain = []
    if chain:
        yield chain


def _of_chain(
    found: Sequence[Simple], chain: Sequence[_Link], status: str | None, heard: Heard
) -> dict[int, str | None]:
    verdicts: dict[int, str | None] = {}
    reached = max((n for n, link in enumerate(chain) if _holds(link, heard.spoke)), default=-1)
    doubtful = over = False
    for n, link in enumerate(chain):
        went = n < reached or status == "ok"
        over = over or (
            status == "error" and link.last in heard.loud and link.last not in heard.spoke
        )
        verdict = None if over else UNKNOWN
        verdicts.update(
            (place, verdict) for place in range(link.first, link.last) if place in heard.judged
        )
        if link.last in heard.judged:
            verdict = (
                None
                if over
                else _of_link(found, chain, n, status if not doubtful else None, heard, went=went)
            )
            verdicts[link.last] = verdict
            over = over or verdict == FAILED
        else:
            doubtful = doubtful or not (went or _harmless(found, link))
    return verdicts


def _of_link(
    found: Sequence[Simple],
    chain: Sequence[_Link],
    n: int,
    status: str | None,
    heard: Heard,
    *,
    went: bool,
) -> str:
    """The verdict of the link's own command, whose exit status is the link's."""
    place = chain[n].last
    if found[place].branch or found[place].negated or found[place].asked:
        return UNKNOWN
    if went:
        return PASSED
    said = heard.said.get(place)
    after = [link for link in chain[n + 1 :] if not _harmless(found, link)]
    if said == FAILED or (status == "error" and not after):
        return FAILED  # with a word of success too: a threshold may be missed
    if said is not None:
        return said
    return (
        FAILED
        if status == "error" and all(link.last in heard.judged for link in after)
        else UNKNOWN
    )


def _holds(link: _Link, places: Collection[int]) -> bool:
    return any(place in places for place in range(link.first, link.last + 1))


def _harmless(found: Sequence[Simple], link: _Link) -> bool:
    """Whether a link is not what failed: it prepares or shows something, or its exit status is that
    of a `tail`."""
    return link.nested or found[link.last].words[0] in _HARMLESS
