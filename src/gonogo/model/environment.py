"""Environments: what their names mean, which one is judged, and what a configuration says of each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

PRODUCTION = "production"
_NAMES: Mapping[str, tuple[str, ...]] = {
    PRODUCTION: ("prod", "production", "prd", "live"),
    "staging": ("staging", "stage", "stg", "preprod", "pre-prod", "preproduction", "uat"),
    "development": ("dev", "develop", "development", "sandbox", "sbx", "local"),
    "test": ("test", "testing", "tst", "qa", "integration", "int", "ci", "e2e", "perf", "load"),
    "preview": ("preview", "demo", "nonprod", "non-prod", "nonproduction", "non-production"),
}
_WORDS = {word: name for name, words in _NAMES.items() for word in words}
_SEPARATOR = re.compile(r"[-_.]")


@dataclass(frozen=True, slots=True)
class Environment:
    """What `[environments.NAME]` of a configuration says. Paths are relative to the scanned root, with `/`."""

    name: str
    names: tuple[str, ...] = ()
    """Further names that mean this environment."""
    roots: tuple[str, ...] = ()
    """Globs of the Terraform root directories that are this environment's; none: every root that is no other's."""
    var_files: tuple[str, ...] = ()
    """In order, as `-var-file` on the command line."""
    workspace: str = ""
    """The Terraform workspace; `` where it is not said."""

    def claims(self, directory: str) -> bool:
        """Whether `roots` names `directory`."""
        return any(_covers(glob.removeprefix("./").rstrip("/"), directory) for glob in self.roots)


@dataclass(frozen=True, slots=True)
class Environments:
    """The environment that is judged, by its canonical name, and those that are configured."""

    judged: str = PRODUCTION
    configured: tuple[Environment, ...] = ()
    var_files: tuple[str, ...] = ()
    """Further var files of the judged environment, given last."""

    def of(self, name: str) -> str:
        """The environment that a directory or file name speaks of: `prod`, `my-app-staging`, `env.dev`; `` for none."""
        words, lowered = self.words, name.lower()
        if lowered in words:
            return words[lowered]
        parts = _SEPARATOR.split(lowered)
        if "non" in parts and any(words.get(p) == PRODUCTION for p in parts):
            return "preview"
        found = {words[p] for p in (parts[:1] + parts[-1:]) if p in words}
        return found.pop() if len(found) == 1 else ""

    @property
    def words(self) -> Mapping[str, str]:
        """Every name in lower case, and the environment that it means; configured ones come before the usual ones."""
        if not self.configured:
            return _WORDS
        return {**_WORDS, **{name.lower(): e.name for e in self.configured for name in (e.name, *e.names)}}

    def canonical(self, name: str) -> str:
        """`production` for `prd`; a name that means nothing to us as it is."""
        return self.words.get(name.lower(), name)

    def judges(self, environment: str) -> bool:
        """Whether what is declared for `environment` counts: the judged one's, and what is of no named environment."""
        return not environment or self.canonical(environment) == self.judged

    def known(self, name: str) -> bool:
        """Whether `name` means an environment, here or by the usual names."""
        return name.lower() in self.words

    def settings(self, environment: str) -> Environment:
        """What is configured of an environment; nothing, where nothing is."""
        return next((e for e in self.configured if e.name == environment), Environment(environment))


def _covers(glob: str, directory: str) -> bool:
    """Whether a glob names a directory, or one above it. `` and `.` are the scanned root itself, and it alone."""
    if glob in ("", "."):
        return directory == ""
    parts = directory.split("/")
    return any(fnmatchcase("/".join(parts[:depth]), glob) for depth in range(1, len(parts) + 1))
