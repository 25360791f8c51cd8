"""What a release is asked for, what stands in its way, and how much of what was asked was looked at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gonogo.model.finding import Severity


@dataclass(frozen=True, slots=True)
class Gate:
    """What a release must pass. `fail_on` is inclusive; sections are globs on headings or heading paths (`Launch > Security*`)."""

    fail_on: Severity = Severity.LOW
    unknown_blocks: bool = True
    required_sections: tuple[str, ...] = ()
    """Where there are any, only what stands below them is required."""
    optional_sections: tuple[str, ...] = ()
    min_coverage: float | None = None
    """The least share of what is asked that has to be looked at, in percent."""
    require_reviewed: bool = True
    """Whether a required item whose binding nobody reviewed may not carry a GO."""
    max_waivers: int | None = None
    max_waiver_days: int = 366
    allow_expired: bool = False
    """Whether an expired attestation or waiver only is a warning."""
    not_waivable: tuple[str, ...] = ()
    """Controls that may not be waived, besides those that the catalogue says it of."""


class BlockerKind(StrEnum):
    """Why something stands in the way of a release, worst first."""

    REFUTED = "refuted"
    VIOLATED = "violated"
    UNSUPPORTED = "unsupported"
    OPEN = "open"
    WAIVERS = "waivers"
    EXPIRED = "expired"
    UNKNOWN = "unknown"
    MANUAL = "manual"
    UNMAPPED = "unmapped"
    SECTION = "section"
    COVERAGE = "coverage"
    UNREVIEWED = "unreviewed"

    @property
    def stops(self) -> bool:
        """Whether it makes a NO-GO; what does not leaves the release undecided."""
        return self in _STOPPING

    @property
    def of_items(self) -> bool:
        """Whether it is about one item or control, and not about the run."""
        return self not in _OF_RUNS

    @property
    def rank(self) -> int:
        """0 is the worst."""
        return list(BlockerKind).index(self)


_STOPPING = frozenset({BlockerKind.REFUTED, BlockerKind.VIOLATED, BlockerKind.UNSUPPORTED, BlockerKind.OPEN, BlockerKind.WAIVERS})
_OF_RUNS = frozenset({BlockerKind.WAIVERS, BlockerKind.EXPIRED, BlockerKind.SECTION, BlockerKind.COVERAGE, BlockerKind.UNREVIEWED})


@dataclass(frozen=True, slots=True)
class Blocker:
    """One thing that stops a release or leaves it undecided. `text` is an item's or a control's own, else a sentence.

    `place` is where that is written, as `file:line`; empty for a control.
    """

    kind: BlockerKind
    text: str
    item: str = ""
    controls: tuple[str, ...] = ()
    place: str = ""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of what was asked was looked at, and of what was claimed confirmed. What is not applicable or ignored is in none of the figures."""

    claims: int = 0
    confirmed: int = 0
    asked: int = 0
    looked_at: int = 0

    @property
    def percent(self) -> int:
        """The share that was looked at, rounded down: 100 means all of it."""
        return self.looked_at * 100 // self.asked if self.asked else 0

    def reaches(self, percent: float) -> bool:
        """Whether that share was looked at; where nothing was asked, nothing was."""
        return self.asked > 0 and self.looked_at * 100 >= percent * self.asked

    def __str__(self) -> str:
        claimed = f"{self.confirmed} of {self.claims} claims verified, " if self.claims else ""
        return f"{claimed}{self.percent} % looked at ({self.looked_at} of {self.asked})" if self.asked else "nothing was asked"
