"""Three-valued answers (strong Kleene logic): an unknown decides nothing that something known does not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from gonogo.model.value import Unknown

Truth: TypeAlias = bool | Unknown


def any_of(truths: Iterable[Truth]) -> Truth:
    """True where one is, else unknown where one is."""
    unknown: list[Unknown] = []
    for truth in truths:
        if truth is True:
            return True
        if isinstance(truth, Unknown):
            unknown.append(truth)
    return Unknown.merge(unknown) if unknown else False


def all_of(truths: Iterable[Truth]) -> Truth:
    """False where one is, else unknown where one is."""
    unknown: list[Unknown] = []
    for truth in truths:
        if truth is False:
            return False
        if isinstance(truth, Unknown):
            unknown.append(truth)
    return Unknown.merge(unknown) if unknown else True


def negated(truth: Truth) -> Truth:
    return truth if isinstance(truth, Unknown) else not truth


def truth_of(result: object) -> Truth:
    """The answer of a selector; one that cannot be evaluated answers nothing."""
    if isinstance(result, bool | Unknown):
        return result
    return Unknown.because(f"the selector cannot be read: {getattr(result, 'message', result)}")
