"""What something ran against, by its address: this machine, staging, production."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from gonogo.model.environment import Environments

LOCAL = "local"
_LOCAL = frozenset({"localhost", "testserver", "host.docker.internal", "testhost", "test"})


def origin_of(address: str) -> str:
    """Scheme, host and port of an address: what stands before and behind may hold a secret. `` where it is none."""
    try:
        parts = urlsplit(address if "//" in address else f"//{address}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    host = f"[{host}]" if ":" in host else host
    return f"{f'{parts.scheme}://' if parts.scheme else ''}{host}{f':{port}' if port else ''}" if host else ""


def environment_of(target: str, told: str) -> str:
    """The environment that was told, else the one that the host speaks of; `` for neither."""
    environments = Environments()
    if told:
        return LOCAL if told.lower() == LOCAL else environments.canonical(told)
    host = urlsplit(target if "//" in target else f"//{target}").hostname or ""
    if not host or _is_local(host):
        return LOCAL if host else ""
    found = {environments.words[word] for word in re.split(r"[-.]", host) if word in environments.words}
    return found.pop() if len(found) == 1 else ""


def _is_local(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return host in _LOCAL or host.endswith((".localhost", ".local", ".test"))
    return address.is_loopback or address.is_unspecified
