"""What only a person can say: `.gonogo/attestations.yaml` and `gonogo attest`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from running import run, scan
from signed import CHECKLIST, LAWYERS, LOAD, NONROOT, attested, blockers, day, repository, scanned, verdicts

GOOD = "FROM python:3.12\nUSER 10001\nCMD a\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return repository(tmp_path, dockerfile=GOOD)


def test_what_is_for_a_person_is_attested_with_the_place_of_the_entry(root: Path) -> None:
    assert verdicts(scan(root)) == {NONROOT: "satisfied", LOAD: "manual", LAWYERS: "manual"}
    ran = scan(attested(root, {"item": LOAD}, {"item": LAWYERS}))
    assert ran.code == 0
    assert verdicts(ran) == {NONROOT: "satisfied", LOAD: "attested", LAWYERS: "attested"}
    item = ran.document["items"][1]
    assert item["agreement"] == "confirmed"
    assert item["reasons"] == [f"attested by Ada (sre) on {day(-1)}, until {day(90)} (.gonogo/attestations.yaml:3)"]
    (finding,) = [f for f in ran.document["findings"] if f["fingerprint"] == item["findings"][0]]
    assert (finding["verdict"], finding["rule"]) == ("attested", "attestation")
    (evidence,) = finding["evidence"]
    assert (evidence["file"], evidence["line"], evidence["value"]) == (".gonogo/attestations.yaml", 3, "https://x.example/report")
    assert ran.document["summary"]["coverage"] == {"claims": 2, "confirmed": 2, "asked": 3, "looked_at": 3}


def test_an_attestation_that_something_failed_refutes_the_tick(root: Path) -> None:
    ran = scan(attested(root, {"item": LOAD, "status": "failed", "note": "p95 was 9 s"}))
    assert ran.code == 1
    assert [(i["verdict"], i["agreement"]) for i in ran.document["items"][1:]] == [("violated", "refuted"), ("manual", "open")]
    assert blockers(ran)[0] == ("refuted", LOAD)


def test_what_is_attested_not_to_apply_is_in_no_figure(root: Path) -> None:
    ran = scan(attested(root, {"item": LAWYERS, "status": "not-applicable", "reason": "no customers yet", "evidence": ""}, {"item": LOAD}))
    assert ran.code == 0
    assert verdicts(ran)[LAWYERS] == "not_applicable"
    assert ran.document["summary"]["coverage"]["asked"] == 2


def test_no_attestation_outweighs_a_rule(tmp_path: Path) -> None:
    root = attested(repository(tmp_path), {"item": NONROOT})
    ran = scan(root)
    assert verdicts(ran)[NONROOT] == "violated"
    place = ".gonogo/attestations.yaml:3: the attestation of"
    assert f"{place} {NONROOT} does not count: dockerfile-nonroot decides the item; gonogo waive accepts a gap" in ran.document["warnings"]
    ran = scan(attested(root, {"control": "dockerfile-nonroot"}))
    assert verdicts(ran)[NONROOT] == "violated"
    assert f"{place} dockerfile-nonroot does not count: rules decide it; gonogo waive accepts a gap" in ran.document["warnings"]


def test_a_control_that_no_rule_decides_is_attested_for_every_item(tmp_path: Path) -> None:
    root = repository(tmp_path, CHECKLIST + "- [x] Pen test <!-- gonogo: own-pen-test, dockerfile-nonroot -->\n- [ ] Pen test <!-- gonogo: own-pen-test -->\n", GOOD)
    (root / "own").mkdir()
    (root / "own" / "catalogue.yaml").write_text("controls:\n  - {id: own-pen-test, title: T, severity: high, fold: any, waivable: false}\n")
    (root / "gonogo.toml").write_text('checklists = ["LAUNCH.md"]\nrules = ["own"]\n')
    attested(root, {"control": "own-pen-test"}, {"item": LOAD}, {"item": LAWYERS})
    assert [i["verdict"] for i in scanned(root)["items"]][3:] == ["attested", "attested"]
    attested(root, {"control": "own-pen-test", "status": "failed"})
    assert [i["verdict"] for i in scanned(root)["items"]][3:] == ["violated", "violated"]
    attested(root, {"control": "own-pen-test", "status": "not-applicable", "reason": "r", "evidence": ""})
    assert [i["verdict"] for i in scanned(root)["items"]][3:] == ["satisfied", "not_applicable"]
    assert run("waive", "own-pen-test", "--root", root, *WAIVED).err.startswith("gonogo: own-pen-test may not be waived")


WAIVED = ("--reason", "r", "--owner", "a", "--approver", "b", "--expires", day(9))


def test_an_expired_attestation_is_not_counted(root: Path) -> None:
    """mitre/heimdall2 #4524: an expired attestation went on counting."""
    attested(root, {"item": LOAD, "on": day(-20), "expires": day(-1)}, {"item": LAWYERS})
    ran = scan(root)
    assert (ran.code, verdicts(ran)[LOAD]) == (3, "manual")
    assert blockers(ran) == [("expired", f"the attestation of {LOAD} expired on {day(-1)}"), ("manual", LOAD)]
    assert f".gonogo/attestations.yaml:3: the attestation of {LOAD} expired on {day(-1)}; it does not count" in ran.document["warnings"]
    attested(root, {"item": LOAD, "on": day(-20), "expires": day(0)}, {"item": LAWYERS})
    assert scan(root).code == 0, "the last day counts"


