"""Whether an artefact still proves anything: when it was made, and of which commit."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from gonogo.kinds.evidence import COVERAGE, TEST_REPORT
from gonogo.model.evidence import EvidenceRequest
from gonogo.model.value import Unknown
from gonogo.sources.artefacts.places import Found
from gonogo.sources.artefacts.reading import Reading
from gonogo.sources.dating import BY_FILE, CLOCKS_APART, by_file, in_words, moment
from gonogo.sources.git import git

_OF_THE_CODE = frozenset({COVERAGE, TEST_REPORT})
"""What is about the very code that is scanned, and not about what runs."""
_ZONES_APART = timedelta(hours=14)
"""How far a time without a zone may lie ahead: it is read as UTC, and may have been written east of it."""


@dataclass(frozen=True, slots=True)
class Proof:
    """When a reading was produced; `stale` is why it proves nothing, `` where it does; `note` how it was dated."""

    produced: datetime | Unknown
    stale: str
    note: str = ""


@dataclass(slots=True)
class Commit:
    """The commit that is scanned; git is asked once, and only where an artefact makes that matter."""

    root: Path
    request: EvidenceRequest
    _head: str | None = field(default=None, repr=False)
    _made: list[datetime | None] = field(default_factory=list, repr=False)

    def head(self) -> str:
        """The full id, `` where there is none."""
        if self._head is None:
            self._head = self.request.head or (git(self.root, "rev-parse", "--verify", "HEAD") or b"").decode("ascii", "replace").strip()
        return self._head

    def made(self) -> datetime | None:
        """When it was committed; None where git does not tell."""
        if not self._made:
            written = (git(self.root, "log", "-1", "--format=%cI") or b"").decode("ascii", "replace").strip() if self.request.released is None else ""
            self._made.append(self.request.released or moment(written))
        return self._made[0]


def prove(reading: Reading, found: Found, request: EvidenceRequest, commit: Commit, *names: str) -> Proof:
    """`names` are those that an age may be configured for, the nearest first."""
    produced, note = _produced(reading, found, request.now)
    return Proof(produced, _stale(reading, produced, request, commit, request.settings.oldest(*names)), note)


def _produced(reading: Reading, found: Found, now: datetime) -> tuple[datetime | Unknown, str]:
    if reading.produced is None:
        dated = by_file(found.path)
        return dated, "" if isinstance(dated, Unknown) else BY_FILE
    if reading.local and now < reading.produced <= now + _ZONES_APART:
        return now, ""
    return reading.produced, ""


def _stale(reading: Reading, produced: datetime | Unknown, request: EvidenceRequest, commit: Commit, oldest: timedelta) -> str:
    if isinstance(produced, Unknown):
        return "; ".join(produced.reasons)
    if produced > request.now + CLOCKS_APART:
        return f"it is of {produced:%Y-%m-%d %H:%M} UTC, which has not been yet"
    if request.now - produced > oldest:
        return f"it is of {produced:%Y-%m-%d}, older than {in_words(oldest)}: it proves nothing of today (`max_age` of [evidence] says how old it may be)"
    if not reading.commit:
        made = commit.made() if reading.kind in _OF_THE_CODE else None
        return f"it is of {produced:%Y-%m-%d %H:%M} UTC, before this commit was made: run it again" if made is not None and produced < made - CLOCKS_APART else ""
    head, named = commit.head().lower(), reading.commit.lower()
    if not head:
        return f"it is of the commit {named[:12]}, and which commit is scanned is not known"
    if len(named) < 7 or not head.startswith(named):
        return f"it is of the commit {named[:12]}, and {head[:12]} is scanned"
    return ""
