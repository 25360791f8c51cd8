"""What a canonical kind is."""

from __future__ import annotations

from dataclasses import dataclass

from gonogo.model.shape import Shape


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of resource: its name, what it is called in a sentence, and the shape rules are checked against."""

    name: str
    title: str
    shape: Shape
