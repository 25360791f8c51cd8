"""The names of direct dependencies, from the manifests of the package ecosystems."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from gonogo.kinds.repository import DEPENDENCY_MANIFEST
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Resource, Stage
from gonogo.model.value import Path, Value
from gonogo.sources.tree import Tree, Unreadable

MAX_NAMES = 2_000

# (ecosystem, file names, the name of a dependency on a line). Lock files are left alone: they list what nobody chose.
_MANIFESTS: tuple[tuple[str, tuple[str, ...], re.Pattern[str]], ...] = (
    ("pip", ("requirements*.txt", "requirements*.in"), re.compile(r"^\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(?:[=<>!~;@]|$)", re.M)),
    ("pip", ("pyproject.toml", "Pipfile", "setup.cfg", "setup.py"), re.compile(r"^\s*[\"']?([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?\s*(?:[=<>!~]=?|[\"']\s*,?\s*$)", re.M)),
    ("npm", ("package.json",), re.compile(r"^\s*\"(@?[a-z0-9][\w./-]*)\"\s*:\s*\"[\^~>=<*0-9a-z]", re.M)),
    ("gomod", ("go.mod",), re.compile(r"^\s*(?:require\s+)?([a-z0-9.-]+\.[a-z]+/[\w./-]+)\s+v\d(?!.*// indirect)", re.M)),
    ("maven", ("pom.xml",), re.compile(r"<artifactId>\s*([\w.-]+)\s*</artifactId>")),
    ("gradle", ("build.gradle", "build.gradle.kts", "libs.versions.toml"), re.compile(r"[\"']([\w.-]+:[\w.-]+)(?::[^\"']*)?[\"']")),
    ("bundler", ("Gemfile",), re.compile(r"^\s*gem\s+[\"']([\w.-]+)", re.M)),
    ("cargo", ("Cargo.toml",), re.compile(r"^\s*([a-z0-9_-]+)\s*=\s*(?:\"|\{)", re.M)),
    ("nuget", ("*.csproj",), re.compile(r"<PackageReference\s+Include=\"([\w.-]+)\"")),
    ("composer", ("composer.json",), re.compile(r"^\s*\"([a-z0-9._-]+/[a-z0-9._-]+)\"\s*:", re.M)),
)  # fmt: skip


def read(tree: Tree) -> Iterator[Resource | Gap]:
    """One `repo/DependencyManifest` for each manifest in scope."""
    for path in sorted(tree.files):
        file = tree.files[path]
        if not file.in_scope:
            continue
        for ecosystem, names, pattern in _MANIFESTS:
            if any(fnmatchcase(file.name, name) for name in names):
                yield from _manifest(tree, path, ecosystem, pattern)
                break


def _manifest(tree: Tree, path: str, ecosystem: str, pattern: re.Pattern[str]) -> Iterator[Resource | Gap]:
    try:
        text = tree.text(path)
    except Unreadable as error:
        yield Gap(path, 0, Stage.READ, str(error), "repository", (DEPENDENCY_MANIFEST,))
        return
    places: dict[Path, Location] = {(): Location(path, 1)}
    names: list[Value] = []
    for match in pattern.finditer(text):
        if len(names) >= MAX_NAMES:
            break
        places["names", len(names)] = Location(path, text.count("\n", 0, match.start(1)) + 1)
        names.append(match[1])
    yield Resource(DEPENDENCY_MANIFEST, path, {"ecosystem": ecosystem, "names": names}, places, source="repository")
