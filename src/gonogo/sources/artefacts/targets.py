"""What something ran against, by its address: this machine, staging, production."""

from __future__ import annotations

import re
from functools import cached_property
from ipaddress import ip_address
from urllib.parse import urlsplit

from gonogo.model.environment import Environments
from gonogo.sources.classify import Format
from gonogo.sources.tree import Tree, Unreadable

LOCAL = "local"
MAX_HOST = 253
_LOCAL = frozenset({"localhost", "testserver", "host.docker.internal", "testhost", "test"})
_DEPLOYING = (
    Format.TERRAFORM, Format.TERRAFORM_JSON, Format.TFVARS, Format.TERRAGRUNT, Format.KUBERNETES, Format.HELM_TEMPLATE, Format.KUSTOMIZATION,
    Format.KUBERNETES_TEMPLATE, Format.GITHUB_WORKFLOW, Format.CLOUD_BUILD, Format.GITLAB_CI, Format.SHELL, Format.MAKEFILE, Format.YAML,
)  # fmt: skip


def origin_of(address: str) -> str:
    """Scheme, host and port of an address: what stands before and behind may hold a secret. `` where it is none."""
    try:
        parts = urlsplit(address if "//" in address else f"//{address}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    host = f"[{host}]" if ":" in host else host
    return f"{f'{parts.scheme}://' if parts.scheme else ''}{host}{f':{port}' if port else ''}" if host else ""


def environment_of(target: str, told: str, said: str = "") -> str:
    """The environment that was told, else the one that the host speaks of or the artefact itself said; `` for none, or for two.

    What ran against this machine ran nowhere else, whatever is said of it, and a name without a domain is known within a network alone.
    """
    environments = Environments()
    host = host_of(target)
    if _is_local(host):
        return LOCAL
    if told:
        return LOCAL if told.lower() == LOCAL else environments.canonical(told)
    found = {environments.words[word] for word in re.split(r"[-.]", host) if word in environments.words}
    if said and (not host or "." in host):
        found.add(LOCAL if said.lower() == LOCAL else environments.canonical(said))
    return found.pop() if len(found) == 1 else ""


def host_of(target: str) -> str:
    """The host of an address, `` where there is none."""
    try:
        return urlsplit(target if "//" in target else f"//{target}").hostname or ""
    except ValueError:
        return ""


class OwnHosts:
    """The hosts that the files speak of that deploy: those of somebody else are none of a release."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    def hold(self, target: str) -> bool:
        """Whether a file that deploys names the host; one without a domain is a name within a network."""
        host = host_of(target)
        if "." not in host or len(host) > MAX_HOST:
            return False
        named = re.compile(rf"(?<![\w.-]){re.escape(host)}(?![\w-]|\.\w)", re.I)
        return any(named.search(text) is not None for text in self._texts)

    @cached_property
    def _texts(self) -> tuple[str, ...]:
        texts: list[str] = []
        for file in self._tree.of(*_DEPLOYING):
            try:
                texts.append(self._tree.text(file.path))
            except Unreadable:
                continue  # what cannot be read names nothing
        return tuple(texts)


def _is_local(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return host in _LOCAL or host.endswith((".localhost", ".local", ".test"))
    return address.is_loopback or address.is_unspecified
