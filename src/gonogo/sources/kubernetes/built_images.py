"""The names of images that a tool builds as it deploys, and puts a reference of its own in the place of: Skaffold, Tilt and kustomize."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gonogo.kinds.surroundings import BUILT_IMAGE
from gonogo.model.location import Location
from gonogo.model.resource import Resource
from gonogo.sources.classify import Format
from gonogo.sources.located import Node, located
from gonogo.sources.manifests.resources import SOURCE
from gonogo.sources.tree import Tree, Unreadable

# https://github.com/kubernetes-sigs/kustomize/blob/master/kustomize/commands/edit/set/setimage.go: `name=new:tag` or `name:tag`.
_SET_IMAGE = re.compile(r"kustomize\s+edit\s+set\s+image\s+[\"']?(?P<name>[\w./-]+)")
# https://docs.tilt.dev/api.html#api.docker_build: the first argument is the name that manifests say.
_TILT = re.compile(r"\b(?:docker_build|custom_build)(?:_with_restart)?\s*\(\s*(?:ref\s*=\s*)?[\"'](?P<name>[\w./-]+)")
_PIPELINES = (Format.SHELL, Format.MAKEFILE, Format.GITHUB_WORKFLOW, Format.GITHUB_ACTION, Format.CLOUD_BUILD, Format.GITLAB_CI)


def built_images(tree: Tree) -> Iterator[Resource]:
    """One resource per name and file that has it replaced."""
    found: dict[tuple[str, str], Location] = {}
    for file in tree.of(Format.KUBERNETES):
        if file.name.startswith("skaffold"):
            for node in _artifacts(tree, file.path):
                found.setdefault((str(node.content), file.path), node.location or Location(file.path))
    tiltfiles = [file for file in tree.files.values() if file.name == "Tiltfile" and file.in_scope]
    for file, pattern in (*((f, _SET_IMAGE) for f in tree.of(*_PIPELINES)), *((f, _TILT) for f in tiltfiles)):
        try:
            text = tree.text(file.path)
        except Unreadable:
            continue  # its own reader reports it
        for match in pattern.finditer(text):
            found.setdefault((match["name"], file.path), Location(file.path, text.count("\n", 0, match.start()) + 1))
    for (name, path), place in sorted(found.items()):
        yield Resource(BUILT_IMAGE, f"{name} ({path})", {"image": name, "by": path}, {(): place}, source=SOURCE)


def _artifacts(tree: Tree, path: str) -> Iterator[Node]:
    try:
        documents = tree.yaml(path).documents
    except Unreadable:
        return
    for document in documents:
        root = located(document.value, document.locations)
        for place in (root, *root.maps("profiles")):
            for artifact in place.maps("build", "artifacts"):
                image = artifact.get("image")
                if image is not None and isinstance(image.content, str):
                    yield image
