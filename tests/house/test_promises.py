"""Every sentence of docs/for-developers.md names the tests that hold it; a new one needs some."""

from __future__ import annotations

import re

import pytest

from tests.house.test_docs import ROOT

pytestmark = pytest.mark.long

PAGE = ROOT / "docs" / "for-developers.md"
WALK = "team/test_everyone.py::test_everybody_gets_what_the_table_gives_them_and_nothing_else"
TIERS = "team/test_sync.py::test_what_is_above_the_tier_is_nowhere_on_the_server"
ARRIVES = "team/test_notice.py::test_what_arrives_at_a_tier_stands_on_the_page_at_that_tier"
LEAD = "commands/test_as_lead.py::test_the_pages_are_those_that_a_lead_gets"
SEEN = "team/test_access.py::test_what_is_seen_is_what_was_shared_and_no_time_of_day"
HOURS = "team/test_rebuild.py::test_hours_and_amounts_of_one_person_cannot_be_worked_out"
LOOK = "team/test_access.py::test_each_look_is_written_down_and_ones_own_is_not"
GLASS = (
    "team/test_access.py::test_an_administrator_breaks_the_glass_for_a_day_and_the_person_is_told"
)
PAID = "team/test_access.py::test_cost_per_person_is_announced_before_it_is_shown"
LOWER = "team/test_lowering.py::test_the_page_lowers_says_what_is_gone_and_never_raises"
GONE = "team/test_access.py::test_what_is_held_can_be_taken_along_and_deleted"
NEVER = "team/test_notice.py::test_what_is_never_collected_is_said_and_no_field_is_about_it"
FRAME = ""
"""A sentence that leads to the next one, or says what nothing can keep out."""
HELD = {
    "For a developer whose": FRAME,
    "What it says of pages": "house/test_promises.py::test_every_sentence_is_held_by_a_test",
    "Nothing is sent until": "team/test_joining.py::"
    "test_without_consent_capture_works_and_nothing_leaves",
    "You see first, in words": "team/test_sync.py::test_the_preview_is_what_leaves_byte_for_byte",
    "You choose how much:": FRAME,
    "Tier 1, the default": ARRIVES,
    "Ids, days instead": ARRIVES,
    "No prompt, no path": TIERS,
    "Tier 2: and": ARRIVES,
    "Paths, patches, branches": ARRIVES,
    "No words.": TIERS,
    "Tier 3: and": ARRIVES,
    "Prompts, answers": TIERS,
    "`accrete explore --as-lead": LEAD,
    "These are the server's": LEAD,
    "Nothing is sent.": LEAD,
    "You choose the projects": "team/test_sync.py::"
    "test_an_unshared_project_is_deleted_and_can_be_shared_again",
    "Tags and notes": ARRIVES,
    "You see everything": "team/test_access.py::test_ones_own_pages_are_whole",
    "Leads of a team": WALK,
    "They see days": f"{SEEN} {HOURS}",
    "They see a session a day": "team/test_access.py::"
    "test_what_happened_since_yesterday_is_not_shown",
    "They do not see what a session": f"{HOURS} {WALK}",
    "If so, you were told": PAID,
    "Other members see": f"{WALK} team/test_clips.py::"
    "test_what_is_previewed_is_what_everybody_sees_and_nothing_else",
    "Administrators see nothing": WALK,
    "For a written reason": f"{GLASS} {WALK}",
    "You read the reason": GLASS,
    "Nobody sees a list": "team/test_leads_walk.py::test_no_page_takes_an_order team/"
    "test_leads_walk.py::test_no_question_orders_people_by_a_figure",
    "There are no scores": "team/test_leads_walk.py::test_no_page_has_a_score_or_a_rank",
    "*Sharing* says what": f"{LOOK} team/test_access.py::"
    "test_becoming_a_lead_takes_a_day_and_the_members_are_told",
    "A look is written": "team/test_access.py::test_what_cannot_be_written_down_is_not_sent",
    "*What others see of you*": f"{LEAD} {WALK}",
    "*Pause* takes": "team/test_elsewhere.py::"
    "test_a_pause_holds_on_all_machines_until_the_person_goes_on",
    "A lower tier (on": "team/test_lowering.py::"
    "test_what_is_left_is_what_would_have_come_at_the_lower_tier",
    "*Sharing* then says": f"{LOWER} team/test_lowering.py::"
    "test_a_message_that_was_under_way_is_not_taken_above_the_tier",
    "To share more": "team/test_lowering.py::"
    "test_machines_follow_at_their_next_sync_and_only_they_can_share_more",
    "*Download everything*": GONE,
    "*Delete everything*": f"{GONE} team/test_nightly.py::"
    "test_the_bytes_of_a_forgotten_session_leave_the_disk_with_the_job",
    "Your own record": "team/test_elsewhere.py::"
    "test_all_of_a_person_can_be_deleted_and_all_their_machines_pause",
    "What was never collected": NEVER,
    "A lead of yours sees how long": FRAME,
    "At tier 2 and 3": FRAME,
    "Whoever runs the server's": FRAME,
}


def sentences() -> list[str]:
    """Of the page, without headings."""
    text = PAGE.read_text("utf-8")
    blocks = [" ".join(each.split()) for each in re.split(r"\n\n+|\n(?=- )", text)]
    return [
        sentence
        for block in blocks
        if not block.startswith("#")
        for sentence in re.split(r"(?<=\.)\s+(?=[A-Z*`])", re.sub(r"^- |\*\*", "", block))
        if sentence
    ]


def unheld() -> list[str]:
    """Sentences that no test is named for, and tests that are named for none."""
    there = sentences()
    lost = [each for each in HELD if sum(one.startswith(each) for one in there) != 1
            and not (each == "Nothing is sent." and each in there)]  # fmt: skip
    return lost + [one for one in there if not any(one.startswith(each) for each in HELD)]


def test_every_sentence_is_held_by_a_test():
    assert unheld() == []
    for tests in HELD.values():
        for named in tests.split():
            file, _, name = named.partition("::")
            text = (ROOT / "tests" / file).read_text("utf-8")
            assert f"def {name}(" in text, named


def test_a_new_sentence_is_not(monkeypatch, tmp_path):
    copy = tmp_path / "page.md"
    copy.write_text(PAGE.read_text("utf-8") + "\nNobody reads this.\n", "utf-8")
    monkeypatch.setitem(globals(), "PAGE", copy)
    assert unheld() == ["Nobody reads this."]
