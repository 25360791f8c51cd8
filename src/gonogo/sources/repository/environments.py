"""Configuration that exists once for each environment: directories, var files, values files, overlays, env files."""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator

from gonogo.kinds.repository import ENVIRONMENT
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Resource
from gonogo.model.value import Value
from gonogo.sources.classify import Format
from gonogo.sources.tree import Tree, TreeFile, Unreadable

_NAMES = {
    "production": "prod production prd live",
    "staging": "staging stage stg preprod pre-prod preproduction uat qa acceptance",
    "development": "dev develop development",
    "test": "test testing tst int integration sandbox",
}
_ENVIRONMENT = {word: name for name, words in _NAMES.items() for word in words.split()}
_IN_FILE_NAME = re.compile(r"(?i)(?:^|[._-])(" + "|".join(sorted(map(re.escape, _ENVIRONMENT), key=len, reverse=True)) + r")(?=[._-]|$)")
_CONFIGURATION = frozenset(
    {
        Format.TERRAFORM, Format.TFVARS, Format.TERRAGRUNT, Format.KUSTOMIZATION, Format.KUBERNETES, Format.COMPOSE, Format.YAML, Format.JSON,
        Format.CLOUD_BUILD, Format.HELM_CHART,
    }
)  # fmt: skip


def environment_of(word: str) -> str:
    """The environment a word names (`prd` -> production), `` where it names none."""
    return _ENVIRONMENT.get(word.lower(), "")


def read(tree: Tree) -> Iterator[Resource | Gap]:
    """One `repo/Environment` for each environment of each group of alike configurations."""
    groups: dict[tuple[str, str], dict[str, list[TreeFile]]] = defaultdict(lambda: defaultdict(list))
    for path in sorted(tree.files):
        file = tree.files[path]
        if file.format in _CONFIGURATION and (file.in_scope or _below_environments(path)):
            _directory(file, groups)
            _file(file, groups)
    for (group, mechanism), environments in sorted(groups.items()):
        for name, files in sorted(environments.items()):
            yield _resource(tree, group, mechanism, name, files)


def _below_environments(path: str) -> bool:
    """`environments/test/main.tf` is the test environment, not a test."""
    parts = path.split("/")[:-1]
    return any(environment_of(part) for part in parts) and any(environment_of(p) == "test" for p in parts)


def _directory(file: TreeFile, groups: dict[tuple[str, str], dict[str, list[TreeFile]]]) -> None:
    parts = file.directory.split("/")
    for at, part in enumerate(parts):
        name = environment_of(part)
        if name:
            groups["/".join(parts[:at]) or ".", "directory"][name].append(file)
            return


def _file(file: TreeFile, groups: dict[tuple[str, str], dict[str, list[TreeFile]]]) -> None:
    stem = re.sub(r"\.(?:ya?ml|json|tfvars|auto\.tfvars|tf)$", "", file.name, flags=re.I)
    if file.format not in (Format.TFVARS, Format.YAML, Format.JSON, Format.COMPOSE, Format.CLOUD_BUILD):
        return
    match = _IN_FILE_NAME.search(stem)
    if match is None or ".github" in file.path:
        return
    pattern = (stem[: match.start(1)] + "*" + stem[match.end(1) :]) or "*"
    groups[posixpath.join(file.directory or ".", pattern), "file"][environment_of(match[1])].append(file)


def _resource(tree: Tree, group: str, mechanism: str, name: str, files: list[TreeFile]) -> Resource:
    digest = hashlib.sha256()
    for file in files:
        try:
            digest.update(tree.bytes(file.path))
        except Unreadable as error:
            digest.update(str(error).encode())
    attributes: dict[str, Value] = {
        "name": name, "mechanism": mechanism, "path": files[0].path, "group": group, "digest": digest.hexdigest()[:16],
    }  # fmt: skip
    return Resource(ENVIRONMENT, f"{name} ({group})", attributes, {(): Location(files[0].path, 1)}, source="repository")
