"""Where Alertmanager's tree of routes leads an alert, as far as its labels are known.

https://prometheus.io/docs/alerting/latest/configuration/#route-related-settings: an alert goes down to the first child that matches, and on to the
next where that says `continue`; where none matches, the node's own receiver takes it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from gonogo.lang.regex import Pattern, TooCostly
from gonogo.model.value import Value
from gonogo.sources.members import items

MAX_DEPTH = 20
MAX_OUTCOMES = 64
MAX_TEXT = 1_000
_MATCHER = re.compile(r"""\{?\s*"?([\w.:-]{1,200})"?\s*(=~|!~|!=|=)\s*(.*?)\s*\}?""")

Labels: TypeAlias = Mapping[str, str]
"""The labels of an alert that are known: of others it may have any."""


@dataclass(frozen=True, slots=True)
class Matcher:
    label: str
    sign: str
    value: str

    def matches(self, labels: Labels) -> bool | None:
        """None where the label is not known, or the pattern is none that is read."""
        held = labels.get(self.label)
        if held is None:
            return None
        if self.sign in ("=", "!="):
            return (held == self.value) is (self.sign == "=")
        try:
            return Pattern(f"^(?:{self.value})$").search(held) is (self.sign == "=~")
        except (ValueError, TooCostly):
            return None


@dataclass(frozen=True, slots=True)
class Route:
    """A node of the tree. `matchers` is None where one of them is not read."""

    receiver: str
    matchers: tuple[Matcher, ...] | None
    goes_on: bool
    children: tuple[Route, ...]

    def matches(self, labels: Labels) -> bool | None:
        """Whether every matcher holds."""
        answers = [matcher.matches(labels) for matcher in self.matchers] if self.matchers is not None else [None]
        return False if False in answers else None if None in answers else True

    def receivers(self) -> frozenset[str]:
        """Every receiver of the tree."""
        return frozenset({self.receiver}).union(*(child.receivers() for child in self.children))


def read_route(value: Value, receiver: str = "", depth: int = 0) -> Route:
    """A route as the file writes it (`match`, `matchers: [a="b"]`) or the operator's object (`matchers: [{name, value, matchType}]`)."""
    table = value if isinstance(value, Mapping) else {}
    own = table.get("receiver")
    name = own if isinstance(own, str) and own else receiver
    children = tuple(read_route(child, name, depth + 1) for child in items(table.get("routes"))) if depth < MAX_DEPTH else ()
    return Route(name, _matchers(table), table.get("continue") is True, children)


def outcomes(route: Route, labels: Labels) -> frozenset[frozenset[str]]:
    """The sets of receivers that may be told; one where everything is known."""
    if route.matches(labels) is False:
        return frozenset({frozenset()})
    return _taken(route, labels)


def _taken(route: Route, labels: Labels) -> frozenset[frozenset[str]]:
    waiting: set[tuple[frozenset[str], bool]] = {(frozenset(), False)}
    done: set[frozenset[str]] = set()
    for child in route.children:
        answer = child.matches(labels)
        if answer is False:
            continue
        after: set[tuple[frozenset[str], bool]] = set(waiting) if answer is None else set()
        for told, _ in waiting:
            for inner in _taken(child, labels):
                if child.goes_on:
                    after.add((told | inner, True))
                else:
                    done.add(told | inner)
        waiting = after
        if len(waiting) + len(done) > MAX_OUTCOMES:
            # Anything below may be told, or nobody.
            return frozenset({frozenset(), *(frozenset({name}) for name in route.receivers())})
    return frozenset(done | {told if matched else told | {route.receiver} for told, matched in waiting})


def _matchers(table: Mapping[str, Value]) -> tuple[Matcher, ...] | None:
    found = [*_older(table.get("match"), "="), *_older(table.get("match_re"), "=~")]
    for item in (*items(table.get("matchers")), *items(table.get("objectMatchers"))):
        matcher = _written(item) if isinstance(item, str) else _object(item)
        if matcher is None:
            return None
        found.append(matcher)
    return tuple(found) if isinstance(table.get("matchers"), list | tuple | None) else None


def _older(value: Value, sign: str) -> Iterator[Matcher]:
    for name, text in value.items() if isinstance(value, Mapping) else ():
        yield Matcher(str(name), sign, str(text))


def _written(text: str) -> Matcher | None:
    match = _MATCHER.fullmatch(text.strip()) if len(text) <= MAX_TEXT else None
    if match is None:
        return None
    value = match[3]
    if len(value) > 1 and value[0] == value[-1] == '"':
        value = value[1:-1].replace('\\"', "'")
    # Several matchers in one text, and escapes, are not read.
    return None if set(value) & set(',"\\{}') else Matcher(match[1], match[2], value)


def _object(item: Value) -> Matcher | None:
    if not isinstance(item, Mapping) or not isinstance(item.get("name"), str):
        return None
    sign = item.get("matchType") or ("=~" if item.get("regex") is True else "=")
    value = item.get("value", "")
    return Matcher(str(item["name"]), str(sign), str(value)) if sign in ("=", "!=", "=~", "!~") and isinstance(value, str | int | float) else None


Kinds: TypeAlias = Callable[[str], frozenset[str]]
"""What the receiver of a name tells: slack, pagerduty, email; nothing where it tells nobody."""


def told(route: Route, labels: Labels, kinds: Kinds) -> frozenset[frozenset[str]]:
    """The kinds of integrations that may be told of an alert, one set for each way it may go."""
    return frozenset(frozenset().union(*(kinds(name) for name in names)) for names in outcomes(route, labels))
