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
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from google.auth.credentials import AnonymousCredentials
from google.protobuf.json_format import ParseError
from requests.adapters import BaseAdapter

from gonogo.sources.gcp.pages import Pages, Target
from gonogo.sources.gcp.problems import Cause, Problem
from gonogo.sources.gcp.readonly import WriteRefused
from gonogo.sources.gcp.session import LiveSession


class _Channel(BaseAdapter):
    """Stands where a client's HTTP session has its network, and keeps what came back."""

    def __init__(self, session: LiveSession, target: Target) -> None:
        super().__init__()
        self._session = session
        self._target = target
        self.answers: deque[dict[str, Any]] = deque()

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """Read what the client asks for. Its time limits are left out: those are the session's to say."""
        url = urlsplit(request.url or "")
        if request.method != "GET":
            raise WriteRefused(f"{request.method} {url.path} is no read; gonogo sends none")
        client = request.headers.get("x-goog-api-client")
        body = self._session.read(
            self._target.surface.service,
            url.path,
            [(key, value) for key, value in parse_qsl(url.query, keep_blank_values=True) if key != "$alt"],
            asked=self._target.asked(self._session.identity.who),
            headers={"x-goog-api-client": client} if isinstance(client, str) else {},
        )
        self.answers.append(body)
        response = requests.Response()
        response.status_code = 200
        response.url = request.url or ""
        response.request = request
        response.raw = BytesIO(json.dumps(body).encode())
        return response

    def close(self) -> None:
        """Nothing is open here."""


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

    request = SqlInstancesListRequest(project=target.project, max_results=target.surface.size["maxResults"])
    return _as_sent(session, target, SqlInstancesServiceClient, lambda client: client.list(request=request, retry=None).pages)


def _sql_backup_runs(session: LiveSession, target: Target) -> Iterator[dict[str, Any]]:
    from google.cloud.sqladmin_v1beta4 import SqlBackupRunsListRequest, SqlBackupRunsServiceClient

    request = SqlBackupRunsListRequest(project=target.project, instance=target.parent, max_results=target.surface.size["maxResults"])
    return _as_sent(session, target, SqlBackupRunsServiceClient, lambda client: client.list(request=request, retry=None).pages)


def _run_services(session: LiveSession, target: Target) -> Iterator[dict[str, Any]]:
    from google.cloud.run_v2 import ListServicesRequest, ServicesClient

    request = ListServicesRequest(parent=f"projects/{target.project}/locations/{target.parent}", page_size=target.surface.size["pageSize"])
    return _as_sent(session, target, ServicesClient, lambda client: client.list_services(request=request, retry=None).pages)


def _run_jobs(session: LiveSession, target: Target) -> Iterator[dict[str, Any]]:
    from google.cloud.run_v2 import JobsClient, ListJobsRequest

    request = ListJobsRequest(parent=f"projects/{target.project}/locations/{target.parent}", page_size=target.surface.size["pageSize"])
    return _as_sent(session, target, JobsClient, lambda client: client.list_jobs(request=request, retry=None).pages)


def _run_service_iam(session: LiveSession, target: Target) -> Iterator[dict[str, Any]]:
    from google.cloud.run_v2 import ServicesClient

    return _as_sent(
        session, target, ServicesClient, lambda client: [client.get_iam_policy(request={"resource": target.parent}, retry=None)]
    )


def _as_sent(session: LiveSession, target: Target, cls: Any, call: Callable[[Any], Any]) -> Iterator[dict[str, Any]]:
    """The JSON of each page that `call` makes a client of Google's read.

    The client sends nothing by itself: it speaks REST, has no credentials and makes no second try, and its network is the channel.
    """
    channel = _Channel(session, target)
    client = cls(credentials=AnonymousCredentials(), transport="rest")  # type: ignore[no-untyped-call]
    client.transport._session.mount("https://", channel)
    client.transport._session.trust_env = False  # it has no network that a proxy could be in
    try:
        for _ in call(client):
            yield channel.answers.popleft()
    except ParseError as error:
        said = " ".join(str(error).split())[:200]
        raise Problem(Cause.INVALID, f"the answer is not shaped as {target.surface.client} knows it ({said})") from error
