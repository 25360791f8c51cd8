"""Whether a pod asks Google Cloud with a key of a service account, or as the ServiceAccount that it runs as.

* A Google client library reads the file that `GOOGLE_APPLICATION_CREDENTIALS` names before it asks the metadata server
  (https://cloud.google.com/docs/authentication/application-default-credentials). One out of a Secret is a key; the configuration of
  Workload Identity Federation holds nothing secret and comes out of a ConfigMap
  (https://cloud.google.com/iam/docs/workload-identity-federation-with-kubernetes).
* On GKE the annotation of its ServiceAccount names whom a pod acts as
  (https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity#kubernetes-sa-to-iam).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from gonogo.cluster.truth import Truth, any_of
from gonogo.model.value import OpenList, Unknown, Value, lookup

ANNOTATION = "iam.gke.io/gcp-service-account"
_VARIABLE = "GOOGLE_APPLICATION_CREDENTIALS"
# Accounts and projects have no capitals: `web@PROJECT_ID.iam.gserviceaccount.com` is filled in by somebody.
_ACCOUNT = re.compile(r"[a-z0-9-]+@[a-z0-9.:-]+\.gserviceaccount\.com")


def holds_key(spec: Value, unset: Callable[[str], bool]) -> Truth:
    """Whether a container of a pod is told to read its credentials from a Secret."""
    containers = [c for key in ("initContainers", "containers") for c in _members(lookup(spec, key))]
    return any_of(_reads_key(container, spec, unset) for container in containers)


def google_account(service_account: Value, unset: Callable[[str], bool]) -> str | Unknown | None:
    """The Google service account that a ServiceAccount acts as, None where it says nothing of one."""
    found = lookup(service_account, "metadata", "annotations", ANNOTATION)
    if found is None or isinstance(found, Unknown):
        return found
    if isinstance(found, str) and _ACCOUNT.fullmatch(found) and not unset(found):
        return found
    return Unknown.because(f"{found} is no address of a service account; what is filled in there is not known")


def _reads_key(container: Value, spec: Value, unset: Callable[[str], bool]) -> Truth:
    if isinstance(container, Unknown):
        return container
    return any_of(_is_key(variable, container, spec, unset) for variable in _members(lookup(container, "env")))


def _is_key(variable: Value, container: Value, spec: Value, unset: Callable[[str], bool]) -> Truth:
    if isinstance(variable, Unknown):
        return variable
    if lookup(variable, "name") != _VARIABLE:
        return False
    path = lookup(variable, "value")
    if path == "":
        return False
    if not isinstance(path, str) or unset(path):
        return path if isinstance(path, Unknown) else Unknown.because(f"which file {_VARIABLE} names is not known")
    mounts = [mount for mount in _members(lookup(container, "volumeMounts")) if _holds(lookup(mount, "mountPath"), path)]
    if not mounts:
        return Unknown.because(f"what {path} holds is not known, for no volume is mounted there")
    innermost = max(mounts, key=lambda mount: len(str(lookup(mount, "mountPath"))))
    name = lookup(innermost, "name")
    volume = next((v for v in _members(lookup(spec, "volumes")) if lookup(v, "name") == name), None)
    if lookup(volume, "secret") is not None:
        return True
    projected = [source for source in _members(lookup(volume, "projected", "sources")) if isinstance(source, Mapping)]
    if lookup(volume, "configMap") is not None or (projected and not any("secret" in source for source in projected)):
        return False
    return Unknown.because(f"what {path} holds is not known")


def _holds(directory: Value, path: str) -> bool:
    return isinstance(directory, str) and bool(directory) and (path == directory or path.startswith(directory.rstrip("/") + "/"))


def _members(value: Value) -> Iterator[Value]:
    if isinstance(value, Unknown):
        yield value
    elif isinstance(value, Sequence) and not isinstance(value, str):
        yield from value
        if isinstance(value, OpenList):
            yield value.unknown
