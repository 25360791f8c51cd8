"""What every source of declared resources looks like."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from gonogo.model.resource import Gap, Resource
from gonogo.sources.tree import Tree


class Source(Protocol):
    """Reads one format from a tree. Errors of the input are gaps, never exceptions."""

    @property
    def name(self) -> str: ...

    def read(self, tree: Tree) -> Iterator[Resource | Gap]: ...
