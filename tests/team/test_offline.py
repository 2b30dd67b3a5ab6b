"""Weeks without a server: nothing is lost, nobody waits, and then all of it arrives."""

from __future__ import annotations

import httpx2
import pytest

from accrete.commands import sync as command
from accrete.errors import AccreteError
from accrete.ingest import ingest
from accrete.sync import transport
from accrete.sync.due import is_due, read_last
from tests.records import kept
from tests.team.serving import NOW
from tests.team.test_devices import check_sums, held
from tests.team.test_elsewhere import use
from tests.transcripts import busy

pytestmark = pytest.mark.alike

HOUR_MS, WEEKS = 3_600_000, 6


@pytest.mark.long
def test_six_weeks_offline_lose_nothing(settings, team, monkeypatch, tmp_path):
    clock, tries = [NOW], []
    monkeypatch.setattr(command, "_now", lambda: clock[0])
    monkeypatch.setattr(transport, "WAIT_S", 0)
    kept(settings, busy(1))
    choice = team.choice(tier=2)
    use(monkeypatch, team, settings, choice)
    command.sent_to(settings, choice)

    def gone(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("no network")

    def away(choice):
        return httpx2.Client(transport=httpx2.MockTransport(gone))

    monkeypatch.setattr(transport, "client", away)
    for hour in range(WEEKS * 7 * 24):
        clock[0] = NOW + (hour + 1) * HOUR_MS
        if hour % (7 * 24) == 0:  # work goes on, old sessions too
            busy(2 + hour // (7 * 24)).write(settings.roots[0] / "projects")
            busy(1, turns=5 + hour // (7 * 24)).write(settings.roots[0] / "projects")
            ingest(settings)
        if is_due(settings, choice, clock[0]):
            tries.append(hour)
            with pytest.raises(AccreteError, match="Nothing is lost"):
                command.sent_to(settings, choice)
    assert len(tries) < WEEKS * 7 + 20
    assert all(later - before <= 31 for before, later in zip(tries, tries[1:], strict=False))
    assert read_last(settings).ok_at == NOW

    monkeypatch.setattr(transport, "client", team.http)
    clock[0] += 48 * HOUR_MS
    assert is_due(settings, choice, clock[0])
    assert command.sent_to(settings, choice).sessions == WEEKS + 1
    assert read_last(settings).failures == 0
    check_sums(team)
    from accrete.settings import Settings

    beside = Settings(home=tmp_path / "beside", roots=settings.roots, zone=settings.zone)
    ingest(beside)
    team.meet(beside, team.choice("Kim", company="globex", tier=2))

    class Undisturbed:
        def rows(self, sql):
            return team.rows(sql, "globex")

    assert held(team) == held(Undisturbed())
