"""Gaps that are accepted for a while: `.gonogo/waivers.yaml` and `gonogo waive`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from running import run, scan
from signed import LOAD, NONROOT, attested, blockers, day, repository, scanned, verdicts, waived

PLACE = ".gonogo/waivers.yaml:3"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return attested(repository(tmp_path), {"item": LOAD}, {"item": "The lawyers agree"})


def test_what_is_waived_stays_violated_with_the_waiver_beside_it(root: Path) -> None:
    assert scan(root).code == 1
    ran = scan(waived(root, {"control": "dockerfile-nonroot"}))
    assert (ran.code, ran.document["warnings"]) == (0, [])
    assert verdicts(ran)[NONROOT] == "waived"
    (finding,) = [f for f in ran.document["findings"] if f["control"] == "dockerfile-nonroot"]
    assert finding["verdict"] == "violated"
    assert finding["waiver"] == {
        "reason": "OPS-1", "file": ".gonogo/waivers.yaml", "line": 3, "until": day(90), "owner": "ada", "approver": "grace", "origin": "any",
    }  # fmt: skip
    assert ran.document["items"][0]["agreement"] == "unsupported", "a waiver confirms no claim"
    shown = run("scan", root).out
    assert "~ 1 waived" in shown
    assert "GO    every required item holds, or is waived (1)" in shown
    full = json.loads(run("scan", root, "-o", "sarif", "--sarif-profile", "full").out)
    assert [s["kind"] for r in full["runs"][0]["results"] for s in r.get("suppressions", ())] == ["external"]
    assert ran.document["summary"]["coverage"] == {"claims": 2, "confirmed": 1, "asked": 3, "looked_at": 3}


def test_after_its_last_day_a_waiver_excuses_nothing_and_everything_says_so(root: Path) -> None:
    """chef/automate #4342: an expired waiver was still shown as waived. inspec #5260: what was said of it after expiry was not what held."""
    waived(root, {"control": "dockerfile-nonroot", "from": day(-30), "expires": day(-1)})
    ran = scan(root)
    assert (ran.code, verdicts(ran)[NONROOT]) == (1, "violated")
    assert "waiver" not in str(ran.document["findings"])
    said = f"the waiver of dockerfile-nonroot expired on {day(-1)}"
    assert ran.document["warnings"] == [f"{PLACE}: {said}; it does not count"]
    assert blockers(ran) == [("refuted", NONROOT), ("expired", said)]
    shown = run("scan", root).out
    assert "waived" not in shown
    assert said in shown
    assert f"{PLACE}: dockerfile-nonroot: expired on {day(-1)}: origin any" in run("waive", "--list", "--root", root).out
    assert scan(waived(root, {"control": "dockerfile-nonroot", "from": day(-30), "expires": day(0)})).code == 0, "the last day counts"


def test_one_that_holds_from_tomorrow_excuses_nothing_today(root: Path) -> None:
    ran = scan(waived(root, {"control": "dockerfile-nonroot", "from": day(1)}))
    assert (ran.code, verdicts(ran)[NONROOT]) == (1, "violated")
    assert ran.document["warnings"] == [f"{PLACE}: the waiver of dockerfile-nonroot holds from {day(1)} only; it does not count"]


def test_a_waiver_that_excuses_nothing_is_told(root: Path) -> None:
    """kubescape #3094: exceptions that are unused, expired or of a control that is none have to be told of."""
    ran = scan(waived(root, {"control": "dockerfile-nonroot"}, {"control": "cloudsql-ha"}))
    assert (ran.code, ran.document["warnings"]) == (0, [".gonogo/waivers.yaml:10: the waiver of cloudsql-ha excuses nothing; remove it"])
    ran = scan(waived(root, {"control": "dockerfile-nonrot"}))
    assert (ran.code, ran.err) == (2, f"gonogo: {PLACE}: no control is called dockerfile-nonrot; did you mean dockerfile-nonroot?\n")


def test_a_waiver_of_what_is_live_covers_no_code_and_says_so(root: Path) -> None:
    """devantler-tech/platform PR #3085: an exception with live names never matched the scan of manifests, and nobody noticed."""
    ran = scan(waived(root, {"control": "dockerfile-nonroot", "origin": "live"}))
    assert (ran.code, verdicts(ran)[NONROOT]) == (1, "violated")
    (name,) = [f["subject"]["name"] for f in ran.document["findings"] if f["control"] == "dockerfile-nonroot"]
    assert ran.document["warnings"] == [f"{PLACE}: the waiver of dockerfile-nonroot covers origin live, and what is violated here is of origin code: {name}"]
    ran = scan(waived(root, {"control": "dockerfile-nonroot", "resource": "//run.googleapis.com/projects/*"}))
    assert (ran.code, verdicts(ran)[NONROOT]) == (1, "violated")
    assert f"{PLACE}: the waiver of dockerfile-nonroot excuses nothing: //run.googleapis.com/projects/* is none of what is violated: " in ran.document["warnings"][0]
    ran = scan(waived(root, {"control": "dockerfile-nonroot", "origin": "code", "resource": "Docker*"}))
    assert (ran.code, ran.document["warnings"]) == (0, [])
    ran = scan(waived(root, {"control": "cloudsql-ha", "origin": "live"}, {"control": "dockerfile-nonroot"}))
    assert ran.document["warnings"] == [], "a scan of code has not looked at what it covers"


