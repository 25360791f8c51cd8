"""NetworkPolicies by the API's documentation, sentence by sentence."""

from __future__ import annotations

from typing import Any

import pytest

from gonogo.cluster.network import (
    AddressEnd,
    Direction,
    End,
    PodEnd,
    Policy,
    Port,
    connects,
    isolating,
    isolation,
    permits,
    reaches_metadata_server,
)
from gonogo.model.value import OpenList, Unknown

HIDDEN = Unknown.because("a template fills it in")
SHOP = {"kubernetes.io/metadata.name": "shop", "team": "web"}
OPS = {"kubernetes.io/metadata.name": "ops", "team": "sre"}
WEB = PodEnd("shop", {"app": "web", "tier": "front"}, SHOP, ({"name": "http", "containerPort": 8080}, {"name": "dns", "containerPort": 53, "protocol": "UDP"}))
DB = PodEnd("shop", {"app": "db"}, SHOP, ({"name": "sql", "containerPort": 5432},))
PROBE = PodEnd("ops", {"app": "probe"}, OPS)
WORLD = AddressEnd("203.0.113.9")
LAN = AddressEnd("10.1.2.3")
HTTP = Port(8080)
ALL: dict[str, Any] = {"podSelector": {}}


def ingress(*rules: Any, **more: Any) -> dict[str, Any]:
    return {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": list(rules), **more}


def egress(*rules: Any, **more: Any) -> dict[str, Any]:
    return {"podSelector": {}, "policyTypes": ["Egress"], "egress": list(rules), **more}


def peers(*given: Any) -> dict[str, Any]:
    return {"from": list(given)}


def to(*given: Any) -> dict[str, Any]:
    return {"to": list(given)}


def ports(*given: Any) -> dict[str, Any]:
    return {"ports": list(given)}


def app(name: str) -> dict[str, Any]:
    return {"podSelector": {"matchLabels": {"app": name}}}


def allowed(spec: Any, source: End, target: End, port: Port = HTTP, namespace: str = "shop") -> Any:
    return connects(source, target, [Policy("p", namespace, spec)], port)


@pytest.mark.parametrize(
    ("spec", "source", "target", "port", "expected"),
    [
        # Without a policy that selects it nothing is isolated.
        ({"podSelector": {"matchLabels": {"app": "db"}}}, WORLD, WEB, HTTP, True),
        # An empty selector selects all pods of the namespace, and only of that one.
        (ALL, WORLD, WEB, HTTP, False),
        (ALL, WEB, DB, HTTP, False),
        (ALL, WEB, PROBE, HTTP, True),
        ({}, WORLD, WEB, HTTP, False),
        # policyTypes defaults: ingress always, egress where there are egress rules; an empty list of them is none.
        ({"podSelector": {}, "egress": [to(app("db"))]}, WORLD, WEB, HTTP, False),
        ({"podSelector": {}, "egress": [to(app("db"))]}, WEB, WORLD, HTTP, False),
        ({"podSelector": {}, "egress": []}, WEB, WORLD, HTTP, True),
        ({"podSelector": {}, "policyTypes": []}, WORLD, WEB, HTTP, False),
        ({"podSelector": {}, "policyTypes": ["Egress"]}, WORLD, WEB, HTTP, True),
        ({"podSelector": {}, "policyTypes": ["Egress"]}, WEB, WORLD, HTTP, False),
        ({"podSelector": {}, "policyTypes": ["Egress"], "ingress": [peers(app("db"))]}, WORLD, WEB, HTTP, True),
        # An empty rule lets everything through; no rule nothing.
        (ingress({}), WORLD, WEB, HTTP, True),
        (ingress(), WEB, DB, HTTP, False),
        (ingress({"from": [], "ports": []}), WORLD, WEB, HTTP, True),
        # A pod selector alone is about pods of the policy's own namespace.
        (ingress(peers(app("web"))), WEB, DB, HTTP, True),
        (ingress(peers(app("probe"))), PROBE, DB, HTTP, False),
        (ingress(peers(app("web"))), WORLD, DB, HTTP, False),
        # An empty pod selector is every pod of the namespace, and no address.
        (ingress(peers({"podSelector": {}})), WEB, DB, HTTP, True),
        (ingress(peers({"podSelector": {}})), PROBE, DB, HTTP, False),
        # A namespace selector alone is all pods of the namespaces; an empty one of all namespaces.
        (ingress(peers({"namespaceSelector": {"matchLabels": {"team": "sre"}}})), PROBE, DB, HTTP, True),
        (ingress(peers({"namespaceSelector": {"matchLabels": {"team": "sre"}}})), WEB, DB, HTTP, False),
        (ingress(peers({"namespaceSelector": {}})), PROBE, DB, HTTP, True),
        (ingress(peers({"namespaceSelector": {}})), WORLD, DB, HTTP, False),
        (ingress(peers({"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ops"}}})), PROBE, DB, HTTP, True),
        # Both in one peer: and. In two peers: or.
        (ingress(peers({"namespaceSelector": {"matchLabels": {"team": "sre"}}, **app("other")})), PROBE, DB, HTTP, False),
        (ingress(peers({"namespaceSelector": {"matchLabels": {"team": "sre"}}, **app("probe")})), PROBE, DB, HTTP, True),
        (ingress(peers({"namespaceSelector": {"matchLabels": {"team": "sre"}}}, app("other"))), PROBE, DB, HTTP, True),
        # Match expressions.
        (ingress(peers({"podSelector": {"matchExpressions": [{"key": "app", "operator": "In", "values": ["web", "x"]}]}})), WEB, DB, HTTP, True),
        (ingress(peers({"podSelector": {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]}})), WEB, DB, HTTP, False),
        (ingress(peers({"podSelector": {"matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]}})), WEB, DB, HTTP, False),
        (ingress(peers({"podSelector": {"matchExpressions": [{"key": "tier", "operator": "Exists"}]}})), WEB, DB, HTTP, True),
        # Address blocks and their exceptions.
        (ingress(peers({"ipBlock": {"cidr": "10.0.0.0/8"}})), LAN, DB, HTTP, True),
        (ingress(peers({"ipBlock": {"cidr": "10.0.0.0/8"}})), WORLD, DB, HTTP, False),
        (ingress(peers({"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}})), LAN, DB, HTTP, False),
        (ingress(peers({"ipBlock": {"cidr": "0.0.0.0/0"}})), WORLD, DB, HTTP, True),
        (ingress(peers({"ipBlock": {"cidr": "::/0"}})), WORLD, DB, HTTP, False),
        (ingress(peers({"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}}, {"ipBlock": {"cidr": "10.1.2.0/24"}})), LAN, DB, HTTP, True),
        # Ports: TCP where no protocol is written; a protocol alone is all its ports.
        (ingress(ports({"port": 8080})), WORLD, WEB, HTTP, True),
        (ingress(ports({"port": 8081})), WORLD, WEB, HTTP, False),
        (ingress(ports({"port": 8080})), WORLD, WEB, Port(8080, "UDP"), False),
        (ingress(ports({"protocol": "UDP"})), WORLD, WEB, Port(9, "UDP"), True),
        (ingress(ports({})), WORLD, WEB, Port(9), True),
        (ingress(ports({"port": 8000, "endPort": 8100})), WORLD, WEB, HTTP, True),
        (ingress(ports({"port": 8000, "endPort": 8079})), WORLD, WEB, HTTP, False),
        # Names are those of the ports of the pod that is connected to.
        (ingress(ports({"port": "http"})), WORLD, WEB, HTTP, True),
        (ingress(ports({"port": "http"})), WORLD, DB, HTTP, False),
        (ingress(ports({"port": "dns"})), WORLD, WEB, Port(53), False),
        (ingress(ports({"port": "dns", "protocol": "UDP"})), WORLD, WEB, Port(53, "UDP"), True),
        (egress(ports({"port": "sql"})), WEB, DB, Port(5432), True),
        (egress(ports({"port": "sql"})), WEB, WORLD, Port(5432), False),
        # Peers and ports of one rule: and.
        (ingress({**peers(app("web")), **ports({"port": 5432})}), WEB, DB, Port(5432), True),
        (ingress({**peers(app("web")), **ports({"port": 5432})}), WEB, DB, HTTP, False),
        (ingress({**peers(app("web")), **ports({"port": 5432})}, peers(app("x"))), WEB, DB, Port(5432), True),
        # Egress.
        (egress(to({"ipBlock": {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8"]}})), WEB, WORLD, HTTP, True),
        (egress(to({"ipBlock": {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8"]}})), WEB, LAN, HTTP, False),
        (egress(to({"ipBlock": {"cidr": "0.0.0.0/0"}})), WEB, DB, HTTP, False),
        # A pod always reaches itself.
        (ALL, WEB, WEB, HTTP, True),
    ],
)  # fmt: skip
def test_what_one_policy_lets_through(spec: Any, source: End, target: End, port: Port, expected: bool) -> None:
    assert allowed(spec, source, target, port) is expected


def test_policies_only_add_up() -> None:
    closed, opened = Policy("closed", "shop", ALL), Policy("opened", "shop", ingress(peers(app("web"))))
    assert connects(WEB, DB, [closed], HTTP) is False
    assert connects(WEB, DB, [closed, opened], HTTP) is True


def test_both_ends_must_let_a_connection_through() -> None:
    out, into = Policy("out", "shop", egress(to(app("db")))), Policy("in", "shop", {**ingress(peers(app("probe"))), **app("db")})
    assert connects(WEB, DB, [out], HTTP) is True
    assert connects(WEB, DB, [out, into], HTTP) is False


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"podSelector": {"matchLabels": {"app": HIDDEN}}}, HIDDEN),
        ({"podSelector": {"matchLabels": {"app": HIDDEN, "tier": "back"}}}, True),
        ({"podSelector": HIDDEN}, HIDDEN),
        ({"podSelector": {}, "policyTypes": HIDDEN}, HIDDEN),
        (ingress(HIDDEN), HIDDEN),
        (ingress(HIDDEN, {}), True),
        (ingress(peers(HIDDEN)), HIDDEN),
        (ingress(peers({"ipBlock": {"cidr": HIDDEN}})), HIDDEN),
        (ingress({**peers({"ipBlock": {"cidr": HIDDEN}}), **ports({"port": 1})}), False),
        (ingress(ports({"port": HIDDEN})), HIDDEN),
        ({"podSelector": {}, "ingress": OpenList([], HIDDEN)}, HIDDEN),
        (ingress(peers({"ipBlock": {"cidr": "not a block"}})), Unknown.because("not a block is no address block")),
        ({"podSelector": {"app": "web"}}, Unknown.because("the selector cannot be read: a LabelSelector has no field app")),
    ],
)
def test_what_is_not_known_decides_nothing_that_the_rest_does_not(spec: Any, expected: Any) -> None:
    assert allowed(spec, WORLD, WEB) == expected


def test_what_is_left_open_is_told_with_the_policies() -> None:
    deny, block = Policy("deny", "shop", ALL), Policy("block", "shop", {**ingress(peers({"ipBlock": {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8"]}})), **app("web")})
    cluster = Policy("cluster", "shop", ingress(peers({"namespaceSelector": {}})))
    assert [s.policy.name for s in isolating(WEB, [deny, block, Policy("other", "ops", ALL)], Direction.INGRESS)] == ["deny", "block"]
    found = isolation(WEB, [deny, block], Direction.INGRESS)
    assert (found.isolated, found.anywhere, found.any_pod) == (True, True, False)
    found = isolation(DB, [deny, block], Direction.INGRESS)
    assert (found.isolated, found.anywhere, found.any_pod) == (True, False, False)
    found = isolation(DB, [deny, cluster], Direction.INGRESS)
    assert (found.anywhere, found.any_pod) == (False, True)
    found = isolation(WEB, [deny, block], Direction.EGRESS)
    assert (found.isolated, found.policies, found.anywhere, found.any_pod) == (False, (), True, True)


def test_the_metadata_server_is_an_address_like_another() -> None:
    assert reaches_metadata_server(WEB, []) is True
    assert reaches_metadata_server(WEB, [Policy("p", "shop", egress(to({"namespaceSelector": {}})))]) is False
    everywhere = {"cidr": "0.0.0.0/0"}
    assert reaches_metadata_server(WEB, [Policy("p", "shop", egress(to({"ipBlock": everywhere})))]) is True
    assert reaches_metadata_server(WEB, [Policy("p", "shop", egress(to({"ipBlock": {**everywhere, "except": ["169.254.0.0/16"]}})))]) is False
    assert permits(WEB, [Policy("p", "shop", egress(ports({"port": 443})))], Direction.EGRESS, AddressEnd("169.254.169.254"), Port(80)) is False
