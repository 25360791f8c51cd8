"""Sentences with places in them: what a text made of one says of each place, and the same in another language.

A sentence is recognised by what it is made of, so that an assessment stays English and any run, old ones and those of other machines,
is told in any language.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

NAMED = re.compile(r"\{(\w+)\}")
"""A place of a sentence that the code makes: `{name}`."""
EXPRESSION = re.compile(r"\{\{\s*(.*?)\s*\}\}", re.DOTALL)
"""A place of a sentence of a rule pack: `{{ an expression }}`."""
_STRING = re.compile(r"""(["'])((?:[^\\]|\\.)*?)\1""")


@dataclass(frozen=True)
class Template:
    """`literals` are the texts between the places: one more than there are `places`."""

    literals: tuple[str, ...]
    places: tuple[str, ...]

    @classmethod
    def of(cls, text: str, place: re.Pattern[str]) -> Template:
        pieces = place.split(" ".join(text.split()) if place is EXPRESSION else text)
        return cls(tuple(pieces[::2]), tuple(pieces[1::2]))

    @cached_property
    def weight(self) -> int:
        """The characters it has itself: the more, the surer is a match."""
        return sum(map(len, self.literals))

    def match(self, text: str) -> tuple[str, ...] | None:
        """What stands at the places of `text`, if it is made of this template; the leftmost where there are several ways. Linear in the text."""
        first, *more = self.literals
        if not more:
            return () if text == first else None
        last = more.pop()
        end = len(text) - len(last)
        if not text.startswith(first) or not text.endswith(last) or end < len(first):
            return None
        found, at = [], len(first)
        for literal in more:
            start = text.find(literal, at, end)
            if start < 0:
                return None
            found.append(text[at:start])
            at = start + len(literal)
        return (*found, text[at:end])

    def filled(self, values: Mapping[str, str]) -> str:
        """The text with `values` at the places. Raises `KeyError` for a place without one."""
        return self.literals[0] + "".join(values[place] + literal for place, literal in zip(self.places, self.literals[1:], strict=True))


def skeleton(expression: str) -> str:
    """An expression without the texts in it, which are translated where it stands."""
    return _STRING.sub("''", expression)


def texts(expression: str) -> list[str]:
    """The texts in the quotes of an expression, in order."""
    return [text for _, text in _STRING.findall(expression)]
