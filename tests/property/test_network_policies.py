"""A brute-force oracle for NetworkPolicies: it lists every pod, address and port, and builds sets of what may pass."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from itertools import product
from random import Random
from typing import Any

import pytest

from gonogo.cluster.network import AddressEnd, End, PodEnd, Policy, Port, connects
from gonogo.model.value import Unknown

KEYS, VALUES = ("app", "tier"), ("a", "b", "c")
ADDRESSES = ("10.0.0.7", "10.1.0.7", "192.0.2.1")
BLOCKS = ("0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "192.0.2.0/24")
NUMBERS = (80, 443, 8080, 53)
PROTOCOLS = ("TCP", "UDP")
WORLDS = 400
"""Of some 30 connections each."""


class World:
    """Pods of two namespaces, some addresses, and policies, drawn."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.namespaces = {name: {"kubernetes.io/metadata.name": name, **self.labels()} for name in ("one", "two")}
        self.pods = [
            PodEnd(ns, self.labels(), self.namespaces[ns], tuple(self.container_ports()))
            for ns in (self.random.choice(("one", "two")) for _ in range(4))
        ]
        self.policies = [Policy(f"p{n}", self.random.choice(("one", "two")), self.spec()) for n in range(self.random.randint(0, 4))]

    def labels(self) -> dict[str, str]:
        return {key: self.random.choice(VALUES) for key in KEYS if self.random.random() < 0.7}

    def container_ports(self) -> Iterator[dict[str, Any]]:
        for name in ("web", "dns"):
            if self.random.random() < 0.6:
                port: dict[str, Any] = {"name": name, "containerPort": self.random.choice(NUMBERS)}
                yield port | ({"protocol": self.random.choice(PROTOCOLS)} if self.random.random() < 0.5 else {})

    def selector(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self.random.random() < 0.6:
            found["matchLabels"] = self.labels()
        if self.random.random() < 0.3:
            operator = self.random.choice(("In", "NotIn", "Exists", "DoesNotExist"))
            values = {"values": self.random.sample(VALUES, 2)} if operator.endswith("In") else {}
            found["matchExpressions"] = [{"key": self.random.choice(KEYS), "operator": operator, **values}]
        return found

    def spec(self) -> dict[str, Any]:
        spec: dict[str, Any] = {"podSelector": self.selector()}
        if self.random.random() < 0.6:
            spec["policyTypes"] = self.random.choice((["Ingress"], ["Egress"], ["Ingress", "Egress"], []))
        for direction, end in (("ingress", "from"), ("egress", "to")):
            if self.random.random() < 0.7:
                spec[direction] = [self.rule(end) for _ in range(self.random.randint(0, 3))]
        return spec

    def rule(self, end: str) -> dict[str, Any]:
        rule: dict[str, Any] = {}
        if self.random.random() < 0.7:
            rule[end] = [self.peer() for _ in range(self.random.randint(0, 2))]
        if self.random.random() < 0.6:
            rule["ports"] = [self.port() for _ in range(self.random.randint(0, 2))]
        return rule

    def peer(self) -> dict[str, Any]:
        if self.random.random() < 0.3:
            block: dict[str, Any] = {"cidr": self.random.choice(BLOCKS)}
            return {"ipBlock": block | ({"except": [self.random.choice(BLOCKS)]} if self.random.random() < 0.4 else {})}
        parts = self.random.choice((("podSelector",), ("namespaceSelector",), ("podSelector", "namespaceSelector")))
        return {part: self.selector() for part in parts}

    def port(self) -> dict[str, Any]:
        entry: dict[str, Any] = {"protocol": self.random.choice(PROTOCOLS)} if self.random.random() < 0.5 else {}
        if self.random.random() < 0.85:
            entry["port"] = self.random.choice((*NUMBERS, "web", "dns"))
            if isinstance(entry["port"], int) and self.random.random() < 0.3:
                entry["endPort"] = entry["port"] + self.random.choice((0, 400, 8000))
        return entry

    @property
    def ends(self) -> list[End]:
        return [*self.pods, *map(AddressEnd, ADDRESSES)]


# --- the oracle: sets of (index of an end, number, protocol), nothing shared with the code under test ---


def matches(selector: dict[str, Any], labels: Any) -> bool:
    pairs = set((selector.get("matchLabels") or {}).items())
    if not pairs <= set(labels.items()):
        return False
    for wanted in selector.get("matchExpressions") or ():
        value = labels.get(wanted["key"])
        verdict = {
            "In": value in wanted.get("values", ()), "NotIn": value not in wanted.get("values", ()),
            "Exists": value is not None, "DoesNotExist": value is None,
        }[wanted["operator"]]  # fmt: skip
        if not verdict:
            return False
    return True


def inside(address: str, block: str) -> bool:
    return ipaddress.IPv4Address(address) in ipaddress.IPv4Network(block)


def members(world: World, peers: list[dict[str, Any]] | None, namespace: str) -> set[int]:
    """The ends that a list of peers is about."""
    if not peers:
        return set(range(len(world.ends)))
    found: set[int] = set()
    for peer, (at, end) in product(peers, enumerate(world.ends)):
        if "ipBlock" in peer:
            block = peer["ipBlock"]
            if isinstance(end, AddressEnd) and inside(end.address, block["cidr"]) and not any(inside(end.address, e) for e in block.get("except", ())):
                found.add(at)
        elif isinstance(end, PodEnd):
            spaces = {name for name, labels in world.namespaces.items() if matches(peer["namespaceSelector"], labels)} if "namespaceSelector" in peer else {namespace}
            if end.namespace in spaces and matches(peer.get("podSelector", {}), end.labels):
                found.add(at)
    return found


def numbers(entries: list[dict[str, Any]] | None, target: End) -> set[tuple[int, str]]:
    """The ports of a target that a list of ports is about."""
    everything = set(product(NUMBERS, PROTOCOLS))
    if not entries:
        return everything
    found: set[tuple[int, str]] = set()
    for entry in entries:
        protocol, port = entry.get("protocol", "TCP"), entry.get("port")
        if port is None:
            found |= {(n, p) for n, p in everything if p == protocol}
        elif isinstance(port, int):
            found |= {(n, p) for n, p in everything if p == protocol and port <= n <= entry.get("endPort", port)}
        elif isinstance(target, PodEnd):
            named: list[Any] = [c for c in target.ports if c["name"] == port and c.get("protocol", "TCP") == protocol]  # type: ignore[index,call-overload,union-attr]
            found |= {(c["containerPort"], protocol) for c in named}
    return found


def let_through(world: World, pod: PodEnd, direction: str) -> set[tuple[int, int, str]]:
    """(other end, port, protocol) of every connection that the policies of a pod let through."""
    every = {(at, n, p) for at in range(len(world.ends)) for n, p in product(NUMBERS, PROTOCOLS)}
    specs: list[Any] = [p.spec for p in world.policies if p.namespace == pod.namespace]
    mine = [s for s in specs if matches(s["podSelector"], pod.labels) and direction in (s.get("policyTypes") or (["Ingress", "Egress"] if s.get("egress") else ["Ingress"]))]
    if not mine:
        return every
    found: set[tuple[int, int, str]] = set()
    for spec in mine:
        for rule in spec.get(direction.lower()) or ():
            for at in members(world, rule.get("from" if direction == "Ingress" else "to"), pod.namespace):
                target = pod if direction == "Ingress" else world.ends[at]
                found |= {(at, n, p) for n, p in numbers(rule.get("ports"), target)}
    return found


def test_every_connection_is_as_the_oracle_lists_it() -> None:
    asked = 0
    for seed in range(WORLDS):
        world = World(seed)
        incoming = {at: let_through(world, end, "Ingress") for at, end in enumerate(world.ends) if isinstance(end, PodEnd)}
        outgoing = {at: let_through(world, end, "Egress") for at, end in enumerate(world.ends) if isinstance(end, PodEnd)}
        ends = list(enumerate(world.ends))
        for (here, source), (there, target) in world.random.sample(list(product(ends, ends)), 6):
            if isinstance(source, AddressEnd) and isinstance(target, AddressEnd):
                continue
            for number, protocol in product(NUMBERS, PROTOCOLS):
                passes = (here not in outgoing or (there, number, protocol) in outgoing[here]) and (there not in incoming or (here, number, protocol) in incoming[there])
                expected = here == there or passes
                assert connects(source, target, world.policies, Port(number, protocol)) is expected, (seed, source, target, number, protocol)
                asked += 1
    assert asked > 10_000


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from leaves(inner, (*path, at))
    else:
        yield path


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    if isinstance(value, dict):
        return {key: replaced(inner, path[1:], new) if key == path[0] else inner for key, inner in value.items()}
    return [replaced(inner, path[1:], new) if at == path[0] else inner for at, inner in enumerate(value)]


@pytest.mark.parametrize("seed", range(0, 2000, 10))
def test_what_is_decided_without_a_leaf_holds_whatever_it_is(seed: int) -> None:
    """Kleene soundness: an answer in spite of an unknown is the answer for the value that stood there."""
    world = World(seed)
    if not world.policies:
        return
    policy = world.random.choice(world.policies)
    paths = list(leaves(policy.spec))
    if not paths:
        return
    hidden = Policy(policy.name, policy.namespace, replaced(policy.spec, world.random.choice(paths), Unknown.because("hidden")))
    policies = [hidden if p is policy else p for p in world.policies]
    for source, target in world.random.sample(list(product(world.ends, world.pods)), 5):
        for number, protocol in product(NUMBERS, PROTOCOLS):
            without = connects(source, target, policies, Port(number, protocol))
            if not isinstance(without, Unknown):
                assert without is connects(source, target, world.policies, Port(number, protocol)), (seed, hidden.spec)
