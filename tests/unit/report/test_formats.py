"""What each format says of one of everything, read by the validators of those who take it in."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from gonogo.model.assessment import Agreement, Assessment
from gonogo.model.finding import Evidence, Verdict
from gonogo.model.location import Location
from gonogo.report.csv_table import COLUMNS
from reports import ANCHORED, CATALOGUE, DATABASE, LIVE, ROOT, SAMPLE, item, rendered
from unit.report import readers

BOTH = pytest.mark.parametrize("assessment", [SAMPLE, CATALOGUE], ids=["checklist", "catalogue"])


@BOTH
def test_junit_keeps_to_the_schema(assessment: Assessment, junit_xsd: Path) -> None:
    readers.valid_junit(rendered("junit", assessment), junit_xsd)


def test_junit_passes_what_is_satisfied_only(junit_xsd: Path) -> None:
    tree = readers.valid_junit(rendered("junit", SAMPLE), junit_xsd)
    outcomes = {case.get("name"): (case[0].tag, case[0].get("type")) if len(case) else "passed" for case in tree.findall(".//testcase")}
    assert outcomes == {
        "Containers run as non-root": ("failure", "refuted"),
        "Backups are on": ("failure", "refuted"),
        "Somebody watches": ("failure", "unsupported"),
        "Images are pinned": ("skipped", "unknown"),
        "Workers run as non-root": ("failure", "open"),
        "Load was tested": ("failure", "open"),
        "The lawyers agree": ("skipped", "manual"),
        "Frobnicators are oiled": ("skipped", "unmapped"),
        "Tools run as non-root": ("skipped", "waived"),
        "The web runs as non-root": "passed",
        "The web is not root": "passed",
        "Windows is patched": ("skipped", "not applicable"),
        "The old ones run as non-root": ("skipped", "standing"),
    }


def test_junit_tells_equal_items_apart(junit_xsd: Path) -> None:
    twice = replace(SAMPLE, items=(*SAMPLE.items, *SAMPLE.items))
    assert readers.valid_junit(rendered("junit", twice), junit_xsd).get("tests") == str(2 * len(SAMPLE.items))


def test_gitlab_takes_a_path_and_a_line_for_everything() -> None:
    entries = json.loads(rendered("gitlab", SAMPLE))
    assert [(e["severity"], e["location"]["path"], e["location"]["lines"]["begin"]) for e in entries] == [
        ("blocker", "docs/launch.md", 11),  # live, and declared nowhere
        ("blocker", "infra/sql.tf", 22),
        ("critical", "api/Dockerfile", 12),
        ("minor", "docs/launch.md", 12),
        ("info", "infra/main.tf", 9),
    ]
    assert len({e["fingerprint"] for e in entries}) == len(entries)
    assert {len(e["fingerprint"]) for e in entries} == {64}
    assert DATABASE in entries[0]["description"]


def test_a_checklist_given_twice_is_one_to_gitlab() -> None:
    assert rendered("gitlab", replace(SAMPLE, items=(*SAMPLE.items, *SAMPLE.items))) == rendered("gitlab", SAMPLE)


def test_the_fingerprint_of_gitlab_knows_no_lines() -> None:
    moved = replace(ROOT, evidence=(replace(ROOT.evidence[0], location=Location("api/Dockerfile", 99)),))
    before, after = (json.loads(rendered("gitlab", replace(SAMPLE, items=(item(line, "x", Verdict.VIOLATED, Agreement.REFUTED, f),)))) for line, f in ((1, ROOT), (2, moved)))
    assert before[0]["location"] != after[0]["location"]
    assert before[0]["fingerprint"] == after[0]["fingerprint"]


@pytest.mark.parametrize("path", ["", "/etc/passwd", "../up.tf", "a/../../up.tf", "C:\\x", "\\\\host\\x", "~/x"])
@pytest.mark.parametrize("name", ["gitlab", "github", "oscal"])
def test_nothing_outside_of_the_tree_is_pointed_at(name: str, path: str) -> None:
    outside = replace(ROOT, evidence=(Evidence(Location(path, 3), "p", "v"),), message="m", fix="")
    text = rendered(name, replace(CATALOGUE, controls=(replace(CATALOGUE.controls[1], findings=(outside,)),), findings=(outside,)))
    if name == "gitlab":
        assert [e["location"] for e in json.loads(text)] == [{"path": "gonogo.toml", "lines": {"begin": 1}}]
    elif name == "github":
        assert [set(properties) for _, properties, _ in readers.commands(text)] == [{"title"}, {"title"}]
    else:
        assert '"href": "' not in text.replace('"href": "#', "")


def test_github_shows_ten_of_a_kind_and_counts_the_rest() -> None:
    many = tuple(replace(ROOT, fingerprint=f"{n:016x}", evidence=(replace(ROOT.evidence[0], location=Location("Dockerfile", n + 1)),)) for n in range(14))
    unsure = tuple(replace(f, fingerprint=f"{n + 50:016x}", verdict=Verdict.UNKNOWN, reasons=("why",)) for n, f in enumerate(many[:11]))
    items = (item(1, "A", Verdict.VIOLATED, Agreement.REFUTED, *many), item(2, "B", Verdict.UNKNOWN, Agreement.UNCHECKED, *unsure))
    found = readers.commands(rendered("github", replace(SAMPLE, items=items)))
    assert [kind for kind, _, _ in found] == ["error"] * 10 + ["warning"] * 10 + ["notice"]
    assert "; 4 more errors; 1 more warning; 2 not read or not understood" in found[-1][2]


def test_github_shows_each_check_before_one_of_them_again() -> None:
    many = [replace(ROOT, fingerprint=f"{n:016x}", evidence=(replace(ROOT.evidence[0], location=Location("Dockerfile", n + 1)),)) for n in range(14)]
    other = replace(many[0], fingerprint="f" * 16, control="own-control", rule="other", message="another thing", evidence=(replace(ROOT.evidence[0], location=Location("z", 1)),))
    found = readers.commands(rendered("github", replace(SAMPLE, items=(item(1, "A", Verdict.VIOLATED, Agreement.REFUTED, *many, other),))))
    assert [properties["file"] for _, properties, _ in found[:3]] == ["Dockerfile", "z", "Dockerfile"]


@pytest.mark.parametrize("name", ["gitlab", "github"])
def test_what_several_environments_make_of_one_line_is_told_once(name: str) -> None:
    again = replace(ROOT, fingerprint="e" * 16, subject=replace(ROOT.subject, environment="staging"))
    once, twice = (rendered(name, replace(SAMPLE, items=(item(1, "A", Verdict.VIOLATED, Agreement.REFUTED, *found),))) for found in ((ROOT,), (again, ROOT)))
    assert once == twice


def test_live_resources_are_told_one_by_one_though_they_stand_at_one_line() -> None:
    second = replace(ANCHORED, fingerprint="e" * 16, subject=replace(ANCHORED.subject, name=f"{DATABASE}-2"))
    entries = json.loads(rendered("gitlab", replace(SAMPLE, items=(item(1, "A", Verdict.VIOLATED, Agreement.REFUTED, ANCHORED, second),))))
    assert [e["location"]["path"] for e in entries] == ["infra/sql.tf"] * 2
    assert len({e["description"] for e in entries}) == 2


@pytest.mark.parametrize("name", ["gitlab", "github"])
def test_paths_are_those_of_the_repository_where_a_part_of_it_was_scanned(name: str) -> None:
    text = rendered(name, replace(SAMPLE, inputs={**SAMPLE.inputs, "prefix": "services/shop"}))
    assert "services/shop/api/Dockerfile" in text and "services/shop/infra/sql.tf" in text
    assert "services/shop/docs/launch.md" not in text  # given by its own path
    hostile = rendered(name, replace(SAMPLE, inputs={**SAMPLE.inputs, "prefix": "../.."}))
    assert hostile == rendered(name, SAMPLE)


def test_github_is_told_file_line_and_claim() -> None:
    kind, properties, message = readers.commands(rendered("github", SAMPLE))[2]
    assert (kind, properties) == ("error", {"file": "api/Dockerfile", "line": "12", "title": "refuted: Containers run as non-root (dockerfile-nonroot)"})
    assert message == "runs as root: no USER in the final stage. Ticked at docs/launch.md:10. Fix: Add `USER 10001`."


def test_what_is_not_known_is_never_told_how_to_mend() -> None:
    for name in ("junit", "markdown", "github", "gitlab"):
        only = replace(SAMPLE, items=(SAMPLE.items[3],), controls=SAMPLE.controls[:1])
        assert "USER 10001" not in rendered(name, only)


@BOTH
@pytest.mark.parametrize("name", ["markdown", "comment"])
def test_markdown_is_what_githubs_parser_knows(name: str, assessment: Assessment) -> None:
    made = readers.html(rendered(name, assessment))
    assert made.count("<table>") == 1
    assert "NO-GO" in made and "api/Dockerfile:12" in made


@pytest.mark.parametrize(("name", "most"), [("markdown", 1024 * 1024), ("comment", 65_536)])
def test_markdown_is_cut_before_it_is_lost(name: str, most: int) -> None:
    many = tuple(item(n, "가나다 😀 " * 40, Verdict.VIOLATED, Agreement.REFUTED, ROOT) for n in range(9000))
    text = rendered(name, replace(SAMPLE, items=many))
    size = len(text.encode()) if name == "markdown" else len(text.encode("utf-16-le")) // 2
    assert most * 0.8 < size <= most
    assert "The report is cut here" in text
    assert readers.html(text).count("<h2>") == 1


def test_the_comment_is_found_again_by_its_marker() -> None:
    assert rendered("comment", SAMPLE).startswith("<!-- gonogo:live/shop-prod/production -->\n")
    other = replace(SAMPLE, inputs={"root": "a--> <b>", "environment": "prod--uction"})
    assert rendered("comment", other).split("\n")[0] == "<!-- gonogo:iac/a-b-/prod-uction -->"


def test_csv_has_a_row_for_each_finding_and_gap() -> None:
    rows = readers.table(rendered("csv", SAMPLE))
    assert tuple(rows[0]) == COLUMNS
    assert [r["row"] for r in rows].count("gap") == 2
    backups = [r for r in rows if r["text"] == "Backups are on"]
    assert [(r["evidence_resource"], r["evidence_file"], r["finding_verdict"]) for r in backups] == [(DATABASE, "", "violated")] * 2
    assert {r["claimed"] for r in readers.table(rendered("csv", CATALOGUE))} == {""}


@BOTH
def test_cyclonedx_keeps_to_the_strict_schema(assessment: Assessment) -> None:
    readers.valid_cyclonedx(rendered("cyclonedx", assessment))


def test_cyclonedx_attests_what_is_known() -> None:
    bom = readers.valid_cyclonedx(rendered("cyclonedx", SAMPLE))
    (attestation,) = bom["declarations"]["attestations"]
    mapped = {m["requirement"].rsplit(":", 1)[1]: m for m in attestation["map"]}
    assert mapped["10f0"]["conformance"]["score"] == 0 and mapped["19f0"]["conformance"]["score"] == 1
    assert mapped["13f0"]["confidence"]["score"] == 0 and "conformance" not in mapped["13f0"]
    assert mapped["14f0"]["counterClaims"] and "claims" not in mapped["14f0"]
    claims = {c["bom-ref"].rsplit(":", 1)[1]: c for c in bom["declarations"]["claims"]}
    assert claims["10f0"]["counterEvidence"] == [f"evidence:{ROOT.fingerprint}"]
    assert "evidence" not in claims["13f0"] and "counterEvidence" not in claims["13f0"]


@BOTH
def test_oscal_is_read_by_trestle(assessment: Assessment, tmp_path: Path) -> None:
    assert readers.valid_oscal(rendered("oscal", assessment), tmp_path).results


def test_oscal_calls_satisfied_only_what_is(tmp_path: Path) -> None:
    (result,) = readers.valid_oscal(rendered("oscal", SAMPLE), tmp_path).results
    status = {f.target.target_id: (f.target.status.state.value, f.target.status.reason) for f in result.findings}
    assert {key for key, (state, _) in status.items() if state == "satisfied"} == {"item-19f0", "item-20f0"}
    assert status["item-10f0"][1] == "fail" and status["item-13f0"][1] == "other" and status["item-21f0"][1] == "other"
    assert [o.title for o in result.observations].count("Not read or not understood") == 2


@pytest.mark.parametrize("name", ["junit", "gitlab", "github", "markdown", "comment", "csv"])
def test_a_report_does_not_depend_on_the_order_of_what_was_found(name: str) -> None:
    turned = replace(SAMPLE, items=tuple(reversed(SAMPLE.items)), controls=tuple(reversed(SAMPLE.controls)), findings=tuple(reversed(SAMPLE.findings)))
    assert rendered(name, turned) == rendered(name, SAMPLE)


def test_controls_of_which_nothing_is_known_for_one_reason_are_told_together() -> None:
    blind = tuple(replace(CATALOGUE.controls[2], id=f"c{n}", verdict=Verdict.UNKNOWN, reasons=("no repository was given",)) for n in range(30))
    assessment = replace(CATALOGUE, controls=blind, gaps=(), drift=())
    kind, properties, message = readers.commands(rendered("github", assessment))[0]
    assert (kind, properties) == ("warning", {"title": "unknown: 30 controls"})
    assert message.startswith("no repository was given: c0, c1, ") and message.endswith("c9")
    assert len(json.loads(rendered("gitlab", assessment))) == 1
    assert rendered("markdown", assessment).count("no repository was given") == 1
    assert "`c29`" in rendered("markdown", assessment)


def test_live_evidence_alone_is_told_everywhere() -> None:
    only = replace(SAMPLE, items=(item(1, "Backups", Verdict.VIOLATED, Agreement.REFUTED, LIVE, controls=("cloudsql-backups",)),), drift=(), gaps=())
    for name in ("junit", "gitlab", "github", "markdown", "comment", "csv", "cyclonedx", "oscal"):
        assert "instances/db" in rendered(name, only), name
