"""Which files pytest looks into: its paths, the directories it does not enter, and what `conftest.py` ignores."""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch

from gonogo.sources.suites.pytest_config import PytestConfig
from gonogo.sources.suites.python_names import scope_of

MAX_PATTERN = 200


@dataclass(frozen=True, slots=True)
class Conftest:
    """What a `conftest.py` says of collection. `ignore` and `ignore_glob` are from the root of the tree; `doubt`: what cannot be told."""

    directory: str
    ignore: tuple[str, ...] = ()
    ignore_glob: tuple[str, ...] = ()
    maybe_ignore: tuple[str, ...] = ()
    """Added to `collect_ignore` where something holds."""
    doubt: str = ""
    generates: bool = False
    selects: bool = False
    plugins: bool = False


_LITERALS = (ast.List, ast.Tuple, ast.Set)
# What a hook says that only orders, marks or prints its items leaves their number alone.
_SELECTING = frozenset({"skip", "skipif", "pytest_deselected", "deselected", "remove", "pop", "clear", "__setitem__", "filter", "importorskip"})


def read_conftest(path: str, tree: ast.Module) -> Conftest:
    """The conftest in `path`."""
    directory = posixpath.dirname(path)
    scope = scope_of(tree.body)
    lists: dict[str, tuple[str, ...]] = {}
    doubt = ""
    maybe: list[str] = []
    for name in ("collect_ignore", "collect_ignore_glob"):
        member = scope.members.get(name)
        texts: list[str] | None = []
        if isinstance(member, ast.expr):
            texts = _texts(member)
            if name in scope.unsure and texts is not None and name == "collect_ignore":
                maybe.extend(texts)
                texts = []
        added = _added(tree, name)
        if texts is None or added is None or (added and name != "collect_ignore") or (member is not None and name in scope.unsure and name != "collect_ignore"):
            doubt = f"{path}: {name} is worked out when the tests run"
        else:
            maybe.extend(added)
        lists[name] = tuple(posixpath.normpath(posixpath.join(directory, text)) for text in texts or ())
    hooks = {name for name in scope.members if name.startswith("pytest_")}
    modifies = scope.members.get("pytest_collection_modifyitems")
    selects = bool(hooks & {"pytest_ignore_collect", "pytest_collect_file", "pytest_pycollect_makeitem", "pytest_pycollect_makemodule", "pytest_itemcollected"})
    if isinstance(modifies, ast.FunctionDef):
        selects = selects or _selects(modifies)
    possible = tuple(posixpath.normpath(posixpath.join(directory, text)) for text in maybe)
    return Conftest(
        directory, lists["collect_ignore"], lists["collect_ignore_glob"], possible, doubt, "pytest_generate_tests" in hooks, selects, "pytest_plugins" in scope.members
    )


def _texts(node: ast.expr) -> list[str] | None:
    if not isinstance(node, _LITERALS):
        return None
    texts = [e.value for e in node.elts if isinstance(e, ast.Constant) and isinstance(e.value, str)]
    return texts if len(texts) == len(node.elts) else None


def _added(tree: ast.Module, name: str) -> list[str] | None:
    """What is added to the list after it was made; None where that is not written out."""
    found: list[str] = []
    told: set[int] = set()
    for node in ast.walk(tree):
        value: ast.expr | None = None
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name) and node.target.id == name:
            value = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name) and node.func.value.id == name:
            told.add(id(node.func))
            argument = node.args[0] if len(node.args) == 1 else node
            value = ast.List([argument], ast.Load()) if node.func.attr == "append" else argument if node.func.attr == "extend" else node
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == name and id(node) not in told:
            return None
        if value is not None:
            texts = _texts(value)
            if texts is None:
                return None
            found.extend(texts)
    return found


def _selects(hook: ast.FunctionDef) -> bool:
    for node in ast.walk(hook):
        word = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
        if word in _SELECTING or isinstance(node, ast.Delete) or (isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)):
            return True
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id not in ("print", "len", "str", "sorted", "isinstance", "hasattr", "getattr", "any", "all", "set", "list", "enumerate"):
            return True
    return False


