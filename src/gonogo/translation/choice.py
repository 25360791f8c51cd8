"""Which language a reader reads, where nobody says."""

from __future__ import annotations

from collections.abc import Iterable

from gonogo.translation.language import CODES, ENGLISH_CODE

_HANGUL = (("\uac00", "\ud7a3"), ("\u1100", "\u11ff"), ("\u3130", "\u318f"))
"""Syllables and the letters they are made of (https://www.unicode.org/charts/PDF/UAC00.pdf and its neighbours)."""


def chosen(given: str | None, texts: Iterable[str], locale: str) -> str:
    """The code of the language: what was `given`, else that of a checklist with these `texts`, else that of the `locale`, else English."""
    if given is not None:
        return given
    if _korean(texts):
        return "ko"
    code = locale.partition(".")[0].partition("_")[0].lower()
    return code if code in CODES else ENGLISH_CODE


def _korean(texts: Iterable[str]) -> bool:
    """Whether most texts have Hangul. Names of things stay Latin in any language, so that letters are not weighed against letters."""
    written = [text for text in texts if any(character.isalpha() for character in text)]
    return sum(map(_has_hangul, written)) * 2 > len(written)


def _has_hangul(text: str) -> bool:
    return any(first <= character <= last for character in text for first, last in _HANGUL)
