"""Where each API is asked: Google's own hosts, or those that `--endpoint SERVICE=URL` names."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from urllib.parse import urlsplit

VARIABLE = "GONOGO_ENDPOINT_"
"""`GONOGO_ENDPOINT_SQLADMIN=URL`, with the service in capitals and `_` for `-`; `GONOGO_ENDPOINT_ALL` is `*`."""


class EndpointError(Exception):
    """An endpoint that cannot be used; the message is one sentence that says what to write."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`base` is a URL without a final slash. Plain http is only ever a loopback address."""

    base: str
    loopback: bool


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The endpoint of every service."""

    by_service: Mapping[str, Endpoint]

    def all_loopback(self) -> bool:
        """Whether nothing can leave this machine: the condition of anonymous credentials."""
        return all(endpoint.loopback for endpoint in self.by_service.values())


def read_endpoints(hosts: Mapping[str, str], options: Sequence[str] = (), environment: Mapping[str, str] | None = None) -> Endpoints:
    """The endpoints of the services in `hosts` (service to host), options over environment, one service over `*`.

    `{service}` in a URL is replaced: `*=https://{service}-audit.p.googleapis.com`. Raises `EndpointError`.
    """
    given: dict[str, str] = {}
    for name, value in sorted((environment or {}).items()):
        if name.startswith(VARIABLE) and value:
            service = name.removeprefix(VARIABLE).lower().replace("_", "-")
            given["*" if service == "all" else _known(service, hosts, name)] = value
    for option in options:
        service, separator, url = option.partition("=")
        if not separator or not url:
            raise EndpointError(f"--endpoint {option}: write SERVICE=URL, for example sqladmin=https://sqladmin.example.com")
        given[_known(service, hosts, f"--endpoint {option}")] = url
    found: dict[str, Endpoint] = {}
    for service, host in hosts.items():
        chosen = given.get(service, given.get("*"))
        found[service] = _endpoint(chosen.replace("{service}", service), service) if chosen else Endpoint(f"https://{host}", loopback=False)
    return Endpoints(found)


def _known(service: str, hosts: Mapping[str, str], where: str) -> str:
    if service == "*" or service in hosts:
        return service
    close = get_close_matches(service, hosts, 1)
    raise EndpointError(
        f"{where}: unknown service {service}; " + (f"did you mean {close[0]}?" if close else f"it is one of {', '.join(sorted(hosts))}")
    )


def _endpoint(url: str, service: str) -> Endpoint:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        raise EndpointError(f"endpoint of {service}: {url} is not a URL: {error}") from error
    if parts.scheme not in ("http", "https") or not host:
        raise EndpointError(f"endpoint of {service}: {url} is not a URL with http:// or https://")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise EndpointError(f"endpoint of {service}: give a URL without user, query and fragment")
    loopback = _is_loopback(host)
    if parts.scheme == "http" and not loopback:
        raise EndpointError(f"endpoint of {service}: {url} would send credentials in the clear; plain http is for loopback addresses only")
    return Endpoint(url.rstrip("/"), loopback)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
