"""The OpenAPI description of the server's API, made of the contract's types."""

from __future__ import annotations

from functools import cache

import msgspec

import accrete
from accrete.text.json import JsonObject
from accrete.wire.benchmarks import Benchmarks, Offered, Teaching
from accrete.wire.contract import (
    OLDEST,
    Chosen,
    Erased,
    Heard,
    Message,
    Projects,
    Receipt,
    State,
    Turn,
    row_type,
)
from accrete.wire.travels import NAMES, columns
from accrete_team.registry import SLUG

PATH = "/api/v1/openapi.json"
REF = "#/components/schemas/{name}"
TEXT: JsonObject = {"text/plain": {"schema": {"type": "string"}}}


class Problem(msgspec.Struct):
    """Why a request was not done, in a sentence."""

    error: str


@cache
def openapi() -> JsonObject:
    """The description, in version 3.1."""
    rows = {
        (name, tier): row_type(name, tier)
        for name in NAMES
        for tier in (1, 2, 3)
        if columns(name, tier)
    }
    own = (Message, Receipt, Problem, Chosen, Erased, Heard, Projects, State, Turn, Benchmarks,
           Offered, Teaching)  # fmt: skip
    types = (*own, *rows.values())
    _, made = msgspec.json.schema_components(types, ref_template=REF)
    for (name, tier), kind in rows.items():
        made[kind.__name__]["description"] = f"A row of {name} at tier {tier}."
    made["Message"]["properties"]["wire"] |= {"minimum": OLDEST}
    made["Table"]["properties"]["rows"] = {
        "type": "array",
        "items": {"anyOf": [_ref(kind.__name__) for kind in rows.values()]},
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Accrete team server",
            "version": accrete.__version__,
            "description": "What machines send to a company. Docs: docs/team.md",
        },
        "paths": {
            "/c/{slug}/api/v1/sync": {"post": _sync()},
            "/c/{slug}/api/v1/projects": {"get": _asking("Projects", "The published projects.")},
            "/c/{slug}/api/v1/state": {
                "get": _asking("State", "What a machine is to know before it sends."),
                "post": _asking("Heard", "Choose for all machines of a person.", "Chosen"),
            },
            "/c/{slug}/api/v1/turn": {
                "post": _asking("Turn", "Numbers for the messages of a sync that begins now.")
            },
            "/c/{slug}/api/v1/mine": {
                "delete": _asking("Erased", "Delete all that the person shared.")
            },
            "/c/{slug}/api/v1/benchmarks": {
                "get": _asking("Benchmarks", "What a member may learn of their team.")
            },
            "/c/{slug}/api/v1/teaching": {
                "post": _asking("Offered", "Offer to show a practice, or not any more.", "Teaching")
            },
            "/healthz": {"get": _plain("The process answers, and its registry can be read.", 200)},
            "/readyz": {
                "get": _plain("The databases could be opened within ten seconds.", 200, 503)
            },
            PATH: {"get": _described()},
        },
        "components": {
            "schemas": made,
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The token of a machine, acr_SLUG_SECRET.",
                }
            },
        },
    }


def _ref(name: str) -> JsonObject:
    return {"$ref": REF.format(name=name)}


def _json(name: str, what: str) -> JsonObject:
    return {"description": what, "content": {"application/json": {"schema": _ref(name)}}}


SLUG_GIVEN: JsonObject = {
    "name": "slug", "in": "path", "required": True, "description": "The company.",
    "schema": {"type": "string", "pattern": f"^{SLUG.pattern}$"},
}  # fmt: skip
NOT_NOW = {
    401: "The token is unknown or revoked, or of another company.",
    423: "The company is archived.",
    429: "The machine asks too often.",
    503: "The company's database does not answer now, or is being moved.",
}


def _asking(answer: str, what: str, given: str = "") -> JsonObject:
    """What a machine asks with its token; given: the type of a body."""
    refused = NOT_NOW | ({400: "It is not that.", 408: "It took too long to come.",
                          413: "It is too large."} if given else {})  # fmt: skip
    made: JsonObject = {
        "summary": what,
        "security": [{"token": []}],
        "parameters": [SLUG_GIVEN],
        "responses": {
            "200": _json(answer, "As it is now."),
            **{str(code): _json("Problem", why) for code, why in refused.items()},
        },
    }
    if given:
        content: JsonObject = {"application/json": {"schema": _ref(given)}}
        made["requestBody"] = {"required": True, "content": content}
    return made


def _sync() -> JsonObject:
    """Sending a message, with all that may come of it."""
    refused = NOT_NOW | {
        400: "It is no message of the contract.",
        408: "The message took too long to come.",
        413: "The message is too large.",
        415: "The message is not gzipped.",
        426: "The machine speaks a newer version of the contract.",
    }
    return {
        "operationId": "sync",
        "summary": "Send what a person shares; rows that are refused are named, the rest is kept.",
        "security": [{"token": []}],
        "parameters": [
            SLUG_GIVEN,
            {"name": "Content-Encoding", "in": "header", "required": True,
             "schema": {"type": "string", "enum": ["gzip"]}},
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _ref("Message")}},
        },
        "responses": {
            "200": _json("Receipt", "What is held now."),
            **{str(code): _json("Problem", what) for code, what in refused.items()},
        },
    }  # fmt: skip


def _plain(what: str, *codes: int) -> JsonObject:
    said: JsonObject = {
        str(code): {"description": "ok" if code == 200 else "not ready", "content": TEXT}
        for code in codes
    }
    return {"summary": what, "responses": said}


def _described() -> JsonObject:
    schema: JsonObject = {"schema": {"type": "object"}}
    return {
        "summary": "This description.",
        "responses": {"200": {"description": "ok", "content": {"application/json": schema}}},
    }
