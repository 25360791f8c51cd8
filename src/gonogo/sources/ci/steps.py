"""What the readers of pipelines find, before it becomes resources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gonogo.model.location import Location
from gonogo.model.value import Value
from gonogo.sources.ci.command import Command
from gonogo.sources.ci.shell.run import Counts, Text
from gonogo.sources.ci.tools import Answer, Purpose


@dataclass(frozen=True, slots=True)
class Job:
    """What a step inherits. `root` is the pipeline that starts it, `file` the one that it is written in."""

    system: str
    file: str
    name: str
    root: str = ""
    triggers: tuple[str, ...] = ()
    effective: Answer = True
    ineffective_because: str = ""
    manual: Answer = False
    environment: Value = None
    """The deployment environment that the CI system knows the job under."""
    counts: Counts = True
    attests: bool = False
    """The job may write attestations."""
    services: tuple[str, ...] = ()
    """The images of what runs beside it."""

    @property
    def pipeline(self) -> str:
        return self.root or self.file


@dataclass(frozen=True, slots=True)
class Observation:
    """An action or a command that a pipeline runs."""

    job: Job
    step: str
    at: Location
    purpose: Purpose
    counts: Counts = True
    effective: Answer = True
    action: str = ""
    reference: str = ""
    inputs: Mapping[str, Text] = field(default_factory=dict)
    command: Command | None = None
    environment: Mapping[str, Text] = field(default_factory=dict)
    script: tuple[Location, ...] = ()
    """Where the pipeline calls the script that the command stands in, nearest first."""


@dataclass(frozen=True, slots=True)
class StepContext:
    """The step whose script is followed."""

    job: Job
    name: str
    counts: Counts = True
    effective: Answer = True