def test_that_nothing_is_there_or_could_be_checked_may_be_accepted(tmp_path: Path) -> None:
    root = repository(tmp_path, "- [x] Static analysis <!-- gonogo: static-analysis -->\n- [x] SQL <!-- gonogo: cloudsql-backups -->\n")
    (root / "main.tf").write_text('module "db" {\n  source = "git::https://git.example/db"\n}\n')
    assert [i["verdict"] for i in scanned(root)["items"]] == ["absent", "unknown"]
    ran = scan(waived(root, {"control": "static-analysis", "origin": "code"}, {"control": "cloudsql-backups"}))
    assert (ran.code, [i["verdict"] for i in ran.document["items"]]) == (0, ["waived", "waived"])
    assert ran.document["items"][0]["reasons"][0] == f"waived by grace until {day(90)}: OPS-1 ({PLACE})"
    assert {c["id"]: c["verdict"] for c in ran.document["controls"]}["static-analysis"] == "absent", "nobody says that there is something"
    assert ran.document["summary"]["coverage"] == {"claims": 2, "confirmed": 0, "asked": 2, "looked_at": 0}, "a waiver looks at nothing"
    ran = scan(waived(root, {"control": "static-analysis", "origin": "live"}, {"control": "cloudsql-backups", "resource": "db"}))
    assert [i["verdict"] for i in ran.document["items"]] == ["absent", "unknown"]


def test_a_waiver_makes_no_go_of_nothing(tmp_path: Path) -> None:
    (tmp_path / ".gonogo").mkdir()
    assert scan(waived(tmp_path, {"control": "static-analysis"})).code == 4


def test_an_item_is_waived_as_a_whole(root: Path) -> None:
    ran = scan(waived(root, {"item": NONROOT}))
    assert (ran.code, verdicts(ran)[NONROOT]) == (0, "waived")
    assert ran.document["items"][0]["reasons"][0] == f"waived by grace until {day(90)}: OPS-1 ({PLACE})"
    ran = scan(waived(root, {"item": NONROOT, "origin": "live"}))
    assert (ran.code, ran.document["warnings"]) == (1, [f"{PLACE}: the waiver of {NONROOT} excuses nothing of origin live"])
    attested(root, {"item": LOAD})
    ran = scan(waived(root, {"item": NONROOT}, {"item": "The lawyers agree"}))
    assert (ran.code, verdicts(ran)["The lawyers agree"]) == (0, "waived")
    assert ran.document["summary"]["coverage"]["looked_at"] == 1


def test_a_control_that_may_not_be_waived(root: Path) -> None:
    (root / "own").mkdir()
    (root / "own" / "catalogue.yaml").write_text("controls:\n  - {id: own-keys, title: T, severity: critical, fold: any, waivable: false}\n")
    (root / "gonogo.toml").write_text('checklists = ["LAUNCH.md"]\nrules = ["own"]\n')
    ran = scan(waived(root, {"control": "own-keys"}))
    assert (ran.code, ran.err) == (2, f"gonogo: {PLACE}: own-keys may not be waived: the catalogue or not_waivable of [gate] says so\n")
    (root / "LAUNCH.md").write_text("- [x] Keys <!-- gonogo: own-keys -->\n")
    attested(root)
    ran = scan(waived(root, {"item": "Keys"}))
    assert (ran.code, ran.err) == (2, f"gonogo: {PLACE}: Keys asks for own-keys, which may not be waived: the catalogue or not_waivable of [gate] says so\n")
    waived(root)
    (root / "Dockerfile").write_text("# gonogo: ignore[own-keys] -- why\nFROM a\n")
    assert "Dockerfile:1: own-keys may not be waived" in scan(root).document["warnings"]


def test_a_control_that_a_team_never_waives(root: Path) -> None:
    (root / "gonogo.toml").write_text('checklists = ["LAUNCH.md"]\n[gate]\nnot_waivable = ["dockerfile-nonroot"]\n')
    ran = scan(waived(root, {"control": "dockerfile-nonroot"}))
    assert (ran.code, ran.err) == (2, f"gonogo: {PLACE}: dockerfile-nonroot may not be waived: the catalogue or not_waivable of [gate] says so\n")
    (root / "gonogo.toml").write_text('checklists = ["LAUNCH.md"]\n[gate]\nnot_waivable = ["dockerfile-nonrot"]\n')
    ran = scan(waived(root))
    assert (ran.code, ran.err) == (2, "gonogo: gonogo.toml: gate.not_waivable: no control is called dockerfile-nonrot; did you mean dockerfile-nonroot?\n")


