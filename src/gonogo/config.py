"""`gonogo.toml`, `[tool.gonogo]` and the environment, read once into one frozen object."""

from __future__ import annotations

from dataclasses import dataclass

from gonogo.model.finding import Severity


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of a run; the defaults are those of a repository without configuration."""

    exclude: tuple[str, ...] = ()
    """Directory names or globs out of scope, besides the default ones."""
    include: tuple[str, ...] = ()
    """Globs that are in scope whatever excludes them."""
    fail_on: Severity = Severity.LOW
    """Violations below this severity do not stop a release."""
    unknown_blocks: bool = True
    """Whether a required item that could not be checked leaves the release undecided."""
    production: tuple[str, ...] = ("production", "prod", "prd", "live")
    """Names of the production environment."""
