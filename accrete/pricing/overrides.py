"""A person's own prices, in the shape of Claude Code's setting `modelPricing`, and model
aliases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from accrete.pricing.models import canonical_model
from accrete.pricing.table import TABLE, Rates

_NEEDED = ("input", "output", "cacheRead", "cacheWrite")
_HOUR = "cacheWrite1h"
_KEYS = ("multiplier", "overrides", "aliases")
_MOST_MULTIPLIER = 10
_MOST_RATE = 10_000
_LEAST = Decimal("1e-30")


@dataclass(frozen=True, eq=False)
class Overrides:
    """What `parse_overrides` read; two are equal only when they are the same object.

    multiplier: on every cost, also where a rate is the person's own. models: own rates by model id.
    aliases:
    a gateway's model id -> the id of a model in the table or in `models`.
    """

    multiplier: Fraction = Fraction(1)
    models: Mapping[str, Rates] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)

    def target(self, model: str) -> str | None:
        """What an alias stands for; None if the id is no alias."""
        return self.aliases.get(model)

    def own_rates(self, model: str) -> Rates | None:
        """The rates given for a model. A key that is the id as written goes first; a key that is
        the model's own id holds for every dated, `[1m]` and cloud spelling of it, as in Claude
        Code."""
        return self.models.get(model) or self.models.get(canonical_model(model))


def parse_overrides(raw: object) -> Overrides:
    """Overrides from `{"multiplier": 0.8, "overrides": {"MODEL": {"input": 1, "output": 5,
    "cacheRead": 0.1, "cacheWrite": 1.25}}, "aliases": {"ID": "MODEL"}}`; each part may be missing.

    Rates are USD per million tokens. As in Claude Code `cacheWrite` holds for both lifetimes;
    `cacheWrite1h` may be given beside it. Numbers may be strings, to be exact. Raises ValueError
    with a sentence that says what to change.
    """
    top = _object(raw, "it", f"with any of {', '.join(_KEYS)}")
    _only(top, _KEYS, "it")
    multiplier = _amount(top.get("multiplier", 1), "multiplier", _MOST_MULTIPLIER)
    _require(multiplier > 0, "multiplier must be more than 0")
    given = _object(top.get("overrides", {}), "overrides", "of model ids")
    models: dict[str, Rates] = {}
    for name, rates in given.items():
        models[name] = _rates(rates, f"overrides.{name}")
        # As in Claude Code, a key with a date or a cloud's prefix means that model in every
        # spelling.
        if (canonical := canonical_model(name)) in _LISTED and canonical not in given:
            models.setdefault(canonical, models[name])
    return Overrides(multiplier, models, _aliases(top.get("aliases", {}), models))


_LISTED = frozenset(row.model for row in TABLE)


def _aliases(raw: object, models: Mapping[str, Rates]) -> dict[str, str]:
    aliases: dict[str, str] = {}
    for name, target in _object(raw, "aliases", "of model ids").items():
        known = isinstance(target, str) and (target in models or canonical_model(target) in _LISTED)
        wanted = "a model of the price table or of overrides"
        _require(known, f"aliases.{name} must name {wanted}, not {target!r}")
        aliases[name] = str(target)
    return aliases


def _rates(raw: object, name: str) -> Rates:
    given = _object(raw, name, f"with {', '.join(_NEEDED)}")
    _only(given, (*_NEEDED, _HOUR), name)
    for key in _NEEDED:
        _require(key in given, f"{name} must have {key}, in USD per million tokens")
    amounts = {key: _amount(value, f"{name}.{key}", _MOST_RATE) for key, value in given.items()}
    write = amounts["cacheWrite"]
    return Rates(
        amounts["input"], write, amounts.get(_HOUR, write), amounts["cacheRead"], amounts["output"]
    )


def _object(raw: object, name: str, what: str) -> dict[str, object]:
    if not isinstance(raw, Mapping):
        # The settings' reader shows a ValueError to the person; a TypeError would be a bug of ours.
        raise ValueError(f"{name} must be an object {what}")
    return {str(key): value for key, value in raw.items()}


def _only(given: Mapping[str, object], known: tuple[str, ...], name: str) -> None:
    for key in given:
        _require(key in known, f"{name} has {key!r}; known are {', '.join(known)}")


def _amount(raw: object, name: str, most: int) -> Fraction:
    try:
        # By way of its text 0.8 is the decimal that the person wrote, not the nearest float.
        amount = Decimal(str(raw))
    except (InvalidOperation, ValueError):
        amount = Decimal("NaN")
    # Compared as a decimal before it becomes a fraction: 1e999999999 would fill the memory.
    sane = amount.is_finite() and 0 <= amount <= most and (not amount or amount >= _LEAST)
    _require(sane, f"{name} must be a number from 0 to {most}, not {raw!r}")
    return Fraction(amount) if amount else Fraction(0)


def _require(holds: bool, sentence: str) -> None:
    if not holds:
        raise ValueError(sentence)
