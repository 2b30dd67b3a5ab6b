"""What every figure on the pages means: its unit, what it counts, and how well it is known."""

from __future__ import annotations

from typing import NamedTuple

from accrete.derive import DERIVED_VERSION
from accrete.outcomes.kinds import OUTCOMES
from accrete.practices import all_practices
from accrete.practices.depth import ELIGIBLE, LAST_WEEKS, MARKED_WEEKS, SHARE
from accrete.pricing.version import PRICE_TABLE_VERSION
from accrete.redaction import REDACTION_VERSION
from accrete.settings import IDLE_GAP_MS
from accrete.transcript import READER_VERSION

MEASURED = "measured"
COMPUTED = "computed"
LOWER_BOUND = "lower bound"
ASSUMED = "assumed"
BASES = {
    MEASURED: "counted from records as Claude Code wrote them",
    COMPUTED: "worked out from such records by a rule",
    LOWER_BOUND: "the real value is at least this: something is in no record",
    ASSUMED: "rests on something that no record confirms",
}


class Definition(NamedTuple):
    """One figure. key: what links to it; unit: of the value in CSV and JSON, '' for a number;
    counts: what it counts, in sentences; basis: one of BASES; source: where it comes from."""

    key: str
    name: str
    unit: str
    counts: str
    basis: str
    source: str


_MS, _NANO, _TOKENS, _SHARE = "ms", "nano-dollars", "tokens", "share, 0 to 1"
_USAGE = "the usage of each API response, once"
_PATCHES = "the patches of edits that succeeded"
_GIT = "output of git and Claude Code's own records; see docs/outcomes.md"
_GAP = IDLE_GAP_MS // 60_000

