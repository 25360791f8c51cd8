"""Where a value was written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gonogo.model.value import Path


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a file of the scanned tree, or a resource of the cloud.

    `file` is relative to the scanned root with `/` between its parts. Lines and columns count from 1 and 0 means the
    whole file, respectively the whole line; `end_line` is inclusive, 0 where it equals `line`. `note` says whose the value
    is where it is not written there: `default of terraform-google-modules/sql-db/google 26.x` at a module call.
    `resource` is the full name of a live resource (`//cloudsql.googleapis.com/projects/p/instances/i`); there is no file then.
    """

    file: str
    line: int = 0
    column: int = 0
    end_line: int = 0
    note: str = ""
    resource: str = ""

    def __str__(self) -> str:
        if self.resource:
            return self.resource
        return f"{self.file}:{self.line}" if self.line else self.file


Locations = Mapping[Path, Location]


def locate(locations: Locations, path: Path) -> Location | None:
    """The location of `path`, or of its nearest ancestor that has one."""
    for length in range(len(path), -1, -1):
        found = locations.get(path[:length])
        if found is not None:
            return found
    return None
