"""Dockerfiles: stages, what ships, and the contexts they are built in."""

from gonogo.sources.dockerfile.source import DockerfileSource

__all__ = ["DockerfileSource"]