def test_one_that_holds_from_tomorrow_does_not_count_today(root: Path) -> None:
    ran = scan(attested(root, {"item": LOAD, "on": day(1)}))
    assert verdicts(ran)[LOAD] == "manual"
    assert f".gonogo/attestations.yaml:3: the attestation of {LOAD} holds from {day(1)} only; it does not count" in ran.document["warnings"]
    assert "expired" not in dict(blockers(ran))


def test_one_of_a_release_counts_for_that_release_only(root: Path) -> None:
    attested(root, {"item": LOAD, "release": "v2"}, {"item": LAWYERS}, {"item": LAWYERS, "release": "v1", "on": day(-9), "expires": day(-5)})
    assert "expired" not in dict(blockers(scan(root))), "of another release"
    ran = scan(root)
    assert verdicts(ran)[LOAD] == "manual"
    assert any("is of release v2; give --release v2" in w for w in ran.document["warnings"])
    ran = scan(root, "--release", "v2")
    assert (ran.code, ran.document["inputs"]["release"]) == (0, "v2")


def test_a_text_that_changed_is_signed_for_again(root: Path) -> None:
    identifier = scanned(root)["items"][1]["id"]
    ran = scan(attested(root, {"item": identifier, "text": "Load was simulated"}))
    assert verdicts(ran)[LOAD] == "manual"
    assert any(f"{identifier} reads “{LOAD}” now" in w for w in ran.document["warnings"])


