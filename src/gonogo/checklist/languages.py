"""Which languages a checklist is written in, so that only their words are read: by script, and for Latin by its letters and small words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from gonogo.checklist.errors import ChecklistError
from gonogo.data import data_directory
from gonogo.formats.yaml_reader import read_yaml
from gonogo.model.checklist import Checklist

_SCRIPTS = {
    "ko": re.compile("[\u1100-\u11ff\uac00-\ud7af]"),
    "ja": re.compile("[\u3040-\u30ff\uff66-\uff9f]"),
    "zh": re.compile("[\u3400-\u9fff]"),
    "ru": re.compile("[\u0400-\u04ff]"),
}
_WORD = re.compile(r"[^\W\d_]+")


def languages_of(checklist: Checklist) -> tuple[str, ...]:
    """The languages besides English of which a checklist shows a trace, sorted. More than one where they are close: es, pt."""
    text = "\n".join(part for item in checklist.items for part in (*item.section, item.text)).casefold()
    found = {language for language, script in _SCRIPTS.items() if script.search(text)}
    if "ja" in found:
        # Han is Japanese where there is Kana. One that has none at all is read as Chinese: the words differ, none binds wrongly.
        found.discard("zh")
    return tuple(sorted(found | _latin(text)))


def _latin(text: str) -> set[str]:
    words = Counter(_WORD.findall(text))
    scores = {language: _score(marks, words, text) for language, marks in _marks().items()}
    best = max(scores.values(), default=0)
    return {language for language, score in scores.items() if score and score * 3 >= best}


def _score(marks: Mapping[str, Any], words: Counter[str], text: str) -> int:
    letters = sum(text.count(letter) for letter in marks.get("letters", ""))
    stems = tuple(word[:-1] for word in marks["words"] if word.endswith("*"))
    return letters + sum(count for word, count in words.items() if word in marks["words"] or (stems and word.startswith(stems)))


def _marks() -> Mapping[str, Mapping[str, Any]]:
    path = data_directory("rules") / "checklist" / "languages.yaml"
    try:
        read = read_yaml(path.name, path.read_text("utf-8"))
    except OSError as error:
        raise ChecklistError(f"{path}: cannot be read: {error}; the installation is incomplete") from error
    value = read.documents[0].value if read.documents else None
    if not isinstance(value, dict) or not isinstance(value.get("languages"), dict):
        raise ChecklistError(f"{path}: is not a table of languages")
    marks: Mapping[str, Mapping[str, Any]] = value["languages"]
    return marks
