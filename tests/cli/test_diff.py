"""`scan --diff BASE`: only what a change makes worse fails it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from git_repository import Repository, repository
from running import Ran, run, scan

BAD = "FROM python:latest\nCMD [\"a\"]\n"
GOOD = 'FROM golang:1.23 AS build\nRUN go build -o /a .\nFROM gcr.io/distroless/static:nonroot\nCOPY --from=build /a /a\nHEALTHCHECK CMD ["/a"]\nCMD ["/a"]\n'
CLAIM = "- [{0}] Images run as non-root <!-- gonogo: dockerfile-nonroot -->\n"
ADVISORY = "on: push\njobs:\n  scan:\n    runs-on: ubuntu-latest\n    steps:\n      - run: trivy image --exit-code {0} app\n"


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    made = repository(tmp_path / "shop")
    made.commit({"Dockerfile": BAD, ".dockerignore": ".git\n.env\n", "CHECKLIST.md": CLAIM.format(" ")})
    made.git("checkout", "--quiet", "-b", "feature")
    return made


def diff(repo: Repository, *arguments: str | Path) -> Ran:
    return scan(repo.path, "--diff", "main", *arguments)


def control(ran: Ran, name: str) -> Any:
    return next(c for c in ran.document["controls"] if c["id"] == name)


def test_what_stood_before_is_shown_and_fails_nothing(repo: Repository) -> None:
    repo.commit({"README.md": "hello"})
    assert scan(repo.path).code == 1
    ran = diff(repo)
    assert (ran.code, ran.document["decision"]) == (0, "GO")
    found = control(ran, "dockerfile-nonroot")
    assert (found["verdict"], found["without_baseline"]) == ("violated", "waived"), "it never becomes satisfied"
    standing = [f for f in ran.document["findings"] if f["verdict"] == "violated"]
    assert standing
    assert all(f["baseline"] == {"reason": "it stood before this change", "owner": "", "until": None} for f in standing)
    assert ran.document["inputs"]["base"]["ref"] == "main"


def test_what_the_change_adds_fails_it_wherever_it_stands(repo: Repository) -> None:
    repo.commit({"svc/Dockerfile": BAD})
    ran = diff(repo)
    assert ran.code == 1
    new = {f["subject"]["name"] for f in ran.document["findings"] if f["verdict"] == "violated" and "baseline" not in f}
    assert new == {"svc/Dockerfile", "svc (svc/Dockerfile)"}


def test_lines_that_move_change_nothing(repo: Repository) -> None:
    repo.commit({"Dockerfile": "# a\n# b\n\n" + BAD})
    assert diff(repo).code == 0


def test_what_only_moves_is_no_worse(repo: Repository) -> None:
    repo.git("checkout", "--quiet", "main")
    repo.commit({"svc/Dockerfile": BAD + "# one of a kind\n", "infra/gcp/main.tf": 'resource "google_sql_database_instance" "db" {\n'})
    repo.git("checkout", "--quiet", "-B", "feature")
    repo.git("mv", "svc", "app")
    repo.git("mv", "infra/gcp", "terraform")
    repo.commit({})
    assert diff(repo).code == 0
    repo.commit({"svc/Dockerfile": BAD + "# one of a kind\n"})
    assert diff(repo).code == 1, "a copy is one more"


def test_what_is_not_committed_yet_is_part_of_the_change(repo: Repository) -> None:
    (repo.path / "svc").mkdir()
    (repo.path / "svc" / "Dockerfile").write_text(BAD)
    assert diff(repo).code == 1


def test_a_fix_is_counted_and_what_is_left_stands(repo: Repository) -> None:
    repo.commit({"Dockerfile": BAD + "USER 10001\n"})
    ran = diff(repo)
    assert ran.code == 0
    assert control(ran, "dockerfile-nonroot")["verdict"] == "satisfied"
    (said,) = [w for w in ran.document["warnings"] if w.startswith("compared with main")]
    assert "of 3 violations before this change 2 stand" in said


def test_a_waiver_that_is_taken_away_counts(repo: Repository) -> None:
    repo.git("checkout", "--quiet", "main")
    repo.commit({"Dockerfile": "# gonogo: ignore[dockerfile-nonroot] -- the base needs root\n" + BAD})
    repo.git("checkout", "--quiet", "-B", "feature")
    repo.commit({"Dockerfile": BAD})
    ran = diff(repo)
    assert ran.code == 1
    assert [f["control"] for f in ran.document["findings"] if f["verdict"] == "violated" and "baseline" not in f] == ["dockerfile-nonroot"]


def test_what_can_no_longer_be_read_is_incomplete(repo: Repository) -> None:
    repo.git("checkout", "--quiet", "main")
    repo.commit({"Dockerfile": GOOD})
    repo.git("checkout", "--quiet", "-B", "feature")
    repo.commit({"Dockerfile": 'ARG BASE\nFROM ${BASE}\nCMD ["/a"]\nHEALTHCHECK CMD ["/a"]\n'})
    ran = diff(repo, "--fail-on", "high")
    assert (ran.code, ran.document["decision"]) == (3, "INCOMPLETE")


def test_what_could_not_be_read_before_either_does_not_delay_it(repo: Repository) -> None:
    repo.git("checkout", "--quiet", "main")
    repo.commit({"infra/main.tf": 'resource "google_sql_database_instance" "db" {\n', "Dockerfile": GOOD})
    repo.git("checkout", "--quiet", "-B", "feature")
    repo.commit({"README.md": "hello"})
    assert scan(repo.path).code == 3
    assert diff(repo).code == 0
    repo.commit({"infra/other.tf": 'resource "google_sql_database_instance" "db2" {\n'})
    assert diff(repo).code == 3, "another file that cannot be read is news"


def test_a_practice_that_was_missing_is_no_worse_for_one_more_step_without_it(repo: Repository) -> None:
    repo.git("checkout", "--quiet", "main")
    repo.commit({".github/workflows/a.yml": ADVISORY.format(0)})
    repo.git("checkout", "--quiet", "-B", "feature")
    repo.commit({".github/workflows/b.yml": ADVISORY.format(0)})
    assert control(scan(repo.path), "ci-image-scan")["verdict"] == "violated"
    ran = diff(repo)
    assert (ran.code, control(ran, "ci-image-scan")["without_baseline"]) == (0, "waived")


def test_what_was_unknown_and_comes_up_bad_counts(repo: Repository) -> None:
    repo.git("checkout", "--quiet", "main")
    repo.commit({".github/workflows/a.yml": "on: push\njobs: {\n", "Dockerfile": GOOD})
    repo.git("checkout", "--quiet", "-B", "feature")
    repo.commit({".github/workflows/a.yml": ADVISORY.format(0)})
    assert control(scan(repo.path), "ci-image-scan")["verdict"] == "violated"
    assert diff(repo).code == 1


def test_a_practice_that_is_given_up_is_worse(repo: Repository) -> None:
    repo.git("checkout", "--quiet", "main")
    repo.commit({".github/workflows/a.yml": ADVISORY.format(1)})
    repo.git("checkout", "--quiet", "-B", "feature")
    repo.commit({".github/workflows/a.yml": ADVISORY.format(0)})
    assert diff(repo).code == 1


def test_with_a_checklist_the_items_decide(repo: Repository) -> None:
    repo.commit({"README.md": "hello"})
    ran = diff(repo, "-c", repo.path / "CHECKLIST.md")
    assert ran.code == 0
    (item,) = ran.document["items"]
    assert (item["verdict"], item["agreement"], item["without_baseline"]) == ("violated", "open", "waived")


def test_a_tick_that_is_not_true_is_a_claim_of_this_change(repo: Repository) -> None:
    repo.commit({"CHECKLIST.md": CLAIM.format("x")})
    ran = diff(repo, "-c", repo.path / "CHECKLIST.md")
    assert ran.code == 1
    (item,) = ran.document["items"]
    assert (item["agreement"], item.get("without_baseline")) == ("refuted", None)


def test_what_is_for_a_person_was_so_before(repo: Repository) -> None:
    line = "- [ ] The team has practised a restore <!-- gonogo: manual -->\n"
    repo.commit({"CHECKLIST.md": CLAIM.format(" ") + line})
    assert scan(repo.path, "-c", repo.path / "CHECKLIST.md").code == 1
    assert diff(repo, "-c", repo.path / "CHECKLIST.md").code == 0


def test_a_thing_that_was_good_and_is_gone_counts(repo: Repository) -> None:
    repo.git("checkout", "--quiet", "main")
    repo.commit({"Dockerfile": GOOD})
    repo.git("checkout", "--quiet", "-B", "feature")
    repo.commit({"Dockerfile": None})
    assert diff(repo, "-c", repo.path / "CHECKLIST.md").code == 1


def test_what_terraform_init_downloaded_is_read_on_neither_side(repo: Repository) -> None:
    repo.git("checkout", "--quiet", "main")
    call = 'module "db" {\n  source  = "acme/sql/google"\n  version = "1.0.0"\n}\n'
    repo.commit({"main.tf": call, ".gitignore": ".terraform\n", "Dockerfile": GOOD})
    repo.git("checkout", "--quiet", "-B", "feature")
    repo.commit({"README.md": "x"})
    modules = repo.path / ".terraform" / "modules"
    (modules / "db").mkdir(parents=True)
    (modules / "modules.json").write_text('{"Modules": [{"Key": "", "Source": "", "Dir": "."}, {"Key": "db", "Source": "registry.terraform.io/acme/sql/google", "Version": "1.0.0", "Dir": ".terraform/modules/db"}]}')
    (modules / "db" / "main.tf").write_text('resource "google_sql_database_instance" "db" {\n  database_version = "POSTGRES_16"\n  settings {\n    tier = "db-g1-small"\n  }\n}\n')
    assert scan(repo.path).code == 1, "the module makes an instance without backups"
    assert diff(repo).code == 0


def test_a_base_that_cannot_be_judged_as_the_change_is_leaves_all_of_it_new(repo: Repository) -> None:
    repo.commit({"gonogo.toml": '[environments.production]\nroots = ["live"]\n', "live/main.tf": ""})
    ran = diff(repo)
    assert ran.code == 1
    assert any("could not be judged as this change is" in w for w in ran.document["warnings"])


def test_the_report_says_what_is_new_first(repo: Repository) -> None:
    repo.commit({"svc/Dockerfile": BAD})
    ran = run("scan", repo.path, "--diff", "main", "--color", "never")
    block = ran.out.partition("dockerfile-nonroot")[2]
    assert block.index("svc/Dockerfile") < block.index("fails nothing: it stood before this change")
    assert "against main (" in ran.out
    concise = run("scan", repo.path, "--diff", "main", "-o", "concise").out
    assert "Dockerfile:1: dockerfile-nonroot high violated (standing): " in concise
    assert "svc/Dockerfile:1: dockerfile-nonroot high violated: " in concise


@pytest.mark.parametrize(("arguments", "said"), [(["--diff", "nope"], "git fetch origin"), (["--diff", "main", "--plan", "x.json"], "one of them only")])
def test_usage_errors_are_2(arguments: list[str], said: str, repo: Repository) -> None:
    ran = run("scan", repo.path, *arguments)
    assert ran.code == 2
    assert said in ran.err


def test_what_is_of_the_whole_state_is_not_asked_of_a_change(repo: Repository) -> None:
    """Reviews, coverage, and waivers that expired: a change did not make them, and its own waiver counts."""
    expired = "  - {control: cloudsql-ha, reason: r, owner: a, approver: b, from: 2026-01-01, expires: 2026-01-31, origin: any}\n"
    repo.commit({
        "gonogo.toml": "[gate]\nmin_coverage = 100\nmax_waivers = 0\n",
        "CHECKLIST.md": "- [ ] Images run as non-root\n",
        ".gonogo/waivers.yaml": f"schema: gonogo.waivers/v1\nentries:\n{expired}",
    })  # fmt: skip
    whole = scan(repo.path, "-c", repo.path / "CHECKLIST.md")
    assert [b["kind"] for b in whole.document["blockers"]] == ["open", "expired", "unreviewed"]
    ran = diff(repo, "-c", repo.path / "CHECKLIST.md")
    assert (ran.code, ran.document["blockers"]) == (0, [])
    assert "expired on 2026-01-31" in ran.document["warnings"][0]
