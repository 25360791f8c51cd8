"""Whether the newest change of a schema can be undone, by the row of its tool."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gonogo.model.value import Unknown
from gonogo.sources.migrations.javascript import function_of_module
from gonogo.sources.migrations.ruby import goes_back
from gonogo.sources.migrations.sql import changes
from gonogo.sources.migrations.undoing import function_does_something, operations_reverse, revision_and_before
from gonogo.sources.tree import Tree, Unreadable

MAX_EMPTY = 200
"""How many revisions that change nothing (merges of two branches) are looked past."""


@dataclass(frozen=True, slots=True)
class WayBack:
    """The newest revision that changes something, and whether it can be undone."""

    latest: str
    reversible: bool | Unknown


def way_back(tree: Tree, row: Mapping[str, Any], revisions: Sequence[str]) -> WayBack:
    """Of the revisions in the order of their names. What changes nothing needs no way back, and the ones before it are asked. Raises `Unreadable`."""
    judged = [WayBack(path, _reversible(tree, row, path)) for path in _newest_changes(tree, row, revisions)]
    if not judged:
        return WayBack(_ends(tree, row, revisions)[0], Unknown.because("none of the newest revisions changes anything"))
    return next((way for way in judged if way.reversible is False), next((way for way in judged if isinstance(way.reversible, Unknown)), judged[0]))


def _newest_changes(tree: Tree, row: Mapping[str, Any], revisions: Sequence[str]) -> Iterator[str]:
    """The newest revisions that change something; several where branches of them were merged."""
    before = _before(tree, row, revisions)
    waiting, seen = _ends(tree, row, revisions), set[str]()
    while waiting and len(seen) < MAX_EMPTY:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        if _changes(tree, row, path) is False:
            waiting.extend(before.get(path, ()))
        else:
            yield path


def _links(tree: Tree, row: Mapping[str, Any], revisions: Sequence[str]) -> dict[str, tuple[str, tuple[str, ...]]]:
    return {path: revision_and_before(tree.text(path), row["follows"]) for path in revisions}


def _ends(tree: Tree, row: Mapping[str, Any], revisions: Sequence[str]) -> list[str]:
    """The revision that no other follows; by the order of names where the tool has that order, or where the chain has no one end."""
    if "follows" not in row:
        return [revisions[-1]]
    links = _links(tree, row, revisions)
    before = {name for _, names in links.values() for name in names}
    ends = [path for path, (revision, _) in links.items() if revision and revision not in before]
    return ends if len(ends) == 1 else [revisions[-1]]


def _before(tree: Tree, row: Mapping[str, Any], revisions: Sequence[str]) -> dict[str, list[str]]:
    """The revisions that each follows."""
    if "follows" not in row:
        return {path: [revisions[at]] for at, path in enumerate(revisions[1:])}
    links = _links(tree, row, revisions)
    by_name = {revision: path for path, (revision, _) in links.items() if revision}
    return {path: [by_name[name] for name in names if name in by_name] for path, (_, names) in links.items()}


def _changes(tree: Tree, row: Mapping[str, Any], path: str) -> bool | Unknown:
    """Whether a revision changes anything; what is not looked at does."""
    text = tree.text(path)
    if "up" in row:
        return _function(path, text, row["up"])
    if path.endswith(".sql") and ("undo" in row or "beside" in row):
        return changes(text)
    if path.endswith(".sql") and "part" in row and (found := re.search(row["part"], text, re.M)) is not None:
        return changes(text[: found.start()])
    return True


def _reversible(tree: Tree, row: Mapping[str, Any], path: str) -> bool | Unknown:
    text = tree.text(path)
    if "function" in row:
        return _function(path, text, row["function"])
    if "operations" in row:
        return operations_reverse(text)
    if "undo" in row:
        up, down = row["undo"]
        return _beside(tree, down.join(path.rsplit(up, 1)))
    if "beside" in row:
        return _beside(tree, f"{path.rpartition('/')[0]}/{row['beside']}")
    if path.endswith(".rb"):
        return goes_back(text)
    found = re.search(row["part"], text, re.M) if "part" in row else None
    if found is None:
        return False
    return changes(text[found.end() :]) if path.endswith(".sql") and not row.get("lines") else re.search(r"\w", text[found.end() :]) is not None


def _function(path: str, text: str, name: str) -> bool | Unknown:
    return function_does_something(text, name) if path.endswith(".py") else function_of_module(path, text, name)


def _beside(tree: Tree, path: str) -> bool | Unknown:
    """Whether a file is there and changes something."""
    if path not in tree.files:
        return False
    try:
        text = tree.text(path)
    except Unreadable as error:
        return Unknown.because(f"{path}: {error}")
    return changes(text) if path.endswith(".sql") else bool(text.strip())
