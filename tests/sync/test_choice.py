"""What a person chose to share: what may be chosen, what it shares, and how it is kept."""

from __future__ import annotations

import json
import os
from dataclasses import replace

import pytest

from accrete.errors import AccreteError
from accrete.sync.choice import (
    Choice,
    drop_choice,
    join,
    read_choice,
    with_tier,
    write_choice,
)
from accrete.sync.soon import TEAM

TOKEN = "acr_acme_" + "x" * 43
CHOICE = join("https://team.example", TOKEN)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://team.example", ""), ("https://team.example:8443/x", ""),
        ("http://localhost:8000", ""), ("http://127.0.0.1", ""), ("http://[::1]:5", ""),
        ("http://team.example", "is not encrypted"), ("http://localhost.example", "not encrypted"),
        ("ftp://team.example", "no address"), ("team.example", "no address"),
        ("https://", "no address"), ("https:///x", "no address"),
        ("https://me@team.example", "no address"), ("https://team.example:x", "no address"),
        ("http://[::1", "no address"), ("", "no address"),
    ],
)  # fmt: skip
def test_a_server_is_joined_by_an_address_that_is_safe(url, said):
    if said:
        with pytest.raises(AccreteError, match=said):
            join(url, TOKEN)
        return
    assert join(url, TOKEN).url == url


@pytest.mark.parametrize(
    ("token", "is_one"),
    [
        (TOKEN, True), ("acr_a_" + "x" * 32, True), ("acr_a-1_" + "x" * 64, True),
        ("acr_" + "a" * 39 + "_" + "x" * 32, True), ("acr_" + "a" * 40 + "_" + "x" * 32, False),
        ("acr_acme_" + "x" * 31, False), ("acr_acme_" + "x" * 65, False),
        ("acr_-a_" + "x" * 43, False), (TOKEN + " ", False), ("x" + TOKEN, False), ("", False),
    ],
)  # fmt: skip
def test_a_token_is_whole_or_none(token, is_one):
    if is_one:
        made = join("https://team.example/", token)
        company = token.split("_")[1]
        assert made.company == company
        assert made.address == f"https://team.example/c/{company}/api/v1"
        assert made.endpoint == f"{made.address}/sync"
        return
    with pytest.raises(AccreteError, match="Nothing was changed"):
        join("https://team.example", token)
    assert replace(CHOICE, token=token).company == ""


