"""Which applications a repository holds: one for each image that is built of it, else one for each manifest."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gonogo.kinds.application import UNREAD
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Stage
from gonogo.sources.application.images import Command, Image, commands_of, expanded, read_image
from gonogo.sources.application.languages import Language, language_of, read_languages
from gonogo.sources.classify import Format
from gonogo.sources.dockerfile.builds import declared_builds
from gonogo.sources.dockerfile.instructions import DockerfileError
from gonogo.sources.dockerfile.source import shipped
from gonogo.sources.members import items
from gonogo.sources.tree import Tree, TreeFile, Unreadable

SOURCE = "application"
MAX_APPLICATIONS = 200

# What a manifest in such a directory is for is no application.
_NO_APPLICATION = frozenset({"docs", "doc", "documentation", "scripts", "tools", "tooling", "hack", "ci", ".github", "requirements", "benchmarks", "bin"})


@dataclass(frozen=True, slots=True)
class Application:
    """One application. `directory` is `` for the root; without `images`, `starts` is what a Procfile or the like says is run.

    `manifests` are the files of its directory that name its dependencies. `environment` is what the image sets.
    """

    directory: str
    language: Language
    images: tuple[Image, ...]
    starts: tuple[Command, ...]
    manifests: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def place(self) -> Location:
        """Where it is seen first."""
        if self.images:
            return Location(self.images[0].dockerfile, 1)
        return Location(self.manifests[0], 1) if self.manifests else Location(self.directory)


def discover(tree: Tree) -> Iterator[Application | Gap]:
    """The applications of `tree`, by directory and language; those of a language without a reader are gaps."""
    languages = read_languages()
    found: dict[tuple[str, str], list[Image]] = defaultdict(list)
    by_name = {language.name: language for language in languages}
    builds = declared_builds(tree) if any(True for _ in tree.of(Format.DOCKERFILE)) else {}
    for file in tree.of(Format.DOCKERFILE):
        if not shipped(file):
            continue
        try:
            image = read_image(tree, file.path, builds.get(file.path, ()))
        except (Unreadable, DockerfileError) as error:
            yield Gap(file.path, 0, Stage.PARSE, f"what the image runs cannot be told: {error}", SOURCE, UNREAD)
            continue
        language = language_of(image, languages) if image is not None else None
        if image is None or language is None or not _holds(tree, image.context, language):
            continue
        found[_directory(tree, image, language), language.name].append(image)
    manifests = _manifests(tree, languages)
    built = {(directory, name) for directory, name in found}
    keys = [*found, *_without_image(manifests, built)]
    starts = _declared_starts(tree)
    for directory, name in sorted(keys)[:MAX_APPLICATIONS]:
        language = by_name[name]
        images = tuple(found.get((directory, name), ()))
        own = tuple(manifests.get((directory, name), ()))
        if not language.read and not images and not any(language.runs(command) for command in starts.get(directory, ())):
            continue  # no application, by all that is told: the tooling of a repository, a library
        if not language.read:
            place = images[0].dockerfile if images else own[0]
            yield Gap(place, 0, Stage.DISCOVER, f"an application in {name}, whose code is not read", SOURCE, UNREAD)
            continue
        environment = {key: value for image in images for key, value in image.environment.items()}
        started = tuple(c for image in images for c in image.starts)
        overriding = tuple(expanded(tree, images[0].context if images else directory, starts.get(directory, ()), environment))
        yield Application(directory, language, images, (*started, *overriding), own, environment)
    if len(keys) > MAX_APPLICATIONS:
        yield Gap("", 0, Stage.DISCOVER, f"more than {MAX_APPLICATIONS} applications: the rest was not read", SOURCE, UNREAD)


def _holds(tree: Tree, directory: str, language: Language) -> bool:
    """Whether there is code of a language: an image of a ready program is no application of the repository."""
    return any(path.endswith(language.suffixes) and tree.files[path].in_scope for path in tree.below(directory)) or any(
        language.has_manifest(path.rpartition("/")[2]) for path in tree.below(directory)
    )


def _directory(tree: Tree, image: Image, language: Language) -> str:
    """The Dockerfile's own directory where it holds a manifest or source of the language, else what it is built in."""
    own = image.dockerfile.rpartition("/")[0]
    inside = own != image.context and (not image.context or own.startswith(f"{image.context}/"))
    if inside and any(path.endswith(language.suffixes) or language.has_manifest(path.rpartition("/")[2]) for path in tree.below(own)):
        return own
    return image.context


