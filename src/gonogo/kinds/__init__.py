"""The things gonogo judges, each in one canonical shape with one field table."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from gonogo.kinds.base import Kind


def all_kinds() -> tuple[Kind, ...]:
    """Every kind, by name: the `KINDS` of each module of this package."""
    found: list[Kind] = []
    for module in iter_modules(__path__):
        found.extend(getattr(import_module(f"{__name__}.{module.name}"), "KINDS", ()))
    return tuple(sorted(found, key=lambda kind: kind.name))
