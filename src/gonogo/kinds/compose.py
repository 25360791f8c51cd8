"""Compose projects."""

from __future__ import annotations

from gonogo.kinds.base import Kind
from gonogo.model.shape import ANY, BOOL, STRING, ListOf, MapOf, record

PROJECT = "compose/Project"

# services: merged over override files, `include` and `extends`, `x-` keys dropped, `${…}` filled in where a default or the `.env`
#   beside the file says with what. problems: what compose refuses.
# buildsRepository: a service is built from this repository, runs an image that its pipelines build, or runs its sources
#   from a bind mount.
# images: of the services that are not built, `*` for a registry or tag that the environment gives.
# production: the name of the file or of its directory says so. plainSecrets: secrets written out in a service's environment.
KINDS = (
    Kind(
        PROJECT,
        "compose project",
        record(
            file=STRING,
            parses=BOOL,
            problems=ListOf(STRING),
            services=MapOf(ANY),
            buildsRepository=BOOL,
            images=ListOf(STRING),
            production=BOOL,
            plainSecrets=ListOf(record(service=STRING, variable=STRING)),
        ),
    ),
)