def _manifests(tree: Tree, languages: Sequence[Language]) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for path in sorted(tree.files):
        file: TreeFile = tree.files[path]
        if file.in_scope:
            for language in languages:
                if language.has_manifest(file.name):
                    found[file.directory, language.name].append(path)
    return found


def _without_image(manifests: Mapping[tuple[str, str], Sequence[str]], built: set[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The directories with a manifest, where no image is built of that language: neither of them, nor of what they lie in.

    A manifest above the directories that images are built of is the workspace of them.
    """
    languages = {name for _, name in built}
    taken: list[tuple[str, str]] = []
    for directory, name in sorted(manifests):
        if name in languages or not _NO_APPLICATION.isdisjoint(directory.split("/")):
            continue
        # A manifest below another one of the language belongs to it, as a workspace's member or a split of requirements does.
        if any(other == name and (directory == above or above == "" or directory.startswith(f"{above}/")) for above, other in taken):
            continue
        taken.append((directory, name))
    yield from taken


def _declared_starts(tree: Tree) -> dict[str, tuple[Command, ...]]:
    """Directory -> what runs there, by a Procfile, an `app.yaml` of App Engine, or the command of a service that compose builds."""
    found: dict[str, list[Command]] = defaultdict(list)
    for path in sorted(tree.files):
        file = tree.files[path]
        if not file.in_scope:
            continue
        try:
            if file.name == "Procfile":
                for number, line in enumerate(tree.text(path).splitlines(), 1):
                    name, colon, command = line.partition(":")
                    if colon and not name.lstrip().startswith("#"):
                        found[file.directory].extend(commands_of(command, Location(path, number)))
            elif file.name in ("app.yaml", "app.yml") and "entrypoint" in tree.text(path):
                for document in tree.yaml(path).documents:
                    value = document.value.get("entrypoint") if isinstance(document.value, Mapping) and "runtime" in document.value else None
                    if isinstance(value, str):
                        found[file.directory].extend(commands_of(value, document.locations.get(("entrypoint",), Location(path, 1))))
            elif file.format is Format.COMPOSE:
                for directory, commands in _of_compose(tree, file):
                    found[directory].extend(commands)
        except Unreadable:
            continue  # its own reader says so
    return {directory: tuple(commands) for directory, commands in found.items()}


def _of_compose(tree: Tree, file: TreeFile) -> Iterator[tuple[str, list[Command]]]:
    for document in tree.yaml(file.path).documents:
        services = document.value.get("services") if isinstance(document.value, Mapping) else None
        for name, service in services.items() if isinstance(services, Mapping) else ():
            if not isinstance(service, Mapping) or "build" not in service or "command" not in service:
                continue
            build = service["build"]
            context = build.get("context", ".") if isinstance(build, Mapping) else build
            if not isinstance(context, str) or "$" in context:
                continue
            directory = posixpath.normpath(posixpath.join(file.directory, context))
            place = document.locations.get(("services", name, "command"), Location(file.path, 1))
            command = service["command"]
            if isinstance(command, str):
                commands = list(commands_of(command, place))
            else:
                words = tuple(w for w in items(command) if isinstance(w, str))
                shell = len(words) == 3 and words[0].rpartition("/")[2] in ("sh", "bash")
                commands = list(commands_of(words[2], place)) if shell else [Command(words, place)] if words else []
            yield "" if directory == "." else directory, commands
