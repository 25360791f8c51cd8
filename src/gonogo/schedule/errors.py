"""What is said where no files can be written."""

from __future__ import annotations


class ScheduleError(Exception):
    """One sentence: what cannot be scheduled, and what to do."""
