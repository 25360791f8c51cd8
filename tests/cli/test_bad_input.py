"""Whatever lies in a repository: one clear gap or message, the documented exit code, never a traceback, in bounded time."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from running import Ran, run, scan

GO, NO_GO, USAGE, INCOMPLETE, NOTHING, REPORT = 0, 1, 2, 3, 4, 5
SECONDS = 20
"""Generous for a busy machine; what is unbounded takes minutes."""


def gaps(ran: Ran) -> dict[str, str]:
    return {gap["file"]: gap["reason"] for gap in ran.document["gaps"]}


def verdict(ran: Ran, control: str) -> str:
    return str(next(c["verdict"] for c in ran.document["controls"] if c["id"] == control))


NESTED = 3000
BROKEN: dict[str, tuple[str, bytes]] = {
    "broken-yaml": ("k8s/app.yaml", b"apiVersion: v1\nkind: Service\nmetadata: [\n"),
    "broken-hcl": ("main.tf", b'resource "google_sql_database_instance" "x" {\n  name = = 1\n}\n'),
    "broken-terraform-json": ("main.tf.json", b'{"resource": {'),
    "broken-dockerfile": ("Dockerfile", b"FROM a\nNONSENSE b\n"),
    "dockerfile-without-from": ("Dockerfile", b"RUN true\n"),
    "unclosed-heredoc": ("Dockerfile", b"FROM a\nRUN <<EOF\necho\n"),
    "broken-compose": ("docker-compose.yml", b"services:\n  a: [\n"),
    "broken-workflow": (".github/workflows/ci.yml", b"on: push\njobs:\n  a: {\n"),
    "broken-dashboard": ("d.json", b'{"panels": [], "schemaVersion": 1'),
    "broken-template": ("chart/templates/a.yaml", b"apiVersion: v1\nkind: Service\nx: {{ if }}\n"),
    "binary-yaml": ("k8s/app.yaml", b"apiVersion: v1\nkind: Service\n\0\0\0"),
    "latin-1": ("main.tf", 'resource "a" "é" {}\n'.encode("latin-1")),
    "cyclic-alias": ("k8s/app.yaml", b"apiVersion: v1\nkind: Service\nmetadata: &a\n  labels: *a\n"),
    "alias-bomb": (
        "k8s/app.yaml",
        b"apiVersion: v1\nkind: Service\na0: &a0 [x,x,x,x,x,x,x,x,x]\n"
        + b"".join(b"a%d: &a%d [%s]\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 9)),
    ),
    "deep-yaml": ("k8s/app.yaml", b"apiVersion: v1\nkind: Service\nx: " + b"[" * NESTED + b"]" * NESTED + b"\n"),
    "deep-hcl": ("main.tf", b"locals {\n  x = " + b"[" * NESTED + b"]" * NESTED + b"\n}\n"),
    "deep-terraform-json": ("main.tf.json", b'{"locals": {"x": ' + b"[" * NESTED + b"]" * NESTED + b"}}"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_cannot_be_read_is_a_gap_and_nothing_is_satisfied_by_it(name: str, tmp_path: Path) -> None:
    path, content = BROKEN[name]
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_bytes(content)
    if path.startswith("chart/"):
        (tmp_path / "chart" / "Chart.yaml").write_text("apiVersion: v2\nname: c\nversion: 0.1.0\n")
    started = time.monotonic()
    ran = scan(tmp_path)
    assert time.monotonic() - started < SECONDS
    assert ran.err == ""
    assert ran.code in (NO_GO, INCOMPLETE, NOTHING)
    assert gaps(ran).get(path), ran.document["gaps"]
    assert "failed (" not in gaps(ran)[path]


def test_a_broken_block_leaves_its_own_kind_unknown_and_the_rest_of_the_file_decided(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        'resource "google_sql_database_instance" "a" {\n  name = = 1\n}\n'
        'resource "google_redis_instance" "b" {\n  name = "b"\n  memory_size_gb = 1\n  tier = "BASIC"\n}\n'
    )
    ran = scan(tmp_path)
    assert verdict(ran, "cloudsql-backups") == "unknown"
    assert verdict(ran, "redis-ha") == "violated"
    assert gaps(ran)["main.tf"]


@pytest.mark.parametrize("path", ["main.tf", "k8s.yaml", "Dockerfile", "docker-compose.yml"])
def test_huge_files_are_gaps(path: str, tmp_path: Path) -> None:
    with (tmp_path / path).open("wb") as out:
        out.write(b"apiVersion: v1\nkind: Service\n")
        out.truncate(100 * 1024 * 1024)
    started = time.monotonic()
    ran = scan(tmp_path)
    assert time.monotonic() - started < SECONDS
    assert "over the limit" in gaps(ran)[path]
    assert ran.code == INCOMPLETE


def test_windows_line_ends_and_byte_order_marks_are_read(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_bytes(b"\xef\xbb\xbfFROM python:3.12 AS build\r\nFROM python:3.12-slim\r\nCOPY --from=build /a /a\r\nUSER 10001\r\n")
    (tmp_path / "main.tf").write_bytes(b'\xef\xbb\xbfresource "google_redis_instance" "b" {\r\n  name = "b"\r\n  memory_size_gb = 1\r\n  tier = "STANDARD_HA"\r\n}\r\n')
    ran = scan(tmp_path)
    assert (verdict(ran, "dockerfile-multistage"), verdict(ran, "dockerfile-nonroot"), verdict(ran, "redis-ha")) == ("satisfied",) * 3


def test_hostile_file_names_are_escaped(tmp_path: Path) -> None:
    for name in (b"\x1b[31mred.Dockerfile", b"new\nline.Dockerfile", b"bidi\xe2\x80\xae.Dockerfile", b"raw\xff.Dockerfile"):
        (Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))).write_text("FROM a\n")
    text = run("scan", tmp_path, "--color", "never")
    assert text.code == NO_GO
    assert "\x1b" not in text.out and "\u202e" not in text.out
    assert "\\x1b[31mred.Dockerfile" in text.out
    assert scan(tmp_path).document["decision"] == "NO-GO"
    report = tmp_path / "report.json"
    assert run("scan", tmp_path, "-o", f"json={report}").code == NO_GO
    assert report.read_text("utf-8", "strict").startswith("{")


def test_links_out_of_the_tree_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").symlink_to("/etc/passwd")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "self.tf").symlink_to(tmp_path / "self.tf")
    ran = scan(tmp_path)
    assert "not followed" in gaps(ran)["Dockerfile"]
    assert "root:" not in ran.out


def test_terraform_reads_no_file_outside(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('resource "google_redis_instance" "b" {\n  name = file("../../../../../../etc/passwd")\n  memory_size_gb = 1\n}\n')
    assert "root:" not in run("facts", tmp_path).out


def test_a_hostile_git_configuration_runs_nothing(tmp_path: Path) -> None:
    subprocess.run(["git", "-C", str(tmp_path), "init", "-q"], check=True)
    hook = tmp_path / "hook.sh"
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    hook.chmod(0o755)
    subprocess.run(["git", "-C", str(tmp_path), "config", "core.fsmonitor", str(hook)], check=True)
    assert scan(tmp_path).code in (GO, NO_GO, INCOMPLETE, NOTHING)
    assert not (tmp_path / "ran").exists()


def test_an_empty_directory_has_nothing_to_check(tmp_path: Path) -> None:
    ran = run("scan", tmp_path)
    assert (ran.code, ran.err) == (NOTHING, "")
    assert "nothing here to check" in ran.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("scan", "/no/such/place"), "gonogo: no such directory: /no/such/place"),
        (("scan", __file__), "is a file; give the directory that holds it"),
        (("scan", ".", "--checklist", "/no/such.md"), "gonogo: no such checklist: /no/such.md"),
        (("scan", ".", "-o", "pdf"), "unknown format 'pdf'"),
        (("scan", ".", "--rules", "/no/such"), "gonogo: no such rules directory: /no/such"),
        (("scan", ".", "--fail-on", "bad"), "'bad' is not one of"),
        (("explain", "cloudsql-backup"), "did you mean cloudsql-backups?"),
        (("nope",), "No such command 'nope'"),
    ],
)
def test_usage_errors_are_one_message(arguments: tuple[str, ...], message: str) -> None:
    ran = run(*arguments)
    assert ran.code == USAGE
    assert message in ran.err
    assert "Traceback" not in ran.err


def test_a_report_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM a\n")
    ran = run("scan", tmp_path, "-o", f"json={tmp_path}/no/such/report.json")
    assert ran.code == REPORT
    assert "cannot write" in ran.err


@pytest.mark.parametrize("content", [b"\xff\xfe- [x] a", b"- [x] a\0b"])
def test_a_checklist_that_is_no_text(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "list.md").write_bytes(content)
    ran = run("scan", tmp_path, "--checklist", tmp_path / "list.md")
    assert ran.code == USAGE
    assert "list.md: is a" in ran.err or "list.md: is UTF-16" in ran.err


PACK = """pack: mine
rules:
  - id: mine
    control: dockerfile-nonroot
    title: Mine
    why: Because.
    subject: docker/Dockerfile
    assert: self.final >= 0
    fix: Fix it.
    references: [https://example.org/]
"""


@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        ("    why:", "    whi:", "mine.yaml:6", "unknown key 'whi'; did you mean 'why'?"),
        ("docker/Dockerfile", "docker/Dockerfil", "mine.yaml:7", "no kind is called 'docker/Dockerfil'; did you mean 'docker/Dockerfile'?"),
        ("dockerfile-nonroot", "dockerfile-nonrot", "mine.yaml:4", "no control is called 'dockerfile-nonrot'; did you mean 'dockerfile-nonroot'?"),
        ("self.final", "self.finale", "mine.yaml:8", "self has no field 'finale'; did you mean 'final'?"),
        (">= 0", ">=", "mine.yaml:8", "unexpected 'end of expression'"),
        (">= 0", "+ 0", "mine.yaml:8", "must be bool, is int"),
        ("id: mine", "id: dockerfile-has-healthcheck", "mine.yaml:3", "another rule is called 'dockerfile-has-healthcheck'"),
        ("Because.", "[", "mine.yaml:", "not valid YAML"),
    ],
)
def test_a_typo_in_a_rule_pack(old: str, new: str, place: str, message: str, tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "mine.yaml").write_text(PACK.replace(old, new))
    ran = run("scan", tmp_path, "--rules", rules)
    assert ran.code == USAGE
    assert place in ran.err
    assert message in ran.err
    assert run("rules", "check", rules).code == USAGE


def test_a_pack_of_the_users_own_is_asked(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "mine.yaml").write_text(PACK)
    (tmp_path / "Dockerfile").write_text("FROM a:1\nUSER 10001\n")
    assert "mine" in {f["rule"] for f in scan(tmp_path, "--rules", rules).document["findings"]}


def test_a_broken_configuration(tmp_path: Path) -> None:
    (tmp_path / "gonogo.toml").write_text("exclud = []\n")
    ran = run("scan", tmp_path)
    assert ran.code == USAGE
    assert "unknown setting exclud; did you mean exclude?" in ran.err


BOMB = "a" * 50_000 + "!"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("Dockerfile", f"FROM {BOMB}\nUSER {BOMB}\nRUN {BOMB}\n"),
        ("main.tf", f'locals {{\n  x = regex("(a+)+$", "{BOMB}")\n}}\n'),
        (".github/workflows/ci.yml", f"on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: {BOMB}\n"),
        ("k8s.yaml", f"apiVersion: v1\nkind: Service\nmetadata:\n  name: {BOMB}\n"),
        ("requirements.txt", BOMB),
        (".gitignore", "*" * 2000 + "x\n"),
        ("app.py", ("strict-transport-security " * 2000) + "\n"),
        ("many.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n" + "".join(f"  k{n}: v\n" for n in range(50_000))),
    ],
)
def test_long_and_repetitive_text_takes_bounded_time(path: str, text: str, tmp_path: Path) -> None:
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text(text)
    started = time.monotonic()
    ran = scan(tmp_path)
    assert time.monotonic() - started < SECONDS
    assert ran.err == ""
    assert not any("failed (" in reason for reason in gaps(ran).values())
