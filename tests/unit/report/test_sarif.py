"""SARIF as GitHub takes it."""

from __future__ import annotations

import gzip
import json
import random
import re
import time
from dataclasses import replace
from typing import Any

import pytest

from gonogo.formats.sarif import Sarif
from gonogo.formats.sarif_lint import Weight, lint
from gonogo.model.assessment import RuleDescription
from gonogo.model.finding import Evidence, Role
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Origin, Stage
from gonogo.report.sarif import MAX_RELATED, Options, document
from gonogo.report.sarif_notes import MAX_NOTIFICATIONS, MAX_RESULTS
from reports import ANCHORED, CATALOGUE, LIVE, ROOT, SAMPLE, WAIVED, hostile
from unit.report import readers

FILES = {"api/Dockerfile": b"FROM a\n" + b"RUN x\n" * 10 + "  USER röot 😀\n".encode(), "docs/launch.md": b"- [x] a\n" * 30, "infra/sql.tf": b"x\n" * 30}
READ = Options(read=FILES.get)


def results(log: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = log["runs"][0]["results"]
    return found


def place(result: dict[str, Any]) -> tuple[str, int]:
    physical = result["locations"][0]["physicalLocation"]
    return physical["artifactLocation"]["uri"], physical["region"]["startLine"]


def notes(log: dict[str, Any], of: str = "Execution") -> list[str]:
    return [note["message"]["text"] for note in log["runs"][0]["invocations"][0][f"tool{of}Notifications"]]


def errors(log: dict[str, Any]) -> list[str]:
    return [f"{flaw.rule} {flaw.pointer}" for flaw in lint(Sarif("a", log, json.dumps(log).encode())) if flaw.weight is not Weight.WARNING]


def test_only_what_contradicts_a_claim_is_a_result() -> None:
    log = document(SAMPLE, READ)
    assert errors(log) == []
    found = {(r["ruleId"], *place(r)) for r in results(log)}
    assert {("claim-dockerfile-nonroot", "docs/launch.md", 10), ("claim-cloudsql-backups", "docs/launch.md", 11)} <= found
    assert ("dockerfile-nonroot-rule", "api/Dockerfile", 12) in found
    assert all(r["kind"] == "fail" and "suppressions" not in r for r in results(log))
    assert not any(uri == "tools/Dockerfile" for _, uri, _ in found), "what is waived is an open alert to GitHub"


def test_without_a_checklist_every_violation_is_one() -> None:
    log = document(CATALOGUE, READ)
    assert {r["ruleId"] for r in results(log)} == {"dockerfile-nonroot-rule", "cloudsql-backups-rule"}
    assert errors(log) == []


def test_a_claim_shows_its_evidence() -> None:
    claim = next(r for r in results(document(SAMPLE, READ)) if r["ruleId"] == "claim-dockerfile-nonroot")
    assert claim["message"]["text"].startswith("Ticked, and not true: Containers run as non-root. runs as root: no USER in the final stage (api/Dockerfile:12)")
    assert claim["relatedLocations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "api/Dockerfile"
    assert claim["message"]["text"].endswith("[1](1)")


def test_what_is_live_stands_where_it_is_declared_or_claimed_or_at_the_configuration() -> None:
    live = [place(r) for r in results(document(SAMPLE, READ)) if r["ruleId"] == "cloudsql-backups-rule"]
    assert sorted(live) == [("docs/launch.md", 11), ("infra/sql.tf", 22)]
    assert {place(r) for r in results(document(CATALOGUE, READ)) if r["ruleId"] == "cloudsql-backups-rule"} == {("gonogo.toml", 1), ("infra/sql.tf", 22)}
    assert LIVE.subject == ANCHORED.subject


def test_a_region_is_one_line_in_utf16_units() -> None:
    found = next(r for r in results(document(SAMPLE, READ)) if r["ruleId"] == "dockerfile-nonroot-rule" and place(r)[0] == "api/Dockerfile")
    assert found["locations"][0]["physicalLocation"]["region"] == {"startLine": 12, "startColumn": 3, "endLine": 12, "endColumn": 15}


def test_paths_count_from_the_top_of_the_repository_and_are_encoded() -> None:
    moved = replace(ROOT, evidence=(Evidence(Location("a b/50%#é:[1].tf", 1), "x", "1", Role.PRIMARY),))
    log = document(replace(CATALOGUE, findings=(moved,), inputs={**CATALOGUE.inputs, "prefix": "infra/prod"}))
    assert place(results(log)[0])[0] == "infra/prod/a%20b/50%25%23%C3%A9%3A%5B1%5D.tf"
    assert errors(log) == []


@pytest.mark.parametrize("file", ["../../etc/passwd", "/etc/passwd", "..", "a\0b"])
def test_a_place_outside_the_repository_is_none(file: str) -> None:
    outside = replace(ROOT, evidence=(Evidence(Location(file, 1), "x", "1", Role.PRIMARY),))
    assert place(results(document(replace(CATALOGUE, findings=(outside,))))[0]) == ("gonogo.toml", 1)


def test_findings_of_one_rule_in_one_line_are_one_alert() -> None:
    twins = (ROOT, replace(ROOT, fingerprint="f" * 16, message="and once more"))
    (merged,) = results(document(replace(CATALOGUE, findings=twins), READ))
    assert "no USER in the final stage" in merged["message"]["text"]
    assert "and once more" in merged["message"]["text"]


def test_in_full_there_is_everything_with_its_kind() -> None:
    log = document(SAMPLE, replace(READ, full=True))
    kinds = {r["kind"] for r in results(log)}
    assert kinds == {"fail", "pass", "open"}
    waived = next(r for r in results(log) if "suppressions" in r)
    assert waived["suppressions"][0]["justification"] == "needs root, JIRA-12"
    assert WAIVED.waiver is not None
    assert all((r["level"] == "none") == (r["kind"] != "fail") for r in results(log))


def test_a_cloud_that_was_not_read_makes_the_run_partial() -> None:
    notes = document(SAMPLE)["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    assert [(n["level"], n["message"]["text"]) for n in notes] == [("error", "no permission to list buckets"), ("warning", "a template that is not understood")]
    harmless = replace(SAMPLE, gaps=(Gap("", 0, Stage.READ, "an API that is off", "gcp", (), origin=Origin.LIVE),))
    assert [n["level"] for n in document(harmless)["runs"][0]["invocations"][0]["toolExecutionNotifications"]] == ["note"]


@pytest.mark.parametrize(
    ("inputs", "category"),
    [
        ({"projects": ["p"], "environment": "production"}, "gonogo/live/production/"),
        ({"projects": ["p"], "environment": "a b/c"}, "gonogo/live/a-b-c/"),
        ({"environment": "production"}, "gonogo/iac/"),
        ({"environment": "staging"}, "gonogo/iac/staging/"),
        ({"environment": "production", "prefix": "services/shop é"}, "gonogo/iac/services/shop-/"),
    ],
)
def test_what_is_looked_at_by_itself_has_a_category_of_its_own(inputs: dict[str, object], category: str) -> None:
    assert document(replace(SAMPLE, inputs=inputs))["runs"][0]["automationDetails"]["id"] == category


def test_25000_and_more_findings_are_cut_worst_first_and_small_and_soon() -> None:
    many = [replace(ROOT, fingerprint=f"{n:016x}", evidence=(Evidence(Location(f"a/{n}.tf", n % 99 + 1), "x", "1", Role.PRIMARY),)) for n in range(MAX_RESULTS + 500)]
    worst = replace(ROOT, control="cloudsql-backups", rule="cloudsql-backups-rule", fingerprint="e" * 16)
    started = time.perf_counter()
    log = document(replace(CATALOGUE, findings=(*many, worst)))
    text = json.dumps(log).encode()
    assert time.perf_counter() - started < 20
    assert len(results(log)) == MAX_RESULTS
    assert results(log)[0]["ruleId"] == "cloudsql-backups-rule"
    assert [n for n in notes(log) if "results" in n] == [
        "501 results are left out: GitHub takes 25000, and the worst come first",
        "GitHub keeps 5000 of these 25000 results, the worst",
    ]
    assert len(gzip.compress(text)) < 10 * 1024 * 1024
    assert errors(log) == []


def test_results_that_do_not_pack_are_cut_to_what_github_takes() -> None:
    chance = random.Random(5)
    noise = [
        replace(ROOT, fingerprint=f"{n:016x}", message=chance.randbytes(1_000).hex(), evidence=(Evidence(Location(f"a/{n}.tf", 1), "x", "1", Role.PRIMARY),))
        for n in range(9_500)
    ]
    log = document(replace(CATALOGUE, findings=tuple(noise)))
    packed = len(gzip.compress(json.dumps(log, indent=1).encode()))
    assert 7 * 1024 * 1024 < packed < 10 * 1024 * 1024
    assert notes(log)[0] == f"{9_500 - len(results(log))} results are left out: GitHub takes 10 MB, compressed, and the worst come first"


def test_places_that_are_left_out_are_counted() -> None:
    places = [Evidence(Location("a.tf", line), "x", "1", Role.PRIMARY if line == 1 else Role.RELATED) for line in range(1, MAX_RELATED + 6)]
    (result,) = results(document(replace(CATALOGUE, findings=(replace(ROOT, evidence=(*places, places[-1])),))))
    assert len(result["relatedLocations"]) == MAX_RELATED
    assert result["message"]["text"].endswith("[1](1) [2](2) [3](3) and 4 more places")


def test_what_could_not_be_read_and_what_is_to_be_put_right_is_said() -> None:
    many = tuple(Gap(f"{n:04d}.yaml", 0, Stage.READ, "not UTF-8 (byte 3)", "kubernetes", ("*",)) for n in range(MAX_NOTIFICATIONS + 2))
    log = document(replace(SAMPLE, gaps=many))
    (first, *_) = log["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    assert first["locations"] == [{"physicalLocation": {"artifactLocation": {"uri": "0000.yaml", "uriBaseId": "%SRCROOT%"}}}]
    assert notes(log)[-1] == "2 more gaps are left out here"
    assert notes(log, "Configuration") == list(SAMPLE.warnings)


@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>", "![x](https://evil.example/x.png)", "[click](javascript:alert(1))", "`` <b> `", "\\` <b> `", "@octocat #1", "a\n# b", "x`](https://evil.example)`"],
)
def test_the_help_of_a_rule_pack_is_text(text: str) -> None:
    """A pack may be of the scanned repository: `rules` in its gonogo.toml."""
    described = RuleDescription("dockerfile-nonroot-rule", "dockerfile-nonroot", text, text, text, ("https://example.com/a?b=c#d", f"https://e.example/ {text}>", f"javascript:{text}"), True)
    for result in document(replace(SAMPLE, rules=(described,)), READ)["runs"][0]["tool"]["driver"]["rules"]:
        ours = "<https://example.com/a?b=c#d>"
        made = readers.html(result["help"]["markdown"].replace(ours, ""))
        assert not re.search(r"@\w|#\w|://", readers.prose_of(made)), made
        assert (ours in result["help"]["markdown"]) == (result.get("helpUri") == ours[1:-1]) == ("dockerfile-nonroot" in result["id"])


def test_what_a_shipped_rule_says_keeps_its_code_and_links() -> None:
    described = RuleDescription("dockerfile-nonroot-rule", "dockerfile-nonroot", "Not as root", "Root may do anything.", "Add `USER 10001`.", ("https://docs.docker.com/",), True)
    rules = {rule["id"]: rule for rule in document(replace(SAMPLE, rules=(described,)), READ)["runs"][0]["tool"]["driver"]["rules"]}
    assert rules["dockerfile-nonroot-rule"]["help"]["markdown"] == "Root may do anything.\n\n**Fix.** Add `USER 10001`.\n\n* <https://docs.docker.com/>"


@pytest.mark.parametrize(
    "text",
    ["\x1b[31mred\x1b[0m", "[click](https://evil.example)", "<script>alert(1)</script>", "::error::forged", "a\nb\r\nc", "\u202eabc", "`` `code` ``", "](1)", "x" * 50_000, "\ud800"],
)
def test_what_a_repository_says_is_text(text: str) -> None:
    log = document(hostile(text), Options(full=True))
    for result in results(log):
        message = result["message"]["text"]
        assert "](https" not in message
        assert not any(ord(c) < 32 or c in "\u202e\x1b" for c in message)
        assert len(message) < 2_100
    assert json.loads(json.dumps(log)) == log
    assert [e for e in errors(document(hostile(text))) if not e.startswith("no-message")] == []


def test_the_same_assessment_is_the_same_log() -> None:
    backwards = replace(SAMPLE, findings=tuple(reversed(SAMPLE.findings)), gaps=tuple(reversed(SAMPLE.gaps)))
    assert json.dumps(document(backwards, READ)) == json.dumps(document(SAMPLE, READ))
