"""The steps that an invented session is made of: prompts, reads, edits, checks, subagents, commits,
each with what it shows of practices.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from accrete.outcomes.checks import checks_of
from accrete.outcomes.shell import commands
from accrete_team.demo import phrases
from accrete_team.demo.repositories import Repository, Topic
from accrete_team.demo.session import Building, Called, Moment

KINDS = {
    "feature": 32, "fix": 26, "explore": 16, "refactor": 10, "test": 7, "docs": 5, "operate": 4,
}  # fmt: skip
"""How often people work on what."""
SMALL_COMMIT, DOCUMENT = 200, 5
"""Lines of a small commit, and of what counts as a document."""


@cache
def _told_by(command: str) -> tuple[str, str, bool]:
    """The kind and the runner of a check, and whether its counts are read from what it prints."""
    (found,) = checks_of(commands(command), status="ok", output="3 passed")
    return found.kind, found.runner, found.passed is not None


class Steps:
    """A session whose steps are told one by one. uses: which practices the person uses in it; good:
    how often each is done well; pace: how long they take, about 1."""

    def __init__(
        self, b: Building, repository: Repository, topic: Topic, kind: str,
        uses: Mapping[str, bool],
        good: Mapping[str, float], pace: float,
    ) -> None:  # fmt: skip
        self.b, self.rng, self.pace = b, b.rng, pace
        self.repository, self.topic, self.uses, self.good = repository, topic, uses, good
        self.kind = kind
        self.seen: dict[str, list[Moment]] = {}
        self.turns: list[tuple[Called, str, str]] = []
        self.documents: dict[str, Moment | int] = {}
        self.first_edit: int | None = None
        self.first_code: int | None = None
        self.last_edit = -1
        self.checks: list[tuple[Called, str, bool]] = []
        self.lines = 0
        self.green = False
        self.stopped = self.by_program = False
        self._words = {
            "area": topic.area, "Area": topic.area[0].upper() + topic.area[1:],
            "file": topic.file, "test": topic.test, "symbol": topic.symbol,
            "trouble": topic.trouble, "trouble_low": topic.trouble[0].lower() + topic.trouble[1:],
            "wish": topic.wish, "repo": repository.name, "failed": 1, "passed": 11,
        }  # fmt: skip

    # -- words and moments

    def say(self, templates: tuple[str, ...]) -> str:
        """One of the templates, about this topic."""
        return self.rng.choice(templates).format_map(self._words)

    def path(self, file: str) -> str:
        """The whole path of a file of the repository."""
        return f"{self.b.where.cwd}/{file}"

    def well(self, practice: str) -> bool:
        """Whether a practice is done well this time."""
        return self.rng.random() < self.good[practice]

    def see(self, practice: str, at: Called, *marks: str, note: str | None = None) -> Moment:
        """A moment of a practice; its marks may be added to later."""
        found: Moment = {
            "uuid": at.uuid, "seq": at.seq, "tool_use_id": at.use, "at": at.at,
            "local_day": self.b.local.day(at.at), "marks": " ".join(sorted(marks)), "note": note,
        }  # fmt: skip
        self.seen.setdefault(practice, []).append(found)
        return found

    # -- steps

    def prompt(
        self,
        text: str,
        *,
        kind: str = "typed_prompt",
        mode: str | None = None,
        command: str | None = None,
        source: str = "typed",
    ) -> Called:
        """The person says something. Returns its record."""
        made = self.b.prompt(text, kind=kind, mode=mode, command=command, source=source)
        self.turns.append((made, kind, text))
        return made

    def answer(self, text: str | None = None) -> None:
        """A step of Claude that may say something before it acts."""
        self.b.respond(text)

    def read(self, file: str) -> Called:
        """Claude reads a file."""
        self.answer(self.say(phrases.STEPS) if self.rng.random() < 0.2 else None)
        code = "\n".join(self.rng.choice(self.repository.code) for _ in range(6))
        return self.b.call("Read", self.path(file), given={"file_path": self.path(file)},
                           output=code)  # fmt: skip

    def search(self) -> None:
        """Claude looks for something."""
        self.answer()
        symbol, folder = self.topic.symbol, self.topic.file.split("/")[0]
        if self.rng.random() < 0.5:
            self.b.call(
                "Grep",
                symbol,
                given={"pattern": symbol, "path": folder},
                output=f"{self.topic.file}:41: {symbol}\n{self.topic.test}:9: {symbol}",
            )
        else:
            command = f"grep -rn {symbol} {folder}"
            self.b.call("Bash", command, given={"command": command},
                        output=f"{self.topic.file}:41:{symbol}")  # fmt: skip

    def edit(self, file: str) -> bool:
        """Claude changes a file; returns whether it was applied."""
        rng, b = self.rng, self.b
        self.answer(self.say(phrases.STEPS) if rng.random() < 0.15 else None)
        path, lines = (
            self.path(file),
            (1 + int(rng.expovariate(1 / 14)), int(rng.expovariate(1 / 6))),
        )
        new, old = rng.choice(self.repository.code), rng.choice(self.repository.code)
        change = {"file_path": path, "old_string": old, "new_string": new}
        chance = rng.random()
        if chance < 0.04 and self.first_edit is not None:
            b.call("Edit", path, given=change, status="error", error="string_not_found",
                   output="String to replace not found in file.")  # fmt: skip
            b.count("edits_proposed")
            return False
        if chance < 0.08 and self.first_edit is not None and self.uses["steering"]:
            made = b.call("Edit", path, given=change, status="rejected", output="Not like this.",
                          decision=("reject", "user_reject"))  # fmt: skip
            b.count("edits_proposed")
            self.see("steering", made, note="refused")
            return False
        asked = b.where.entrypoint == "cli" and chance < 0.3
        made = b.call(
            "Edit", path, given=change, lines=lines, output=self._patch(lines),
            decision=("accept", "user_temporary") if asked else ("accept", "config"),
            by_person=chance > 0.98,
        )  # fmt: skip
        b.landed(path, lines)
        b.count("edits_changed_by_user", int(chance > 0.98))
        self._edited(made, path, lines)
        return True

    def write(self, file: str, text: str) -> Called:
        """Claude writes a document."""
        self.answer()
        path, lines = self.path(file), (text.count("\n") + 1, 0)
        made = self.b.call("Write", path, given={"file_path": path, "content": text}, lines=lines,
                           output="")  # fmt: skip
        self.b.landed(path, lines)
        self._edited(made, path, lines, whole=True)
        return made

    def _edited(self, made: Called, path: str, lines: tuple[int, int], *, whole: bool = False
                ) -> None:  # fmt: skip
        self.first_edit = made.seq if self.first_edit is None else self.first_edit
        if path.endswith(".md"):
            written = self.documents.get(path, 0)
            if isinstance(written, int):
                written += DOCUMENT if whole else lines[0]
                name = path.rpartition("/")[2]
                self.documents[path] = (
                    self.see("artifacts", made, note=name) if written >= DOCUMENT else written
                )
        else:
            self.first_code = made.seq if self.first_code is None else self.first_code
            self.green = False
        self.last_edit = made.seq
        self.lines += sum(lines)

    def _patch(self, lines: tuple[int, int]) -> str:
        if self.b.tier < 2:
            return ""
        code = self.repository.code
        out = [f"@@ -{self.rng.randrange(1, 300)} +{self.rng.randrange(1, 300)} @@"]
        out += ["-" + self.rng.choice(code) for _ in range(lines[1])]
        out += ["+" + self.rng.choice(code) for _ in range(lines[0])]
        return "\n".join(out)

    def check(self, *, passes: bool, lint: bool = False) -> None:
        """Claude runs the tests, or the linter."""
        command = self.repository.lint if lint else self.repository.check
        kind, runner, counts = _told_by(command)
        self.answer()
        n, bad = self.rng.randrange(4, 180), 0 if passes else self.rng.randrange(1, 4)
        self._words |= {"passed": n, "failed": bad}
        output = f"{n} passed" if passes else self.say(phrases.FAILURES)
        made = self.b.call(
            "Bash", command, given={"command": command}, output=output,
            status="ok" if passes else "error", error=None if passes else "exit_code",
            ms=self.rng.randrange(2_000, 70_000),
        )  # fmt: skip
        verdict = "passed" if passes else "failed"
        self.b.add_check(made, kind, runner, verdict, *((n, bad) if counts else (None, None)))
        self.green = passes
        if self.first_code is not None:
            self.checks.append((made, runner + kind, passes))
            self.see("verification", made, note=runner)

    def delegate(self, kind: str, several: bool) -> list[Moment]:
        """Claude gives work to subagents; returns their moments."""
        found = []
        self.answer(self.say(phrases.STEPS))
        for _ in range(2 if several else 1):
            task = self.say(phrases.AGENT_TASKS)
            made = self.b.call("Agent", task, variant=kind, open_ended=True,
                               given={"subagent_type": kind, "description": task})  # fmt: skip
            self.b.subagent(made, kind, task)
            for _ in range(self.rng.randrange(1, 4)):
                self.search() if self.rng.random() < 0.5 else self.read(self.topic.file)
            report = self.say(phrases.TOLD)
            self.b.respond(report, stop="end_turn")
            self.b.back(report)
            marks = {"several-at-once"} if several else set()
            marks |= set() if kind in ("Explore", "general-purpose") else {"own-type"}
            found.append(self.see("delegation", made, *marks, note=kind))
        return found

    def commit(self) -> None:
        """Claude commits, and sometimes opens a pull request."""
        b, rng = self.b, self.rng
        subject = self.say(phrases.SUBJECTS[self.kind])
        command = f"git commit -am '{subject.replace(chr(39), '')}'"
        sha = f"{rng.getrandbits(28):07x}"
        self.answer()
        made = b.call("Bash", command, given={"command": command},
                      output=f"[{b.where.branch} {sha}] {subject}")  # fmt: skip
        b.add_commit(made, sha, subject)
        marks = {"small"} if 0 < self.lines <= SMALL_COMMIT else set()
        marks |= {"checks-green"} if self.green else set()
        self.see("committing", made, *marks, note=subject)
        self.lines = 0
        if rng.random() < 0.35 and not b.rows["session_pull"]:
            self.answer()
            number = rng.randrange(100, 5_000)
            place = f"example/{self.repository.name}"
            url = f"https://github.com/{place}/pull/{number}"
            opened = b.call("Bash", "gh pr create --fill", given={"command": "gh pr create --fill"},
                            output=url)  # fmt: skip
            b.add_pull(opened, url, number, place)
