"""Hooks that run before a commit: pre-commit, lefthook, husky."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gonogo.kinds.repository import PRE_COMMIT
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Resource, Stage
from gonogo.model.value import Value
from gonogo.sources.classify import Format
from gonogo.sources.tree import Tree, Unreadable


def read(tree: Tree) -> Iterator[Resource | Gap]:
    """One `repo/PreCommit` for each configuration, with the number of hooks it runs at commit."""
    for file in tree.of(Format.PRE_COMMIT):
        if "lintstaged" in file.name:
            continue
        try:
            parsed = tree.yaml(file.path)
        except Unreadable as error:
            yield Gap(file.path, 0, Stage.READ, str(error), "repository", (PRE_COMMIT,))
            continue
        if parsed.error:
            yield Gap(file.path, parsed.error_line, Stage.PARSE, parsed.error, "repository", (PRE_COMMIT,))
            continue
        value = parsed.documents[0].value if parsed.documents else None
        if isinstance(value, Mapping):
            tool = "lefthook" if "lefthook" in file.name else "pre-commit"
            line = parsed.documents[0].locations.get(("pre-commit",) if tool == "lefthook" else ("repos",))
            yield _resource(file.path, tool, _hooks(tool, value), line or Location(file.path, 1))
    for path in (".husky/pre-commit", ".githooks/pre-commit"):
        if path in tree.files:
            try:
                commands = [c for c in tree.text(path).splitlines() if c.strip() and not c.lstrip().startswith(("#", ". "))]
            except Unreadable as error:
                yield Gap(path, 0, Stage.READ, str(error), "repository", (PRE_COMMIT,))
                continue
            yield _resource(path, path.split("/")[0].strip("."), len(commands), Location(path, 1))


def _resource(path: str, tool: str, hooks: int, place: Location) -> Resource:
    return Resource(PRE_COMMIT, path, {"tool": tool, "hooks": hooks}, {(): place}, source="repository")


def _hooks(tool: str, value: Mapping[str, Value]) -> int:
    if tool == "lefthook":
        hook = value.get("pre-commit")
        if not isinstance(hook, Mapping):
            return 0
        return sum(len(part) for key in ("commands", "scripts", "jobs") if isinstance(part := hook.get(key), Mapping | Sequence))
    repos = value.get("repos")
    found = 0
    for repo in repos if isinstance(repos, Sequence) and not isinstance(repos, str) else ():
        hooks = repo.get("hooks") if isinstance(repo, Mapping) else None
        found += len(hooks) if isinstance(hooks, Sequence) and not isinstance(hooks, str) else 0
    return found
