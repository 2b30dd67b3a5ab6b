"""Two sayings of one response, or of one call, are merged alike in either order."""

from __future__ import annotations

import pytest

from accrete.model.captured import Response, ToolCall
from accrete.transcript.assemble import merge_calls, merge_responses

RESPONSE = Response(**dict.fromkeys(Response._fields, 0))._replace(
    message_id="m", session="s", agent="", model="x", at=None, ended_at=None, iterations=None,
    version=None, branch=None,
)  # fmt: skip
CALL = ToolCall(**dict.fromkeys(ToolCall._fields, 0))._replace(uuid="u", at=None)


@pytest.mark.parametrize(("merge", "said"), [(merge_responses, RESPONSE), (merge_calls, CALL)])
def test_what_a_main_line_says_too_is_of_no_subagent_alone(merge, said):
    own, beside = said._replace(sidechain=0, seq=2), said._replace(sidechain=1, seq=1)
    assert merge(own, beside) == merge(beside, own)
    assert merge(own, beside).sidechain == 0
    assert merge(beside, beside).sidechain == 1
