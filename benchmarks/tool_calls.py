"""Makes tool calls with their results in the shapes and sizes of real ones."""

from __future__ import annotations

from collections.abc import Callable
from operator import add
from typing import NamedTuple

from wording import Dice, Wording, escaped, fake_secret

ARROWS = [f"{n:6d}→" for n in range(1, 2002)]
TABS = [f"{n}\\t" for n in range(1, 2002)]


class Call(NamedTuple):
    """A tool call: its input, the result as the model saw it and as the client kept it, all as
    JSON."""

    name: str
    input: str
    content: str
    outcome: str
    is_error: bool = False
    rejected: bool = False
    commit: bool = False
    pull_request: str = ""


class Workshop:
    """A repository under work: its folder, files and wording, and how the client of the day writes.

    secrets: how many fake credentials were planted in outputs.
    """

    def __init__(self, dice: Dice, wording: Wording, cwd: str, pull_requests: int = 0) -> None:
        self.dice, self.wording, self.cwd = dice, wording, cwd
        self.secrets = 0
        self.pull_requests = pull_requests
        words = wording.words(240)
        self.files = [
            (
                f"{cwd}/src/{words[3 * i]}/{words[3 * i + 1]}_{words[3 * i + 2]}"
                f".{dice.pick(('py', 'ts', 'tsx', 'go', 'md'))}",
                wording.code_lines(dice.size((15, 40, 65, 90, 125, 160, 200, 260, 350, 520, 1300))),
            )
            for i in range(80)
        ]

    def file(self) -> tuple[str, list[str]]:
        """A file's path and its lines; some files come up far more often than others."""
        return self.files[int(self.dice.roll() * self.dice.roll() * len(self.files))]

    def output(self, lines: int) -> str:
        """A command's output; now and then with a credential in it."""
        text = self.wording.log_text(lines)
        if self.dice.chance(0.008):
            self.secrets += 1
            text = f"{text}\\n{fake_secret(self.dice)}\\n{self.wording.log_text(2)}"
        return text


def bash(shop: Workshop, modern: bool) -> Call:
    """A command; its output stands in the message and in the client's record."""
    dice = shop.dice
    if dice.chance(0.04):
        return _commit(shop, modern)
    a, b, c = shop.wording.words(3)
    command = dice.pick(
        (
            f"pytest -q tests/{a} -k {b}",
            f"git diff --stat {a}/{b}",
            f"grep -rn '{a}_{b}' src | head -{dice.below(90)}",
            f"cd {shop.cwd} && npm run {a}:{b} 2>&1 | tail -{dice.below(60)}",
            f"ls -la src/{a}/{b}",
            f"python -m {a}.{b} --{c} {dice.below(999)}",
            f"cat <<'EOF' > /tmp/{a}.py\\nimport {b}\\nprint({b}.{c}())\\nEOF\\npython /tmp/{a}.py",
        )
    )
    given = f'{{"command":"{command}","description":"{shop.wording.title()}"}}'
    lines = dice.size((0, 1, 2, 3, 5, 7, 11, 17, 28, 50, 150))
    text = shop.output(lines) if lines else ""
    if dice.chance(0.1):
        text = f"Exit code {dice.between(1, 2)}\\n{text}"
        return Call("Bash", given, f'"{text}"', f'"Error: {text}"', is_error=True)
    return Call("Bash", given, f'"{text}"', _bash_outcome(text))


def _bash_outcome(text: str, more: str = "") -> str:
    return (
        f'{{"stdout":"{text}","stderr":"","interrupted":false,"isImage":false,'
        f'"noOutputExpected":false{more}}}'
    )


def _commit(shop: Workshop, modern: bool) -> Call:
    dice = shop.dice
    subject, sha = shop.wording.title(), dice.hexadecimal(7)
    if dice.chance(0.12):
        return _pull_request(shop, subject, modern)
    text = (
        f"[main {sha}] {subject}\\n {dice.between(1, 9)} files changed, {dice.below(300)} "
        f"insertions(+), {dice.below(90)} deletions(-)"
    )
    more = f',"gitOperation":{{"commit":{{"sha":"{sha}","kind":"committed"}}}}' if modern else ""
    given = (
        f'{{"command":"git add -A && git commit -m '
        f'\\"{subject}\\"","description":"Commit the change"}}'
    )
    return Call("Bash", given, f'"{text}"', _bash_outcome(text, more), commit=True)


