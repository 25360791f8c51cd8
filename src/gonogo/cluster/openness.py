"""Whether policies that select a pod let everybody through all the same, by one rule or by several together.

`0.0.0.0/1` and `128.0.0.0/1` are every address, as TCP 1 to 1000 and 1001 to 65535 are every port. What no address block says, a
selector of pods, is not everybody. Of the protocols TCP decides: a policy that leaves all of it open keeps next to nothing out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from typing import TypeAlias

from gonogo.cluster.members import mappings, members
from gonogo.cluster.truth import Truth, all_of
from gonogo.model.value import Unknown, Value, lookup

_FIRST_PORT, _LAST_PORT = 1, 65535
_MAX_PORTS = 1000
Range: TypeAlias = tuple[int, int]
"""First and last."""


@dataclass(frozen=True, slots=True)
class Opening:
    """Addresses, by the number of their bits, and ports that are let through, or may be."""

    addresses: tuple[tuple[int, Range], ...]
    ports: tuple[Range, ...]
    certain: Truth


_BITS = (32, 128)
_EVERY_ADDRESS = tuple((bits, (0, 2**bits - 1)) for bits in _BITS)
_EVERY_PORT = ((_FIRST_PORT, _LAST_PORT),)


def openings(rules: Iterable[tuple[Value, Truth]], peers: str, *, exactly: bool) -> Iterator[Opening]:
    """What rules open for addresses, each with whether it is in force. Unless `exactly`, exceptions and ports are left out of account."""
    for rule, certain in rules:
        if isinstance(rule, Unknown):
            yield Opening(_EVERY_ADDRESS, _EVERY_PORT, all_of([certain, rule]))
            continue
        ports, known = _ports(lookup(rule, "ports")) if exactly else (_EVERY_PORT, True)
        written = lookup(rule, peers)
        given = [*mappings(written)]
        if not given:
            yield Opening(_EVERY_ADDRESS, ports, all_of([certain, known]))
        for peer in given:
            addresses, sure = _addresses(peer, exactly)
            yield Opening(addresses, ports, all_of([certain, known, sure]))


def is_everybody(found: Sequence[Opening]) -> Truth:
    """Whether every address of a family may use every port."""
    if _covers([opening for opening in found if opening.certain is True]):
        return True
    doubts = [opening.certain for opening in found if isinstance(opening.certain, Unknown)]
    return Unknown.merge(doubts) if doubts and _covers(found) else False


def _covers(found: Sequence[Opening]) -> bool:
    ports = {_FIRST_PORT} | {edge for opening in found for first, last in opening.ports for edge in (first, last + 1) if edge <= _LAST_PORT}
    if len(ports) > _MAX_PORTS:
        return True  # nobody writes that many and keeps something out: the cautious answer
    return all(_every_address([o for o in found if any(first <= port <= last for first, last in o.ports)]) for port in sorted(ports))


def _every_address(found: Sequence[Opening]) -> bool:
    return any(_is_whole([r for opening in found for size, r in opening.addresses if size == bits], 2**bits - 1) for bits in _BITS)


def _is_whole(ranges: list[Range], last: int) -> bool:
    reached = -1
    for first, end in sorted(ranges):
        if first > reached + 1:
            return False
        reached = max(reached, end)
    return reached >= last


def _addresses(peer: Value, exactly: bool) -> tuple[tuple[tuple[int, Range], ...], Truth]:
    block = peer if isinstance(peer, Unknown) else lookup(peer, "ipBlock")
    if block is None:
        return (), True
    cidr = block if isinstance(block, Unknown) else lookup(block, "cidr")
    whole = _range(cidr)
    if isinstance(whole, Unknown):
        return _EVERY_ADDRESS, whole
    bits, rest = whole[0], [whole[1]]
    for part in members(lookup(block, "except")) if exactly else ():
        hole = _range(part)
        if isinstance(hole, Unknown):
            return ((bits, whole[1]),), hole
        rest = [*_without(rest, hole[1])] if hole[0] == bits else rest
    return tuple((bits, r) for r in rest), True


def _without(ranges: Iterable[Range], hole: Range) -> Iterator[Range]:
    for first, last in ranges:
        yield from (part for part in ((first, min(last, hole[0] - 1)), (max(first, hole[1] + 1), last)) if part[0] <= part[1])


def _range(cidr: Value) -> tuple[int, Range] | Unknown:
    if isinstance(cidr, Unknown):
        return cidr
    try:
        network = ip_network(str(cidr), strict=False)
    except ValueError:
        return Unknown.because(f"{cidr} is no address block")
    return network.max_prefixlen, (int(network.network_address), int(network.broadcast_address))


def _ports(written: Value) -> tuple[tuple[Range, ...], Truth]:
    """The TCP ports of a rule. A name is one port at most, which opens no more than the rest does."""
    entries = [*mappings(written)]
    if not entries:
        return _EVERY_PORT, True
    found: list[Range] = []
    for entry in entries:
        protocol, first, last = ((entry if isinstance(entry, Unknown) else lookup(entry, key)) for key in ("protocol", "port", "endPort"))
        unknown = next((part for part in (protocol, first, last) if isinstance(part, Unknown)), None)
        if unknown is not None:
            return _EVERY_PORT, unknown
        if protocol not in (None, "TCP"):
            continue
        if first is None:
            found.append((_FIRST_PORT, _LAST_PORT))
        elif isinstance(first, int):
            found.append((first, last if isinstance(last, int) else first))
    return tuple(found), True
