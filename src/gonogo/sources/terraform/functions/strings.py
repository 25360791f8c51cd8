"""String functions."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from itertools import chain

from gonogo.model.value import Unknown
from gonogo.sources.terraform.functions.base import ANY, NUMBER, STRING, STRINGS, Function
from gonogo.sources.terraform.functions.formatting import format_list, format_text
from gonogo.sources.terraform.functions.regexes import regex, regex_all, regex_replace
from gonogo.sources.terraform.operations import join_text
from gonogo.sources.terraform.values import TfError, TfList, Val, is_unknown, uncounted, unknown_of

MAX_TEXT = 8 * 1024 * 1024


def graphemes(text: str) -> list[str]:
    """User-perceived characters, near enough: a base with its combining marks, joiners and variation selectors."""
    found: list[str] = []
    for character in text:
        joined = bool(found) and (unicodedata.combining(character) or character in "\u200d\ufe0e\ufe0f" or found[-1].endswith("\u200d"))
        if joined or (character == "\n" and found and found[-1] == "\r"):
            found[-1] += character
        else:
            found.append(character)
    return found


def _chomp(text: str) -> str:
    return text.rstrip("\r\n")


def _indent(spaces: int, text: str) -> str:
    if not isinstance(spaces, int) or not 0 <= spaces <= 1000:
        raise TfError("the indentation must be a small whole number")
    return text.replace("\n", "\n" + " " * spaces)


def _join(separator: str | Unknown, *lists: Val) -> str | Unknown:
    hidden = [u for u in map(uncounted, lists) if u is not None]
    if hidden:
        return Unknown.merge(hidden)
    pieces: list[str | Unknown] = []
    for item in chain.from_iterable(one for one in lists if isinstance(one, tuple)):
        if item is None:
            raise TfError("a list given to join() holds null")
        pieces += (separator, item)
    return join_text(pieces[1:])


def _replace(text: str, search: str, replacement: str) -> str | Val:
    if len(search) > 1 and search.startswith("/") and search.endswith("/"):
        return regex_replace(text, search[1:-1], replacement)
    if len(text) * max(1, len(replacement)) > 64 * MAX_TEXT:
        raise TfError("a text too long")
    return text.replace(search, replacement)


def _split(separator: str, text: str) -> TfList:
    return TfList(text.split(separator) if separator else list(text))


def _substr(text: str, offset: int, length: int) -> str:
    characters = graphemes(unicodedata.normalize("NFC", text))
    if not isinstance(offset, int) or not isinstance(length, int):
        raise TfError("substr() takes whole numbers")
    # go-cty never gets to a length of 0 when it counts from the end.
    whole = length < 0 or (length == 0 and offset < 0)
    if offset < 0:
        offset = max(offset + len(characters), 0)
    end = len(characters) if whole else offset + length
    return "".join(characters[offset:end])


def _title(text: str) -> str:
    # Go's strings.Title: what follows a letter, digit or underscore is inside a word.
    result: list[str] = []
    previous = " "
    for character in text:
        inside = previous.isalnum() or previous == "_" or (ord(previous) > 0x7F and not previous.isspace())
        result.append(character if inside else _title_case(character))
        previous = character
    return "".join(result)


def _title_case(character: str) -> str:
    upper = character.title()
    return upper if len(upper) == 1 else character


def _upper(text: str) -> str:
    # Go maps rune by rune: `ß` stays.
    return "".join(u if len(u := c.upper()) == 1 else c for c in text)


def _lower(text: str) -> str:
    return "".join(c.lower()[0] for c in text)


def _strcontains(text: str, part: str) -> bool:
    return part in text


def _formatted(spec: Val, *arguments: Val) -> str | Unknown:
    if is_unknown(spec):
        return unknown_of(spec)
    return _UNTYPED if None in arguments else format_text(str(spec), arguments)


def _formatted_list(spec: Val, *arguments: Val) -> Val:
    if is_unknown(spec):
        return unknown_of(spec)
    found = _UNTYPED if None in arguments else format_list(str(spec), arguments)
    return found if isinstance(found, Unknown) else TfList(found)


# Terraform leaves it open as long as nothing gives the null a type, and refuses or shows it then.
_UNTYPED = Unknown.because("null given to format()")


STRING_FUNCTIONS: Mapping[str, Function] = {
    "chomp": Function(_chomp, (STRING,)),
    "endswith": Function(lambda text, suffix: text.endswith(suffix), (STRING, STRING)),
    "format": Function(_formatted, (STRING,), rest=ANY, open=True, nullable=True),
    "formatlist": Function(_formatted_list, (STRING,), rest=ANY, open=True, nullable=True),
    "indent": Function(_indent, (NUMBER, STRING)),
    "join": Function(_join, (STRING,), rest=STRINGS, open=True),
    "lower": Function(_lower, (STRING,)),
    "regex": Function(regex, (STRING, STRING)),
    "regexall": Function(regex_all, (STRING, STRING)),
    "replace": Function(_replace, (STRING, STRING, STRING)),
    "split": Function(_split, (STRING, STRING)),
    "startswith": Function(lambda text, prefix: text.startswith(prefix), (STRING, STRING)),
    "strcontains": Function(_strcontains, (STRING, STRING)),
    "strrev": Function(lambda text: "".join(reversed(graphemes(text))), (STRING,)),
    "substr": Function(_substr, (STRING, NUMBER, NUMBER)),
    "title": Function(_title, (STRING,)),
    "trim": Function(lambda text, cutset: text.strip(cutset) if cutset else text, (STRING, STRING)),
    "trimprefix": Function(lambda text, prefix: text.removeprefix(prefix), (STRING, STRING)),
    "trimspace": Function(lambda text: text.strip(), (STRING,)),
    "trimsuffix": Function(lambda text, suffix: text.removesuffix(suffix), (STRING, STRING)),
    "upper": Function(_upper, (STRING,)),
}
