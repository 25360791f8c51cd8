"""The server: lists with paging, metadata lists, discovery, refusals in the shape of `Status` objects, and what a test breaks."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml

SHOP = Path(__file__).parent / "shop.yaml"
TOKEN = "loopback-token"


@dataclass(slots=True)
class Fault:
    """What is answered instead, to the next `times` requests of a path."""

    status: int = 500
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    times: int = 1_000_000
    only_continued: bool = False
    reason: str = ""
    message: str = ""

    def answer(self) -> bytes:
        return self.body if self.body is not None else status(self.status, self.reason, self.message)


def status(code: int, reason: str, message: str) -> bytes:
    """As the API server writes a refusal."""
    whole = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message, "reason": reason, "code": code}
    return json.dumps(whole).encode()


def forbidden(resource: str, group: str = "") -> Fault:
    """As RBAC refuses a list over all namespaces."""
    what = f'{resource} is forbidden: User "auditor" cannot list resource "{resource}" in API group "{group}" at the cluster scope'
    return Fault(403, reason="Forbidden", message=what.replace(resource, f"{resource}.{group}" if group else resource, 1))


@dataclass(slots=True)
class Cluster:
    """Lists by path (`/apis/apps/v1/deployments`), each with its kind and its objects as they are stored."""

    kinds: dict[str, str]
    lists: dict[str, list[dict[str, Any]]]
    faults: dict[str, Fault] = field(default_factory=dict)
    page: int = 500
    """The most objects in a page, whatever is asked for."""

    def groups(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path in self.lists:
            parts = path.split("/")
            if parts[1] == "apis" and parts[3] not in found.setdefault(parts[2], []):
                found[parts[2]].append(parts[3])
        return found

    def add(self, path: str, *objects: dict[str, Any]) -> None:
        self.lists[path].extend(objects)

    def one(self, path: str, name: str) -> dict[str, Any]:
        return next(o for o in self.lists[path] if o["metadata"]["name"] == name)


def shop() -> Cluster:
    """The recorded cluster: a web shop, what GKE runs beside it, and RBAC."""
    table = yaml.safe_load(SHOP.read_text("utf-8"))
    return Cluster(dict(table["kinds"]), {path: deepcopy(table["objects"].get(path) or []) for path in table["kinds"]})


@dataclass(slots=True)
class Running:
    url: str
    requests: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def kubeconfig(self, path: Path, *, context: str = "shop", token: str = TOKEN, **cluster: Any) -> Path:
        """A kubeconfig with one context."""
        path.write_text(
            yaml.safe_dump({
                "apiVersion": "v1", "kind": "Config", "current-context": "",
                "clusters": [{"name": "here", "cluster": {"server": self.url, **cluster}}],
                "users": [{"name": "auditor", "user": {"token": token}}],
                "contexts": [{"name": context, "context": {"cluster": "here", "user": "auditor"}}],
            })
        )  # fmt: skip
        return path


@contextmanager
def serving(cluster: Cluster, certificate: tuple[Path, Path] | None = None) -> Iterator[Running]:
    """Serve `cluster` until the end of the block, over TLS where there is a certificate and its key."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(cluster, running := Running("")))
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    running.url = f"{'https' if certificate else 'http'}://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(cluster: Cluster, running: Running) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # head and body are two writes, the second of which would wait for a delayed acknowledgement

        def log_message(self, format: str, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {key: values[0] for key, values in parse_qs(parts.query).items()}
            accept = self.headers.get("accept", "")
            running.requests.append((parts.path, query, accept))
            fault = cluster.faults.get(parts.path)
            if fault is not None and fault.times > 0 and (not fault.only_continued or "continue" in query):
                fault.times -= 1
                self._send(fault.status, fault.answer(), fault.headers)
            elif self.headers.get("authorization") != f"Bearer {TOKEN}":
                self._send(401, status(401, "Unauthorized", "Unauthorized"))
            else:
                self._send(*_answer(cluster, parts.path, query, accept))

        def _refuse(self) -> None:
            running.complaints.append(f"{self.command} {self.path}")
            self._send(405, b"{}")

        do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _refuse  # noqa: N815

        def _send(self, code: int, body: bytes, headers: dict[str, str] | None = None) -> None:
            self.send_response(code)
            for key, value in {"content-type": "application/json", **(headers or {})}.items():
                self.send_header(key, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler


def _answer(cluster: Cluster, path: str, query: dict[str, str], accept: str) -> tuple[int, bytes]:
    if path == "/api":
        return 200, json.dumps({"kind": "APIVersions", "versions": ["v1"]}).encode()
    if path == "/apis":
        groups = [
            {
                "name": name,
                "versions": [{"groupVersion": f"{name}/{v}", "version": v} for v in versions],
                "preferredVersion": {"groupVersion": f"{name}/{versions[0]}", "version": versions[0]},
            }
            for name, versions in cluster.groups().items()
        ]
        return 200, json.dumps({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}).encode()
    below = [p for p in cluster.lists if p.rpartition("/")[0] == path]
    if below:
        resources = [
            {"name": p.rpartition("/")[2], "singularName": "", "namespaced": True, "kind": cluster.kinds[p], "verbs": ["list"]} for p in below
        ]
        version = path.removeprefix("/apis/").removeprefix("/api/")
        return 200, json.dumps({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": resources}).encode()
    if path not in cluster.lists:
        return 404, b"404 page not found\n" if path.count("/") < 4 else status(404, "NotFound", "the server could not find the requested resource")
    return 200, json.dumps(_page(cluster, path, query, metadata="PartialObjectMetadataList" in accept.split(",")[0])).encode()


def _page(cluster: Cluster, path: str, query: dict[str, str], *, metadata: bool) -> dict[str, Any]:
    objects, start = cluster.lists[path], int(query.get("continue", "0"))
    end = start + min(int(query.get("limit", "0")) or len(objects), cluster.page)
    page: dict[str, Any] = {"resourceVersion": "4711"}
    if end < len(objects):
        page |= {"continue": str(end), "remainingItemCount": len(objects) - end}
    if metadata:
        items = [{"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": o["metadata"]} for o in objects[start:end]]
        return {"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": page, "items": items}
    version = path.rpartition("/")[0].removeprefix("/apis/").removeprefix("/api/")
    return {"kind": f"{cluster.kinds[path]}List", "apiVersion": version, "metadata": page, "items": objects[start:end] or None}
