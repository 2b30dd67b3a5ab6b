"""What the rounds of one answer cost together, and on what that stands."""

from __future__ import annotations

import pytest

from accrete.derive.inferences import BILLED, Terms
from accrete.pricing.cost import UsedTokens
from accrete.pricing.refusals import REFUSED
from tests.transcripts import START

NOTHING, SOME = UsedTokens(0, 0, 0, 0, 0, 0), UsedTokens(10, 20, 0, 0, 0, 0)
TERMS = Terms(START, None, None, None)


def cost(*parts: UsedTokens, model: str = "claude-opus-5") -> tuple[int | None, str]:
    return TERMS.cost(parts, model, None, 0, BILLED)


@pytest.mark.parametrize("parts", [(SOME, NOTHING), (NOTHING, SOME), (NOTHING, SOME, NOTHING)])
def test_a_round_of_nothing_changes_neither_the_cost_nor_what_it_stands_on(parts):
    assert cost(*parts) == cost(SOME)
    assert cost(SOME)[1] == "table"


def test_rounds_cost_what_each_does_and_nothing_costs_nothing():
    nano, basis = cost(SOME)
    assert nano is not None
    assert cost(SOME, SOME) == (2 * nano, basis)
    assert cost(NOTHING, NOTHING) == cost(NOTHING) == (0, "zero")


def test_searches_are_paid_for_once_however_many_rounds_there_were():
    once = TERMS.cost((SOME,), "claude-opus-5", None, 3, BILLED)[0]
    twice = TERMS.cost((SOME, SOME), "claude-opus-5", None, 3, BILLED)[0]
    nano = cost(SOME)[0]
    assert once is not None
    assert nano is not None
    assert once > nano
    assert twice == once + nano


def test_rounds_of_a_model_without_a_price_have_none_together():
    nano, basis = cost(SOME, SOME, model="claude-unknown-9")
    assert nano is None
    assert basis not in ("table", "zero", REFUSED)
