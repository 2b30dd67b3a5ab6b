"""GitHub is asked within bounds, and what it says is read or refused; nothing it does raises."""

from __future__ import annotations

import subprocess

import pytest

from accrete.outcomes.forge import (
    MOST_BYTES,
    Address,
    Fault,
    Said,
    address_of,
    through_gh,
    token_in,
    with_token,
)
from tests.forges import ENDED_MS, OPENED_MS, Gh, by_api, by_gh, served_api
from tests.patience import LONG_S, clock_s, least, until

ONE = Address("github.com", "acme", "demo", 1)


@pytest.fixture
def gh(tmp_path):
    return Gh(tmp_path / "bin")


@pytest.fixture
def api():
    with served_api() as served:
        yield served


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://github.com/acme/demo/pull/1", "https://github.com/acme/demo/pull/1"),
        ("http://GitHub.com/acme/demo/pull/1/", "https://github.com/acme/demo/pull/1"),
        ("https://git.example.com/a_b/d.e-f/pull/12", "https://git.example.com/a_b/d.e-f/pull/12"),
        ("https://github.com/-acme/demo/pull/1", None),
        ("https://github.com/acme/../pull/1", None),
        ("https://github.com/acme/demo/pull/0", None),
        ("https://github.com/acme/demo/pull/1?x=1", None),
        ("https://github.com/acme/demo/pull/1\n--repo=x/y", None),
        ("https://github.com/acme/demo/pull/1/files", None),
        ("https://github.com/acme/demo/pull/١", None),
        ("https://user@github.com/acme/demo/pull/1", None),
        ("https://github.com:8443/acme/demo/pull/1", None),
        ("https://github.com.evil.example/acme/demo/pull/1", None),
        ("https://gitlab.com/acme/demo/pull/1", None),
        ("ftp://github.com/acme/demo/pull/1", None),
        ("--help", None),
        ("", None),
    ],
)
def test_only_an_address_on_a_host_that_may_be_asked_is_one(url, expected):
    found = address_of(url, ("git.example.com",))
    assert (found.url if found else None) == expected


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        (by_gh("OPEN"), Said("open", False, OPENED_MS, None, None)),
        (by_gh("OPEN", draft=True), Said("open", True, OPENED_MS, None, None)),
        (by_gh("MERGED"), Said("merged", False, OPENED_MS, ENDED_MS, ENDED_MS)),
        (by_gh("CLOSED"), Said("closed", False, OPENED_MS, None, ENDED_MS)),
    ],
)
def test_gh_tells_each_state_with_its_moments(gh, tmp_path, printed, expected):
    gh.says(1, printed)
    assert through_gh(gh.env, str(tmp_path))(ONE, LONG_S) == expected


def test_gh_is_asked_with_an_argument_list_a_folder_and_few_variables(gh, tmp_path):
    gh.says(1, by_gh("OPEN"))
    through_gh(gh.env, str(tmp_path))(ONE, LONG_S)
    assert gh.calls == [
        "pr view https://github.com/acme/demo/pull/1 "
        "--json state,isDraft,mergedAt,closedAt,createdAt"
    ]
    given = (gh.folder / "env").read_text()
    assert "GH_PROMPT_DISABLED=1" in given
    assert "ghp_never" not in given
    assert "EDITOR" not in given
    assert (gh.folder / "pwd").read_text().strip() == str(tmp_path)


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("echo nonsense", "the answer could not be read"),
        ("echo '[]'", "the answer could not be read"),
        ('echo \'{"state": "LOCKED"}\'', "the answer could not be read"),
        ("echo '{\"state\": 7}'", "the answer could not be read"),
        ("printf '\\377\\376{'", "the answer could not be read"),
        ("true", "the answer could not be read"),
        ("exit 1", "gh could not read it"),
        ("head -c 300000 /dev/zero", "gh printed too much"),
        ("yes", "gh printed too much"),
    ],
)
def test_what_gh_prints_otherwise_is_a_fault_of_that_one(gh, tmp_path, script, why):
    gh.does(1, script)
    assert through_gh(gh.env, str(tmp_path))(ONE, LONG_S) == Fault(why)


def test_dates_that_are_none_are_left_out(gh, tmp_path):
    gh.says(1, '{"state": "MERGED", "isDraft": "no", "mergedAt": "soon", "createdAt": 5}')
    assert through_gh(gh.env, str(tmp_path))(ONE, LONG_S) == Said("merged", False, None, None, None)


