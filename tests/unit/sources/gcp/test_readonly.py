from __future__ import annotations

import pytest

from gonogo.sources.gcp.endpoints import Endpoint
from gonogo.sources.gcp.pacing import Limits
from gonogo.sources.gcp.readonly import WriteRefused, permitted


@pytest.mark.parametrize(
    "path",
    [
        "/v1/projects/p:testIamPermissions",
        "/v3/projects/p:getIamPolicy",
        "/v1/folders/9:getIamPolicy",
        "/run/v3/organizations/9:testIamPermissions",
        "/v3/projects/p/timeSeries:query",
        "/v2/entries:list",
    ],
)
def test_a_read_that_is_a_post_may_leave(path: str) -> None:
    assert permitted("POST", path)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/projects/p:setIamPolicy"),
        ("POST", "/sql/v1beta4/projects/p/instances"),
        ("POST", "/sql/v1beta4/projects/p/instances/i/restart"),
        ("POST", "/v1/projects/p:testIamPermissions/more"),
        ("POST", "/v1/projects/p:delete"),
        ("POST", "/v1/projects/p:testIamPermissions?x"),
        ("PUT", "/v1/projects/p:testIamPermissions"),
        ("PATCH", "/x"),
        ("DELETE", "/sql/v1beta4/projects/p/instances/i"),
        ("HEAD", "/x"),
        ("get", "/x"),
    ],
)
def test_nothing_else_may(method: str, path: str) -> None:
    assert not permitted(method, path)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
def test_the_http_layer_itself_refuses_to_write(method: str) -> None:
    pytest.importorskip("google.auth", reason="the gcp extra is not installed")
    from gonogo.sources.gcp.wire import Wire

    # Nobody listens there: a request that left would be a connection that failed.
    with pytest.raises(WriteRefused, match="is no read"):
        Wire(Limits()).send(method, Endpoint("http://127.0.0.1:9", loopback=True), "/v1/projects/p", [], {}, {"a": 1})


def test_googles_own_clients_cannot_write_either() -> None:
    sql = pytest.importorskip("google.cloud.sqladmin_v1beta4", reason="the gcp extra is not installed")
    from google.auth.credentials import AnonymousCredentials

    from gonogo.sources.gcp.google_clients import _Channel

    client = sql.SqlInstancesServiceClient(credentials=AnonymousCredentials(), transport="rest")  # type: ignore[no-untyped-call]
    client.transport._session.mount("https://", _Channel(None, None))  # type: ignore[arg-type]  # it refuses before it needs either
    with pytest.raises(WriteRefused):
        client.delete(request={"project": "p", "instance": "i"})
    with pytest.raises(WriteRefused):
        client.restart(request={"project": "p", "instance": "i"})
