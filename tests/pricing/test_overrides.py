"""The person's own prices: multiplier, rates and aliases."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accrete.pricing.cost import Price, UsedTokens, price
from accrete.pricing.overrides import parse_overrides
from accrete.pricing.table import instant

AT = instant("2026-10-20")
RATES = {"input": 2.4, "output": 12, "cacheRead": 0.24, "cacheWrite": 3}


def cost(raw, model, usage, **conditions):
    return price(usage, model=model, at=AT, overrides=parse_overrides(raw), **conditions)


def test_a_multiplier_scales_every_cost():
    usage = UsedTokens(10, 10, 10, 10, 0, 10, 1)
    listed = 10 * (5_000 + 25_000 + 500 + 10_000) + 10_000_000
    assert cost({"multiplier": 0.85}, "claude-opus-5", usage) == Price(listed * 85 // 100, "table")


def test_a_multiplier_is_the_decimal_that_was_written():
    assert (
        cost({"multiplier": 0.1}, "claude-opus-5", UsedTokens(0, 0, 10**15, 0, 0, 0)).nano
        == 500 * 10**15 // 10
    )


def test_own_rates_hold_as_written_and_one_rate_for_both_lifetimes():
    raw = {"overrides": {"claude-sonnet-4-6": RATES}}
    usage = UsedTokens(1, 1, 1, 3, 1, 2, 1)
    expected = Price(2_400 + 12_000 + 240 + 3 * 3_000 + 10_000_000, "override")
    assert cost(raw, "claude-sonnet-4-6", usage) == expected
    assert cost(raw, "claude-sonnet-4-6", usage, speed="fast", geo="us", tier="batch") == expected
    assert cost(raw, "claude-sonnet-5", usage).basis == "table"


def test_one_hour_writes_may_have_a_rate_of_their_own():
    raw = {"overrides": {"claude-sonnet-4-6": {**RATES, "cacheWrite1h": 5}}}
    assert cost(raw, "claude-sonnet-4-6", UsedTokens(0, 0, 0, 3, 1, 2)).nano == 3_000 + 2 * 5_000


def test_the_multiplier_comes_on_top_of_own_rates():
    raw = {"multiplier": 0.5, "overrides": {"claude-sonnet-4-6": RATES}}
    assert cost(raw, "claude-sonnet-4-6", UsedTokens(10, 0, 0, 0, 0, 0)) == Price(
        12_000, "override"
    )


@pytest.mark.parametrize(
    "key", ["claude-sonnet-4-6", "us.anthropic.claude-sonnet-4-6", "claude-sonnet-4-6@default"]
)
def test_a_row_for_a_model_holds_for_every_spelling_of_it(key):
    raw = {"overrides": {key: RATES}}
    for model in (
        "claude-sonnet-4-6",
        "claude-sonnet-4-6[1m]",
        "eu.anthropic.claude-sonnet-4-6",
        key,
    ):
        assert cost(raw, model, UsedTokens(1, 0, 0, 0, 0, 0)) == Price(2_400, "override")


def test_the_id_as_written_goes_before_the_row_of_its_model():
    raw = {
        "overrides": {
            "claude-sonnet-4-6": RATES,
            "us.anthropic.claude-sonnet-4-6": {**RATES, "input": 1},
        }
    }
    assert cost(raw, "us.anthropic.claude-sonnet-4-6", UsedTokens(1, 0, 0, 0, 0, 0)).nano == 1_000
    assert cost(raw, "claude-sonnet-4-6", UsedTokens(1, 0, 0, 0, 0, 0)).nano == 2_400


def test_own_rates_price_a_model_that_the_table_does_not_know():
    raw = {"overrides": {"house-model": RATES}}
    assert cost(raw, "house-model", UsedTokens(10, 0, 0, 0, 0, 0)) == Price(24_000, "override")
    assert cost(raw, "house-model-2", UsedTokens(10, 0, 0, 0, 0, 0)) == Price(
        None, "unpriced:model"
    )


def test_an_alias_takes_the_list_price_of_its_model():
    raw = {"aliases": {"proxy-opus": "claude-opus-5", "proxy-eu": "eu.anthropic.claude-opus-5"}}
    assert cost(raw, "proxy-opus", UsedTokens(10, 0, 0, 0, 0, 0)) == Price(50_000, "alias")
    assert cost(raw, "proxy-eu", UsedTokens(10, 0, 0, 0, 0, 0)) == Price(55_000, "alias")
    assert cost(raw, "claude-opus-5", UsedTokens(10, 0, 0, 0, 0, 0)) == Price(50_000, "table")
    assert cost(raw, "proxy-sonnet", UsedTokens(10, 0, 0, 0, 0, 0)) == Price(None, "unpriced:model")


def test_an_alias_of_a_model_with_own_rates_takes_those():
    raw = {"aliases": {"proxy": "house-model"}, "overrides": {"house-model": RATES}}
    assert cost(raw, "proxy", UsedTokens(10, 0, 0, 0, 0, 0)) == Price(24_000, "override")


def test_a_message_that_the_client_made_up_costs_nothing_under_any_prices():
    raw = {"overrides": {"<synthetic>": RATES}}
    assert cost(raw, "<synthetic>", UsedTokens(10, 0, 0, 0, 0, 0)) == Price(0, "zero")


def test_two_sets_of_own_prices_do_not_mix():
    for factor in (1, 2, 3):
        assert (
            cost({"multiplier": factor}, "claude-opus-5", UsedTokens(1, 0, 0, 0, 0, 0)).nano
            == 5_000 * factor
        )


def test_nothing_given_changes_nothing():
    assert cost({}, "claude-opus-5", UsedTokens(1, 0, 0, 0, 0, 0)) == Price(5_000, "table")


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        ([], "it must be an object with any of multiplier, overrides, aliases"),
        ({"multiplyer": 1}, "it has 'multiplyer'; known are multiplier, overrides, aliases"),
        ({"multiplier": "x"}, "multiplier must be a number from 0 to 10, not 'x'"),
        ({"multiplier": "1/0"}, "multiplier must be a number from 0 to 10, not '1/0'"),
        ({"multiplier": True}, "multiplier must be a number from 0 to 10, not True"),
        ({"multiplier": -1}, "multiplier must be a number from 0 to 10, not -1"),
        ({"multiplier": float("nan")}, "multiplier must be a number from 0 to 10, not nan"),
        ({"multiplier": "1e999999999"},
         "multiplier must be a number from 0 to 10, not '1e999999999'"),
        ({"multiplier": "1e-999999999"},
         "multiplier must be a number from 0 to 10, not '1e-999999999'"),
        ({"multiplier": None}, "multiplier must be a number from 0 to 10, not None"),
        ({"multiplier": 0}, "multiplier must be more than 0"),
        ({"overrides": []}, "overrides must be an object of model ids"),
        ({"overrides": {"m": 3}},
         "overrides.m must be an object with input, output, cacheRead, cacheWrite"),
        ({"overrides": {"m": {"input": 1}}},
         "overrides.m must have output, in USD per million tokens"),
        ({"overrides": {"m": {**RATES, "inputs": 3}}},
         "overrides.m has 'inputs'; known are input, output, cacheRead, cacheWrite, cacheWrite1h"),
        ({"overrides": {"m": {**RATES, "input": 10_001}}},
         "overrides.m.input must be a number from 0 to 10000, not 10001"),
        ({"aliases": 7}, "aliases must be an object of model ids"),
        ({"aliases": {"a": 1}},
         "aliases.a must name a model of the price table or of overrides, not 1"),
        ({"aliases": {"a": "claude-opus-99"}},
         "aliases.a must name a model of the price table or of overrides, not 'claude-opus-99'"),
    ],
)  # fmt: skip
def test_own_prices_of_the_wrong_shape_are_refused_with_a_sentence(raw, sentence):
    with pytest.raises(ValueError) as refused:
        parse_overrides(raw)
    assert str(refused.value) == sentence


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["multiplier", "overrides", "aliases", "input", "m"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)


@pytest.mark.long
@given(JSON)
def test_any_settings_are_either_read_or_refused_with_a_sentence(raw):
    try:
        assert parse_overrides(raw).multiplier > 0
    except ValueError as refused:
        assert "must" in str(refused) or "known are" in str(refused)  # noqa: PT017  (most inputs are refused, some are not)


@pytest.mark.parametrize(
    ("raw", "taken"),
    [(10, True), ("1e-30", True), ("0.9e-30", False), ("10.1", False), (None, False),
     (False, False), ([1], False), ("Infinity", False)],
)  # fmt: skip
def test_a_multiplier_is_a_number_that_can_be_meant(raw, taken):
    if taken:
        parse_overrides({"multiplier": raw})
        return
    with pytest.raises(ValueError, match="multiplier must be a number from 0 to 10, not"):
        parse_overrides({"multiplier": raw})
