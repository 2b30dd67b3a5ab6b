"""Examples of practices: one of them step by step, and its owner's choice of the steps, with a
preview of exactly what others will see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from starlette.responses import Response

from accrete.errors import AccreteError
from accrete.explorer.forms import Sent, form, seen_other
from accrete.explorer.lines import named_by
from accrete.explorer.page import Page
from accrete.explorer.pages.step import Block, blocks, came
from accrete.explorer.ranges import spoken
from accrete.explorer.view import MissingError, View
from accrete.model import PROMPT_KINDS, Tier
from accrete.present.formats import plural
from accrete.queries.folders import session_folders, within
from accrete.queries.others import over_by
from accrete.queries.replay import as_typed
from accrete.queries.scope import Scope
from accrete.queries.step import Body, step, step_deeds, step_words
from accrete.queries.steps import Step, deeds, steps, told, words
from accrete.text.plain import squeeze
from accrete_team import access, clips
from accrete_team.access import Seat
from accrete_team.clips import MOST, Clip
from accrete_team.pages.matrix import practice_of
from accrete_team.pages.noted import noted
from accrete_team.web import Site, seat_in, team_viewer

SHOWN = frozenset((*PROMPT_KINDS, "assistant_text", "tool_call", "plan_handoff", "agent_prompt"))
"""What can be a step of an example: prompts, answers, calls with what came of them, plans, the task
of a subagent. Thoughts and records of the client cannot."""
AROUND, BESIDE, LABEL = MOST - 1, 2, 70
"""Steps before and after the moment that can be chosen, and that are chosen at first; characters of
what a step is called."""
GONE = "There is no such example. Its owner may have taken it back."


def _address(uuid: str, part: int) -> str:
    name = named_by(uuid)
    return f"{name}.{part}" if name else ""


class ShownStep(NamedTuple):
    """A step of an example. who: `person`, `Claude` or `a subagent`; tool, target: of a call;
    asked, came: what is drawn of it; failed: whether it did not succeed."""

    who: str
    tool: str
    target: str
    asked: list[Block]
    came: list[Block]
    failed: bool


class Listed(NamedTuple):
    """An example as pages list it. name: its owner's; practice: its title; day: in words; steps:
    how many, in words."""

    id: str
    name: str
    practice: str
    day: str
    href: str
    steps: str


async def bodies(view: View, scope: Scope, addresses: Iterable[str]) -> list[ShownStep]:
    """Some steps of a session as they are shown, without any that is not there any more."""
    _, session = scope.one
    known = await view.ask(session_folders(replace(scope, session=None), [session]))
    folders, made = known.get(session, []), []
    for address in addresses:
        body = await _body(view, scope, address)
        if body is None or body.kind == "tool_result":
            continue
        body = await view.ask(step_deeds(scope, body))
        body = await view.ask(step_words(scope, body))
        made.append(
            ShownStep(
                _who(body),
                body.name or "a tool" if body.kind == "tool_call" else "",
                within(body.target, folders) or "",
                list(blocks(body, folders)),
                list(came(body)) if body.kind == "tool_call" else [],
                body.call is not None and body.call.status not in (None, "ok"),
            )
        )
    return made


def _who(body: Body) -> str:
    if body.kind in (*PROMPT_KINDS, "queue_operation"):
        return "person"
    return "a subagent" if body.agent and body.kind != "agent_prompt" else "Claude"


async def _body(view: View, scope: Scope, address: str) -> Body | None:
    name, _, part = address.rpartition(".")
    for uuid in (name, f"#{name[1:]}"):
        found = await view.ask(step(scope, uuid, int(part)))
        if found is not None and found.uuid == uuid:
            return found
    return None


async def show(view: View) -> Page:
    """One example."""
    seat = seat_in(view)
    person, wanted = int(view.params["person"]), view.params["clip"]
    found = await view.ask(clips.of_person(person))
    clip = next((each for each in found if each.id == wanted), None)
    if clip is None:
        raise MissingError(GONE)
    scope = access.example(person, clip.session)
    if person != seat.person and not await view.ask(over_by(scope, seat.last_day())):
        raise MissingError(GONE)
    practice = practice_of(clip.practice)
    team_viewer(view).shown.add((person, clip.session))
    return Page(
        title=f"{practice.title}, an example",
        lead=[f"{clip.name} shows {plural(len(clip.steps), 'step')} of a session of "
              f"{spoken(clip.day)}."],
        parts={
            "steps": await bodies(view, scope, clip.steps),
            "name": clip.name,
            "practice": practice,
            "own": person == seat.person,
            "sharing": view.bare("/sharing"),
        },
    )  # fmt: skip


endpoint = noted(show, "clip.html", "example")


class Choice(NamedTuple):
    """What can be chosen of a session: its steps by address, which of them is the moment, and which
    are chosen."""

    steps: Sequence[tuple[str, Step]]
    moment: int
    first: int
    last: int

    @property
    def chosen(self) -> list[str]:
        """The addresses of the chosen steps."""
        return [address for address, _ in self.steps[self.first : self.last + 1]]


async def _choice(view: View, moment_: Mapping[str, str], first: str, last: str) -> Choice:
    """The steps around a moment of one's own: of the main conversation, or of the subagent that it
    is of. Raises MissingError for one that is not of one's own session."""
    uuid = moment_.get("uuid", "")
    made = await view.ask(steps(_own(view, moment_.get("session", "")), moment_.get("run", "")))
    at = next((nth for nth, each in enumerate(made) if each.uuid == uuid), None)
    if at is None:
        raise MissingError("There is no such moment in your sessions here.")
    seen = [
        (address, nth, each)
        for nth, each in enumerate(made)
        if each.kind in SHOWN and (address := _address(each.uuid, each.part))
    ]
    if not seen:
        raise MissingError("Nothing of this session can be shown.")
    moment = max((n for n, (_, nth, _) in enumerate(seen) if nth <= at), default=0)
    found = [(address, each) for address, _, each in seen]
    places = {address: n for n, (address, _) in enumerate(found)}
    begin = min(places.get(first, moment - BESIDE), moment)
    end = max(places.get(last, moment + BESIDE), moment)
    begin = max(begin, moment - AROUND, 0)
    return Choice(found, moment, begin, min(end, begin + MOST - 1, len(found) - 1))


