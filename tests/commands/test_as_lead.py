"""What a lead would see is what a lead sees."""

from __future__ import annotations

import re
from html import unescape

import pytest

from accrete.commands.as_lead import as_lead
from accrete.explorer.guard import Keys
from tests.asked_once import Client
from tests.records import kept, rows
from tests.team.serving import Team
from tests.team.signed import a_person, in_team, signed_in
from tests.team.test_sync import told

pytestmark = pytest.mark.long


@pytest.mark.parametrize("tier", [1, 2, 3])
def test_the_pages_are_those_that_a_lead_gets(settings, tmp_path, tier):
    kept(settings, told(1), told(2))
    before = rows(settings, "SELECT * FROM shared")
    keys = Keys(80)
    app = as_lead(settings, tier, keys, "")
    ((session,), _) = rows(settings, "SELECT id FROM session ORDER BY id")
    paths = ["/?range=all", "/sessions?range=all", f"/sessions/{session}", "/practices?range=all",
             "/search?q=zqprompt&range=all"]  # fmt: skip
    of_team = ["/matrix?range=all", "/matrix/planning/1?range=all"]
    if tier > 1:
        paths.append(f"/sessions/{session}/changes")
    with Client(app, base_url="http://localhost") as client:
        assert client.get("/").status_code == 403
        client.cookies.set(keys.name, keys.secret)
        alone = [client.get(path).text for path in (*paths, *of_team)]
        there = {unescape(href) for text in alone[-2:]
                 for href in re.findall(r'href="(/(?:people|matrix)/[^"]*)', text)}  # fmt: skip
        assert len(there) > 11
        assert {client.get(href).status_code for href in there} == {200}
        away = client.get("/people/1//example.com/", follow_redirects=False)
        assert away.headers["location"] == "/example.com/"
    assert rows(settings, "SELECT * FROM shared") == before
    team = Team(tmp_path / "team")
    team.company()
    with team.client:
        team.sync(settings, team.choice("You", tier=tier))
        you, lea = (a_person(team, name, password=None) for name in ("You", "Lea Lead"))
        in_team(team, "Ledger", leads=[lea], members=[you])
        lead = signed_in(team, "Lea Lead")
        real = [lead.page(f"/people/{you}{path}") for path in paths]
        real += [lead.page(path) for path in of_team]
    assert "Whole team" in alone[-2]
    for path, one, other in zip((*paths, *of_team), alone, real, strict=True):
        assert said(one) == said(other), path
    text = "".join(alone)
    assert ("zqprompt it" in text) == (tier == 3)
    assert ("zqpath" in text) == (tier > 1)


def said(page: str) -> str:
    """The words of a page's main part, without its first sentence and where it leads."""
    main = re.search(r"<main.*</main>", page, re.S)[0]
    main = re.sub(r'<p class="notice">.*?</p>', "", main, count=1, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", main))
