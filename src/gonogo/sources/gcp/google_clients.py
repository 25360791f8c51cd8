"""Cloud SQL and Cloud Run through Google's own clients, which know the requests and the paging; the answers stay as sent.

The clients call our session instead of their own (`_Channel`), so that endpoint, pace, tries and read-only hold for them
too, and the JSON is taken from there and not from the typed message: parsing an enum value that the installed client does
not know makes it UNSPECIFIED, and a field that it does not know is gone. That would turn "not known here" into "not set".
For the same reason enum values are asked for as names (`$alt=json`), where the clients would ask for numbers.

`sqladmin_v1beta4` because `sqladmin_v1` speaks gRPC only, which the public endpoint has not served
(github.com/googleapis/google-cloud-node/issues/6228). Its `list()` iterates over warnings, not instances: hence `.pages`.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from google.auth.credentials import AnonymousCredentials

from gonogo.sources.gcp.pages import Pages, Target
from gonogo.sources.gcp.session import LiveSession

# As many as the APIs give: Cloud SQL instances 1000 (500 are the default), its backup runs newest first.
_INSTANCES = 1000
_BACKUP_RUNS = 50
_RUN = 100


@dataclass(frozen=True, slots=True)
class _Sent:
    """As much of an HTTP response as the clients look at."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes


class _Channel:
    """Stands where a client expects its HTTP session, and keeps what came back."""

    def __init__(self, session: LiveSession, target: Target) -> None:
        self._session = session
        self._target = target
        self.answers: deque[dict[str, Any]] = deque()

    def get(
        self,
        url: str,
        *,
        params: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        timeout: object = None,  # noqa: ARG002
    ) -> _Sent:
        """Read. `timeout` is the session's to say; of the client's headers the one that says which client it is goes along."""
        own = {key: value for key, value in (headers or {}).items() if key.lower() == "x-goog-api-client"}
        body = self._session.read(
            self._target.surface.service,
            urlsplit(url).path,
            [(key, str(value)) for key, value in params if key != "$alt"],
            asked=self._target.asked(self._session.identity.who),
            headers=own,
        )
        self.answers.append(body)
        return _Sent(200, {"content-type": "application/json"}, json.dumps(body).encode())

    def close(self) -> None:
        """The session is not the client's to close."""


def client_pages() -> Mapping[str, Pages]:
    """How the pages of the surfaces that Google's clients read are read, by the id of the surface."""
    return {
        "sql-instances": _sql_instances,
        "sql-backup-runs": _sql_backup_runs,
        "run-services": _run_services,
        "run-jobs": _run_jobs,
        "run-service-iam": _run_service_iam,
    }


def _sql_instances(session: LiveSession, target: Target) -> Iterator[dict[str, Any]]:
    from google.cloud.sqladmin_v1beta4 import SqlInstancesListRequest, SqlInstancesServiceClient

    channel = _Channel(session, target)
    client = _client(SqlInstancesServiceClient, channel)
    request = SqlInstancesListRequest(project=target.project, max_results=_INSTANCES)
    yield from _as_sent(channel, lambda: client.list(request=request, retry=None).pages)


def _sql_backup_runs(session: LiveSession, target: Target) -> Iterator[dict[str, Any]]:
    from google.cloud.sqladmin_v1beta4 import SqlBackupRunsListRequest, SqlBackupRunsServiceClient

    channel = _Channel(session, target)
    client = _client(SqlBackupRunsServiceClient, channel)
    request = SqlBackupRunsListRequest(project=target.project, instance=target.parent, max_results=_BACKUP_RUNS)
    yield from _as_sent(channel, lambda: client.list(request=request, retry=None).pages)


def _run_services(session: LiveSession, target: Target) -> Iterator[dict[str, Any]]:
    from google.cloud.run_v2 import ListServicesRequest, ServicesClient

    channel = _Channel(session, target)
    client = _client(ServicesClient, channel)
    request = ListServicesRequest(parent=f"projects/{target.project}/locations/{target.parent}", page_size=_RUN)
    yield from _as_sent(channel, lambda: client.list_services(request=request, retry=None).pages)


def _run_jobs(session: LiveSession, target: Target) -> Iterator[dict[str, Any]]:
    from google.cloud.run_v2 import JobsClient, ListJobsRequest

    channel = _Channel(session, target)
    client = _client(JobsClient, channel)
    request = ListJobsRequest(parent=f"projects/{target.project}/locations/{target.parent}", page_size=_RUN)
    yield from _as_sent(channel, lambda: client.list_jobs(request=request, retry=None).pages)


def _run_service_iam(session: LiveSession, target: Target) -> Iterator[dict[str, Any]]:
    from google.cloud.run_v2 import ServicesClient

    channel = _Channel(session, target)
    client = _client(ServicesClient, channel)
    yield from _as_sent(channel, lambda: [client.get_iam_policy(request={"resource": target.parent}, retry=None)])


def _client(cls: Any, channel: _Channel) -> Any:
    """A client of Google's over REST that sends nothing by itself: no credentials, no session of its own, no tries."""
    client = cls(credentials=AnonymousCredentials(), transport="rest")  # type: ignore[no-untyped-call]
    client.transport._session = channel
    return client


def _as_sent(channel: _Channel, answers: Callable[[], Any]) -> Iterator[dict[str, Any]]:
    for _ in answers():
        yield channel.answers.popleft()
