"""`--plan` and `--state`: what is said of files that are none, and what a report says of what they show."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from running import Ran, run, scan
from terraform_plans import change, configured, constant, plan, state

NO_GO, USAGE, INCOMPLETE = 1, 2, 3
SQL = 'variable "ha" {}\nresource "google_sql_database_instance" "main" {\n  name = "main"\n  settings {\n    tier = "t"\n    availability_type = var.ha\n  }\n}\n'
AFTER = {"name": "main", "settings": [{"tier": "t", "availability_type": "REGIONAL"}]}
EXPRESSIONS = {"name": constant("main"), "settings": [{"tier": constant("t"), "availability_type": {"references": ["var.ha"]}}]}
PLAN = plan([change("google_sql_database_instance.main", AFTER)], [configured("google_sql_database_instance.main", EXPRESSIONS)])
STATE = state(("google_sql_database_instance.main", {"name": "main", "settings": [{"availability_type": "ZONAL"}]}))


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "main.tf").write_text(SQL)
    (tmp_path / "plan.json").write_bytes(PLAN)
    (tmp_path / "terraform.tfstate").write_bytes(STATE)
    return tmp_path


def control(ran: Ran, name: str) -> dict[str, object]:
    found: dict[str, object] = next(c for c in ran.document["controls"] if c["id"] == name)
    return found


def test_a_plan_decides_what_the_code_leaves_open(repository: Path) -> None:
    without = scan(repository)
    assert control(without, "cloudsql-ha")["verdict"] == "unknown"
    ran = scan(repository, "--plan", str(repository / "plan.json"))
    found = control(ran, "cloudsql-ha")
    assert (found["verdict"], found["by_origin"]) == ("satisfied", {"planned": "satisfied"})
    assert ran.document["inputs"]["documents"] == [{"file": "plan.json", "origin": "planned"}]


def test_a_plan_of_another_environment_decides_nothing_of_the_judged_one(repository: Path) -> None:
    (repository / "prod.tfvars").write_text('ha = "ZONAL"\n')
    (repository / "staging.tfvars").write_text('ha = "REGIONAL"\n')
    ran = scan(repository, "--plan", str(repository / "plan.json"))
    assert control(ran, "cloudsql-ha")["by_origin"] == {"declared": "violated"}
    assert any("a plan is of staging and is not judged" in warning for warning in ran.document["warnings"])
    staging = scan(repository, "--plan", str(repository / "plan.json"), "--env", "stg")
    assert control(staging, "cloudsql-ha")["by_origin"] == {"planned": "satisfied"}


def test_a_state_that_violates_makes_the_control_violated_and_says_where(repository: Path) -> None:
    ran = scan(repository, "--plan", str(repository / "plan.json"), "--state", str(repository / "terraform.tfstate"))
    found = control(ran, "cloudsql-ha")
    assert (found["verdict"], found["by_origin"]) == ("violated", {"planned": "satisfied", "state": "violated"})
    assert ran.code == NO_GO
    text = run("scan", str(repository), "--state", str(repository / "terraform.tfstate"))
    assert "(in the state)" in text.out


def test_a_plan_comes_through_a_pipe(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(PLAN)))
    ran = scan(repository, "--plan", "-")
    assert control(ran, "cloudsql-ha")["verdict"] == "satisfied"
    assert ran.document["inputs"]["documents"][0]["file"] == "(stdin)"


@pytest.mark.parametrize("command", ["scan", "facts"])
@pytest.mark.parametrize(
    ("option", "content", "said"),
    [
        ("--plan", None, "no such plan: "),
        ("--state", None, "no such state: "),
        ("--plan", b"PK\x03\x04", "run: terraform show -json "),
        ("--plan", STATE, "is a state, not a plan; give it with --state"),
        ("--state", PLAN, "is a plan, not a state; give it with --plan"),
        ("--state", b"{", "is not JSON"),
        ("--plan", b'{"a": 1}', "is no plan in JSON"),
    ],
)
def test_a_file_that_is_none_is_a_usage_error(repository: Path, command: str, option: str, content: bytes | None, said: str) -> None:
    path = repository / "given"
    if content is not None:
        path.write_bytes(content)
    ran = run(command, str(repository), option, str(path))
    assert ran.code == USAGE and said in ran.err and ran.out == ""


def test_stdin_is_given_once_and_a_directory_is_none(repository: Path) -> None:
    assert "can be given once" in run("scan", str(repository), "--plan", "-", "--state", "-").err
    assert run("scan", str(repository), "--plan", str(repository)).code == USAGE


def test_a_plan_that_stopped_leaves_the_release_undecided(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_bytes(plan([], errored=True))
    ran = scan(tmp_path, "--plan", str(tmp_path / "plan.json"))
    assert ran.code == INCOMPLETE and [g["reason"] for g in ran.document["gaps"]] == ["the plan stopped at an error: it does not show everything"]


def test_a_plan_of_another_environment_is_said_not_to_be_judged(tmp_path: Path) -> None:
    for name in ("prod", "staging"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(SQL.replace('"main" {', f'"{name}" {{'))
    address = "google_sql_database_instance.staging"
    (tmp_path / "plan.json").write_bytes(plan([change(address, AFTER)], [configured(address, EXPRESSIONS)]))
    ran = scan(tmp_path, "--plan", str(tmp_path / "plan.json"))
    assert ran.document["warnings"] == ["a plan is of staging and is not judged: production goes live (--env staging judges that)"]


def test_facts_show_what_a_plan_shows_and_nothing_sensitive(repository: Path) -> None:
    secret = "h" + "unter2-of-the-test"
    after = {**AFTER, "settings": [{**AFTER["settings"][0], "ip_configuration": [{"ssl_mode": secret}]}]}  # type: ignore[dict-item]
    mask = {"settings": [{"ip_configuration": [{"ssl_mode": True}]}]}
    (repository / "plan.json").write_bytes(plan([change("google_sql_database_instance.main", after, sensitive=mask)]))
    ran = run("facts", str(repository), "--plan", str(repository / "plan.json"), "--kind", "sqladmin.googleapis.com/Instance")
    (resource,) = json.loads(ran.out)["resources"]
    assert resource["origin"] == "planned" and secret not in ran.out
    report = run("scan", str(repository), "--plan", str(repository / "plan.json"), "-o", "json", "-v")
    assert secret not in report.out + run("scan", str(repository), "--plan", str(repository / "plan.json"), "-v").out


def test_values_as_they_are_written_are_not_those_of_a_plan(repository: Path) -> None:
    assert "leave --kind, --plan and --state out" in run("facts", str(repository), "--terraform-values", "--plan", str(repository / "plan.json")).err
