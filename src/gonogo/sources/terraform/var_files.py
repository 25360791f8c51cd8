"""Var files: which Terraform loads by itself, and which are one environment's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from gonogo.model.environment import Environments
from gonogo.sources.classify import Format
from gonogo.sources.tree import Tree

_SAMPLE = re.compile(r"(example|sample|template|default)", re.I)
_CONTAINER = re.compile(r"(?:^|/)(?:env|envs|environments?|tfvars|vars|configs?)/(?:[^/]+/)?(?:test|testing|e2e)/[^/]+\Z", re.I)
ByEnvironment = Mapping[str, tuple[str, ...]]


class VarFiles:
    """The var files of a tree by directory."""

    def __init__(self, tree: Tree, environments: Environments) -> None:
        self._environments = environments
        self._by_directory: dict[str, list[str]] = {}
        for file in tree.of(Format.TFVARS, in_scope=False):
            if not file.in_scope and not _of_test_environment(file.path):
                continue
            self._by_directory.setdefault(file.directory, []).append(file.path)

    def automatic(self, directory: str) -> tuple[str, ...]:
        """What Terraform loads in `directory`, in its order: `terraform.tfvars`, `terraform.tfvars.json`, `*.auto.tfvars` by name."""
        found = [p for p in self._by_directory.get(directory, ()) if _is_automatic(p)]
        return tuple(sorted(found, key=lambda p: ({"terraform.tfvars": 0, "terraform.tfvars.json": 1}.get(_name(p), 2), p)))

    def told_apart(self, directory: str, modules: frozenset[str]) -> ByEnvironment:
        """The environments that var files given on the command line tell apart for the root in `directory`.

        They lie beside the root (`prod.tfvars`, `terraform.prod.tfvars`), or at most three directories below it where no other
        module is nearer (`envs/prod.tfvars`, `vars/prod/terraform.tfvars`).
        """
        start = f"{directory}/" if directory else ""
        found: list[str] = []
        for place, paths in self._by_directory.items():
            if place == directory:
                found.extend(p for p in paths if not _is_automatic(p))
            elif place.startswith(start) and place.count("/") <= start.count("/") + 2 and _nearest(place, modules) == directory:
                found.extend(paths)
        return self._grouped(found, len(start))

    def apart(self, directory: str, modules: frozenset[str]) -> ByEnvironment:
        """Those that lie apart from the root in `directory` (`envs/prod.tfvars` beside `terraform/`), and in no module."""
        start = f"{directory}/"
        places = (paths for place, paths in self._by_directory.items() if place not in modules and not place.startswith(start))
        return self._grouped([path for paths in places for path in paths], 0)

    def _grouped(self, paths: Sequence[str], below: int) -> ByEnvironment:
        """Paths by the environment that the file's name says, else the nearest directory from offset `below` on."""
        found: dict[str, list[str]] = {}
        for path in sorted(paths):
            name = _name(path).removesuffix(".json").removesuffix(".tfvars")
            if _SAMPLE.search(name):
                continue
            environment = self._environments.of(name) or self._of_directories(path[below:].split("/")[:-1])
            if environment:
                found.setdefault(environment, []).append(path)
        return {environment: tuple(listed) for environment, listed in sorted(found.items())}

    def _of_directories(self, parts: Iterable[str]) -> str:
        words = self._environments.words
        return next((words[p.lower()] for p in reversed(list(parts)) if p.lower() in words), "")


def _of_test_environment(path: str) -> bool:
    """`envs/test/a.tfvars` is the test environment's, not a test's."""
    return _CONTAINER.search(path) is not None


def _nearest(place: str, modules: frozenset[str]) -> str | None:
    """The module in `place` or the nearest above it."""
    parts = place.split("/")
    above = ("/".join(parts[:depth]) for depth in range(len(parts), -1, -1))
    return next((d for d in above if d in modules), None)


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _is_automatic(path: str) -> bool:
    name = _name(path)
    return name in ("terraform.tfvars", "terraform.tfvars.json") or name.endswith((".auto.tfvars", ".auto.tfvars.json"))
