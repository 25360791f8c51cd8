"""`gonogo checklist map`: what is proposed, and what is written of it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from gonogo.checklist.binding import bind
from gonogo.checklist.lock import read_lock
from gonogo.checklist.markdown import read_checklist
from gonogo.cli.exit_codes import ExitCode
from gonogo.cli.main import main
from gonogo.model.checklist import BindingSource
from gonogo.rules import load_rules

CHECKLIST = """# Launch
## Database
- [x] Automated backups enabled
- [ ] Point-in-time recovery
## Cloud Run
- [ ] Min instances: 2
## People
- [ ] On-call rotation
- [ ] Docker image builds reproducibly
- [ ] WAF <!-- gonogo: waf -->
"""


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "LAUNCH.md").write_text(CHECKLIST, "utf-8")
    return tmp_path


def run(*arguments: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    return main(["checklist", "map", *arguments], out, err), out.getvalue(), err.getvalue()


def test_what_is_proposed_says_why(there: Path) -> None:
    code, out, _ = run("LAUNCH.md")
    assert code == ExitCode.GO
    assert "bound (4)\n  3 Automated backups enabled -> cloudsql-backups [to review]\n      words: “automated backups”" in out
    assert "  6 Min instances: 2 -> cloudrun-min-instances [to review]\n" in out
    assert "      section: “cloud run”\n      states: expected=2\n" in out
    assert "  10 WAF -> waf [reviewed]\n      by its own comment\n" in out
    assert "manual (1)\n  8 On-call rotation [to review]\n" in out
    assert "it says more than a control is known to mean (reproducibly); bind it by hand" in out
    assert out.endswith("6 items: 4 bound (1 reviewed, 3 to review), 0 ambiguous, 1 manual, 1 unmapped\n") or "6 items" in out
    assert not (there / ".gonogo").exists()


def test_what_is_written_is_unreviewed_until_somebody_says_so(there: Path) -> None:
    assert run("LAUNCH.md", "--write")[1].endswith("4 written to .gonogo/map.yaml\n")
    lock = there / ".gonogo" / "map.yaml"
    controls = load_rules(()).controls
    found = bind(read_checklist(there / "LAUNCH.md", there), controls, lock)
    assert [(b.source, b.reviewed) for b in found[:3]] == [(BindingSource.LOCK, False)] * 3
    assert found[2].parameters == {"expected": 2}
    assert run("LAUNCH.md", "--write")[1].endswith("nothing to write\n")
    assert run("LAUNCH.md", "--write", "--accept", "confident", "--reviewed-by", "Kim")[1].endswith("3 written to .gonogo/map.yaml\n")
    found = bind(read_checklist(there / "LAUNCH.md", there), controls, lock)
    assert [b.reviewed for b in found] == [True, True, True, False, False, True]
    entries = read_lock(lock, {c.id: c.parameters for c in controls}).entries.values()
    assert [e.decided_by for e in entries] == ["Kim", "Kim", "Kim", "gonogo"]


def test_a_reviewed_entry_stays_and_a_changed_item_shows_old_and_new(there: Path) -> None:
    run("LAUNCH.md", "--write", "--reviewed-by", "Kim")
    lock = there / ".gonogo" / "map.yaml"
    before = lock.read_bytes()
    changed = CHECKLIST.replace("Point-in-time recovery", "Point-in-time recovery enabled")
    # Lines that only moved keep their entries.
    (there / "LAUNCH.md").write_text(changed.replace("# Launch\n", "# Launch\n\nA word before.\n\n"), "utf-8")
    _, out, _ = run("LAUNCH.md")
    assert "Point-in-time recovery enabled -> cloudsql-pitr [to review]\n      stale: map.yaml:" in out
    assert "reviewed “Point-in-time recovery” (Launch > Database) as cloudsql-pitr" in out
    assert "gone (1): entries whose item is in none of these checklists, kept" in out
    assert "4 bound (3 reviewed, 1 to review)" in out
    assert run("LAUNCH.md", "--write")[1].endswith("1 written to .gonogo/map.yaml\n")
    assert lock.read_bytes().startswith(before)
    assert run("LAUNCH.md", "--write", "--prune")[1].endswith("0 written to .gonogo/map.yaml, 1 taken out\n")
    assert b'"Point-in-time recovery"' not in lock.read_bytes()


def test_the_former_name_is_read_and_said(there: Path) -> None:
    run("LAUNCH.md", "--write", "--reviewed-by", "Kim")
    (there / ".gonogo" / "map.yaml").rename(there / "gonogo.map.yaml")
    code, out, err = run("LAUNCH.md")
    assert (code, err) == (ExitCode.GO, "gonogo: gonogo.map.yaml is read under its former name; move it to .gonogo/map.yaml\n")
    assert "(4 reviewed, 0 to review)" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "name a checklist, or set `checklists` in gonogo.toml"),
        (("LAUNCH.md", "--prune"), "give --write, too"),
        (("NONE.md",), "no such checklist: NONE.md"),
    ],
)
def test_a_users_error_is_one_sentence(there: Path, arguments: tuple[str, ...], message: str) -> None:
    code, _, err = run(*arguments)
    assert code == ExitCode.USAGE
    assert message in err


def test_pruning_needs_every_checklist(there: Path) -> None:
    (there / "gonogo.toml").write_text('checklists = ["LAUNCH.md", "OTHER.md"]\n', "utf-8")
    (there / "OTHER.md").write_text("- [ ] HSTS\n", "utf-8")
    code, _, err = run("LAUNCH.md", "--write", "--prune")
    assert code == ExitCode.USAGE
    assert "--prune would take out the entries of the other checklists" in err
    assert run()[0] == ExitCode.GO
