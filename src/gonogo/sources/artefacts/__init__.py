"""Artefacts of tests, load tests, measurements and drills: what they say, as old as they are."""

from gonogo.sources.artefacts.source import ArtefactSource

__all__ = ["ArtefactSource"]
