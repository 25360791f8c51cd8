"""Whether an image reference of a pod names one image: by a digest, or by a tag other than `latest`.

A reference is `[registry[:port]/]repository[:tag][@digest]`; without a tag and a digest it means `latest`
(https://kubernetes.io/docs/concepts/containers/images/#image-names).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from gonogo.cluster.truth import Truth
from gonogo.model.value import Unknown, Value

_DIGEST = re.compile(r"[a-z0-9]+(?:[+._-][a-z0-9]+)*:[0-9a-fA-F]{32,}")
# `gcr.io/PROJECT/web:TAG`: a word in capitals is what somebody replaces; repositories have none, and hardly any tag has no digit.
_WORD = re.compile(r"[A-Z][A-Z_-]*")
# What no reference holds: the rest of a placeholder that was cut at its own `/` or `:` (`${TAG:-a/b}`).
_FOREIGN = re.compile(r"[^\w.+-]")
_BUILDERS = ("ko://",)
"""Of tools that build the image as they apply the manifest, and put its digest there."""
_INJECTED = "auto"
"""What a gateway's pod says whose image the sidecar injector of Istio puts there
(https://istio.io/latest/docs/setup/additional-setup/gateway/#deploying-a-gateway)."""


@dataclass(frozen=True, slots=True)
class Pin:
    """What a reference says. `tag` is null where it has none; `digest`: it has one; `pinned`: a digest or a tag but `latest`."""

    tag: str | Unknown | None
    digest: Truth
    pinned: Truth


def pin_of(image: Value, unset: Callable[[str], bool], replaced: Callable[[str], str]) -> Pin:
    """How an image reference pins its image.

    `unset` tells texts that something fills in before they are applied; `replaced` the file that has a tool put another reference in
    the place of an image of this name, `` where nothing does.
    """
    if isinstance(image, Unknown):
        return Pin(image, image, image)
    if not isinstance(image, str) or not image.strip() or image == _INJECTED:
        unknown = Unknown.because("what image the container runs is filled in when it is applied")
        return Pin(unknown, unknown, unknown)
    if image.startswith(_BUILDERS):
        unknown = Unknown.because(f"{image} is built and named as it is applied")
        return Pin(unknown, unknown, unknown)
    name, at, digest = image.strip().partition("@")
    if at:
        if _DIGEST.fullmatch(digest) or unset(digest):
            return Pin(_tag(name, unset), True, True)
        unknown = Unknown.because(f"{digest} is no digest")
        return Pin(_tag(name, unset), unknown, unknown)
    tag = _tag(name, unset)
    if isinstance(tag, Unknown):
        return Pin(tag, tag, tag)
    pinned = tag not in (None, "", "latest")
    file = replaced(_repository(name))
    if file:
        unknown = Unknown.because(f"{image} is replaced before it is applied ({file})")
        return Pin(tag, unknown, True if pinned else unknown)
    return Pin(tag, False, pinned)


def _tag(name: str, unset: Callable[[str], bool]) -> str | Unknown | None:
    """The text after the colon of the last part of a path: the colon of `registry:5000/web` is a port's."""
    repository, colon, tag = name.rpartition("/")[2].partition(":")
    text = tag if colon else repository
    if unset(text) or _WORD.fullmatch(text) or _FOREIGN.search(text):
        return Unknown.because(f"the tag of {name} is filled in before it is applied")
    return tag if colon else None


def _repository(name: str) -> str:
    """The reference without its tag."""
    head, slash, last = name.rpartition("/")
    return f"{head}{slash}{last.partition(':')[0]}"
