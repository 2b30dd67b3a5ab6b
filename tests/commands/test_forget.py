"""What `accrete forget` says of what it deleted."""

from __future__ import annotations

import pytest

from tests.commands.made import shipped
from tests.transcripts import fork, session_id


@pytest.mark.long
def test_whoever_forgets_a_session_with_a_fork_is_told_what_stays(run, kept):
    t = shipped()
    kept(t, fork(t, 9, upto=4))
    out = run("forget", t.session, "--yes")[1]
    assert "keep their copies" in out
    assert session_id(9)[:8] in out
    assert "No file in the data folder holds them" not in out
