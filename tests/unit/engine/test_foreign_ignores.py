"""Ignores of other tools: their syntax, their scope, and what they are not allowed to excuse."""

from __future__ import annotations

import json
from datetime import date

import pytest
from jsonschema import Draft202012Validator

from gonogo.data import data_directory
from gonogo.engine.foreign_ignores import foreign_waivers, tools
from gonogo.formats.yaml_reader import read_yaml
from gonogo.rules import load_rules

TODAY = date(2026, 11, 23)
ALL = tuple(tools())
SQL = """\
resource "google_sql_database_instance" "db" {
  name = "db"
  # checkov:skip=CKV_GCP_14,CKV_GCP_60:the data is elsewhere
  settings {
    ip_configuration {
      ipv4_enabled = true
    }
  }
}

# checkov:skip=CKV_GCP_6:above a block it holds nowhere
resource "google_sql_database_instance" "other" {
  name = "other"
}
"""


def found(path: str, text: str, *honoured: str) -> list[tuple[str, int, int, str]]:
    waivers, _ = foreign_waivers([(path, text)], honoured or ALL, TODAY)
    return [(w.control, w.location.line, w.location.end_line, w.reason) for w in waivers]


def remarks(path: str, text: str) -> tuple[str, ...]:
    return foreign_waivers([(path, text)], ALL, TODAY)[1]


def test_checkov_holds_in_the_block_it_stands_in() -> None:
    assert found("db.tf", SQL) == [
        ("cloudsql-backups", 1, 9, "the data is elsewhere (checkov ignore of CKV_GCP_14)"),
        ("cloudsql-no-public-ip", 1, 9, "the data is elsewhere (checkov ignore of CKV_GCP_60)"),
    ]


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("Dockerfile", "FROM a\n#checkov:skip=CKV_DOCKER_3\n", [("dockerfile-nonroot", 0, 0, "no reason is given (checkov ignore of CKV_DOCKER_3)")]),
        ("a.tf", "x {\n  # checkov:skip=CKV_GCP_14, CKV_GCP_60\n}\n", [("cloudsql-backups", 1, 3, "no reason is given (checkov ignore of CKV_GCP_14)")]),
        ("k8s.yaml", "# bridgecrew:skip=CKV_K8S_23: no\nkind: Pod\n", []),
        ("a.tf", "#trivy:ignore:AVD-GCP-0024\nx {\n  y = 1\n}\n", [("cloudsql-backups", 1, 4, "no reason is given (trivy ignore of AVD-GCP-0024)")]),
        ("a.tf", "# trivy:ignore:GCP-0024\n# trivy:ignore:gcp-0017 see OPS-7\nx {\n}\n", [
            ("cloudsql-backups", 1, 4, "no reason is given (trivy ignore of GCP-0024)"),
            ("cloudsql-no-public-ip", 2, 4, "see OPS-7 (trivy ignore of gcp-0017)"),
        ]),
        ("a.tf", "ipv4_enabled = true # tfsec:ignore:google-sql-no-public-access:by proxy only\n", [
            ("cloudsql-no-public-ip", 1, 1, "by proxy only (tfsec ignore of google-sql-no-public-access)"),
        ]),
        ("a.tf", "# tfsec:ignore:google-sql-no-public-access tfsec:ignore:google-sql-enable-backup\nx = 1\n", [
            ("cloudsql-no-public-ip", 1, 2, "no reason is given (tfsec ignore of google-sql-no-public-access)"),
            ("cloudsql-backups", 1, 2, "no reason is given (tfsec ignore of google-sql-enable-backup)"),
        ]),
        ("Dockerfile", "FROM a\n# trivy:ignore:DS002:exp:2026-12-31 until the base is ours\nUSER root\n", [
            ("dockerfile-nonroot", 2, 3, "until the base is ours (trivy ignore of DS002)"),
        ]),
        ("Dockerfile", "FROM a\n# hadolint ignore=DL3002,DL3006 # the init needs root\nUSER root\n", [
            ("dockerfile-nonroot", 2, 3, "the init needs root (hadolint ignore of DL3002)"),
        ]),
        ("Dockerfile", "# hadolint global ignore=DL3057\nFROM a\n", [("dockerfile-healthcheck", 0, 0, "no reason is given (hadolint ignore of DL3057)")]),
        ("run.sh", "# hadolint ignore=DL3002\n", []),
        ("d.yaml", "a: 1\n---\nmetadata:\n  annotations:\n    ignore-check.kube-linter.io/run-as-non-root: \"needs root\"\n---\nb: 1\n", [
            ("k8s-nonroot", 3, 5, "needs root (kube-linter ignore of run-as-non-root)"),
        ]),
        ("d.yaml", "metadata:\n  annotations:\n    checkov.io/skip1: CKV_K8S_23=needs root\n", [("k8s-nonroot", 1, 3, "needs root (checkov ignore of CKV_K8S_23)")]),
    ],
)  # fmt: skip
def test_the_syntax_and_scope_of_each_tool(path: str, text: str, expected: list[tuple[str, int, int, str]]) -> None:
    assert found(path, text) == expected


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.tf", "#trivy:ignore:*\nx = 1\n"),
        ("a.tf", "#trivy:ignore:google-sql-*\nx = 1\n"),
        ("a.tf", "#trivy:ignore:GCP-0024[name=db]\nx {\n}\n"),
        ("a.tf", "#trivy:ignore:GCP-0024:ws:staging\nx {\n}\n"),
        ("a.tf", "x {\n  # checkov:skip=\n}\n"),
        ("d.yaml", "metadata:\n  annotations:\n    kube-linter.io/ignore-all: whatever\n"),
        ("a.tf", "# kics-scan ignore\nx {\n}\n"),
        ("Dockerfile", "# hadolint ignore=all\nUSER root\n"),
        ("a.tf", "x = \"trivy:ignore:GCP-0024\"\n"),
    ],
)
def test_what_is_blanket_or_conditional_waives_nothing(path: str, text: str) -> None:
    assert found(path, text) == []


def test_only_the_tools_that_are_asked_for_are_honoured() -> None:
    assert found("db.tf", SQL, "trivy", "zizmor") == []
    assert foreign_waivers([("db.tf", SQL)], (), TODAY) == ((), ())


def test_an_expired_ignore_and_one_that_means_nothing_here_are_said() -> None:
    text = "# trivy:ignore:DS002:exp:2026-01-01\nUSER root\n# trivy:ignore:DS-0004\n# zizmor: ignore[unpinned-uses] why\n"
    assert found("Dockerfile", text) == []
    assert remarks("Dockerfile", text) == (
        "Dockerfile:1: the trivy ignore of DS002 expired on 2026-01-01; it no longer counts",
        "1 ignores of trivy waive nothing here, as no control asks the same: DS-0004",
        "1 ignores of zizmor waive nothing here, as no control asks the same: unpinned-uses",
    )


def test_the_map_is_as_its_schema_says_and_names_controls() -> None:
    document = read_yaml("tools.yaml", (data_directory("rules") / "ignores" / "tools.yaml").read_text()).documents[0].value
    schema = json.loads((data_directory("schemas") / "ignores.v1.json").read_text())
    assert [e.message for e in Draft202012Validator(schema).iter_errors(document)] == []
    assert {control for rules in tools().values() for control in rules.values()} <= {c.id for c in load_rules(()).controls}
