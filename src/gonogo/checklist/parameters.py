"""The figures of an item as the parameters that its control declares."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from gonogo.checklist.figures import Comparison, Figure
from gonogo.checklist.matching import Fit
from gonogo.model.value import Value
from gonogo.rules.rule import Control

_BY_COMPARISON = {
    Comparison.AT_LEAST: ("minimum",),
    Comparison.MORE: ("minimum",),
    Comparison.AT_MOST: ("maximum", "below"),
    Comparison.LESS: ("below", "maximum"),
}
# A number alone is a percentage or a count; seconds, bytes and rates need their unit.
_BARE = frozenset({"", "count", "percent"})


class Declared(NamedTuple):
    name: str
    kind: str
    unit: str


def parameters_of(fit: Fit, controls: Sequence[Control]) -> dict[str, Value] | None:
    """What an item that fits states; None where a figure says what its controls cannot check."""
    stated: dict[str, Value] = dict(fit.pattern.parameters)
    if fit.pattern.names:
        stated[fit.pattern.names] = fit.named
    if fit.alias.sums:
        return stated
    declared = [Declared(name, kind, control.units.get(name, "")) for control in controls for name, kind in control.parameters.items()]
    if not stated.keys() <= {one.name for one in declared}:
        return None
    if not fit.figures:
        return stated
    figure = _asked(fit.figures)
    if figure is None:
        return None
    stated_by_figure = _parameter(figure, declared)
    if stated_by_figure is not None:
        return {**stated, **stated_by_figure}
    # "At least one" is what a minimum means without a figure.
    at_least_one = (figure.comparison, figure.value) in ((Comparison.AT_LEAST, 1), (Comparison.MORE, 0))
    return stated if at_least_one and fit.alias.at_least_one else None


def _asked(figures: Sequence[Figure]) -> Figure | None:
    """The figure that is asked for: of several with one unit the only one with a comparison, or that is not what was measured."""
    if len({figure.unit for figure in figures}) > 1:
        return None
    asked = [figure for figure in figures if not figure.current]
    compared = [figure for figure in asked if figure.comparison is not Comparison.EXACT]
    return asked[0] if len(asked) == 1 else compared[0] if len(compared) == 1 else None


def _parameter(figure: Figure, declared: Sequence[Declared]) -> Mapping[str, Value] | None:
    fitting = [one for one in declared if one.kind in ("int", "double") and _same_unit(figure.unit, one.unit)]
    if figure.comparison is Comparison.EXACT:
        return _typed(figure.value, fitting[0]) if fitting else None
    for name in _BY_COMPARISON[figure.comparison]:
        for one in fitting:
            if one.name == name:
                return _typed(_bound(figure, one), one)
    return None


def _same_unit(written: str, declared: str) -> bool:
    if written == "":
        return declared in _BARE
    return written == declared or (written == "count" and declared == "")


def _bound(figure: Figure, one: Declared) -> int | float:
    """A strict comparison by a bound that is not strict, and the other way round: the next number."""
    strict = figure.comparison in (Comparison.MORE, Comparison.LESS)
    if strict == (one.name == "below"):
        return figure.value
    down = figure.comparison is Comparison.LESS
    if one.kind == "int":
        return figure.value + (-1 if down else 1)
    return math.nextafter(figure.value, -math.inf if down else math.inf)


def _typed(value: int | float, one: Declared) -> Mapping[str, Value] | None:
    if one.kind == "double":
        return {one.name: float(value)}
    return {one.name: int(value)} if value == int(value) else None
