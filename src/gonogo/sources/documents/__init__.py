"""Documents of a repository: which there are, and what their sections hold. What is written about a thing shows no more than that."""

from gonogo.sources.documents.source import DocumentSource

__all__ = ["DocumentSource"]
