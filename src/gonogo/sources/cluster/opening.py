"""Opens a session with a cluster from a kubeconfig, through the official client: its certificates, tokens, plugins and proxies.

The kubeconfig is the user's own, and what it names to log in with is run, as `kubectl` does; one of a scanned repository is never
looked for. It is not written to.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from ipaddress import ip_address
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from gonogo.sources.cluster.session import ClusterSession, address
from gonogo.sources.gcp.pacing import Limits
from gonogo.sources.gcp.problems import Cause, Problem

LIMITS = Limits(budget=1800.0)
"""Of one cluster."""


def open_cluster(context: str, kubeconfig: str, limits: Limits = LIMITS) -> ClusterSession:
    """A session with the cluster of a context. `kubeconfig` is a file, or several with `:` between them.

    Raises `Problem` where the client is not installed, there is no such context, or nobody could be logged in.
    """
    try:
        from kubernetes import client, config
        from kubernetes.config.kube_config import KubeConfigMerger
    except ImportError as error:
        raise Problem(Cause.CREDENTIALS, "a cluster is read with the extra `kubernetes`: pip install 'gonogo[kubernetes]'") from error
    try:
        merged = KubeConfigMerger(kubeconfig).config
        table = _plain(merged.value if merged is not None else {})
    except Exception as error:
        raise Problem(Cause.CREDENTIALS, f"the kubeconfig {kubeconfig} cannot be read: {_words(error)}") from error
    chosen = _chosen(table, context, kubeconfig)
    user = _named(table, "users", str(chosen.get("user") or ""), "user")
    if "auth-provider" in user:
        # Kubernetes took it out in 1.26; the client's refresh of OIDC tokens does not check certificates without a CA of its own.
        raise Problem(Cause.CREDENTIALS, f"the user of the context {context} has an `auth-provider`, which kubectl has dropped; use an `exec` plugin")
    configuration = client.Configuration()
    with _Heard() as heard:
        try:
            made = config.new_client_from_config(config_file=kubeconfig, context=context, client_configuration=configuration, persist_config=False)
        except Exception as error:
            raise Problem(Cause.CREDENTIALS, f"the context {context} of {kubeconfig} cannot be used: {_words(error)}") from error
    if "exec" in user and not configuration.api_key and not configuration.cert_file:
        said = f": {heard.text}" if heard.text else ""
        raise Problem(Cause.CREDENTIALS, f"the plugin that the context {context} logs in with gave no credentials{said}")
    server = str(configuration.host)
    if urlsplit(server).scheme != "https" and not _this_machine(server):
        raise Problem(Cause.CREDENTIALS, f"the server of the context {context} is {address(server)}: plain http is only for this machine")
    from gonogo.sources.gcp.punctual import PUNCTUAL

    made.rest_client.pool_manager.pool_classes_by_scheme = PUNCTUAL
    return ClusterSession(context, server, made, limits, verified=bool(configuration.verify_ssl))


def _plain(value: Any) -> Any:
    """The data of a merged kubeconfig, whose members each remember their file."""
    members = ("contexts", "users")
    return {key: [getattr(entry, "value", entry) for entry in value.get(key) or ()] for key in members} if isinstance(value, Mapping) else {}


def _chosen(table: Any, context: str, kubeconfig: str) -> Mapping[str, Any]:
    contexts = table.get("contexts") if isinstance(table, Mapping) else None
    names = [str(c.get("name")) for c in contexts or () if isinstance(c, Mapping)] if isinstance(contexts, Sequence) else []
    if context not in names:
        there = f"there are {', '.join(sorted(names)[:20])}" if names else "it has none"
        raise Problem(Cause.CREDENTIALS, f"no context is called {context} in {kubeconfig}; {there}")
    return _named(table, "contexts", context, "context")


def _named(table: Any, members: str, name: str, what: str) -> Mapping[str, Any]:
    """The record of a name in one of the lists of a kubeconfig."""
    found = table.get(members) if isinstance(table, Mapping) else None
    for entry in found if isinstance(found, Sequence) else ():
        if isinstance(entry, Mapping) and entry.get("name") == name and isinstance(entry.get(what), Mapping):
            record: Mapping[str, Any] = entry[what]
            return record
    return {}


def _this_machine(server: str) -> bool:
    host = urlsplit(server).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _words(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__


class _Heard(AbstractContextManager["_Heard"]):
    """What the client tells the root logger: why a plugin failed is said nowhere else, and would go to standard error."""

    def __init__(self) -> None:
        self._handler = _Collecting()

    @property
    def text(self) -> str:
        return "; ".join(self._handler.told)[:300]

    def __enter__(self) -> _Heard:
        logging.getLogger().addHandler(self._handler)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        logging.getLogger().removeHandler(self._handler)


class _Collecting(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(" ".join(record.getMessage().split()))
