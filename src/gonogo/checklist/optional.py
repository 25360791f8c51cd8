"""Marks that make an item or a whole section optional, in the languages of the checklists we have met."""

from __future__ import annotations

import re

from gonogo.checklist.normalise import normalise, qualifiers

_MARKS = (
    "선택", "선택 사항", "선택사항", "선택 항목", "옵션", "필요시", "필요 시",
    "optional", "if applicable", "if needed", "if required", "if any", "where applicable", "nice to have", "nice-to-have",
    "opcional", "si aplica", "si procede", "se necessário", "se houver", "se aplicável",
    "optionnel", "optionnelle", "facultatif", "facultative", "si applicable",
    "fakultativ", "falls zutreffend", "falls nötig", "facoltativo", "opzionale",
    "任意", "オプション", "必要に応じて", "可选", "可選", "选填", "如适用", "如果适用",
    "опционально", "необязательно", "если используется", "по желанию",
    "tùy chọn", "không bắt buộc", "nếu cần", "isteğe bağlı", "opsional", "اختياري",
)  # fmt: skip
_ALTERNATIVES = "|".join(re.escape(mark) for mark in sorted(_MARKS, key=len, reverse=True))
# In parentheses the mark is a clause of its own, or ends one: `(선택, 고가용성용)`, `(ELK 선택)`, `(optional - phase 2)`.
_IN_BRACKETS = re.compile(rf"(?:^|(?<=[\s,;/:-]))(?:{_ALTERNATIVES})(?=\s*(?:$|[,;/:-]))")
_IN_BRACKETS_FIRST = re.compile(rf"^(?:{_ALTERNATIVES})(?=\s|$|[,;/:-])")
# Outside them it must be set off: `Optional: x`, `x - optional`.
_PREFIX = re.compile(rf"^(?:{_ALTERNATIVES})\s*[:：]\s+")
_SUFFIX = re.compile(rf"\s[-–—:]\s*(?:{_ALTERNATIVES})$")
# A heading may consist of the mark, or start with one that is no ordinary word ("선택 기준" are selection criteria).
_HEADING = re.compile(rf"(?:{_ALTERNATIVES})(?:$|(?<!^선택)(?=\s(?:items?|tasks?|steps?|checks?|controls?|항목|사항|작업)\b|\s?[(:-]))")
_BRACKET = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]")


def is_optional(text: str) -> bool:
    """Whether an item's own text marks it as optional."""
    return without_marks(text) != normalise(text)


def is_optional_section(heading: str) -> bool:
    """Whether a heading makes its whole section optional."""
    text = normalise(heading)
    rest, inside = qualifiers(text)
    return bool(_HEADING.match(text)) or any(_clause(q) != q for q in inside) or bool(_SUFFIX.search(rest))


def without_marks(text: str) -> str:
    """The normalised text without its optional marks; what else the parentheses say stays."""
    text = _BRACKET.sub(_bracket, normalise(text))
    text = _SUFFIX.sub("", _PREFIX.sub("", text))
    return " ".join(text.split())


def _bracket(match: re.Match[str]) -> str:
    inside = match.group(1) if match.group(1) is not None else match.group(2)
    left = _clause(inside)
    if left == inside:
        return match.group(0)
    return f"({left})" if left else ""


def _clause(inside: str) -> str:
    left = _IN_BRACKETS_FIRST.sub("", _IN_BRACKETS.sub("", inside))
    return inside if left == inside else left.strip(" ,;/:-")
