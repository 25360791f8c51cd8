"""The builds that a repository declares: which Dockerfile, in which directory, up to which stage."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from gonogo.model.value import Value, is_list
from gonogo.sources.classify import Format
from gonogo.sources.members import items
from gonogo.sources.tree import Tree, TreeFile, Unreadable

_BUILD = re.compile(r"\b(?:docker|podman|nerdctl|buildah)\s+(?:buildx\s+|image\s+|builder\s+)?(?:build|bud|build-using-dockerfile)\b(?P<rest>[^\n;&|#)]*)")
_SCRIPTS = (Format.SHELL, Format.MAKEFILE, Format.TERRAFORM)
_DATA = (Format.GITHUB_WORKFLOW, Format.GITHUB_ACTION, Format.CLOUD_BUILD, Format.GITLAB_CI, Format.YAML, Format.JSON)
_OTHER_NAMES = frozenset({"Jenkinsfile", "Justfile", "justfile", "Taskfile", "Earthfile", "Rakefile"})
# Only what says one of these is parsed: most YAML has nothing to do with builds, and some of it is large.
_DESCRIBES_BUILDS = re.compile(r"(?:^|[{,])[\s-]*[\"']?(?:context|dockerfile|args|push)[\"']?\s*:", re.M)
_CONTINUATION = re.compile(r"\\\n\s*")
# What a shell or a pipeline fills in, which may hold blanks: `$(git describe)`, `${{ env.IMAGE }}`.
_SUBSTITUTION = re.compile(r"\$\([^()\n]*\)|`[^`\n]*`|\$\{\{.{0,500}?\}\}")
_CHANGE_DIRECTORY = re.compile(r"(?:^|[;&|\n(])\s*(?:cd|pushd)\s+[\"']?([\w./-]+)[\"']?[^\n]*\Z")
# Options of `docker build` that take no value (https://docs.docker.com/reference/cli/docker/buildx/build/).
_FLAGS = frozenset(
    {
        "--no-cache", "--pull", "--push", "--load", "--quiet", "-q", "--rm", "--force-rm", "--squash", "--compress", "--check", "-D", "--debug",
        "--disable-content-trust", "--help",
    }
)  # fmt: skip
# Inputs of a build action beside `file` and `context`: many other things have a `file`.
_BUILD_INPUTS = frozenset({"push", "tags", "load", "platforms", "build-args", "build_args", "cache-from", "outputs"})
_FILLED_IN = re.compile(r"\$\{\{.{0,500}?\}\}|\$\{[^{}]*\}|\$\([^()]*\)|\$\w+|\{\{.{0,500}?\}\}")
MAX_TAGS = 20_000
MAX_DEPTH = 12


@dataclass(frozen=True, slots=True)
class Build:
    """One declared build. `target` is the stage it stops at, `` for the last; `local` where only people at work run it;
    `pipeline` where a pipeline's own definition declares it, not a script that anybody may run.

    `images` are the names it is given, without tags, with a `*` for what the pipeline fills in.
    """

    dockerfile: str
    context: str
    target: str = ""
    local: bool = False
    images: tuple[str, ...] = ()
    pipeline: bool = False

    def makes(self, image: str) -> bool:
        """Whether `image`, without its tag, is one of the names, as far as they are written."""
        return any(fnmatchcase(image, name) for name in self.images if "*" not in name.rpartition("/")[2])


def declared_builds(tree: Tree) -> Mapping[str, tuple[Build, ...]]:
    """Dockerfile path -> the builds of it that files of the tree declare, sorted."""
    found: dict[str, set[Build]] = defaultdict(set)
    for build in (*_from_compose(tree), *_from_files(tree)):
        if build.dockerfile in tree.files and tree.is_dir(build.context):
            found[build.dockerfile].add(build)
    return {path: tuple(sorted(builds, key=lambda b: (b.context, b.target, b.local, b.images, b.pipeline))) for path, builds in found.items()}


def _inside(path: str) -> str | None:
    normal = posixpath.normpath(path)
    if normal.startswith(("..", "/")):
        return None
    return "" if normal == "." else normal


def _names(tags: Iterable[Value]) -> tuple[str, ...]:
    """Image names without tags: of lists, and of lines of a text."""
    found: set[str] = set()
    for tag in tags:
        for line in re.split(r"[,\s]+", _FILLED_IN.sub("*", tag[:MAX_TAGS])) if isinstance(tag, str) else ():
            head, slash, last = line.partition("@")[0].rpartition("/")
            if last:
                found.add(f"{head}{slash}{last.partition(':')[0]}")
    return tuple(sorted(found))


def _build(
    base: str,
    context: Value,
    dockerfile: Value,
    target: Value = None,
    *,
    local: bool = False,
    beside: bool = False,
    images: tuple[str, ...] = (),
) -> Iterator[Build]:
    """A build told from the directory `base`. `beside`: the Dockerfile is named relative to the context, not to `base`."""
    if not isinstance(context, str) or "$" in context or re.match(r"[a-z+]+://|git@", context):
        return
    directory = _inside(posixpath.join(base, context))
    named = dockerfile if isinstance(dockerfile, str) and dockerfile else None
    if directory is None or (named is not None and "$" in named):
        return
    start = directory if beside or named is None else base
    path = _inside(posixpath.join(start, named or "Dockerfile"))
    if path is not None:
        yield Build(path, directory, target if isinstance(target, str) and "$" not in target else "", local, images)


def _from_compose(tree: Tree) -> Iterator[Build]:
    for file in tree.of(Format.COMPOSE):
        try:
            documents = tree.yaml(file.path).documents
        except Unreadable:
            continue  # the compose reader reports it
        for document in documents:
            services = document.value.get("services") if isinstance(document.value, Mapping) else None
            for service in services.values() if isinstance(services, Mapping) else ():
                build = service.get("build") if isinstance(service, Mapping) else None
                if isinstance(build, str):
                    yield from _build(file.directory, build, None, local=True)
                elif isinstance(build, Mapping):
                    context = build.get("context", ".")
                    yield from _build(file.directory, context, build.get("dockerfile"), build.get("target"), local=True, beside=True)


def _from_files(tree: Tree) -> Iterator[Build]:
    for path in sorted(tree.files):
        file = tree.files[path]
        script = file.format in _SCRIPTS or file.name in _OTHER_NAMES
        skaffold = file.format is Format.KUBERNETES and file.name.startswith("skaffold")
        if not file.in_scope or not (script or skaffold or file.format in _DATA):
            continue
        try:
            text = tree.text(file.path)
            if "ocker" not in text and "build" not in text:
                continue
            if script:
                yield from _from_text(tree, file, text)
                continue
            yield from (replace(build, pipeline=True) for build in _from_text(tree, file, text))
            if not _DESCRIBES_BUILDS.search(text):
                continue
            for document in tree.yaml(file.path).documents:
                base = file.directory if file.name.startswith("skaffold") else ""
                yield from (replace(build, pipeline=True) for build in _from_data(document.value, base, 0))
        except Unreadable:
            continue  # its own reader reports it


def _from_text(tree: Tree, file: TreeFile, text: str) -> Iterator[Build]:
    joined = _SUBSTITUTION.sub("*", _CONTINUATION.sub(" ", text))
    for match in _BUILD.finditer(joined):
        words = match["rest"].replace('"', " ").replace("'", " ").replace(",", " ").split()
        moved = _CHANGE_DIRECTORY.search(joined[max(0, match.start() - 200) : match.start()])
        # A script runs from the root, from its own directory, or from where it went; only one of them has such a Dockerfile.
        bases = [moved[1]] if moved else []
        for base in (*bases, "", file.directory):
            builds = [b for b in _from_arguments(base, words) if b.dockerfile in tree.files]
            if builds:
                yield from builds
                break


def _from_arguments(base: str, words: Sequence[str]) -> Iterator[Build]:
    """The build that the arguments of `docker build` describe."""
    options: dict[str, str] = {}
    tags: list[Value] = []
    places: list[str] = []
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        if not word.startswith("-"):
            places.append(word)
        elif word not in _FLAGS:
            name, equals, value = word.partition("=")
            if not equals:
                value = words[at] if at < len(words) else ""
                at += 1
            options[name] = value
            if name in ("-t", "--tag"):
                tags.append(value)
    if len(places) == 1:
        yield from _build(base, places[0], options.get("-f", options.get("--file")), options.get("--target"), images=_names(tags))


def _from_data(value: Value, base: str, depth: int) -> Iterator[Build]:
    """`with: {context: …, file: …}` of build actions, skaffold's artifacts, and `args: [build, -f, …, .]` of Cloud Build."""
    if depth > MAX_DEPTH:
        return
    if isinstance(value, Mapping):
        docker = value.get("docker")
        context = value.get("context")
        if isinstance(docker, Mapping) and ("image" in value or isinstance(context, str)):
            named = _names([value.get("image")])
            yield from _build(base, context if context is not None else ".", docker.get("dockerfile"), docker.get("target"), beside=True, images=named)
        elif (isinstance(value.get("file"), str) or isinstance(context, str)) and _BUILD_INPUTS & value.keys():
            # docker/build-push-action: `file` is relative to the working directory, not to the context.
            tags = value.get("tags")
            named = _names(items(tags) if is_list(tags) else [tags])
            here = context if isinstance(context, str) and "$" not in context else "."
            yield from _build(base, here, value.get("file"), value.get("target"), images=named)
        directory = value.get("dir", value.get("working-directory"))
        below = posixpath.join(base, directory) if isinstance(directory, str) and "$" not in directory else base
        for child in value.values():
            yield from _from_data(child, below, depth + 1)
    elif is_list(value):
        words = [item for item in items(value) if isinstance(item, str)]
        if words and words[0] == "build" and len(words) == len(items(value)):
            yield from _from_arguments(base, words[1:])
        else:
            for child in items(value):
                yield from _from_data(child, base, depth + 1)