def _pull_request(shop: Workshop, subject: str, modern: bool) -> Call:
    shop.pull_requests += 1
    name = shop.cwd.rsplit("/", 1)[1]
    url = f"https://github.com/example/{name}/pull/{shop.pull_requests}"
    more = (
        f',"gitOperation":{{"pr":{{"number":{shop.pull_requests},'
        f'"url":"{url}","action":"created"}}}}'
        if modern
        else ""
    )
    given = (
        f'{{"command":"gh pr create --title \\"{subject}\\" --body '
        f'\\"{shop.wording.prose_text(3)}\\"","description":"Open a pull request"}}'
    )
    return Call("Bash", given, f'"{url}"', _bash_outcome(url, more), pull_request=url)


def read(shop: Workshop, modern: bool) -> Call:
    """A file read whole or in part."""
    path, lines = shop.file()
    if shop.dice.chance(0.05):
        message = "File does not exist."
        return Call(
            "Read",
            f'{{"file_path":"{path}x"}}',
            f'"{message}"',
            f'"Error: {message}"',
            is_error=True,
        )
    start, given = 0, f'{{"file_path":"{path}"}}'
    whole = len(lines)
    if whole > 60 and shop.dice.chance(0.5):
        start, count = shop.dice.below(whole - 40), shop.dice.between(20, 120)
        lines = lines[start : start + count]
        given = f'{{"file_path":"{path}","offset":{start + 1},"limit":{count}}}'
    numbers = TABS if modern else ARROWS
    shown = "\\n".join(map(add, numbers[start : start + len(lines)], lines))
    content = "\\n".join(lines)
    outcome = (
        f'{{"type":"text","file":{{"filePath":"{path}","content":"{content}",'
        f'"numLines":{len(lines)},"startLine":{start + 1},"totalLines":{whole}}}}}'
    )
    return Call("Read", given, f'"{shown}"', outcome)


def edit(shop: Workshop, modern: bool) -> Call:
    """A replacement in a file: the client keeps the whole original and a patch."""
    dice = shop.dice
    path, lines = shop.file()
    at, gone = dice.below(max(1, len(lines) - 12)), dice.between(1, 10)
    old, new = lines[at : at + gone], shop.wording.code_lines(dice.between(1, 14))
    before, after = "\\n".join(old), "\\n".join(new)
    given = (
        f'{{"replace_all":false,"file_path":"{path}",'
        f'"old_string":"{before}","new_string":"{after}"}}'
    )
    if dice.chance(0.04):
        text = f"String to replace not found in file.\\nString: {before}"
        return Call(
            "Edit",
            given,
            f'"<tool_use_error>{text}</tool_use_error>"',
            f'"Error: {text}"',
            is_error=True,
        )
    around = lines[max(0, at - 3) : at], lines[at + gone : at + gone + 3]
    patch = ",".join(
        [f'" {line}"' for line in around[0]] + [f'"-{line}"' for line in old]
        + [f'"+{line}"' for line in new] + [f'" {line}"' for line in around[1]]
    )  # fmt: skip
    same = len(around[0]) + len(around[1])
    hunk = (
        f'{{"oldStart":{at + 1},"oldLines":{same + len(old)},"newStart":{at + 1},'
        f'"newLines":{same + len(new)},"lines":[{patch}]}}'
    )
    whole = "\\n".join(lines)
    outcome = (
        f'{{"filePath":"{path}","oldString":"{before}","newString":"{after}",'
        f'"originalFile":"{whole}","structuredPatch":[{hunk}],'
        f'"userModified":false,"replaceAll":false}}'
    )
    return Call("Edit", given, f'"The file {path} has been updated successfully."', outcome)


def write(shop: Workshop, modern: bool) -> Call:
    """A new file."""
    path, lines = (
        f"{shop.file()[0]}.new",
        shop.wording.code_lines(shop.dice.size((5, 30, 60, 90, 200))),
    )
    text = "\\n".join(lines)
    outcome = (
        f'{{"type":"create","filePath":"{path}","content":"{text}",'
        f'"structuredPatch":[],"originalFile":null}}'
    )
    return Call(
        "Write",
        f'{{"file_path":"{path}","content":"{text}"}}',
        f'"File created successfully at: {path}"',
        outcome,
    )


def grep(shop: Workshop, modern: bool) -> Call:
    """A search in the files."""
    path, lines = shop.file()
    found = lines[: shop.dice.size((1, 3, 8, 20, 60))]
    text = "\\n".join(f"{path}:{n}:{line}" for n, line in enumerate(found, 1))
    given = (
        f'{{"pattern":"{shop.wording.words(1)[0]}",'
        f'"path":"{shop.cwd}/src","output_mode":"content","-n":true}}'
    )
    return Call(
        "Grep",
        given,
        f'"{text}"',
        f'{{"mode":"content","numFiles":0,"filenames":[],'
        f'"content":"{text}","numLines":{len(found)}}}',
    )


