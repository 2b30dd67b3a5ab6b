"""The API as its own description has it: no fault of the server, nothing without a token."""

from __future__ import annotations

import copy
import gzip
import json
import os
from typing import Any

import pytest
import schemathesis
from accrete_team import description
from accrete_team.app import application
from hypothesis import HealthCheck
from hypothesis import settings as how
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from accrete.wire.travels import NAMES, columns
from tests.team.serving import Team

pytestmark = pytest.mark.long  # to read the file makes up requests for all of the description


class Packing:
    """The server, with the body of each message packed before it comes in: a description cannot say
    that a body is gzipped JSON."""

    app: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or not scope["path"].endswith("/sync"):
            await self.app(scope, receive, send)
            return
        body, more = b"", True
        while more:
            piece = await receive()
            body, more = body + piece.get("body", b""), piece.get("more_body", False)

        async def packed() -> dict[str, Any]:
            return {"type": "http.request", "body": gzip.compress(body), "more_body": False}

        headers = [each for each in scope["headers"] if each[0] != b"content-length"]
        await self.app({**scope, "headers": headers}, packed, send)


def fewer_rows() -> dict[str, Any]:
    """The description with rows of three tables: to make up those of all takes a minute."""
    made = copy.deepcopy(description.openapi())
    rows = [
        {"$ref": f"#/components/schemas/{name}"} for name in ("session_1", "prompt_3", "event_2")
    ]
    made["components"]["schemas"]["Table"]["properties"]["rows"]["items"]["anyOf"] = rows
    return made


NOT_SAID = [positive_data_acceptance, negative_data_rejection]
"""No description can say what a hash is of, nor that a bad row is refused alone."""
PACKING = Packing()
schema = schemathesis.openapi.from_dict(fewer_rows())
schema.app = PACKING
EXAMPLES = 1000 if os.environ.get("ACCRETE_TORTURE") else 5
many = how(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def api(tmp_path_factory) -> str:
    """A server with a company, and a token of it."""
    team = Team(tmp_path_factory.mktemp("api"))
    PACKING.app = application(team.registry)
    return team.choice().token


@pytest.mark.slow
@schema.parametrize()
@many
def test_no_request_finds_a_fault_of_the_server(case, api):
    if "slug" in case.path_parameters:
        case.path_parameters["slug"] = "acme"
    case.call_and_validate(headers={"Authorization": f"Bearer {api}"}, excluded_checks=NOT_SAID)


@pytest.mark.slow
@schema.include(operation_id="sync").parametrize()
@many
def test_nothing_is_taken_without_a_token_of_the_company(case, api):
    for said in ({}, {"Authorization": "Bearer acr_acme_" + "x" * 43}, {"Authorization": api}):
        answer = case.call(headers=said)
        assert answer.status_code in (401, 404, 405), answer.status_code


def test_the_description_has_every_route_of_the_api(api):
    described = set(description.openapi()["paths"])
    paths = {route.path for route in PACKING.app.routes if "/api/v" in route.path}
    assert paths
    assert paths <= described


def test_the_description_has_every_table_and_tier():
    made = description.openapi()["components"]["schemas"]
    for name in NAMES:
        for tier in (1, 2, 3):
            fields = {each.name for each in columns(name, tier)}
            if fields:
                assert set(made[f"{name}_{tier}"]["properties"]) == fields
                assert made[f"{name}_{tier}"]["additionalProperties"] is False


def test_the_command_prints_the_description(capsys):
    from accrete_team.__main__ import main

    with pytest.raises(SystemExit):
        main(["openapi"])
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(description.openapi()))
