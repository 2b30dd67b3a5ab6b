"""Writes docs/works-council.md from the contract: `python -m tools.works_council_doc --write`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from accrete_team import announced, companies, people, signin
from accrete_team.access import LATER_MS, SETTINGS
from accrete_team.nightly import LEAVERS_DAYS
from accrete_team.pages.admin import WORDS
from accrete_team.pages.notice import NEVER, SEEN
from accrete_team.release_rules import PEOPLE as RELEASED
from accrete_team.release_rules import WEEKS

from accrete.insight.sums import FEWEST
from accrete.model.tables import OF_COMPANY
from accrete.wire.travels import NAMES, columns, table
from tools.prose import fill, page_command

PAGE = Path(__file__).resolve().parents[1] / "docs" / "works-council.md"
HOUR_MS, DAY_MS = 3_600_000, 24 * 3_600_000

PURPOSES = {
    "session": "the list of sessions, their lengths, and what came of them",
    "prompt": "the replay of a session; how often somebody stopped or corrected Claude",
    "response": "cost and tokens, counted once however many machines know them",
    "inference": "cost that a response's own usage leaves out",
    "tool_call": "the replay; which tools are used, where calls fail",
    "agent_run": "whether and how subagents are used",
    "session_commit": "whether work was committed",
    "session_pull": "whether work became a pull request",
    "session_pull_state": "whether pull requests were merged, and what merged ones cost, as sums",
    "check_run": "whether tests and other checks ran, and passed",
    "sighting": "the moment that shows a practice",
    "session_practice": "in which sessions a practice was possible, and seen",
    "session_day": "sums by day and week",
    "session_usage": "cost by model",
    "session_tool": "use and errors by tool",
    "session_file": "which files were worked on",
    "session_kind": "lines changed by kind of file",
    "finding": "what cost more than it had to",
    "work_block": "stretches of work, on the person's own pages",
    "event": "the replay, step by step",
    "person_choice": "what a person chose: tier, pause, projects; holds on all their machines",
    "message_number": "telling which of two messages of a person's machines is the newer one",
    "choice_heard": "which of a person's machines know what they chose",
    "account": "signing in; name and job label",
    "invitation": "setting a first password",
    "sign_in": "ending a browser's access from elsewhere",
    "device_token": "which machine may send; ending its access",
    "team": "whose sessions a lead may open",
    "team_place": "whose sessions a lead may open, from when until when",
    "look": "telling a person who looked at their sessions",
    "opening": "telling a person that, and why, an administrator looked",
    "company_setting": "telling everybody what was switched, and when",
    "audit": "showing administrators what administrators changed",
    "release": "what members learn of their team",
    "release_group": "what members learn of their team",
    "release_cell": "what members learn of their team",
    "counted": "letting nobody be singled out by the next release",
    "teaching": "showing who offered to show a practice",
    "clip": "steps that their owner shows to everybody, until they take them back",
    "week_stamp": "knowing whether a week has to be added up again",
    "hidden_card": "not showing a card of the catalog",
    "experiment": "trying a practice with a team, and seeing whether it helped",
    "put_off": "what a lead does not want to see on the agenda for a while",
}
"""What each table of the server is kept for. One without a purpose here is an error."""

HEAD = f"""# For a works council

What a team server of Accrete holds of the people of a company, what for, who sees it, and how long
it stays. Generated from the program by `python -m tools.works_council_doc --write`, so that it
lists neither more nor less than what is stored. [What your company sees of you](for-developers.md)
says the same to a single person; [Security](security.md) names what is protected against whom.

## Purposes

1. Each person sees their own work with Claude Code and improves it.
2. A team sees which practices spread and where work gets stuck, and learns from each other.
3. A company sees what Claude Code costs, as sums.

Accrete is not made for judging people, and these are not purposes: measuring performance, watching
attendance or working hours, comparing or ranking people, and decisions about pay, promotion or
dismissal.

## What leaves a machine, and who decides that

Each person has a record of their own on their own machine. **Nothing leaves it before that person
joined a server, chose a tier and projects, and could read every row that would leave.** They can
lower the tier, take out projects, pause, leave and delete at any time, without asking anybody; the
server then deletes what no longer fits. Nobody else can raise a tier.

Never collected: {{never}}.

## What the program makes impossible

- People are listed by name, sessions by day. No page, file or address of the API orders people by
  a figure. There are no scores and no ranks.
