"""What a shell text runs: quotes of each shell, and substitutions without end."""

from __future__ import annotations

import pytest

from accrete.outcomes.commits import commit_commands
from accrete.outcomes.pushes import push_commands
from accrete.outcomes.shell import commands
from tests.records import kept, rows
from tests.transcripts import Transcript


@pytest.mark.parametrize(
    ("command", "pushed", "committed"),
    [
        ('cd "C:\\repo\\"; git commit -m "x"; git push', True, 1),
        ('& "C:\\Program Files\\Git\\bin\\git.exe" commit -m x', False, 1),
        ("git commit -m @'\nfix: don't break\n'@; git push", True, 1),
        ("Write-Output 'git push'", False, 0),
        ("git commit `\n  -m x", False, 1),
    ],
)
def test_powershell_has_its_own_quotes(command, pushed, committed):
    found = commands(command, powershell=True)
    assert (bool(push_commands(found)), len(commit_commands(found))) == (pushed, committed)


def test_substitutions_nested_without_end_stop_nothing(settings):
    t = Transcript(1)
    t.prompt("Go")
    t.call("Bash", {"command": "git log " + '"$(' * 1500})
    t.result("ok")
    t.answer("msg_2")
    kept(settings, t)
    assert rows(settings, "SELECT outcome, derive_error FROM session") == [("explored", None)]
