"""`gonogo baseline` and `scan --baseline`."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from gonogo.data import data_directory
from running import Ran, run, scan

BAD = 'FROM python:latest\nCMD ["a"]\n'
WHY = ("--reason", "from before we looked, OPS-7", "--owner", "ada")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "Dockerfile").write_text(BAD)
    (tmp_path / ".dockerignore").write_text(".git\n.env\n")
    return tmp_path


@pytest.fixture
def baseline(root: Path) -> Path:
    assert run("baseline", "create", root, *WHY).code == 0
    return root / ".gonogo" / "baseline.json"


def document(path: Path) -> Any:
    return json.loads(path.read_text())


def changed(path: Path, **members: Any) -> Path:
    content = document(path)
    content["entries"] = [{**entry, **members} for entry in content["entries"]]
    path.write_text(json.dumps(content))
    return path


def controls(ran: Ran) -> dict[str, Any]:
    return {c["id"]: c for c in ran.document["controls"]}


def test_a_baseline_has_no_lines_and_is_as_its_schema_says(baseline: Path) -> None:
    content = document(baseline)
    schema = json.loads((data_directory("schemas") / "baseline.v1.json").read_text())
    assert list(Draft202012Validator(schema).iter_errors(content)) == []
    assert len(content["entries"]) == len(baseline.read_text().splitlines()) - 5, "an entry a line"
    assert {e["owner"] for e in content["entries"]} == {"ada"}
    assert {e["expires"] for e in content["entries"]} == {(datetime.now(UTC).date() + timedelta(days=180)).isoformat()}
    assert not any("line" in name for e in content["entries"] for name in e)


def test_what_is_baselined_stays_violated_and_fails_nothing(root: Path, baseline: Path) -> None:
    (root / "Dockerfile").write_text("# moved\n\n" + BAD)
    ran = scan(root, "--baseline", baseline)
    assert (ran.code, ran.document["decision"]) == (0, "GO")
    found = controls(ran)["dockerfile-nonroot"]
    assert (found["verdict"], found["without_baseline"]) == ("violated", "waived")
    standing = [f for f in ran.document["findings"] if "baseline" in f]
    assert {f["baseline"]["reason"] for f in standing} == {"from before we looked, OPS-7"}
    assert run("scan", root).code == 1, "nothing is baselined that nobody asked for"
    text = run("scan", root, "--baseline", baseline, "--color", "never").out
    assert "fails nothing until " in text
    assert "from before we looked, OPS-7 (ada)" in text
    assert "nothing beyond what was known" in text


def test_an_item_with_only_baselined_violations_is_never_satisfied(root: Path, baseline: Path) -> None:
    checklist = root / "C.md"
    checklist.write_text("- [x] Images run as non-root <!-- gonogo: dockerfile-nonroot -->\n")
    ran = scan(root, "--baseline", baseline, "-c", checklist)
    (item,) = ran.document["items"]
    assert (ran.code, item["verdict"], item["agreement"]) == (0, "violated", "refuted")
    assert "refuted (standing)" in run("scan", root, "--baseline", baseline, "-c", checklist, "-o", "concise").out
    assert "standing, as before" in run("scan", root, "--baseline", baseline, "-c", checklist, "--color", "never").out


def test_what_is_new_counts_beside_it(root: Path, baseline: Path) -> None:
    (root / "svc").mkdir()
    (root / "svc" / "Dockerfile").write_text(BAD)
    assert scan(root, "--baseline", baseline).code == 1


def test_what_could_not_be_read_counts_beside_it(root: Path, baseline: Path) -> None:
    (root / "svc").mkdir()
    (root / "svc" / "Dockerfile").write_text('ARG B\nFROM $B\nCMD ["a"]\nHEALTHCHECK CMD a\n')
    (root / "svc" / ".dockerignore").write_text(".git\n.env\n")
    ran = scan(root, "--baseline", baseline, "--fail-on", "high")
    assert (ran.code, controls(ran)["dockerfile-nonroot"]["without_baseline"]) == (3, "unknown")


def test_an_expired_entry_counts_again_and_is_said(root: Path, baseline: Path) -> None:
    ran = scan(root, "--baseline", changed(baseline, expires="2020-02-29"))
    assert ran.code == 1
    assert any("expired on 2020-02-29; it counts again" in w for w in ran.document["warnings"])


def test_an_entry_excuses_only_what_it_says(root: Path, baseline: Path) -> None:
    assert scan(root, "--baseline", changed(baseline, subject="docs/Dockerfile")).code == 1


def test_update_adds_and_keeps_what_was_written(root: Path, baseline: Path) -> None:
    before = len(document(baseline)["entries"])
    (root / "svc").mkdir()
    (root / "svc" / "Dockerfile").write_text(BAD)
    ran = run("baseline", "update", root, "--reason", "svc is new", "--owner", "bob", "--expires", "2199-01-01")
    assert ran.code == 0
    entries = document(baseline)["entries"]
    assert len([e for e in entries if e["owner"] == "ada"]) == before
    assert {(e["owner"], e["reason"], e["expires"]) for e in entries if "svc" in e["subject"]} == {("bob", "svc is new", "2199-01-01")}
    assert scan(root, "--baseline", baseline).code == 0
    again = baseline.read_text()
    assert "0 added" in run("baseline", "update", root, *WHY).out
    assert baseline.read_text() == again


def test_what_is_fixed_is_reported_and_prune_removes_it(root: Path, baseline: Path) -> None:
    before = len(document(baseline)["entries"])
    (root / "Dockerfile").write_text(BAD + "USER 10001\n")
    ran = scan(root, "--baseline", baseline)
    (said,) = [w for w in ran.document["warnings"] if "is not violated any more" in w]
    assert "dockerfile-nonroot of Dockerfile" in said
    assert "not violated any more: dockerfile-nonroot" in run("baseline", "update", root, *WHY).out
    assert len(document(baseline)["entries"]) == before, "update removes nothing"
    pruned = run("baseline", "prune", root)
    assert (pruned.code, "removed: dockerfile-nonroot of Dockerfile (ada" in pruned.out) == (0, True)
    assert len(document(baseline)["entries"]) == before - 1


def test_what_is_only_out_of_sight_is_not_pruned(root: Path, baseline: Path) -> None:
    before = baseline.read_text()
    (root / "Dockerfile").write_text('ARG B\nFROM $B\nCMD ["a"]\n')
    run("baseline", "prune", root)
    assert [e for e in document(baseline)["entries"] if e["control"] == "dockerfile-nonroot"], "unknown is not fixed"
    baseline.write_text(before)
    (root / "Dockerfile").write_bytes(b"\xff\xfe broken")
    assert "0 removed" in run("baseline", "prune", root).out, "a file that cannot be read is a gap"


def test_entries_of_another_environment_or_origin_are_out_of_sight(root: Path, baseline: Path) -> None:
    entries = document(baseline)["entries"]
    other = [{**entries[0], "fingerprint": f"{n:016x}", **more} for n, more in enumerate([{"environment": "staging"}, {"origin": "live"}, {}])]
    baseline.write_text(json.dumps({"schema": "gonogo.baseline/v1", "entries": [*entries, *other]}))
    ran = run("baseline", "prune", root)
    assert "1 removed" in ran.out
    assert [e["fingerprint"] for e in document(baseline)["entries"] if e["fingerprint"].startswith("000000")] == ["0" * 16, "0" * 15 + "1"]


def test_yaml_is_read_too(root: Path, baseline: Path) -> None:
    path = root / "baseline.yaml"
    rows = "".join(f"  - {json.dumps(e)}\n" for e in document(baseline)["entries"])
    path.write_text(f"schema: gonogo.baseline/v1\nentries:\n{rows}")
    assert scan(root, "--baseline", path).code == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", ":2: not valid YAML"),
        ("[]", "is not of type 'object'"),
        ('{"schema": "gonogo.baseline/v2", "entries": []}', "gonogo.baseline/v1"),
        ('{"schema": "gonogo.baseline/v1", "entries": [{"fingerprint": "x"}]}', "required property"),
        ("", "one document is expected"),
    ],
)
def test_a_baseline_that_cannot_be_used_is_2_with_its_line(text: str, said: str, root: Path) -> None:
    path = root / "b.json"
    path.write_text(text)
    for ran in (run("scan", root, "--baseline", path), run("baseline", "prune", root, "--file", path)):
        assert ran.code == 2
        assert said in ran.err
        assert "b.json" in ran.err


def test_one_entry_twice_and_a_date_that_is_none_are_errors(root: Path, baseline: Path) -> None:
    content = document(baseline)
    content["entries"] = [content["entries"][0], content["entries"][0]]
    baseline.write_text(json.dumps(content, indent=1))
    assert "a second entry of" in run("scan", root, "--baseline", baseline).err
    assert "2026-02-30 is no date" in run("scan", root, "--baseline", changed(baseline, expires="2026-02-30")).err


def test_usage(root: Path, baseline: Path) -> None:
    assert "gonogo baseline update adds to it" in run("baseline", "create", root, *WHY).err
    assert run("baseline", "create", root, "--owner", "ada").code == 2
    assert run("scan", root, "--baseline", root / "none.json").code == 2
    assert run("baseline", "prune", root, "--file", root / "none.json").code == 2
    assert run("baseline", "create", root, "--file", root / "no" / "such" / "b.json", *WHY).code == 5


def test_nothing_is_written_through_a_link_of_the_scanned_repository(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (root / ".gonogo").symlink_to(outside)
    ran = run("baseline", "create", root, *WHY)
    assert ran.code == 2
    assert "symbolic link" in ran.err
    assert list(outside.iterdir()) == []
