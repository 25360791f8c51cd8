"""Compose projects."""

from __future__ import annotations

from gonogo.kinds.base import Kind
from gonogo.model.shape import ANY, BOOL, STRING, ListOf, MapOf, record

PROJECT = "compose/Project"

# services: merged over override files and `extends`, `x-` keys dropped, `${…}` filled in where a default says with what;
# buildsRepository: a service is built from, or mounts, this repository; problems: what compose would refuse.
KINDS = (
    Kind(
        PROJECT,
        "compose project",
        record(file=STRING, parses=BOOL, problems=ListOf(STRING), services=MapOf(ANY), buildsRepository=BOOL, images=ListOf(STRING)),
    ),
)
