"""Practices: one file each, discovered in this folder. Pure functions over a session's story."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from accrete.practices.practice import Practice, Sighting

__all__ = ["Practice", "Sighting", "all_practices", "named"]


@cache
def all_practices() -> tuple[Practice, ...]:
    """Every practice, in the order of their names."""
    modules = sorted(
        m.name
        for m in iter_modules(__path__)
        if m.name not in ("built_in", "depth", "practice", "slash_commands", "weeks")
    )
    return tuple(import_module(f"accrete.practices.{name}").PRACTICE for name in modules)


def named(name: str) -> Practice | None:
    """The practice of that name."""
    return next((practice for practice in all_practices() if practice.name == name), None)
