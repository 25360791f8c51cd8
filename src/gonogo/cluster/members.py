"""What lists of a manifest hold, of which some may not be known, or be no lists at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gonogo.model.value import OpenList, Unknown, Value, is_list


def members(value: Value) -> Iterator[Value]:
    """The members of a list, and an unknown for those that are not known. What is no list (a `${RULES}`) may become any."""
    if isinstance(value, Unknown):
        yield value
    elif is_list(value):
        yield from value  # type: ignore[misc]
        if isinstance(value, OpenList):
            yield value.unknown
    elif value is not None:
        yield Unknown.because(f"{str(value)[:80]} stands where a list belongs")


def mappings(value: Value) -> Iterator[Value]:
    """The members of a list of mappings; an unknown for each that is none."""
    for member in members(value):
        yield member if isinstance(member, Mapping | Unknown) else Unknown.because(f"{str(member)[:80]} stands where a mapping belongs")
