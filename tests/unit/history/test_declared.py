from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gonogo.app import read_facts
from gonogo.history.compare.declared import Sides, compare_declared
from gonogo.history.compare.fields import load_field_rules
from gonogo.history.compare.relied import relied_on, relies
from gonogo.history.run import Surface
from gonogo.model.drift import Difference, Status
from gonogo.model.resource import Gap, Origin, Resource
from gonogo.model.value import Unknown
from gonogo.rules import load_rules
from histories import KIND, gap, surface

RULES = load_field_rules()
PACKS = load_rules(())
RELIED = relied_on(PACKS.rules, PACKS.relations)
READ = (surface(), Surface("shop", "everything", ("*.googleapis.com/*",), complete=True))
FULL = """
resource "google_sql_database_instance" "db" {
  name             = "db"
  region           = "europe-west3"
  database_version = "POSTGRES_15"
  settings {
    tier              = "db-custom-2-7680"
    availability_type = "REGIONAL"
    backup_configuration {
      enabled                        = true
      point_in_time_recovery_enabled = true
    }
    ip_configuration {
      ipv4_enabled    = false
      private_network = google_compute_network.vpc.id
      ssl_mode        = "ENCRYPTED_ONLY"
    }
  }
}
"""


def declared(directory: Path, text: str) -> tuple[Resource, ...]:
    (directory / "main.tf").write_text(text)
    return tuple(r for r in read_facts(directory).resources if r.kind.endswith(("/Instance", "/SslPolicy", "/TargetHttpsProxy")))


def answered(resource: Resource, *changes: tuple[str, Any], name: str = "db", project: str = "shop") -> Resource:
    """What the API would answer for a declaration, with some settings changed."""
    attributes: dict[str, Any] = dict(resource.attributes)
    for path, value in (("name", name), ("key", "k"), *changes):
        *parents, last = path.split(".")
        target = attributes
        for step in parents:
            target[step] = dict(target[step])
            target = target[step]
        target[last] = value
    full = f"//cloudsql.googleapis.com/projects/{project}/instances/{name}"
    return replace(resource, name=full, attributes=attributes, origin=Origin.LIVE, silent=frozenset(), locations={})


def compare(
    code: Sequence[Resource], live: Sequence[Resource], surfaces: Sequence[Surface] = READ, gaps: Sequence[Gap] = (), project: str | None = None
) -> tuple[Difference, ...]:
    return compare_declared(Sides(code, live, surfaces, gaps, project, RELIED), RULES)


def told(found: Sequence[Difference]) -> list[tuple[str, str]]:
    return [(d.status.value, d.field or d.name) for d in found]


@pytest.fixture
def db(tmp_path: Path) -> Resource:
    (found,) = declared(tmp_path, FULL)
    return found


def test_what_is_as_declared_is_not_told(db: Resource) -> None:
    live = answered(db, ("settings.ipConfiguration.privateNetwork", "vpc"))
    assert told(compare([db], [live])) == [("undecidable", "settings.ipConfiguration.privateNetwork")], "the network is declared elsewhere"
    named = replace(db, attributes={**db.attributes, "settings": {**db.attributes["settings"], "ipConfiguration": {}}})  # type: ignore[dict-item]
    assert compare([named], [answered(named)]) == ()


def test_a_setting_turned_off_differs_with_its_line(db: Resource) -> None:
    live = answered(db, ("settings.backupConfiguration.enabled", False))
    (found,) = [d for d in compare([db], [live]) if d.status is Status.DIFFERS]
    assert (found.field, found.expected, found.found) == ("settings.backupConfiguration.enabled", "true", "false")
    assert str(found.location) == "main.tf:10"
    assert found.declared == db.name
    assert found.name == "//cloudsql.googleapis.com/projects/shop/instances/db"


