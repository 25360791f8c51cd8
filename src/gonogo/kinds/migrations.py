"""Revisions of a database's schema."""

from __future__ import annotations

from gonogo.kinds.base import Kind
from gonogo.model.shape import BOOL, INT, STRING, record

MIGRATIONS = "repo/Migrations"

KINDS = (
    # revisions: how many; latest: the file of the newest; reversible: that one can be undone; undoing: that revisions of the tool
    # come with their way back; runBy: how something runs them, `` where
    # nothing was found that does (a pipeline is asked by the rule).
    Kind(MIGRATIONS, "database migrations", record(tool=STRING, directory=STRING, revisions=INT, latest=STRING, reversible=BOOL, undoing=BOOL, runBy=STRING)),
)