@pytest.mark.parametrize(
    ("entry", "error"),
    [
        ({"approver": "Ada "}, ":6: Ada is the owner; somebody else has to approve"),
        ({"approver": ""}, ":3: the entry has no approver"),
        ({"expires": ""}, ":3: the entry has no expires"),
        ({"from": ""}, ":3: the entry has no from"),
        ({"origin": ""}, ":3: the entry has no origin"),
        ({"origin": "prod"}, ":9: 'prod' is not one of ['code', 'live', 'any']"),
        ({"expires": day(366)}, f":8: expires {day(366)} is more than 366 days after from {day(-1)}"),
        ({"expires": day(-2)}, f":8: expires {day(-2)} is before from {day(-1)}"),
        ({"expires": "2026"}, ":8: expires is a date written YYYY-MM-DD, not 2026"),
        ({"from": "!!timestamp 2026-01-01T10:00:00Z"}, ":7: from is a date written YYYY-MM-DD"),
        ({"expiration_date": "2027-01-01"}, ":10: expiration_date is no field here"),
        ({"reason": "' '"}, ":4: reason is empty"),
        ({"item": NONROOT}, ":3: an entry names either a control or an item"),
        ({"control": "", "item": NONROOT, "resource": "x"}, ":3: resource goes with a control: an item is waived as a whole"),
        ({"control": "[a]"}, ":3: ['a'] is not of type 'string'"),
    ],
)
def test_an_entry_that_is_wrong_stops_the_run(root: Path, entry: dict[str, str], error: str) -> None:
    ran = scan(waived(root, {"control": "dockerfile-nonroot", **entry}))
    assert (ran.code, ran.out) == (2, "")
    assert f"gonogo: .gonogo/waivers.yaml{error}" in ran.err


def test_how_long_a_waiver_may_hold_is_configured(root: Path) -> None:
    (root / "gonogo.toml").write_text('checklists = ["LAUNCH.md"]\nwaivers = "ops/waivers.yaml"\n[gate]\nmax_waiver_days = 30\n')
    waived(root, {"control": "dockerfile-nonroot"})
    (root / "ops").mkdir()
    (root / ".gonogo" / "waivers.yaml").rename(root / "ops" / "waivers.yaml")
    assert scan(root).err == f"gonogo: ops/waivers.yaml:8: expires {day(90)} is more than 30 days after from {day(-1)}\n"


def test_a_baseline_and_a_change_are_judged_with_the_same_waivers(root: Path) -> None:
    waived(root, {"control": "dockerfile-nonroot"})
    assert run("baseline", "create", root, "--reason", "r", "--owner", "o").code == 0
    assert "dockerfile-nonroot" not in (root / ".gonogo" / "baseline.json").read_text()


def waive(root: Path, *arguments: str) -> tuple[int, str, str]:
    ran = run("waive", "--root", root, "--reason", "OPS-1", "--owner", "ada", "--approver", "grace", "--expires", day(30), *arguments)
    return ran.code, ran.out, ran.err


def test_the_command_writes_what_the_scan_honours(root: Path) -> None:
    code, out, _ = waive(root, "dockerfile-nonroot", "--origin", "code", "--resource", "Dockerfile*", "--dry-run")
    assert (code, '+  - control: "dockerfile-nonroot"' in out) == (0, True)
    assert not (root / ".gonogo" / "waivers.yaml").exists()
    assert waive(root, "dockerfile-nonroot", "--origin", "code", "--resource", "Dockerfile*")[0] == 0
    ran = scan(root)
    assert (ran.code, ran.document["warnings"]) == (0, [])
    assert waive(root, "LAUNCH.md:6")[0] == 0
    assert run("waive", "--list", "--root", root).out.endswith("2 entries, 2 in force\n")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("dockerfile-nonrot",), "no item and no control is called dockerfile-nonrot; did you mean dockerfile-nonroot?"),
        (("dockerfile-nonroot", "--approver", "ADA"), "ADA is the owner; somebody else has to approve"),
        (("dockerfile-nonroot", "--expires", day(-1)), f"expires {day(-1)} is before from {day()}"),
        (("dockerfile-nonroot", "--expires", "soon"), "Invalid value for '--expires'"),
        ((NONROOT, "--resource", "x"), "resource goes with a control"),
        ((), "missing: CONTROL"),
    ],
)
def test_the_command_refuses_what_would_not_count(root: Path, arguments: tuple[str, ...], error: str) -> None:
    code, out, err = waive(root, *arguments)
    assert (code, out) == (2, "")
    assert error in err
    assert not (root / ".gonogo" / "waivers.yaml").exists()
