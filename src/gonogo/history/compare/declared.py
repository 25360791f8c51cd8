"""What is declared against what is live. Terraform compares only what the code writes; here what it leaves out is seen, too."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gonogo.history.compare.difference import dotted, shown
from gonogo.history.compare.fields import FieldRules, Steps
from gonogo.history.compare.identity import Matched, is_object, match, place_of_object
from gonogo.history.compare.normal import differing, normal, relative
from gonogo.history.compare.relied import Relied, relies
from gonogo.history.run import Surface
from gonogo.lang.secrets import REDACTED
from gonogo.model.drift import Difference, Status
from gonogo.model.resource import Gap, Resource
from gonogo.model.value import OpenList, OpenMap, Unknown, Value, is_list

_APPLIED = re.compile(r"\$\{(.+)\.(?:id|name|self_link|secret_id|workload_identity_pool_id|email|connection_name)\}")
_ACCOUNT = re.compile(r"([^@]+)@[^@]+\.iam\.gserviceaccount\.com")
_NUMBERED = re.compile(r"(?<=projects/)\d+(?=/|$)")
_UNTIL_APPLY = Unknown.because("known only after apply")


@dataclass(frozen=True, slots=True)
class Sides:
    """What is compared. `project` is that of the provider of the declarations, where it is known.

    `declared` is one view of the code, of the environment that is live: the plan where there is one, else the state, else the
    code. Two declarations of one thing are two that may be it, and undecidable.
    """

    declared: Sequence[Resource]
    live: Sequence[Resource]
    surfaces: Sequence[Surface]
    """How completely each project was read."""
    gaps: Sequence[Gap] = ()
    """What of the declarations could not be read."""
    project: str | None = None
    relied: Relied = field(default_factory=dict)
    numbers: Mapping[str, str] = field(default_factory=dict)
    """The ids of the projects by their numbers, which some APIs name them by."""


def compare_declared(sides: Sides, rules: FieldRules) -> tuple[Difference, ...]:
    """The differences, by kind and name. Kinds that are not matched (grants, keys) are left out: `rules.unmatched` says why."""
    compared = _Comparison(sides, rules, _names(sides.declared), _called(sides.live))
    return tuple(sorted(compared.all(), key=lambda d: (d.kind, d.name, d.declared, d.field, d.status)))


@dataclass(frozen=True, slots=True)
class _Comparison:
    sides: Sides
    rules: FieldRules
    names: Mapping[str, str]
    called: Mapping[str, str]

    def all(self) -> Iterator[Difference]:
        live = [r for r in self.sides.live if r.kind not in self.rules.unmatched]
        kinds = {r.kind for r in live}
        declared = [r for r in self.sides.declared if r.kind not in self.rules.unmatched and (r.kind in kinds or self._read(r.kind))]
        matched, rest = match(declared, live, self.sides.project, self.rules.singletons)
        for pair in matched:
            if pair.live is not None:
                yield from self._fields(pair.declared, pair.live)
            else:
                yield self._unmatched(pair)
        for resource in rest:
            gap = next((gap for gap in self.sides.gaps if gap.touches(resource.kind)), None)
            status = Status.UNMANAGED_LIVE if gap is None else Status.UNDECIDABLE
            owner = resource.live.note if resource.live is not None else ""
            reason = owner if gap is None else f"it may be declared where the code could not be read: {gap.reason}"
            yield Difference(status, resource.kind, resource.name, reason=reason)

    def _read(self, kind: str) -> bool:
        """Whether the cloud was asked for the kind at all: a Kubernetes object is not missing in Google's API."""
        return any(surface.holds(surface.scope, kind) for surface in self.sides.surfaces)

    def _unmatched(self, pair: Matched) -> Difference:
        resource = pair.declared
        reasons = list(self._doubts(pair))
        return Difference(
            Status.UNDECIDABLE if reasons else Status.MISSING_LIVE,
            resource.kind,
            place_of_object(resource).name or resource.name if is_object(resource) else str(name) if isinstance(name := resource.attributes.get("name"), str) else resource.name,
            reason="; ".join(reasons),
            declared=resource.name,
            location=resource.locate(),
        )

    def _doubts(self, pair: Matched) -> Iterator[str]:
        """Why a declaration without a live resource may have one after all."""
        resource = pair.declared
        if pair.rivals:
            yield f"it may be {' or '.join(sorted(r.name for r in pair.rivals)[:3])}" + (" or another" if len(pair.rivals) > 3 else "")
        name = place_of_object(resource).name if is_object(resource) else resource.attributes.get("name")
        exists = resource.attributes.get("exists", True)
        if not isinstance(name, str) or "${" in name:
            yield "its name is not known"
        if isinstance(exists, Unknown):
            yield f"whether it exists is not known: {'; '.join(exists.reasons)}"
        audited, project = {s.scope for s in self.sides.surfaces}, resource.project
        if isinstance(project, Unknown):
            yield f"its project is not known: {'; '.join(project.reasons)}"
        elif project and "${" not in project and self.sides.numbers.get(project, project) not in audited:
            yield f"it is in the project {project}, which was not audited"
        short = sorted({s.name for s in self.sides.surfaces if s.holds(s.scope, resource.kind) and not s.complete})
        if short:
            yield f"{', '.join(short)} was not read completely"

    def _fields(self, declared: Resource, live: Resource) -> Iterator[Difference]:
        fields = self.rules.of(declared.kind)
        expected = normal(_mapped(declared.attributes, self._resolved), fields)
        answered = normal(_mapped(live.attributes, self._called_live), fields)
        for path, one, other in differing(expected, answered):
            if path == ("name",):  # by which they were matched
                continue
            if one is None and fields.by_default(path, other):
                continue
            found = self._field(declared, path, one, other)
            if found is not None:
                status, reason = found
                yield Difference(
                    status, live.kind, live.name, dotted(path), shown(path, one), shown(path, other), reason, declared.name,
                    declared.locate(tuple(int(step) if step.isdigit() else step for step in path)),
                )  # fmt: skip

    def _field(self, declared: Resource, path: Steps, one: Value, other: Value) -> tuple[Status, str] | None:
        silent = any(path[: len(left)] == left for left in declared.silent)
        if silent and not relies(self.sides.relied, declared.kind, path):
            return None
        if isinstance(other, Unknown) or (isinstance(one, Unknown) and not silent):
            return Status.UNDECIDABLE, "; ".join(Unknown.merge([one, other]).reasons)
        if REDACTED in (one, other):
            return Status.UNDECIDABLE, "the value was redacted when it was read"
        if silent:
            return Status.UNDECLARED, "the code does not write it"
        return None if _same_name(one, other) or _same_name(other, one) else (Status.DIFFERS, "")

    def _called_live(self, text: str) -> str:
        called = self.called.get(relative(text), text)
        return _NUMBERED.sub(lambda found: self.sides.numbers.get(found[0], found[0]), called)

    def _resolved(self, text: str) -> Value:
        """A reference to another declaration as what that is called; any other text that is put together on apply is unknown."""
        if "${" not in text:
            return text
        applied = _APPLIED.fullmatch(text)
        return self.names.get(applied[1], _UNTIL_APPLY) if applied is not None else _UNTIL_APPLY


