"""The ways of writing a model's id, and what they come to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accrete.pricing.models import canonical_model, read_model_id
from accrete.pricing.table import TABLE


@pytest.mark.parametrize(
    ("raw", "canonical"),
    [
        ("claude-opus-4-1-20250805", "claude-opus-4-1"),
        ("claude-opus-4-20250514", "claude-opus-4"),
        ("claude-opus-4-0", "claude-opus-4"),
        ("claude-4-opus-20250514", "claude-opus-4"),
        ("claude-sonnet-4-20250514", "claude-sonnet-4"),
        ("claude-4-5-opus", "claude-opus-4-5"),
        ("claude-4.5-haiku-20251001", "claude-haiku-4-5"),
        ("claude-3-5-sonnet-20241022", "claude-3-5-sonnet"),
        ("claude-3-5-sonnet-latest", "claude-3-5-sonnet"),
        ("claude-3.7-sonnet-latest", "claude-3-7-sonnet"),
        ("claude-sonnet-3-7", "claude-3-7-sonnet"),
        ("claude-3-opus-20240229", "claude-3-opus"),
        ("claude-opus-5[1m]", "claude-opus-5"),
        ("claude-sonnet-4-5-20250929[1m]", "claude-sonnet-4-5"),
        ("claude-opus-5.0", "claude-opus-5"),
        ("claude-opus-5-2026-07-24", "claude-opus-5"),
        ("Claude-Opus-5 ", "claude-opus-5"),
        ("claude-mythos-preview", "claude-mythos-preview"),
    ],
)
def test_dates_dots_and_orders_come_to_one_id(raw, canonical):
    assert canonical_model(raw) == canonical


@pytest.mark.parametrize(
    ("raw", "canonical", "regional"),
    [
        ("us.anthropic.claude-opus-4-1-20250805-v1:0", "claude-opus-4-1", True),
        ("eu.anthropic.claude-opus-4-6-v1", "claude-opus-4-6", True),
        ("apac.anthropic.claude-sonnet-4-20250514-v1:0", "claude-sonnet-4", True),
        ("us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5", True),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0[1m]", "claude-sonnet-4-5", True),
        ("global.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5", False),
        ("anthropic.claude-3-5-sonnet-20241022-v2:0", "claude-3-5-sonnet", False),
        ("anthropic.claude-3-haiku-20240307-v1:0:200k", "claude-3-haiku", False),
        ("bedrock/us.anthropic.claude-opus-4-8", "claude-opus-4-8", True),
        (
            "arn:aws:bedrock:us-east-1:123456789012:inference-profile/jp.anthropic.claude-opus-5",
            "claude-opus-5",
            True,
        ),
        (
            "arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0",
            "claude-3-haiku",
            False,
        ),
        ("claude-opus-4-1@20250805", "claude-opus-4-1", False),
        ("claude-opus-4-8@default", "claude-opus-4-8", False),
        ("vertex_ai/claude-haiku-4-5@20251001", "claude-haiku-4-5", False),
        ("publishers/anthropic/models/claude-sonnet-5@20260630", "claude-sonnet-5", False),
        ("anthropic/claude-opus-4.1", "claude-opus-4-1", False),
        ("openrouter/anthropic/claude-3.7-sonnet:thinking", "claude-3-7-sonnet", False),
    ],
)
def test_a_cloud_or_gateway_spelling_comes_to_the_model_and_keeps_its_area(
    raw, canonical, regional
):
    assert read_model_id(raw)[:2] == (canonical, regional)


@pytest.mark.parametrize(
    "raw",
    [
        "deepseek-chat",
        "gpt-5",
        "<synthetic>",
        "",
        "claude",
        "claude-opus",
        "opus",
        "claude-opus-latest",
        "claude-opus-5-mini",
        "claude-2.1",
        "us.claude-opus-5",
        "xx.anthropic.claude-opus-5",
        "proxy/claude-opus-5",
        "Claude-Opus",
        "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123",
    ],
)
def test_an_id_that_names_no_model_comes_back_unchanged(raw):
    assert read_model_id(raw)[:2] == (raw, False)


def test_a_model_of_the_table_is_its_own_canonical_id():
    assert [row.model for row in TABLE if canonical_model(row.model) != row.model] == []


@pytest.mark.long
@given(st.text(max_size=60))
def test_bringing_an_id_into_one_form_twice_changes_nothing(raw):
    once = canonical_model(raw)
    assert canonical_model(once) == once


SPELLINGS = st.sampled_from(
    [
        "{}",
        "{}-20260101",
        "{}@20260101",
        "us.anthropic.{}-v1:0",
        "anthropic/{}",
        "{}[1m]",
        "{}-latest",
    ]
)


@given(st.sampled_from([row.model for row in TABLE]), SPELLINGS)
def test_a_spelling_never_leads_to_another_model(model, spelling):
    assert canonical_model(spelling.format(model)) == model