def glob(shop: Workshop, modern: bool) -> Call:
    """A search for files."""
    paths = [path for path, _ in shop.files[: shop.dice.between(1, 40)]]
    names = ",".join(f'"{path}"' for path in paths)
    return Call(
        "Glob",
        '{"pattern":"src/**/*"}',
        '"' + "\\n".join(paths) + '"',
        f'{{"filenames":[{names}],"durationMs":{shop.dice.below(90)},'
        f'"numFiles":{len(paths)},"truncated":false}}',
    )


def todo_write(shop: Workshop, modern: bool) -> Call:
    """The list of tasks, written anew."""
    todos = ",".join(
        f'{{"content":"{shop.wording.title()}","status":"{status}",'
        f'"activeForm":"{shop.wording.title()}"}}'
        for status in ("completed", "in_progress", "pending", "pending")
    )
    return Call("TodoWrite", f'{{"todos":[{todos}]}}', '"Todos have been modified successfully."',
                f'{{"oldTodos":[{todos}],"newTodos":[{todos}]}}')  # fmt: skip


def task_update(shop: Workshop, modern: bool) -> Call:
    """A task set to another state."""
    task = shop.dice.between(1, 9)
    return Call(
        "TaskUpdate",
        f'{{"taskId":"{task}","status":"completed"}}',
        f'"Updated task #{task} status"',
        f'{{"success":true,"taskId":"{task}","updatedFields":["status"],'
        f'"statusChange":{{"from":"in_progress","to":"completed"}}}}',
    )


def web_fetch(shop: Workshop, modern: bool) -> Call:
    """A page and what a small model said of it."""
    text, word = shop.wording.prose_text(shop.dice.between(4, 40)), shop.wording.words(1)[0]
    url = f"https://docs.example.com/{escaped(word)}/{shop.dice.below(999)}"
    outcome = (
        f'{{"bytes":{len(text)},"code":200,"codeText":"OK","result":"{text}",'
        f'"durationMs":{shop.dice.below(4000)},"url":"{url}"}}'
    )
    return Call(
        "WebFetch", f'{{"url":"{url}","prompt":"{shop.wording.title()}"}}', f'"{text}"', outcome
    )


def issue_search(shop: Workshop, modern: bool) -> Call:
    """A call of an MCP server: blocks in the message and as the client's record."""
    blocks = f'[{{"type":"text","text":"{shop.wording.prose_text(shop.dice.between(2, 20))}"}}]'
    return Call(
        "mcp__tracker__search_issues", f'{{"query":"{shop.wording.title()}"}}', blocks, blocks
    )


def skill(shop: Workshop, modern: bool) -> Call:
    """A skill that the model loaded."""
    return Call(
        "Skill",
        '{"skill":"tidy"}',
        '"Launching skill: tidy"',
        '{"success":true,"commandName":"tidy"}',
    )


Maker = Callable[[Workshop, bool], Call]
OLD_TOOLS: tuple[Maker, ...] = (
    *[bash] * 34,
    *[read] * 24,
    *[edit] * 18,
    *[write] * 4,
    *[grep] * 9,
    *[glob] * 3,
    *[todo_write] * 5,
    web_fetch,
    issue_search,
    skill,
)
"""As often as older clients' models used them, in percent."""
NEW_TOOLS: tuple[Maker, ...] = (
    *[bash] * 48,
    *[read] * 24,
    *[edit] * 18,
    *[write] * 4,
    *[task_update] * 2,
    *[web_fetch] * 2,
    issue_search,
    skill,
)
"""Without Grep, Glob and TodoWrite, which the newest client does not offer."""


def make_call(shop: Workshop, modern: bool) -> Call:
    """Any call; one in eighty is refused by the person."""
    planted = shop.secrets
    call = shop.dice.pick(NEW_TOOLS if modern else OLD_TOOLS)(shop, modern)
    if shop.dice.chance(1 / 80):
        shop.secrets = planted
        text = (
            "The user doesn't want to proceed with this tool use. The tool use was rejected (eg. "
            "if it was a file edit, the new_string was NOT written to the file). STOP what you are "
            "doing and wait for the user to tell you how to proceed."
        )
        return Call(
            call.name,
            call.input,
            f'"{text}"',
            '"User rejected tool use"',
            is_error=True,
            rejected=True,
        )
    return call
