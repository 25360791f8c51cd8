"""What is known to be of one namespace, and which labels can be compared, where texts are filled in later."""

from __future__ import annotations

from typing import Any

import pytest

from gonogo.cluster.together import are_samples, comparable, meet
from gonogo.lang.selectors import selects
from gonogo.model.location import Location
from gonogo.model.resource import Resource
from gonogo.model.value import Path, Unknown
from gonogo.sources.manifests.placeholders import has_placeholder


def thing(namespace: str, bundle: str, file: str = "") -> Resource:
    attributes: dict[str, Any] = {"metadata": {"namespace": namespace or "default"}, "bundle": bundle}
    places: dict[Path, Location] = {(): Location(file, 1)} if file else {}
    silent = frozenset() if namespace else frozenset({("metadata", "namespace")})
    return Resource("core/Pod", f"{namespace or 'default'}/x", attributes, places, source="kubernetes", silent=silent)


@pytest.mark.parametrize(
    ("other", "workload", "expected"),
    [
        (("", ""), ("", ""), True),
        (("shop", "chart"), ("shop", ""), True),
        (("", "chart"), ("", "chart"), True),
        (("", "chart"), ("", ""), None),
        (("", "one"), ("default", "two"), None),
        (("shop", ""), ("web", ""), False),
        (("${NS}", ""), ("${NS}", ""), True),
        (("${NS}", ""), ("shop", ""), None),
    ],
)
def test_of_one_namespace(other: tuple[str, str], workload: tuple[str, str], expected: bool | None) -> None:
    found = meet(thing(*other), thing(*workload), has_placeholder)
    assert isinstance(found, Unknown) if expected is None else found is expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [(("one/a.yaml", "two/a.yaml"), None), (("one/a.yaml", "one/b.yaml"), True), (("one/a/x.yaml", "one/b/x.yaml"), True), (("a.yaml", "two/a.yaml"), True)],
)
def test_samples_of_different_directories_are_not_applied_together(files: tuple[str, str], expected: bool | None) -> None:
    one, other = (thing("", "", file) for file in files)
    found = meet(one, other, has_placeholder, samples=True)
    assert isinstance(found, Unknown) if expected is None else found is expected
    assert meet(one, other, has_placeholder) is True


def test_what_is_declared_in_two_directories_is_a_sample() -> None:
    one, two = thing("", "", "one/a.yaml"), thing("", "", "two/a.yaml")
    assert are_samples([one, two])
    assert not are_samples([one, one])
    assert not are_samples([one, thing("", "two", "two/a.yaml")])


@pytest.mark.parametrize(
    ("selector", "labels", "expected"),
    [
        ({"matchLabels": {"app": "web"}}, {"app": "web"}, True),
        ({"matchLabels": {"app": "web"}}, {"app": "api"}, False),
        ({"matchLabels": {"app": "${APP}"}}, {"app": "${APP}"}, True),
        ({"matchLabels": {"app": "web"}}, {"app": "${APP}"}, None),
        ({"matchLabels": {"app": "${APP}"}}, {"app": "web"}, None),
        ({"matchLabels": {"app": "${APP}"}}, {"tier": "web"}, False),
        ({"matchLabels": {"app": "${APP}-web"}}, {"app": "${APP}-api"}, False),
        ({"matchLabels": {"app": "{{ app }}-web"}}, {"app": "{{ app }}-api"}, False),
        ({"matchLabels": {"app": "${APP}"}}, {"app": "${APPLICATION}"}, None),
        ({"matchLabels": {"app": "${APP}-web"}}, {"app": "${APP}${PART}"}, None),
        ({"matchLabels": {"app": "$APP-web"}}, {"app": "$APP_B-web"}, None),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["web", "api"]}]}, {"app": "${APP}"}, None),
        ({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]}, {"app": "api"}, True),
        ({"matchExpressions": [{"key": "app", "operator": "Exists"}]}, {"app": "${APP}"}, True),
        ({}, {"app": "${APP}"}, True),
    ],
)
def test_labels_that_are_filled_in(selector: Any, labels: Any, expected: bool | None) -> None:
    spec: Any = comparable({"podSelector": selector}, labels, has_placeholder)
    found = selects(spec["podSelector"], labels)
    assert isinstance(found, Unknown) if expected is None else found is expected


@pytest.mark.parametrize("spec", [None, {}, {"podSelector": None}, {"podSelector": "${SELECTOR}"}, {"podSelector": {"matchLabels": "x", "matchExpressions": "y"}}])
def test_a_spec_that_is_none_is_left_as_it_is(spec: Any) -> None:
    assert comparable(spec, {"app": "web"}, has_placeholder) == spec
