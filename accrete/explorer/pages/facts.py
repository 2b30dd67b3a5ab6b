"""What one session took: its context, its time, its cost, its checks, its longest calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from accrete.database.question import Together
from accrete.explorer import charts
from accrete.explorer.cells import flat
from accrete.explorer.lines import step_at
from accrete.explorer.listings import (
    called,
    chosen_by,
    cost_sheet,
    known,
    place_after,
    place_of,
    verdict_cells,
)
from accrete.explorer.page import Cell, Column, Figure, Page, Sheet
from accrete.explorer.pages.kinds_of_records import asked_records, kind_sheet, record_sheet
from accrete.explorer.view import MissingError, View
from accrete.present.formats import least, number, percent, plural, span, tokens
from accrete.present.leads import of_facts
from accrete.queries.costs import MADE_FOR, CostRow, cost, made_for
from accrete.queries.facts import (
    Answered,
    CheckRow,
    LongCall,
    Waiting,
    checks_of,
    context,
    kinds,
    longest_calls,
    waiting,
)
from accrete.queries.folders import session_folders, within
from accrete.queries.replay import as_typed
from accrete.queries.sessions import SessionRow, session
from accrete.text.plain import squeeze, visible

STEPS = 140
"""Steps of the context chart; of more responses several share one, which shows the fullest."""
LONGEST = 10
PROMPTS = 60
"""Prompts in the table of costs at once."""
NAMED = 80
"""Characters of a prompt in that table; CSV has more of it."""
LEVELS = (50_000, 100_000, 200_000, 500_000, 1_000_000)

Link = Callable[[str, str], str]


async def show(view: View) -> Page:
    """The facts of the session."""
    scope = await view.session()
    head = await view.ask(session(scope))
    if head is None or head.id != view.params["session"]:
        raise MissingError(f"No session {view.params['session'][:40]!r} in the record.")
    if after := view.query.get("prompts"):
        place_after([], after)  # what is no place is said before the first byte is sent
    asked = Together()
    of_context, of_waiting = asked.add(context(scope)), asked.add(waiting(scope))
    of_costs = {name: asked.add(cost(scope, name)) for name in ("prompt", "model", "subagent")}
    of_costs |= {name: asked.add(made_for(scope, name)) for name in MADE_FOR}
    of_checks, of_kinds = asked.add(checks_of(scope)), asked.add(kinds(scope))
    of_records = asked.add(chosen) if (chosen := asked_records(view, scope)) else None
    of_longest = asked.add(longest_calls(scope, limit=LONGEST))
    of_folders = asked.add(session_folders(view.viewer.scope, [head.id]))
    rows = await view.ask(asked.rows)
    title = f"Facts · {visible(squeeze(head.title or called(head)))}"

    def made() -> Page:
        answered, waited = of_context(rows), of_waiting(rows)
        by = {name: made_of(rows) for name, made_of in of_costs.items()}
        folders = of_folders(rows).get(head.id, [])
        parts = _parts(waited, head.active_ms)
        whole = sum(ms or 0 for _, _, ms in parts)
        every = by["model"]
        read = sum(
            row.input_tokens + row.cache_read_tokens + row.cache_write_tokens for row in every
        )
        cached = sum(row.cache_read_tokens for row in every)
        peak = max((each.tokens for each in answered), default=0)
        groups = _grouped(answered)

        def link(uuid: str, run: str) -> str:
            return step_at(view, head.id, uuid, run)

        return Page(
            title=title,
            current="/sessions",
            lead=of_facts(
                responses=sum(row.responses for row in every),
                active_ms=head.active_ms,
                parts=[(words, ms) for _, words, ms in parts if ms is not None],
                peak=peak,
                compactions=head.compactions,
                cached=cached,
                read=read,
            ),
            figures=_figures(view, head, every, peak, cached, read),
            sheets=[
                _context(view, head, groups),
                _waiting(view, head, parts, whole),
                _prompts(view, head, by["prompt"]),
                _models(view, head, every),
                _named(view, head, "subagent", "Subagents by type; in the cost of their prompts "
                       "already.", "Subagent", by["subagent"]),
                _named(view, head, "skill", "By the skill that Claude Code says a response was "
                       "made for.", "Skill", by["skill"]),
                _named(view, head, "plugin", "By the plugin that Claude Code says a response was "
                       "made for.", "Plugin", by["plugin"]),
                _named(view, head, "mcp-server", "By the MCP server that Claude Code says a "
                       "response was made for.", "MCP server", by["mcp-server"]),
                _checks(of_checks(rows), link),
                _longest(of_longest(rows), folders, link),
                kind_sheet(view, of_kinds(rows)),
                *([record_sheet(view, head, of_records(rows))] if of_records else []),
            ],
            parts={
                "session": head,
                "context": _area(groups, answered, peak) if answered else None,
                "waiting": _stack(parts) if whole else None,
                "asked_known": waited.asked is not None,
                "parts": [
                    charts.Bar(ms, f"{words} {span(ms)}, {percent(ms, whole, 0)}", kind)
                    for kind, words, ms in parts
                    if ms
                ],
                "records": of_records is not None,
                "first_prompts": view.here(prompts=None) + "#prompts"
                if view.query.get("prompts") else None,
            },
        )  # fmt: skip

    return Page(title=title, current="/sessions", streamed=True, rest=made)


def _figures(
    view: View, head: SessionRow, every: Sequence[CostRow], peak: int, cached: int, read: int
) -> list[Figure]:
    replies = sum(row.responses for row in every)
    own = f"{number(head.responses)} of the main line" if head.responses_delegated else ""
    compacted = f"compacted {plural(head.compactions, 'time')}" if head.compactions else ""
    share = cached / read if read else None
    bound = f"{plural(head.lower_bound, 'response')} known in part" if head.lower_bound else ""
    return [
        Figure("active-time", "Active time", head.active_ms, span(head.active_ms),
               f"{span(head.wall_ms)} from first to last", "#waiting"),
        Figure("responses", "Responses", replies, number(replies), own, "#models"),
        Figure("context-peak", "Fullest context", peak or None, tokens(peak) if peak else "—",
               compacted, "#context"),
        Figure("cache-read-share", "Read from the cache", share, percent(cached, read, 0),
               f"of {tokens(read)} tokens read" if read else "", "#models"),
        Figure("cost", "Cost, API-equivalent" if view.viewer.api_equivalent else "Cost",
               known(head.cost_nano, head.unpriced),
               least(head.cost_nano, head.unpriced, head.lower_bound), bound, "#prompts"),
    ]  # fmt: skip


def _grouped(answered: Sequence[Answered]) -> list[list[Answered]]:
    """The responses in at most STEPS groups of neighbours; none goes across a compaction."""
    size = -(-len(answered) // STEPS) or 1
    groups: list[list[Answered]] = []
    for each in answered:
        if not groups or len(groups[-1]) >= size or each.compacted:
            groups.append([])
        groups[-1].append(each)
    return groups


def _fullest(group: Sequence[Answered]) -> Answered:
    return max(group, key=lambda each: each.tokens)


def _area(
    groups: Sequence[Sequence[Answered]], answered: Sequence[Answered], peak: int
) -> charts.Area:
    steps = []
    for group in groups:
        most = _fullest(group)
        prompt = f"prompt {most.prompt}" if most.prompt else "before the first prompt"
        fell = " after a compaction" if group[0].compacted else ""
        words = (
            f"{prompt}{fell}: {tokens(most.tokens)} tokens, {tokens(most.cached)} from the cache"
        )
        steps.append(charts.Step(most.tokens, most.cached, words, bool(group[0].compacted)))
    levels = [(float(at), f"{at // 1000:,}k") for at in LEVELS if at <= peak * 1.15][-2:]
    return charts.area(
        "Tokens that each response read, and those of them that came from the cache; "
        "the table below has the figures",
        steps,
        levels=levels,
        ends=("first response", f"{plural(len(answered), 'response')}"),
    )


def _behind(view: View, head: SessionRow, **query: str | int | None) -> str:
    """The responses of the session that a number counts."""
    return view.bare("/responses", range="all", who="all", session=head.id, **query)


def _context(view: View, head: SessionRow, groups: Sequence[Sequence[Answered]]) -> Sheet:
    columns = (
        Column("prompt", "Prompt", right=True),
        Column("responses", "Responses", right=True, define="responses"),
        Column("tokens", "Context", right=True, unit="tokens", define="context"),
        Column("cached", "From the cache", right=True, unit="tokens", define="cache-read-share"),
        Column("output", "Output", right=True, unit="tokens", define="tokens"),
        Column("model", "Model"),
        Column("compacted", "Compacted before", right=True, define="compactions"),
    )
    behind = _behind(view, head)
    rows = []
    for group in groups:
        most, written = _fullest(group), sum(each.output for each in group)
        compacted = sum(each.compacted for each in group)
        rows.append(
            [
                Cell(most.prompt, number(most.prompt)),
                Cell(
                    len(group),
                    number(len(group)),
                    href=f"{behind}&places={group[0].seq}-{group[-1].seq}",
                ),
                Cell(most.tokens, tokens(most.tokens)),
                Cell(most.cached, tokens(most.cached)),
                Cell(written, tokens(written)),
                Cell(most.model, most.model or "—"),
                Cell(compacted, number(compacted)),
            ]
        )
    caption = "The context that Claude read before each response, the main line alone."
    if any(len(group) > 1 for group in groups):
        caption += " Neighbours share a row, which has the fullest."
    return Sheet("context", caption, columns, rows, empty="No response has its tokens recorded.")


def _parts(waited: Waiting, active_ms: int | None) -> list[tuple[str, str, int | None]]:
    """(how it is drawn, what was waited for, ms); what active time has beside it comes last."""
    rest = max((active_ms or 0) - waited.total, 0)
    return [
        ("w1", "Claude", waited.model),
        ("w2", "tools", waited.tools),
        ("w3", "subagents", waited.agents),
        ("w4", "the next prompt", waited.person),
        ("w5", "permission", waited.asked),
        *([("w6", "other records", rest)] if rest else []),
    ]


def _stack(parts: Sequence[tuple[str, str, int | None]]) -> charts.Chart:
    bars = [charts.Bar(ms or 0, f"{words}: {span(ms)}", kind) for kind, words, ms in parts]
    return charts.stack("What the session waited for; the table below has the figures", bars)


WAITED_FOR = {
    "w1": "agent",
    "w2": "tool",
    "w3": "tool",
    "w4": "human",
    "w5": "tool",
}
"""The steps that end what was waited for, as the replay groups them."""


def _waiting(
    view: View, head: SessionRow, parts: Sequence[tuple[str, str, int | None]], whole: int
) -> Sheet:
    columns = (
        Column("for", "Waited for"),
        Column("ms", "Time", right=True, unit="ms", define="waiting"),
        Column("share", "Share", right=True, define="waiting"),
    )
    why = "This client wrote down no decisions; waiting for one is in the time of tools."
    rows = []
    for kind, words, ms in parts:
        name = f"{words[0].upper()}{words[1:]}"
        href = view.link(f"/sessions/{head.id}", steps=WAITED_FOR.get(kind))
        share = ms / whole if whole and ms is not None else None
        rows.append(
            [
                Cell(words, name, href=href if ms else None),
                Cell(ms, span(ms), why=why if ms is None else ""),
                Cell(share, percent(ms or 0, whole, 0) if ms is not None else "—",
                     why=why if ms is None else ""),
            ]
        )  # fmt: skip
    caption = "Pauses of more than five minutes in which nothing ran are left out."
    return Sheet("waiting", caption, columns, rows if whole else [],
                 empty="Its records have no times.")  # fmt: skip


def _prompts(view: View, head: SessionRow, rows: Sequence[CostRow]) -> Sheet:
    first = place_after(rows, view.query["prompts"]) if view.query.get("prompts") else 0
    shown = rows[first : first + PROMPTS]
    names = []
    for row in shown:
        n = row.key.rpartition("#")[2]
        address = view.link(f"/sessions/{head.id}/changes", prompt=n) if n != "0" else None
        label = as_typed(row.label) or row.label
        said = flat(label, NAMED)
        names.append(Cell(label, f"{n}: {said}" if n != "0" else said, href=address))
    part = f" {first + 1} to {first + len(shown)} of {len(rows)}." if len(rows) > PROMPTS else ""
    older = None
    if first + PROMPTS < len(rows):
        older = view.here(prompts=place_of(shown[-1])) + "#prompts"
    of = _behind(view, head)
    behind = [f"{of}&prompt={row.key.rpartition('#')[2]}" for row in shown]
    made = _sheet("prompts", f"The most expensive first.{part}", "Prompt", shown, names, behind,
                  head.cost_nano)  # fmt: skip
    return replace(made, older=older, next_name="More")


def _models(view: View, head: SessionRow, rows: Sequence[CostRow]) -> Sheet:
    columns = (
        Column("model", "Model"),
        Column("responses", "Responses", right=True, define="responses"),
        Column("input_tokens", "Input", right=True, unit="tokens", define="tokens"),
        Column("cache_read_tokens", "Cache reads", right=True, unit="tokens", define="tokens"),
        Column("cache_write_tokens", "Cache writes", right=True, unit="tokens", define="tokens"),
        Column("output_tokens", "Output", right=True, unit="tokens", define="tokens"),
        Column("cost_nano", "Cost", right=True, unit="nano-dollars", define="cost"),
    )
    behind = [_behind(view, head, **chosen_by("model", row)) for row in rows]
    made = cost_sheet("models", "The most expensive first.", columns[0], rows,
                      [Cell(row.key, row.label) for row in rows], behind=behind)  # fmt: skip
    cells = [
        [
            line[0],
            line[2],
            *(Cell(n, tokens(n)) for n in (row.input_tokens, row.cache_read_tokens,
                                           row.cache_write_tokens, row.output_tokens)),
            line[-1],
        ]
        for row, line in zip(rows, made.rows, strict=True)
    ]  # fmt: skip
    return Sheet("models", made.caption, columns, cells, empty="Nothing was billed.")


def _named(
    view: View, head: SessionRow, by: str, caption: str, name: str, rows: Sequence[CostRow]
) -> Sheet:
    names = [Cell(row.key, row.label) for row in rows]
    behind = [_behind(view, head, **chosen_by(by, row)) for row in rows]
    return _sheet(f"{by}s", caption, name, rows, names, behind, head.cost_nano)


def _sheet(
    key: str,
    caption: str,
    name: str,
    rows: Sequence[CostRow],
    names: Sequence[Cell],
    behind: Sequence[str],
    total: int,
) -> Sheet:
    """What costs within the session: cost_sheet without the number of sessions."""
    made = cost_sheet(key, caption, Column(key.removesuffix("s"), name), rows, names,
                      behind=behind, total=total)  # fmt: skip
    kept = [at for at, column in enumerate(made.columns) if column.key != "sessions"]
    return Sheet(
        key,
        caption,
        [made.columns[at] for at in kept],
        [[line[at] for at in kept] for line in made.rows],
        empty=f"No {key} in this session.",
    )


def _checks(rows: Sequence[CheckRow], link: Link) -> Sheet:
    columns = (
        Column("check", "Check"),
        Column("prompt", "Prompt", right=True),
        Column("kind", "Kind"),
        Column("verdict", "Verdict", define="checks"),
        Column("passed", "Passed", right=True, unit="tests", define="tests"),
        Column("failed", "Failed", right=True, unit="tests", define="tests"),
    )
    made = [
        [
            Cell(row.runner, row.runner, href=link(row.uuid, row.run)),
            Cell(row.prompt, number(row.prompt)),
            Cell(row.kind, row.kind),
            *verdict_cells(row.verdict, row.passed, row.failed),
        ]
        for row in rows
    ]  # fmt: skip
    caption = "Tests, builds and lint that ran, in order."
    return Sheet("checks", caption, columns, made, empty="No checks ran.")


def _longest(rows: Sequence[LongCall], folders: list[str], link: Link) -> Sheet:
    columns = (
        Column("call", "Call"),
        Column("tool", "Tool"),
        Column("prompt", "Prompt", right=True),
        Column("ms", "Took", right=True, unit="ms", define="call-time"),
        Column("status", "Status"),
    )
    made = []
    for row in rows:
        target = within(row.target, folders) or row.tool
        under = "by a subagent" if row.run else ""
        status = row.status or "no result"
        made.append(
            [
                Cell(row.target, target, href=link(row.uuid, row.run), under=under),
                Cell(row.tool, row.tool),
                Cell(row.prompt, number(row.prompt)),
                Cell(row.ms, span(row.ms) if row.ms >= 1000 else f"{row.ms} ms"),
                Cell(row.status, "" if row.status == "error" else status,
                     chip="failed" if row.status == "error" else "", tone="bad"),
            ]
        )  # fmt: skip
    caption = (
        "As the client measured it; otherwise from the call to its result, the time until you "
    )
    caption += "allowed it included."
    return Sheet("longest", caption, columns, made, empty="No calls with a time.")
