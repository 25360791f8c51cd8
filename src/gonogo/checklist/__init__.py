"""A team's checklist: Markdown to items, items to controls, controls to the verdict of an item."""

from __future__ import annotations

from gonogo.checklist.errors import ChecklistError

__all__ = ["ChecklistError"]
