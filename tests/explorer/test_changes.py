"""The page of a session's changes: one diff a file, from the record alone."""

from __future__ import annotations

import re
import subprocess

import pytest

from accrete.explorer import response
from accrete.explorer.pages import changes as changes_page
from accrete.explorer.templates import stream
from accrete.present.changes import changes_of
from accrete.queries.changes import Asked, ChangeRow
from tests.explorer.asking import words
from tests.explorer.edits import ROOT, Editing
from tests.outcomes.test_folding import applied
from tests.records import kept, rows

pytestmark = pytest.mark.long

BASE = "".join(f"line {n}\n" for n in range(1, 41))
HOSTILE = "<script>alert(1)</script>\u202e\u200b{{ 7001*3 }}"


def replaced(text: str, *pairs: tuple[str, str]) -> str:
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.fixture
def session():
    t = Editing(1)
    t.prompt("Make it shout")
    one = replaced(BASE, ("line 5\n", "LINE 5\n"))
    t.edit("a.py", BASE, one)
    two = replaced(one, ("line 30\n", "LINE 30\nand more\n"))
    t.edit("a.py", one, two)
    t.did("Bash", {"command": "sed -i s/x/y/ b.py"})
    t.did("Bash", {"command": "pytest -q"})
    t.prompt("Not so loud")
    three = replaced(two, ("LINE 5\n", "line 5\n"))
    t.edit("a.py", two, three)
    t.create("new.py", "one\ntwo\n")
    t.did("Bash", {"command": "git mv new.py renamed.py"})
    t.edit("renamed.py", "one\ntwo\n", "one\n2\n")
    asked = ("line 7\nline 8\n", "seven\neight\n")
    landed = replaced(BASE, ("line 7\n", "seven\n"), ("line 8\n", "EIGHT\n"))
    t.edit("c.py", BASE, landed, asked=asked, userModified=True)
    return t


@pytest.fixture
def page(settings, opened, session):
    kept(settings, session)
    client = opened(settings)
    return lambda query="": client.get(f"/sessions/{session.session}/changes{query}")


@pytest.mark.long
def test_its_head_is_sent_before_its_diffs_are_made(page, monkeypatch):
    done = []

    def folded(*args, **given):
        done.append("diffs")
        return changes_of(*args, **given)

    def sent(*args, **given):
        pieces = stream(*args, **given)
        done.append(next(pieces).strip()[:15])
        yield from pieces

    monkeypatch.setattr(changes_page, "changes_of", folded)
    monkeypatch.setattr(response, "stream", sent)
    assert page().status_code == 200
    assert done == ["<!doctype html>", "diffs"]


def test_what_fails_after_the_head_was_sent_is_said_and_logged(page, monkeypatch, caplog):
    def failing(*args, **given):
        raise ZeroDivisionError("<b>a secret</b>")

    monkeypatch.setattr(changes_page, "changes_of", failing)
    shown = page()
    (logged,) = [each for each in caplog.records if each.name == "accrete.explorer"]
    assert shown.text.startswith("\n") or shown.text.lstrip().startswith("<!doctype html>")
    assert f"Something went wrong here. The log has it under {logged.getMessage()}" in shown.text
    assert "a secret" not in shown.text


@pytest.mark.long
def test_the_edits_of_a_file_are_one_diff_and_files_stand_in_the_order_of_their_edits(page):
    shown = page("?format=json").json()
    assert shown["tables"]["files"] == [
        {"file": f"{ROOT}/a.py", "edits": 3, "added": 2, "removed": 1, "state": "changed"},
        {"file": f"{ROOT}/renamed.py", "edits": 2, "added": 2, "removed": 0,
         "state": "new, renamed"},
        {"file": f"{ROOT}/c.py", "edits": 1, "added": 2, "removed": 2, "state": "changed by you"},
    ]  # fmt: skip
    before, _, after = words(page().text).partition("1 edit taken back")
    assert ("LINE 5" in before, "LINE 5" in after) == (False, True)
    assert "Renamed from" in after


def test_the_figures_are_those_of_the_session(page, settings):
    shown = page("?format=json").json()["figures"]
    landed, mine, added, removed = rows(
        settings,
        "SELECT edits_landed, edits_changed_by_user, lines_added, lines_removed FROM session",
    )[0]
    assert shown["edits-landed"] == landed == 6
    assert shown["edits-changed-by-you"] == mine == 1
    assert shown["edits-reverted"] == 1
    assert f"+{added} −{removed} edit by edit" in words(page().text)


@pytest.mark.parametrize(
    ("key", "edits", "state"),
    [("edits-landed", "tools", ""), ("edits-changed-by-you", "yours", "you changed"),
     ("edits-reverted", "back", "taken back")],
)  # fmt: skip
def test_a_figure_leads_to_exactly_its_rows(page, key, edits, state):
    figure = page("?format=json").json()["figures"][key]
    table = page(f"?edits={edits}&format=json").json()["tables"]["edits"]
    assert len(table) == figure
    assert all(state in row["state"] for row in table)
    assert f"edits={edits}#edits" in page().text
    assert "#edits" in page(f"?edits={edits}").text
    assert page("?edits=x").status_code == 400