def test_what_the_code_does_not_write_is_undeclared_where_a_control_relies_on_it(tmp_path: Path) -> None:
    (silent,) = declared(tmp_path, 'resource "google_sql_database_instance" "db" {\n  name = "db"\n  settings {\n    tier = "x"\n  }\n}\n')
    live = answered(silent, ("settings.backupConfiguration.enabled", True), ("settings.backupConfiguration.startTime", "12:00"))
    found = [d for d in compare([silent], [live]) if d.field.startswith("settings.backupConfiguration")]
    assert told(found) == [("undeclared", "settings.backupConfiguration.enabled")]
    assert (found[0].expected, found[0].found) == ("false", "true")


def test_what_rules_read_is_relied_on() -> None:
    assert relies(RELIED, KIND, ("settings", "backupConfiguration", "enabled"))
    assert relies(RELIED, KIND, ("settings",))
    assert not relies(RELIED, KIND, ("settings", "backupConfiguration", "startTime"))
    assert not relies(RELIED, "docker/None", ("a",))
    assert relies(RELIED, "compute.googleapis.com/SslPolicy", ("minTlsVersion",)), "read through a relation"


def test_a_variable_is_undecidable(tmp_path: Path) -> None:
    text = FULL.replace("enabled                        = true", "enabled = var.backups") + 'variable "backups" {}\n'
    (db,) = declared(tmp_path, text)
    live = answered(db, ("settings.backupConfiguration.enabled", False))
    found = next(d for d in compare([db], [live]) if "enabled" in d.field)
    assert found.status is Status.UNDECIDABLE
    assert "var.backups" in found.reason or "backups" in found.reason


def test_what_is_not_there(db: Resource) -> None:
    assert told(compare([db], [])) == [("missing_live", "db")]
    assert told(compare([db], [], (surface(complete=False),))) == [("undecidable", "db")], "a lost permission is no deletion"
    assert compare([db], [], ()) == (), "nobody looked for it"
    maybe = replace(db, attributes={**db.attributes, "exists": Unknown.because("count = var.n")})
    assert told(compare([maybe], [])) == [("undecidable", "db")]


def test_what_nobody_declared(db: Resource) -> None:
    other = answered(db, name="other")
    name = "//cloudsql.googleapis.com/projects/shop/instances/other"
    assert told(compare([], [other])) == [("unmanaged_live", name)]
    (found,) = compare([], [other], gaps=(gap("*.googleapis.com/*"),))
    assert found.status is Status.UNDECIDABLE
    assert "could not be read" in found.reason


def test_a_name_that_is_not_known_is_matched_with_nothing(db: Resource) -> None:
    nameless = replace(db, attributes={**db.attributes, "name": Unknown.because("var.name")})
    live = answered(db)
    (found,) = compare([nameless], [live])
    assert found.status is Status.UNDECIDABLE
    assert found.reason.startswith(f"it may be {live.name}; its name is not known")
    # What another declaration is cannot be it.
    assert ("undecidable", nameless.name) in told(compare([nameless, db], [live]))
    assert not any(live.name in d.reason for d in compare([nameless, db], [live]))


def test_regions_and_projects_tell_equal_names_apart(db: Resource) -> None:
    here, there = answered(db), answered(db, project="other")
    assert {d.status for d in compare([db], [here, there])} == {Status.UNDECIDABLE}
    found = compare([db], [here, there], project="shop")
    assert ("unmanaged_live", there.name) in told(found)
    assert not any(d.reason.startswith("it may be") for d in found)
    elsewhere = answered(db, ("region", "us-east1"))
    assert told(compare([db], [elsewhere])) == [("unmanaged_live", elsewhere.name), ("missing_live", "db")]


