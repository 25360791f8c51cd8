"""Dependabot and Renovate, and the package ecosystems that there are to update."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

from gonogo.formats.yaml_reader import read_yaml
from gonogo.kinds.repository import DEPENDENCY_UPDATES
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Resource, Stage
from gonogo.model.value import Path, Value, is_list
from gonogo.sources.classify import Format
from gonogo.sources.tree import Tree, TreeFile, Unreadable

# Dependabot's names (https://docs.github.com/en/code-security/dependabot/ecosystems-supported-by-dependabot).
_ECOSYSTEMS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("npm", ("package.json",)),
    ("pip", ("requirements*.txt", "pyproject.toml", "Pipfile", "setup.py", "setup.cfg")),
    ("gomod", ("go.mod",)),
    ("maven", ("pom.xml",)),
    ("gradle", ("build.gradle", "build.gradle.kts", "libs.versions.toml")),
    ("bundler", ("Gemfile",)),
    ("cargo", ("Cargo.toml",)),
    ("composer", ("composer.json",)),
    ("nuget", ("*.csproj", "*.fsproj", "packages.config")),
    ("docker", ("Dockerfile", "*.dockerfile", "*.Dockerfile", "Dockerfile.*")),
    ("docker-compose", ("docker-compose*.y*ml", "compose*.y*ml")),
    ("terraform", ("*.tf",)),
    ("helm", ("Chart.yaml",)),
    ("mix", ("mix.exs",)),
    ("pub", ("pubspec.yaml",)),
    ("swift", ("Package.swift",)),
)
_SAME = {"uv": "pip", "bun": "npm", "dotnet-sdk": "nuget", "opentofu": "terraform"}
_RENOVATE_MANAGERS = {"dockerfile": "docker", "pip_requirements": "pip", "pip_setup": "pip", "poetry": "pip", "pep621": "pip", "pipenv": "pip"}
_DEPENDABOT_PATHS = (".github/dependabot.yml", ".github/dependabot.yaml")
# https://docs.renovatebot.com/configuration-options/: the first of these that exists is read.
_RENOVATE_PATHS = tuple(
    f"{directory}{name}" for directory in ("", ".github/", ".gitlab/") for name in ("renovate.json", "renovate.json5")
) + (".renovaterc", ".renovaterc.json", ".renovaterc.json5")
_COMMENT = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|//[^\n]*|/\*[\s\S]*?\*/')


def read(tree: Tree) -> Iterator[Resource | Gap]:
    """One `repo/DependencyUpdates` for each configuration that lies where its tool reads it."""
    used = list(ecosystems(tree))
    prefix = f"{tree.prefix}/" if tree.prefix else ""
    for path in (*_DEPENDABOT_PATHS, *_RENOVATE_PATHS, "package.json"):
        if path not in tree.files or prefix:
            continue
        try:
            text = tree.text(path)
        except Unreadable as error:
            yield Gap(path, 0, Stage.READ, str(error), "repository", (DEPENDENCY_UPDATES,))
            continue
        yield from _configuration(path, text, used)


def _configuration(path: str, text: str, used: list[str]) -> Iterator[Resource | Gap]:
    tool = "dependabot" if "dependabot" in path else "renovate"
    if path == "package.json" and '"renovate"' not in text:
        return
    file = read_yaml(path, text if tool == "dependabot" else _uncommented(text))
    value = file.documents[0].value if file.documents else None
    places: dict[Path, Location] = {(): Location(path, 1), ("parses",): Location(path, file.error_line or 1)}
    if file.error or not isinstance(value, Mapping):
        yield Gap(path, file.error_line, Stage.PARSE, file.error or "not a mapping", "repository", ())
        yield _resource(path, tool, False, [], used, places)
        return
    places.update({("covers",): place for at, place in file.documents[0].locations.items() if at in (("updates",), ("extends",), ("enabledManagers",))})
    if path == "package.json":
        value = value.get("renovate") if isinstance(value.get("renovate"), Mapping) else {}
        if not isinstance(value, Mapping) or not value:
            return
    covers = _dependabot(value) if tool == "dependabot" else _renovate(value, used)
    yield _resource(path, tool, True, covers, used, places)


def _resource(path: str, tool: str, parses: bool, covers: list[str], used: list[str], places: dict[Path, Location]) -> Resource:
    attributes: dict[str, Value] = {"tool": tool, "parses": parses, "covers": sorted(set(covers)), "used": list(used)}
    return Resource(DEPENDENCY_UPDATES, path, attributes, places, source="repository")


def _dependabot(value: Mapping[str, Value]) -> list[str]:
    updates = value.get("updates")
    found = []
    for update in updates if is_list(updates) and not isinstance(updates, str) else ():  # type: ignore[union-attr]
        if isinstance(update, Mapping) and update.get("open-pull-requests-limit") != 0:
            name = str(update.get("package-ecosystem", ""))
            found.append(_SAME.get(name, name))
    return found


def _renovate(value: Mapping[str, Value], used: list[str]) -> list[str]:
    """Renovate updates everything it knows unless it is told which managers to use."""
    if value.get("enabled") is False:
        return []
    managers = value.get("enabledManagers")
    if not is_list(managers) or isinstance(managers, str):
        return list(used)
    return [_RENOVATE_MANAGERS.get(str(m), str(m)) for m in managers]  # type: ignore[union-attr]


def ecosystems(tree: Tree) -> tuple[str, ...]:
    """The package ecosystems with a manifest in scope, by Dependabot's names, sorted."""
    found = {name for file in tree.files.values() if file.in_scope for name in _ecosystems(file)}
    return tuple(sorted(found))


def _ecosystems(file: TreeFile) -> Iterator[str]:
    if file.format is Format.GITHUB_WORKFLOW:
        yield "github-actions"
    for name, patterns in _ECOSYSTEMS:
        if any(fnmatchcase(file.name, pattern) for pattern in patterns):
            yield name


def _uncommented(text: str) -> str:
    """JSON5 as YAML flow style: comments blanked, lines kept."""
    return _COMMENT.sub(lambda m: m[0] if m[0][0] in "\"'" else re.sub(r"[^\n]", " ", m[0]), text).replace("\t", " ")
