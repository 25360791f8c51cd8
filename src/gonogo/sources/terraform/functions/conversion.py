"""Type conversion functions, and those that mark a value and leave it as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gonogo.sources.terraform.functions.base import ANY, BOOL, LIST, MAP, NUMBER, SET, STRING, Function
from gonogo.sources.terraform.typesystem import Type, convert
from gonogo.sources.terraform.values import Val


def _to(kind: Type) -> Callable[[Val], Val]:
    return lambda value: convert(value, kind)


def _same(value: Val) -> Val:
    return value


CONVERSION_FUNCTIONS: Mapping[str, Function] = {
    "ephemeralasnull": Function(_same, (ANY,), open=True, nullable=True),
    "nonsensitive": Function(_same, (ANY,), open=True, nullable=True),
    "sensitive": Function(_same, (ANY,), open=True, nullable=True),
    "tobool": Function(_to(BOOL), (ANY,), open=True, nullable=True),
    "tolist": Function(_to(LIST), (ANY,), open=True, nullable=True),
    "tomap": Function(_to(MAP), (ANY,), open=True, nullable=True),
    "tonumber": Function(_to(NUMBER), (ANY,), open=True, nullable=True),
    "toset": Function(_to(SET), (ANY,), open=True, nullable=True),
    "tostring": Function(_to(STRING), (ANY,), open=True, nullable=True),
}
