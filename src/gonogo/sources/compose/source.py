"""Compose files of the tree as resources, one for each project."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from gonogo.kinds.compose import PROJECT
from gonogo.lang.functions import secret_like
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Resource
from gonogo.model.value import OpenList, Path, Unknown, Value
from gonogo.sources.classify import Format
from gonogo.sources.compose.interpolation import interpolate, is_literal, shown
from gonogo.sources.compose.merge import Reader, Services
from gonogo.sources.dockerfile.builds import Build, declared_builds
from gonogo.sources.members import items
from gonogo.sources.repository.environments import environment_of
from gonogo.sources.tree import Tree, TreeFile, Unreadable

MAX_LINE = 4_096

_OVERRIDE = re.compile(r"(?:^|[./-])override\.ya?ml\Z")
_REMOTE = re.compile(r"[a-z+]+://|git@|github\.com/")
# What an application's directory holds: a bind mount of one runs this repository.
_SOURCE = re.compile(
    r"(?:\.(?:py|js|mjs|cjs|ts|tsx|jsx|go|rb|php|java|kt|scala|cs|rs|ex|exs|clj|swift|vue|svelte)|(?:^|/)(?:package\.json|pyproject\.toml|go\.mod|Gemfile"
    r"|composer\.json|Cargo\.toml|pom\.xml|build\.gradle(?:\.kts)?|mix\.exs))\Z"
)
_NOTHING = re.compile(r"\s*(?:<.*>|\*+|x{3,}|\.\.\.)?\s*\Z", re.I)
_DOTENV = re.compile(r"\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*)\Z")


class ComposeSource:
    """Reads every compose project: a main file with its `override` beside it."""

    name = "compose"

    def read(self, tree: Tree) -> Iterator[Resource | Gap]:
        """One `compose/Project` for each main file; a file that does not parse is a project that says so."""
        builds: tuple[Build, ...] | None = None
        for file in tree.of(Format.COMPOSE):
            if builds is None:
                builds = tuple(build for found in declared_builds(tree).values() for build in found)
            if not _OVERRIDE.search(file.name) or not _main_beside(tree, file):
                reader = Reader(tree)
                yield _project(tree, file, reader, builds)
                yield from reader.gaps


def _main_beside(tree: Tree, file: TreeFile) -> bool:
    return re.sub(r"[.-]?override(?=\.ya?ml\Z)", "", file.path) in tree.files


def _project(tree: Tree, file: TreeFile, reader: Reader, builds: Sequence[Build]) -> Resource:
    stem, _, suffix = file.path.rpartition(".")
    override = f"{stem}.override.{suffix}"
    services = reader.project([file.path, *([override] if override in tree.files else [])])
    variables = _dotenv(tree, file.directory)
    final = {name: interpolate(service.value(), variables) for name, service in services.items()}
    places: dict[Path, Location] = {(): Location(file.path, 1)}
    for name, service in services.items():
        for path, place in service.locations().items():
            places["services", name, *path] = place
    places["services",] = reader.headings.get(file.path, places[()])
    production = environment_of_file(file) == "production"
    secrets: list[Value] = []
    for name, variable, at in _literal_secrets(services):
        places["plainSecrets", len(secrets)] = at or places[()]
        secrets.append({"service": name, "variable": variable})
    parses: Value = file.path not in reader.errors
    if parses and reader.services(file.path) is None:
        parses = Unknown.because(*(gap.reason for gap in reader.gaps))
    if file.path in reader.errors:
        places["parses",] = Location(file.path, reader.errors[file.path])
    elif parses is True and not final:
        reader.problems.append("no services")
    ours = {name: _from_repository(tree, file.directory, service, builds) for name, service in final.items()}
    where = next((services[name].location for name, answer in ours.items() if answer is not False), None)
    places["buildsRepository",] = where or places["services",]
    attributes: dict[str, Value] = {
        "file": file.path,
        "parses": parses,
        "problems": list(reader.problems),
        "services": final,
        "buildsRepository": _any(ours.values()),
        "images": _images(services, variables, places),
        "production": production,
        "plainSecrets": secrets,
    }
    return Resource(PROJECT, file.path, attributes, places, source="compose")


def environment_of_file(file: TreeFile) -> str:
    """The environment that the name or a directory of a compose file tells: `docker-compose.prod.yml`, `deploy/prod/compose.yml`."""
    words = [*re.split(r"[._-]", file.name), *file.directory.split("/")]
    found = {name for word in words if (name := environment_of(word))}
    return found.pop() if len(found) == 1 else ""


def _dotenv(tree: Tree, directory: str) -> dict[str, str]:
    """The `.env` beside the file, which compose takes for defaults (https://docs.docker.com/compose/how-tos/environment-variables/)."""
    path = posixpath.join(directory, ".env")
    try:
        lines = tree.text(path).split("\n") if path in tree.files else []
    except Unreadable:
        return {}
    found: dict[str, str] = {}
    for line in lines:
        match = _DOTENV.match(line.rstrip("\r")) if len(line) < MAX_LINE else None
        if match:
            text = match[2].strip()
            quoted = re.fullmatch(r"""(["'])(.*)\1(?:\s+#.*)?""", text)
            plain = quoted[2] if quoted else re.sub(r"\s+#.*\Z", "", text)
            value = re.sub(r"\$\{?(\w+)\}?", lambda m: found.get(m[1], ""), plain)
            if len(value) < MAX_LINE:
                found[match[1]] = value
    return found


def _any(values: Iterable[bool | Unknown]) -> Value:
    found = list(values)
    if True in found:
        return True
    unknown = [value for value in found if isinstance(value, Unknown)]
    return Unknown.merge(unknown) if unknown else False


def _from_repository(tree: Tree, directory: str, service: Value, builds: Sequence[Build]) -> bool | Unknown:
    """Whether a service is built from this repository, runs an image its pipelines build, or its sources from a bind mount."""
    if not isinstance(service, Mapping):
        return False
    build = service.get("build")
    if isinstance(build, Mapping):
        context = build.get("context", ".")
        if isinstance(context, Unknown):
            return context
        return not (isinstance(context, str) and (_REMOTE.match(context) or posixpath.normpath(posixpath.join(directory, context)).startswith("..")))
    image = service.get("image")
    if isinstance(image, str):
        head, slash, last = image.partition("@")[0].rpartition("/")
        if any(build.makes(f"{head}{slash}{last.partition(':')[0]}") for build in builds):
            return True
    return any(_mounts_sources(tree, directory, volume) for volume in items(service.get("volumes")))


def _mounts_sources(tree: Tree, directory: str, volume: Value) -> bool:
    """A bind of a directory of the repository that holds sources: not of data, or of a file that only configures the image."""
    if isinstance(volume, Mapping):
        source = volume.get("source") if volume.get("type") == "bind" else None
    else:
        source = volume.split(":")[0] if isinstance(volume, str) and ":" in volume else None
    if not isinstance(source, str) or not source.startswith("."):
        return False
    path = posixpath.normpath(posixpath.join(directory, source))
    start = "" if path == "." else f"{path}/"
    return not path.startswith("..") and any(name.startswith(start) and _SOURCE.search(name) for name in tree.files)


def _images(services: Services, variables: Mapping[str, str], places: dict[Path, Location]) -> Value:
    """The images that are run and not built; open where the name of one is not known (its registry or tag may be)."""
    found: list[Value] = []
    unknown: list[Unknown] = []
    for service in services.values():
        image = service.get("image")
        if image is None or not isinstance(image.content, str) or service.get("build") is not None:
            continue
        text = shown(image.content, variables)
        if "*" in text.rpartition("/")[2].partition(":")[0]:
            unknown.append(Unknown.because(f"which image {image.content} is depends on the environment"))
            continue
        if image.location is not None:
            places["images", len(found)] = image.location
        found.append(text)
    return OpenList(found, Unknown.merge(unknown)) if unknown else found


def _literal_secrets(services: Services) -> Iterator[tuple[str, str, Location | None]]:
    for name, service in services.items():
        environment = service.get("environment")
        for variable, value in (environment.fields if environment is not None else {}).items():
            content = value.content
            if secret_like(variable) and isinstance(content, str | int | float) and is_literal(content) and not _NOTHING.match(str(content)):
                yield name, variable, value.location
