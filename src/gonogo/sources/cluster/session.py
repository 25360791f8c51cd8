"""One request to an API server: read-only, bounded in time and size, tried again where that helps, JSON as it was sent.

The client's connection pool carries it, with what the kubeconfig says of certificates, tokens and proxies; its models are left
alone, for they drop the fields that they do not know. Nothing is followed to another address.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from gonogo import __version__
from gonogo.sources.cluster.lists import Listed
from gonogo.sources.cluster.problems import classify
from gonogo.sources.cluster.readonly import permitted
from gonogo.sources.gcp.pacing import Clock, Limits, pause, retry_after
from gonogo.sources.gcp.problems import Cause, Problem
from gonogo.sources.gcp.readonly import WriteRefused

if TYPE_CHECKING:
    from kubernetes.client import ApiClient

_PIECE = 64 * 1024
MAX_BYTES = 1024 * 1024 * 1024
"""Of all answers of one cluster together."""


def address(url: str) -> str:
    """A URL without a user and a password in it."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


class ClusterSession:
    """Reads one cluster. `verified` is whether its certificate is checked."""

    def __init__(
        self, context: str, server: str, client: ApiClient, limits: Limits, *, verified: bool = True, draw: Callable[[], float] = random.random
    ) -> None:
        self.context = context
        self.server = server
        self.verified = verified
        self.clock = Clock(limits.budget)
        self.requests = 0
        self.received = 0
        self._client = client
        self._limits = limits
        self._draw = draw

    @property
    def name(self) -> str:
        """The cluster as the beginning of the full names of what is in it: `//k8s/gke_shop_europe-west1_main`."""
        return f"//k8s/{quote(self.context, safe='')}"

    @property
    def host(self) -> str:
        return urlsplit(self.server).hostname or ""

    @property
    def shown(self) -> str:
        """The address of the server without a password in it."""
        return address(self.server)

    def read(self, path: str, query: Mapping[str, str], accept: str, listed: Listed | None) -> dict[str, Any]:
        """The JSON object at `path`. Raises `Problem`."""
        if not permitted("GET", path, dict(query)):
            raise WriteRefused(f"GET {path} is no list")
        for attempt in range(self._limits.tries):
            try:
                return self._once(path, query, accept, listed)
            except Problem as problem:
                wait = pause(attempt, self._limits, problem.retry_after, self._draw)
                if not problem.transient or attempt + 1 == self._limits.tries or wait >= self.clock.left():
                    raise
                self.clock.wait(wait)
        raise AssertionError("unreachable: the last try returns or raises")

    def _once(self, path: str, query: Mapping[str, str], accept: str, listed: Listed | None) -> dict[str, Any]:
        if self.clock.left() <= 0:
            raise self.clock.used_up()
        self.requests += 1
        status, headers, text = self._send(path, query, accept)
        try:
            body = json.loads(text, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            if status == 200:
                raise Problem(Cause.INVALID, f"the cluster {self.context} answered with what is no JSON ({error})") from error
            body = None
        if status != 200:
            raise classify(status, body, self.context, listed, retry_after(headers.get("retry-after"), headers.get("date")))
        if not isinstance(body, dict):
            raise Problem(Cause.INVALID, f"the cluster {self.context} answered with JSON that is no object")
        return body

    def _send(self, path: str, query: Mapping[str, str], accept: str) -> tuple[int, Mapping[str, str], bytes]:
        import urllib3

        url = self.server.rstrip("/") + path + (f"?{urlencode(query)}" if query else "")
        credentials = self._credentials()
        headers = {"accept": accept, "user-agent": f"gonogo/{__version__}", **credentials}
        try:
            response = self._client.rest_client.pool_manager.request(
                "GET", url, headers=headers, preload_content=False, retries=False, redirect=False,
                timeout=urllib3.Timeout(connect=self._limits.connect, read=self._limits.read),
            )  # fmt: skip
            try:
                body = self._body(response)
                for token in credentials.values():  # a proxy that complains of a request may repeat it
                    body = body.replace(token.encode(), b"[redacted]").replace(token.rpartition(" ")[2].encode(), b"[redacted]")
                return response.status, {k.lower(): v for k, v in response.headers.items()}, body
            finally:
                response.close()
        except urllib3.exceptions.SSLError as error:
            raise Problem(Cause.CREDENTIALS, f"the certificate of {self.shown} is not trusted by the context {self.context}: {error}") from error
        except (urllib3.exceptions.HTTPError, OSError) as error:
            reason = f"the cluster {self.context} at {self.shown} could not be reached: {type(error).__name__}: {error}"
            raise Problem(Cause.UNREACHABLE, " ".join(reason.split())[:400], transient=True) from error

    def _body(self, response: Any) -> bytes:
        """The body, read piece by piece against a deadline: each timeout of the pool is only that of one piece."""
        if response.headers.get("content-encoding", "identity") != "identity":
            raise Problem(Cause.INVALID, f"the cluster {self.context} compressed an answer that was not asked for compressed")
        late, pieces, size = self.clock.now() + min(self._limits.answer, self.clock.left()), [], 0
        while piece := response.read1(_PIECE):
            size += len(piece)
            if size > self._limits.body:
                raise Problem(Cause.INVALID, f"the cluster {self.context} sent more than {self._limits.body} bytes in one answer")
            self.received += len(piece)
            if self.received > MAX_BYTES:
                raise Problem(Cause.BUDGET, f"the cluster {self.context} sent more than {MAX_BYTES} bytes, and the rest was not read")
            if self.clock.now() > late:
                raise Problem(Cause.UNREACHABLE, f"the cluster {self.context} took more than {self._limits.answer:g} s for one answer", transient=True)
            pieces.append(piece)
        return b"".join(pieces)

    def _credentials(self) -> dict[str, str]:
        """The header of the token, renewed where it has expired. Raises `Problem` where that fails."""
        try:
            settings: Any = self._client.configuration.auth_settings()
        except Exception as error:
            raise Problem(Cause.CREDENTIALS, f"the credentials of the context {self.context} could not be renewed ({type(error).__name__})") from error
        token = settings.get("BearerToken", {}).get("value")
        return {"authorization": str(token)} if token else {}


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no JSON")
