"""The directory a Dockerfile is built in: what compose files, skaffold, pipelines and scripts say, else where its COPY sources are."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from gonogo.model.value import Value, is_list
from gonogo.sources.classify import Format
from gonogo.sources.tree import Tree, Unreadable

_BUILD = re.compile(r"\bdocker\s+(?:buildx\s+|image\s+)?build\b(?P<rest>[^\n;&|]*)")
_FILE = re.compile(r"(?:^|\s)(?:-f|--file)[=\s]+[\"']?([^\s\"']+)")
_TALKS_OF_BUILDS = (Format.SHELL, Format.MAKEFILE, Format.GITHUB_WORKFLOW, Format.GITHUB_ACTION, Format.CLOUD_BUILD, Format.GITLAB_CI, Format.YAML)
_CONTINUATION = re.compile(r"\\\n\s*")


def declared_contexts(tree: Tree) -> Mapping[str, frozenset[str]]:
    """Dockerfile path -> build contexts that files of the tree name for it."""
    found: dict[str, set[str]] = defaultdict(set)
    for dockerfile, context in (*_from_compose(tree), *_from_commands(tree)):
        path = _inside(dockerfile)
        directory = _inside(context)
        if path is not None and directory is not None and path in tree.files and tree.is_dir(directory):
            found[path].add(directory)
    return {path: frozenset(directories) for path, directories in found.items()}


def likely_context(tree: Tree, path: str, sources: Iterable[str]) -> str:
    """The nearest directory, from the Dockerfile's own up to the root, that holds most of what the file copies."""
    own = path.rpartition("/")[0]
    wanted = [s.strip("/") for s in sources if s and "$" not in s and not re.match(r"https?://|git@", s)]
    whole = [s for s in wanted if posixpath.normpath(s) == "."]
    if whole and not _holds_more_than_docker(tree, own):
        return own.rpartition("/")[0]
    wanted = [s for s in wanted if s not in whole]
    best, most = own, _count(tree, own, wanted)
    directory = own
    while directory and most < len(wanted):
        directory = directory.rpartition("/")[0]
        held = _count(tree, directory, wanted)
        if held > most:
            best, most = directory, held
    return best


def _count(tree: Tree, directory: str, wanted: Iterable[str]) -> int:
    start = f"{directory}/" if directory else ""
    return sum(_exists(tree, posixpath.normpath(start + source)) for source in wanted)


def _exists(tree: Tree, path: str) -> bool:
    if any(c in path for c in "*?["):
        path = re.split(r"[*?\[]", path)[0].rpartition("/")[0]
    return path in tree.files or (bool(path) and tree.is_dir(path))


def _holds_more_than_docker(tree: Tree, directory: str) -> bool:
    start = f"{directory}/" if directory else ""
    return any(
        name.startswith(start) and not re.search(r"(?i)dockerfile|\.dockerignore|compose|entrypoint|\.sh$|readme", name.rpartition("/")[2])
        for name in tree.files
    )


def _inside(path: str) -> str | None:
    normal = posixpath.normpath(path)
    if normal.startswith("..") or normal.startswith("/"):
        return None
    return "" if normal == "." else normal


def _from_compose(tree: Tree) -> Iterator[tuple[str, str]]:
    for file in tree.of(Format.COMPOSE):
        try:
            documents = tree.yaml(file.path).documents
        except Unreadable:
            continue
        for document in documents:
            services = document.value.get("services") if isinstance(document.value, Mapping) else None
            for service in services.values() if isinstance(services, Mapping) else ():
                build = service.get("build") if isinstance(service, Mapping) else None
                yield from _compose_build(file.directory, build)


def _compose_build(base: str, build: Value) -> Iterator[tuple[str, str]]:
    if isinstance(build, str):
        build = {"context": build}
    if not isinstance(build, Mapping):
        return
    context = build.get("context", ".")
    dockerfile = build.get("dockerfile", "Dockerfile")
    if isinstance(context, str) and isinstance(dockerfile, str) and "$" not in context:
        directory = posixpath.join(base, context)
        yield posixpath.join(directory, dockerfile), directory


def _from_commands(tree: Tree) -> Iterator[tuple[str, str]]:
    for file in tree.of(*_TALKS_OF_BUILDS):
        try:
            text = tree.text(file.path)
        except Unreadable:
            continue
        if "build" not in text or "ocker" not in text:
            continue
        if file.format in (Format.SHELL, Format.MAKEFILE):
            yield from _from_text(text)
            continue
        yield from _from_text(text)
        try:
            for document in tree.yaml(file.path).documents:
                yield from _from_data(document.value)
        except Unreadable:
            continue


def _from_text(text: str) -> Iterator[tuple[str, str]]:
    for match in _BUILD.finditer(_CONTINUATION.sub(" ", text)):
        yield from _from_arguments(match["rest"].replace('"', " ").replace("'", " ").split())


def _from_arguments(words: list[str]) -> Iterator[tuple[str, str]]:
    named = _FILE.search(" " + " ".join(words))
    context = words[-1] if words and not words[-1].startswith("-") else ""
    if not context or "$" in context or ":" in context:
        return
    if named is not None:
        yield named[1], context
    else:
        yield posixpath.join(context, "Dockerfile"), context


def _from_data(value: Value, depth: int = 0) -> Iterator[tuple[str, str]]:
    """`with: {context: …, file: …}` of build actions, skaffold artifacts, and `args: [build, -f, …, .]` of Cloud Build."""
    if depth > 12:
        return
    if isinstance(value, Mapping):
        context, file = value.get("context"), value.get("file")
        docker = value.get("docker")
        if isinstance(docker, Mapping) and isinstance(docker.get("dockerfile"), str):
            file = posixpath.join(context if isinstance(context, str) else ".", str(docker["dockerfile"]))
        if isinstance(file, str) and file and "$" not in file:
            yield file, context if isinstance(context, str) and "$" not in context else "."
        for child in value.values():
            yield from _from_data(child, depth + 1)
    elif is_list(value) and not isinstance(value, str):
        items = list(value)  # type: ignore[arg-type]  # is_list says so
        words = [item for item in items if isinstance(item, str)]
        if len(words) == len(items) and words[:1] == ["build"]:
            yield from _from_arguments(words[1:])
        else:
            for child in items:
                yield from _from_data(child, depth + 1)
