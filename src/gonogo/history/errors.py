"""What can go wrong with a history."""

from __future__ import annotations


class HistoryError(Exception):
    """A history, or a run of it, that cannot be used; the message is one sentence with the place and what to do."""


class NothingToCompare(HistoryError):
    """There is no earlier run in the series."""


class DriftRulesError(Exception):
    """A `.gonogo/drift.yaml` that cannot be used; a line for each error, with file, line and column."""


class Busy(HistoryError):
    """Another audit of the series is under way; the message says whose."""
