"""One request on the wire: read-only, bounded in time and size, JSON or nothing.

`requests` is used for what it knows of proxies and certificate bundles; its timeouts are per piece, so that a server which
drips bytes is never late. Headers are therefore timed as a whole, and a body is read piece by piece against a deadline.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from gonogo import __version__
from gonogo.sources.gcp.endpoints import Endpoint
from gonogo.sources.gcp.pacing import Limits, http_date, retry_after
from gonogo.sources.gcp.problems import Cause, Problem
from gonogo.sources.gcp.punctual import PUNCTUAL
from gonogo.sources.gcp.readonly import WriteRefused, permitted
from gonogo.sources.gcp.redact import whole_characters

_PIECE = 64 * 1024
# What is for this machine does not go through the proxy of the environment; an empty one outweighs it.
_NO_PROXY = {"http": "", "https": ""}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever its status. `body` is the JSON, None where an error has none; `sent` is the server's own clock."""

    status: int
    body: Any
    sent: datetime | None
    retry_after: float | None


class Wire:
    """One connection pool. Use one per thread."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._session = requests.Session()
        self._session.headers["user-agent"] = f"gonogo/{__version__}"
        self._session.trust_env = False  # it would look through the whole environment at each request
        self._environment: dict[str, dict[str, Any]] = {}
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, _ReadOnlyAdapter())

    def send(
        self,
        method: str,
        endpoint: Endpoint,
        path: str,
        params: Sequence[tuple[str, str]],
        headers: Mapping[str, str],
        document: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Send one request. Raises `Problem` where no JSON comes back that could be read, `WriteRefused` where it is no read."""
        url = endpoint.base + path
        host = urlsplit(url).netloc
        try:
            response = self._session.request(
                method,
                url,
                params=list(params),
                headers={"accept": "application/json", **headers},
                json=dict(document) if document is not None else None,
                timeout=(self._limits.connect, self._limits.read),
                auth=_as_given,
                **self._surroundings(endpoint),
                allow_redirects=False,  # it would be sent the credentials
                stream=True,
            )
            with response:
                text = self._body(response.raw, host)
        except (requests.Timeout, urllib3.exceptions.TimeoutError) as error:
            raise Problem(Cause.UNREACHABLE, f"{host} did not answer in time ({_first_line(error)})", transient=True) from error
        except requests.exceptions.SSLError as error:
            raise Problem(
                Cause.UNREACHABLE, f"the certificate of {host} is not trusted ({_first_line(error)}); check REQUESTS_CA_BUNDLE"
            ) from error
        except (requests.RequestException, urllib3.exceptions.HTTPError, HTTPException, OSError) as error:
            raise Problem(Cause.UNREACHABLE, f"the connection to {host} failed ({_first_line(error)})", transient=True) from error
        date = response.headers.get("date")
        return Answer(
            response.status_code,
            _document(response.status_code, response.headers.get("content-type", ""), text, host),
            http_date(date),
            retry_after(response.headers.get("retry-after"), date),
        )

    def _surroundings(self, endpoint: Endpoint) -> dict[str, Any]:
        """What the environment says of an endpoint, looked up once: `proxies`, `verify` (the certificate bundle) and `cert`."""
        if endpoint.base not in self._environment:
            own = dict(_NO_PROXY) if endpoint.loopback else {}
            found = requests.Session().merge_environment_settings(endpoint.base, own, None, None, None)
            self._environment[endpoint.base] = {name: found[name] for name in ("proxies", "verify", "cert")}
        return self._environment[endpoint.base]

    def _body(self, raw: urllib3.HTTPResponse, host: str) -> bytes:
        end = time.monotonic() + self._limits.answer
        pieces: list[bytes] = []
        size = 0
        while piece := raw.read1(_PIECE, decode_content=True):
            pieces.append(piece)
            size += len(piece)
            if size > self._limits.body:
                raise Problem(Cause.INVALID, f"{host} sent more than {self._limits.body // 1024} KiB in one answer")
            if time.monotonic() > end:
                raise Problem(Cause.UNREACHABLE, f"{host} did not finish its answer within {self._limits.answer:g} s", transient=True)
        return b"".join(pieces)


def _document(status: int, content_type: str, text: bytes, host: str) -> Any:
    """The JSON of an answer. An error may be anything (a proxy's page): its status says enough. A success is JSON, or no answer."""
    kind = content_type.partition(";")[0].strip().lower()
    if 300 <= status < 400:
        raise Problem(Cause.INVALID, f"{host} redirects (status {status}); credentials are not sent elsewhere")
    if kind == "application/json" or kind.endswith("+json"):
        try:
            return whole_characters(json.loads(text))
        except (ValueError, RecursionError) as error:
            if status < 400:
                raise Problem(Cause.INVALID, f"{host} sent JSON that cannot be read ({_first_line(error)})", transient=True) from error
    elif status < 400:
        raise Problem(
            Cause.INVALID, f"{host} answered with {kind or 'no content type'} instead of JSON; is a proxy or a login page in between?"
        )
    return None


def _as_given(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """An authentication that does nothing: without one, requests puts what `.netrc` holds over the token."""
    return request


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [""])[0][:200] or type(error).__name__


class _ReadOnlyAdapter(HTTPAdapter):
    """The last place before the socket: what is no read does not pass."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = PUNCTUAL

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = PUNCTUAL
        return manager

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        method, path = request.method or "", urlsplit(request.url or "").path
        if not permitted(method, path):
            raise WriteRefused(f"{method} {path} is no read; gonogo sends none")
        return super().send(request, *args, **kwargs)
