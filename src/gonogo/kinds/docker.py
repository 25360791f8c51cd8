"""Dockerfiles and the build contexts they are built in."""

from __future__ import annotations

from gonogo.kinds.base import Kind
from gonogo.model.shape import BOOL, INT, STRING, ListOf, record

DOCKERFILE = "docker/Dockerfile"
BUILD_CONTEXT = "docker/BuildContext"

# fromStage: the index of an earlier stage; fromImage: an image named in `--from=`; both null for a copy out of the context.
# A `RUN --mount=type=bind,from=…` takes from a stage as a COPY does.
_COPY = record(fromStage=INT, fromImage=STRING, sources=ListOf(STRING), destination=STRING)
_IMAGE = record(registry=STRING, repository=STRING, tag=STRING, digest=STRING)

# base: the image after FROM with its build arguments filled in, null where it is an earlier stage, whose index is `parent`.
# external: it starts from an image of a registry: not from scratch, and not from an earlier stage.
# rootImage, image: the external image at the root of the stage, through its parents, whole and in parts. A part that no build
#   argument hides is known even where the whole is not.
# user, healthcheck: what holds at the end of the stage, inherited from a parent stage; null where no instruction says.
#   healthcheck is the command, or NONE.
# flavor: scratch, distroless, alpine, slim or full, of the root image.
# cacheLeft: the package cache that some layer keeps, inherited from a parent stage.
_STAGE = record(
    index=INT,
    name=STRING,
    base=STRING,
    external=BOOL,
    parent=INT,
    rootImage=STRING,
    image=_IMAGE,
    flavor=STRING,
    user=STRING,
    healthcheck=STRING,
    copies=ListOf(_COPY),
    runs=ListOf(STRING),
    cacheLeft=STRING,
    sourcesBeforeInstall=BOOL,
)

KINDS = (
    Kind(
        DOCKERFILE,
        "Dockerfile",
        # final: the index of the stage that is shipped. takes: the stages that it, or a stage it starts from, copies from.
        # buildsApplication: it compiles, installs or packages something, and does not only copy files into a ready runtime.
        record(file=STRING, stages=ListOf(_STAGE), final=INT, takes=ListOf(INT), buildsApplication=BOOL),
    ),
    Kind(BUILD_CONTEXT, "build context", record(directory=STRING, dockerfile=STRING, dockerignore=STRING)),
)
