"""What people of the demo company and Claude say, and what commands print: each a text with places
for what the session is about."""

from __future__ import annotations

FIRST_PROMPTS: dict[str, tuple[str, ...]] = {
    "fix": (
        "{trouble}. Find out why and fix it. Write a failing test first.",
        "Bug report from support: {trouble_low}. I suspect `{symbol}`, but check.",
        "{trouble}. Start with {file}. I want to understand the bug before you change anything.",
        "Why does this happen: {trouble_low}? Then fix it.",
        "We saw this in production last night: {trouble_low}. Please fix `{symbol}`.",
    ),
    "feature": (
        "For {area}: {wish}. Look at {file} first and follow what is there.",
        "We want to {wish}. Keep the change small and add tests to {test}.",
        "Ticket: {wish}. Acceptance: the existing tests for {area} still pass.",
        "Implement this in {file}: {wish}. Ask me if something is unclear.",
        "Please {wish}. No new dependency, please.",
    ),
    "refactor": (
        "`{symbol}` does too much. Split it without changing what it does.",
        "Clean up {file}: the names mislead, and there are two copies of the same loop.",
        "Move what {area} needs out of {file} into a module of its own.",
        "Simplify {file}. Tests must stay green after each step.",
    ),
    "test": (
        "Write tests for {area}, edge cases first.",
        "Add tests to {test}: an empty list, two equal entries, a very long name.",
        "Add tests that show that `{symbol}` can be called twice without harm.",
    ),
    "docs": (
        "Document how {area} works, with one example. Half a page.",
        "Update the README: the part on {area} is out of date.",
        "Write down why `{symbol}` is built the way it is, for the next person.",
    ),
    "explore": (
        "How does {area} work? Where is `{symbol}` called from?",
        "Explain {file} to me as if I had joined today.",
        "What would break if we let `{symbol}` run twice at once?",
        "I have to estimate this: {wish}. What does it touch?",
    ),
    "operate": (
        "Create a release of {repo} and write down what changed.",
        "Install the newest dependencies of {repo} and run everything.",
        "Deploy the current state of {area} to staging and watch it for errors.",
    ),
}
CHANGES: tuple[str, ...] = (
    "Good. Now the same for the error case.",
    "Please add a test for an empty list as well.",
    "Make the message clearer: say what to do next.",
    "Can we do this without the extra query?",
    "That is more code than I hoped for. What can go?",
    "Use the helper that we have in the same folder.",
    "Undo the change to the configuration; it belongs in another commit.",
    "Now do what you listed as the second step.",
    "Rename the test so that it says what it proves.",
    "Keep the name `{symbol}`, but move it next to its callers.",
)
"""Prompts after the first that ask for a change."""
QUESTIONS: tuple[str, ...] = (
    "Does this also work if it is called twice?",
    "What about time zones?",
    "Please explain the last change in two sentences.",
    "The reviewer asks why `{symbol}` is not cached. Is there a reason?",
    "How does {area} behave with 10,000 rows?",
    "Show me where {file} is used.",
    "Which tests cover {area}?",
)
"""Prompts after the first that ask for an answer."""
CORRECTIONS: tuple[str, ...] = (
    "Stop. Do not touch {file}; the cause is in how it is called.",
    "No, not a new class. Change `{symbol}` in place.",
    "Wrong direction: keep the old behaviour for existing data.",
    "Wait. Read {test} first, it describes what we expect.",
    "Not with a sleep. Wait for the event instead.",
)
DONE: tuple[str, ...] = (
    "Found it: `{symbol}` in {file} compares before it rounds. I changed the order and added a "
    "case to {test}.",
    "Done. {file} now handles this. I left the public signature as it was.",
    "The cause was that `{symbol}` is called once per item and once for the whole list. The second "
    "call is gone.",
    "I split it into two functions and kept the rest as it was.",
    "This is in place. One thing to decide: what should happen to rows that exist already?",
    "Changed in {file}. {Area} has two more cases in {test}.",
    "That was simpler than it looked: one condition in `{symbol}` was the wrong way round.",
)
"""What Claude says after a change."""
TOLD: tuple[str, ...] = (
    "`{symbol}` is called from three places. Two of them pass the day in UTC, the third in local "
    "time; that explains the report.",
    "In short: {area} reads from {file}, caches for a minute, and falls back to the old values "
    "on errors.",
    "I would not cache it: the value changes with each request.",
    "Yes. `{symbol}` does nothing the second time, and {test} has a case for it.",
    "Mostly {test}. The case of an empty list is not covered.",
    "It grows with the number of rows; 10,000 take about two seconds.",
)
"""What Claude says after it only looked."""
COMMITTED: tuple[str, ...] = (
    "Committed.",
    "Committed, with the reason in the message.",
    "The commit is in place.",
)
REVIEWED: tuple[str, ...] = (
    "The reviewer found one gap in `{symbol}`: an empty list.",
    "The review has no findings on {area}, but asks for a clearer name.",
)
STEPS: tuple[str, ...] = (
    "I will look at how {area} is built.",
    "Let me read the tests first.",
    "The test fails as expected. Now the change.",
    "Next, the callers of `{symbol}`.",
    "That was one case; there is another in the same file.",
    "Let me run the tests.",
)
PLANS: tuple[str, ...] = (
    "# {Area}\n\n1. A failing test in {test}.\n2. Change `{symbol}` in {file}.\n"
    "3. Run everything, then commit.\n\nRisk: callers that rely on the old order.",
    "# Plan\n\n- Read how `{symbol}` is used.\n- Move the rule into one place.\n"
    "- Keep the old behaviour behind the same name.\n- Tests for both.",
)
SUBJECTS: dict[str, tuple[str, ...]] = {
    "fix": ("Fix {area}: {trouble_low}", "Handle repeated calls in {area}"),
    "feature": ("{Area}: {wish}", "Let {area} follow the new rule"),
    "refactor": ("Split {symbol}", "Simplify {area}"),
    "test": ("Cover {area} with tests", "Add edge cases to {area}"),
    "docs": ("Document {area}", "Describe how {area} works"),
    "explore": ("Note on {area}",),
    "operate": ("Update dependencies", "Repair the build"),
}
TITLES: dict[str, tuple[str, ...]] = {
    "fix": ("{trouble}", "Fix {area}"),
    "feature": ("{Area}: {wish}",),
    "refactor": ("Tidy up {area}", "Split {symbol}"),
    "test": ("Tests for {area}",),
    "docs": ("Documentation of {area}",),
    "explore": ("How {area} works", "Questions on {symbol}"),
    "operate": ("{repo}: build and dependencies",),
}
FAILURES: tuple[str, ...] = (
    "Exit code 1\n{test}: expected 1999, got 2000\n{failed} failed, {passed} passed",
    "Exit code 1\n{test}: `{symbol}` was called 2 times\n{failed} failed, {passed} passed",
    "Exit code 1\n{test}: timeout after 5 s\n{failed} failed, {passed} passed",
)
AGENT_TASKS: tuple[str, ...] = (
    "Find every caller of {symbol}",
    "How {area} is tested",
    "Where {area} is configured",
)
SKILLS: tuple[str, ...] = ("ship", "write-tests", "changelog-entry", "triage")