def test_one_prompt_shows_what_it_did_alone(page):
    files = page("?prompt=1&format=json").json()["tables"]["files"]
    assert [(row["file"], row["added"], row["removed"]) for row in files] == [
        (f"{ROOT}/a.py", 3, 2)
    ]
    assert "Prompt 1 changed 1 file in 2 edits" in words(page("?prompt=1").text)
    assert page("?prompt=x").status_code == 400
    assert page("?prompt=99&format=json").json()["tables"]["files"] == []


def test_just_the_prompts_that_changed_something_can_be_chosen(settings, opened):
    t = Editing(4)
    t.prompt("Look around")
    t.did("Bash", {"command": "ls"})
    t.prompt("Add a file")
    t.create("new.py", "one\n")
    t.prompt("Fail to change it")
    given = {"file_path": f"{ROOT}/new.py", "old_string": "one", "new_string": "two"}
    t.did("Edit", given, "String to replace not found in file.", error=True)
    t.prompt("Change it")
    t.edit("new.py", "one\n", "two\n")
    kept(settings, t)
    html = opened(settings).get(f"/sessions/{t.session}/changes").text
    plain = re.sub(r"</?bdi>", "", html)
    assert re.findall(r'<option value="(\d+)"[^>]*>(.*?)</option>', plain) == [
        ("2", "2: Add a file"), ("4", "4: Change it"),
    ]  # fmt: skip


def test_what_was_proposed_is_shown_beside_what_the_person_made_of_it(page):
    landed, asked = page().text, page("?as=proposed").text
    assert "You changed 1 line before it landed." in words(landed)
    assert ("EIGHT" in landed, "eight" in landed) == (True, False)
    assert ("EIGHT" in asked, "eight" in asked) == (False, True)
    assert page("?as=x").status_code == 400


def test_removed_lines_may_stand_beside_added_ones(page):
    below, beside = page().text, page("?lines=split").text
    assert ('class="diff beside"' in below, 'class="diff beside"' in beside) == (False, True)
    assert 'class="diff"' not in beside
    assert 'name="lines" value="split"' in beside  # choosing a prompt keeps it
    assert page("?lines=x").status_code == 400


def test_one_file_is_a_page_of_its_own(page):
    shown = page(f"?file={ROOT}/c.py&format=json").json()
    assert [row["file"] for row in shown["tables"]["files"]] == [f"{ROOT}/c.py"]
    assert page("?file=/etc/passwd").status_code == 404


def test_commands_that_may_have_changed_files_are_named_with_their_steps(page, session):
    html = page().text
    assert "2 commands may have changed files" in words(html)
    assert "pytest -q" not in html
    uuid = next(
        line["uuid"] for line in session.lines if "sed -i" in str(line["message"]["content"])
    )
    assert f"#s-{uuid[:8]}" in html


def test_what_is_not_recorded_is_said(settings, opened):
    t = Editing(2)
    t.prompt("Change the notebook")
    t.did("NotebookEdit", {"notebook_path": f"{ROOT}/a.ipynb", "new_source": "x", "cell_id": "1"})
    t.did("Edit", {"file_path": f"{ROOT}/old.py", "old_string": "a", "new_string": "b"})
    t.did("Bash", {"command": "make codegen"}, told={"bashEditDiff": {"files": [
        {"filePath": f"{ROOT}/x.py",
         "hunks": [{"oldStart": 1, "newStart": 1, "lines": ["-a", "+b"]}]},
        {"filePath": f"{ROOT}/y.py",
         "hunks": [{"oldStart": 1, "newStart": 1, "lines": ["-c", "+d"]}]},
    ]}})  # fmt: skip
    long = "".join(f"{n} {'x' * 60}\n" for n in range(1000))
    t.edit("long.py", long, long.upper())
    kept(settings, t)
    client = opened(settings)
    address = f"/sessions/{t.session}/changes"
    text = words(client.get(address).text)
    assert "The record does not hold the lines of 1 edit." in text
    assert "The record has no line numbers for this edit." in text
    assert "the record does not say which lines are of which" in text
    assert "too long to be kept" in words(client.get(f"{address}?file={ROOT}/long.py").text)
    files = client.get(f"{address}?format=json").json()["tables"]["files"]
    by_name = {row["file"].rpartition("/")[2]: row for row in files}
    assert by_name["a.ipynb"]["added"] is None
    assert (by_name["old.py"]["added"], by_name["old.py"]["removed"]) == (1, 1)
    assert by_name["x.py"]["added"] is None


def test_lines_are_not_known_where_only_a_notebook_was_edited(settings, opened):
    t = Editing(2)
    t.prompt("Change the notebook")
    t.did("NotebookEdit", {"notebook_path": f"{ROOT}/a.ipynb", "new_source": "x", "cell_id": "1"})
    kept(settings, t)
    client = opened(settings)
    address = f"/sessions/{t.session}/changes"
    assert client.get(f"{address}?format=json").json()["figures"]["lines-net"] is None
    said = words(client.get(address).text)
    assert "changed 1 file in 1 edit: which lines is not recorded" in said
    assert "Lines in the end —" in said
    assert "+0" not in said
    shares = client.get("/costs?range=all&format=json").json()["tables"]["shares"]
    assert {row["lines"] for row in shares} == {None}


