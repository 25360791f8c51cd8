"""What an audit would not see, found out beforehand: permissions that are missing, APIs that are off, and the controls they leave blind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gonogo.sources.gcp.estate import FOLDERS, PROJECTS, permissions_held, projects_below
from gonogo.sources.gcp.estate import SERVICE as RESOURCE_MANAGER
from gonogo.sources.gcp.pages import Target, members, read_pages, rest_pages
from gonogo.sources.gcp.problems import Cause, Problem
from gonogo.sources.gcp.session import LiveSession
from gonogo.sources.gcp.surfaces import Surface, Surfaces

_SERVICES = "enabled-services"
_WALK_ROLE = "roles/resourcemanager.folderViewer"

ControlsByKind = Mapping[str, Sequence[str]]


class What(StrEnum):
    """What can be missing."""

    PERMISSION = "permission"
    API = "api"


@dataclass(frozen=True, slots=True, order=True)
class Lack:
    """A permission that the account has not, or an API that is off, and what nobody sees for it: lists, their kinds, controls.

    `role` is the smallest predefined role that has the permission.
    """

    what: What
    name: str
    role: str
    surfaces: tuple[str, ...]
    kinds: tuple[str, ...]
    controls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What is missing on a project, a folder or an organization. `unknown` says what could not be found out, and why."""

    resource: str
    lacks: tuple[Lack, ...]
    permissions: int
    """How many permissions were asked about; 0 where that is not known."""
    apis: int
    unknown: tuple[str, ...] = ()

    @property
    def readable(self) -> bool:
        """Whether an audit can read everything here."""
        return not self.lacks and not self.unknown


def diagnose(
    session: LiveSession,
    surfaces: Surfaces,
    projects: Iterable[str],
    parents: Iterable[str] = (),
    quota_project: str = "",
    controls: ControlsByKind | None = None,
) -> tuple[Diagnosis, ...]:
    """Of every folder and organization in `parents`, every project below them and in `projects`, and the quota project, sorted."""
    doctor = _Doctor(session, surfaces, controls or {})
    parents = tuple(sorted(set(parents)))
    below = projects_below(session, surfaces, parents)
    unread: dict[str, list[str]] = {parent: [] for parent in parents}
    for shortfall in below.shortfalls:
        unread.setdefault(shortfall.location, []).append(f"the projects below {shortfall.location} are not known: {shortfall.reason}")
    found = [doctor.parent(parent, reasons) for parent, reasons in unread.items()]
    names = sorted({*projects, *below.ids})
    found.extend(doctor.project(project) for project in names)
    if quota_project and quota_project not in names:
        found.append(doctor.quota_project(quota_project))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Doctor:
    session: LiveSession
    surfaces: Surfaces
    controls: ControlsByKind

    def parent(self, parent: str, reasons: Sequence[str]) -> Diagnosis:
        """A folder or an organization: what the way down needs. What is below is not known where it is missing."""
        wanted = (FOLDERS, PROJECTS)
        every = tuple(s for s in self.surfaces.surfaces if s.permission)
        missing, unknown, asked = self._missing(parent, wanted)
        lacks = tuple(self._lack(What.PERMISSION, permission, _WALK_ROLE, every) for permission in missing)
        return Diagnosis(parent, lacks, asked, 0, (*unknown, *reasons))

    def project(self, project: str) -> Diagnosis:
        wanted = self.surfaces.permissions
        missing, unknown, asked = self._missing(f"projects/{project}", wanted)
        lacks = [self._permission(permission) for permission in missing]
        apis = 0
        try:
            lacks.extend(self._off(project))
            apis = len(self._hosts())
        except Problem as problem:
            unknown.append(f"APIs: {problem.reason}")
        return Diagnosis(f"projects/{project}", tuple(lacks), asked, apis, tuple(unknown))

    def quota_project(self, project: str) -> Diagnosis:
        """The project that pays for the calls, if it is not audited: an API has to be on there too."""
        try:
            return Diagnosis(f"projects/{project}", self._off(project), 0, len(self._hosts()))
        except Problem as problem:
            return Diagnosis(f"projects/{project}", (), 0, 0, (f"APIs: {problem.reason}",))

    def _missing(self, resource: str, wanted: Sequence[str]) -> tuple[tuple[str, ...], list[str], int]:
        """Those of `wanted` that are not held, the reasons why of others it is not known, and of how many it is."""
        try:
            found = permissions_held(self.session, self.surfaces, resource, wanted)
        except Problem as problem:
            return (), [f"permissions: {problem.reason}"], 0
        refused = dict(found.refused)
        missing = tuple(permission for permission in wanted if permission not in found.held and permission not in refused)
        return missing, [f"permission {permission}: {reason}" for permission, reason in found.refused], len(wanted) - len(refused)

    def _permission(self, permission: str) -> Lack:
        about = [s for s in self.surfaces.surfaces if permission in (s.permission, s.regional_permission)]
        return self._lack(What.PERMISSION, permission, self.surfaces.services[about[0].service].role, about)

    def _off(self, project: str) -> tuple[Lack, ...]:
        """The APIs of the audit that are not enabled in a project; one list tells. Raises `Problem`."""
        surface = next(s for s in self.surfaces.surfaces if s.id == _SERVICES)
        target = Target(surface, self.surfaces.services[surface.service], project)
        enabled: set[str] = set()
        for page in read_pages(self.session, target, rest_pages):
            for member in members(page, surface):
                name = member.get("name") if isinstance(member, dict) else None
                if not isinstance(name, str):
                    raise Problem(Cause.INVALID, f"a member of `{surface.items}` has no name")
                enabled.add(name.rpartition("/")[2])
        off = sorted(self._hosts() - enabled)
        return tuple(self._lack(What.API, host, "", [s for s in self.surfaces.surfaces if self._host(s) == host]) for host in off)

    def _hosts(self) -> set[str]:
        return {self.surfaces.services[RESOURCE_MANAGER].host, *(self._host(surface) for surface in self.surfaces.surfaces)}

    def _host(self, surface: Surface) -> str:
        return self.surfaces.services[surface.service].host

    def _lack(self, what: What, name: str, role: str, about: Iterable[Surface]) -> Lack:
        lists = tuple(about)
        kinds = sorted({kind for surface in lists for kind in self.surfaces.kinds(surface)})
        blind = sorted({control for kind in kinds for control in self.controls.get(kind, ())})
        return Lack(what, name, role, tuple(sorted(s.id for s in lists)), tuple(kinds), tuple(blind))
