"""The live session: every read of an API of Google goes through `LiveSession.read`, whoever builds it.

In one place: the endpoint, the credentials, the pace of each service, tries and their waits, the time budget, and what a
refusal means. It sends reads only (`readonly`), and gives JSON as the API wrote it: enum values that nobody here knows stay.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from gonogo.sources.gcp.credentials import Identity
from gonogo.sources.gcp.endpoints import Endpoint, Endpoints
from gonogo.sources.gcp.pacing import Bucket, Clock, Limits, pause
from gonogo.sources.gcp.problems import Asked, Cause, Problem, classify
from gonogo.sources.gcp.surfaces import Service

if TYPE_CHECKING:
    from gonogo.sources.gcp.wire import Answer, Wire

_SKEW = timedelta(minutes=5)


class LiveSession:
    """Reads Google's APIs. Safe between threads; `stop` makes every read end soon."""

    def __init__(
        self,
        services: Mapping[str, Service],
        endpoints: Endpoints,
        identity: Identity,
        limits: Limits | None = None,
        draw: Callable[[], float] = random.random,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.limits = limits or Limits()
        self.identity = identity
        self.clock = Clock(self.limits.budget)
        self._services = services
        self._endpoints = endpoints
        self._buckets = {name: Bucket(s.per_minute, s.burst, self.clock) for name, s in services.items()}
        self._draw = draw
        self._now = now
        self._local = threading.local()
        self._lock = threading.Lock()
        self._requests: dict[str, int] = {}
        self._skew: timedelta | None = None

    def read(
        self,
        service: str,
        path: str,
        params: Sequence[tuple[str, str]] = (),
        *,
        asked: Asked | None = None,
        document: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """The JSON object at `path` (from its first slash) of a service; a POST with `document`. Raises `Problem`."""
        about = self._services[service]
        asked = asked or Asked(about.title, about.host, path, who=self.identity.who)
        for attempt in range(self.limits.tries):
            self._buckets[service].take()
            try:
                return self._once(service, path, params, asked, document, headers or {})
            except Problem as problem:
                wait = pause(attempt, self.limits, problem.retry_after, self._draw)
                if problem.cause is Cause.QUOTA:
                    self._buckets[service].hold(wait)
                if not problem.transient or attempt + 1 == self.limits.tries:
                    raise
                if wait >= self.clock.left():
                    raise  # the API's own words say more than "no time left"
                self.clock.wait(wait)
        raise AssertionError("unreachable: the last try returns or raises")

    def server_time(self) -> datetime:
        """Now, by the clock of Google's servers where one has answered: what is "36 hours old" must not hang on the clock of this machine."""
        return self._now() + (self._skew or timedelta())

    @property
    def told_time(self) -> bool:
        """Whether a server has said what time it is."""
        return self._skew is not None

    @property
    def requests(self) -> Mapping[str, int]:
        """How many requests each service was sent, tries included."""
        with self._lock:
            return dict(sorted(self._requests.items()))

    def stop(self) -> None:
        self.clock.stop()

    def _once(
        self,
        service: str,
        path: str,
        params: Sequence[tuple[str, str]],
        asked: Asked,
        document: Mapping[str, Any] | None,
        headers: Mapping[str, str],
    ) -> dict[str, Any]:
        method = "GET" if document is None else "POST"
        for renewed in (False, True):
            credentials = self.identity.headers(method, self._endpoint(service).base + path)
            answer = self._send(service, method, path, params, {**headers, **credentials}, document)
            if answer.status == 401 and credentials and not renewed:
                self.identity.renew(credentials)  # revoked, or expired by their clock and not by ours
                continue
            break
        if answer.status >= 400:
            problem = classify(answer.status, answer.body, asked, answer.retry_after)
            raise self._with_clock(problem) if problem.cause is Cause.CREDENTIALS else problem
        if not isinstance(answer.body, dict):
            raise Problem(Cause.INVALID, f"the {asked.title} answered with JSON that is no object")
        return answer.body

    def _send(
        self,
        service: str,
        method: str,
        path: str,
        params: Sequence[tuple[str, str]],
        headers: Mapping[str, str],
        document: Mapping[str, Any] | None,
    ) -> Answer:
        with self._lock:
            self._requests[service] = self._requests.get(service, 0) + 1
        answer = self._wire().send(method, self._endpoint(service), path, params, headers, document)
        if answer.sent is not None:
            self._skew = answer.sent - self._now()
        return answer

    def _endpoint(self, service: str) -> Endpoint:
        return self._endpoints.by_service[self._services[service].endpoint or service]

    def _wire(self) -> Wire:
        if not hasattr(self._local, "wire"):
            from gonogo.sources.gcp.wire import Wire

            self._local.wire = Wire(self.limits)
        wire: Wire = self._local.wire
        return wire

    def _with_clock(self, problem: Problem) -> Problem:
        skew = self._skew or timedelta()
        if abs(skew) < _SKEW:
            return problem
        minutes = round(abs(skew).total_seconds() / 60)
        off = "behind" if skew > timedelta() else "ahead"
        return Problem(problem.cause, f"{problem.reason}; the clock of this machine is {minutes} minutes {off}, which alone can cause this")
