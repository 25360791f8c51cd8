"""Compose projects: services with `extends`, overrides and interpolation (https://docs.docker.com/reference/compose-file/)."""

from gonogo.sources.compose.source import ComposeSource

__all__ = ["ComposeSource"]
