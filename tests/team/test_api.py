"""The API as its own description has it: no fault of the server, nothing without a token."""

from __future__ import annotations

import copy
import gzip
import json
import os
import re
from typing import Any

import pytest
import schemathesis
from accrete_team import description
from accrete_team.app import application
from hypothesis import HealthCheck
from hypothesis import settings as how
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

import accrete
from accrete.wire.contract import OLDEST
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


LONG = bool(os.environ.get("ACCRETE_TORTURE"))


def fewer_rows() -> dict[str, Any]:
    """The description with rows of one table, in `make torture` of three: to make up those of all
    takes a minute, and each member of a row is a dozen requests."""
    made = copy.deepcopy(description.openapi())
    names = ("session_1", "prompt_3", "event_2") if LONG else ("event_2",)
    rows = [{"$ref": f"#/components/schemas/{name}"} for name in names]
    made["components"]["schemas"]["Table"]["properties"]["rows"]["items"]["anyOf"] = rows
    return made


NOT_SAID = [positive_data_acceptance, negative_data_rejection]
"""No description can say what a hash is of, nor that a bad row is refused alone."""
PACKING = Packing()
schema = schemathesis.openapi.from_dict(fewer_rows())
schema.app = PACKING
many = how(max_examples=1000 if LONG else 5, deadline=None, suppress_health_check=list(HealthCheck))


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
                assert made[f"{name}_{tier}"]["description"] == f"A row of {name} at tier {tier}."
    rows = {f"{name}_{tier}" for name in NAMES for tier in (1, 2, 3) if columns(name, tier)}
    assert {name for name in made if name[-2:-1] == "_"} == rows
    listed = [each["$ref"] for each in made["Table"]["properties"]["rows"]["items"]["anyOf"]]
    assert sorted(listed) == sorted(f"#/components/schemas/{name}" for name in rows)
    assert made["Message"]["properties"]["wire"]["minimum"] == OLDEST


ASKED = "200 401 423 429 503"
"""What any request with a token may be answered with."""
GIVEN = "200 400 401 408 413 423 429 503"


@pytest.mark.parametrize(
    ("path", "method", "codes", "answer", "given"),
    [
        ("/c/{slug}/api/v1/sync", "post", "200 400 401 408 413 415 423 426 429 503", "Receipt",
         "Message"),
        ("/c/{slug}/api/v1/projects", "get", ASKED, "Projects", None),
        ("/c/{slug}/api/v1/state", "get", ASKED, "State", None),
        ("/c/{slug}/api/v1/state", "post", GIVEN, "Heard", "Chosen"),
        ("/c/{slug}/api/v1/turn", "post", ASKED, "Turn", None),
        ("/c/{slug}/api/v1/mine", "delete", ASKED, "Erased", None),
        ("/c/{slug}/api/v1/benchmarks", "get", ASKED, "Benchmarks", None),
        ("/c/{slug}/api/v1/teaching", "post", GIVEN, "Offered", "Teaching"),
    ],
)  # fmt: skip
def test_what_a_machine_may_ask_is_described_with_every_answer(path, method, codes, answer, given):
    asked = description.openapi()["paths"][path][method]

    def typed(said: Any) -> str:
        return str(said["content"]["application/json"]["schema"]["$ref"]).rpartition("/")[2]

    assert asked["security"] == [{"token": []}]
    in_path, *headers = asked["parameters"]
    assert (in_path["name"], in_path["in"], in_path["required"]) == ("slug", "path", True)
    assert re.fullmatch(in_path["schema"]["pattern"], "acme-2")
    assert not re.fullmatch(in_path["schema"]["pattern"], "Acme!")
    wanted = [("Content-Encoding", "header", True, ["gzip"])] if given == "Message" else []
    assert [(e["name"], e["in"], e["required"], e["schema"]["enum"]) for e in headers] == wanted
    answers = asked["responses"]
    assert sorted(answers) == codes.split()
    assert {code: typed(said) for code, said in answers.items()} == {
        code: answer if code == "200" else "Problem" for code in codes.split()
    }
    assert all(said["description"] for said in answers.values())
    if given is None:
        assert "requestBody" not in asked
    else:
        assert asked["requestBody"]["required"] is True
        assert typed(asked["requestBody"]) == given


def test_what_anybody_may_ask_is_described_without_a_token():
    made = description.openapi()
    plain = {"text/plain": {"schema": {"type": "string"}}}
    json_ = {"application/json": {"schema": {"type": "object"}}}
    open_ = {path: said for path, said in made["paths"].items() if not path.startswith("/c/")}
    assert {path: [*said] for path, said in open_.items()} == {
        "/healthz": ["get"], "/readyz": ["get"], description.PATH: ["get"],
    }  # fmt: skip
    assert all("security" not in said["get"] for said in open_.values())
    assert {path: said["get"]["responses"] for path, said in open_.items()} == {
        "/healthz": {"200": {"description": "ok", "content": plain}},
        "/readyz": {"200": {"description": "ok", "content": plain},
                    "503": {"description": "not ready", "content": plain}},
        description.PATH: {"200": {"description": "ok", "content": json_}},
    }  # fmt: skip
    (token,) = made["components"]["securitySchemes"].values()
    assert (token["type"], token["scheme"]) == ("http", "bearer")
    assert (made["openapi"], made["info"]["version"]) == ("3.1.0", accrete.__version__)


def test_the_command_prints_the_description(capsys):
    from accrete_team.__main__ import main

    with pytest.raises(SystemExit):
        main(["openapi"])
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(description.openapi()))
