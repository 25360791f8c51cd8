"""`[gate]` in gonogo.toml, and what is said to stand in the way."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from running import Ran, run, scan
from signed import blockers, day, waived

CHECKLIST = """# Launch
## Containers
- [x] Multi-stage Dockerfile <!-- gonogo: dockerfile-multistage -->
- [x] Runs as a non-root user <!-- gonogo: dockerfile-nonroot -->
## Database
- [x] Database backups <!-- gonogo: cloudsql-backups -->
### Later
- [ ] Static analysis <!-- gonogo: static-analysis -->
## People
- [x] The lawyers agree <!-- gonogo: manual -->
- [x] Windows is patched <!-- gonogo: ignore reason="there is none" -->
- [x] Frobnicators are oiled
"""
GOOD = "FROM python:3.12 AS build\nRUN make\nFROM python:3.12-slim\nCOPY --from=build /a /a\nUSER 10001\nCMD a\n"
OPEN = ("open", "Static analysis")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "LAUNCH.md").write_text(CHECKLIST)
    (tmp_path / "Dockerfile").write_text(GOOD)
    (tmp_path / "main.tf").write_text('module "db" {\n  source = "git::https://git.example/db"\n}\n')
    (tmp_path / ".gonogo").mkdir()
    return tmp_path


def gated(root: Path, *lines: str) -> Ran:
    (root / "gonogo.toml").write_text("\n".join(['checklists = ["LAUNCH.md"]', "[gate]", *lines]) + "\n")
    return scan(root)


def test_blockers_name_each_item_the_worst_first(root: Path) -> None:
    ran = gated(root)
    assert ran.code == 1
    assert ran.document["blockers"][0] == {
        "kind": "open", "stops": True, "text": "Static analysis", "item": ran.document["items"][3]["id"],
        "controls": ["static-analysis"], "place": "LAUNCH.md:8",
    }  # fmt: skip
    assert blockers(ran) == [OPEN, ("unknown", "Database backups"), ("manual", "The lawyers agree"), ("unmapped", "Frobnicators are oiled")]
    assert [b["stops"] for b in ran.document["blockers"]] == [True, False, False, False]


def test_what_is_not_asked_is_in_no_figure(root: Path) -> None:
    ran = gated(root)
    assert ran.document["summary"]["coverage"] == {"claims": 5, "confirmed": 2, "asked": 6, "looked_at": 3}
    said = "2 of 5 claims verified, 50 % looked at (3 of 6)"
    for name in ("text", "markdown", "comment"):
        assert said in run("scan", root, "-o", name).out
    properties = {p.get("name"): p.get("value") for p in ElementTree.fromstring(run("scan", root, "-o", "junit").out).iter("property")}
    assert properties["coverage"] == said
    catalogue = scan(root, "--exclude", "*.tf")
    assert catalogue.document["summary"]["coverage"]["claims"] == 5
    (root / "gonogo.toml").write_text("")
    figures = scan(root).document["summary"]
    assert figures["coverage"]["claims"] == 0
    assert figures["coverage"]["asked"] == sum(count for verdict, count in figures["controls"].items() if verdict != "absent"), "what applies to nothing counts nowhere"


@pytest.mark.parametrize(
    ("lines", "code", "left"),
    [
        (('optional_sections = ["Later"]',), 3, ["unknown", "manual", "unmapped"]),
        (('optional_sections = ["launch > database > later", "People"]',), 3, ["unknown"]),
        (('optional_sections = ["Database", "People"]',), 0, []),
        (('required_sections = ["Containers"]',), 0, []),
        (('required_sections = ["Launch > C*"]',), 0, []),
        (('required_sections = ["Containers", "Data*"]',), 1, ["open", "unknown"]),
        (('required_sections = ["Containers", "Data*"]', 'optional_sections = ["Later"]'), 3, ["unknown"]),
        (('required_sections = ["Containers", "Security"]',), 3, ["section"]),
        (('optional_sections = ["Later"]', 'unknown = "warn"'), 0, []),
        (('fail_on = "critical"',), 3, ["unknown", "manual", "unmapped"]),
    ],
)
def test_which_sections_are_asked_for(root: Path, lines: tuple[str, ...], code: int, left: list[str]) -> None:
    ran = gated(root, *lines)
    assert (ran.code, [kind for kind, _ in blockers(ran)]) == (code, left)


def test_a_section_that_is_not_there_is_told_of(root: Path) -> None:
    ran = gated(root, 'required_sections = ["Contaniers"]')
    assert (ran.code, blockers(ran)) == (3, [("section", "no item stands below a heading like Contaniers, which [gate] required_sections asks for")])
    ran = gated(root, 'optional_sections = ["Latre"]')
    assert "[gate] optional_sections: no item stands below a heading like Latre" in ran.document["warnings"]


def test_how_much_has_to_be_looked_at(root: Path) -> None:
    sections = 'optional_sections = ["Later", "Database", "People"]'
    assert gated(root, sections, "min_coverage = 50").code == 0
    ran = gated(root, sections, "min_coverage = 50.1")
    assert (ran.code, blockers(ran)) == (3, [("coverage", "50 % looked at (3 of 6), and 50.1 % are asked for")])
    assert "50 % looked at (3 of 6), and 50.1 % are asked for" in run("scan", root).out


def test_a_binding_that_nobody_reviewed_carries_no_go(root: Path) -> None:
    (root / "LAUNCH.md").write_text("- [x] Multi-stage Dockerfile\n- [x] (optional) Runs as a non-root user\n")
    (root / "Dockerfile").write_text(GOOD)
    ran = gated(root)
    assert [i["binding"] for i in ran.document["items"]] == ["auto", "auto"]
    assert (ran.code, blockers(ran)) == (3, [("unreviewed", "1 binding is not reviewed: gonogo checklist map")])
    assert "INCOMPLETE    every required item holds; 1 binding is not reviewed: gonogo checklist map" in run("scan", root).out
    assert gated(root, "require_reviewed = false").code == 0
    (root / "Dockerfile").write_text("FROM python:3.12\nRUN make\nCMD a\n")
    assert gated(root).code == 1, "it keeps nothing from NO-GO"


def test_a_reviewed_binding_carries_it(root: Path) -> None:
    import hashlib

    (root / "LAUNCH.md").write_text("- [x] Multi-stage Dockerfile\n")
    digest = hashlib.sha256(b"Multi-stage Dockerfile").hexdigest()
    identifier = gated(root).document["items"][0]["id"]
    (root / "gonogo.map.yaml").write_text(
        f"schema: gonogo.map/v1\nitems:\n  {identifier}: {{sha256: {digest}, controls: [dockerfile-multistage], decided_by: ada, on: 2026-01-01}}\n"
    )
    assert gated(root).code == 0


def test_a_ceiling_on_waivers(root: Path) -> None:
    waived(root, {"control": "static-analysis"}, {"item": "The lawyers agree"})
    sections = 'optional_sections = ["Database", "People"]'
    assert gated(root, sections, "max_waivers = 2").code == 0
    ran = gated(root, sections, "max_waivers = 1")
    assert (ran.code, blockers(ran)) == (1, [("waivers", "2 waivers are in force, and [gate] max_waivers allows 1")])
    (root / "main.tf").write_text("# gonogo: ignore[cloudsql-ha] -- why\n" + 'resource "google_sql_database_instance" "db" {}\n')
    ran = gated(root, sections, "max_waivers = 2")
    assert ("waivers", "3 waivers are in force, and [gate] max_waivers allows 2") in blockers(ran), "those beside the code count, too"


def test_what_expired_may_be_only_a_warning(root: Path) -> None:
    waived(root, {"control": "cloudsql-ha", "from": day(-9), "expires": day(-1)})
    sections = 'optional_sections = ["Database", "People"]'
    assert (gated(root, sections).code, gated(root, sections, "allow_expired = true").code) == (3, 0)
    assert "expired on" in scan(root).document["warnings"][0]


def test_convert_keeps_what_stands_in_the_way_of_the_run(root: Path, tmp_path: Path) -> None:
    sections = 'optional_sections = ["Database", "People"]'
    (root / "result.json").write_text(gated(root, sections, "min_coverage = 90").out)
    for arguments in ((), ("--fail-on", "critical"), ("--unknown", "warn")):
        ran = run("convert", root / "result.json", "-o", "json", *arguments)
        assert (ran.code, blockers(ran)) == (3, [("coverage", "50 % looked at (3 of 6), and 90 % are asked for")])
    (root / "result.json").write_text(gated(root).out)
    assert run("convert", root / "result.json", "--fail-on", "critical").code == 3
    ran = run("convert", root / "result.json", "-o", "json", "--fail-on", "critical", "--unknown", "warn")
    assert (ran.code, blockers(ran)) == (0, [])
    ran = run("convert", root / "result.json", "-o", "text", "-v")
    assert "4 in the way of the release" in ran.out
