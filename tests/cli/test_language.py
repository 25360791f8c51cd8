"""Reports in the reader's language; documents in none."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from running import Ran, run

ROOT = Path(__file__).parents[2]
KOREAN = ROOT / "fixtures" / "checklists" / "mentoring.ko.md"
GOLDEN = Path(__file__).parent / "golden" / "mentoring.ko.txt"
MACHINES = ("json", "sarif", "csv", "cyclonedx", "oscal")
PEOPLE = ("text", "concise", "markdown", "comment", "junit", "github", "gitlab")
HANGUL = re.compile("[\uac00-\ud7a3]")


@pytest.fixture(scope="module")
def mentoring(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration, as `make demo` has it."""
    root = tmp_path_factory.mktemp("demo") / "mentoring"
    shutil.copytree(ROOT / "fixtures" / "repos" / "mentoring", root)
    for arguments in (["init", "--quiet"], ["add", "--all"]):
        subprocess.run(["git", "-C", str(root), *arguments], check=True)
    return root


@pytest.fixture(scope="module")
def result(mentoring: Path) -> Path:
    """The assessment of it; every report can be made of it again."""
    document = mentoring.parent / "result.json"
    shutil.copy(KOREAN, mentoring.parent / "CHECKLIST.md")
    assert run("scan", mentoring, "--checklist", mentoring.parent / "CHECKLIST.md", "-o", f"json={document}").code == 1
    return document


@pytest.fixture(autouse=True)
def english_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "COLUMNS", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


def told(result: Path, form: str, *arguments: str) -> Ran:
    return run("convert", result, "-o", form, "--exit-zero", *arguments)


def test_the_whole_report_is_korean(mentoring: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a change that is meant, `make demo` prints what the golden report is to be."""
    monkeypatch.chdir(ROOT)
    assert run("scan", mentoring, "--checklist", KOREAN.relative_to(ROOT)).out == GOLDEN.read_text("utf-8")


def test_a_korean_checklist_is_answered_in_korean_unless_english_is_asked_for(result: Path) -> None:
    assert "NO-GO (출시 불가)" in told(result, "text").out
    assert "출시" not in told(result, "text", "--lang", "en").out
    assert "of what is required: " in told(result, "text", "--lang", "en").out


def test_an_english_report_has_no_hangul_but_what_the_team_wrote(result: Path) -> None:
    written = KOREAN.read_text("utf-8")
    words = re.findall("[\uac00-\ud7a3]+", told(result, "markdown", "--lang", "en").out)
    assert words
    assert [word for word in words if word not in written] == []


@pytest.mark.parametrize("form", MACHINES)
def test_documents_are_the_same_in_every_language(result: Path, form: str) -> None:
    assert told(result, form, "--lang", "en").out == told(result, form, "--lang", "ko").out == told(result, form).out


@pytest.mark.parametrize("form", PEOPLE)
def test_what_is_for_people_is_in_their_language(result: Path, form: str) -> None:
    korean, english = told(result, form, "--lang", "ko"), told(result, form, "--lang", "en")
    assert korean.out != english.out
    assert "자동 백업이 꺼져 있거나" in korean.out
    assert "automated backups are off" in english.out
    assert korean.code == english.code


def test_gitlab_knows_an_issue_again_in_another_language(result: Path) -> None:
    korean, english = told(result, "gitlab", "--lang", "ko").document, told(result, "gitlab", "--lang", "en").document
    kept = ("check_name", "fingerprint", "severity", "location")
    assert [{key: entry[key] for key in kept} for entry in korean] == [{key: entry[key] for key in kept} for entry in english]


def test_the_locale_is_the_last_to_be_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "Dockerfile").write_text("FROM python:3.12-slim@sha256:" + "0" * 64 + "\n")
    monkeypatch.setenv("LANG", "ko_KR.UTF-8")
    assert "파일 1개 검사" in run("scan", tmp_path).out
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert "Scanned 1 files" in run("scan", tmp_path).out
    assert "파일 1개 검사" in run("scan", tmp_path, "--lang", "ko").out


def test_columns_are_aligned_by_display_width(result: Path) -> None:
    """A Hangul syllable takes two columns: texts of rows begin where those of the others do, and no line is wider than 100."""
    from gonogo.translation.width import columns

    lines = told(result, "text").out.splitlines()
    starts = {columns(re.match(r" {4}(?:위반|조치|체크됨|통제 항목|확인 불가) +", line)[0]) for line in lines if re.match(r" {4}(?:위반|조치|체크됨|통제 항목|확인 불가) ", line)}  # type: ignore[index]
    assert starts == {16}
    assert [line for line in lines if columns(line) > 100] == []


def test_a_control_and_its_rules_are_explained_in_korean() -> None:
    out = run("explain", "cloudsql-backups", "--lang", "ko").out
    assert "cloudsql-backups   심각   Cloud SQL 자동 백업을 한다" in out
    assert "자동 백업이 없으면 잘못된 마이그레이션이나 삭제를 되돌릴 수 없다." in out
    assert "Cloud SQL takes automated backups" in run("explain", "cloudsql-backups").out


def test_a_checklist_is_shown_in_its_language() -> None:
    assert "담당자 확인" in run("checklist", "show", KOREAN).out.splitlines()[-1]
    assert "for a person" in run("checklist", "show", KOREAN, "--lang", "en").out.splitlines()[-1]


def test_an_unknown_language_is_refused() -> None:
    ran = run("scan", ".", "--lang", "xx")
    assert ran.code == 2
    assert "'en', 'ko'" in ran.err


def test_all_sentences_of_the_shipped_packs_are_translated() -> None:
    ran = run("rules", "translations", "--lang", "ko")
    assert (ran.code, ran.out) == (0, ""), ran.err
