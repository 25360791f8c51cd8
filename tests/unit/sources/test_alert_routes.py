"""Where Alertmanager's routes lead an alert."""

from __future__ import annotations

import pytest

from gonogo.model.value import Value
from gonogo.sources.alert_routes import MAX_OUTCOMES, outcomes, read_route


def _outcomes(route: Value, **labels: str) -> set[str]:
    return {"+".join(sorted(names)) for names in outcomes(read_route(route), labels)}


def _root(*routes: Value) -> Value:
    return {"receiver": "root", "routes": list(routes)}


@pytest.mark.parametrize(
    ("route", "expected"),
    [
        (_root(), {"root"}),
        (_root({"receiver": "a"}, {"receiver": "b"}), {"a"}),
        (_root({"receiver": "a", "continue": True}, {"receiver": "b"}), {"a+b"}),
        (_root({"receiver": "a", "matchers": ['severity="page"']}), {"a"}),
        (_root({"receiver": "a", "matchers": ["severity = page"]}), {"a"}),
        (_root({"receiver": "a", "matchers": ['severity="never"']}), {"root"}),
        (_root({"receiver": "a", "matchers": ['severity!="page"']}), {"root"}),
        (_root({"receiver": "a", "matchers": ['severity=~"pa.*|warn"']}), {"a"}),
        (_root({"receiver": "a", "matchers": ['severity=~"pa"']}), {"root"}),
        (_root({"receiver": "a", "matchers": ['severity!~"pa"']}), {"a"}),
        (_root({"receiver": "a", "match": {"severity": "page"}}), {"a"}),
        (_root({"receiver": "a", "match_re": {"severity": "p.*"}}), {"a"}),
        (_root({"receiver": "a", "match": {"severity": "page", "team": "web"}}), {"a", "root"}),
        (_root({"receiver": "a", "match": {"severity": "low", "team": "web"}}), {"root"}),
        (_root({"receiver": "a", "match": {"team": "web"}, "continue": True}, {"receiver": "b"}), {"a+b", "b"}),
        (_root({"match": {"severity": "page"}, "routes": [{"receiver": "c", "match": {"severity": "low"}}]}), {"root"}),
        (_root({"receiver": "a", "matchers": [{"name": "severity", "value": "page", "matchType": "="}]}), {"a"}),
        (_root({"receiver": "a", "matchers": [{"name": "severity", "value": "p.*", "regex": True}]}), {"a"}),
        # What is not read may match.
        (_root({"receiver": "a", "matchers": ['severity="x", team="y"']}), {"a", "root"}),
        (_root({"receiver": "a", "matchers": ["rubbish"]}), {"a", "root"}),
        (_root({"receiver": "a", "matchers": 'severity="x"'}), {"a", "root"}),
        (_root({"receiver": "a", "matchers": ['severity=~"("']}), {"a", "root"}),
        ({"receiver": "root", "matchers": ['severity="never"']}, {""}),
        ("rubbish", {""}),
    ],
)
def test_an_alert_goes_where_its_labels_lead(route: Value, expected: set[str]) -> None:
    assert _outcomes(route, severity="page") == expected


def test_the_ways_are_bounded() -> None:
    routes: list[Value] = [{"receiver": f"r{n}", "match": {f"l{n}": "x"}, "continue": True} for n in range(MAX_OUTCOMES)]
    assert _outcomes(_root(*routes)) >= {"", "root", "r0", "r63"}


def test_the_depth_is_bounded() -> None:
    route: Value = {"receiver": "deep"}
    for _ in range(2_00):
        route = {"receiver": "x", "routes": [route]}
    assert _outcomes(route) == {"x"}
