"""Whether the code of a tree has to be read without a checklist that asks for it: what depends on it alone is judged in every scan."""

from __future__ import annotations

from collections.abc import Iterable

from gonogo.kinds.repository import DEPENDENCY_MANIFEST
from gonogo.model.resource import Resource
from gonogo.sources.application.tables import names, read_table
from gonogo.sources.members import items


def is_set_up_by_code(found: Iterable[Resource]) -> bool:
    """Whether a manifest names a library that does nothing until code sets it up."""
    wanted = tuple(name.lower() for name in names(read_table("libraries.yaml")["set_up"]))
    named = (str(name).lower().replace("_", "-") for r in found if r.kind == DEPENDENCY_MANIFEST for name in items(r.attributes["names"]))
    return any(name == library or name.startswith(f"{library}/") for name in named for library in wanted)
