"""What goreleaser builds, pushes and signs, as its configuration says (goreleaser.com/customization)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping

from gonogo.model.location import Location
from gonogo.model.value import Unknown, Value
from gonogo.sources.ci.command import Command
from gonogo.sources.ci.shell.run import Text
from gonogo.sources.ci.tools import Answer, Purpose, Toolbox
from gonogo.sources.tree import Tree, Unreadable

_DEFAULTS = (
    ".config/goreleaser.yml",
    ".config/goreleaser.yaml",
    ".goreleaser.yml",
    ".goreleaser.yaml",
    "goreleaser.yml",
    "goreleaser.yaml",
)
_BUILDS = ("dockers", "dockers_v2", "kos")


def goreleaser_purposes(tree: Tree, command: Command, directory: str | None, toolbox: Toolbox) -> Iterator[tuple[Location | None, Purpose]]:
    """What a goreleaser command does with images, each with its place in the configuration."""
    words = [word for _, word in command.words()]
    if not words or words[0] not in ("release", "r"):
        return
    named = command.option("-f", "--config")
    base = "" if directory is None else directory
    names = [posixpath.normpath(posixpath.join(base, name)) for name in ([named[0].text] if named else _DEFAULTS)]
    path = next((name for name in names if name in tree.files), None)
    if path is None:
        if named:
            yield None, toolbox.hinted("docker release", f"goreleaser with {named[0].text}")
        return
    try:
        documents = tree.yaml(path).documents
    except Unreadable:
        documents = ()
    document = documents[0] if documents else None
    if document is None or not isinstance(document.value, Mapping):
        yield None, toolbox.hinted("docker release", f"goreleaser with {path}, which cannot be read,")
        return
    skipped = ",".join(v.text for v in command.option("--skip"))
    publishes = not re.search(r"--(snapshot|skip-publish)\b", command.line) and not {"publish", "docker"} & set(skipped.split(","))
    for key in _BUILDS:
        for index, entry in enumerate(_entries(document.value.get(key))):
            does: dict[str, Answer] = {"imageBuild": True}
            push = _pushes(entry)
            if publishes and push is not False:
                does["imagePush"] = push
            place = (
                document.locations.get((key, index, "image_templates"))
                or document.locations.get((key, index))
                or document.locations.get((key,))
            )
            yield place, Purpose(does, _images(entry))
    if publishes and "sign" not in skipped.split(","):
        for index, _ in enumerate(_entries(document.value.get("docker_signs"))):
            yield document.locations.get(("docker_signs", index)), Purpose({"imageSign": True})


def _entries(value: Value) -> list[Mapping[str, Value]]:
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []


def _pushes(entry: Mapping[str, Value]) -> Answer:
    skip = entry.get("skip_push", False)
    if skip in (True, "true"):
        return False
    if skip in (False, None, "false", "auto"):
        return True
    return Unknown.because(f"`skip_push: {skip}` is decided at run time")


def _images(entry: Mapping[str, Value]) -> tuple[Text, ...]:
    templates = entry.get("image_templates")
    if isinstance(templates, list):
        return tuple(Text(str(t), "{{" not in str(t)) for t in templates)
    tags = entry.get("tags")
    return tuple(Text(f"image:{t}", "{{" not in str(t)) for t in tags) if isinstance(tags, list) else ()