def _names(declared: Iterable[Resource]) -> dict[str, str]:
    """What the address of each declaration is called; an address that several roots have is none."""
    found: dict[str, str] = {}
    double: set[str] = set()
    for resource in declared:
        address, name = resource.name.rpartition(":")[2], resource.attributes.get("name")
        if not isinstance(name, str) or "${" in name or found.setdefault(address, name) != name:
            double.add(address)
    return {address: name for address, name in found.items() if address not in double}


def _called(live: Iterable[Resource]) -> dict[str, str]:
    """What people call the live resources that the server gave a name of its own, by that name."""
    found: dict[str, str] = {}
    for resource in live:
        full, name = relative(resource.name), resource.attributes.get("name")
        if isinstance(name, str) and name and "/" not in name and not full.endswith(f"/{name}"):
            found[full] = name
    return found


def _same_name(short: Value, full: Value) -> bool:
    """Whether one is the other in full: `default` and `projects/p/global/networks/default`."""
    if not isinstance(short, str) or not isinstance(full, str):
        return False
    account = _ACCOUNT.fullmatch(full)
    if account is not None and account[1].rpartition("/")[2] == short:
        return True
    return full.startswith(("projects/", "folders/", "organizations/")) and full.endswith(f"/{short}")


def _mapped(value: Value, change: Callable[[str], Value]) -> Value:
    if isinstance(value, str):
        return change(str.__str__(value))
    if isinstance(value, Unknown):
        return value
    if isinstance(value, Mapping):
        entries = {key: _mapped(item, change) for key, item in value.items()}
        return OpenMap(entries, value.unknown) if isinstance(value, OpenMap) else entries
    if is_list(value) and isinstance(value, Sequence):
        items = [_mapped(item, change) for item in value]
        return OpenList(items, value.unknown) if isinstance(value, OpenList) else items
    return value
