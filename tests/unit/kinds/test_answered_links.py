"""What an answer names: in full, by number, in its own project and place; and what an address in a state is."""

from __future__ import annotations

import pytest

from gonogo.kinds.assets import collection_of, with_project_ids
from gonogo.kinds.fields import Written
from gonogo.kinds.gcp import SPECS, from_api, from_terraform, settle
from gonogo.model.resource import Resource
from gonogo.model.value import OpenList, Value, lookup
from gonogo.sources.gcp.surfaces import load_surfaces

BACKEND, POLICY, NEG = (f"compute.googleapis.com/{kind}" for kind in ("BackendService", "SecurityPolicy", "NetworkEndpointGroup"))
RUN, ALERT, CHANNEL = "run.googleapis.com/Service", "monitoring.googleapis.com/AlertPolicy", "monitoring.googleapis.com/NotificationChannel"
COMPUTE = "https://www.googleapis.com/compute/v1/projects/"


def answer(kind: str, name: str, scope: str = "shop", **data: Value) -> Resource:
    [made] = from_api(kind, data, name, scope)
    return made


def linked(link: str, *resources: Resource, numbers: dict[str, str] | None = None) -> Value:
    """The link of the first of the resources."""
    return lookup(settle(resources, numbers)[0].attributes, "links", link)


def service(region: str, project: str = "shop") -> Resource:
    return answer(RUN, f"projects/{project}/locations/{region}/services/web", project)


def group(**cloud_run: Value) -> Resource:
    name = "projects/shop/regions/europe-west1/networkEndpointGroups/web"
    return answer(NEG, name, region=COMPUTE + "shop/regions/europe-west1", networkEndpointType="SERVERLESS", cloudRun=cloud_run)


def test_a_short_name_is_of_the_same_project_and_region() -> None:
    here, elsewhere, other = service("europe-west1"), service("us-central1"), service("europe-west1", "blog")
    assert linked("cloudRun", group(service="web"), here, elsewhere, other) == [here.attributes["key"]]
    for others in ((elsewhere,), (other,), ()):
        assert isinstance(linked("cloudRun", group(service="web"), *others), OpenList)


def test_a_group_with_a_mask_may_lead_to_any_service() -> None:
    assert isinstance(linked("cloudRun", group(urlMask="<service>.example.com"), service("europe-west1")), OpenList)


def backend(project: str) -> Resource:
    return answer(BACKEND, "projects/shop/global/backendServices/web", securityPolicy=f"{COMPUTE}{project}/global/securityPolicies/edge")


def test_a_project_is_the_same_by_number_and_by_id() -> None:
    policy = answer(POLICY, "projects/shop/global/securityPolicies/edge")
    assert linked("securityPolicy", backend("shop"), policy) == [policy.attributes["key"]]
    assert linked("securityPolicy", backend("12"), policy, numbers={"12": "shop"}) == [policy.attributes["key"]]
    by_number = answer(POLICY, "projects/12/global/securityPolicies/edge")
    assert linked("securityPolicy", backend("shop"), by_number, numbers={"12": "shop"}) == [by_number.attributes["key"]]


@pytest.mark.parametrize("numbers", [{}, {"12": "blog"}])
def test_what_another_project_has_is_not_what_is_named(numbers: dict[str, str]) -> None:
    policy = answer(POLICY, "projects/shop/global/securityPolicies/edge")
    assert isinstance(linked("securityPolicy", backend("12"), policy, numbers=numbers), OpenList)


def test_a_name_in_full_that_was_not_read_is_not_nothing() -> None:
    """An instance group is no endpoint group; an endpoint group that was not read may lead anywhere."""
    for collection, nothing in (("instanceGroups", True), ("networkEndpointGroups", False)):
        found = linked("groups", answer(BACKEND, "projects/shop/global/backendServices/web", backends=[{"group": f"{COMPUTE}shop/zones/z/{collection}/g"}]))
        assert isinstance(found, OpenList) is not nothing


def test_a_text_that_looks_like_a_template_is_a_text() -> None:
    alert = answer(ALERT, "projects/shop/alertPolicies/1", notificationChannels=["projects/shop/notificationChannels/7"])
    channel = answer(CHANNEL, "projects/shop/notificationChannels/7", displayName="${env} on call")
    assert linked("channels", alert, channel) == [channel.attributes["key"]]


def test_a_state_names_things_as_the_api_does() -> None:
    """Two SSL policies of one name: each proxy has that of its own region."""
    link = COMPUTE + "shop/regions/{}/sslPolicies/tls"
    policies = [
        from_terraform("google_compute_region_ssl_policy", f"google_compute_region_ssl_policy.{r}", Written({"name": "tls", "region": r, "self_link": link.format(r)}))[0]
        for r in ("us-central1", "europe-west1")
    ]
    [proxy] = from_terraform(
        "google_compute_region_target_https_proxy",
        "google_compute_region_target_https_proxy.web",
        Written({"name": "web", "region": "europe-west1", "ssl_policy": link.format("europe-west1")}),
    )
    assert linked("sslPolicy", proxy, *policies) == [policies[1].attributes["key"]]


def test_collections_are_called_as_the_apis_call_them() -> None:
    linked_to = {kind for spec in SPECS for link in spec.links for kind in link.to}
    listed = {s.kind: s.scoped or s.items for s in load_surfaces().surfaces if s.kind in linked_to and s.service != "sqladmin"}
    assert len(listed) > 10
    assert {kind: collection_of(kind) for kind in listed} == listed


def test_a_number_is_replaced_where_a_project_stands_only() -> None:
    assert with_project_ids("projects/12/locations/12", {"12": "shop"}) == "projects/shop/locations/12"
    assert with_project_ids("projects/123/locations/l", {"12": "shop"}) == "projects/123/locations/l"
