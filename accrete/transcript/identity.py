"""Which answer of the API a line belongs to, from the line alone."""

from __future__ import annotations

from accrete.text.lazy import lazy

_MINTED_MESSAGE = lazy(r"msg_(?:[a-z]+_)?[0-9A-Za-z]{16,}").fullmatch
_MINTED_USE = lazy(r"toolu_(?:[a-z]+_)?[0-9A-Za-z]{16,}").fullmatch
_OWN = lazy(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}").fullmatch
_MINTED_REQUEST = lazy(r"req_(?:[a-z]+_)?[0-9A-Za-z]{16,}").fullmatch


def answer_id(message_id: str | None, request_id: str | None, uuid: str, *, synthetic: bool) -> str:
    """The message id that a line's rows get.

    Ids as the API mints them name one answer, and so does the id of what the client wrote in the
    model's place. Any other id is a gateway's word, and gateways use ids again: such a line's rows
    stand under an id of their own,
    `ID#UUID`, and `derive/gateway_answers.py` works out which of them are one answer.
    """
    if not message_id:
        return (
            f"request:{request_id}"
            if request_id and _MINTED_REQUEST(request_id)
            else f"uuid:{uuid}"
        )
    if (synthetic and _OWN(message_id)) or (
        request_id and _MINTED_REQUEST(request_id) and _MINTED_MESSAGE(message_id)
    ):
        return message_id
    return f"{message_id}#{uuid}"


def is_minted_use(tool_use_id: str) -> bool:
    """Whether the API gave a tool-use id, which then is that of one call."""
    return _MINTED_USE(tool_use_id) is not None


def message_of(answer: str, uuid: str) -> str | None:
    """The gateway's message id in the id of a line that stands for itself; None if the id is the
    answer's own."""
    return answer[: -len(uuid) - 1] if answer.endswith(f"#{uuid}") else None