def test_a_session_without_edits_says_so(settings, opened):
    t = Editing(3)
    t.prompt("Look")
    t.did("Bash", {"command": "ls"})
    kept(settings, t)
    response = opened(settings).get(f"/sessions/{t.session}/changes")
    assert response.status_code == 200
    assert "This session made no edits." in words(response.text)
    assert opened(settings).get("/sessions/ffffffff/changes").status_code == 404


def test_hostile_paths_and_lines_stay_text(settings, opened):
    t = Editing(4)
    t.prompt(HOSTILE)
    t.edit(f"{HOSTILE}.py", "a\n", f"{HOSTILE}\n")
    t.did("Bash", {"command": f"rm '{HOSTILE}'"})
    kept(settings, t)
    html = opened(settings).get(f"/sessions/{t.session}/changes").text
    assert "<script>alert" not in html
    assert "21003" not in html
    assert "\u202e" not in html
    assert "\u200b" not in html


def test_the_diff_is_that_of_git_in_the_repository_that_was_worked_in(tmp_path, settings, opened):
    """CRLF as Claude Code reads it, a file without a last newline, one that is emptied, one of
    tabs, and a change by hand between two edits."""
    first = {
        "a.py": BASE,
        "end.txt": "one\ntwo",
        "gone.txt": "x\ny\n",
        "tabs.go": "func f() {\n\tif a {\n\t\treturn\n\t}\n}\n",
    }
    t = Editing(5)
    t.prompt("Work")
    for name, text in first.items():
        (tmp_path / name).write_text(text)
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "first"]):
        subprocess.run([*git, *command], check=True)
    texts = dict(first)

    def edit(name: str, *pairs: tuple[str, str]) -> None:
        after = replaced(texts[name], *pairs)
        shown = texts[name].replace("\t", "  "), after.replace("\t", "  ")
        t.edit(name, texts[name], after, asked=pairs[0], shown=shown)
        texts[name] = after
        (tmp_path / name).write_text(after)

    edit("a.py", ("line 5\n", "five\n"))
    edit("a.py", ("line 20\n", ""), ("five\n", "5\nand five\n"))
    edit("end.txt", ("two", "two\nthree"))
    edit("gone.txt", ("x\ny\n", ""))
    edit("tabs.go", ("\t\treturn\n", "\t\treturn 1\n"))
    t.prompt("More")
    edit("a.py", ("line 35\n", "35\n"))
    t.create("new.txt", "only\nthis")
    (tmp_path / "new.txt").write_text("only\nthis")
    subprocess.run([*git, "add", "-AN"], check=True)
    out = subprocess.run([*git, "diff", "--numstat"], check=True, capture_output=True, text=True)
    told = {}
    for line in out.stdout.splitlines():
        added, removed, name = line.split("\t")
        told[f"{ROOT}/{name}"] = int(added), int(removed)
    kept(settings, t)
    files = opened(settings).get(f"/sessions/{t.session}/changes?format=json").json()
    assert {row["file"]: (row["added"], row["removed"]) for row in files["tables"]["files"]} == told


def row(n: int, tool: str = "Edit", **given) -> ChangeRow:
    values = {"prompt": 1, "uuid": f"u{n}", "run": "", "at": n, "target": f"{ROOT}/a.py",
              "status": "ok", "patch": None, "cut": False, "user_modified": False, "added": None,
              "removed": None, "detail": None, **given}  # fmt: skip
    return ChangeRow(key=("m", f"t{n}"), tool=tool, **values)


def test_of_a_file_whose_content_was_cut_the_kept_part_is_shown_and_the_rest_counted():
    kept_input = '{"file_path":"a","content":"one\\ntwo\\nthr\\u00'
    found = changes_of(
        [row(1, "Write", added=9, removed=0)], {("m", "t1"): Asked(kept_input, True)}
    )
    (block,) = found.files[0].folded.blocks
    assert applied(block.patch, "") == "one\ntwo\n"
    assert found.files[0].added == 9


def test_without_the_words_of_a_session_created_files_are_counted_only():
    (each,) = changes_of([row(1, "Write", added=9, removed=0)], {}).files
    assert (each.added, each.created, len(each.unseen)) == (9, True, 1)


def test_what_a_person_refused_is_no_change():
    asked = Asked('{"old_string":"a","new_string":"b"}', False)
    found = changes_of([row(1, status="rejected"), row(2, status="error")], {("m", "t1"): asked})
    assert found.files == []
    assert [each.patch for each in found.refused] == ["-a\n+b\n"]


def test_whether_a_file_is_new_is_not_claimed_where_the_client_did_not_say():
    asked = {("m", "t1"): Asked('{"content":"a\\nb\\n"}', False)}
    (each,) = changes_of([row(1, "Write")], asked).files
    assert (each.added, each.created) == (2, False)
