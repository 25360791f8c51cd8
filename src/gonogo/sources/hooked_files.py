"""Which hooks of pre-commit have a file to look at: https://pre-commit.com/#filtering-files-with-types."""

from __future__ import annotations

from collections.abc import Mapping

from gonogo.lang.regex import TooCostly
from gonogo.model.value import Value
from gonogo.sources.members import items
from gonogo.sources.patterns import python_pattern
from gonogo.sources.tree import Tree

_STAGES = frozenset({"commit", "pre-commit", "push", "pre-push", "merge-commit", "pre-merge-commit"})
MAX_FILES = 5_000


def hook_runs(tree: Tree, config: Mapping[str, Value], hook: Mapping[str, Value]) -> bool:
    """Whether a hook runs at a commit, on a file of the tree that `files` and `exclude` leave it."""
    stages = items(hook.get("stages", config.get("default_stages")))
    if stages and not any(stage in _STAGES for stage in stages):
        return False
    if hook.get("always_run") is True:
        return True
    wanted = [p for p in (config.get("files"), hook.get("files")) if isinstance(p, str)]
    unwanted = [p for p in (config.get("exclude"), hook.get("exclude")) if isinstance(p, str) and p != "^$"]
    if not wanted and not unwanted:
        return True
    paths = sorted(tree.files)
    return len(paths) > MAX_FILES or any(all(_matches(p, path, True) for p in wanted) and not any(_matches(p, path, False) for p in unwanted) for path in paths)


def _matches(pattern: str, path: str, otherwise: bool) -> bool:
    """`otherwise` where the pattern cannot be asked."""
    compiled = python_pattern(pattern)
    try:
        return otherwise if compiled is None else compiled.search(path)
    except TooCostly:
        return otherwise
