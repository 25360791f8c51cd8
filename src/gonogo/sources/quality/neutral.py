"""Configurations under which a tool checks nothing, although it runs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from gonogo.lang.regex import TooCostly
from gonogo.sources.code_tools import Exclusion, Neutral, Tool
from gonogo.sources.patterns import python_pattern
from gonogo.sources.tree import Tree, Unreadable, ignore_rules

_MISSING = object()
_EVERYTHING = frozenset({"", "*", "**", "**/*", "*/**", "**/**", ".", "/"})
MAX_PATTERNS = 500


def neutralised(tree: Tree, tool: Tool, path: str, settings: object) -> str:
    """Why a tool that the file at `path` configures checks nothing, `` where it checks something."""
    directory = path.rpartition("/")[0]
    for row in tool.neutral:
        if _holds(tree, tool, row, path, directory, settings):
            return row.because
    return _leaves_out_everything(tree, tool, directory, settings)


def _holds(tree: Tree, tool: Tool, row: Neutral, path: str, directory: str, settings: object) -> bool:
    if row.text:
        return re.search(row.text, tree.text(path)[:100_000]) is not None
    if not all(_is(settings, key, wanted) for key, wanted in row.when.items()):
        return False
    if row.members:
        members = value_at(settings, row.at)
        return isinstance(members, Sequence) and any(all(_is(one, key, wanted) for key, wanted in row.members.items()) for one in members)
    return not row.without_sources or next(_sources(tree, tool, directory), None) is None


def _leaves_out_everything(tree: Tree, tool: Tool, directory: str, settings: object) -> str:
    """Whether what a configuration excludes, and an ignore file beside it, leaves no file of the tool."""
    sources = list(_sources(tree, tool, directory)) if tool.excludes or tool.ignore_files else []
    if not sources:
        return ""
    for exclusion in tool.excludes:
        sources = [s for s in sources if not _excluded(s, exclusion, value_at(settings, exclusion.at))]
        if not sources:
            return f"`{exclusion.at}` leaves out every file"
    for name in tool.ignore_files:
        ignoring = f"{directory}/{name}" if directory else name
        if ignoring in tree.files:
            try:
                rules = ignore_rules(tree.text(ignoring))
            except Unreadable:
                continue
            sources = [s for s in sources if not rules.match_file(s)]
            if not sources:
                return f"{name} leaves out every file"
    return ""


def _sources(tree: Tree, tool: Tool, directory: str) -> Iterator[str]:
    """The files that a tool is for, below the directory of its configuration."""
    start = len(directory) + 1 if directory else 0
    for path in tree.below(directory):
        if any(fnmatchcase(path.rpartition("/")[2], pattern) for pattern in tool.sources) and (tree.files[path].in_scope or tree.counts_as_test(path)):
            yield path[start:]


def _excluded(path: str, exclusion: Exclusion, value: object) -> bool:
    if exclusion.syntax == "regex":
        patterns = [value] if isinstance(value, str) else [v for v in value if isinstance(v, str)] if isinstance(value, list) else []
        return any(_found(pattern, path, exclusion.rooted) for pattern in patterns[:MAX_PATTERNS])
    globs = re.split(r"[,\n]", value) if isinstance(value, str) else [v for v in value if isinstance(v, str)] if isinstance(value, list) else []
    return any(_covers(glob.strip(), path) for glob in globs[:MAX_PATTERNS] if glob.strip())


def _found(pattern: str, path: str, rooted: bool) -> bool:
    """A directory is asked with a slash at its end, before what is in it."""
    start = "/" if rooted else ""
    parts = path.split("/")
    asked = [start + "/".join(parts[:n]) + "/" for n in range(1, len(parts))] + [start + path]
    try:
        compiled = python_pattern(pattern)
        return compiled is not None and any(compiled.search(one) for one in asked)
    except TooCostly:
        return False


def _covers(glob: str, path: str) -> bool:
    """Whether a pattern names a file, or a directory that it is in: by path, or by name."""
    plain = glob.removeprefix("./").rstrip("/")
    if plain in _EVERYTHING:
        return True
    parts = path.split("/")
    patterns = (plain, plain.removeprefix("**/"), plain.removesuffix("/**"), plain.removesuffix("/*"))
    return any(fnmatchcase("/".join(parts[: n + 1]), p) or fnmatchcase(parts[n], p) for n in range(len(parts)) for p in patterns)


def value_at(settings: object, path: str) -> object:
    """The setting at a dotted path; None where there is none."""
    found = _at(settings, path)
    return None if found is _MISSING else found


def _at(settings: object, path: str) -> object:
    value: object = settings
    for part in path.split("."):
        value = value.get(part, _MISSING) if isinstance(value, Mapping) else _MISSING
    return value


def _is(settings: object, path: str, wanted: object) -> bool:
    """Whether the setting at a dotted path is the wanted one; null: it is not there."""
    value = _at(settings, path)
    if wanted is None or value is _MISSING:
        return wanted is None and value is _MISSING
    if isinstance(wanted, list):
        return isinstance(value, Sequence) and not isinstance(value, str) and list(value) == wanted
    if isinstance(value, list):
        return any(str(one).strip().lower() == str(wanted) for one in value)
    return str(value).strip().lower() == str(wanted)
