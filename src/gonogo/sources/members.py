"""The members of values that may be anything."""

from __future__ import annotations

from collections.abc import Sequence

from gonogo.model.value import Value


def items(value: Value) -> Sequence[Value]:
    """The members of a list; none for anything else."""
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()
