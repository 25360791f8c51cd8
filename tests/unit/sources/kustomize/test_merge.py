from __future__ import annotations

import pytest

from gonogo.formats.yaml_reader import read_yaml
from gonogo.sources.kustomize import json_patch
from gonogo.sources.kustomize.item import BuildError
from gonogo.sources.kustomize.merge import merge
from gonogo.sources.located import Node, located


def node(file: str, text: str) -> Node:
    document = read_yaml(file, text).documents[0]
    return located(document.value, document.locations)


def test_a_patched_value_stands_in_the_patch_and_the_rest_in_the_base() -> None:
    base = node("base.yaml", "spec:\n  containers:\n    - name: a\n      image: a:1\n")
    assert merge(base, node("patch.yaml", "spec:\n  containers:\n    - name: a\n\n      tty: true\n"), "core/Pod")
    places = base.locations()
    assert str(places["spec", "containers", 0, "image"]) == "base.yaml:4"
    assert str(places["spec", "containers", 0, "tty"]) == "patch.yaml:5"


def test_lists_of_custom_resources_are_replaced() -> None:
    base = node("b", "spec: {containers: [{name: a}, {name: b}]}")
    merge(base, node("p", "spec: {containers: [{name: b}]}"), "argoproj.io/Rollout")
    assert base.value() == {"spec": {"containers": [{"name": "b"}]}}


def test_directives_delete_and_replace() -> None:
    base = node("b", "{a: {x: 1, y: 2}, b: {x: 1}, c: 3}")
    merge(base, node("p", "{a: {$patch: replace, z: 3}, b: {$patch: delete}, c: null}"), "core/ConfigMap")
    assert base.value() == {"a": {"z": 3}}
    assert merge(base, node("p", "{$patch: delete}"), "core/ConfigMap") is False


def test_an_entry_without_its_merge_key_is_refused() -> None:
    with pytest.raises(BuildError, match="has no name"):
        merge(node("b", "containers: [{name: a}]"), node("p", "containers: [{image: a}]"), "core/Pod")


@pytest.mark.parametrize(
    ("operations", "expected"),
    [
        ("[{op: add, path: /a/-, value: 3}]", {"a": [1, 2, 3], "b/c": {"~": 1}}),
        ("[{op: add, path: /a/0, value: 0}]", {"a": [0, 1, 2], "b/c": {"~": 1}}),
        ("[{op: replace, path: /b~1c/~0, value: 2}]", {"a": [1, 2], "b/c": {"~": 2}}),
        ("[{op: replace, path: /d, value: 3}, {op: remove, path: /b~1c}]", {"a": [1, 2], "d": 3}),
        ("[{op: move, from: /a/0, path: /a/1}]", {"a": [2, 1], "b/c": {"~": 1}}),
        ("[{op: remove, path: /b~1c}, {op: copy, from: /a/1, path: /d}]", {"a": [1, 2], "d": 2}),
    ],
)
def test_json_patches(operations: str, expected: object) -> None:
    target = node("b", "{a: [1, 2], b/c: {'~': 1}}")
    json_patch.apply(target, node("p", operations))
    assert target.value() == expected


@pytest.mark.parametrize(
    "operations",
    [
        "{}",
        "[{op: remove, path: /x}]",
        "[{op: replace, path: /x/y, value: 1}]",
        "[{op: add, path: /a/9, value: 1}]",
        "[{op: test, path: /a/0, value: 9}]",
        "[{op: add, path: x, value: 1}]",
        "[{op: jump, path: /a}]",
        "[1]",
        "[{op: add, path: /a/0/b/c, value: 1}]",
    ],
)
def test_json_patches_that_do_not_fit_are_refused(operations: str) -> None:
    with pytest.raises(BuildError):
        json_patch.apply(node("b", "{a: [1, 2]}"), node("p", operations))
