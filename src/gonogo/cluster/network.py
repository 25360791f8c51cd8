"""What NetworkPolicies of networking.k8s.io/v1 let through, as the API reference and its defaulting say.

* A pod is isolated in a direction once a policy of its namespace selects it and has that type; else everything is let through.
  https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation
* Without `policyTypes` a policy is of type Ingress, and of type Egress where it has egress rules
  (SetDefaults_NetworkPolicy, kubernetes/pkg/apis/networking/v1/defaults.go).
* Policies only add up: what one rule of one of them lets through is let through. A connection needs both ends.
* A pod always reaches itself, and its node always reaches it; pods in the network of their node are not selected in any way that
  plugins agree on, so that nobody should ask about them.

Every answer is three-valued. An `ipBlock` is about addresses: whether it holds pods is up to the network plugin, so a pod is let
through by selectors only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address, ip_network
from typing import TypeAlias

from gonogo.cluster.members import mappings, members
from gonogo.cluster.openness import is_everybody, openings
from gonogo.cluster.truth import Truth, all_of, any_of, negated
from gonogo.lang.selectors import selects
from gonogo.model.value import Unknown, Value, lookup

METADATA_SERVER = "169.254.169.254"
"""Of Google Cloud, AWS and Azure alike: whoever reaches it may ask for the credentials of the node."""
NAME_LABEL = "kubernetes.io/metadata.name"
"""Set on every namespace by the API server (https://kubernetes.io/docs/reference/labels-annotations-taints/)."""
_DEFAULT_PROTOCOL = "TCP"


class Direction(StrEnum):
    INGRESS = "Ingress"
    EGRESS = "Egress"

    @property
    def rules(self) -> str:
        return self.value.lower()

    @property
    def peers(self) -> str:
        return "from" if self is Direction.INGRESS else "to"


@dataclass(frozen=True, slots=True)
class Policy:
    """A NetworkPolicy; `spec` as it is written. `applies`: whether it is of the pod's cluster and namespace, where that is not certain."""

    name: str
    namespace: str
    spec: Value
    applies: Truth = True


@dataclass(frozen=True, slots=True)
class PodEnd:
    """A pod as one end of a connection. `ports` are its containers' (`name`, `containerPort`, `protocol`)."""

    namespace: str
    labels: Value
    namespace_labels: Value
    ports: Sequence[Value] = ()


@dataclass(frozen=True, slots=True)
class AddressEnd:
    """An address outside of the cluster."""

    address: str


End: TypeAlias = PodEnd | AddressEnd
_OfRule: TypeAlias = Callable[[Value], Truth]
"""What is asked of a rule or of a peer."""


@dataclass(frozen=True, slots=True)
class Port:
    number: int
    protocol: str = _DEFAULT_PROTOCOL


@dataclass(frozen=True, slots=True)
class Selected:
    """A policy that isolates a pod in a direction, or may."""

    policy: Policy
    certain: Truth


@dataclass(frozen=True, slots=True)
class Isolation:
    """What is left open of a pod in one direction.

    `unrestricted`: every address on every port, whether by one rule or by several; `anywhere`: any address, on some port at least;
    `any_pod`: any pod of any namespace, on some port at least.
    """

    isolated: Truth
    policies: tuple[Selected, ...]
    unrestricted: Truth
    anywhere: Truth
    any_pod: Truth


def isolating(pod: PodEnd, policies: Iterable[Policy], direction: Direction) -> tuple[Selected, ...]:
    """The policies that select a pod and are of a type, in their order."""
    found = ((p, all_of([_selects_pod(p, pod), _has_type(p, direction), p.applies])) for p in policies if p.namespace == pod.namespace)
    return tuple(Selected(policy, certain) for policy, certain in found if certain is not False)


def isolation(pod: PodEnd, policies: Iterable[Policy], direction: Direction) -> Isolation:
    """How far a pod is isolated in a direction, and by what."""
    selected = isolating(pod, policies, direction)
    isolated = any_of(s.certain for s in selected)
    rules = [(rule, s.certain) for s in selected for rule in _rules(s.policy, direction)]
    return Isolation(
        isolated,
        selected,
        any_of([negated(isolated), is_everybody([*openings(rules, direction.peers, exactly=True)])]),
        any_of([negated(isolated), is_everybody([*openings(rules, direction.peers, exactly=False)])]),
        any_of([negated(isolated), *(all_of([certain, _peers(rule, direction, _is_any_pod)]) for rule, certain in rules)]),
    )


def permits(pod: PodEnd, policies: Iterable[Policy], direction: Direction, other: End, port: Port) -> Truth:
    """Whether the policies of a pod let it have a connection with `other`: from it (Ingress) to `port` of the pod, or to `port` of it (Egress)."""
    selected = isolating(pod, policies, direction)
    target = pod if direction is Direction.INGRESS else other

    def matches(rule: Value, policy: Policy) -> Truth:
        return all_of([_peers(rule, direction, lambda peer: _is_peer(peer, policy, other)), _ports(rule, target, port)])

    isolated = any_of(s.certain for s in selected)
    return any_of([negated(isolated), *(all_of([s.certain, any_of(matches(r, s.policy) for r in _rules(s.policy, direction))]) for s in selected)])


def connects(source: PodEnd | AddressEnd, target: End, policies: Sequence[Policy], port: Port) -> Truth:
    """Whether `source` may open a connection to `port` of `target`."""
    if source is target:
        return True
    outgoing = permits(source, policies, Direction.EGRESS, target, port) if isinstance(source, PodEnd) else True
    incoming = permits(target, policies, Direction.INGRESS, source, port) if isinstance(target, PodEnd) else True
    return all_of([outgoing, incoming])


def reaches_metadata_server(pod: PodEnd, policies: Iterable[Policy]) -> Truth:
    """Whether a pod may ask the metadata server of its node."""
    return permits(pod, policies, Direction.EGRESS, AddressEnd(METADATA_SERVER), Port(80))


def _selects_pod(policy: Policy, pod: PodEnd) -> Truth:
    # The API server stores a selector that is not written as an empty one, which selects every pod of the namespace.
    selector = lookup(policy.spec, "podSelector", default={})
    return _truth(selects({} if selector is None else selector, pod.labels))


def _has_type(policy: Policy, direction: Direction) -> Truth:
    types = lookup(policy.spec, "policyTypes")
    given = [*members(types)]
    if not given:
        return True if direction is Direction.INGRESS else _has_rules(policy)
    return any_of(t if isinstance(t, Unknown) else t == direction.value for t in given)


def _has_rules(policy: Policy) -> Truth:
    rules = [*_rules(policy, Direction.EGRESS)]
    return any_of(rule if isinstance(rule, Unknown) else True for rule in rules)


def _rules(policy: Policy, direction: Direction) -> Iterator[Value]:
    """The rules of a direction; the unknown itself stands for rules that are not known."""
    yield from mappings(lookup(policy.spec, direction.rules))


def _peers(rule: Value, direction: Direction, holds: _OfRule) -> Truth:
    """Whether the peers of a rule hold: no list of them, or an empty one, is everybody."""
    if isinstance(rule, Unknown):
        return rule
    peers = [*mappings(lookup(rule, direction.peers))]
    return not peers or any_of(peer if isinstance(peer, Unknown) else holds(peer) for peer in peers)


def _is_peer(peer: Value, policy: Policy, other: End) -> Truth:
    block = lookup(peer, "ipBlock")
    if isinstance(block, Unknown):
        return block
    if block is not None:
        return _in_block(block, other.address) if isinstance(other, AddressEnd) else False
    if isinstance(other, AddressEnd):
        return False
    pods, namespaces = lookup(peer, "podSelector"), lookup(peer, "namespaceSelector")
    if pods is None and namespaces is None:
        return False  # the API server refuses an empty peer
    inside = other.namespace == policy.namespace if namespaces is None else _truth(selects(namespaces, other.namespace_labels))
    return all_of([inside, True if pods is None else _truth(selects(pods, other.labels))])


def _is_any_pod(peer: Value) -> Truth:
    """Whether a peer is every pod of every namespace. An address block is about what is outside."""
    pods, namespaces = lookup(peer, "podSelector"), lookup(peer, "namespaceSelector")
    return all_of([_is_empty(namespaces), True if pods is None else _is_empty(pods)])


def _is_empty(selector: Value) -> Truth:
    """Whether a selector is there and selects everything."""
    if isinstance(selector, Unknown):
        return selector
    if not isinstance(selector, Mapping):
        return False
    parts = [selector.get("matchLabels"), selector.get("matchExpressions")]
    unknown = [part for part in parts if isinstance(part, Unknown)]
    if any(part for part in parts if not isinstance(part, Unknown)):
        return False
    return Unknown.merge(unknown) if unknown else True


def _in_block(block: Value, address: str) -> Truth:
    """Whether an address is in a block and in none of its exceptions."""
    inside = _in_network(lookup(block, "cidr"), address)
    outside = any_of(_in_network(part, address) for part in members(lookup(block, "except")))
    return all_of([inside, negated(outside)])


def _in_network(cidr: Value, address: str) -> Truth:
    if isinstance(cidr, Unknown):
        return cidr
    try:
        return ip_address(address) in ip_network(str(cidr), strict=False)
    except ValueError:
        return Unknown.because(f"{cidr} is no address block")


def _ports(rule: Value, target: End, port: Port) -> Truth:
    """Whether the ports of a rule hold: no list of them, or an empty one, is every port of every protocol."""
    if isinstance(rule, Unknown):
        return rule
    ports = [*mappings(lookup(rule, "ports"))]
    return not ports or any_of(entry if isinstance(entry, Unknown) else _is_port(entry, target, port) for entry in ports)


def _is_port(entry: Value, target: End, port: Port) -> Truth:
    protocol = lookup(entry, "protocol")
    same = protocol if isinstance(protocol, Unknown) else (protocol or _DEFAULT_PROTOCOL) == port.protocol
    return all_of([same, _is_number(lookup(entry, "port"), lookup(entry, "endPort"), target, port)])


def _is_number(number: Value, last: Value, target: End, port: Port) -> Truth:
    if number is None:
        return True
    if isinstance(number, Unknown):
        return number
    if isinstance(number, int):
        if last is None:
            return number == port.number
        return last if isinstance(last, Unknown) else isinstance(last, int) and number <= port.number <= last
    # A name is that of a container's port of whoever is connected to; an address has none.
    if not isinstance(target, PodEnd):
        return False
    return any_of(_is_named(entry, str(number), port) for entry in target.ports)


def _is_named(entry: Value, name: str, port: Port) -> Truth:
    if isinstance(entry, Unknown):
        return entry
    wanted = (("name", name, None), ("containerPort", port.number, None), ("protocol", port.protocol, _DEFAULT_PROTOCOL))
    values = ((lookup(entry, key), value, default) for key, value, default in wanted)
    return all_of(found if isinstance(found, Unknown) else (default if found is None else found) == value for found, value, default in values)


def _truth(result: object) -> Truth:
    """The answer of a selector; one that cannot be evaluated answers nothing."""
    if isinstance(result, bool | Unknown):
        return result
    return Unknown.because(f"the selector cannot be read: {getattr(result, 'message', result)}")
