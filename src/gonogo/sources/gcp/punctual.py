"""Connections of urllib3 that time headers as a whole; its own timeouts are per piece, so that a server which drips bytes is never late."""

from __future__ import annotations

import socket
import threading
from http.client import HTTPException
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection


class _Punctual:
    """Cuts a connection off whose headers do not arrive within the read timeout, however steadily they drip."""

    sock: socket.socket | None
    timeout: Any

    def getresponse(self) -> Any:
        within = self.timeout if isinstance(self.timeout, int | float) else None
        if within is None or self.sock is None:
            return super().getresponse()  # type: ignore[misc]  # a mixin: the connection class stands behind it
        late = threading.Event()
        watch = threading.Timer(within, _cut, (self.sock, late))
        watch.daemon = True
        watch.start()
        try:
            response = super().getresponse()  # type: ignore[misc]
        except (OSError, HTTPException, urllib3.exceptions.HTTPError):
            if not late.is_set():
                raise
            response = None
        finally:
            watch.cancel()
        if late.is_set():
            raise TimeoutError(f"no complete headers within {within:g} s")
        return response


def _cut(sock: socket.socket, late: threading.Event) -> None:
    late.set()
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # already gone, which is what was wanted


class _PunctualHTTP(_Punctual, HTTPConnection):
    pass


class _PunctualHTTPS(_Punctual, HTTPSConnection):
    pass


class _PunctualHTTPPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _PunctualHTTP


class _PunctualHTTPSPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _PunctualHTTPS


PUNCTUAL: dict[str, type] = {"http": _PunctualHTTPPool, "https": _PunctualHTTPSPool}
"""For `pool_classes_by_scheme` of a pool manager."""
