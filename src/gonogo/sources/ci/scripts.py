"""Scripts that no pipeline calls: a documented way to deploy, so their gcloud commands are declarations; they are no CI."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gonogo.model.location import Location
from gonogo.model.resource import Gap, Resource, Stage
from gonogo.sources.ci.follow import Follower, Found
from gonogo.sources.ci.gcloud import resources_of
from gonogo.sources.ci.makefile import read_makefile
from gonogo.sources.ci.script import whole_file
from gonogo.sources.ci.shell.run import Settings
from gonogo.sources.ci.steps import Job, StepContext
from gonogo.sources.classify import GCP_KINDS, Format
from gonogo.sources.tree import Tree, Unreadable


@dataclass(frozen=True, slots=True)
class ScriptReader:
    """Reads the shell scripts and Makefiles that mention gcloud."""

    tree: Tree
    follower: Follower

    def read(self) -> Iterator[Resource | Gap]:
        """What they declare. A script that cannot be parsed leaves Google Cloud incomplete, not CI."""
        seen: set[tuple[str, str, Location]] = set()
        for file in self.tree.of(Format.SHELL, Format.MAKEFILE):
            try:
                text = self.tree.text(file.path)
            except Unreadable as error:
                yield Gap(file.path, 0, Stage.READ, str(error), "ci", ())
                continue
            if "gcloud" not in text or (file.format is Format.SHELL and file.path in self.follower.followed):
                continue
            for found in self._script(file.path, text) if file.format is Format.SHELL else self._makefile(file.path, text):
                if isinstance(found, Gap):
                    yield Gap(found.file, found.line, found.stage, found.reason, found.source, GCP_KINDS)
                elif found.command is not None and found.command.program == "gcloud":
                    for resource in resources_of(found.command, found.at):
                        key = (resource.kind, resource.name, found.at)
                        if key not in seen:
                            seen.add(key)
                            yield resource

    def _script(self, path: str, text: str) -> Iterator[Found]:
        context = StepContext(Job("script", path, ""), path)
        yield from self.follower.script(whole_file(path, text), Settings(), context)

    def _makefile(self, path: str, text: str) -> Iterator[Found]:
        for target in read_makefile(text).rules:
            yield from self.follower.make_target(path, target, StepContext(Job("script", path, target), target))
