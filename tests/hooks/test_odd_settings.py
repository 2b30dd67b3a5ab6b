"""Every odd settings file goes in and comes out again: kept as it is where Claude Code reads it,
else left alone with a word."""

from __future__ import annotations

import json

import pytest
from accrete_hooks import handlers, install, jsontext
from accrete_hooks.settings_file import decode, encode

from tests.hooks.conftest import settings_of
from tests.hooks.odd_settings import LEFT_ASIDE, READ

pytestmark = pytest.mark.long

INIT = ("init", "--yes", "--no-backfill", "--no-mcp")


def value_of(data: bytes) -> dict:
    text = decode(data).removeprefix(jsontext.BOM)
    return json.loads(text) if text.strip() else {}


def ours_in(value: dict, home) -> dict[str, int]:
    return {
        event: sum(handlers.is_ours(hook, home) for hook in install.handlers(groups))
        for event, groups in value["hooks"].items()
    }


@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize(
    "options", [(), ("--statusline", "--retention", "90")], ids=["hooks", "all"]
)
def test_what_claude_code_reads_is_changed_and_given_back_byte_for_byte(place, run, name, options):
    path, before = settings_of(place), READ[name]
    path.write_bytes(before)
    code, said = run(*INIT, *options)
    assert code == 0, said
    after = value_of(path.read_bytes())
    assert {event: n for event, n in ours_in(after, place / "data").items() if n} == dict.fromkeys(
        install.EVENTS, 1
    )
    known = value_of(before)
    assert {
        key: after[key] for key in known if key not in ("hooks", "statusLine", "cleanupPeriodDays")
    } == {
        key: known[key] for key in known if key not in ("hooks", "statusLine", "cleanupPeriodDays")
    }
    assert run(*INIT, *options)[0] == 0
    assert value_of(path.read_bytes()) == after  # the second time nothing changes
    assert run("uninstall", "--yes")[0] == 0
    assert path.read_bytes() == before
    assert not list(path.parent.glob("settings.json?*"))
    assert not (place / "data" / "bin").exists()


@pytest.mark.parametrize("name", READ)
def test_what_somebody_changed_since_stays_and_nothing_of_ours_does(place, run, name):
    path, before = settings_of(place), READ[name]
    path.write_bytes(before)
    assert run(*INIT, "--statusline", "--retention", "90")[0] == 0
    data = path.read_bytes()
    text = decode(data)
    path.write_bytes(encode(jsontext.insert(text, jsontext.root(text), "mine", "since"), data))
    assert run("uninstall", "--yes")[0] == 0
    left = value_of(path.read_bytes())
    known = value_of(before)
    if known.get("hooks", 0) is None:  # null and nothing are the same to the client
        known["hooks"] = {}
    if isinstance(known.get("hooks"), dict):
        known["hooks"] = {event: groups or [] for event, groups in known["hooks"].items()}
        left["hooks"] = {event: groups or [] for event, groups in left["hooks"].items()}
    assert left == {**known, "since": "mine"}
    assert str(place / "data") not in decode(path.read_bytes())


@pytest.mark.parametrize("name", LEFT_ASIDE)
def test_what_cannot_be_changed_safely_is_left_alone_with_what_to_add_by_hand(place, run, name):
    path, (before, word) = settings_of(place), LEFT_ASIDE[name]
    path.write_bytes(before)
    code, said = run(*INIT)
    assert code == 1
    assert word in said
    assert "Nothing was changed" in said
    added = json.loads(said[said.index("by hand:") + len("by hand:") :])
    assert added["hooks"]["Stop"] == [{"hooks": [install.handler(place / "data", "Stop")]}]
    assert path.read_bytes() == before
    assert (
        place / "data" / "bin" / install.HOOK
    ).exists()  # what is added by hand has something to run
    assert run("status")[0] == 1
    assert path.read_bytes() == before


def test_the_change_of_a_file_on_one_line_is_shown_line_by_line(place, run):
    settings_of(place).write_text('{"model": "opus", "cleanupPeriodDays": 7}')
    said = run("init", "--dry-run", "--no-mcp", "--retention", "90")[1].splitlines()
    assert [line.strip() for line in said if line.strip().startswith("-")] == [
        '-  "cleanupPeriodDays": 7'
    ]
    assert '+  "cleanupPeriodDays": 90,' in [line.strip() for line in said]
