"""The one spelling under which texts are compared: emoji, markup, width, case and trailing punctuation say nothing."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

# A keycap is a digit, an optional variation selector and U+20E3 (Unicode TS #51): the digit is part of the picture.
_KEYCAP = re.compile("[0-9#*]\ufe0f?\u20e3")
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufe00-\ufe0f\ufeff\U000e0000-\U000e007f]")
_SHORTCODE = re.compile(r"(?<![\w:]):[a-z][a-z0-9_+-]*:(?![\w:])")
_MARKUP = re.compile(r"[`*]+|~~|(?<!\w)_+|_+(?!\w)")
_SPACES = re.compile(r"\s+")
_TRAILING = " \t.,;:!?·。、，；：！？…-–—|/"
_LEADING = " \t:;·–—-|/"
_PROGRESS = re.compile(r"[(\[]\s*[\d\s.,/%~≥≤<>+-]*\d[\d\s.,/%+-]*[)\]]|(?<![\w.])\d+(\.\d+)?\s*%")
_NUMBERING = re.compile(r"\d+(\.\d+)*[.)]\s+|\d+(\.\d+)+\s+")
_BRACKETS = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]|【([^【】]*)】")

# Scripts that put no spaces between words: Hangul (its particles), Kana, Han.
_UNSPACED = ((0x1100, 0x11FF), (0x3005, 0x3007), (0x3040, 0x30FF), (0x31F0, 0x31FF), (0x3400, 0x9FFF), (0xAC00, 0xD7AF), (0xF900, 0xFAFF), (0x20000, 0x323AF))
_LETTERS = str.maketrans({"đ": "d", "ł": "l", "ø": "o", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i", "’": "'"})


def strip_pictures(text: str) -> str:
    """`text` in NFKC without emoji, keycaps, emoji short codes and invisible characters."""
    text = _INVISIBLE.sub("", _KEYCAP.sub(" ", text))
    text = "".join(" " if _is_picture(c) else c for c in text)
    return _INVISIBLE.sub("", _SHORTCODE.sub(" ", unicodedata.normalize("NFKC", text)))


def _is_picture(character: str) -> bool:
    # Sk holds the skin tones beside ASCII's ` and ^; Cs are lone surrogates, which no encoder takes.
    category = unicodedata.category(character)
    return category in ("So", "Cs", "Co", "Cn") or (category == "Sk" and ord(character) > 0xFFFF)


def normalise(text: str) -> str:
    """The form in which texts are compared and hashed. Parentheses stay: what they hold qualifies the text."""
    text = _MARKUP.sub("", strip_pictures(text)).casefold()
    return _SPACES.sub(" ", text).lstrip(_LEADING).rstrip(_TRAILING)


def section_name(text: str) -> str:
    """A heading as it is shown: without pictures, numbering and progress figures, which change while the section does not."""
    text = _PROGRESS.sub(" ", _MARKUP.sub("", strip_pictures(text)))
    text = _SPACES.sub(" ", text).lstrip(_LEADING).rstrip(_TRAILING)
    shorter = _NUMBERING.sub("", text, count=1) if _NUMBERING.match(text) else text
    return shorter or text


def qualifiers(text: str) -> tuple[str, tuple[str, ...]]:
    """A text without its parentheses, and what stood in them."""
    found = tuple(next(g for g in m.groups() if g is not None).strip() for m in _BRACKETS.finditer(text))
    rest = _SPACES.sub(" ", _BRACKETS.sub(" ", text)).strip()
    return rest, tuple(f for f in found if f)


def fold(text: str) -> str:
    """`text` without the accents of Latin and the dots of Cyrillic letters.

    Both are left out, written anew (`mã hoá`, `mã hóa`) or composed otherwise by people and editors. Kana keep their marks: か is not が.
    """
    if text.isascii():
        return text
    folded = "".join(_base(c) if ord(c) < 0x1100 or 0x1E00 <= ord(c) < 0x1F00 else c for c in unicodedata.normalize("NFC", text))
    return folded.translate(_LETTERS)


@cache
def _base(character: str) -> str:
    parts = unicodedata.normalize("NFD", character)
    if "\u0300" <= character <= "\u036f":
        return ""
    return parts[0] if len(parts) > 1 and parts[0].isalpha() and character not in "йЙ" else character


@cache
def is_spaced(character: str) -> bool:
    """Whether `character` is a letter or digit of a script that puts spaces between words."""
    return character.isalnum() and not is_unspaced(character)


def is_unspaced(character: str) -> bool:
    """Whether `character` belongs to a script that puts none: Hangul (its particles), Kana, Han."""
    return any(first <= ord(character) <= last for first, last in _UNSPACED)
