"""What people decided and signed for until a last day: attestations, and gaps that they accept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from gonogo.model.location import Location


class Status(StrEnum):
    """What a person states of an item."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not-applicable"


@dataclass(frozen=True, slots=True)
class Target:
    """What an entry is about: a `control`, or an `item` by its id or its exact text.

    `text` is what the item said when the entry was written, `section` its heading path or one heading of it, `checklist` its file.
    """

    control: str = ""
    item: str = ""
    text: str = ""
    section: tuple[str, ...] = ()
    checklist: str = ""

    @property
    def name(self) -> str:
        return self.control or self.text or self.item


@dataclass(frozen=True, slots=True)
class Attestation:
    """A person's word for what no rule decides. `on` and `expires` are the first and the last day that it holds."""

    target: Target
    status: Status
    by: str
    role: str
    on: date
    expires: date
    location: Location
    evidence: str = ""
    """A URL, or a path of the repository."""
    reason: str = ""
    note: str = ""
    release: str = ""
    """The release that it is about alone."""

    @property
    def start(self) -> date:
        return self.on


@dataclass(frozen=True, slots=True)
class AcceptedGap:
    """An entry of the waivers' file. `start` and `expires` are the first and the last day that it holds."""

    target: Target
    reason: str
    owner: str
    approver: str
    start: date
    expires: date
    origin: str
    """`code`, `live` or `any`: where it covers what is violated."""
    location: Location
    resource: str = ""
    """A glob of the names, or of the files, that it is about; empty for all."""


def state_of(entry: Attestation | AcceptedGap, today: date) -> str:
    """`` where the entry is in force that day, else `expired on 2026-01-31` or `holds from 2027-01-01 only`."""
    if entry.expires < today:
        return f"expired on {entry.expires}"
    return f"holds from {entry.start} only" if entry.start > today else ""
