from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.sources.gcp.credentials import Anonymous
from gonogo.sources.gcp.endpoints import EndpointError
from gonogo.sources.gcp.opening import open_session
from gonogo.sources.gcp.problems import Problem
from gonogo.sources.gcp.surfaces import load_surfaces

SURFACES = load_surfaces()


def test_nobody_logs_in_for_this_machine() -> None:
    session = open_session(SURFACES, ["*=http://127.0.0.1:1/{service}"])
    assert isinstance(session.identity, Anonymous)


def test_one_endpoint_outside_needs_a_login(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("google.auth", reason="the gcp extra is not installed")
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    with pytest.raises(Problem, match="no credentials were found"):
        open_session(SURFACES, ["*=http://127.0.0.1:1", "run=https://run.example.com"])


def test_a_wrong_endpoint_is_said_before_anything_is_asked() -> None:
    with pytest.raises(EndpointError):
        open_session(SURFACES, ["run=http://example.com"], {"GONOGO_ENDPOINT_SQLADMIN": "https://a"})
