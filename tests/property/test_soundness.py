"""Kleene soundness: a verdict given although something is unknown is the verdict for everything the unknown could be."""

from __future__ import annotations

import copy
from collections import Counter
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gonogo.lang import LangError, Program
from gonogo.model.value import OpenList, OpenMap, Unknown
from property import programs as untyped
from property.conditions import DATA, conditions
from property.programs import programs

HIDDEN = Unknown.because("hidden")
Path = tuple[str | int, ...]
_LENIENT = settings(max_examples=500, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))

# Places to hide, each with other values of the same type: an unknown value has the type of its field.
UNTYPED_PLACES: tuple[tuple[Path, tuple[Any, ...]], ...] = (
    (("m", "a"), (1, 0, 2, -1)),
    (("m", "b"), ("x", "", "hello")),
    (("m", "c", "d"), (True, False)),
    (("m", "s"), ("hello", "", "x")),
    (("l", 0, "f"), (True, False)),
    (("l", 1, "v"), (2, 1, 0)),
)
_BOOLS = (True, False)
_TEXTS = ("a", "b", "x", "", "hello", "web", "In")
PLACES: tuple[tuple[Path, tuple[Any, ...]], ...] = (
    (("t",), _BOOLS),
    (("n",), (0, 1, 2, 5)),
    (("s",), _TEXTS),
    (("names",), ([], ["a"], ["x", "b"], ["a", "b", "a"])),
    (("names", 0), _TEXTS),
    (("names", 2), _TEXTS),
    (("rows",), ([], [{"k": "x", "v": 0, "f": False, "tags": ["a"]}])),
    (("rows", 0, "f"), _BOOLS),
    (("rows", 1, "f"), _BOOLS),
    (("rows", 2, "v"), (0, 1, 2, 3)),
    (("rows", 0, "k"), _TEXTS),
    (("rows", 2, "tags"), ([], ["x"], ["y", "x"])),
    (("labels", "app"), _TEXTS),
    (("labels",), ({}, {"app": "web"}, {"zone": "a"}, {"app": "a", "tier": "back"})),
    (("selector",), (None, {}, {"matchLabels": {"app": "x"}})),
    (("selector", "matchLabels"), (None, {}, {"app": "x"})),
    (("selector", "matchLabels", "app"), _TEXTS),
    (("selector", "matchExpressions"), (None, [], [{"key": "tier", "operator": "DoesNotExist"}])),
    (("selector", "matchExpressions", 0), ({"key": "tier", "operator": "Exists"}, {"key": "zone", "operator": "Exists"})),
    (("selector", "matchExpressions", 0, "key"), ("tier", "app", "zone")),
    (("selector", "matchExpressions", 0, "operator"), ("In", "NotIn")),
    (("selector", "matchExpressions", 0, "values"), (["front"], ["x"])),
    (("selector", "matchExpressions", 0, "values", 0), ("front", "x")),
)
# Lists that may have further members, wherever they stand, and maps that may have further entries.
_ROW = {"k": "x", "v": 9, "f": True, "tags": ["z"]}
MORE_MEMBERS: tuple[tuple[Path, tuple[Any, ...]], ...] = (
    (("names",), ("a", "x", "")),
    (("rows",), (_ROW, {**_ROW, "k": "a", "f": False, "v": 0})),
    (("rows", 0, "tags"), ("x", "z")),
    (("selector", "matchExpressions"), ({"key": "zone", "operator": "Exists"}, {"key": "app", "operator": "Exists"})),
    (("selector", "matchExpressions", 0, "values"), ("front", "x")),
)
MORE_ENTRIES: tuple[tuple[Path, Any], ...] = (
    (("labels",), {"zone": "a"}),
    (("labels",), {"app2": "", "x": "hello"}),
    (("selector", "matchLabels"), {"tier": "x"}),
    (("selector", "matchLabels"), {"tier": "front"}),
    (("selector",), {"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}),
)


def at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


def put(data: Any, path: Path, value: Any) -> Any:
    changed = copy.deepcopy(data)
    at(changed, path[:-1])[path[-1]] = value
    return changed


def verdict(source: str, data: Any) -> Any:
    value = Program(source).evaluate(data).value
    return value if isinstance(value, bool) else None


def compiles(source: str) -> bool:
    try:
        Program(source).evaluate(untyped.DATA)
    except LangError:
        return False
    return True


@_LENIENT
@given(source=programs, place=st.sampled_from(UNTYPED_PLACES))
def test_no_value_of_a_hidden_leaf_contradicts_a_verdict_of_any_program(source: str, place: tuple[Path, tuple[Any, ...]]) -> None:
    path, values = place
    if not compiles(source):
        return
    given_hidden = verdict(source, put(untyped.DATA, path, HIDDEN))
    if given_hidden is None:
        return
    for value in values:
        assert verdict(source, put(untyped.DATA, path, value)) in (given_hidden, None), (source, path, value)


@_LENIENT
@given(source=conditions(), first=st.sampled_from(PLACES), second=st.sampled_from(PLACES))
def test_no_values_of_two_hidden_places_contradict_a_verdict(
    source: str, first: tuple[Path, tuple[Any, ...]], second: tuple[Path, tuple[Any, ...]]
) -> None:
    places = [first] if _overlap(first[0], second[0]) else [first, second]
    hidden: Any = DATA
    for path, _ in places:
        hidden = put(hidden, path, HIDDEN)
    definite = verdict(source, hidden)
    if definite is None:
        return
    for value in places[0][1]:
        one = put(DATA, places[0][0], value)
        for data in [one] if len(places) == 1 else [put(one, places[1][0], other) for other in places[1][1]]:
            # None: other values make the condition an error (an index out of range), which is no verdict either.
            assert verdict(source, data) in (definite, None), (source, places, data)


def _overlap(left: Path, right: Path) -> bool:
    shortest = min(len(left), len(right))
    return left[:shortest] == right[:shortest]


@_LENIENT
@given(source=conditions(), place=st.sampled_from(MORE_MEMBERS), known=st.sets(st.integers(0, 2)), position=st.integers(0, 3))
def test_no_further_members_of_an_open_list_contradict_a_verdict(
    source: str, place: tuple[Path, tuple[Any, ...]], known: set[int], position: int
) -> None:
    path, more = place
    members = at(DATA, path)
    kept = [member for number, member in enumerate(members) if number in known]
    definite = verdict(source, put(DATA, path, OpenList(kept, HIDDEN)))
    if definite is None:
        return
    # Further members stand anywhere: before, between and after the known ones.
    closed = [kept, members, *([*kept[:position], item, *kept[position:]] for item in more), [*more, *kept]]
    for value in closed:
        assert verdict(source, put(DATA, path, value)) in (definite, None), (source, path, kept, value)


@_LENIENT
@given(source=conditions(), place=st.sampled_from(MORE_ENTRIES))
def test_no_further_entries_of_an_open_map_contradict_a_verdict(source: str, place: tuple[Path, Any]) -> None:
    path, more = place
    entries = at(DATA, path)
    definite = verdict(source, put(DATA, path, OpenMap(entries, HIDDEN)))
    if definite is None:
        return
    for value in (entries, {**more, **entries}, {**entries, **more}):
        assert verdict(source, put(DATA, path, value)) in (definite, None), (source, path, value)


def test_conditions_mostly_have_an_answer() -> None:
    """The tests above would be empty if random conditions were errors, or unknown whatever is hidden."""
    answers: Counter[str] = Counter()

    @settings(max_examples=400, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(source=conditions(), place=st.sampled_from(PLACES))
    def count(source: str, place: tuple[Path, tuple[Any, ...]]) -> None:
        answers["known"] += verdict(source, DATA) is not None
        answers["hidden"] += verdict(source, put(DATA, place[0], HIDDEN)) is not None
        answers["all"] += 1

    count()
    assert answers["known"] > 0.7 * answers["all"]
    assert answers["hidden"] > 0.4 * answers["all"]


_WORDS = (
    "self", "m", "l", ".", ".?", "[", "[?", "]", "(", ")", "{", "}", ",", ":", "?", "!", "-", "+", "*", "/", "%", "&&", "||", "==", "!=", "<", "in", "has",
    "size", "exists", "all", "map", "filter", "matches", "orValue", "x", "true", "null", "1", "0x1f", "1.5e3", "'a'", "r'\\d'", '"""', "'", "\\", "//", "\n", " ",
    "9223372036854775808", "é", "\x00", "if",
)  # fmt: skip


@settings(max_examples=1000, deadline=None, derandomize=True)
@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(_WORDS), max_size=40).map("".join), st.lists(st.sampled_from(_WORDS), max_size=40).map(" ".join)))
def test_any_text_compiles_or_is_a_lang_error(source: str) -> None:
    try:
        outcome = Program(source).evaluate(untyped.DATA)
    except LangError as error:
        assert 0 <= error.offset <= len(source)
    else:
        assert isinstance(outcome.reads, tuple)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.sampled_from(["(", "[", "-", "!", "m.", "1+", "true&&", "true?1:", "{'a':", "size(", "l.map(x,", "m[", "m.?"]), st.integers(1, 4000), st.booleans())
def test_any_depth_compiles_or_is_a_lang_error(opening: str, count: int, closed: bool) -> None:
    closing = {"(": ")", "[": "]", "{'a':": "}", "size(": ")", "l.map(x,": ")", "m[": "]"}.get(opening, "")
    source = opening * count + "a" + (closing * count if closed else "")
    try:
        outcome = Program(source).evaluate(untyped.DATA)
    except LangError as error:
        assert 0 <= error.offset <= len(source)
    else:
        assert isinstance(outcome.reads, tuple)
