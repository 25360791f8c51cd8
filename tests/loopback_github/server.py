"""The server: the two endpoints of SARIF uploads on a free loopback port."""

from __future__ import annotations

import base64
import gzip
import json
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from loopback_github import ingestion
from loopback_github.description import Description

TOKEN = "ghs_" + "a1B2" * 9
_PATH = re.compile(r"(?P<base>/api/v3)?/repos/(?P<repository>[^/]+/[^/]+)/code-scanning/sarifs(?:/(?P<id>[^/]+))?")
_LIMIT = 10_000_000


@dataclass(frozen=True, slots=True)
class Fault:
    """Stands for an answer. `cut` leaves out that many bytes of the body, `drip` waits so many seconds before each byte."""

    status: int
    message: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int = 0
    drip: float = 0
    body: bytes | None = None
    lost: bool = False
    """The request is carried out, but the answer is a broken one: `cut` of it."""


@dataclass(slots=True)
class Upload:
    document: dict[str, Any]
    sarif: dict[str, Any]
    looks: int = 0


@dataclass(slots=True)
class GitHub:
    """A running server. `faults` strike one request each, in order; `None` lets one pass. An upload is pending for `pending` looks."""

    url: str = ""
    pending: int = 0
    faults: list[Fault | None] = field(default_factory=list)
    uploads: dict[str, Upload] = field(default_factory=dict)
    seen: list[tuple[str, str]] = field(default_factory=list)
    authorizations: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)
    """Requests and answers that GitHub's description does not allow."""


@contextmanager
def github(description: Description | None, *faults: Fault | None, pending: int = 0) -> Iterator[GitHub]:
    """Serve; whatever the description does not allow fails the test."""
    running = GitHub(pending=pending, faults=list(faults))

    class Handler(_Handler):
        hub = running
        api = description

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    running.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
    assert not running.complaints, "\n".join(running.complaints)


class _Handler(BaseHTTPRequestHandler):
    hub: GitHub
    api: Description | None

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def log_message(self, format: str, *args: object) -> None:
        return

    def _serve(self, method: str) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        self.hub.seen.append((method, self.path))
        self.hub.authorizations.add(self.headers.get("authorization", ""))
        fault = self.hub.faults.pop(0) if self.hub.faults else None
        if fault is not None and not fault.lost:
            document = {"message": fault.message, "documentation_url": "https://docs.github.com/rest", "status": str(fault.status)}
            self._check(method, fault.status, document)
            self._send(fault.status, json.dumps(document).encode() if fault.body is None else fault.body, fault)
            return
        status, answer = self._answer(method, body)
        self._check(method, status, answer)
        self._send(status, json.dumps(answer).encode(), fault)

    def _check(self, method: str, status: int, answer: object) -> None:
        if self.api is not None:
            self.hub.complaints += [f"{method} answered with {status}: {w}" for w in self.api.wrong_answer(method, status, answer)]

    def _answer(self, method: str, body: bytes) -> tuple[int, dict[str, Any]]:
        found = _PATH.fullmatch(self.path)
        if self.headers.get("accept") != "application/vnd.github+json":
            self.hub.complaints.append(f"accept: {self.headers.get('accept')}")
        if self.headers.get("authorization") != f"Bearer {TOKEN}":
            return 401, {"message": "Bad credentials"}
        if found is None or found["repository"] != "acme/app" or (method == "POST") == bool(found["id"]):
            return 404, {"message": "Not Found"}
        return self._look(found["id"]) if method == "GET" else self._take(json.loads(body))

    def _take(self, document: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        wrong = self.api.wrong_request(document) if self.api is not None else []
        if wrong:
            self.hub.complaints += wrong
            return 400, {"message": wrong[0]}
        packed = base64.b64decode(document["sarif"], validate=True)
        if len(packed) > _LIMIT:
            return 413, {"message": "The sarif field is too large."}
        sarif = json.loads(gzip.decompress(packed))
        if refusal := ingestion.refused(sarif):
            return 422, {"message": refusal}
        identifier = f"47177e22-5596-11eb-80a1-c1e54ef945c{len(self.hub.uploads)}"
        self.hub.uploads[identifier] = Upload(document, sarif)
        return 202, {"id": identifier, "url": f"https://elsewhere.example/{identifier}"}

    def _look(self, identifier: str) -> tuple[int, dict[str, Any]]:
        upload = self.hub.uploads.get(identifier)
        if upload is None:
            return 404, {"message": "Not Found"}
        upload.looks += 1
        if upload.looks <= self.hub.pending:
            return 200, {"processing_status": "pending"}
        errors = ingestion.errors(upload.sarif, upload.document.get("checkout_uri", ""))
        analyses = f"https://api.github.com{self.path.partition('/sarifs')[0]}/analyses?sarif_id={identifier}"
        return 200, {"processing_status": "failed" if errors else "complete", "analyses_url": analyses, "errors": errors or None}

    def _send(self, status: int, body: bytes, fault: Fault | None) -> None:
        self.send_response_only(status)
        headers = {"Date": formatdate(usegmt=True), "Content-Type": "application/json; charset=utf-8", "Content-Length": str(len(body))}
        for name, value in {**headers, **(fault.headers if fault else {})}.items():
            self.send_header(name, value)
        self.end_headers()
        with suppress(OSError):
            if fault is None or not fault.drip:
                self.wfile.write(body[: len(body) - (fault.cut if fault else 0)])
                return
            for byte in body:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(fault.drip)
