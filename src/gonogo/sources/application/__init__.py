"""Applications: what an image installs and runs, and what their code does."""

from gonogo.sources.application.source import ApplicationSource

__all__ = ["ApplicationSource"]
