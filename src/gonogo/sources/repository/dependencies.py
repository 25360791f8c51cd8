"""The names of direct dependencies, from the manifests of the package ecosystems. Lock files are left alone: nobody chose what they list."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from itertools import islice
from typing import Any

from gonogo.kinds.repository import DEPENDENCY_MANIFEST
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Resource, Stage
from gonogo.model.value import Path, Value
from gonogo.sources.tree import Tree, Unreadable

MAX_NAMES = 5_000
MAX_LINE = 2_000
MAX_LOOKED_FOR = 100_000_000
# What does nothing until code calls it: error trackers.
_CALLED_BY_CODE = re.compile(r"(?i)sentry|rollbar|bugsnag|honeybadger|airbrake|raygun")
_SOURCES = (".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts", ".vue", ".svelte", ".astro", ".html")
Names = Iterator[str]

_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(?:[=<>!~;@(]|\Z)")


class _Broken(Exception):
    """A manifest that does not parse."""


def read(tree: Tree) -> Iterator[Resource | Gap]:
    """One `repo/DependencyManifest` for each manifest in scope."""
    for path in sorted(tree.files):
        file = tree.files[path]
        if not file.in_scope:
            continue
        for ecosystem, names, reader in _MANIFESTS:
            if any(fnmatchcase(file.name, name) for name in names):
                yield from _manifest(tree, path, ecosystem, reader)
                break


def _manifest(tree: Tree, path: str, ecosystem: str, reader: Callable[[str], Names]) -> Iterator[Resource | Gap]:
    try:
        text = tree.text(path)
        found = sorted(set(reader(text)))[:MAX_NAMES]
    except (Unreadable, _Broken) as error:
        stage = Stage.READ if isinstance(error, Unreadable) else Stage.PARSE
        yield Gap(path, 0, stage, str(error), "repository", (DEPENDENCY_MANIFEST,))
        return
    places: dict[Path, Location] = {(): Location(path, 1)}
    for number, name in enumerate(found if len(found) * len(text) < MAX_LOOKED_FOR else ()):
        # The last part: a Maven name is written in two elements, a gradle one may be in a table.
        places["names", number] = Location(path, _line(text, name if name in text else name.rpartition(":")[2]))
    names: list[Value] = list(found)
    unused: list[Value] = [name for name in found if ecosystem == "npm" and _CALLED_BY_CODE.search(name) and not _is_imported(tree, path, name)]
    yield Resource(DEPENDENCY_MANIFEST, path, {"ecosystem": ecosystem, "names": names, "unused": unused}, places, source="repository")


def _is_imported(tree: Tree, manifest: str, name: str) -> bool:
    """Whether a source file beside or below a manifest names a package, as an import does."""
    directory = manifest.rpartition("/")[0]
    wanted = [f"{quote}{name}".encode() for quote in "\"'`"]
    for path in tree.below(directory):
        if path.endswith(_SOURCES) and tree.files[path].in_scope:
            try:
                raw = tree.bytes(path)
            except Unreadable:
                continue  # a gap of who reads the code
            if any(one in raw for one in wanted):
                return True
    return False


def _line(text: str, name: str) -> int:
    """The first line that is no comment and holds `name` as a word; 1 where none does."""
    for match in re.finditer(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", text):
        if not text[text.rfind("\n", 0, match.start()) + 1 : match.start()].lstrip().startswith(("#", "//", "<!--")):
            return text.count("\n", 0, match.start()) + 1
    return 1


def _requirements(text: str) -> Names:
    for line in text.split("\n"):
        match = _REQUIREMENT.match(line[:MAX_LINE].partition(" #")[0].rstrip())
        if match:
            yield match[1]


def _toml(text: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _Broken(f"not valid TOML: {error}") from error


def _tables(root: object, *paths: str) -> Iterator[Any]:
    """The values at dotted paths; a `*` is any key."""
    for path in paths:
        found: list[Any] = [root]
        for step in path.split("."):
            found = [v for f in found if isinstance(f, Mapping) for k, v in f.items() if step in ("*", k)]
        yield from found


def _pyproject(text: str) -> Names:
    for value in _tables(
        _toml(text), "project.dependencies", "project.optional-dependencies.*", "dependency-groups.*", "tool.poetry.dependencies",
        "tool.poetry.group.*.dependencies", "packages",
    ):  # fmt: skip
        for name in value if isinstance(value, list | Mapping) else ():
            match = _REQUIREMENT.match(name) if isinstance(name, str) else None
            if match:
                yield match[1]


def _setup(text: str) -> Names:
    for match in re.finditer(
        r"[\"']([A-Za-z0-9][A-Za-z0-9._-]{0,99})(?:\[[^\]\n]{0,200}\])?[ \t]*(?:[=<>!~]=?[^\"'\n]{0,200})?[\"']"
        r"|^[ \t]+([A-Za-z0-9][A-Za-z0-9._-]{0,99})[ \t]*(?:[=<>!~]=|$)",
        text,
        re.M,
    ):
        yield match[1] or match[2]


def _json(text: str, *paths: str) -> Names:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _Broken(f"not valid JSON: {error}") from error
    for table in _tables(value, *paths):
        if isinstance(table, dict):
            yield from (key for key in table if isinstance(key, str))


def _cargo(text: str) -> Names:
    for table in _tables(_toml(text), "dependencies", "workspace.dependencies", "target.*.dependencies"):
        yield from table if isinstance(table, Mapping) else ()


def _catalog(text: str) -> Names:
    for table in _tables(_toml(text), "libraries", "plugins"):
        for entry in table.values() if isinstance(table, Mapping) else ():
            if isinstance(entry, str):
                yield entry.rpartition(":")[0]
            elif isinstance(entry, Mapping):
                named = entry.get("module", entry.get("id", f"{entry.get('group', '')}:{entry.get('name', '')}"))
                yield str(named)


def _maven(text: str) -> Names:
    plain = re.sub(r"<!--[\s\S]*?(?:-->|\Z)", "", text)
    for start in islice(re.finditer(r"<(?:dependency|plugin)>", plain), MAX_NAMES):
        block = re.split(r"</(?:dependency|plugin)>", plain[start.end() : start.end() + MAX_LINE], maxsplit=1)[0]
        group, artifact = re.search(r"<groupId>\s*([\w.-]+)", block), re.search(r"<artifactId>\s*([\w.-]+)", block)
        if artifact:
            yield f"{group[1]}:{artifact[1]}" if group else artifact[1]


def _matching(pattern: str) -> Callable[[str], Names]:
    compiled = re.compile(pattern, re.M)
    return lambda text: (next(g for g in match.groups() if g is not None) for match in compiled.finditer(text))


_MANIFESTS: tuple[tuple[str, tuple[str, ...], Callable[[str], Names]], ...] = (
    ("pip", ("requirements*.txt", "requirements*.in", "*requirements.txt"), _requirements),
    ("pip", ("pyproject.toml", "Pipfile"), _pyproject),
    ("pip", ("setup.cfg", "setup.py"), _setup),
    ("npm", ("package.json",), lambda text: _json(text, "dependencies", "devDependencies", "optionalDependencies")),
    ("gomod", ("go.mod",), _matching(r"^[ \t]*(?:require[ \t]+)?([\w.-]+\.[a-z]+/[\w./-]+)[ \t]+v\d(?!.*// indirect)")),
    ("maven", ("pom.xml",), _maven),
    ("gradle", ("libs.versions.toml",), _catalog),
    ("gradle", ("build.gradle", "build.gradle.kts"), _matching(r"^(?![ \t]*//).*?[\"']([\w.-]+:[\w.-]+)(?::[^\"'\n]*)?[\"']|^[ \t]*id[ \t]*\(?[ \t]*[\"']([\w.-]+)[\"']")),
    ("bundler", ("Gemfile",), _matching(r"^[ \t]*gem[ \t]+[\"']([\w.-]+)")),
    ("cargo", ("Cargo.toml",), _cargo),
    ("nuget", ("*.csproj", "Directory.Packages.props"), _matching(r"<Package(?:Reference|Version)\s+Include=\"([\w.-]+)\"")),
    ("composer", ("composer.json",), lambda text: _json(text, "require", "require-dev")),
    ("mix", ("mix.exs",), _matching(r"^[ \t]*\{[ \t]*:(\w+)[ \t]*,")),
    ("pub", ("pubspec.yaml",), _matching(r"^  ([a-z0-9_]+):")),
)  # fmt: skip
