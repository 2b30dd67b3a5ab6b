"""Model ids: the name in a response, and the model it means."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from accrete.text.lazy import lazy

# Where an id was addressed to: gateways' and clouds' paths, a Bedrock ARN, then the vendor.
_PATH = lazy(
    r"(?:arn:aws[a-z-]*:bedrock:[^/]*/|projects/[^/]+/locations/[^/]+/|publishers/|models/"
    r"|(?:bedrock|vertex_ai|vertex|google|azure_ai|openrouter|litellm|anthropic)/)+"
)
# Bedrock's inference profiles: documented are these areas, and `global`.
_AREA = lazy(r"(us-gov|us|eu|apac|jp|au|ca|in|global)\.(?=anthropic\.)")
_VENDOR = lazy(r"anthropic\.")
_SUFFIX = lazy(
    r"(?:\[\d+[mk]\]|-v\d+(?::\d+)?(?::\d+k)?|[-@](?:20\d{6}|latest)|@default|-20\d{2}-\d{2}-\d{2}"
    r"|:thinking|:beta)$"
)
_NAME = r"(opus|sonnet|haiku|fable|mythos)"
_VERSION = r"(\d{1,2})(?:[-.](\d{1,2}))?"
_NAME_FIRST = lazy(rf"claude-{_NAME}-{_VERSION}")
_NAME_LAST = lazy(rf"claude-{_VERSION}-{_NAME}")
_OTHERS = frozenset({"claude-mythos-preview"})


class ModelId(NamedTuple):
    """canonical: the id as the price table writes it, or the id unchanged where it is no Claude
    model's.
    regional: the id names a Bedrock profile that is bound to an area. bedrock: it is one of
    Bedrock's ids."""

    canonical: str
    regional: bool
    bedrock: bool


def canonical_model(raw: str) -> str:
    """The id of the model alone: without cloud, gateway, area and vendor, date, version and `[1m]`.

    Models of the third generation are `claude-3-7-sonnet`, later ones `claude-sonnet-4-5`; a `.0`
    is left out. Only the spelling is changed, family and version never: an id that names none comes
    back unchanged.
    """
    return read_model_id(raw).canonical


@lru_cache(maxsize=4096)
def read_model_id(raw: str) -> ModelId:
    """The model that an id means, and whether it is addressed to one area."""
    text = _without_start(_PATH, raw.strip().lower())
    area = _AREA.match(text)
    bedrock = area is not None or _VENDOR.match(text) is not None
    text = _without_start(_VENDOR, _without_start(_AREA, text))
    while (shorter := _SUFFIX.sub("", text)) != text:
        text = shorter
    canonical = _canonical(text)
    return ModelId(
        canonical or raw,
        canonical is not None and area is not None and area[1] != "global",
        bedrock,
    )


def _without_start(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.match(text)
    return text[match.end() :] if match else text


def _canonical(text: str) -> str | None:
    if text in _OTHERS:
        return text
    if match := _NAME_FIRST.fullmatch(text):
        name, major, minor = match.groups()
    elif match := _NAME_LAST.fullmatch(text):
        major, minor, name = match.groups()
    else:
        return None
    version = major if minor in (None, "0") else f"{major}-{minor}"
    return f"claude-{version}-{name}" if int(major) <= 3 else f"claude-{name}-{version}"
