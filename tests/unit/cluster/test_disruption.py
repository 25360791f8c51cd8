"""What PodDisruptionBudgets select and refuse, held against an oracle that evicts pods one by one."""

from __future__ import annotations

import math
from random import Random
from typing import Any

import pytest

from gonogo.cluster.disruption import V1BETA1, Budget, blocks, blocks_always, protects
from gonogo.model.value import Unknown

KEYS, VALUES = ("app", "tier", "track"), ("a", "b")


def budget(spec: dict[str, Any], version: str = "policy/v1") -> Budget:
    return Budget("web", "shop", version, spec)


def matches(selector: dict[str, Any] | None, labels: dict[str, str], version: str) -> bool:
    """The documentation of LabelSelector, read aloud."""
    if selector is None:
        return False
    wanted, expressions = selector.get("matchLabels") or {}, selector.get("matchExpressions") or []
    if not wanted and not expressions:
        return version == "policy/v1"
    for key in wanted:
        if labels.get(key) != wanted[key]:
            return False
    for e in expressions:
        has = e["key"] in labels
        if e["operator"] == "Exists" and not has:
            return False
        if e["operator"] == "DoesNotExist" and has:
            return False
        if e["operator"] == "In" and not (has and labels[e["key"]] in e["values"]):
            return False
        if e["operator"] == "NotIn" and has and labels[e["key"]] in e["values"]:
            return False
    return True


def random_selector(random: Random) -> dict[str, Any] | None:
    if random.random() < 0.1:
        return None
    selector: dict[str, Any] = {}
    if random.random() < 0.5:
        selector["matchLabels"] = {key: random.choice(VALUES) for key in KEYS if random.random() < 0.4}
    if random.random() < 0.5:
        selector["matchExpressions"] = [random_expression(random) for _ in range(random.randrange(3))]
    return selector


def random_expression(random: Random) -> dict[str, Any]:
    operator = random.choice(("In", "NotIn", "Exists", "DoesNotExist"))
    values = {"values": random.sample(VALUES, random.randint(1, 2))} if operator in ("In", "NotIn") else {}
    return {"key": random.choice(KEYS), "operator": operator, **values}


def test_selection_agrees_with_the_oracle() -> None:
    random = Random(7)
    selected = 0
    for _ in range(10_000):
        selector, version = random_selector(random), random.choice(("policy/v1", V1BETA1))
        labels = {key: random.choice(VALUES) for key in KEYS if random.random() < 0.6}
        spec = {} if selector is None else {"selector": selector}
        expected = matches(selector, labels, version)
        assert protects(budget(spec, version), labels) is expected, (selector, version, labels)
        selected += expected
    assert 2_000 < selected < 8_000


def evictable(spec: dict[str, Any], pods: int) -> bool:
    """Whether one of `pods` healthy pods may go: as many have to be left as `spec` says, by fractions rather than by our rounding."""
    if "maxUnavailable" in spec:
        limit = spec["maxUnavailable"]
        gone = limit if isinstance(limit, int) else math.ceil(int(limit[:-1]) / 100 * pods - 1e-9)
        return gone >= 1
    if "minAvailable" in spec:
        limit = spec["minAvailable"]
        return pods - 1 >= limit if isinstance(limit, int) else (pods - 1) * 100 >= int(limit[:-1]) * pods
    return False


def test_what_is_refused_agrees_with_the_oracle() -> None:
    limits: list[int | str] = [*range(8), *(f"{percent}%" for percent in range(0, 101, 1))]
    specs: list[dict[str, Any]] = [{}, *({key: limit} for key in ("maxUnavailable", "minAvailable") for limit in limits)]
    for spec in specs:
        answers = [not evictable(spec, pods) for pods in range(1, 40)]
        assert [blocks(budget(spec), pods) for pods in range(1, 40)] == answers, spec
        assert all(answers) or not blocks_always(budget(spec)), spec
        # What is not blocked with some pods is not with more of them.
        assert answers == sorted(answers, reverse=True), spec


@pytest.mark.parametrize("limit", ["1", "half", "10.5%", True, [1]])
def test_what_is_no_number_of_pods_is_not_known(limit: object) -> None:
    assert isinstance(blocks(budget({"minAvailable": limit}), 3), Unknown)
    assert isinstance(blocks(budget({"maxUnavailable": limit}), 3), Unknown)


def test_a_budget_of_the_old_version_that_was_converted_selects_nothing() -> None:
    # What the API server makes of an empty selector of policy/v1beta1 where it is read as policy/v1.
    selector = {"matchExpressions": [{"key": "pdb.kubernetes.io/deprecated-v1beta1-empty-selector-match", "operator": "Exists"}]}
    assert protects(budget({"selector": selector}), {"app": "web"}) is False
