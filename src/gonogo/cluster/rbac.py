"""What an identity may do by RBAC (rbac.authorization.k8s.io/v1), and by what: roles, aggregation, bindings, groups.

* Permissions only add up; there are no denials. https://kubernetes.io/docs/reference/access-authn-authz/rbac/
* A RoleBinding grants in its own namespace, whichever kind of role it names; a ClusterRoleBinding everywhere.
* The rules of an aggregated ClusterRole are those of the ClusterRoles it selects: what is written in it is overwritten.
* A ServiceAccount is also the user `system:serviceaccount:NAMESPACE:NAME` and in the groups `system:serviceaccounts`,
  `system:serviceaccounts:NAMESPACE` and `system:authenticated`.
* Matching is that of the API server (kubernetes/pkg/apis/rbac/v1/evaluation_helpers.go): `*` is everything, `*/scale` a
  subresource of everything, a resource without its subresource is not the subresource, and a rule with `resourceNames`
  says nothing of requests without a name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from gonogo.cluster.members import mappings, members
from gonogo.cluster.truth import Truth, all_of, any_of
from gonogo.lang.selectors import selects
from gonogo.model.value import OpenList, Unknown, Value, lookup

EVERYWHERE = ""
"""The namespace of a grant that holds in all of them, and for what is in none."""
MAX_AGGREGATION = 16


@dataclass(frozen=True, slots=True)
class Account:
    """A ServiceAccount. `settled`: its namespace is written, and not the one that is assumed where nothing says otherwise."""

    namespace: str
    name: str
    settled: bool = True

    @property
    def user(self) -> str:
        return f"system:serviceaccount:{self.namespace}:{self.name}"

    @property
    def groups(self) -> frozenset[str]:
        return frozenset({"system:serviceaccounts", f"system:serviceaccounts:{self.namespace}", "system:authenticated"})


@dataclass(frozen=True, slots=True)
class Role:
    """A Role, or with an empty namespace a ClusterRole. `aggregation` are the label selectors of its `aggregationRule`."""

    namespace: str
    name: str
    rules: Value
    labels: Value = None
    aggregation: Value = None


@dataclass(frozen=True, slots=True)
class RoleRef:
    """What a binding names: a Role of its namespace, or a ClusterRole."""

    kind: Value
    name: Value


@dataclass(frozen=True, slots=True)
class Binding:
    """A RoleBinding, or with an empty namespace a ClusterRoleBinding."""

    namespace: str
    name: str
    role: RoleRef
    subjects: Value


@dataclass(frozen=True, slots=True)
class Grant:
    """A rule that an account has: where it holds, by which binding of which role, and whether that is certain."""

    rule: Value
    namespace: str
    binding: Binding
    role: Role
    certain: Truth = True


@dataclass(frozen=True, slots=True)
class Request:
    """One thing somebody asks to do. Without a `name` it is about all of a kind: list, watch, create."""

    verb: str
    group: str
    resource: str
    namespace: str = EVERYWHERE
    subresource: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Grants:
    """What an account has. `unknown` says why there may be more: a role that nobody declared, a subject that is not known."""

    grants: tuple[Grant, ...]
    unknown: tuple[Unknown, ...] = ()


Roles = Callable[[str, str], Sequence[Role]]
"""The Role of a namespace and a name, or with an empty namespace the ClusterRole; none where none is known, several where it is declared differently."""


def grants_of(account: Account, bindings: Iterable[Binding], roles: Roles, cluster_roles: Sequence[Role]) -> Grants:
    """Every rule that a ServiceAccount has. `cluster_roles` are all that an aggregation may select."""
    found: list[Grant] = []
    unknown: list[Unknown] = []
    for binding in bindings:
        certain = _is_subject(account, binding)
        if certain is False:
            continue
        named = _roles(binding, roles)
        if isinstance(named, Unknown) or not named:
            unknown.append(named if isinstance(named, Unknown) else Unknown.because(f"the {binding.role.kind} {binding.role.name} of {binding.name} is not declared"))
            continue
        found += [Grant(rule, binding.namespace, binding, role, all_of([certain, maybe])) for role in named for rule, maybe in rules_of(role, cluster_roles)]
    return Grants(tuple(found), tuple(unknown))


def rules_of(role: Role, cluster_roles: Sequence[Role]) -> Iterator[tuple[Value, Truth]]:
    """The rules of a role, those of an aggregated one being those of the roles that it selects."""
    yield from _rules(role, cluster_roles, frozenset())


def allows(grants: Grants, request: Request) -> Truth:
    """Whether the grants of an account allow a request."""
    answers = (all_of([g.certain, covers(g.rule, request)]) for g in grants.grants if g.namespace in (EVERYWHERE, request.namespace))
    return any_of([*answers, *grants.unknown])


def covers(rule: Value, request: Request) -> Truth:
    """Whether a rule covers a request for a resource."""
    if isinstance(rule, Unknown):
        return rule
    return all_of([
        _among(lookup(rule, "verbs"), lambda verb: verb in ("*", request.verb)),
        _among(lookup(rule, "apiGroups"), lambda group: group in ("*", request.group)),
        _among(lookup(rule, "resources"), lambda resource: _is_resource(resource, request)),
        _is_named(lookup(rule, "resourceNames"), request),
    ])  # fmt: skip


def covers_path(rule: Value, verb: str, path: str) -> Truth:
    """Whether a rule covers a request for a path that is no resource (`/metrics`)."""
    if isinstance(rule, Unknown):
        return rule
    return all_of([_among(lookup(rule, "verbs"), lambda v: v in ("*", verb)), _among(lookup(rule, "nonResourceURLs"), lambda p: _is_path(p, path))])


def _rules(role: Role, cluster_roles: Sequence[Role], seen: frozenset[str]) -> Iterator[tuple[Value, Truth]]:
    selectors = role.aggregation
    if isinstance(selectors, Unknown):
        yield selectors, True
        return
    if not selectors:
        for rule in mappings(role.rules):
            yield rule, True
        return
    for other in cluster_roles:
        if other.name == role.name or other.name in seen or len(seen) > MAX_AGGREGATION:
            continue
        chosen = any_of(s if isinstance(s, Unknown) else _truth(selects(s, other.labels)) for s in mappings(selectors))
        if chosen is not False:
            for rule, certain in _rules(other, cluster_roles, seen | {role.name}):
                yield rule, all_of([chosen, certain])


def _roles(binding: Binding, roles: Roles) -> Sequence[Role] | Unknown:
    kind, name = binding.role.kind, binding.role.name
    for part in (kind, name):
        if isinstance(part, Unknown):
            return part
    return roles(EVERYWHERE if kind == "ClusterRole" else binding.namespace, str(name))


def _is_subject(account: Account, binding: Binding) -> Truth:
    return any_of(subject if isinstance(subject, Unknown) else _is(account, subject, binding) for subject in mappings(binding.subjects))


def _is(account: Account, subject: Value, binding: Binding) -> Truth:
    kind, name = lookup(subject, "kind"), lookup(subject, "name")
    if isinstance(kind, Unknown):
        return kind
    if kind == "ServiceAccount":
        # A namespace is required of it; client-side tools fill in that of the binding where it is left out.
        namespace = lookup(subject, "namespace") or binding.namespace or Unknown.because(f"{binding.name} leaves the namespace of {name} open")
        return all_of([_same(name, account.name), _same(namespace, account.namespace) or _elsewhere(account, namespace)])
    if kind == "Group":
        if isinstance(name, str) and name.startswith("system:serviceaccounts:"):
            return name in account.groups or _elsewhere(account, name.removeprefix("system:serviceaccounts:"))
        return name if isinstance(name, Unknown) else name in account.groups
    return _same(name, account.user) if kind == "User" else False


def _elsewhere(account: Account, namespace: Value) -> Truth:
    """Whether an account is that of another namespace after all, as its own is not written."""
    return False if account.settled else Unknown.because(f"whether {account.name} is applied to the namespace {namespace} is not known")


def _same(value: Value, wanted: str) -> Truth:
    return value if isinstance(value, Unknown) else value == wanted


def _is_resource(written: Value, request: Request) -> bool:
    full = f"{request.resource}/{request.subresource}" if request.subresource else request.resource
    return written in ("*", full) or (bool(request.subresource) and written == f"*/{request.subresource}")


def _is_named(names: Value, request: Request) -> Truth:
    if isinstance(names, Unknown):
        return names
    if not names and not isinstance(names, OpenList):
        return True
    return _among(names, lambda name: bool(request.name) and name == request.name)


def _is_path(written: Value, path: str) -> bool:
    return written in ("*", path) or (isinstance(written, str) and written.endswith("*") and path.startswith(written.rstrip("*")))


def _among(values: Value, holds: Callable[[Value], bool]) -> Truth:
    return any_of(value if isinstance(value, Unknown) else holds(value) for value in members(values))


def _truth(result: object) -> Truth:
    if isinstance(result, bool | Unknown):
        return result
    return Unknown.because(f"the selector cannot be read: {getattr(result, 'message', result)}")
