"""One request to GitHub: bounded in time and size, never sent on to another host.

`http.client` and not `requests`: an upload in a pipeline then needs nothing beyond what a scan needs. It follows no redirect and reads no
`.netrc`, both of which would send credentials where nobody wanted them. It times each piece of an answer, so that a server that drips is
never late; a timer therefore cuts off the whole.
"""

from __future__ import annotations

import base64
import json
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from gonogo import __version__
from gonogo.publish.errors import PublishError
from gonogo.publish.github_target import is_loopback
from gonogo.report.escape import printable

MAX_ANSWER = 4 * 1024 * 1024


class Lost(Exception):
    """No answer that could be read came back; what was sent may have arrived. The message says what happened."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `headers` have names in lower case; `body` is JSON, None where an error has none."""

    status: int
    headers: Mapping[str, str]
    body: Any

    def text(self, field: str) -> str:
        """A text of the body's object on one line, so that it cannot pass for a line of ours; empty where there is none."""
        value = self.body.get(field) if isinstance(self.body, dict) else None
        return printable(value) if isinstance(value, str) else ""


def send(method: str, url: str, token: str, within: float, document: Mapping[str, Any] | None = None) -> Answer:
    """Send one request and take at most `within` seconds for it. Raises `Lost`, and `PublishError` where asking again cannot help."""
    parts = urlsplit(url)
    body = json.dumps(document).encode() if document is not None else None
    headers = {
        "accept": "application/vnd.github+json",
        "authorization": f"Bearer {token}",
        "user-agent": f"gonogo/{__version__}",
        **({"content-type": "application/json"} if body is not None else {}),
    }
    connection = _connection(parts.scheme, parts.hostname or "", parts.port, within)
    late = threading.Event()
    watch = threading.Timer(within, lambda: None)
    try:
        connection.connect()
        watch = threading.Timer(within, _cut, (connection.sock, late))
        watch.daemon = True
        watch.start()
        connection.request(method, parts.path, body, headers)
        response = connection.getresponse()
        text = response.read(MAX_ANSWER + 1)
    except ssl.SSLCertVerificationError as error:
        raise PublishError(f"the certificate of {parts.netloc} is not trusted ({error.verify_message}); SSL_CERT_FILE names those that are") from error
    except (OSError, HTTPException) as error:
        if late.is_set():
            raise Lost(f"{parts.netloc} did not finish its answer within {within:g} s") from error
        raise Lost(f"the connection to {parts.netloc} failed ({str(error) or type(error).__name__})") from error
    finally:
        watch.cancel()
        connection.close()
    if late.is_set():
        raise Lost(f"{parts.netloc} did not finish its answer within {within:g} s")
    if len(text) > MAX_ANSWER:
        raise PublishError(f"{parts.netloc} answered with more than {MAX_ANSWER // 1024} KiB: that is not GitHub's API")
    return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, _document(response.status, text, parts.netloc))


def _document(status: int, text: bytes, host: str) -> Any:
    """The JSON of an answer; an error may be anything, a proxy's page for instance, and its status says enough."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        if status < 300:
            raise Lost(f"{host} answered with JSON that cannot be read (status {status}, {len(text)} bytes)") from error
        return None


def _connection(scheme: str, host: str, port: int | None, within: float) -> HTTPConnection:
    """A connection to the host, through the proxy of the environment where there is one for it."""
    if scheme == "http":
        return HTTPConnection(host, port, timeout=within)  # a loopback address: `target` takes no other
    proxy = "" if is_loopback(host) or proxy_bypass(host) else getproxies().get("https", "")
    if not proxy:
        return HTTPSConnection(host, port, timeout=within, context=ssl.create_default_context())
    parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    if parts.scheme != "http" or not parts.hostname:
        raise PublishError(f"HTTPS_PROXY is no URL like http://proxy.example.com:3128 but has the scheme {parts.scheme!r}", user=True)
    connection = HTTPSConnection(parts.hostname, parts.port or 80, timeout=within, context=ssl.create_default_context())
    user = f"{unquote(parts.username)}:{unquote(parts.password or '')}" if parts.username else ""
    grant = {"Proxy-Authorization": "Basic " + base64.b64encode(user.encode()).decode()} if user else {}
    connection.set_tunnel(host, port or 443, grant)
    return connection


def _cut(sock: socket.socket, late: threading.Event) -> None:
    late.set()
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # already gone, which is what was wanted
