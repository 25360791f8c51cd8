"""One reader for each thing a repository tells about itself."""

from __future__ import annotations

from collections.abc import Iterator

from gonogo.model.resource import Gap, Resource
from gonogo.sources.repository import (
    alerting,
    contents,
    dashboards,
    dependencies,
    dependency_updates,
    environments,
    metric_definitions,
    precommit,
)
from gonogo.sources.tree import Tree


class RepositorySource:
    """Reads the repository: environment files, credentials, tool configuration, dashboards, environments."""

    name = "repository"

    def read(self, tree: Tree) -> Iterator[Resource | Gap]:
        """Every `repo/*` resource of the tree."""
        yield from contents.read(tree)
        yield from dependency_updates.read(tree)
        yield from dependencies.read(tree)
        yield from precommit.read(tree)
        yield from dashboards.read(tree)
        yield from metric_definitions.read(tree)
        yield from alerting.read(tree)
        yield from environments.read(tree)
