"""The repository itself: what git ignores, what is committed, and the configuration of tools that live in it."""

from gonogo.sources.repository.source import RepositorySource

__all__ = ["RepositorySource"]
