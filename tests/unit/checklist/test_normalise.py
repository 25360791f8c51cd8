from __future__ import annotations

import pytest

from gonogo.checklist.normalise import normalise, qualifiers, section_name
from gonogo.checklist.optional import without_marks


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("  Cloud   SQL.  ", "cloud sql"),
        ("✅ **HSTS** `header`:", "hsts header"),
        ("3️⃣ Ｃｌｏｕｄ　Ｒｕｎ", "cloud run"),
        (".env 파일 .gitignore", ".env 파일 .gitignore"),
        ("min_instance_count", "min_instance_count"),
        ("_soft_ ~~gone~~", "soft gone"),
        ("Straße:", "strasse"),
        ("👩‍💻 team 🇰🇷", "team"),
        ("", ""),
    ],
)
def test_normalise(text: str, normal: str) -> None:
    assert normalise(text) == normal
    assert normalise(normal) == normal


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("1️⃣ 코드 품질 (95% ✅)", "코드 품질"),
        ("🔟 운영 준비", "운영 준비"),
        ("2.1 Centralized Logging", "Centralized Logging"),
        ("10. People", "People"),
        ("배포 48시간 전", "배포 48시간 전"),
        ("Phase 1: Security (3/7)", "Phase 1: Security"),
        ("Month 2+ (장기 개선)", "Month 2+ (장기 개선)"),
        ("🚀", ""),
        ("2024", "2024"),
    ],
)
def test_section_name(text: str, name: str) -> None:
    assert section_name(text) == name


def test_qualifiers() -> None:
    assert qualifiers("a (b) c [d]") == ("a c", ("b", "d"))
    assert qualifiers("a (b") == ("a (b", ())


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("VPC 연결 (선택 사항)", "vpc 연결"),
        ("로그 수집 (ELK 선택)", "로그 수집 (elk)"),
        ("Redis 클러스터 (선택, 이중화용)", "redis 클러스터 (이중화용)"),
        ("Optional: canary", "canary"),
        ("선택지 정리", "선택지 정리"),
    ],
)
def test_without_marks(text: str, left: str) -> None:
    assert without_marks(text) == left
