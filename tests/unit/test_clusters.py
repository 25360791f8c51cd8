"""Which clusters of a project the contexts lead to."""

from __future__ import annotations

from typing import Any

import pytest

from gonogo.clusters import Clusters, unread_clusters

MAIN = "//container.googleapis.com/projects/shop/locations/europe-west1/clusters/main"
TEST = "//container.googleapis.com/projects/shop/locations/europe-west1/clusters/test"


@pytest.mark.parametrize(
    "body",
    [
        {"endpoint": "192.0.2.7"},
        {"privateClusterConfig": {"privateEndpoint": "192.0.2.7"}},
        {"controlPlaneEndpointsConfig": {"dnsEndpointConfig": {"endpoint": "192.0.2.7"}}},
    ],
)
def test_a_context_leads_to_a_cluster_by_its_endpoint(body: dict[str, Any]) -> None:
    read = Clusters(hosts={"main": "192.0.2.7"})
    assert unread_clusters([(MAIN, body), (TEST, {"endpoint": "192.0.2.8"})], read) == ([TEST], [])


def test_through_a_tunnel_the_only_one_is_taken_for_it_and_that_is_said() -> None:
    unread, remarks = unread_clusters([(MAIN, {"endpoint": "192.0.2.7"})], Clusters(hosts={"tunnel": "127.0.0.1"}))
    assert unread == []
    assert MAIN in remarks[0]
    assert "tunnel" in remarks[0]


def test_through_a_tunnel_none_of_several_is_guessed() -> None:
    unread, remarks = unread_clusters([(MAIN, {}), (TEST, {})], Clusters(hosts={"tunnel": "127.0.0.1"}))
    assert (unread, remarks) == ([MAIN, TEST], [])
