"""What happens in an invented session: a task, the practices of the person who works on it, and
what comes of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from accrete.practices import all_practices
from accrete.wire.travels import typed
from accrete_team.demo import phrases
from accrete_team.demo.session import Building, Moment, Row
from accrete_team.demo.steps import Steps

EDITING = frozenset({"feature", "fix", "refactor", "test", "docs"})
OLDER = frozenset({
    "claude-opus-4-5", "claude-opus-4-6", "claude-opus-4-7", "claude-sonnet-4-5",
    "claude-sonnet-4-6", "claude-haiku-4-5",
})  # fmt: skip
"""Models for which the client has task tools."""
ENOUGH_CALLS, LISTED_CALLS, SOME_CALLS = 10, 8, 5
"""Calls from which on subagents, task lists, and steering are possible."""
EARLY, SPECIFIC = 5, 3
"""Calls since the prompt up to which a correction is early; words that say something."""
LATEST = 20
"""The local hour after which nobody begins another turn."""
RUN, SEQ = (tuple(typed("tool_call")).index(name) for name in ("run", "seq"))


class Plot(Steps):
    """One session as it is told."""

    steered = False

    def tell_alone(self) -> dict[str, list[Row]]:
        """A session that a program started: one prompt, a few steps, an answer."""
        self.by_program = True
        self.prompt(f"Summarise what changed in {self.topic.area} since yesterday.", source="sdk",
                    mode="default")  # fmt: skip
        for _ in range(self.rng.randrange(1, 4)):
            self.search()
        self.b.respond(self.say(phrases.TOLD), stop="end_turn")
        return self._finish()

    def tell(self, prompts: int, next_day: Callable[[], int | None]) -> dict[str, list[Row]]:
        """The whole session. next_day: gives a time on a later day, once, or None."""
        self.opening()
        for _ in range(prompts - 1):
            if self.stopped:
                break
            pause = self.rng.lognormvariate(4.4, 1.0) * self.pace
            later = next_day() if self.rng.random() < 0.02 else None
            self.b.at = self.b.last + int(min(pause, 5_400) * 1000) if later is None else later
            if self.b.local.day_and_hour(self.b.at)[1] % 24 >= LATEST:
                break
            self.following()
        self.closing()
        return self._finish()

    def opening(self) -> None:
        """The first turn."""
        uses, b = self.uses, self.b
        first = self.say(phrases.FIRST_PROMPTS[self.kind])
        mention = uses["context"] and self.rng.random() < 0.5
        text = f"{first} @{self.topic.file}" if mention else first
        planned = uses["planning"] and self.kind in EDITING
        if uses["skills"] and self.kind != "operate" and self.rng.random() < 0.4:
            skill = self.skill()
            record = self.prompt(f"/{skill} {text}", kind="slash_command", command=skill,
                                 mode="plan" if planned else None)  # fmt: skip
            self.see("skills", record, *(() if ":" in skill else ("own",)), note=skill)
        else:
            record = self.prompt(text, mode="plan" if planned else "default")
        moment = self.see("planning", record) if planned else None
        if mention:
            self.see("context", record, "mention", note=f"@{self.topic.file}")
        if b.rng.random() < 0.02:
            b.api_error()
        if uses["isolation"] and self.kind in EDITING:
            self.answer()
            made = b.call("EnterWorktree", None, given={"name": self.topic.area.replace(" ", "-")},
                          output="Entered a worktree.")  # fmt: skip
            self.see("isolation", made, "own-branch", note="EnterWorktree")
        if uses["delegation"]:
            kind = "Explore" if self.rng.random() < 0.8 else "code-archaeologist"
            self.delegate(kind, several=self.well("delegation") and self.rng.random() < 0.4)
        for _ in range(self.rng.randrange(1, 4)):
            self.search() if self.rng.random() < 0.4 else self.read(
                self.rng.choice((self.topic.file, self.topic.test))
            )
        if moment is not None:
            self.plan(moment)
        if uses["artifacts"] and self.kind != "operate":
            name = f"docs/{self.topic.area.replace(' ', '-')}.md"
            self.write(name, self.say(phrases.PLANS) + "\n\n## Open questions\n\nNone.")
            if self.well("artifacts"):
                self.read(name)
                self.seen["artifacts"][0]["marks"] = "read-again"
        if uses["skills"] and "skills" not in self.seen:
            skill = self.skill()
            self.answer()
            made = b.call("Skill", None, variant=skill, given={"skill": skill},
                          output="Loaded.")  # fmt: skip
            self.see("skills", made, *(() if ":" in skill else ("own",)), note=skill)
        if uses["task-tracking"] and b.where.model in OLDER:
            self.track()
        self.work()

    def skill(self) -> str:
        """A skill of one's own, or one of a plugin."""
        name = self.rng.choice(phrases.SKILLS)
        return name if self.well("skills") else f"team-kit:{name}"

    def plan(self, moment: Moment) -> None:
        """A plan, sent back or not, and approved."""
        b, plan = self.b, self.say(phrases.PLANS)
        marks = {"approved", "before-first-edit"}
        if self.well("planning"):
            self.answer()
            refused = b.call("ExitPlanMode", None, given={"plan": plan}, status="rejected",
                   decision=("reject", "user_reject"), ms=None,
                   output="The user doesn't want to proceed with this tool use.")  # fmt: skip
            self.see("steering", refused, note="refused")
            b.wait(self.rng.randrange(5_000, 90_000))
            self.prompt(self.say(phrases.CORRECTIONS), mode="plan")
            marks.add("revised")
        self.answer("Here is the plan.")
        b.call("ExitPlanMode", None, given={"plan": plan}, output="User has approved your plan.",
               decision=("accept", "user_temporary"))  # fmt: skip
        moment["marks"] = " ".join(sorted(marks))

    def track(self) -> None:
        """A task list that is kept, or not."""
        done = 3 if self.well("task-tracking") else 1
        names = ("Write a failing test", "Change the code", "Run everything")
        first = None
        for at in range(done + 1):
            todos = [{"content": name, "status": "completed" if n < at else "pending"}
                     for n, name in enumerate(names)]  # fmt: skip
            self.answer()
            made = self.b.call("TodoWrite", None, given={"todos": todos}, output="Updated.")
            first = first or made
        assert first is not None
        self.see("task-tracking", first, *(("finished", "kept-current") if done == 3 else ()))

    def work(self) -> None:
        """Edits and checks of a turn, and its last answer."""
        rng = self.rng
        if self.kind in EDITING:
            file = {"test": self.topic.test, "docs": "README.md"}.get(self.kind, self.topic.file)
            for _ in range(1 + int(rng.expovariate(0.7))):
                here = self.first_edit is None or self.kind == "docs" or rng.random() < 0.7
                self.edit(file if here else self.topic.test)
            if self.uses["verification"] and self.first_code is not None:
                self.verify()
        elif self.kind == "operate":
            for command in ("git status", "make install", "gh run list"):
                self.answer()
                self.b.call("Bash", command, given={"command": command}, output="done")
        said = phrases.DONE if self.kind in EDITING else phrases.TOLD
        if self.b.context > limit(self.b):
            self.b.compact()
        self.b.respond(self.say(said), output=rng.randrange(120, 1_400), stop="end_turn")

    def verify(self) -> None:
        """Tests, a repair where they fail, tests again."""
        well = self.well("verification")
        passes = self.rng.random() < 0.6
        self.check(passes=passes)
        if not passes and well:
            self.edit(self.topic.file)
            self.check(passes=True)
        elif self.rng.random() < 0.2:
            self.check(passes=self.rng.random() < 0.9, lint=True)

    def following(self) -> None:
        """Another turn."""
        b, rng = self.b, self.rng
        if self.uses["steering"] and not self.steered and b.main_calls >= SOME_CALLS:
            self.steer()
            return
        changes = rng.random() < 0.6 and self.kind in EDITING
        text = self.say(phrases.CHANGES if changes else phrases.QUESTIONS)
        if rng.random() < 0.05:
            queued = self.prompt(text, kind="queued_prompt", source="queued")
            self.see("steering", queued, note="said while it worked")
        else:
            self.prompt(text, mode="default")
        for _ in range(rng.randrange(0 if changes else 1, 3)):
            self.read(self.topic.test) if rng.random() < 0.5 else self.search()
        if changes:
            self.work()
        else:
            b.respond(self.say(phrases.TOLD), stop="end_turn")

    def steer(self) -> None:
        """The person stops Claude and says what to do instead."""
        b, well, self.steered = self.b, self.well("steering"), True
        self.prompt(self.say(phrases.CHANGES), mode="default")
        for _ in range(2 if well else 7):
            self.search()
        self.see("steering", b.interrupt(), note="interrupted")
        if self.rng.random() < 0.12:
            self.stopped = True
            return
        b.wait(self.rng.randrange(4_000, 60_000))
        self.prompt(self.say(phrases.CORRECTIONS), mode="default")
        self.work()

    def closing(self) -> None:
        """Review, commit, and keeping the context small."""
        if self.stopped:
            return
        b, rng, uses = self.b, self.rng, self.uses
        if self.first_code is not None and uses["review"]:
            b.wait(rng.randrange(8_000, 120_000))
            self.prompt("Have a subagent with a fresh context review this diff.", mode="default")
            self.review()
        if self.first_edit is not None and uses["committing"]:
            b.wait(rng.randrange(8_000, 120_000))
            self.prompt("Commit this with a message that says why.", mode="default")
            self.commit()
            b.respond(self.say(phrases.COMMITTED), stop="end_turn")
        if uses["context"] and "context" not in self.seen:
            b.wait(rng.randrange(4_000, 60_000))
            text = "/compact keep the decisions" if self.well("context") else "/context"
            record = self.prompt(text, kind="slash_command", command=text.split()[0][1:])
            marks = {"before-the-wall", "with-instructions"} if " " in text else set()
            self.see("context", record, *marks, note=text.split()[0])
            if marks:
                b.wait(9_000)
                b.compact()

    def review(self) -> None:
        """A subagent reviews the change; what it finds is mended, or not."""
        (moment,) = self.delegate("code-reviewer", several=False)
        marks = {"after-edits"}
        if self.well("review") and self.edit(self.topic.file):
            marks.add("acted-on")
        self.seen.setdefault("review", []).append({**moment, "marks": " ".join(sorted(marks))})
        if self.uses["verification"]:
            self.check(passes=True)
        self.b.respond(self.say(phrases.REVIEWED), stop="end_turn")

    # -- the end

    def _finish(self) -> dict[str, list[Row]]:
        b = self.b
        self._late_marks()
        landed, code = self.first_edit is not None, self.first_code is not None
        possible = {
            "artifacts": landed or b.main_calls >= SOME_CALLS,
            "committing": landed, "context": True,
            "delegation": b.main_calls >= ENOUGH_CALLS or "delegation" in self.seen,
            "isolation": landed, "planning": landed or "planning" in self.seen, "review": code,
            "skills": True, "steering": None if self.by_program else b.main_calls >= SOME_CALLS,
            "task-tracking": "task-tracking" in self.seen
            or (b.where.model in OLDER and b.main_calls >= LISTED_CALLS),
            "verification": code,
        }  # fmt: skip
        for practice in all_practices():
            b.add_practice(practice.name, practice.version, possible[practice.name],
                           self.seen.get(practice.name, ()))  # fmt: skip
        commits, pulls = len(b.rows["session_commit"]), len(b.rows["session_pull"])
        edited = {path for _, path in b.files}
        files = len(edited)
        if commits:
            outcome = "shipped", f"{commits} commit" + (" and 1 pull request" if pulls else "")
        elif landed:
            outcome = "delivered", f"{files} file{'s' * (files != 1)} edited, none committed"
        elif self.stopped:
            outcome = "abandoned", "stopped, nothing edited"
        else:
            outcome = "explored", "answered, nothing edited"
        if not landed:
            category = "operate" if self.kind == "operate" else "explore", "nothing edited"
        elif not code:
            category = "docs", "only prose was edited"
        elif all(path == self.path(self.topic.test) for path in edited if path[-3:] != ".md"):
            category = "fix" if self.kind == "fix" else "test", "only tests were edited"
        else:
            category = self.kind, f"branch {b.where.branch}"
        return b.finish(
            automated=int(self.by_program), outcome=outcome[0], outcome_reason=outcome[1],
            title=self.say(phrases.TITLES[self.kind])[:100], title_source="ai_title",
            category=category[0], category_reason=category[1],
        )  # fmt: skip

    def _late_marks(self) -> None:
        """Marks that only the end of a session tells."""
        red = max((n for n, (*_, passed) in enumerate(self.checks) if not passed), default=-1)
        last: dict[str, bool] = {}
        for n, ((made, what, passed), moment) in enumerate(
            zip(self.checks, self.seen.get("verification", ()), strict=True)
        ):
            marks = ["failure-fixed"] if passed and not last.get(what, True) else []
            if passed and n > red and made.seq >= self.last_edit:
                marks.append("green-at-the-end")
            last[what] = passed
            moment["marks"] = " ".join(marks)
        for moment in self.seen.get("delegation", ()):
            if self.first_edit is None or moment["seq"] < self.first_edit:
                moment["marks"] = " ".join(sorted({*moment["marks"].split(), "research-first"}))
        for moment in self.seen.get("artifacts", ()):
            if self.first_code is not None and moment["seq"] < self.first_code:
                moment["marks"] = " ".join(sorted({*moment["marks"].split(), "before-code"}))
        self._steering()

    def _steering(self) -> None:
        """Whether corrections came early, and said what to do; the third about one thing does
        not."""
        calls = [row for row in self.b.rows["tool_call"] if not row[RUN]]
        about: dict[int, int] = defaultdict(int)
        for moment in sorted(self.seen.get("steering", ()), key=lambda each: each["seq"]):
            turn = max((at.seq for at, _, _ in self.turns if at.seq < moment["seq"]), default=0)
            later = [each for each in self.turns if each[0].seq > moment["seq"]][:1]
            own = [each for each in self.turns if each[0].uuid == moment["uuid"]]
            said = own or [each for each in later if each[1] != "slash_command"]
            marks = []
            seqs = [seq for row in calls if isinstance(seq := row[SEQ], int)]
            if sum(turn < seq < moment["seq"] for seq in seqs) <= EARLY:
                marks.append("early")
            if said and len(said[0][2].split()) >= SPECIFIC:
                marks.append("specific")
            moment["marks"] = " ".join(marks if about[turn] < 2 else ())
            about[turn] += 1


def limit(b: Building) -> int:
    """The tokens from which on the client summarises by itself."""
    return 150_000 + len(b.rows["response"]) % 7 * 1_000
