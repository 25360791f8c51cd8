"""The server: HTTP or TLS on a free loopback port, `/{service}` before the path of each API."""

from __future__ import annotations

import json
import re
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from loopback import faults
from loopback.discovery import DOCUMENTS, Api, Method, apis, list_field
from loopback.faults import Fault, Mode
from loopback.seed import Cloud

_VERSION = re.compile(r"^/(?:sql/|compute/)?v\d\w*/")
_DRIP = 0.2
# `locations/-` where the documents do not speak of it: Certificate Manager's is among the recordings; Memorystore's is what
# other clients send; the list of all Cloud Run services is the first version's.
_WILDCARD = ("certificatemanager", "memorystore")


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as it arrived."""

    service: str
    method: str
    path: str
    query: Mapping[str, str]
    authorization: str
    at: float


@dataclass(slots=True)
class Loopback:
    """A running server. `url` has a place for the service (`--endpoint *=URL`)."""

    url: str
    cloud: Cloud
    faults: list[Fault]
    page: int
    accepts: Callable[[str], bool]
    date: Callable[[], str] | None
    seen: list[Seen] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    """Answers of its own that the discovery documents do not allow: a wrong fixture, never to be ignored."""

    def paths(self, service: str) -> list[str]:
        return [seen.path for seen in self.seen if seen.service == service]


def everybody(_: str) -> bool:
    """Everybody is let in."""
    return True


@contextmanager
def loopback(
    cloud: Cloud,
    *struck: Fault,
    page: int = 1000,
    tls: tuple[str, str] | None = None,
    accepts: Callable[[str], bool] = everybody,
    date: Callable[[], str] | None = None,
    strict: bool = True,
) -> Iterator[Loopback]:
    """Serve `cloud`. `page` is the longest page it gives, `tls` a certificate and its key, `accepts` judges the Authorization
    header, `date` writes the Date header (a clock of its own). Not `strict`, it may answer what the documents do not know, as
    recordings of other years do."""
    running = Loopback("", cloud, list(struck), page, accepts, date)

    class Handler(_Handler):
        loopback = running

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    running.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}/{{service}}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
    assert not (strict and running.complaints), "\n".join(running.complaints)


def respond(
    running: Loopback, service: str, http: str, path: str, query: Mapping[str, str], document: object
) -> tuple[int, dict[str, Any]]:
    """The status and JSON that Google would answer with."""
    for api in apis(service):
        method = api.find(http, path)
        if method is not None:
            break
    else:
        return 404, faults.error(404, f"The requested URL {path} was not found on this server.", "NOT_FOUND")
    wrong = [*api.wrong_query(method, {k: v for k, v in query.items() if k != "$alt"}), *api.errors(method.request, document or {})]
    if wrong:
        return 400, faults.error(400, wrong[0], "INVALID_ARGUMENT")
    resource = path[len(_VERSION.match(path)[0]) :]  # type: ignore[index]  # every method's path has a version
    project = resource.split("/")[1].partition(":")[0] if resource.startswith("projects/") else ""
    project = next((name for name, number in running.cloud.projects.items() if project == str(number)), project)
    host = f"{service}.googleapis.com"
    if project and project not in running.cloud.projects:
        return 404, faults.error(404, f"The resource 'projects/{project}' was not found", "NOT_FOUND")
    if host in running.cloud.disabled.get(project, ()):
        return 403, faults.disabled(host, running.cloud.projects[project])
    tested = document.get("permissions", []) if resource.endswith(":testIamPermissions") and isinstance(document, dict) else []
    for permission in tested:
        if permission in running.cloud.untestable:
            return 400, faults.error(400, f"Permission {permission} is not valid for this resource.", "INVALID_ARGUMENT")
    if "/locations/-/" in resource and not (method.wildcard or service in _WILDCARD):
        return 400, faults.error(400, "The location in `parent` cannot be the '-' wildcard", "INVALID_ARGUMENT")
    body = _body(running, api, method, service, resource, project, query, document)
    if body is None:
        return 404, faults.error(404, f"The resource '{resource}' was not found", "NOT_FOUND")
    running.complaints.extend(f"{method.id}{error}" for error in api.errors(method.response, body))
    return 200, body


def _body(
    running: Loopback, api: Api, method: Method, service: str, resource: str, project: str, query: Mapping[str, str], document: object
) -> dict[str, Any] | None:
    cloud = running.cloud
    if resource.endswith(":testIamPermissions"):
        wanted = document.get("permissions", []) if isinstance(document, dict) else []
        return {"permissions": [permission for permission in wanted if permission not in cloud.lacking]}
    if method.id == "iam.permissions.queryTestablePermissions":
        return {}  # what gcloud warns about would stand in it
    if method.id.endswith(".roles.create") and isinstance(document, dict):
        role = {**document["role"], "name": f"{resource}/{document['roleId']}"}
        cloud.put(service, resource, role)
        return role
    if resource.endswith(":setIamPolicy") and isinstance(document, dict):
        policy: dict[str, Any] = document["policy"]
        cloud.collections.setdefault(service, {})[resource.replace(":set", ":get")] = [policy]
        return policy
    if resource.endswith(":getIamPolicy"):
        return cloud.one(service, resource) or {"etag": "ACAB", "version": 1}
    if resource == f"projects/{project}":
        return {"projectId": project, "projectNumber": str(cloud.projects[project]), "lifecycleState": "ACTIVE"}
    key = list_field(api, method)
    if not key:
        return cloud.one(service, resource)
    if "/aggregated/" in resource:
        return _aggregated(running, project, resource.rpartition("/")[2], query)
    if resource == f"projects/{project}/locations":
        places = [{"name": f"{resource}/{region}", "locationId": region} for region in cloud.regions]
        return _paged(running, key, places, query)
    # The first version of Cloud Run's API speaks Knative; what is seeded is the second.
    seeded = "run.v1" if service == "run" and method.response == "ListServicesResponse" else service
    found = list(cloud.under(seeded, f"{query['parent']}/{resource}" if "parent" in query else resource))
    return _paged(running, key, found, query) if "pageToken" in method.parameters else {key: found}


def _paged(running: Loopback, key: str, found: Sequence[Any], query: Mapping[str, str]) -> dict[str, Any]:
    start, end, token = _slice(running, len(found), query)
    body: dict[str, Any] = {key: list(found[start:end])} if found[start:end] else {}
    return {**body, **token}


def _aggregated(running: Loopback, project: str, collection: str, query: Mapping[str, str]) -> dict[str, Any]:
    found = list(running.cloud.scopes("compute", project, collection))
    start, end, token = _slice(running, len(found), query)
    nothing = {"code": "NO_RESULTS_ON_PAGE", "message": "There are no results for this scope on this page."}
    items: dict[str, Any] = {f"regions/{region}": {"warning": nothing} for region in running.cloud.regions}
    for scope, resource in found[start:end]:
        items.setdefault(scope, {}).pop("warning", None)
        items[scope].setdefault(collection, []).append(resource)
    return {"items": items, "kind": f"compute#{collection}AggregatedList", **token}


def _slice(running: Loopback, count: int, query: Mapping[str, str]) -> tuple[int, int, dict[str, str]]:
    size = min(running.page, int(query.get("pageSize") or query.get("maxResults") or running.page))
    start = int(query["pageToken"].removeprefix("page-")) if query.get("pageToken") else 0
    end = start + size
    return start, end, {"nextPageToken": f"page-{end}"} if end < count else {}


class _Handler(BaseHTTPRequestHandler):
    loopback: Loopback
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are two writes, the second of which would wait for a delayed acknowledgement

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def handle(self) -> None:
        # A client that has had enough hangs up, which is no error of the server.
        with suppress(ConnectionError):
            super().handle()

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        running = self.loopback
        length = int(self.headers.get("content-length") or 0)
        document = json.loads(self.rfile.read(length)) if length else None
        parts = urlsplit(self.path)
        _, service, rest = (*parts.path.split("/", 2), "", "")[:3]
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        authorization = self.headers.get("authorization") or ""
        running.seen.append(Seen(service, self.command, f"/{rest}", query, authorization, time.monotonic()))
        if service not in DOCUMENTS:
            self._send(404, faults.error(404, f"no service {service}", "NOT_FOUND"))
            return
        fault = next((f for f in running.faults if f.strikes(parts.path)), None)
        if not running.accepts(authorization):
            status, body = 401, faults.unauthenticated()
        elif fault is not None and fault.status:
            self._send(fault.status, fault.body, fault)
            return
        else:
            status, body = respond(running, service, self.command, f"/{rest}", query, document)
            if fault is not None and fault.change is not None:
                body = fault.change(body)
        self._send(status, body, fault)

    def _send(self, status: int, body: object, fault: Fault | None = None) -> None:
        fault = fault or Fault("")
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        if fault.mode is Mode.RESET:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
            return
        if fault.mode is Mode.HALF_JSON:
            raw = raw[: len(raw) // 2]
        head = [f"HTTP/1.1 {status} X", f"Content-Type: {fault.content_type}", f"Content-Length: {len(raw)}"]
        now = self.loopback.date() if self.loopback.date else self.loopback.cloud.now
        head.append(f"Date: {now or self.date_time_string()}")
        head.extend(f"{name}: {value}" for name, value in fault.headers.items())
        try:
            self._write("\r\n".join((*head, "", "")).encode(), slowly=fault.mode is Mode.DRIP_HEADERS)
            if fault.mode is Mode.TRUNCATE:
                self._write(raw[: len(raw) // 2])
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self._write(raw, slowly=fault.mode is Mode.DRIP)
        except OSError:
            self.close_connection = True

    def _write(self, data: bytes, *, slowly: bool = False) -> None:
        for start in range(0, len(data), 1 if slowly else max(1, len(data))):
            self.wfile.write(data[start : start + 1] if slowly else data)
            self.wfile.flush()
            if slowly:
                time.sleep(_DRIP)
