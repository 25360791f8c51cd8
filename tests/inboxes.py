"""Services that are told, on loopback: one that takes HTTP, also as a proxy for services elsewhere, and one that takes mail."""

from __future__ import annotations

import email
import email.message
import email.policy
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Sent:
    """One request. `host` is the one that was meant, through a proxy or not."""

    host: str
    path: str
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body)


@dataclass(slots=True)
class Inbox:
    """What was sent. `statuses` are answered one after the other, then 200 for good."""

    port: int
    sent: list[Sent] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    arrived: threading.Event = field(default_factory=threading.Event)
    held: threading.Event = field(default_factory=threading.Event)
    """Cleared, it keeps answers back."""

    taken: list[Sent] = field(default_factory=list)


@contextmanager
def http_inbox(certificate: tuple[str, str] | None = None) -> Iterator[Inbox]:
    """An HTTP server that takes everything. With a certificate it is a proxy, too, that answers in the place of any host."""
    inbox = Inbox(0)
    inbox.held.set()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            sent = Sent(self.headers.get("Host", ""), self.path, body)
            inbox.sent.append(sent)
            inbox.arrived.set()
            status = inbox.statuses.pop(0) if inbox.statuses else 200
            inbox.held.wait(60)
            if status < 300:
                inbox.taken.append(sent)
            self.send_response(status)
            self.send_header("Content-Length", "2")
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(b"ok")
            self.close_connection = True

        def do_CONNECT(self) -> None:
            assert certificate is not None
            self.send_response(200)
            self.end_headers()
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.connection = context.wrap_socket(self.connection, server_side=True)
            self.rfile = self.connection.makefile("rb", -1)
            self.wfile = self.connection.makefile("wb", 0)
            self.handle_one_request()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    inbox.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield inbox
    finally:
        inbox.held.set()
        server.shutdown()
        server.server_close()


@contextmanager
def mail_inbox() -> Iterator[tuple[int, list[email.message.EmailMessage]]]:
    """An SMTP server: its port, and the mails it took."""
    from aiosmtpd.controller import Controller
    from aiosmtpd.smtp import SMTP, Envelope, Session

    taken: list[email.message.EmailMessage] = []

    class Handler:
        async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - the library's name
            assert isinstance(envelope.content, bytes)
            taken.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
            return "250 taken"

    controller = Controller(Handler(), hostname="127.0.0.1", port=0)
    # The controller asks its own port whether it answers, which it does not know before it has one.
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        controller.port = free.getsockname()[1]
    controller.start()
    try:
        yield controller.port, taken
    finally:
        controller.stop()


def self_signed(directory: Path) -> tuple[str, str]:
    """A certificate that nobody vouches for, and its key, as files."""
    import datetime

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "loopback")])
    now = datetime.datetime.now(datetime.UTC)
    hour = datetime.timedelta(hours=1)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    certificate = builder.not_valid_before(now - hour).not_valid_after(now + hour).sign(key, hashes.SHA256())
    files = directory / "inbox.pem", directory / "inbox.key"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return str(files[0]), str(files[1])
