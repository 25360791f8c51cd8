"""What a run is told about the artefacts that tests, load tests and drills leave behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

MAX_AGE = timedelta(days=7)
KINDS = ("coverage", "tests", "unit", "integration", "e2e", "smoke", "load", "profile", "soak", "measurement", "drill")
"""What a file may be given as."""
_AGES: Mapping[str, timedelta] = {"drill": timedelta(days=90), "migration": timedelta(days=2)}
"""What is old later, or sooner: a drill is repeated every quarter, and a migration is tried on the revision that goes live."""


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """Files given as evidence: a `path`, or a glob of paths, relative to the scanned root or absolute."""

    kind: str
    path: str
    environment: str = ""
    """Where it ran: staging, production."""
    target: str = ""
    """The address of what it ran against, where the artefact does not say."""
    statistic: str = ""
    """What a series of numbers is: p99, max, mean."""


@dataclass(frozen=True, slots=True)
class EvidenceSettings:
    """`[evidence]`: how old an artefact may be, by what it is given as or the type of a drill, and where there are some."""

    max_age: timedelta = MAX_AGE
    max_ages: Mapping[str, timedelta] = field(default_factory=dict)
    files: tuple[EvidenceFile, ...] = ()

    def oldest(self, *names: str) -> timedelta:
        """The age for the first of `names` that has one of its own, else the general one."""
        for ages in (self.max_ages, _AGES):
            for name in names:
                if name in ages:
                    return ages[name]
        return self.max_age


@dataclass(frozen=True, slots=True)
class EvidenceRequest:
    """Evidence as it is asked for at a moment. `given` are files of the command line: what each is, and where.

    `head` and `released` are the commit that is scanned and when it was made, for a tree that git does not tell them of.
    """

    now: datetime
    settings: EvidenceSettings = EvidenceSettings()
    given: tuple[tuple[str, str], ...] = ()
    exclude: tuple[str, ...] = ()
    """Directory names or globs where nothing is looked for; what is named is read all the same."""
    head: str = ""
    released: datetime | None = None