def test_a_reference_is_what_it_is_called(tmp_path: Path) -> None:
    proxy, policy = sorted(
        declared(
            tmp_path,
            'resource "google_compute_ssl_policy" "modern" {\n  name = "modern"\n}\n'
            'resource "google_compute_target_https_proxy" "api" {\n  name       = "api"\n'
            "  url_map    = google_compute_url_map.gone.id\n  ssl_policy = google_compute_ssl_policy.modern.id\n}\n",
        ),
        key=lambda r: r.kind,
        reverse=True,
    )
    base = "//compute.googleapis.com/projects/shop/global"
    self_link = "https://www.googleapis.com/compute/v1/projects/shop/global/sslPolicies/{}"
    for name, status in (("modern", []), ("old", [("differs", "sslPolicy")])):
        attributes = {**proxy.attributes, "sslPolicy": self_link.format(name), "urlMap": None}
        live = replace(proxy, name=f"{base}/targetHttpsProxies/api", attributes=attributes, origin=Origin.LIVE)
        found = compare([proxy, policy], [live, replace(policy, name=f"{base}/sslPolicies/modern", origin=Origin.LIVE)])
        assert [row for row in told(found) if row[1] != "urlMap"] == status


def test_a_redacted_value_differs_from_nothing(db: Resource) -> None:
    code = replace(db, attributes={**db.attributes, "rootPassword": "hunter2"})
    (found,) = [d for d in compare([code], [answered(code, ("rootPassword", "[redacted]"))]) if d.field == "rootPassword"]
    assert found.status is Status.UNDECIDABLE
    assert "hunter2" not in str(found)


def test_grants_are_left_out_with_a_reason() -> None:
    grant = Resource("run.googleapis.com/ServiceIamBinding", "g", {"role": "roles/run.invoker", "members": ["allUsers"]})
    assert compare([grant], []) == ()
    assert "role by role" in RULES.unmatched[grant.kind]


def test_what_the_server_numbers_is_matched_by_the_name_that_people_gave_it() -> None:
    kind = "monitoring.googleapis.com/AlertPolicy"
    code = Resource(kind, "google_monitoring_alert_policy.errors", {"name": "Error rate", "enabled": True})
    base = "//monitoring.googleapis.com/projects/shop/alertPolicies"
    live = [Resource(kind, f"{base}/{number}", {"name": "Error rate", "enabled": False}, origin=Origin.LIVE) for number in (22, 44)]
    assert told(compare([code], live[:1])) == [("differs", "enabled")]
    (found,) = compare([code], live)
    assert found.status is Status.UNDECIDABLE, "two of one name"
    assert found.reason == f"it may be {base}/22 or {base}/44"


def test_a_project_has_one_of_some_things() -> None:
    kind = "binaryauthorization.googleapis.com/Policy"
    code = Resource(kind, "google_binary_authorization_policy.p", {"name": "shop", "mode": "a"})
    live = Resource(kind, "//binaryauthorization.googleapis.com/projects/shop/policy", {"name": "policy", "mode": "b"}, origin=Origin.LIVE)
    assert told(compare([code], [live])) == [("differs", "mode")]


def test_a_channel_that_the_server_numbers_is_what_the_code_names() -> None:
    alert, channel = "monitoring.googleapis.com/AlertPolicy", "monitoring.googleapis.com/NotificationChannel"
    base = "//monitoring.googleapis.com/projects/shop"
    code = [
        Resource(channel, "google_monitoring_notification_channel.call", {"name": "On call"}),
        Resource(alert, "google_monitoring_alert_policy.e", {"name": "E", "notificationChannels": ["${google_monitoring_notification_channel.call.id}"]}),
    ]
    live = [
        Resource(channel, f"{base}/notificationChannels/11", {"name": "On call"}, origin=Origin.LIVE),
        Resource(alert, f"{base}/alertPolicies/22", {"name": "E", "notificationChannels": ["projects/shop/notificationChannels/11"]}, origin=Origin.LIVE),
    ]
    assert compare(code, live) == ()
    other = replace(live[1], attributes={"name": "E", "notificationChannels": ["projects/shop/notificationChannels/12"]})
    assert {status for status, _ in told(compare(code, [live[0], other]))} == {"differs"}
