from __future__ import annotations

from typing import Any

import pytest

from gonogo.sources.gcp.redact import redacted
from gonogo.sources.gcp.surfaces import load_surfaces

SURFACES = {surface.id: surface for surface in load_surfaces().surfaces}


def service(*env: dict[str, Any], args: list[str] | None = None) -> dict[str, Any]:
    return {"name": "s", "template": {"containers": [{"env": list(env), "args": args or []}]}}


def kept(surface: str, body: dict[str, Any]) -> dict[str, Any]:
    return redacted(body, SURFACES[surface])


def test_what_a_variable_holds_is_not_kept_whatever_its_name() -> None:
    found = kept("run-services", service({"name": "PASSWORD", "value": "hunter2"}, {"name": "MODE", "value": "x"}))
    assert [entry["value"] for entry in found["template"]["containers"][0]["env"]] == ["[redacted]", "[redacted]"]


@pytest.mark.parametrize("value", ["", "sm://shop/token", "projects/1/secrets/token/versions/2"])
def test_where_a_secret_lies_and_nothing_at_all_stay(value: str) -> None:
    found = kept("run-services", service({"name": "TOKEN", "value": value}))
    assert found["template"]["containers"][0]["env"][0]["value"] == value


def test_references_to_secret_manager_stay() -> None:
    entry = {"name": "TOKEN", "valueSource": {"secretKeyRef": {"secret": "token", "version": "1"}}}
    assert kept("run-services", service(entry)) == service(entry)


def test_arguments_lose_what_looks_like_a_credential() -> None:
    found = kept("run-services", service(args=["--port=1", "--db-password=hunter2"]))
    assert found["template"]["containers"][0]["args"] == ["--port=1", "--db-password=[redacted]"]


def test_a_credential_is_taken_out_wherever_it_stands() -> None:
    found = kept("secrets", {"name": "projects/1/secrets/a", "annotations": {"note": "use ghp_" + "a" * 36}})
    assert found == {"name": "projects/1/secrets/a", "annotations": {"note": "[redacted]"}}


def test_the_addresses_of_a_notification_channel_are_not_kept() -> None:
    found = kept("notification-channels", {"type": "email", "labels": {"email_address": "a@b.c"}})
    assert found == {"type": "email", "labels": {"email_address": "[redacted]"}}


@pytest.mark.parametrize(
    "body", [{"template": None}, {"template": {"containers": "none"}}, {"template": {"containers": [None, {"env": {}}]}}, {}]
)
def test_a_body_of_another_shape_passes_as_it_is(body: dict[str, Any]) -> None:
    assert kept("run-services", body) == body
