"""The tests that a repository holds, counted as their framework collects them, without running anything."""

from gonogo.sources.suites.source import TestSuiteSource

__all__ = ["TestSuiteSource"]
