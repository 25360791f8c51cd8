"""Which controls a kind decides, through relations too."""

from __future__ import annotations

from gonogo.rules import load_rules
from gonogo.rules.reach import controls_by_kind

REACH = controls_by_kind(load_rules(()))


def test_a_kind_reaches_the_controls_that_ask_about_it() -> None:
    assert "cloudsql-backups" in REACH["sqladmin.googleapis.com/Instance"]
    assert REACH["sqladmin.googleapis.com/BackupRun"] == ("cloudsql-backups",)
    assert "cloudsql-backups" not in REACH["run.googleapis.com/Service"]


def test_a_kind_reaches_what_is_joined_from_it_through_every_hop() -> None:
    """cloud-armor reads a backend's groups, and of them the services of Cloud Run."""
    assert "cloud-armor" in REACH["compute.googleapis.com/NetworkEndpointGroup"]
    assert "cloud-armor" in REACH["run.googleapis.com/Service"]
    assert REACH["compute.googleapis.com/SslPolicy"] == ("ssl-policy-modern",)


def test_a_relation_that_a_rule_does_not_name_does_not_count() -> None:
    assert "ssl-policy-modern" not in REACH["compute.googleapis.com/UrlMap"]