@pytest.mark.parametrize(
    ("entry", "error"),
    [
        ({"item": "Load was testd"}, f":3: no item is called Load was testd; did you mean {LOAD}?"),
        ({"item": "0123456789ab"}, ":3: no item is called 0123456789ab"),
        ({"item": "0123456789ab", "text": LOAD}, ":3: no item is called 0123456789ab; that text now is item "),
        ({"control": "dockerfile-nonrot"}, ":3: no control is called dockerfile-nonrot; did you mean dockerfile-nonroot?"),
        ({"item": LOAD, "control": "dockerfile-nonroot"}, ":3: an entry names either a control or an item"),
        ({"item": LOAD, "expires": "2026"}, ":8: expires is a date written YYYY-MM-DD, not 2026"),
        ({"item": LOAD, "expires": "20270101"}, ":8: expires is a date written YYYY-MM-DD, not 20270101"),
        ({"item": LOAD, "expires": "1.1.2027"}, ":8: expires is a date written YYYY-MM-DD, not 1.1.2027"),
        ({"item": LOAD, "expires": "2027-1-1"}, ":8: expires is a date written YYYY-MM-DD, not 2027-1-1"),
        ({"item": LOAD, "expires": "2027-02-30"}, ":8: expires is a date written YYYY-MM-DD, not 2027-02-30"),
        ({"item": LOAD, "expires": "2027-01-01T00:00:00Z"}, ":8: expires is a date written YYYY-MM-DD, not 2027-01-01T00:00:00Z"),
        ({"item": LOAD, "expires": "01/02/2027"}, ":8: expires is a date written YYYY-MM-DD, not 01/02/2027"),
        ({"item": LOAD, "expires": day(-2)}, f":8: expires {day(-2)} is before on {day(-1)}"),
        ({"item": LOAD, "expires": day(366)}, f":8: expires {day(366)} is more than 366 days after on {day(-1)}"),
        ({"item": LOAD, "expires": ""}, ":3: the entry has no expires"),
        ({"item": LOAD, "evidence": ""}, ":3: the entry has no evidence"),
        ({"item": LOAD, "status": "not-applicable"}, ":3: the entry has no reason"),
        ({"item": LOAD, "evidence": "reports/load.html"}, ":9: evidence is a URL or a path below the root of the repository that exists, not reports/load.html"),
        ({"item": LOAD, "evidence": "../../etc/passwd"}, ":9: evidence is a URL or a path below the root"),
        ({"item": LOAD, "evidence": "https://user:hunter2@x.example/"}, ":9: the URL holds a user or a password; leave them out"),
        ({"item": LOAD, "expired": day(3)}, ":10: expired is no field here; did you mean expires?"),
        ({"item": LOAD, "checklist": "OTHER.md"}, ":10: there is no OTHER.md below the root of the repository"),
        ({"item": LOAD, "by": "' '"}, ":5: by is empty"),
        ({"item": LOAD, "status": "ok"}, ":4: 'ok' is not one of ['passed', 'failed', 'not-applicable']"),
    ],
)
def test_an_entry_that_is_wrong_stops_the_run(root: Path, entry: dict[str, str], error: str) -> None:
    """inspec #5570: `2026-01-01` became another date; here a date is what is written, or an error."""
    ran = scan(attested(root, entry))
    assert (ran.code, ran.out) == (2, "")
    assert f"gonogo: .gonogo/attestations.yaml{error}" in ran.err
    assert "hunter2" not in ran.err


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "attestations.yaml: one document is expected"),
        ("# nothing\n", "attestations.yaml: one document is expected"),
        ("schema: gonogo.attestations/v1\n", "attestations.yaml:1: 'entries' is a required property"),
        ("schema: gonogo.attestations/v2\nentries: []\n", "attestations.yaml:1: 'gonogo.attestations/v1' was expected"),
        ("schema: gonogo.attestations/v1\nentries:\n", "attestations.yaml:2: None is not of type 'array'"),
        ("schema: gonogo.attestations/v1\nentries: {}\n", "attestations.yaml:2: {} is not of type 'array'"),
        ("schema: gonogo.attestations/v1\nentries: [\n", "attestations.yaml:3: not valid YAML"),
        ("schema: gonogo.attestations/v1\nentries: []\nentries: []\n", "attestations.yaml:3: entries is written twice; keep one"),
        ("[]\n", "attestations.yaml:1: [] is not of type 'object'"),
        ("\0", "attestations.yaml:"),
        ("a: &a [*a]\n", "attestations.yaml:1: an alias refers to a value it is part of"),
    ],
)
def test_a_file_that_is_malformed_stops_the_run(root: Path, text: str, error: str) -> None:
    """inspec PR #6644: a malformed waiver file has to stop the run at once."""
    (root / ".gonogo" / "attestations.yaml").write_text(text)
    ran = scan(root)
    assert (ran.code, ran.out) == (2, "")
    assert error in ran.err


