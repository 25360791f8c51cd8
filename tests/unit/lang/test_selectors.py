from __future__ import annotations

from typing import Any

import pytest

from gonogo.lang import EvaluationError
from gonogo.lang.selectors import selects
from gonogo.model.value import OpenList, OpenMap, Unknown

U = Unknown.because("hidden")
WEB = {"app": "web"}


def expression(**fields: Any) -> dict[str, Any]:
    return {"matchExpressions": [fields]}


@pytest.mark.parametrize(
    ("selector", "labels", "expected"),
    [
        ({}, WEB, True),
        ({}, U, True),
        (None, WEB, False),
        (U, WEB, U),
        ({"matchLabels": {}}, None, True),
        ({"matchLabels": None, "matchExpressions": None}, WEB, True),
        ({"matchLabels": WEB}, WEB, True),
        ({"matchLabels": WEB}, None, False),
        ({"matchLabels": {"app": "web", "tier": U}}, {"app": "api", "tier": "x"}, False),
        ({"matchLabels": {"tier": U}}, {"tier": "x"}, U),
        ({"matchLabels": {"tier": U}}, WEB, False),
        ({"matchLabels": OpenMap(WEB, U)}, WEB, U),
        ({"matchLabels": OpenMap(WEB, U)}, {"app": "api"}, False),
        (OpenMap({}, U), WEB, U),
        (expression(key="app", operator="In", values=["web", "api"]), WEB, True),
        (expression(key="app", operator="In", values=["api"]), WEB, False),
        (expression(key="app", operator="In", values=OpenList(["api"], U)), WEB, U),
        (expression(key="app", operator="In", values=OpenList(["web"], U)), WEB, True),
        (expression(key="app", operator="In", values=["api", U]), WEB, U),
        (expression(key="app", operator="NotIn", values=OpenList(["api"], U)), WEB, U),
        (expression(key="app", operator="NotIn", values=["web"]), WEB, False),
        (expression(key="tier", operator="NotIn", values=["x"]), WEB, True),
        (expression(key="tier", operator="NotIn", values=["x"]), OpenMap(WEB, U), U),
        (expression(key="tier", operator="In", values=["x"]), WEB, False),
        (expression(key="app", operator="Exists"), WEB, True),
        (expression(key="app", operator="Exists"), {"app": U}, U),
        (expression(key="app", operator="DoesNotExist"), WEB, False),
        (expression(key="tier", operator="DoesNotExist"), WEB, True),
        (expression(key="tier", operator="DoesNotExist"), OpenMap(WEB, U), U),
        (expression(key=U, operator="Exists"), WEB, U),
        (expression(key="app", operator=U, values=["web"]), WEB, U),
        (expression(key="app", operator="In", values=U), WEB, U),
        ({"matchExpressions": OpenList([], U)}, WEB, U),
        ({"matchExpressions": U}, WEB, U),
        ({"matchExpressions": [OpenMap({"key": "app"}, U)]}, WEB, U),
    ],
)
def test_selects(selector: Any, labels: Any, expected: Any) -> None:
    assert selects(selector, labels) == expected


@pytest.mark.parametrize(
    "selector",
    [
        # A Service's selector is no LabelSelector: taken for one, it would select every object.
        WEB,
        "app=web",
        {"matchLabels": "app"},
        {"matchExpressions": {"key": "app"}},
        {"matchExpressions": ["app"]},
        expression(key="app", operator="in", values=["web"]),
        expression(operator="Exists"),
        expression(key="app", operator="In"),
    ],
)
def test_what_is_no_label_selector_is_an_error(selector: Any) -> None:
    assert isinstance(selects(selector, WEB), EvaluationError)
