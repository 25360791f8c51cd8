"""Hooks that run before a commit: pre-commit, lefthook, husky, simple-git-hooks, overcommit, a hooks directory."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence

from gonogo.kinds.repository import PRE_COMMIT
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Resource, Stage
from gonogo.model.value import Unknown, Value
from gonogo.sources.hook_scripts import checking
from gonogo.sources.hooked_files import hook_runs
from gonogo.sources.members import items
from gonogo.sources.tree import Tree, Unreadable

# Where each tool looks for its configuration: at the root only, for a hook is the repository's and not a directory's.
_LEFTHOOK = tuple(f"{directory}{dot}lefthook.{suffix}" for directory in ("", ".config/") for dot in ("", ".") for suffix in ("yml", "yaml", "json"))
_YAML = {".pre-commit-config.yaml": "pre-commit", ".pre-commit-config.yml": "pre-commit", ".overcommit.yml": "overcommit"} | dict.fromkeys(
    _LEFTHOOK, "lefthook"
)
_TOML = ("lefthook.toml", ".lefthook.toml")
_SCRIPTS = ((".husky/pre-commit", "husky"), (".githooks/pre-commit", "githooks"), (".hooks/pre-commit", "githooks"), ("githooks/pre-commit", "githooks"))


def read(tree: Tree) -> Iterator[Resource | Gap]:
    """One `repo/PreCommit` for each configuration, with the number of hooks it runs at commit."""
    for path, tool in sorted(_YAML.items()):
        if path in tree.files:
            yield from _yaml(tree, path, tool)
    for path in (*_TOML, "package.json"):
        if path in tree.files:
            yield from _guarded(tree, path, "")
    for path in sorted(tree.files):
        file = tree.files[path]
        for name, tool in _SCRIPTS:
            # husky is often set up in the directory of the frontend, with `cd .. && husky`.
            if file.in_scope and (path == name or (tool == "husky" and path.endswith(f"/{name}"))):
                yield from _guarded(tree, path, tool)


def _guarded(tree: Tree, path: str, script_of: str) -> Iterator[Resource | Gap]:
    try:
        text = tree.text(path)
        found = _script(tree, path, script_of, text) if script_of else _package(text) if path == "package.json" else _toml(path, text)
    except Unreadable as error:
        yield Gap(path, 0, Stage.READ, str(error), "repository", (PRE_COMMIT,))
    except (ValueError, RecursionError) as error:
        yield Gap(path, 0, Stage.PARSE, f"does not parse: {error}", "repository", (PRE_COMMIT,))
    else:
        if found is not None:
            yield found


def _yaml(tree: Tree, path: str, tool: str) -> Iterator[Resource | Gap]:
    try:
        parsed = tree.yaml(path)
    except Unreadable as error:
        yield Gap(path, 0, Stage.READ, str(error), "repository", (PRE_COMMIT,))
        return
    if parsed.error:
        yield Gap(path, parsed.error_line, Stage.PARSE, parsed.error, "repository", (PRE_COMMIT,))
        return
    value = parsed.documents[0].value if parsed.documents else None
    if isinstance(value, Mapping):
        key, hooks = {"lefthook": ("pre-commit", _lefthook(value)), "overcommit": ("PreCommit", _overcommit(value))}.get(tool, ("repos", _pre_commit(tree, value)))
        yield _resource(path, tool, hooks, parsed.documents[0].locations.get((key,), Location(path, 1)))


def _toml(path: str, text: str) -> Resource:
    return _resource(path, "lefthook", _lefthook(tomllib.loads(text)), Location(path, 1))


def _pre_commit(tree: Tree, value: Mapping[str, Value]) -> int:
    hooks = [hook for repo in items(value.get("repos")) if isinstance(repo, Mapping) for hook in items(repo.get("hooks"))]
    return sum(1 for hook in hooks if not isinstance(hook, Mapping) or hook_runs(tree, value, hook))


def _lefthook(value: Mapping[str, Value]) -> int:
    hook = value.get("pre-commit")
    if not isinstance(hook, Mapping) or hook.get("skip") is True:
        return 0
    return sum(len(part) for key in ("commands", "scripts", "jobs") if isinstance(part := hook.get(key), Mapping | Sequence))


def _overcommit(value: Mapping[str, Value]) -> int:
    hooks = value.get("PreCommit")
    return sum(1 for hook in hooks.values() if isinstance(hook, Mapping) and hook.get("enabled") is True) if isinstance(hooks, Mapping) else 0


def _package(text: str) -> Resource | None:
    """The hooks that `package.json` declares: husky before version 5, simple-git-hooks, pre-commit."""
    if "pre-commit" not in text:
        return None
    value = json.loads(text)
    husky = value.get("husky") if isinstance(value, dict) else None
    hooks = husky.get("hooks") if isinstance(husky, dict) else None
    for tool, table in (("husky", hooks), ("simple-git-hooks", value.get("simple-git-hooks") if isinstance(value, dict) else None)):
        if isinstance(table, dict) and table.get("pre-commit"):
            return _resource("package.json", tool, 1, Location("package.json", text.count("\n", 0, text.index('"pre-commit"')) + 1))
    return None


def _script(tree: Tree, path: str, tool: str, text: str) -> Resource:
    hooks = _commands(text)
    if tool == "githooks" and hooks != 0 and not _sets_hooks_path(tree, path.rpartition("/")[0]):
        hooks = Unknown.because(f"nothing in the repository sets core.hooksPath to {path.rpartition('/')[0]}")
    return _resource(path, tool, hooks, Location(path, 1))


def _commands(text: str) -> Value:
    """How many commands of a script can stop a commit; of another language, its lines."""
    if text.startswith("#!") and "sh" not in text.split("\n", 1)[0]:
        return sum(1 for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))
    return checking(text)


def _sets_hooks_path(tree: Tree, directory: str) -> bool:
    for path in sorted(tree.files):
        if path.endswith((".sh", ".md", "Makefile", "package.json", "justfile", ".mk", ".yml", ".yaml")):
            try:
                text = tree.text(path)
            except Unreadable:
                continue
            if "core.hooksPath" in text and directory in text:
                return True
    return False


def _resource(path: str, tool: str, hooks: Value, place: Location) -> Resource:
    return Resource(PRE_COMMIT, path, {"tool": tool, "hooks": hooks}, {(): place}, source="repository")
