"""A session and a collection against a loopback cloud, with short waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gonogo.sources.gcp.collect import collect
from gonogo.sources.gcp.collection import Collected
from gonogo.sources.gcp.credentials import Anonymous, Identity
from gonogo.sources.gcp.endpoints import read_endpoints
from gonogo.sources.gcp.pacing import Limits
from gonogo.sources.gcp.session import LiveSession
from gonogo.sources.gcp.surfaces import Surfaces, load_surfaces
from loopback.server import Loopback

QUICK = Limits(connect=2.0, read=1.0, answer=1.5, tries=3, backoff=0.01, budget=60.0)


def surfaces(*only: str, unpaced: bool = True) -> Surfaces:
    """The shipped table, of which `only` some lists; without the pace that real quotas need."""
    table = load_surfaces()
    services = {name: replace(s, per_minute=600_000, burst=1000) if unpaced else s for name, s in table.services.items()}
    return Surfaces(services, tuple(s for s in table.surfaces if not only or s.id in only))


def session(running: Loopback, table: Surfaces | None = None, limits: Limits = QUICK, identity: Identity | None = None) -> LiveSession:
    table = table or surfaces()
    endpoints = read_endpoints(table.hosts, [f"*={running.url}"])
    return LiveSession(table.services, endpoints, identity or Anonymous(endpoints), limits)


def audit(
    running: Loopback,
    *only: str,
    projects: Sequence[str] = ("shop-prod",),
    limits: Limits = QUICK,
    identity: Identity | None = None,
    grace: float = 5.0,
) -> Collected:
    """Collect `only` some lists (all by default) of the loopback cloud."""
    table = surfaces(*only)
    return collect(session(running, table, limits, identity), table, projects, grace=grace)
