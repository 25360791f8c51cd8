"""The tools that check the code of a repository: how they are configured, and whether a hook runs them."""

from gonogo.sources.quality.source import ToolSource

__all__ = ["ToolSource"]
