"""Application Default Credentials and Workload Identity Federation through google-auth, against token endpoints on loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

pytest.importorskip("googleapiclient", reason="google-api-python-client carries the discovery documents")
pytest.importorskip("google.auth", reason="the gcp extra is not installed")

from gonogo.sources.gcp.adc import default_identity
from gonogo.sources.gcp.credentials import GoogleIdentity
from gonogo.sources.gcp.problems import Cause, Problem
from loopback.client import audit
from loopback.seed import read_seed
from loopback.server import loopback

AUDITOR = "audit@shop-prod.iam.gserviceaccount.com"


class TokenServer:
    """Answers token requests: OAuth's, the Security Token Service's and impersonation's."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.answer: tuple[int, dict[str, Any]] | None = None


@contextmanager
def tokens() -> Iterator[TokenServer]:
    state = TokenServer()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            pass

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["content-length"])).decode()
            state.asked.append((self.path, {key: values[0] for key, values in parse_qs(text).items()}))
            impersonated = self.path.endswith(":generateAccessToken")
            own = (
                {"accessToken": "of-the-auditor", "expireTime": "2099-01-01T00:00:00Z"}
                if impersonated
                else {"access_token": "of-the-caller", "expires_in": 3600}
            )
            status, body = state.answer or (
                200,
                {**own, "token_type": "Bearer", "issued_token_type": "urn:ietf:params:oauth:token-type:access_token"},
            )
            raw = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    state.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(autouse=True)
def nobody_is_logged_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No metadata server is asked, and no login of whoever runs the tests is found."""
    for name in ("GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_PROJECT", "GOOGLE_CLOUD_QUOTA_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path / "none"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def use(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, document: dict[str, Any]) -> None:
    file = tmp_path / "adc.json"
    file.write_text(json.dumps(document))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))


def service_account(token_uri: str) -> dict[str, Any]:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return {
        "type": "service_account",
        "client_email": AUDITOR,
        "private_key": key.decode(),
        "private_key_id": "1",
        "token_uri": token_uri,
        "project_id": "p",
    }


def federated(directory: Path, url: str, **more: Any) -> dict[str, Any]:
    (directory / "oidc.txt").write_text("a.subject.token")
    return {
        "type": "external_account",
        "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/github/providers/actions",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": f"{url}/v1/token",
        "credential_source": {"file": str(directory / "oidc.txt")},
        **more,
    }


def read_with(identity: GoogleIdentity) -> set[str]:
    """The Authorization headers with which a cloud was read."""
    with loopback(read_seed("shop")) as running:
        assert audit(running, "secrets", "sql-instances", identity=identity).shortfalls == ()
        return {seen.authorization for seen in running.seen}


def test_a_service_account_is_who_it_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with tokens() as server:
        use(monkeypatch, tmp_path, service_account(f"{server.url}/token"))
        identity = default_identity()
        assert identity.who == f"serviceAccount:{AUDITOR}"
        assert identity.means == "the key of a service account"
        assert read_with(identity) == {"Bearer of-the-caller"}
        assert [path for path, _ in server.asked] == ["/token"], "one token for all workers"


def test_workload_identity_federation_exchanges_the_token_of_the_workload(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with tokens() as server:
        use(monkeypatch, tmp_path, federated(tmp_path, server.url))
        assert read_with(default_identity()) == {"Bearer of-the-caller"}
        ((path, form),) = server.asked
        assert (path, form["subject_token"], form["scope"]) == (
            "/v1/token",
            "a.subject.token",
            "https://www.googleapis.com/auth/cloud-platform",
        )


def test_federation_may_go_on_to_a_service_account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with tokens() as server:
        url = f"{server.url}/v1/projects/-/serviceAccounts/{AUDITOR}:generateAccessToken"
        use(monkeypatch, tmp_path, federated(tmp_path, server.url, service_account_impersonation_url=url))
        identity = default_identity()
        assert identity.who == f"serviceAccount:{AUDITOR}"
        assert read_with(identity) == {"Bearer of-the-auditor"}


def test_a_refused_login_is_a_shortfall_with_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with tokens() as server, loopback(read_seed("shop")) as running:
        server.answer = (400, {"error": "invalid_grant", "error_description": "Invalid JWT: iat is in the future"})
        use(monkeypatch, tmp_path, service_account(f"{server.url}/token"))
        collected = audit(running, "secrets", "log-sinks", identity=default_identity())
        assert running.seen == []
        assert len(server.asked) == 1, "the token endpoint has said no once"
    assert {s.cause for s in collected.shortfalls} == {Cause.CREDENTIALS}
    assert all("the clock of this machine is wrong: set it" in s.reason for s in collected.shortfalls)


def test_nobody_logged_in_is_said_with_what_to_run() -> None:
    with pytest.raises(Problem, match="gcloud auth application-default login") as caught:
        default_identity()
    assert caught.value.cause is Cause.CREDENTIALS


def test_the_quota_project_goes_along(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with tokens() as server:
        use(monkeypatch, tmp_path, service_account(f"{server.url}/token"))
        headers = default_identity(quota_project="payer").headers("GET", "https://run.googleapis.com/v1/projects/p/locations")
    assert headers["x-goog-user-project"] == "payer"


def test_impersonation_reads_as_the_other(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with tokens() as server:
        use(monkeypatch, tmp_path, service_account(f"{server.url}/token"))
        identity = default_identity(impersonate="reader@shop-prod.iam.gserviceaccount.com")
    assert identity.who == "serviceAccount:reader@shop-prod.iam.gserviceaccount.com"
    assert identity.means == "impersonation by the key of a service account"


def test_a_user_is_named_where_the_login_says_who(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    login = {"type": "authorized_user", "client_id": "a", "client_secret": "b", "refresh_token": "c"}
    for account, who in (("", ""), ("jo@example.com", "user:jo@example.com")):
        use(monkeypatch, tmp_path, {**login, "account": account})
        identity = default_identity()
        assert (identity.who, identity.means) == (who, "the login of a user (gcloud auth application-default login)")


def test_a_federated_workload_has_no_name_and_says_what_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with tokens() as server:
        use(monkeypatch, tmp_path, federated(tmp_path, server.url))
        identity = default_identity()
    assert (identity.who, identity.means) == ("", "Workload Identity Federation")
