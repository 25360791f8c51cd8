"""Lists everything of a cluster that the table names, page by page. What could not be listed is a shortfall with its reason."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gonogo.model.resource import Gap, Origin, Stage
from gonogo.sources.cluster.lists import Listed, Lists
from gonogo.sources.cluster.owners import Wanted
from gonogo.sources.cluster.problems import grant
from gonogo.sources.cluster.session import ClusterSession
from gonogo.sources.gcp.problems import Cause, Problem

SOURCE = "cluster"
PAGE = 500
MAX_PAGES = 4_000
MAX_OBJECTS = 50_000
"""Of one kind, after what others stand for is left out."""
MAX_DEPTH = 100
"""Of an object; those of the API are a tenth of it deep."""
MAX_TOKEN = 16 * 1024
_VERSION = re.compile(r"v[0-9a-z]+")
_JSON = "application/json"
_METADATA = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"
# Set by the server, or a copy of the object: that of a Secret holds its values.
_DROPPED = ("managedFields",)
_COPIES = ("kubectl.kubernetes.io/last-applied-configuration",)


@dataclass(frozen=True, slots=True)
class Object:
    """One object as it was sent, without copies of itself, and the version of its list."""

    listed: Listed
    version: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Collected:
    """What one cluster listed, and what fell short. `incomplete` are the kinds of which not everything was read."""

    cluster: str
    context: str
    host: str
    objects: tuple[Object, ...]
    gaps: tuple[Gap, ...]
    incomplete: frozenset[str]
    requests: int
    verified: bool


def collect(session: ClusterSession, table: Lists) -> Collected:
    """Everything that the cluster lists. Raises `Problem` where it lets nobody in, or is not who its certificate has to say."""
    objects: list[Object] = []
    gaps: list[Gap] = []
    incomplete: set[str] = set()
    try:
        served = _served(session)
    except Problem as problem:
        if problem.cause is not Cause.PERMISSION:
            return _nothing(session, table, problem)
        served = None
        gaps.append(_gap(session.context, problem.reason, ()))
    wanted = Wanted()
    for listed in table.lists:
        found = _Taken(listed, wanted)
        try:
            _read(session, listed, served, found)
        except Problem as problem:
            if problem.cause is Cause.CREDENTIALS:
                raise
            gaps.append(_gap(session.context, f"{listed.kind}: {problem.reason}", listed.kinds))
            incomplete.update(listed.kinds)
        objects.extend(found.objects)
    return Collected(
        session.name, session.context, session.host, tuple(objects), tuple(gaps), frozenset(incomplete), session.requests, session.verified
    )


def _nothing(session: ClusterSession, table: Lists, problem: Problem) -> Collected:
    """A cluster that cannot be reached is not looked at; one that turns us away is the user's error."""
    if problem.cause is Cause.CREDENTIALS:
        raise problem
    kinds = tuple(sorted({kind for listed in table.lists for kind in listed.kinds}))
    gap = _gap(session.context, f"nothing was read: {problem.reason}", kinds)
    return Collected(session.name, session.context, session.host, (), (gap,), frozenset(kinds), session.requests, session.verified)


def _served(session: ClusterSession) -> Mapping[str, tuple[str, ...]]:
    """The versions of each API group, the preferred one first."""
    answer = session.read("/apis", {}, _JSON, None)
    groups = answer.get("groups")
    if answer.get("kind") != "APIGroupList" or not isinstance(groups, list):
        raise Problem(Cause.INVALID, f"what the context {session.context} leads to is no Kubernetes API server")
    found: dict[str, tuple[str, ...]] = {}
    for group in groups:
        if isinstance(group, dict) and isinstance(group.get("name"), str):
            versions = group.get("versions")
            rows = [group.get("preferredVersion"), *(versions if isinstance(versions, list) else ())]
            found[group["name"]] = tuple(dict.fromkeys(name for row in rows if isinstance(row, dict) and isinstance(name := row.get("version"), str)))
    return found


@dataclass(slots=True)
class _Taken:
    """What is taken of one list."""

    listed: Listed
    wanted: Wanted
    objects: list[Object] = field(default_factory=list)

    def take(self, item: Mapping[str, Any], version: str) -> None:
        if version not in self.listed.versions:
            # That nothing of the kind is there can be told all the same.
            raise Problem(Cause.REQUEST, f"it is served as {version}, and what is known is {', '.join(self.listed.versions)}")
        if not self.wanted.take(self.listed, item):
            return
        if len(self.objects) >= MAX_OBJECTS:
            raise Problem(Cause.BUDGET, f"there are more than {MAX_OBJECTS}, and the rest was not read")
        self.objects.append(Object(self.listed, version, item))


