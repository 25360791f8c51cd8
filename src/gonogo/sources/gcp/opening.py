"""Opens a live session from what a command line says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gonogo.sources.gcp.credentials import Anonymous, Identity
from gonogo.sources.gcp.endpoints import read_endpoints
from gonogo.sources.gcp.pacing import Limits
from gonogo.sources.gcp.session import LiveSession
from gonogo.sources.gcp.surfaces import Surfaces


def open_session(
    surfaces: Surfaces,
    endpoints: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    *,
    impersonate: str = "",
    quota_project: str = "",
    limits: Limits | None = None,
) -> LiveSession:
    """A session with the endpoints of `--endpoint` and the environment, and Application Default Credentials.

    Where every endpoint is on this machine nobody is asked to log in: a real token is not given to whatever listens there.
    Raises `EndpointError`, and `Problem` where there are no credentials.
    """
    chosen = read_endpoints(surfaces.hosts, endpoints, environment)
    identity: Identity
    if chosen.all_loopback():
        identity = Anonymous(chosen)
    else:
        from gonogo.sources.gcp.adc import default_identity

        identity = default_identity(impersonate, quota_project)
    return LiveSession(surfaces.services, chosen, identity, limits)