- For anyone but its owner a row has days instead of times of day; nobody sees a running session,
  and a session is shown {LATER_MS // HOUR_MS} hours after its last day began in UTC: a day after
  that day is over in every time zone.
- Cost, tokens, lines, commits and pull requests come as sums over {FEWEST} people and more, and no
  choice of filters leaves a sum of fewer over.
- What members learn of their team is one of three words for groups of {RELEASED} and more, once in
  {WEEKS} weeks. [What somebody can work out](team.md) is stated by size of group.
- Words of a person are sent to somebody else only after it was written down who looks. The person
  reads it on their own page.
- The server reads no transcripts. It knows the rows that were sent, and refuses every field that
  the tier of their sender does not allow.

## Who sees what
"""

KEPT = (
    ("sessions", "as long as the company sets for each tier (`accrete-team company retention`); "
     "without a setting, until their owner deletes them"),
    ("what is held of a person who left", f"{LEAVERS_DAYS} days, or as the company sets it"),
    ("rows that a person deletes", "gone from the database at once, from the disk with the next "
     "nightly job, from backups when these are replaced; the receipt says both dates"),
    ("a browser's sign-in", f"{signin.LASTS_MS // DAY_MS} days at most"),
    ("an invitation", f"{people.INVITED_MS // DAY_MS} days"),
    ("an announcement", f"{announced.SHOWN_MS // DAY_MS} days after it took effect"),
    ("an administrator's access to one person", f"{companies.OPENED_MS // HOUR_MS} hours"),
    ("who looked at a person, administrators' changes, settings",
     "as long as the company's database"),
    ("releases", "as long as the company's database; they hold nobody's row and are not changed by "
     "a deletion"),
)  # fmt: skip
"""What is kept, and for how long."""

SWITCHES = f"""
## What an administrator can switch

Everybody is told, with a date. It holds {people.NOTICE_MS // HOUR_MS} hours later, not before.
"""

END = """
## What each person can do

- See everything that the company holds of them, who may see it, and who looked at it.
- See their own pages as a lead sees them, before joining too (`accrete explore --as-lead`).
- Download it all, as JSON lines.
- Pause, lower the tier, unshare projects, delete single sessions or everything, leave.

## What the program cannot do

- Whoever runs the server's machine can read its database files. Choose who that is, and give each
  company a server or a database server of its own where that matters.
- A lead sees how long a session's active time was, and on which day. Seldom working with Claude
  Code is not seldom working: an agreement should say so.
- Somebody who may open a session can copy what they read.

## What an agreement should settle

1. The purposes above, and that no figure of a person is used in reviews, pay or dismissals.
2. That joining is voluntary, at which tier it may be asked for, and that staying at tier 1 or not
   joining has no consequence.
3. For how long sessions of each tier are kept.
4. Who administers, who runs the machine, and who reads the list of administrators' changes.
5. Whether the settings above may be switched at all, and who has to agree before.
6. What an administrator may open a person's sessions for, and that each such case is told to the
   council.
"""


def text() -> str:
    """The page. Raises KeyError for a table of the server that has no purpose."""
    head = HEAD.replace("{never}", "; ".join(NEVER))
    parts = [head, *_who(), *_sent(), *_added(), *_kept(), SWITCHES, *_switches(), END]
    return fill("\n".join(parts).rstrip("\n") + "\n")


def _who() -> Iterable[str]:
    yield "| who | sees | how |\n| --- | --- | --- |"
    for row in SEEN:
        yield f"| {' | '.join(row)} |"


def _sent() -> Iterable[str]:
    yield "\n## What is sent\n"
    yield "Fields that leave at each tier, by table; [their list](stored.md) says what each one is."
    yield "The page *What is collected* of a server shows the same list to its people.\n"
    yield "| table | a row is | what for | tier 1 | tier 2 | tier 3 |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for name in NAMES:
        counts = " | ".join(str(len(columns(name, tier)) or "–") for tier in (1, 2, 3))
        yield f"| {name} | {_row(name)} | {PURPOSES[name]} | {counts} |"


def _added() -> Iterable[str]:
    yield "\n## What the server adds\n"
    yield "| table | a row is | what for | fields |\n| --- | --- | --- | --- |"
    for name in sorted(OF_COMPANY):
        fields = ", ".join(f"{each}" for each in table(name).fields if each != "person")
        yield f"| {name} | {_row(name)} | {PURPOSES[name]} | {fields} |"


def _kept() -> Iterable[str]:
    yield "\n## How long it stays\n\n| what | how long |\n| --- | --- |"
    for what, long in KEPT:
        yield f"| {what} | {long} |"


def _row(name: str) -> str:
    said = " ".join((table(name).nouns[0].__doc__ or "").split())
    return said.partition(". ")[0].rstrip(".")


def _switches() -> Iterable[str]:
    yield "| setting | until it is switched | can become |\n| --- | --- | --- |"
    for name, values in SETTINGS.items():
        about, meaning = WORDS[name]
        others = "; ".join(meaning[each] for each in values[1:])
        yield f"| {about} | {meaning[values[0]]} | {others} |"


def main() -> None:
    """Writes or prints the page."""
    page_command(PAGE, text)


if __name__ == "__main__":
    main()