def _own(view: View, session: str) -> Scope:
    return replace(access.own(seat_in(view)), session=session, tier=Tier.WORDS)


async def show_new(view: View) -> Page:
    """The choice of steps, and what others will see of them."""
    seat, query = seat_in(view), view.query
    practice = practice_of(query.get("practice", ""))
    session, run = query.get("session", ""), query.get("run", "")
    chosen = await _choice(view, query, query.get("from", ""), query.get("to", ""))
    scope = _own(view, session)
    near = range(max(chosen.moment - AROUND, 0),
                 min(chosen.moment + AROUND + 1, len(chosen.steps)))  # fmt: skip
    did = await view.ask(deeds(scope, run))
    said = await view.ask(words(scope, run))
    named = told([each for _, each in chosen.steps], did, said)
    labels = {(each.uuid, each.part): _label(each, run) for each in named}
    options = [
        {"nth": nth, "address": chosen.steps[nth][0],
         "label": labels.get((chosen.steps[nth][1].uuid, chosen.steps[nth][1].part), "a step"),
         "moment": nth == chosen.moment}
        for nth in near
    ]  # fmt: skip
    return Page(
        title=f"Show an example of {practice.title.lower()}",
        lead=["Everybody who signs in to this company will see the steps below with your name, a "
              "day after the session ended. Nothing else of the session becomes visible to them."],
        parts={
            "options": options,
            "first": chosen.first,
            "last": chosen.last,
            "moment": chosen.moment,
            "most": MOST,
            "steps": await bodies(view, access.example(seat.person, session), chosen.chosen),
            "name": seat.name,
            "practice": practice,
            "fields": {"practice": practice.name, "session": session, "run": run,
                       "uuid": query.get("uuid", "")},
            "chosen": " ".join(chosen.chosen),
            "able": seat.tier >= Tier.WORDS,
            "back": f"{team_viewer(view).base}/me/practices/{practice.name}",
        },
    )  # fmt: skip


def _label(each: Step, run: str) -> str:
    if each.kind == "tool_call":
        said = f"{each.name or 'a tool'} {squeeze(each.target or '')}"
    elif each.kind in PROMPT_KINDS:
        said = f"You: {squeeze(as_typed(each.text or ''))}"
    elif each.kind == "agent_prompt":
        said = f"Task: {squeeze(each.text or '')}"
    else:
        said = f"{'Subagent' if run else 'Claude'}: {squeeze(each.text or '')}"
    return said if len(said) <= LABEL else said[: LABEL - 1] + "…"


@form
async def share(sent: Sent) -> Response:
    """Shows what was previewed as an example."""
    view, fields = sent.view, sent.fields
    seat = seat_in(view)
    wanted = fields.get("steps", "").split()
    if not wanted:
        raise AccreteError("Choose the steps to be shown.")
    async with view.viewer.source.reading() as reader:
        there = replace(view, reader=reader)
        chosen = await _choice(there, fields, wanted[0], wanted[-1])
    if chosen.chosen != wanted:
        raise AccreteError("These steps are not there any more. Choose them again.")
    site: Site = sent.request.app.state.site
    await site.write(
        team_viewer(view).company,
        lambda db: clips.share(
            db,
            seat.person,
            fields.get("session", ""),
            fields.get("practice", ""),
            fields.get("uuid", ""),
            wanted,
            seat.now,
            run=fields.get("run", ""),
        ),
    )
    return seen_other(view.bare("/sharing") + "#examples")


@form
async def end(sent: Sent) -> Response:
    """Takes an example of one's own back."""
    seat, wanted = seat_in(sent.view), str(sent.request.path_params["clip"])
    site: Site = sent.request.app.state.site
    await site.write(
        team_viewer(sent.view).company, lambda db: clips.take_back(db, seat.person, wanted)
    )
    return seen_other(sent.view.bare("/sharing") + "#examples")


def listed(found: Sequence[Clip], base: str, seat: Seat) -> list[Listed]:
    """Examples as pages list them, by name."""
    return [
        Listed(
            each.id,
            "You" if each.person == seat.person else each.name,
            practice_of(each.practice).title,
            spoken(each.day),
            f"{base}{each.path}",
            plural(len(each.steps), "step"),
        )
        for each in found
    ]
