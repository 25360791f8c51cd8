"""When a report was made: by its own words, else by its file, but never by the time of a file that is kept in git."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from gonogo.model.value import Unknown
from gonogo.sources.git import git

CLOCKS_APART = timedelta(minutes=10)
BY_FILE = "it does not say when it was made: dated by the file"


def moment(written: str) -> datetime | None:
    """An ISO 8601 time, in UTC where it names no zone; None for anything else."""
    try:
        found = datetime.fromisoformat(written)
        return found.astimezone(UTC) if found.tzinfo is not None else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def by_file(path: Path) -> datetime | Unknown:
    """When the file was last written. Of one that git checked out that says nothing."""
    if git(path.resolve().parent, "ls-files", "--error-unmatch", "--", path.resolve().name) is not None:
        return Unknown.because("the report does not say when it was made, and a file that is kept in git has the time of its checkout")
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def in_words(span: timedelta) -> str:
    """`7 days`, `36 hours`."""
    hours = int(span.total_seconds() // 3600)
    return f"{hours // 24} days" if hours % 24 == 0 else f"{hours} hours"
