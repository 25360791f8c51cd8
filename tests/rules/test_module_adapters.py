"""The shipped adapters: every one can be used, and says of each field that is judged what the module makes of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from itertools import pairwise

import pytest

from gonogo.data import data_directory
from gonogo.kinds.fields import Items, Spelling, Table, steps
from gonogo.kinds.gcp import SPECS, spec_of_terraform
from gonogo.rules.modules import Adapter, check_module_index, load_module_index
from gonogo.sources.terraform import ast
from gonogo.sources.terraform.adapters import ModuleAdapters
from gonogo.sources.terraform.loader import ModuleSource, StandIn

DIRECTORY = data_directory("rules") / "modules"
INDEX = load_module_index()
ADAPTERS = [adapter for entry in INDEX.entries for adapter in entry.adapters]


def named(adapter: Adapter) -> str:
    return "+".join(file.stem for file in adapter.files)


def source_of(adapter: Adapter) -> ModuleSource:
    return ModuleAdapters().build(adapter.files, StandIn("x", False, False, ()), keep_defaults=True)


def test_the_index_is_valid() -> None:
    assert check_module_index(DIRECTORY.parent) == []


def test_every_adapter_is_in_the_index() -> None:
    assert {file for adapter in ADAPTERS for file in adapter.files} == set(DIRECTORY.rglob("*.hcl"))


def test_the_kinds_are_kinds() -> None:
    patterns = {pattern for entry in INDEX.entries for pattern in entry.kinds}
    assert [p for p in sorted(patterns) if not any(fnmatchcase(spec.kind, p) for spec in SPECS)] == []


@pytest.mark.parametrize("entry", [e for e in INDEX.entries if len(e.adapters) > 1], ids=lambda entry: entry.sources[0])
def test_the_versions_of_a_module_meet_without_a_hole(entry: object) -> None:
    ranges = sorted((a.versions for a in entry.adapters), key=lambda r: r.low)  # type: ignore[attr-defined]
    assert all(older.high == newer.low for older, newer in pairwise(ranges))


@pytest.mark.parametrize("adapter", ADAPTERS, ids=named)
def test_an_adapter_stands_by_itself(adapter: Adapter) -> None:
    source = source_of(adapter)
    assert source.gaps == []
    assert source.calls == {}
    assert source.resources


@pytest.mark.parametrize("adapter", ADAPTERS, ids=named)
def test_an_adapter_says_every_field_that_is_judged(adapter: Adapter) -> None:
    """A field that the real module sets and its adapter leaves out would be taken for one that is not set: write `x = null`."""
    missing: list[str] = []
    for declared in source_of(adapter).resources.values():
        spec = spec_of_terraform(declared.type)
        if spec is not None and declared.mode == "managed":
            spelling = spec.terraform[declared.type].spelling
            missing.extend(f"{declared.address}: {field}" for field in unsaid(spec.table, [declared.block.body], spelling))
    assert missing == []


def unsaid(table: Table, bodies: Sequence[ast.Body], spelling: Spelling) -> Iterator[str]:
    for entry in table:
        spelled = entry.spelled(spelling)
        found = [reached for text in spelled if (reached := reach(bodies, steps(text))) is not None]
        if spelled and not found:
            yield entry.path
        if isinstance(entry, Items):
            for blocks in found:
                yield from (f"{entry.path}.{inner}" for inner in unsaid(entry.table, blocks, spelling) if blocks)


def reach(bodies: Sequence[ast.Body], path: Sequence[str]) -> list[ast.Body] | None:
    """The blocks that a spelling leads to, none where it ends in an attribute; None where it is not written."""
    current = list(bodies)
    for step in path:
        if any(body.attribute(step) is not None for body in current):
            return []
        current = [inner for body in current for inner in blocks_of(body, step)]
        if not current:
            return None
    return current


def blocks_of(body: ast.Body, kind: str) -> Iterator[ast.Body]:
    for block in body.blocks:
        if block.type == kind:
            yield block.body
        elif block.type == "dynamic" and block.labels == (kind,):
            yield from (content.body for content in block.body.of_type("content"))


def test_adapters_are_no_terraform_of_a_repository_that_holds_them() -> None:
    assert [path for path in DIRECTORY.rglob("*") if path.is_file() and path.suffix not in (".hcl", ".yaml")] == []

