"""What is now against what was, field by field; only what was read completely both times is compared."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from gonogo.history.canonical import restored
from gonogo.history.compare.difference import dotted, shown
from gonogo.history.compare.fields import FieldRules
from gonogo.history.compare.normal import differing, normal
from gonogo.history.run import CLUSTERS, Identity, Snapshot, Surface
from gonogo.model.drift import Difference, Status
from gonogo.model.resource import Origin
from gonogo.model.value import Unknown

_PROJECT = re.compile(r"//[^/]+/projects/([^/]+)")


def compare_snapshots(then: Snapshot, now: Snapshot, rules: FieldRules) -> tuple[Difference, ...]:
    """The differences by kind and name. Where a surface fell short, then or now, there is one `not_comparable` for each kind of a scope."""
    return tuple(_compare(then, now, rules))


def scope_of(identity: Identity) -> str:
    """The project of a live resource, `CLUSTERS` for an object of a cluster, empty for one of the code."""
    if identity.origin != Origin.LIVE:
        return ""
    found = _PROJECT.match(identity.name)
    return found[1] if found is not None else "" if ".googleapis.com/" in identity.kind else CLUSTERS


def _compare(then: Snapshot, now: Snapshot, rules: FieldRules) -> Iterator[Difference]:
    judged: dict[tuple[str, str], str] = {}
    surfaces = (_by_scope(then), _by_scope(now))
    for identity in sorted({*then.resources, *now.resources}, key=lambda i: (i.kind, i.name, i.origin, i.environment)):
        scope, kind = scope_of(identity), identity.kind
        if kind in rules.events:
            continue
        if (scope, kind) not in judged:
            judged[scope, kind] = reason = _incomparable(surfaces, scope, kind)
            if reason:
                yield Difference(Status.NOT_COMPARABLE, kind, scope, reason=reason)
        if not judged[scope, kind]:
            yield from _resource(then, now, identity, rules)


def _by_scope(snapshot: Snapshot) -> Mapping[str, Sequence[Surface]]:
    found: dict[str, list[Surface]] = defaultdict(list)
    for surface in snapshot.surfaces:
        found[surface.scope].append(surface)
    return found


def _incomparable(then_and_now: Sequence[Mapping[str, Sequence[Surface]]], scope: str, kind: str) -> str:
    for by_scope, when in zip(then_and_now, ("then", "now"), strict=True):
        surfaces = [surface for surface in by_scope.get(scope, ()) if surface.holds(scope, kind)]
        if not surfaces:
            return f"it was not read {when}"
        short = sorted({surface.name for surface in surfaces if not surface.complete})
        if short:
            return f"{', '.join(short)} was not read completely {when}"
    return ""


def _resource(then: Snapshot, now: Snapshot, identity: Identity, rules: FieldRules) -> Iterator[Difference]:
    before, after = then.resources.get(identity), now.resources.get(identity)
    if before is None or after is None:
        yield Difference(Status.ADDED if before is None else Status.REMOVED, identity.kind, identity.name)
        return
    if before == after:
        return
    fields = rules.of(identity.kind)
    for path, a, b in differing(normal(restored(before), fields), normal(restored(after), fields)):
        unknown = Unknown.merge([a, b]).reasons
        yield Difference(
            Status.NOT_COMPARABLE if unknown else Status.CHANGED,
            identity.kind,
            identity.name,
            dotted(path),
            shown(path, a),
            shown(path, b),
            "; ".join(unknown),
        )
