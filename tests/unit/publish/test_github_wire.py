"""The way out: to whom a request goes, and what nobody in between gets to see."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which

import pytest

from gonogo.publish.errors import PublishError
from gonogo.publish.github_wire import Lost, send

TOKEN = "ghs_secret"


@contextmanager
def listening(seen: list[bytes], context: ssl.SSLContext | None = None, answer: bytes = b"") -> Iterator[int]:
    """A server that takes one request, answers and hangs up; its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                try:
                    wrapped = context.wrap_socket(connection, server_side=True) if context else connection
                    seen.append(wrapped.recv(65536))
                    wrapped.sendall(answer)
                except OSError:
                    seen.append(b"")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        thread.join(5)


@pytest.fixture
def certificate(tmp_path: Path) -> ssl.SSLContext:
    openssl = which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", cert, *subject], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context


def test_a_certificate_that_nobody_vouches_for_ends_it_before_anything_is_sent(certificate: ssl.SSLContext) -> None:
    seen: list[bytes] = []
    with listening(seen, certificate) as port, pytest.raises(PublishError, match="certificate of 127.0.0.1:.* is not trusted"):
        send("GET", f"https://127.0.0.1:{port}/repos/a/b", TOKEN, 5)
    assert seen == [b""]


def test_a_certificate_that_somebody_vouches_for_is_taken(certificate: ssl.SSLContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    seen: list[bytes] = []
    with listening(seen, certificate, b'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"a": "b"}') as port:
        answer = send("GET", f"https://127.0.0.1:{port}/repos/a/b", TOKEN, 5)
    assert (answer.status, answer.body) == (200, {"a": "b"})
    assert f"Bearer {TOKEN}".encode() in seen[0]


def test_a_proxy_is_asked_for_a_tunnel_and_sees_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bytes] = []
    with listening(seen, answer=b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n") as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:pass%20word@127.0.0.1:{port}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        with pytest.raises(Lost, match="407"):
            send("GET", "https://github.example.com/repos/a/b", TOKEN, 5)
    assert seen[0].startswith(b"CONNECT github.example.com:443 ")
    assert b"Proxy-Authorization: Basic bWU6cGFzcyB3b3Jk" in seen[0]
    assert TOKEN.encode() not in seen[0]


def test_what_is_for_this_machine_goes_through_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    seen: list[bytes] = []
    with listening(seen, answer=b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}") as port:
        assert send("GET", f"http://127.0.0.1:{port}/x", TOKEN, 5).body == {}


def test_a_proxy_that_is_no_http_proxy_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks5://127.0.0.1:9")
    with pytest.raises(PublishError, match="HTTPS_PROXY is no URL like"):
        send("GET", "https://github.example.com/x", TOKEN, 5)


@pytest.mark.parametrize("answer", [b"", b"not http\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 200 + b"\r\n"])
def test_what_is_no_answer_is_lost_and_no_crash(answer: bytes) -> None:
    seen: list[bytes] = []
    with listening(seen, answer=answer) as port, pytest.raises(Lost):
        send("GET", f"http://127.0.0.1:{port}/x", TOKEN, 5)
