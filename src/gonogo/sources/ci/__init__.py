"""Continuous integration: what pipelines run, in which order of trust, and what their commands declare."""

from __future__ import annotations

from collections.abc import Iterator

from gonogo.model.resource import Gap, Resource, Stage
from gonogo.sources.ci.assemble import assemble
from gonogo.sources.ci.cloud_build import CloudBuildReader
from gonogo.sources.ci.follow import Follower
from gonogo.sources.ci.github import GitHubReader
from gonogo.sources.ci.gitlab import GitLabReader
from gonogo.sources.ci.other_systems import OtherSystemsReader
from gonogo.sources.ci.scripts import ScriptReader
from gonogo.sources.ci.steps import Observation
from gonogo.sources.ci.tools import toolbox
from gonogo.sources.classify import CI_KINDS
from gonogo.sources.tree import Tree


class PipelineSource:
    """Reads GitHub Actions, Cloud Build, GitLab CI and the smaller systems, and the scripts that they call."""

    name = "ci"

    def read(self, tree: Tree) -> Iterator[Resource | Gap]:
        """The steps of every pipeline, and what gcloud commands in pipelines and scripts declare."""
        follower = Follower(tree, toolbox())
        observations: list[Observation] = []
        gaps: list[Gap] = []
        readers = (
            GitHubReader(tree, follower),
            CloudBuildReader(tree, follower),
            GitLabReader(tree, follower),
            OtherSystemsReader(tree, follower),
        )
        for reader in readers:
            for found in reader.read():
                if isinstance(found, Gap):
                    gaps.append(found)
                else:
                    observations.append(found)
        yield from assemble(observations)
        yield from ScriptReader(tree, follower).read()
        if tree.prefix:
            reason = "the pipelines of the repository lie above the scanned directory and were not read"
            gaps.append(Gap("", 0, Stage.DISCOVER, reason, self.name, CI_KINDS))
        yield from sorted(set(gaps))
