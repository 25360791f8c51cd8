"""Dependabot and Renovate, and the package ecosystems that there are to update."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

from gonogo.formats.yaml_reader import read_yaml
from gonogo.kinds.repository import DEPENDENCY_UPDATES
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Resource, Stage
from gonogo.model.value import OpenList, Path, Unknown, Value, is_list
from gonogo.sources.classify import Format
from gonogo.sources.members import items
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
_EVERYTHING = frozenset({"*", "**", ".*", "^.*$", "/.*/"})
_PATTERNS = ("matchPackageNames", "matchPackagePatterns", "packagePatterns")
# What is not closed runs to the end: to look for its end from each place anew would take quadratic time.
_COMMENT = re.compile(r'"(?:\\[\s\S]|[^"\\])*(?:"|\\?\Z)|\'(?:\\[\s\S]|[^\'\\])*(?:\'|\\?\Z)|//[^\n]*|/\*[\s\S]*?(?:\*/|\Z)')


def read(tree: Tree) -> Iterator[Resource | Gap]:
    """One `repo/DependencyUpdates` for each configuration that lies where its tool reads it."""
    if tree.prefix:
        reason = "a part of a repository: the dependency update configuration lies at its root, which was not read"
        yield Gap(tree.prefix, 0, Stage.DISCOVER, reason, "repository", (DEPENDENCY_UPDATES,))
        return
    used = list(ecosystems(tree))
    for path in (*_DEPENDABOT_PATHS, *_RENOVATE_PATHS, "package.json"):
        if path not in tree.files:
            continue
        try:
            text = tree.text(path)
        except Unreadable as error:
            yield Gap(path, 0, Stage.READ, str(error), "repository", (DEPENDENCY_UPDATES,))
            continue
        if path != "package.json" or '"renovate"' in text:
            yield from _configuration(path, text, used)


def _configuration(path: str, text: str, used: list[str]) -> Iterator[Resource | Gap]:
    tool = "dependabot" if "dependabot" in path else "renovate"
    file = read_yaml(path, text if tool == "dependabot" else _uncommented(text))
    value = file.documents[0].value if file.documents else None
    if file.error or not isinstance(value, Mapping):
        # JSON5 is read here as the YAML it nearly is: what fails may still be right. YAML that fails updates nothing.
        yield Gap(path, file.error_line, Stage.PARSE, file.error or "not a mapping", "repository", (DEPENDENCY_UPDATES,) if tool == "renovate" else ())
        if tool == "dependabot":
            yield _resource(path, tool, False, [], used, {(): Location(path, file.error_line or 1)})
        return
    start: Path = ("renovate",) if path == "package.json" else ()
    table = value.get("renovate") if start else value
    if not isinstance(table, Mapping) or not table:
        return
    places: dict[Path, Location] = {(): Location(path, 1)}
    for key in ("extends", "enabledManagers", "updates"):
        place = file.documents[0].locations.get((*start, key))
        if place is not None:
            places["covers",] = place
    covers: Value = _dependabot(table) if tool == "dependabot" else _renovate(table, used)
    yield _resource(path, tool, True, covers, used, places)


def _resource(path: str, tool: str, parses: bool, covers: Value, used: list[str], places: dict[Path, Location]) -> Resource:
    attributes: dict[str, Value] = {"tool": tool, "parses": parses, "covers": covers, "used": list(used)}
    return Resource(DEPENDENCY_UPDATES, path, attributes, places, source="repository")


def _dependabot(value: Mapping[str, Value]) -> list[str]:
    updates = value.get("updates")
    found = set()
    for update in items(updates):
        # A limit of 0 leaves only security updates (https://docs.github.com/en/code-security/dependabot).
        if isinstance(update, Mapping) and update.get("open-pull-requests-limit") != 0:
            name = str(update.get("package-ecosystem", ""))
            found.add(_SAME.get(name, name))
    return sorted(found)


def _renovate(value: Mapping[str, Value], used: list[str]) -> Value:
    """Renovate updates everything it knows unless it is told which managers to use."""
    if value.get("enabled") is False:
        return []
    managers = value.get("enabledManagers")
    if is_list(managers):
        return sorted({_RENOVATE_MANAGERS.get(str(m), str(m)) for m in items(managers)})
    rules = value.get("packageRules")
    for rule in items(rules):
        narrowed = isinstance(rule, Mapping) and any(key.startswith("match") and key not in _PATTERNS for key in rule)
        if isinstance(rule, Mapping) and rule.get("enabled") is False and not narrowed and _EVERYTHING & {str(p) for p in _patterns(rule)}:
            return OpenList([], Unknown.because("a package rule turns everything off; which packages others turn on again is not computed"))
    return list(used)


def _patterns(rule: Mapping[str, Value]) -> Iterator[Value]:
    for key in _PATTERNS:
        yield from items(rule.get(key))


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
