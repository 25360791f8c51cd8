"""The catalogue of the whole checklist: what is shipped, and the controls that other parts bring to it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from gonogo.formats.yaml_reader import read_yaml
from gonogo.model.finding import Severity
from gonogo.rules import Control, load_rules
from gonogo.rules.rule import Domain, Fold

_ROWS = Path(__file__).with_name("catalogue.yaml")


@cache
def brought() -> dict[str, dict[str, Any]]:
    """The parameters of the controls that other parts bring, by id."""
    rows: Any = read_yaml("catalogue", _ROWS.read_text("utf-8")).documents[0].value
    assert isinstance(rows, dict)
    return rows


@cache
def whole_catalogue() -> tuple[Control, ...]:
    shipped = load_rules(()).controls
    ids = {control.id for control in shipped}
    others = tuple(
        Control(
            identifier, identifier, Severity.LOW, Fold.ANY, {name: said["type"] for name, said in given.items()}, domain=Domain.REPOSITORY,
            units={name: said["unit"] for name, said in given.items() if "unit" in said},
        )
        for identifier, given in brought().items()
        if identifier not in ids
    )  # fmt: skip
    return (*shipped, *others)
