"""Whatever is in a plan or a state, reading it never fails, says what it could not read, and shows nothing sensitive."""

from __future__ import annotations

import copy
import json
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gonogo.app import read_facts
from gonogo.engine.facts import document as facts_document
from gonogo.kinds.gcp import spec_of_terraform
from gonogo.model.resource import Gap
from gonogo.model.value import Unknown
from gonogo.sources.terraform.documents import Document, DocumentError, read_plan, read_state
from terraform_plans import change, configured, constant, plan, refers, state

SECRET = "h" + "unter2-of-the-test"
ODD: tuple[Any, ...] = (None, 0, -1, 1e308, True, False, "", "x", "a.b.c", "module.", "\ud800", [], {}, [None], [[]], {"": None}, {"references": 3}, ["delete"], {"a": {"b": []}}, [True], {"settings": True})
CODE = """
variable "x" {}
resource "google_sql_database_instance" "main" {
  name = var.x
  settings {
    tier = "t"
  }
}
resource "google_compute_backend_service" "b" {
  name            = "b"
  security_policy = google_compute_security_policy.p.id
}
"""
CALLS = {"m": {"expressions": {"p": refers("google_compute_security_policy.p.id")}, "module": {"resources": [configured("google_compute_backend_service.b", {"security_policy": refers("var.p")})]}}}
PLAN = plan(
    [
        change("google_sql_database_instance.main", {"name": "n", "root_password": SECRET, "settings": [{"tier": "t", "ip_configuration": [{"ssl_mode": SECRET}]}]}, {"settings": [{"backup_configuration": True}]}, {"root_password": True, "settings": [{"ip_configuration": [{"ssl_mode": True}]}]}),
        change("google_compute_security_policy.p", {"name": "p", "rule": [{"priority": 1, "action": "allow"}, {"priority": 2, "action": "deny(403)"}]}, {"id": True}),
        change("module.m.google_compute_backend_service.b", {"name": "b"}, {"security_policy": True}),
    ],
    [configured("google_sql_database_instance.main", {"name": refers("var.x"), "settings": [{"tier": constant("t")}]}), configured("google_compute_security_policy.p", {"rule": [{"priority": constant(1)}, {"priority": constant(2)}]})],
    CALLS,
    deferred_changes=[],
    planned_values={"root_module": {"resources": [], "child_modules": [{"address": "module.m", "resources": []}]}},
)
STATE = state(("google_sql_database_instance.main", {"name": "n", "settings": [{"tier": "t"}]}), ("module.m.google_compute_backend_service.b", {"name": "b", "iap": []}))


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in members:
        yield from places(inner, (*path, step))


def mutated(good: Any, chance: random.Random) -> Any:
    """`good` with a few members replaced, left out or doubled."""
    made = copy.deepcopy(good)
    for _ in range(chance.randint(1, 4)):
        path = chance.choice([p for p in places(made) if p])
        parent = made
        for step in path[:-1]:
            parent = parent[step]
        kind = chance.random()
        if kind < 0.2:
            del parent[path[-1]]
        elif kind < 0.3 and isinstance(parent, list):
            parent.append(copy.deepcopy(parent[path[-1]]))
        else:
            parent[path[-1]] = copy.deepcopy(chance.choice(ODD))
    return made


def read(which: str, data: bytes) -> Document | None:
    try:
        return read_plan("p", data) if which == "plan" else read_state("p", data)
    except DocumentError as error:
        assert str(error).startswith("p ")
        return None


@pytest.mark.parametrize("with_code", [True, False])
@pytest.mark.parametrize("which", ["plan", "state"])
@pytest.mark.parametrize("seed", range(12))
def test_members_of_any_type_are_read_or_said(tmp_path: Path, seed: int, which: str, with_code: bool) -> None:
    if with_code:
        (tmp_path / "main.tf").write_text(CODE)
    good = json.loads(PLAN if which == "plan" else STATE)
    for number in range(12):
        made = mutated(good, random.Random(seed * 1_000 + number))
        document = read(which, json.dumps(made).encode())
        if document is None:
            continue
        found = read_facts(tmp_path, documents=[document])
        failed = [g.reason for g in found.gaps if "reader failed" in g.reason]
        assert not failed, (made, failed)
        json.dumps(facts_document(found.resources, found.gaps))
        lost = [s.address for s in document.shown if spec_of_terraform(s.type) is not None and s.mode == "managed"]
        assert len([r for r in found.resources if r.origin is document.origin]) >= len(lost), made


def test_a_member_that_is_left_out_is_a_gap_or_another_member_less(tmp_path: Path) -> None:
    good = json.loads(PLAN)
    count = len(read_plan("p", PLAN).shown)
    for number in range(count):
        for key in ("address", "type", "mode", "change"):
            made = copy.deepcopy(good)
            made["resource_changes"][number][key] = 3
            document = read_plan("p", json.dumps(made).encode())
            assert len(document.shown) == count - 1 and any(isinstance(g, Gap) and g.kinds for g in document.gaps), (number, key)


def test_what_is_sensitive_is_in_no_fact(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(CODE)
    found = read_facts(tmp_path, documents=[read_plan("p", PLAN)])
    assert SECRET not in json.dumps(facts_document(found.resources, found.gaps)) + repr(found.resources)


def test_references_that_go_in_circles_and_fan_out_are_followed_once(tmp_path: Path) -> None:
    outputs = {f"o{i}": {"expression": refers("var.a", "var.b")} for i in range(8)}
    every = refers(*(f"module.m.o{i}" for i in range(8)))
    calls = {"m": {"expressions": {"a": every, "b": every}, "module": {"outputs": outputs, "resources": []}}}
    changes = [change("google_compute_backend_service.b", {"name": "b"}, {"security_policy": True})]
    document = read_plan("p", plan(changes, [configured("google_compute_backend_service.b", {"security_policy": every})], calls))
    (backend,) = (r for r in read_facts(tmp_path, documents=[document]).resources if r.kind.endswith("/BackendService"))
    assert isinstance(backend.attributes["securityPolicy"], Unknown)


def test_a_plan_of_many_instances_takes_time_in_proportion(tmp_path: Path) -> None:
    def seconds(size: int) -> float:
        changes = [change(f"google_compute_security_policy.p[{i}]", {"name": f"p{i}", "rule": [{"priority": i}]}, {"id": True}) for i in range(size)]
        changes += [change(f"google_compute_backend_service.b[{i}]", {"name": f"b{i}"}, {"security_policy": True}) for i in range(size)]
        expression = {"security_policy": {"references": ["google_compute_security_policy.p", "count.index"]}}
        resources = [configured("google_compute_security_policy.p", count_expression={}), configured("google_compute_backend_service.b", expression, count_expression={})]
        data = plan(changes, resources)
        started = time.process_time()
        found = read_facts(tmp_path, documents=[read_plan("p", data)])
        linked = [r for r in found.resources if r.kind.endswith("/BackendService") and r.attributes["links"]["securityPolicy"]]  # type: ignore[index,call-overload]
        assert len(linked) == size
        return time.process_time() - started

    seconds(10)
    assert seconds(1_000) < 12 * seconds(250) + 1