@pytest.mark.long
@pytest.mark.parametrize("then", ["wait", "exit 0", "exec sleep 60", "exec >/dev/null; wait"])
def test_a_gh_that_hangs_is_ended_with_all_it_started(gh, tmp_path, then):
    gh.does(1, f"sleep 60 & echo $! > {gh.folder}/started; {then}")
    ask, said = through_gh(gh.env, str(tmp_path)), []
    assert clock_s(lambda: said.append(ask(ONE, 1))) < 30
    assert said == [Fault("no answer in time")]
    started = int((gh.folder / "started").read_text())
    until(lambda: not runs(started), 30)


def runs(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits for its parent does not."""
    done = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
    return done.stdout.strip()[:1] not in ("", "Z")


def test_who_is_not_signed_in_is_told_so_once_for_all(gh, tmp_path):
    gh.does(1, "exit 4")
    ask = through_gh(gh.env, str(tmp_path))
    assert ask(ONE, LONG_S) == Fault("gh is not signed in to github.com", of_all=True)
    elsewhere = ONE._replace(host="git.example.com")
    assert ask(elsewhere, 5) == Fault("gh is not signed in to git.example.com")


@pytest.mark.parametrize("path", ["", "/nowhere", ".", "bin"])
def test_no_gh_is_a_fault_of_all_and_none_of_this_folder_is_run(gh, tmp_path, path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert through_gh({"PATH": path}, str(tmp_path)) == Fault("gh was not found", of_all=True)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (by_api("open"), Said("open", False, OPENED_MS, None, None)),
        (by_api("open", draft=True), Said("open", True, OPENED_MS, None, None)),
        (by_api("closed", merged=True), Said("merged", False, OPENED_MS, ENDED_MS, ENDED_MS)),
        (by_api("closed"), Said("closed", False, OPENED_MS, None, ENDED_MS)),
        (b"<html>", Fault("the answer could not be read")),
        (b"[" * 100_000, Fault("the answer could not be read")),
        (b" " * (MOST_BYTES + 1), Fault("the answer could not be read")),
    ],
)
def test_the_api_tells_each_state_with_its_moments(api, body, expected):
    api.says(1, body)
    assert with_token("t", "1", api.base)(ONE, LONG_S) == expected
    assert api.asked == [("/repos/acme/demo/pulls/1", "Bearer t")]


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (401, {}, Fault("GitHub refused the token", of_all=True)),
        (429, {}, Fault("GitHub's rate limit is reached", of_all=True)),
        (403, {"X_RateLimit_Remaining": "0"}, Fault("GitHub's rate limit is reached", of_all=True)),
        (403, {"Retry_After": "9"}, Fault("GitHub's rate limit is reached", of_all=True)),
        (403, {}, Fault("GitHub does not show it to this token")),
        (404, {}, Fault("GitHub does not show it to this token")),
        (502, {}, Fault("GitHub answered 502")),
    ],
)
def test_a_refusal_of_the_api_is_a_fault(api, status, headers, expected):
    api.says(1, b"{}", status, **headers)
    assert with_token("t", "1", api.base)(ONE, LONG_S) == expected


def test_a_redirect_is_followed_on_the_same_origin_and_nowhere_else(api):
    api.answers["/repositories/7/pulls/1"] = (200, {}, by_api("open"))
    api.says(1, b"", 301, Location=f"{api.base}/repositories/7/pulls/1")
    assert with_token("t", "1", api.base)(ONE, LONG_S) == Said("open", False, OPENED_MS, None, None)
    with served_api() as other:
        other.answers["/x"] = (200, {}, by_api("open"))
        api.says(1, b"", 301, Location=f"{other.base}/x")
        assert with_token("t", "1", api.base)(ONE, LONG_S) == Fault("GitHub answered 301")
        assert other.asked == []


@pytest.mark.long
def test_an_api_that_is_silent_or_gone_costs_its_time_and_no_more(api):
    ask, said = with_token("t", "1", api.base), []
    assert least(lambda: clock_s(lambda: said.append(ask(ONE, 0.3))), 3) < 3
    assert set(said) == {Fault("no answer in time")}
    api.hold.set()
    gone = with_token("t", "1", "http://127.0.0.1:9")
    assert gone(ONE, LONG_S) == Fault("GitHub could not be reached")


def test_a_token_goes_to_github_com_alone(api):
    elsewhere = ONE._replace(host="git.example.com")
    assert isinstance(with_token("t", "1", api.base)(elsewhere, 5), Fault)
    assert api.asked == []


@pytest.mark.parametrize(
    ("env", "token"),
    [
        ({}, None),
        ({"GH_TOKEN": " a ", "GITHUB_TOKEN": "b"}, "a"),
        ({"GH_TOKEN": "", "GITHUB_TOKEN": "b"}, "b"),
        ({"GH_TOKEN": "a\r\nX-Evil: 1"}, None),
        ({"GITHUB_TOKEN": "ü"}, None),
    ],
)
def test_a_token_is_one_word(env, token):
    assert token_in(env) == token
