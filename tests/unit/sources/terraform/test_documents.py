"""Which files are plans and states, and what of them could not be read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gonogo.model.resource import Origin
from gonogo.sources.classify import GCP_KINDS
from gonogo.sources.terraform.documents import DocumentError, read_plan, read_state
from terraform_plans import change, configured, plan, state

REDIS = change("google_redis_instance.r", {"name": "r"})
SHOWN_STATE = {
    "format_version": "1.0",
    "values": {
        "root_module": {
            "resources": [{"address": "google_redis_instance.r", "mode": "managed", "type": "google_redis_instance", "name": "r", "values": {"name": "r"}}],
            "child_modules": [
                {
                    "address": "module.m",
                    "resources": [
                        {"address": "module.m.google_redis_instance.r", "mode": "managed", "type": "google_redis_instance", "name": "r", "values": {}},
                        {"address": "module.m.google_redis_instance.old", "mode": "managed", "type": "google_redis_instance", "name": "old", "values": {}, "deposed_key": "1"},
                    ],
                }
            ],
        }
    },
}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"PK\x03\x04rest", "p is a plan in Terraform's own format; run: terraform show -json p > plan.json"),
        (b"", "p is empty"),
        (b"  \n", "p is empty"),
        (b"Terraform will perform", "p is not JSON (Expecting value)"),
        (b'{"@level":"info"}\n{"@level":"info"}', "p is the log of `terraform plan -json`"),
        (b"[1]", "p is no plan"),
        (b'{"a": 1}', "p is no plan in JSON; make one with: terraform show -json PLAN > plan.json"),
        (b'{"a": NaN, "resource_changes": []}', "p is not JSON"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "p is not JSON"),
        (b'{"planned_values": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "p nests too deep"),
        (b"\xff\xfe\x00", "p is not JSON"),
        (state(), "p is a state, not a plan; give it with --state"),
    ],
)
def test_what_is_no_plan_is_said_with_what_to_do(data: bytes, said: str) -> None:
    with pytest.raises(DocumentError) as raised:
        read_plan("p", data)
    assert str(raised.value).startswith(said)


@pytest.mark.parametrize(
    ("data", "said"),
    [(plan([REDIS]), "s is a plan, not a state; give it with --plan"), (b'{"a": 1}', "s is no state"), (b"{", "s is not JSON"), (b"PK\x03\x04", "s is a plan in")],
)
def test_what_is_no_state_is_said_with_what_to_do(data: bytes, said: str) -> None:
    with pytest.raises(DocumentError) as raised:
        read_state("s", data)
    assert str(raised.value).startswith(said)


def test_a_plan_that_windows_writes_is_read() -> None:
    assert len(read_plan("p", plan([REDIS]).decode().encode("utf-16")).shown) == 1
    assert len(read_plan("p", b"\xef\xbb\xbf" + plan([REDIS])).shown) == 1


@pytest.mark.parametrize(
    ("more", "reason", "kinds"),
    [
        ({"format_version": "2.0"}, "a plan of format 2.0 is not understood", GCP_KINDS),
        ({"errored": True}, "the plan stopped at an error: it does not show everything", GCP_KINDS),
        ({"complete": False}, "the plan is not complete: Terraform says that it does not show everything", GCP_KINDS),
        (
            {"deferred_changes": [{"reason": "instance_count_unknown", "resource_change": change("google_sql_database_instance.x", {})}]},
            "1 changes are deferred to a later plan: what they make is not known",
            ("sqladmin.googleapis.com/*",),
        ),
        ({"encrypted_data": "…"}, "the plan is encrypted: nothing in it could be read", GCP_KINDS),
        ({"planned_values": [1]}, "not of the shape that Terraform writes: planned_values is no object", GCP_KINDS),
    ],
)
def test_what_a_plan_does_not_show_is_a_gap_and_such_a_plan_decides_nothing_else(more: dict[str, Any], reason: str, kinds: tuple[str, ...]) -> None:
    document = read_plan("p", plan([REDIS], [configured("google_redis_instance.r")], **more))
    assert [(g.file, g.reason, g.kinds) for g in document.gaps] == [("p", reason, kinds)]
    assert not document.complete


def test_a_plan_for_some_targets_is_told_by_what_it_leaves_out() -> None:
    # Terraform before 1.8 and OpenTofu do not say whether a plan is complete.
    both = [configured("google_redis_instance.r"), configured("google_redis_instance.s")]
    for stated in (None, True):
        document = read_plan("p", plan([REDIS], both, complete=stated))
        assert not document.complete
        assert [g.reason for g in document.gaps] == [
            "the plan is not complete: it does not show google_redis_instance.s, which its configuration declares without a condition"
        ]
    maybe = [configured("google_redis_instance.r"), configured("google_redis_instance.s", count_expression={})]
    assert read_plan("p", plan([REDIS], maybe, complete=None)).complete


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"version": 3, "serial": 1, "modules": []}, "a state of version 3 is not understood: Terraform 0.12 and later write version 4"),
        ({"version": "4", "serial": 1}, "a state of version 4 is not understood: Terraform 0.12 and later write version 4"),
        ({"version": True, "serial": 1}, "a state of version True is not understood: Terraform 0.12 and later write version 4"),
        ({"serial": 3, "lineage": "x", "meta": {}, "encrypted_data": "b64"}, "the state is encrypted: nothing in it could be read; give what `tofu state pull` prints"),
        ({"version": 4, "serial": 1}, "not of the shape that Terraform writes: resources is missing"),
        ({"version": 4, "serial": 1, "resources": [3]}, "not of the shape that Terraform writes: resources[0] is no object (and 3 more)"),
    ],
)
def test_a_state_that_is_not_understood_is_one_gap(data: dict[str, Any], reason: str) -> None:
    document = read_state("s", json.dumps(data).encode())
    assert [(g.reason, g.kinds) for g in document.gaps] == [(reason, GCP_KINDS)] and document.shown == ()


def test_a_state_has_its_instances_by_address_without_the_deposed() -> None:
    raw = {
        "version": 4,
        "serial": 1,
        "resources": [
            {"mode": "data", "type": "google_project", "name": "p", "instances": [{"attributes": {}}]},
            {
                "module": 'module.m["a"]',
                "mode": "managed",
                "type": "google_redis_instance",
                "name": "r",
                "instances": [
                    {"index_key": "x.y", "attributes": {"name": "r"}},
                    {"index_key": 0, "attributes": {"name": "n"}, "status": "tainted"},
                    {"attributes": {"name": "old"}, "deposed": "12345678"},
                ],
            },
        ],
    }
    document = read_state("s", json.dumps(raw).encode())
    assert [s.address for s in document.shown] == ['module.m["a"].google_redis_instance.r["x.y"]', 'module.m["a"].google_redis_instance.r[0]']
    assert document.origin is Origin.STATE and document.gaps == ()


def test_a_state_that_terraform_shows_is_read_and_one_of_nothing_is_no_error() -> None:
    document = read_state("s", json.dumps(SHOWN_STATE).encode())
    assert [s.address for s in document.shown] == ["google_redis_instance.r", "module.m.google_redis_instance.r"]
    assert read_state("s", b'{"format_version": "1.0"}').shown == ()


def test_an_instance_that_an_old_terraform_wrote_flat_is_a_gap() -> None:
    raw = {"version": 4, "serial": 1, "resources": [{"mode": "managed", "type": "a_b", "name": "n", "instances": [{"attributes_flat": {"a": "1"}}]}]}
    assert [g.reason for g in read_state("s", json.dumps(raw).encode()).gaps] == [
        "not of the shape that Terraform writes: resources[0].instances[0] has no attributes"
    ]