def test_a_repeated_field_or_entry_stops_the_run(root: Path) -> None:
    ran = scan(attested(root, {"item": LOAD, "expires": f"{day(3)}\n    expires: {day(9)}"}))
    assert (ran.code, ran.err) == (2, "gonogo: .gonogo/attestations.yaml:9: expires is written twice; keep one\n")
    ran = scan(attested(root, {"item": LOAD}, {"item": LOAD}))
    assert ran.err == f"gonogo: .gonogo/attestations.yaml:10: a second entry of {LOAD}, beside .gonogo/attestations.yaml:3; keep one\n"
    identifier = scanned(attested(root))["items"][1]["id"]
    ran = scan(attested(root, {"item": LOAD}, {"item": identifier}))
    assert (ran.code, "a second entry of" in ran.err) == (2, True), "by its text, and by its id"


def test_the_same_text_twice_needs_a_section(tmp_path: Path) -> None:
    root = attested(repository(tmp_path, CHECKLIST + f"## Later\n- [x] {LOAD} <!-- gonogo: manual -->\n"), {"item": LOAD})
    assert "2 items read Load was tested; give the section, or the id: " in scan(root).err
    ran = scan(attested(root, {"item": LOAD, "section": "Later"}))
    assert [i["verdict"] for i in ran.document["items"]] == ["violated", "manual", "manual", "attested"]
    ran = scan(attested(root, {"item": LOAD, "section": "[Launch, People]"}))
    assert [i["verdict"] for i in ran.document["items"]] == ["violated", "attested", "manual", "manual"]


def test_an_entry_of_a_checklist_that_a_run_is_not_given_is_left_alone(root: Path) -> None:
    attested(root, {"item": LOAD, "checklist": "LAUNCH.md", "on": day(-9), "expires": day(-1)})
    (root / "OTHER.md").write_text("- [x] Something <!-- gonogo: manual -->\n")
    ran = scan(root, "-c", str(root / "OTHER.md"))
    assert (ran.code, ran.document["warnings"]) == (3, [])
    (root / "gonogo.toml").write_text("")
    assert scan(root).document["warnings"] == [], "without any checklist, too"


