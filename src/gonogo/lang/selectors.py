"""Kubernetes label selectors (https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gonogo.lang.errors import EvaluationError
from gonogo.lang.operators import Result, contains, equal, invert, no_overload
from gonogo.model.value import OpenList, OpenMap, Unknown, is_list

_FIELDS = frozenset({"matchLabels", "matchExpressions"})


def selects(selector: Any, labels: Any) -> Result:
    """Whether a LabelSelector selects an object with these labels: an empty one selects everything, null nothing.

    What is no LabelSelector is an error, not an answer: a Service's plain `{app: web}` has none of its two fields and would
    otherwise select everything.
    """
    if isinstance(selector, EvaluationError | Unknown):
        return selector
    if selector is None:
        return False
    if isinstance(labels, EvaluationError):
        return labels
    own = {} if labels is None else labels
    if not isinstance(selector, Mapping) or not isinstance(own, Mapping | Unknown):
        return no_overload("selects", selector, labels)
    if extra := sorted(selector.keys() - _FIELDS):
        return EvaluationError(f"a LabelSelector has no field {extra[0]}")
    results = [*_labels(selector, own), *_expressions(selector, own)]
    if isinstance(selector, OpenMap):
        results.append(selector.unknown)
    # A conjunction: one requirement that is not met decides, whatever the others are.
    if any(result is False for result in results):
        return False
    unknown = [result for result in results if isinstance(result, Unknown)]
    if unknown:
        return Unknown.merge(unknown)
    return next((result for result in results if isinstance(result, EvaluationError)), True)


def _labels(selector: Mapping[str, Any], labels: Any) -> Iterator[Result]:
    required = selector.get("matchLabels")
    if required is None:
        return
    if not isinstance(required, Mapping):
        yield required if isinstance(required, Unknown) else EvaluationError("matchLabels is not a map")
        return
    for key, value in required.items():
        found = _label(labels, key)
        yield equal(found.value, value) if isinstance(found, _Found) else found
    if isinstance(required, OpenMap):
        yield required.unknown


def _expressions(selector: Mapping[str, Any], labels: Any) -> Iterator[Result]:
    required = selector.get("matchExpressions")
    if required is None:
        return
    if not is_list(required):
        yield required if isinstance(required, Unknown) else EvaluationError("matchExpressions is not a list")
        return
    for expression in required:
        yield _expression(expression, labels)
    if isinstance(required, OpenList):
        yield required.unknown


def _expression(expression: Any, labels: Any) -> Result:
    if isinstance(expression, Unknown):
        return expression
    if not isinstance(expression, Mapping):
        return EvaluationError("a member of matchExpressions is not a map")
    if isinstance(expression, OpenMap):
        return expression.unknown
    key, operator, values = expression.get("key"), expression.get("operator"), expression.get("values")
    for part in (key, operator):
        if isinstance(part, Unknown):
            return part
    if not isinstance(key, str):
        return EvaluationError("a member of matchExpressions has no key")
    found = _label(labels, key)
    present = found if isinstance(found, Unknown) else isinstance(found, _Found)
    if operator == "Exists":
        return present
    if operator == "DoesNotExist":
        return invert(present)
    if operator not in ("In", "NotIn"):
        return EvaluationError(f"a LabelSelector has no operator {operator}")
    if isinstance(found, Unknown):
        return found
    # `NotIn` also selects what has no such label.
    inside = contains(found.value, values) if isinstance(found, _Found) else False
    return inside if operator == "In" else invert(inside)


class _Found:
    """A label that the object has."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


def _label(labels: Any, key: str) -> _Found | Unknown | bool:
    """The label, False where the object has none of that key, Unknown where that is not known.

    A label of unknown value may turn out not to be set, as with `has()`.
    """
    if isinstance(labels, Unknown):
        return labels
    if key in labels:
        value = labels[key]
        return value if isinstance(value, Unknown) else _Found(value)
    return labels.unknown if isinstance(labels, OpenMap) else False