SECTIONS: dict[str, tuple[Definition, ...]] = {
    "Sessions": (
        Definition("sessions", "Sessions", "", "Sessions with at least one prompt or response, "
                   "and with activity in the range. Automated ones (print mode, SDK, CI) are kept "
                   "apart.", MEASURED, "transcripts"),
        Definition("prompts", "Prompts", "", "What a person typed, queued or ran as a command. "
                   "Tool results and texts of machines do not count, nor copies in forks.",
                   MEASURED, "user records that the classifier knows as a person's"),
        Definition("messages", "Messages", "", "Prompts and responses of the main conversation.",
                   MEASURED, "user and assistant records"),
        Definition("active-time", "Active time", _MS, f"Time between records up to {_GAP} minutes "
                   "apart; longer gaps count nothing. A running tool counts up to 15 minutes (a "
                   "setting). The main conversation and subagents are merged, so nothing counts "
                   "twice.", COMPUTED, "times of the records"),
        Definition("wall-time", "Wall time", _MS, "From the first to the last message, breaks "
                   "included.", MEASURED, "times of the records"),
        Definition("work-blocks", "Work blocks", "", "Stretches of work; a pause of 10 minutes (a "
                   "setting) ends one.", COMPUTED, "times of the records"),
        Definition("waiting", "Waiting", _MS, "How the time of a turn divides: the model answers, "
                   "a tool runs, a permission is asked for, or nothing happens until the next "
                   "prompt.", COMPUTED, "times of the records, and of hook events where there are "
                   "any"),
        Definition("tool-calls", "Tool calls", "", "Calls with an id of their own; a copy in a "
                   "fork counts in its owner alone.", MEASURED, "tool-use records"),
        Definition("tool-errors", "Failed calls", "", "Calls whose result says that it is an "
                   "error. A refusal by a person is one; a refusal by a rule is not.", MEASURED,
                   "tool results"),
        Definition("call-time", "Time of a call", _MS, "How long a tool call ran, as the client "
                   "measured it; otherwise from the call to its result, waiting for permission "
                   "included.", MEASURED, "tool-use records and their results"),
        Definition("records", "Records", "", "What a transcript has of a session, each with the "
                   "kind that the classifier gives it. Copied from another session: it counts "
                   "there.", MEASURED, "transcripts"),
        Definition("compactions", "Compactions", "", "How often the context was summarised to make "
                   "room, by Claude Code or by /compact.", MEASURED, "records of the boundary"),
        Definition("interruptions", "Interruptions", "", "How often a person stopped Claude.",
                   MEASURED, "records of the interruption"),
        Definition("context-peak", "Fullest context", _TOKENS, "The most tokens that one response "
                   "of the main conversation began with.", MEASURED, _USAGE),
        Definition("context", "Context", _TOKENS, "Tokens before a response: its input and what it "
                   "read from and wrote to the cache.", MEASURED, _USAGE),
    ),
    "Sharing": (
        Definition("rows-held", "Rows held", "", "Rows of all tables that a company's database has "
                   "of a person, as their machines sent them.", MEASURED, "what was acknowledged"),
        Definition("bytes-held", "Bytes held", "bytes", "What those rows took as they came, before "
                   "they were compressed for the way. A row that several machines sent counts as "
                   "the machine with most of the session sent it.", MEASURED,
                   "what was acknowledged"),
        Definition("not-shown-yet", "Not shown to others yet", "", "A person's own sessions "
                   "of the last days: others see a day once it has been over for a day in every "
                   "time zone.", COMPUTED, "days of the sessions"),
    ),
    "Cost": (
        Definition("cost", "Cost", _NANO, "Every response and every other billed inference at the "
                   "list price of its own model, cache lifetime, speed, region and tier on that "
                   "day, or at your own price. For a subscription it is what the API would have "
                   "charged. '+' means that a part has no price and is left out, never counted as "
                   "$0. '≥' means that Claude Code logged partial output, so the real cost is "
                   "higher.", COMPUTED,
                   f"usage; price table {PRICE_TABLE_VERSION}"),
        Definition("cost-share", "Share of the cost", _SHARE, "Cost of a row, of the cost of all "
                   "that the table is about.", COMPUTED, "cost"),
        Definition("cost-per-active-hour", "Cost per active hour", _NANO, "Cost by active hour.",
                   COMPUTED, "cost, active time"),
        Definition("cost-per-merged-pull-request", "Cost per merged pull request", _NANO, "Cost in "
                   "the range of the sessions that opened or worked on a merged pull request, each "
                   "session once, divided by the merged ones. Covers those whose state is known.",
                   COMPUTED, "cost, and the forge's own word where you let Accrete ask it"),
        Definition("cold-returns", "Cold returns", _NANO, "How much more it cost to write the "
                   "context to the cache again than to read it, after a pause: a prompt came more "
                   "than five minutes (an hour, where the cache was kept an hour) after the last "
                   "response ended, read less from the cache than was in it, and the context had "
                   "not shrunk. Main conversations, list prices.", LOWER_BOUND, _USAGE),
        Definition("model-switches", "Model switches", _NANO, "The same where the model changed "
                   "while the cache still held: a cache is of one model. Main conversations, list "
                   "prices.", LOWER_BOUND, _USAGE),
        Definition("large-outputs", "Large outputs", _NANO, "Outputs of tools that put at least "
                   "10,000 tokens into the context in one step: what it cost to take them in, and "
                   "to read them again until the context shrank. Responses whose output is known "
                   "only in part are left out. List prices.", LOWER_BOUND, _USAGE),
        Definition("cost-per-commit", "Cost per commit", _NANO,
                   "Cost of the sessions that committed, divided by their commits. Sessions "
                   "without a commit are not in it.", COMPUTED,
                   "cost, commits"),
        Definition("cost-last-week", "Last week shown", _NANO, "Cost of the last whole week of "
                   "the range whose sum is of five people or more.", COMPUTED, "cost"),
        Definition("cost-by-commits", "Cost per commit of several people", _NANO, "All cost of the "
                   "people, divided by all their commits: sessions without a commit are in it, too."
                   " Of five people or more, in whole blocks of four weeks.", COMPUTED,
                   "cost, commits"),
        Definition("cost-by-merged", "Cost per merged pull request of several people", _NANO,
                   "Cost of the sessions that opened merged pull requests or worked on them, "
                   "divided by the merged ones that sessions opened. Merged is what was so a week "
                   "after its block of four weeks. Of five people or more.", COMPUTED,
                   "cost, pull requests"),
        Definition("cache-reads", "Read from the cache", _SHARE, "Input tokens that were read from "
                   "the cache, of all input tokens: fresh ones, read and written ones.", MEASURED,
                   _USAGE),
        Definition("cache-read-share", "Read from the cache, one session", _SHARE,
                   "The same of one session, its subagents included.", MEASURED, _USAGE),
        Definition("delegated", "Cost of subagents", _SHARE,
                   "Cost of responses of subagents, workflows and those inside progress records, "
                   "at their own model's price, of all cost.",
                   COMPUTED, "cost"),
        Definition("tokens", "Tokens", _TOKENS, "Input, output, cache reads and cache writes of "
                   "responses and other billed inferences. A response counts once, with its "
                   "largest output.", LOWER_BOUND, "usage; older clients logged partial output"),
        Definition("unpriced", "Without a price", "", "Responses and inferences whose model, "
                   "speed, tier or region has no known price.", MEASURED,
                   f"usage; price table {PRICE_TABLE_VERSION}"),
        Definition("price-assumed", "Assumed price", "", "Responses for whose date no source "
                   "confirms the price that was used.", ASSUMED,
                   f"price table {PRICE_TABLE_VERSION}"),
        Definition("responses", "Responses", "", "API responses, each once however many lines or "
                   "files hold it. What Claude Code makes up itself does not count.", MEASURED,
                   "assistant records"),
    ),
    "What came of it": (
        Definition("shipped", "Shipped", "", "Sessions with a confirmed commit, a pull request "
                   "that was opened, or a push; of those that edited files.", COMPUTED, _GIT),
        Definition("outcome", "Outcome", "", "The first that holds of: "
                   f"{', '.join(OUTCOMES)}. The reason stands beside it.", COMPUTED, _GIT),
        Definition("commits", "Commits", "", "Commits that Claude Code recorded, that git printed "
                   "or that git itself confirmed. One that replaces another counts once.",
                   LOWER_BOUND, _GIT),
        Definition("pull-requests", "Pull requests", "", "Pull requests that a call of the "
                   "session opened. Linked ones do not count.", LOWER_BOUND, _GIT),
        Definition("checks", "Checks", "", "Runs of tests, builds and linters. A check failed if "
                   "its output counts failures, else by its exit status.", COMPUTED, _GIT),
        Definition("tests", "Tests", "", "Tests that a check says passed or failed. Unknown where "
                   "it printed no count.", LOWER_BOUND, "output of checks"),
        Definition("lines", "Lines", "", "Lines added and removed by edits. Later edits of the "
                   "same line count again.", LOWER_BOUND,
                   f"{_PATCHES}; edits by shell commands only where Claude Code recorded them"),
        Definition("line-share", "Share of the lines", _SHARE, "Lines of a row, added and removed, "
                   "of those of all sessions in the range.", LOWER_BOUND, _PATCHES),
        Definition("files", "Files", "", "Distinct paths that were edited.", LOWER_BOUND,
                   f"{_PATCHES}"),
        Definition("files-changed", "Files of a session", "",
                   "Files that the session's edits touched.",
                   LOWER_BOUND, _PATCHES),
        Definition("edits-landed", "Edits that landed", "", "Edits that succeeded.", MEASURED,
                   "tool calls and their results"),
        Definition("lines-net", "Lines in the end", "", "Lines added and removed from the first to "
                   "the last state of each file in the session: a line that came and went counts "
                   "nothing.", LOWER_BOUND, _PATCHES),
        Definition("edits-changed-by-you", "Changed by you", "", "Edits that you altered before "
                   "you accepted them.", MEASURED, "results of tool calls"),
        Definition("edits-reverted", "Taken back", "", "Edits that a later edit of the session "
                   "took back.", COMPUTED, _PATCHES),
        Definition("accepted", "Accepted when asked", _SHARE, "Edits that a person accepted, of "
                   "those that they were asked about and accepted or refused.", MEASURED,
                   "tool calls and their results"),
        Definition("edits", "Edits", "", "Edits that Claude proposed; applied: that succeeded; "
                   "changed by you: that you altered before you accepted them.", MEASURED,
                   "tool calls and their results"),
    ),
    "Practices": (
        Definition("places", "Places", "", "Steps in which search found the words.", MEASURED,
                   "stored texts"),
        Definition("possible-in", "Possible in", "", "Your own sessions in which the practice "
                   "could apply. Where that is not known, a session is in neither count.",
                   COMPUTED, "rules of each practice; docs/practices.md"),
        Definition("seen-in", "Seen in", "", "Sessions among these in which it was seen at least "
                   "once.", COMPUTED, "rules of each practice; docs/practices.md"),
        Definition("sightings", "Times", "", "Observed moments; each opens at its step.", COMPUTED,
                   "rules of each practice; docs/practices.md"),
        Definition("done-well", "Done well", "", "Moments with a quality mark, as the practice "
                   "defines it.", COMPUTED, "rules of each practice; docs/practices.md"),
        Definition("depth", "Habit", "", f"too few: possible in under {ELIGIBLE} sessions. tried: "
                   f"seen at least once. regular: in {SHARE:.0%} of the sessions where possible, "
                   f"in at least half of the last {LAST_WEEKS} active weeks. fluent: regular, and "
                   f"at least half of the moments done well, over {MARKED_WEEKS} weeks.", COMPUTED,
                   "weeks of the practice"),
    ),
    "Teams": (
        Definition("active-people", "Active people", "", "People of the teams with a session of "
                   "their own in the last whole week.", MEASURED, "what people share"),
        Definition("taken-up", "Practices taken up", "", "Person and practice: those that became "
                   "regular in the last week by the twelve weeks up to it, and were not a week "
                   "before.", COMPUTED, "weeks of the practices"),
        Definition("checks-after-edits", "Checked after edits", _SHARE, "Sessions in which a check "
                   "ran after the last edit, of those in which it was possible. A session that "
                   "goes over several weeks counts in each.", COMPUTED,
                   "rules of verification; docs/practices.md"),
        Definition("people-using", "People who use it often", "", "People in whose sessions it is "
                   f"seen in {SHARE:.0%} or more of those in which it was possible, of people with "
                   f"{ELIGIBLE} such sessions.", COMPUTED, "weeks of the practice"),
        Definition("people-tried", "Ever used it", "", "People in whose sessions it was ever "
                   "seen.", COMPUTED, "weeks of the practice"),
        Definition("share-of-possible", "Share", _SHARE, "Sessions in which it was seen, of those "
                   "in which it was possible, of all people together.", COMPUTED,
                   "weeks of the practice"),
    ),
    "The record": (
        Definition("sessions-known", "Sessions known", "", "Sessions in the record, those on disk "
                   "that were not read yet, and those of which only typed prompts are left.",
                   MEASURED, "the record, Claude Code's folders, history.jsonl"),
        Definition("sessions-whole", "Whole", "", "Sessions whose transcript was read to its end "
                   "without a line that could not be read.", MEASURED, "the record"),
        Definition("sessions-lost", "Lost", "", "Sessions that history.jsonl names and of which "
                   "neither the record nor the disk has a transcript: Claude Code deletes them "
                   "after a while.", LOWER_BOUND, "history.jsonl"),
        Definition("files-read", "Files read", "", "Transcripts of which something was read.",
                   MEASURED, "the reader"),
        Definition("bytes-read", "Bytes read", "bytes", "How far transcripts were read: up to the "
                   "end of the last whole line.", MEASURED, "the reader"),
        Definition("lines-read", "Lines read", "", "Lines of these files, those that could not be "
                   "read among them.", MEASURED, "the reader"),
        Definition("covered", "Covered", "", "Of how much of the whole record figures are: the "
                   "rest lacks a price, a part of its output, or an outcome.", MEASURED,
                   "the record"),
        Definition("files-behind", "Files to read", "", "Transcripts with content that is not in "
                   "the record.", MEASURED, "sizes and times of the files"),
        Definition("files-gone", "Gone from disk", "", "Files that were read and are no longer on "
                   "disk. Their sessions are kept.", MEASURED, "the last ingest"),
        Definition("lines-malformed", "Not readable", "", "Lines from which no record could be "
                   "read. They are skipped.", MEASURED, "the reader"),
        Definition("record-size", "Size", "bytes", "The database and its log.", MEASURED,
                   "the disk"),
        Definition("redactions", "Replaced", "", "How often a mark of redaction stands in a stored "
                   "text. Copies in forks count again.", MEASURED,
                   f"stored texts; patterns version {REDACTION_VERSION}"),
    ),
}  # fmt: skip
"""All definitions, in the order of the page."""

DEFINITIONS = {each.key: each for some in SECTIONS.values() for each in some}


def versions() -> list[tuple[str, str]]:
    """(what, version) of everything that figures rest on."""
    practices = ", ".join(f"{each.title} {each.version}" for each in all_practices())
    return [
        ("Price table", PRICE_TABLE_VERSION),
        ("Rules of derived figures", str(DERIVED_VERSION)),
        ("Practices", practices),
        ("Reader of transcripts", str(READER_VERSION)),
        ("Redaction patterns", str(REDACTION_VERSION)),
    ]