def test_who_joins_shares_the_least_and_nothing_was_heard(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = join("https://team.example", TOKEN, ca_file="ours.pem")
    assert made == Choice("https://team.example", TOKEN, made.device, 1, "all",
                          ca_file=str(tmp_path / "ours.pem"))  # fmt: skip
    assert (made.tier, made.projects, made.paused, made.paused_elsewhere) == (
        1,
        "all",
        False,
        False,
    )
    assert (made.tier_at, made.paused_at, made.projects_at) == (0, 0, 0)
    assert (made.cleared_at, made.heard_at) == (0, 0)
    assert CHOICE.ca_file is None
    assert made.device != CHOICE.device


@pytest.mark.parametrize("tier", [1, 2, 3, 0, 4, True, 1.5, "1", None])
def test_there_are_three_tiers(tier):
    if tier in (1, 2, 3) and tier is not True:
        assert join("https://team.example", TOKEN, tier=tier).tier == tier
        assert with_tier(CHOICE, tier) == replace(CHOICE, tier=tier)
        return
    for choose in (lambda: join("https://team.example", TOKEN, tier=tier),
                   lambda: with_tier(CHOICE, tier)):  # fmt: skip
        with pytest.raises(AccreteError, match="No tier"):
            choose()


@pytest.mark.parametrize(
    ("chosen", "shared"),
    [
        ({}, "abcd-"),
        ({"projects": "none"}, ""),
        ({"projects": "none", "listed": ("a",)}, ""),
        ({"projects": "listed"}, ""),
        ({"projects": "listed", "listed": ("a", "b")}, "ab"),
        ({"projects": "listed", "listed": ("a", "b"), "excluded": ("b",)}, "a"),
        ({"excluded": ("a",)}, "bcd-"),
        ({"excluded": ("",)}, "abcd"),
        ({"private": ("GitHub.com/me/*",)}, "ad-"),
        ({"private": ("github.com/me/*", "github.com/acme/*")}, "d-"),
        ({"private": ("*",)}, "d-"),
        ({"private": ("*",), "listed": ("b",)}, "bd-"),
        ({"private": ("github.com/me/*",), "listed": ("b",), "excluded": ("b",)}, "ad-"),
    ],
)  # fmt: skip
def test_what_is_chosen_is_shared_and_nothing_else(chosen, shared):
    remotes = {"a": "github.com/acme/a", "b": "github.com/me/b", "c": "GITHUB.com/me/c", "d": "",
               "": ""}  # fmt: skip
    choice = replace(CHOICE, **chosen)
    found = [
        project or "-" for project, remote in remotes.items() if choice.shares(project, remote)
    ]
    assert "".join(found) == shared
    assert choice.shares("a") == (choice.shares("a", ""))


def test_a_project_may_be_shared_at_a_lower_tier_and_at_no_higher_one():
    choice = replace(CHOICE, tier=2, lower=(("a", 1), ("b", 3), ("c", 2)))
    assert [choice.tier_of(each) for each in ("a", "b", "c", "", "d")] == [1, 2, 2, 2, 2]


def test_what_was_unshared_elsewhere_is_shared_where_it_is_chosen_later():
    for chosen, again in (
        ({}, False), ({"projects_at": 50}, False), ({"projects_at": 51}, True),
        ({"unsaid": ("tier",)}, False), ({"unsaid": ("projects",)}, True),
    ):  # fmt: skip
        assert replace(CHOICE, **chosen).again(50) == again


def test_a_choice_is_kept_as_it_is_for_its_owner_alone(settings):
    for each in (CHOICE, replace(CHOICE, tier=3, lower=(("a", 1),), listed=("a",), unsaid=("tier",),
                                 private=("x/*",), excluded=("b",), paused=True)):  # fmt: skip
        write_choice(settings, each)
        assert read_choice(settings) == each
    path = settings.home / TEAM
    assert path.stat().st_mode & 0o777 == 0o600
    assert settings.home.stat().st_mode & 0o777 == 0o700
    (settings.home / f"{TEAM}.new").write_text("of one that broke off")
    write_choice(settings, CHOICE)
    assert read_choice(settings) == CHOICE
    assert os.listdir(settings.home) == [TEAM]
    assert drop_choice(settings) == path
    assert read_choice(settings) is None
    assert drop_choice(settings) is None


def test_a_choice_of_an_earlier_version_is_read(settings):
    write_choice(settings, CHOICE)
    path = settings.home / TEAM
    kept = json.loads(path.read_text())
    path.write_text(json.dumps({name: kept[name] for name in ("url", "token", "device")}))
    assert read_choice(settings) == CHOICE


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "cannot be read"), ("{", "cannot be read"), (b"\xff", "cannot be read"),
        ("[]", "is not a choice"), ("{}", "is not a choice"), ("null", "is not a choice"),
        ({"tier": 4}, "No tier 4"), ({"tier": True}, "No tier True"), ({"odd": 1}, "not a choice"),
        ({"listed": 5}, "not a choice"), ({"lower": [["a", 0]]}, "No tier 0"),
        ({"lower": [["a"]]}, "not a choice"), ({"lower": [["a", 2], ["b", "x"]]}, "No tier 'x'"),
    ],
)  # fmt: skip
def test_what_is_no_choice_is_said_and_shares_nothing(settings, text, said):
    write_choice(settings, CHOICE)
    path = settings.home / TEAM
    if isinstance(text, dict):
        text = json.dumps(json.loads(path.read_text()) | text)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(AccreteError, match=said):
        read_choice(settings)
