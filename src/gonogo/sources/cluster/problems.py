"""Why an API server did not answer: its `Status` objects sorted into causes, with the words that say what to do.

https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/
"""

from __future__ import annotations

from collections.abc import Mapping

from gonogo.sources.cluster.lists import Listed
from gonogo.sources.gcp.problems import Cause, Problem

_MAX_MESSAGE = 300


def classify(status: int, body: object, cluster: str, listed: Listed | None, retry_after: float | None = None) -> Problem:
    """The problem that an answer of `status` (other than 200) with the JSON `body` (None where it is none) tells of."""
    said_so = isinstance(body, Mapping) and body.get("kind") == "Status"
    message = " ".join(str(body.get("message") or "").split())[:_MAX_MESSAGE] if isinstance(body, Mapping) and said_so else ""
    said = f": {message}" if message else ""
    if status == 401:
        return Problem(Cause.CREDENTIALS, f"the cluster {cluster} did not accept the credentials{said}; log in to it again")
    if status in (403, 404, 410) and not said_so:
        return Problem(Cause.INVALID, f"the cluster {cluster} answered {status} without saying why; is a proxy in between?")
    if status == 403:
        permission = _permission(listed)
        return Problem(Cause.PERMISSION, f"the cluster {cluster} refused{said}; {grant(listed)}", permission=permission)
    if status == 404:
        return Problem(Cause.NOT_FOUND, f"the cluster {cluster} does not have it{said}")
    if status == 410:
        return Problem(Cause.EXPIRED, f"the cluster {cluster} let the list expire while it was read{said}")
    if status == 429:
        return Problem(Cause.QUOTA, f"the cluster {cluster} refused further calls{said}", transient=True, retry_after=retry_after)
    if status == 408 or status >= 500:
        return Problem(Cause.UNAVAILABLE, f"the cluster {cluster} failed with status {status}{said}", transient=True, retry_after=retry_after)
    return Problem(Cause.REQUEST, f"the cluster {cluster} refused the request with status {status}{said}")


def grant(listed: Listed | None) -> str:
    """The rule of a ClusterRole that is missing."""
    if listed is None:
        return "grant the ClusterRole system:discovery"
    return f'grant {{apiGroups: ["{listed.group}"], resources: ["{listed.resource}"], verbs: ["list"]}} in a ClusterRole'


def _permission(listed: Listed | None) -> str:
    return f"list {listed.resource}{'.' if listed.group else ''}{listed.group}" if listed is not None else "get /apis"