def _read(session: ClusterSession, listed: Listed, served: Mapping[str, tuple[str, ...]] | None, found: _Taken) -> None:
    """Take every object of a list, in the first version that the cluster serves. Raises `Problem`; not where it need not have the kind."""
    there = ("v1",) if not listed.group else None if served is None else served.get(listed.group, ())
    known = [v for v in listed.versions if there is None or v in there]
    if served is not None and served.get(listed.group) == ():
        raise Problem(Cause.INVALID, f"the cluster {session.context} serves {listed.group} in no version")
    for version in (*known, *(v for v in there or () if v not in listed.versions)):
        if not _VERSION.fullmatch(version):
            raise Problem(Cause.REQUEST, f"it is served as {version[:60]}, and what is known is {', '.join(listed.versions)}")
        try:
            _whole(session, listed, version, found)
            return
        except Problem as problem:
            if problem.cause is not Cause.NOT_FOUND:
                raise
    if there is None:
        raise Problem(Cause.NOT_FOUND, f"whether the cluster {session.context} has it is not known, for its API groups could not be listed; {grant(None)}")
    if not listed.optional:
        group = f"{listed.group}/" if listed.group else ""
        raise Problem(Cause.NOT_FOUND, f"the cluster {session.context} does not serve {group}{listed.resource}, which every cluster does")


def _whole(session: ClusterSession, listed: Listed, version: str, found: _Taken) -> None:
    """Read a list to its end; once more from the start where it expired under way."""
    for last in (False, True):
        try:
            for item in _pages(session, listed, version):
                found.take(item, version)
            return
        except Problem as problem:
            if problem.cause is not Cause.EXPIRED or last:
                raise
            found.objects.clear()


def _pages(session: ClusterSession, listed: Listed, version: str) -> Iterator[Mapping[str, Any]]:
    token, seen = "", set[str]()
    for _ in range(MAX_PAGES):
        query = {"limit": str(PAGE), **({"continue": token} if token else {})}
        answer = session.read(listed.path(version), query, _METADATA if listed.metadata else _JSON, listed)
        # A server that does not know metadata lists answers with the objects: nothing of them is kept then, and nothing is told of it as read.
        if not str(answer.get("kind")).endswith("List") or (listed.metadata and answer.get("kind") != "PartialObjectMetadataList"):
            raise Problem(Cause.INVALID, f"the cluster {session.context} answered with a {str(answer.get('kind'))[:60]} where its list was asked for")
        items = answer.get("items")
        if items is not None and not isinstance(items, list):
            raise Problem(Cause.INVALID, f"the cluster {session.context} answered with a list without items")
        for item in items or ():
            yield _checked(item, session.context)
        metadata = answer.get("metadata")
        token = str(metadata.get("continue") or "") if isinstance(metadata, dict) else ""
        if not token:
            return
        if len(token) > MAX_TOKEN:
            raise Problem(Cause.INVALID, f"the cluster {session.context} answered with a `continue` of {len(token)} characters")
        if token in seen:
            raise Problem(Cause.INVALID, f"the cluster {session.context} answered with the same page again and again")
        seen.add(token)
    raise Problem(Cause.BUDGET, f"the list is longer than {MAX_PAGES} pages")


def _checked(item: object, context: str) -> Mapping[str, Any]:
    """An object with a name, without what is a copy of itself."""
    metadata = item.get("metadata") if isinstance(item, dict) else None
    if not isinstance(item, dict) or not isinstance(metadata, dict) or not isinstance(metadata.get("name"), str):
        raise Problem(Cause.INVALID, f"the cluster {context} listed something without a name")
    namespace, annotations = metadata.get("namespace"), metadata.get("annotations")
    if namespace is not None and not isinstance(namespace, str):
        raise Problem(Cause.INVALID, f"the cluster {context} listed something in a namespace without a name")
    kept = {key: value for key, value in metadata.items() if key not in _DROPPED}
    if isinstance(annotations, dict):
        kept["annotations"] = {key: value for key, value in annotations.items() if key not in _COPIES}
    checked = {**item, "metadata": kept}
    if _too_deep(checked):
        raise Problem(Cause.INVALID, f"the cluster {context} listed something that is nested more than {MAX_DEPTH} deep")
    return checked


def _too_deep(item: object) -> bool:
    pending: list[tuple[object, int]] = [(item, 0)]
    while pending:
        value, depth = pending.pop()
        if isinstance(value, dict | list):
            if depth > MAX_DEPTH:
                return True
            pending.extend((inner, depth + 1) for inner in (value.values() if isinstance(value, dict) else value) if isinstance(inner, dict | list))
    return False


def _gap(context: str, reason: str, kinds: Iterable[str]) -> Gap:
    where = "" if context in reason else f"cluster {context}: "
    return Gap("", 0, Stage.READ, f"{where}{reason}", SOURCE, tuple(sorted(kinds)), origin=Origin.LIVE)
