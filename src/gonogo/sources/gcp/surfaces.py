"""The table of what is read: `rules/gcp/surfaces.yaml`, as frozen objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gonogo.data import data_directory
from gonogo.formats.yaml_reader import read_yaml


@dataclass(frozen=True, slots=True)
class Service:
    """An API: where it is, how fast it may be asked, and the role that may read it."""

    name: str
    title: str
    host: str
    role: str
    per_minute: float
    burst: int
    endpoint: str = ""
    """The service whose endpoint it shares."""


@dataclass(frozen=True, slots=True)
class Surface:
    """One list that the audit reads; the YAML says what each field means."""

    id: str
    service: str
    path: str
    permission: str
    regional_permission: str = ""
    client: str = ""
    over: str = ""
    parent: str = ""
    where: Mapping[str, Sequence[str]] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    items: str = ""
    scoped: str = ""
    first_page: bool = False
    size: Mapping[str, int] = field(default_factory=dict)
    kind: str = ""
    name: str = ""
    also: Sequence[str] = ()
    redact: Sequence[str] = ()
    scrub: Sequence[str] = ()
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Surfaces:
    services: Mapping[str, Service]
    surfaces: tuple[Surface, ...]

    @property
    def hosts(self) -> Mapping[str, str]:
        """The host of every service that has an endpoint of its own."""
        return {name: service.host for name, service in self.services.items() if not service.endpoint}

    @property
    def permissions(self) -> tuple[str, ...]:
        """Every permission that the audit needs, sorted: the least-privilege role."""
        return tuple(sorted({p for s in self.surfaces for p in (s.permission, s.regional_permission) if p}))

    def roots(self) -> Iterator[Surface]:
        """The surfaces that are asked about a project itself."""
        return (surface for surface in self.surfaces if not surface.over)

    def below(self, surface: Surface) -> tuple[Surface, ...]:
        """The surfaces that are asked about each member of `surface`."""
        return tuple(other for other in self.surfaces if other.over == surface.id)

    def kinds(self, surface: Surface) -> tuple[str, ...]:
        """Every kind that is incomplete where `surface` could not be read: its own, and those that are found through it."""
        own = {surface.kind, *surface.also} - {""}
        return tuple(sorted(own.union(*(self.kinds(other) for other in self.below(surface)))))


def load_surfaces(path: Path | None = None) -> Surfaces:
    """The shipped table. Raises `ValueError` with the place where an installation has a broken one."""
    file = path or data_directory("rules") / "gcp" / "surfaces.yaml"
    read = read_yaml(file.name, file.read_text("utf-8"))
    if read.error or not read.documents:
        raise ValueError(f"{file}:{read.error_line}: {read.error}")
    document: Any = read.documents[0].value
    services = {name: Service(name, **about) for name, about in document["services"].items()}
    return Surfaces(services, tuple(Surface(**entry) for entry in document["surfaces"]))
