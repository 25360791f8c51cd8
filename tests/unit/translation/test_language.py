"""What is said in which language."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gonogo.translation.choice import chosen
from gonogo.translation.language import ENGLISH, load

KOREAN = ["자동 백업 설정", "Cloud Armor (선택)", "SLO"]


@pytest.mark.parametrize(
    ("given", "texts", "locale", "code"),
    [
        (None, [], "", "en"),
        (None, [], "ko_KR.UTF-8", "ko"),
        (None, [], "ko", "ko"),
        (None, [], "C.UTF-8", "en"),
        (None, [], "ja_JP.UTF-8", "en"),
        (None, KOREAN, "en_US.UTF-8", "ko"),
        (None, ["Backups", "한국어 항목", "TLS"], "C", "en"),
        (None, ["Backups"], "ko_KR.UTF-8", "ko"),
        (None, ["100 %", "자동 백업"], "C", "ko"),
        (None, ["자동 백업"], "C", "ko"),
        ("en", KOREAN, "ko_KR.UTF-8", "en"),
        ("ko", ["Backups"], "C", "ko"),
    ],
)
def test_a_language_is_asked_for_or_the_checklists_or_the_locales(given: str | None, texts: list[str], locale: str, code: str) -> None:
    assert chosen(given, texts, locale) == code


def test_english_is_what_the_sources_say() -> None:
    assert ENGLISH.say("{count} times", count=3) == "3 times"
    assert [ENGLISH.count("{count} more reason", "{count} more reasons", n) for n in (0, 1, 2)] == ["0 more reasons", "1 more reason", "2 more reasons"]
    assert ENGLISH.sentence("binary file") == "binary file"


def test_english_reads_nothing() -> None:
    """Neither a catalogue nor the modules that read one."""
    program = "import sys; from gonogo.translation.language import load; load('en').say('x'); print([m for m in sys.modules if m.startswith('gonogo.translation.')])"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env={"PYTHONPATH": str(Path(__file__).parents[3] / "src")})
    assert ran.stdout.strip() == "['gonogo.translation.language']"


def test_a_text_that_is_not_translated_is_said_in_english() -> None:
    assert load("ko").say("no such text {x}", x=1) == "no such text 1"
    assert load("ko").sentence("A pack of somebody's own says this.", "their-rule") == "A pack of somebody's own says this."


@pytest.mark.parametrize(
    ("text", "about", "said"),
    [
        ("automated backups are on", "cloudsql-backups-enabled", "자동 백업이 켜져 있음"),
        ("automated backups are on", "another-rule", "automated backups are on"),
        ("7 backups are kept", "cloudsql-retention-explicit", "백업 7개 보관"),
        ("this never runs: tasks written in Python are not read", "pipeline-runs-tests", "실행되지 않음: Python으로 작성된 작업은 읽지 않음"),
        ("the final base python:3.12 is a whole operating system", "dockerfile-image-is-small", "최종 베이스 python:3.12: 운영체제 전체임"),
        ("not valid YAML: x", "", "올바른 YAML이 아님: x"),
        ("the kustomization does not build: base does not exist", "", "kustomization이 빌드되지 않음: base이(가) 존재하지 않음"),
        ("a/b.yaml:3: binary file", "", "a/b.yaml:3: 바이너리 파일"),
        ("binary file; something else", "", "바이너리 파일; something else"),
        ("whether it does so is not known", "", "whether it does so is not known"),
        ("", "", ""),
    ],
)
def test_sentences_are_known_by_what_they_are_made_of(text: str, about: str, said: str) -> None:
    assert load("ko").sentence(text, about) == said


@pytest.mark.parametrize("hostile", ["{0}", "{name}", "%s", "{{ self.x }}", "\x1b[31m", "is not read", "a: b: " * 500])
def test_what_was_scanned_is_repeated_as_it_is(hostile: str) -> None:
    assert load("ko").sentence(f"not valid YAML: {hostile}").startswith("올바른 YAML이 아님: ")
    assert load("ko").say("as for {place} above", place=hostile).count(hostile) == 1
