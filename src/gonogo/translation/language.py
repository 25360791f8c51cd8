"""A language to speak in: passed down to whatever writes for a person. English is what the sources say and costs nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

ENGLISH_CODE = "en"
CODES = (ENGLISH_CODE, "ko")


class Sentences(Protocol):
    """Knows sentences that the code and the rules make, in a language."""

    def translated(self, text: str, about: str) -> str:
        """`text` in the language; as it is, where it is not known."""


@dataclass(frozen=True, slots=True)
class Language:
    """`words` are translations of the texts of reports by their English, one for each plural form."""

    code: str = ENGLISH_CODE
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sentences: Sentences | None = None

    def say(self, text: str, /, **values: object) -> str:
        """`text`, which stands in the sources as a literal, with `values` at its `{places}`."""
        found = self.words.get(text)
        return (found[0] if found else text).format(**values)

    def count(self, one: str, many: str, number: int, /, **values: object) -> str:
        """`one` or `many`, as `number` asks for, with it at `{count}`."""
        forms = self.words.get(one) or (one, many)
        return forms[0 if number == 1 else -1].format(count=number, **values)

    def sentence(self, text: str, about: str = "") -> str:
        """A finished sentence of gonogo's, as assessments hold them; `about` is the rule or control whose words may be in it."""
        return self.sentences.translated(text, about) if self.sentences is not None and text else text


ENGLISH = Language()


def noted(text: str) -> str:
    """`text`, marked for translation where it stands in a table; it is said later."""
    return text


def load(code: str, directory: Path | None = None) -> Language:
    """The language called `code`, from `directory` or what is shipped; nothing is read for English. Raises `KeyError` for one there is not."""
    if code == ENGLISH_CODE:
        return ENGLISH
    if code not in CODES:
        raise KeyError(code)
    from gonogo.translation.catalogue import load_language

    return load_language(code, directory)
