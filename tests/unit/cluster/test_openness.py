"""Which policies let everybody through: cases, and random ones against an oracle that tries addresses and ports."""

from __future__ import annotations

import random
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from gonogo.cluster.openness import is_everybody, openings
from gonogo.model.value import OpenList, Unknown

HIDDEN = Unknown.because("filled in")


def block(cidr: Any, *without: str) -> dict[str, Any]:
    return {"ipBlock": {"cidr": cidr, "except": [*without]} if without else {"cidr": cidr}}


def asked(*rules: Any, exactly: bool = True) -> Any:
    return is_everybody([*openings([(rule, True) for rule in rules], "from", exactly=exactly)])


LOW, HIGH = block("0.0.0.0/1"), block("128.0.0.0/1")
HTTP = {"port": 80}


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([], False),
        ([{}], True),
        ([{"from": []}], True),
        ([{"from": None, "ports": None}], True),
        ([{"ports": []}], True),
        ([{"ports": [HTTP]}], False),
        ([{"ports": [{"protocol": "TCP"}]}], True),
        ([{"ports": [{"protocol": "UDP"}]}], False),
        ([{"ports": [{"port": 1, "endPort": 65535}]}], True),
        ([{"ports": [{"port": 1, "endPort": 1000}, {"port": 1001, "endPort": 65535}]}], True),
        ([{"ports": [{"port": 1, "endPort": 1000}, {"port": 1002, "endPort": 65535}]}], False),
        ([{"ports": [{"port": "http"}]}], False),
        ([{"from": [block("0.0.0.0/0")]}], True),
        ([{"from": [block("::/0")]}], True),
        ([{"from": [block("1.2.3.4/0")]}], True),
        ([{"from": [LOW]}], False),
        ([{"from": [LOW, HIGH]}], True),
        ([{"from": [LOW]}, {"from": [HIGH]}], True),
        ([{"from": [LOW]}, {"from": [HIGH], "ports": [HTTP]}], False),
        ([{"from": [block("0.0.0.0/0", "10.0.0.0/8")]}], False),
        ([{"from": [block("0.0.0.0/0", "10.0.0.0/8")]}, {"from": [block("10.0.0.0/8")]}], True),
        ([{"from": [block("0.0.0.0/0", "::/0")]}], True),
        ([{"from": [{"namespaceSelector": {}}]}], False),
        ([{"from": [block(HIDDEN)]}], HIDDEN),
        ([{"from": [block(HIDDEN)], "ports": [HTTP]}], False),
        ([{"from": [LOW], "ports": HIDDEN}, {"from": [HIGH]}], HIDDEN),
        ([{"from": [LOW], "ports": HIDDEN}], False),
        ([{"from": OpenList([LOW], HIDDEN)}], HIDDEN),
        ([HIDDEN], HIDDEN),
        ([HIDDEN, {}], True),
    ],
)
def test_who_is_everybody(rules: list[Any], expected: Any) -> None:
    assert asked(*rules) == expected


@pytest.mark.parametrize("written", ["${CIDR}", "10.0.0.0/33", 7])
def test_what_is_no_block_may_be_any(written: Any) -> None:
    assert isinstance(asked({"from": [block(written)]}), Unknown)
    assert isinstance(asked({"from": ["${PEER}"]}), Unknown)
    assert isinstance(asked({"from": "${PEERS}"}), Unknown)


def test_exceptions_and_ports_may_be_left_out_of_account() -> None:
    rule = {"from": [block("0.0.0.0/0", "10.0.0.0/8")], "ports": [HTTP]}
    assert (asked(rule), asked(rule, exactly=False)) == (False, True)


def test_a_rule_that_may_be_in_force_may_open() -> None:
    found = [*openings([({}, HIDDEN), ({"from": [LOW]}, True)], "from", exactly=True)]
    assert is_everybody(found) == HIDDEN


def test_many_rules_are_asked_about_in_time() -> None:
    assert asked(*({"from": [block("0.0.0.0/0")], "ports": [{"port": n}]} for n in range(1, 20000))) is True


EIGHTHS = [f"{n * 32}.0.0.0/3" for n in range(8)]
PORTS = [(1, 21845), (21846, 43690), (43691, 65535)]


def test_random_rules_agree_with_trying_every_address_and_port() -> None:
    chance = random.Random(7)
    answers = {True: 0, False: 0}
    for _ in range(3000):
        rules = []
        for _ in range(chance.randint(1, 4)):
            peers = []
            for _ in range(chance.randint(0, 3)):
                cidr = chance.choice([*EIGHTHS, "0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1"])
                inside = [e for e in EIGHTHS if ip_network(e).subnet_of(ip_network(cidr))]  # type: ignore[arg-type]
                peers.append(block(cidr, *chance.sample(inside, chance.randint(0, 1))))
            ports = [{"port": first, "endPort": last} for first, last in chance.sample(PORTS, chance.randint(0, 3))]
            rules.append({"from": peers, "ports": ports})
        everything = all(any(lets(rule, eighth, port) for rule in rules) for eighth in EIGHTHS for port, _ in PORTS)
        assert asked(*rules) is everything, rules
        answers[everything] += 1
    assert min(answers.values()) > 300


def lets(rule: dict[str, Any], eighth: str, port: int) -> bool:
    address = ip_address(eighth.split("/")[0])
    blocks = [p["ipBlock"] for p in rule["from"]]
    from_here = not blocks or any(address in ip_network(b["cidr"]) and all(address not in ip_network(e) for e in b.get("except", ())) for b in blocks)
    return from_here and (not rule["ports"] or any(p["port"] <= port <= p["endPort"] for p in rule["ports"]))
