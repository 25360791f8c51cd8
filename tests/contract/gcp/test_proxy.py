from __future__ import annotations

import pytest

pytest.importorskip("googleapiclient", reason="google-api-python-client carries the discovery documents")
pytest.importorskip("google.cloud.sqladmin_v1beta4", reason="the gcp extra is not installed")

from loopback.client import audit
from loopback.seed import read_seed
from loopback.server import loopback


def test_what_is_for_this_machine_never_goes_to_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain http request is readable for a proxy; it is allowed because it does not leave the machine."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with loopback(read_seed("shop")) as running:
        assert audit(running, "secrets", "sql-instances").shortfalls == ()
        assert len(running.seen) == 2


def test_nothing_of_a_netrc_goes_along(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("home") / "netrc"
    file.write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(file))
    with loopback(read_seed("shop")) as running:
        audit(running, "secrets", "sql-instances")
        assert {seen.authorization for seen in running.seen} == {""}


def test_half_characters_do_not_get_in() -> None:
    from loopback.faults import Fault

    body = b'{"secrets": [{"name": "projects/1/secrets/a\\ud800b", "labels": {"\\uDFFF": "\\ud83d\\ude00"}}]}'
    with loopback(read_seed("shop"), Fault("/secrets$", status=200, body=body)) as running:
        (asset,) = audit(running, "secrets").assets
    assert asset.name.endswith("/a?b")
    assert asset.body["labels"] == {"?": "\N{GRINNING FACE}"}