def collected(config: PytestConfig, files: Sequence[str], conftests: Sequence[Conftest], virtualenvs: Sequence[str]) -> dict[str, bool]:
    """The Python files below the root directory of `config` that pytest collects, each with whether that is certain."""
    below = [f for f in files if not config.directory or f.startswith(f"{config.directory}/")]
    directories = {d for f in below for d in _parents(f)}
    found: dict[str, bool] = {}
    for start, given in _starts(config, below, directories):
        if start in found and given:
            continue
        for path in [start] if given else [f for f in below if not start or f.startswith(f"{start}/")]:
            if not given and not any(_fnmatch_ex(p, path) for p in config.python_files):
                continue
            if not given and _ignored(path, start, config, conftests, virtualenvs):
                continue
            doubtful = any((c.doubt and _is_below(path, c.directory)) or any(_is_below(path, p) for p in c.maybe_ignore) for c in conftests)
            found[path] = found.get(path, False) or not doubtful
    return found


def _starts(config: PytestConfig, files: Sequence[str], directories: set[str]) -> list[tuple[str, bool]]:
    """Where collection begins: paths of `addopts`, else `testpaths` that exist, else the root. True: a file, taken whatever its name is."""
    paths = [(p.partition("::")[0], False) for p in config.arguments] or [(p, True) for p in config.testpaths]
    starts: list[tuple[str, bool]] = []
    for path, glob in paths:
        full = posixpath.normpath(posixpath.join(config.directory, path))
        full = "" if full == "." else full
        if full in files:
            starts.append((full, True))
        elif full == config.directory or full in directories:
            starts.append((full, False))
        elif glob and any(c in path for c in "*?["):
            starts.extend((d, False) for d in sorted(directories) if _glob(full, d))
            starts.extend((f, True) for f in files if _glob(full, f))
    return starts or ([] if config.arguments else [(config.directory, False)])


def _glob(pattern: str, path: str) -> bool:
    """As `glob` matches: `*` within one part, `**` any number of them."""
    return _parts_match(pattern[:MAX_PATTERN].split("/"), path.split("/"))


def _parts_match(patterns: list[str], parts: list[str]) -> bool:
    # One row of the table of prefixes at a time: linear in the parts for each pattern.
    row = [True] + [False] * len(parts)
    for pattern in patterns:
        if pattern == "**":
            reached = False
            for index, held in enumerate(row):
                reached = reached or held
                row[index] = reached
        else:
            row = [False] + [row[i] and (not parts[i].startswith(".") or pattern.startswith(".")) and fnmatch(parts[i], pattern) for i in range(len(parts))]
    return row[-1]


def _ignored(path: str, start: str, config: PytestConfig, conftests: Sequence[Conftest], virtualenvs: Sequence[str]) -> bool:
    """Whether the file or a directory on the way to it from `start` is left out."""
    steps = [step for step in (*_parents(path), path) if step and len(step) > len(start) and _is_below(step, start)]
    ignore = {_full(config, p) for p in config.ignore}
    globs = [_full(config, g)[:MAX_PATTERN] for g in config.ignore_glob]
    for step in steps:
        # conftest files speak of what lies directly below the directory that asks, and of all below it.
        asking = [c for c in conftests if _is_below(step, c.directory) and step != c.directory]
        nearest = max(asking, key=lambda c: len(c.directory), default=None)
        if step in ignore or any(fnmatch(step, g) for g in globs):
            return True
        if nearest is not None and (
            step in _ignore_of(asking) or any(fnmatch(step, g[:MAX_PATTERN]) for g in _ignore_glob_of(asking))
        ):
            return True
        if step != path and (posixpath.basename(step) == "__pycache__" or step in virtualenvs or any(_fnmatch_ex(p, step) for p in config.norecursedirs)):
            return True
    return False


def _ignore_of(conftests: Sequence[Conftest]) -> tuple[str, ...]:
    """pytest takes the list of the nearest conftest that has one."""
    return next((c.ignore for c in sorted(conftests, key=lambda c: -len(c.directory)) if c.ignore), ())


def _ignore_glob_of(conftests: Sequence[Conftest]) -> tuple[str, ...]:
    return next((c.ignore_glob for c in sorted(conftests, key=lambda c: -len(c.directory)) if c.ignore_glob), ())


def _full(config: PytestConfig, path: str) -> str:
    return posixpath.normpath(posixpath.join(config.directory, path))


def _fnmatch_ex(pattern: str, path: str) -> bool:
    """pytest's own matching: a pattern without `/` is for the name, any other for the end of the path."""
    pattern = pattern[:MAX_PATTERN]
    return fnmatch(f"/{path}", f"*/{pattern}") if "/" in pattern else fnmatch(posixpath.basename(path), pattern)


def _parents(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[: i + 1]) for i in range(len(parts))]


def _is_below(path: str, directory: str) -> bool:
    return not directory or path == directory or path.startswith(f"{directory}/")
