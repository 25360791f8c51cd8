"""IP network functions."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import TypeAlias

from gonogo.sources.terraform.functions.base import NUMBER, STRING, Function
from gonogo.sources.terraform.values import TfError, TfList

_Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network


def _network(prefix: str) -> _Network:
    try:
        if "/" not in prefix:
            raise ValueError("no prefix length")
        return ipaddress.ip_network(prefix, strict=False)
    except ValueError as error:
        raise TfError(f"{prefix!r} is not a CIDR prefix") from error


def _host(prefix: str, number: int) -> str:
    network = _network(prefix)
    size = network.num_addresses
    if not isinstance(number, int) or not -size <= number < size:
        raise TfError("cidrhost(): the prefix has no such host")
    return str(network[number])


def _netmask(prefix: str) -> str:
    network = _network(prefix)
    if network.version == 6:
        raise TfError("cidrnetmask() takes IPv4 only")
    return str(network.netmask)


def _subnet(prefix: str, new_bits: int, number: int) -> str:
    network = _network(prefix)
    length = network.prefixlen + new_bits if isinstance(new_bits, int) and new_bits >= 0 else -1
    if not network.prefixlen <= length <= network.max_prefixlen or not isinstance(number, int) or not 0 <= number < 2**new_bits:
        raise TfError("cidrsubnet(): the prefix has no such subnet")
    base = int(network.network_address) + (number << (network.max_prefixlen - length))
    return _show(network, base, length)


def _show(network: _Network, base: int, length: int) -> str:
    address = ipaddress.IPv4Address(base) if network.version == 4 else ipaddress.IPv6Address(base)
    return f"{address}/{length}"


def _subnets(prefix: str, *new_bits: int) -> TfList:
    network = _network(prefix)
    position = int(network.network_address)
    end = position + network.num_addresses
    found: list[str] = []
    for bits in new_bits:
        length = network.prefixlen + bits if isinstance(bits, int) and bits >= 1 else -1
        if not network.prefixlen < length <= network.max_prefixlen or len(found) > 10_000:
            raise TfError("cidrsubnets(): not enough room")
        size = 1 << (network.max_prefixlen - length)
        position = -(-position // size) * size
        if position + size > end:
            raise TfError("cidrsubnets(): not enough room")
        found.append(_show(network, position, length))
        position += size
    return TfList(found)


NETWORK_FUNCTIONS: Mapping[str, Function] = {
    "cidrhost": Function(_host, (STRING, NUMBER)),
    "cidrnetmask": Function(_netmask, (STRING,)),
    "cidrsubnet": Function(_subnet, (STRING, NUMBER, NUMBER)),
    "cidrsubnets": Function(_subnets, (STRING,), rest=NUMBER),
}
