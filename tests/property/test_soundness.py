"""Kleene soundness: a verdict given although something is unknown is the verdict for everything the unknown could be."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gonogo.lang import LangError, Program
from gonogo.model.value import OpenList, Unknown
from property.programs import DATA, programs

HIDDEN = Unknown.because("hidden")
# Places to hide, each with other values of the same type: an unknown value has the type of its field.
PLACES: tuple[tuple[tuple[str | int, ...], tuple[Any, ...]], ...] = (
    (("m", "a"), (1, 0, 2, -1)),
    (("m", "b"), ("x", "", "hello")),
    (("m", "c", "d"), (True, False)),
    (("m", "s"), ("hello", "", "x")),
    (("l", 0, "f"), (True, False)),
    (("l", 1, "v"), (2, 1, 0)),
)


def put(data: Any, path: tuple[str | int, ...], value: Any) -> Any:
    changed = copy.deepcopy(data)
    at = changed
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return changed


def verdict(source: str, data: Any) -> Any:
    value = Program(source).evaluate(data).value
    return value if isinstance(value, bool) else None


def compiles(source: str) -> bool:
    try:
        Program(source).evaluate(DATA)
    except LangError:
        return False
    return True


@settings(max_examples=1500, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(source=programs, place=st.sampled_from(PLACES))
def test_no_value_of_a_hidden_leaf_contradicts_a_definite_verdict(source: str, place: tuple[Any, Any]) -> None:
    path, values = place
    if not compiles(source):
        return
    given_hidden = verdict(source, put(DATA, path, HIDDEN))
    if given_hidden is None:
        return
    for value in values:
        assert verdict(source, put(DATA, path, value)) == given_hidden, (source, path, value)


@settings(max_examples=1500, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(source=programs, known=st.integers(0, 2))
def test_no_further_members_of_an_open_list_contradict_a_definite_verdict(source: str, known: int) -> None:
    if not compiles(source):
        return
    members = DATA["l"]
    assert isinstance(members, list)
    given_open = verdict(source, {**DATA, "l": OpenList(members[:known], HIDDEN)})
    if given_open is None:
        return
    for more in ([], members[known:], [{"k": "z", "v": 9, "f": True}], [{"k": "z", "v": 0, "f": False}]):
        found = verdict(source, {**DATA, "l": [*members[:known], *more]})
        assert found in (given_open, None), (source, known, more)


@settings(max_examples=500, deadline=None, derandomize=True)
@given(st.text(alphabet="abm.l()[]{}!&|?:<>=+-*/%'\"0123 \n,xin", max_size=60))
def test_any_text_compiles_or_is_a_lang_error(source: str) -> None:
    try:
        outcome = Program(source).evaluate(DATA)
    except LangError as error:
        assert 0 <= error.offset <= len(source)
    else:
        assert isinstance(outcome.reads, tuple)
