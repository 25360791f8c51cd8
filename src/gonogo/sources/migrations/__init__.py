"""Migrations of databases: which tool keeps them where, whether the newest can be undone, and what runs them."""

from gonogo.sources.migrations.source import MigrationsSource

__all__ = ["MigrationsSource"]
