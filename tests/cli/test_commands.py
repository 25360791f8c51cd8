"""explain, facts, rules, checklist."""

from __future__ import annotations

import json
from pathlib import Path

from running import run

ROOT = Path(__file__).parents[2]


def test_explain_a_control_and_a_rule() -> None:
    control = run("explain", "cloudsql-backups")
    assert control.code == 0
    assert control.out.startswith("cloudsql-backups   critical   Cloud SQL takes automated backups")
    assert "backup_configuration.enabled = true" in control.out
    assert "holds if" in run("explain", "dockerfile-user-is-not-root").out


def test_rules_list_names_every_control_with_its_rules() -> None:
    listed = run("rules", "list").out.splitlines()
    assert sum(not line.startswith(" ") for line in listed) == 154
    assert any(line.startswith("  dockerfile-user-is-not-root") for line in listed)


def test_rules_test_runs_the_cases_of_one_rule() -> None:
    ran = run("rules", "test", ROOT / "fixtures" / "rules", "--rule", "chart-renders")
    assert ran.code == 0
    assert ran.out.rstrip().endswith(" passed, 0 failed")
    assert run("rules", "test", ROOT / "fixtures" / "rules", "--rule", "nope").code == 4


def test_rules_test_says_what_a_case_lacks(tmp_path: Path) -> None:
    case = tmp_path / "dockerfile-user-is-not-root" / "violated"
    case.mkdir(parents=True)
    (case / "Dockerfile").write_text("FROM a:1\nUSER 10001\n")
    (case / "expect.yaml").write_text("findings:\n- {subject: Dockerfile, verdict: violated, line: 2}\n")
    ran = run("rules", "test", tmp_path)
    assert ran.code == 1
    assert "expected Dockerfile: violated" in ran.out
    assert "unexpected Dockerfile: satisfied" in ran.out


def test_facts_are_redacted_json_with_unknowns_and_places(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        'variable "tier" {}\nresource "google_redis_instance" "r" {\n  name = "r"\n  memory_size_gb = 1\n  tier = var.tier\n}\n'
    )
    (tmp_path / "docker-compose.yml").write_text("services:\n  db:\n    image: postgres:16\n    environment:\n      DB_PASSWORD: hunter2\n")
    ran = run("facts", tmp_path)
    assert "hunter2" not in ran.out
    resources = {r["kind"]: r for r in json.loads(ran.out)["resources"]}
    redis = resources["redis.googleapis.com/Instance"]
    assert redis["attributes"]["tier"] == {"unknown": ['variable "tier" has no default and no value (main.tf:1)']}
    assert redis["locations"]["tier"] == "main.tf:5"
    only = json.loads(run("facts", tmp_path, "--kind", "compose/Project").out)["resources"]
    assert [r["kind"] for r in only] == ["compose/Project"]


def test_checklist_show_lists_each_item_with_its_binding(tmp_path: Path) -> None:
    (tmp_path / "list.md").write_text("# Launch\n- [x] Dockerfile (multi-stage build)\n- [ ] Ask the customers <!-- gonogo: manual -->\n- [x] Something else\n")
    ran = run("checklist", "show", tmp_path / "list.md")
    assert ran.code == 0
    assert "list.md:2 [x] Dockerfile (multi-stage build) -> dockerfile-multistage (auto)" in ran.out
    assert "3 items: 1 bound, 1 for a person, 1 unmapped" in ran.out


def test_facts_take_adapters_for_private_modules(tmp_path: Path) -> None:
    modules = tmp_path / "rules" / "modules"
    modules.mkdir(parents=True)
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "main.tf").write_text('module "c" {\n  source  = "acme/cache/google"\n  version = "1.0.0"\n}\n', "utf-8")
    (modules / "index.yaml").write_text('modules:\n  - {source: acme/cache/google, adapters: {"1.0.0": c.hcl}, kinds: []}\n', "utf-8")
    arguments = ("facts", str(tmp_path / "tree"), "--rules", str(tmp_path / "rules"))
    done = run(*arguments)
    assert done.code == 2
    assert "index.yaml:2: c.hcl is not beside it" in done.err
    (modules / "c.hcl").write_text('resource "google_redis_instance" "main" {\n  tier = "STANDARD_HA"\n}\n', "utf-8")
    found = {r["name"]: r["attributes"] for r in json.loads(run(*arguments).out)["resources"]}
    assert found["module.c.google_redis_instance.main"]["tier"] == "STANDARD_HA"