def test_a_file_that_leads_out_of_the_repository_is_refused(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret.yaml"
    outside.write_text("password: hunter2\n")
    (root / ".gonogo" / "attestations.yaml").symlink_to(outside)
    ran = scan(root)
    assert ran.code == 2
    assert "lies outside of" in ran.err
    assert "hunter2" not in ran.err
    ran = run("attest", LOAD, "--root", root, "--by", "a", "--role", "b", "--expires", day(3), "--evidence", "LAUNCH.md")
    assert (ran.code, outside.read_text()) == (2, "password: hunter2\n")


def test_hostile_words_command_no_terminal(root: Path) -> None:
    ran = scan(attested(root, {"item": '"\\e]0;owned\\a"'}))
    assert ran.code == 2
    assert "\x1b" not in ran.err
    attested(root, {"item": LOAD, "by": '"\\e]0;owned\\a"', "note": '"<script>@everyone\\n::error::x"'})
    for name in ("text", "markdown", "github", "junit", "sarif", "gitlab", "csv", "oscal", "cyclonedx", "comment", "concise"):
        out = run("scan", root, "-v", "-o", name).out
        assert "\x1b" not in out
        assert "\n::error::x" not in out


@pytest.mark.parametrize("status", ["passed", "failed"])
def test_every_format_tells_of_it(root: Path, status: str, tmp_path: Path) -> None:
    attested(root, {"item": LOAD, "status": status})
    document = root / "result.json"
    assert run("scan", root, "-o", f"json={document}").code == 1
    for name in ("text", "markdown", "github", "junit", "sarif", "gitlab", "csv", "oscal", "cyclonedx", "comment", "concise"):
        ran = run("convert", document, "-v", "-o", name)
        assert ran.code == 1, (name, ran.err)
    sarif = json.loads(run("convert", document, "-o", "sarif").out)
    places = [r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in sarif["runs"][0]["results"]]
    assert places == ([".gonogo/attestations.yaml"] if status == "failed" else [])
    full = json.loads(run("convert", document, "-o", "sarif", "--sarif-profile", "full").out)
    assert {r["kind"] for r in full["runs"][0]["results"] if r["ruleId"] == "attestation"} == {"fail" if status == "failed" else "pass"}


def attest(root: Path, *arguments: str) -> tuple[int, str, str]:
    ran = run("attest", "--root", root, "--by", "Ada", "--role", "sre", "--expires", day(30), *arguments)
    return ran.code, ran.out, ran.err


@pytest.mark.parametrize("how", ["text", "place", "id"])
def test_the_command_writes_what_the_scan_honours(root: Path, how: str) -> None:
    identifier = scanned(root)["items"][1]["id"]
    name = {"text": LOAD, "place": "LAUNCH.md:5", "id": identifier}[how]
    path = root / ".gonogo" / "attestations.yaml"
    code, out, _ = attest(root, name, "--evidence", "https://x.example/", "--dry-run")
    assert code == 0
    assert f'+  - item: "{identifier}"' in out
    assert not path.exists()
    assert attest(root, name, "--evidence", "https://x.example/")[0] == 0
    assert verdicts(scan(root))[LOAD] == "attested"
    before = path.read_bytes() + b"# the end\n"
    path.write_bytes(before)
    assert attest(root, LAWYERS, "--evidence", "LAUNCH.md", "--note", 'a: "b" # c')[0] == 0
    after = path.read_bytes()
    assert after.startswith(before.removesuffix(b"# the end\n"))
    assert after.endswith(b"# the end\n")
    assert scan(root).code == 0
    listed = run("attest", "--list", "--root", root).out
    assert f".gonogo/attestations.yaml:3: {LOAD}: in force until {day(30)}: passed by Ada (sre) on {day()}" in listed
    assert listed.endswith("2 entries, 2 in force\n")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((NONROOT, "--evidence", "LAUNCH.md"), "dockerfile-nonroot decides this item, and no attestation outweighs it; gonogo waive dockerfile-nonroot accepts a gap"),
        (("LAUNCH.md:3", "--evidence", "LAUNCH.md"), "dockerfile-nonroot decides this item"),
        (("dockerfile-nonroot", "--evidence", "LAUNCH.md"), "rules decide dockerfile-nonroot, and no attestation outweighs them"),
        (("LAUNCH.md:4", "--evidence", "LAUNCH.md"), "no item and no control is called LAUNCH.md:4"),
        (("Load was testd", "--evidence", "LAUNCH.md"), f"no item and no control is called Load was testd; did you mean {LOAD}?"),
        ((LOAD,), "missing: --evidence"),
        ((LOAD, "--status", "not-applicable"), "missing: --reason"),
        (("--evidence", "LAUNCH.md"), "missing: ITEM"),
        ((LOAD, "--evidence", "gone.html"), "evidence is a URL or a path below the root of the repository that exists, not gone.html"),
        ((LOAD, "--evidence", "LAUNCH.md", "--on", "2020-01-01"), "is more than 366 days after on 2020-01-01"),
    ],
)
def test_the_command_refuses_what_would_not_count(root: Path, arguments: tuple[str, ...], error: str) -> None:
    code, out, err = attest(root, *arguments)
    assert (code, out) == (2, "")
    assert error in err
    assert not (root / ".gonogo" / "attestations.yaml").exists()


def test_the_command_adds_nothing_twice_and_nothing_to_what_is_broken(root: Path) -> None:
    assert attest(root, LOAD, "--evidence", "LAUNCH.md")[0] == 0
    path = root / ".gonogo" / "attestations.yaml"
    before = path.read_bytes()
    code, _, err = attest(root, LOAD, "--evidence", "LAUNCH.md")
    assert (code, "a second entry of" in err, path.read_bytes()) == (2, True, before)
    path.write_text("entries: [\n")
    assert attest(root, LAWYERS, "--evidence", "LAUNCH.md")[0] == 2
    assert path.read_text() == "entries: [\n"
