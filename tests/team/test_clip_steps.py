"""The steps of an example: which can be chosen, what is said of each, and what is none."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from accrete_team.clips import MOST

from accrete.explorer.ranges import spoken
from tests.records import kept
from tests.team.seen import chosen, items, options, parts, words_of
from tests.team.signed import in_team, signed_in
from tests.team.test_clips import checked, steps_of, with_a_subagent
from tests.team.test_clips import shop as shop

pytestmark = pytest.mark.long


def heads(html: str) -> list[str]:
    """Who did each step that is shown, and with what."""
    return [words_of(each) for each in parts(html, "p", **{"class": "who"})]


def choices(html: str) -> list[list[str]]:
    """From which steps on, and up to which, an example can be shown."""
    return [[words_of(each) for each in parts(some, "option")] for some in parts(html, "select")]


def test_ones_own_example_is_listed_as_ones_own_and_each_with_how_much_it_shows(shop, team):
    """On the page of a practice that its owner opens as a lead; on no page of somebody else."""
    path = shop.share()
    in_team(team, "Quay", leads=[shop.ids["Amara Nwosu"]], members=[shop.ids["Mia Member"]])
    ((day,),) = team.rows("SELECT local_day FROM session")
    for name, who in (("Amara Nwosu", "You"), ("Lea Lead", "Amara Nwosu"),
                      ("Otto Other", None)):  # fmt: skip
        answer = signed_in(team, name).get("/matrix/verification")
        found = [item for item in items(answer.text) if "session of" in item]
        assert found == ([] if who is None else [f"{who}, session of {spoken(day)} 5 steps"])
    moment = next(each for each in options(shop.owner.page(shop.new)) if shop.uuid in each)
    shop.share(f"&from={moment}&to={moment}")
    assert [item for item in items(shop.owner.page("/matrix/verification")) if "You" in item] == [
        f"You, session of {spoken(day)} 1 step"
    ]
    assert f"session of {spoken(day)}, 1 step" in words_of(shop.owner.page("/sharing"))
    assert path not in shop.owner.page("/sharing")


def test_each_step_says_who_did_it_with_which_tool_on_what(settings, shop, team):
    html = shop.owner.page(shop.new)
    edit, check = "Edit zqthree.py", "Bash pytest -k zqfour"
    assert heads(html) == ["Claude", f"Claude · {edit}", f"Claude · {check}", "Claude",
                           "Amara Nwosu"]  # fmt: skip
    moment = f"{check} (the moment)"
    assert choices(html) == [
        ["You: Please mend zqone", "Claude: I begin with zqtwo", "Edit /home/dev/demo/zqthree.py",
         moment],
        [moment, "Claude: It is done, zqsix", "You: Thank you, zqseven", "Claude: zqeight"],
    ]  # fmt: skip
    assert chosen(html) == ["Claude: I begin with zqtwo", "You: Thank you, zqseven"]
    with team.database() as db:
        db.run("UPDATE tool_call SET status = 'error'")
    failed = "did not succeed"
    assert heads(shop.owner.page(shop.new))[1:3] == [
        f"Claude · {edit} {failed}", f"Claude · {check} {failed}"
    ]  # fmt: skip
    with team.database() as db:
        db.run("UPDATE event SET name = NULL, text = NULL WHERE name = 'Bash'")
    assert heads(shop.owner.page(shop.new))[2] == f"Claude · a tool {failed}"
    assert choices(shop.owner.page(shop.new))[0][-1] == "a tool (the moment)"
    with_a_subagent(settings)
    team.sync(settings, shop.choice)
    ((session, uuid, run),) = team.rows(
        "SELECT session, uuid, agent FROM sighting WHERE practice = 'verification' AND agent <> ''"
    )
    html = shop.owner.page(f"/examples/new?practice=verification&session={session}"
                           f"&uuid={quote(uuid)}&run={run}")  # fmt: skip
    assert heads(html) == [
        "A subagent", "A subagent · Edit zsubthree.py", "A subagent · Bash pytest -k zsubfour",
        "A subagent", "Claude",
    ]  # fmt: skip
    assert choices(html)[1][1:] == [
        "Subagent: It is done, zsubsix", "Task: Thank you, zsubseven", "Subagent: zsubeight"
    ]  # fmt: skip
    for more in ("&uuid=x", "&session=x"):
        answer = shop.owner.get(shop.new + more)
        assert answer.status_code == 404
        assert "There is no such moment in your sessions here." in answer.text


def test_of_a_long_session_no_more_steps_can_be_chosen_than_an_example_has(settings, shop, team):
    kept(settings, checked(5, around=20))
    team.sync(settings, shop.choice)
    ((session, uuid),) = team.rows(
        f"SELECT session, uuid FROM sighting WHERE practice = 'verification' AND agent = '' "
        f"AND session <> '{shop.session}'"
    )
    new = f"/examples/new?practice=verification&session={session}&uuid={quote(uuid)}"
    html = shop.owner.page(new)
    first, last = choices(html)
    assert (len(first), len(last)) == (MOST, MOST)
    assert first[-1] == last[0] == "Bash pytest -k zqfour (the moment)"
    assert last[-1] == "You: after 7"
    cut = [each for each in first if each.endswith("…")]
    whole = [each for each in first if each.startswith("You: before") and each not in cut]
    assert {len(each) for each in cut} == {70}
    assert max(len(each) for each in whole) == 70
    values = [re.findall(r'<option value="([^"]+)"', each) for each in parts(html, "select")]
    for start, end, many in (
        (values[0][-1], values[1][0], 1), (values[0][-2], values[1][0], 2),
        (values[0][-1], values[1][3], 4), (values[0][0], values[1][0], MOST),
        (values[0][0], values[1][-1], MOST), (values[1][3], values[0][-3], 1),
    ):  # fmt: skip
        shown = heads(shop.owner.page(f"{new}&from={quote(start)}&to={quote(end)}"))
        assert len(shown) == many
        assert "Claude · Bash pytest -k zqfour" in shown
    far = f"{new}&from={quote(values[0][0])}&to={quote(values[1][-1])}"
    assert shop.owner.form(far, "/examples").status_code == 303


def test_the_first_and_the_last_step_of_a_session_can_be_chosen_and_none_where_none_is_left(
    shop, team
):
    first, *_, last = options(shop.owner.page(shop.new))
    html = shop.owner.page(f"{shop.new}&from={first}&to={last}")
    assert chosen(html) == ["You: Please mend zqone", "Claude: zqeight"]
    assert len(heads(html)) == 7
    hide = "UPDATE event SET kind = 'thinking' WHERE seq {} (SELECT seq FROM event WHERE uuid = ? "
    hide += "AND part = 0) AND kind <> 'tool_result'"
    with team.database() as db:
        db.run(hide.format(">"), (shop.uuid,))
    html = shop.owner.page(shop.new)
    moment = "Bash pytest -k zqfour (the moment)"
    assert chosen(html) == ["Claude: I begin with zqtwo", moment]
    assert choices(html)[1] == [moment]
    with team.database() as db:
        db.run(hide.format("<="), (shop.uuid,))
        db.run("UPDATE event SET kind = 'thinking' WHERE kind <> 'tool_result'")
    answer = shop.owner.get(shop.new)
    assert answer.status_code == 404
    assert "Nothing of this session can be shown." in answer.text


@pytest.mark.parametrize("kind", ["thinking", "system", "attachment"])
def test_thoughts_and_records_of_the_client_are_no_steps_of_an_example(shop, team, kind):
    with team.database() as db:
        db.run("UPDATE event SET kind = ? WHERE kind = 'assistant_text' AND text LIKE '%zqtwo%'",
               (kind,))  # fmt: skip
    html = shop.owner.page(shop.new)
    assert "zqtwo" not in html
    assert choices(html)[0][:2] == ["You: Please mend zqone", "Edit /home/dev/demo/zqthree.py"]
    assert heads(html)[:2] == ["Amara Nwosu", "Claude · Edit zqthree.py"]
    assert "zqtwo" not in signed_in(team, "Mia Member").page(shop.share())


def test_a_step_that_is_not_there_any_more_is_left_out(shop, team):
    """As of a session that its machine read anew since; no other is taken for it, nor a result."""
    path = shop.share()
    before = steps_of(shop.owner.page(path))
    ((result,),) = team.rows("SELECT MIN(uuid) FROM event WHERE kind = 'tool_result'")
    with team.database() as db:
        db.run("UPDATE clip SET step_ids = REPLACE(step_ids, ' ', ?)",
               (f" gone.0 {shop.uuid[:8]}.0 {result}.0 ",))  # fmt: skip
    assert steps_of(shop.owner.page(path)) == before
    assert steps_of(signed_in(team, "Mia Member").page(path)) == before


@pytest.mark.alike
def test_an_example_says_to_its_owner_how_to_take_it_back_and_to_others_who_sees_it(shop, team):
    path = shop.share()
    back = "You can take it back under Sharing."
    told = "Amara Nwosu sees that you opened this, and when."
    for name in ("Amara Nwosu", "Mia Member"):
        browser = signed_in(team, name)
        said = words_of(browser.page(path))
        assert "Amara Nwosu shows 5 steps of a session of" in said
        assert (back in said, told in said) == (name == "Amara Nwosu", name != "Amara Nwosu")
        assert browser.get(f"{path}x").status_code == 404
