"""Paths on the screen are relative to the project, whichever command shows them; what somebody said
stays as it was said."""

from __future__ import annotations

import json

import pytest

from accrete.queries.folders import within
from tests.commands.made import asked
from tests.transcripts import Transcript


@pytest.mark.long
@pytest.mark.parametrize(
    "cwd", ["/home/dev/demo", "/home/dev/some/quite/long/way/down/to/the/demo", "C:\\work\\demo"]
)
@pytest.mark.parametrize(
    "command",
    [("search", "kiwifruit"), ("debug", "--action", "kiwifruit"), ("debug", "look")],
    ids=" ".join,
)
def test_every_command_that_shows_paths_shows_them_relative(command, cwd, run, kept):
    slash = "\\" if "\\" in cwd else "/"
    path = slash.join((cwd, "src", "kiwifruit.md"))
    t = Transcript(1, cwd=cwd)
    t.prompt(f"{path} is what I mean")
    t.answer("msg_b", blocks=[{"type": "text", "text": "I look."}])
    t.call("Read", {"file_path": path}, message_id="msg_c", use="toolu_c")
    t.result("Papaya", use="toolu_c")
    kept(t)
    lines = [line.strip().removeprefix("→ ") for line in run(*command, columns=200)[1].splitlines()]
    shown = [line for line in lines if line.endswith("kiwifruit.md")]
    assert [line.removeprefix("Read").strip() for line in shown] == [
        slash.join(("src", "kiwifruit.md"))
    ]
    if command[0] == "search":
        said = next(line for line in lines if line.endswith("kiwifruit.md is what I mean"))
        assert said != slash.join(("src", "kiwifruit.md is what I mean"))
    said = json.dumps(asked(run, *command))
    assert json.dumps(path)[1:-1] in said or command[0] == "search"


@pytest.mark.parametrize(
    ("path", "folders", "shown"),
    [
        ("/a/demo/x", ["/a/demo"], "x"),
        ("…/a/demo/x", ["/a/demo"], "x"),
        ("…demo/x", ["/some/long/demo"], "…demo/x"),  # too little is left to know it by
        ("…/demo/x", ["/some/long/demo"], "x"),
        ("…/demo-two/x", ["/some/long/demo"], "…/demo-two/x"),
        ("/a/demo", ["/a/demo"], "/a/demo"),
        ("/a/demo/", ["/a/demo"], "/a/demo/"),
        ("/a/demo/x", ["", "/b", "/a/demo/"], "x"),
        ("/a/\x02demo\x03/x", ["/a/demo"], "/a/\x02demo\x03/x"),  # the folder is what was found
        (None, ["/a"], None),
    ],
)
def test_a_path_is_relative_to_the_first_folder_that_it_lies_in(path, folders, shown):
    assert within(path, folders) == shown
