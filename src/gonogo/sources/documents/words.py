"""The words by which a section is known: `rules/documents/roles.yaml`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from gonogo.data import data_directory
from gonogo.formats.yaml_reader import read_yaml

FILE = "roles.yaml"
# How far a time may stand from what it is about, in characters.
_BESIDE = 60
_TIME = re.compile(r"(?<![월月]\s)(?<![월月])(?<![a-z0-9_.])\d+(?:\.\d+)?\s*(?:m|min|mins|minutes?|h|hrs?|hours?|d|days?|business days?|weeks?|분(?!기)|시간|일|주|영업일|分|時間|小时|天|日|minutos?|horas?|d[ií]as?|dias?|minuten|stunden|tagen?|jours?|heures?|минут\w*|час\w*|дн\w*|phút|giờ|ngày)(?![a-z])(?!\s*(?:ago\b|earlier\b|전(?!까지)|前|前に|atrás\b|zuvor\b|назад\b|trước\b))")
_SENTENCE = re.compile(r"(?<=[.!?。！？;])\s+|\n+")
_MARKUP = re.compile(r"\[[ xX]\]\s|[*_`#>|~]")
# In characters: `TODO write this` is a mark, `Coming soon, ask Bob` a short text.
_MARK, _SHORT = 24, 120
_DENIES = (
    r"\b(?:we|it|they|team|system|service|software)\s+(?:do|does|did|have|has|can|will)(?: not|n.t)(?: (?:support|have|use|do|offer|keep|a|any|an))*"
    r"\s+(?:{})\s*(?:yet|at all|anything|here)?\s*[.!;\n]"
)
_SEPARATOR = re.compile(r"[\s_-]+")


@dataclass(frozen=True, slots=True)
class DocumentWords:
    """`roles` are matched against names and headings, `words` against text, both after `folded`."""

    roles: Mapping[str, re.Pattern[str]]
    excepted: Mapping[str, re.Pattern[str]]
    commands: re.Pattern[str]
    deploys: re.Pattern[str]
    rollbacks: re.Pattern[str]
    words: Mapping[str, re.Pattern[str]]

    def roles_of(self, name: str) -> list[str]:
        """What a heading or a file name says that it is for."""
        text = folded(name)
        return [role for role, pattern in self.roles.items() if pattern.search(text) and not self.excepts(role, text)]

    def excepts(self, role: str, name: str) -> bool:
        """Whether a heading or a file name says that what it holds is about something else than the role."""
        return role in self.excepted and self.excepted[role].search(folded(name)) is not None

    def denies(self, role: str, text: str) -> bool:
        """Whether a text says of the subject of a role itself that there is none: `We do not support rollback.`"""
        subject = f"{self.roles[role].pattern}|{re.escape(role.partition('-')[0])}"
        return re.search(_DENIES.format(subject), f"{folded(text)}.") is not None

    def affirmed(self, text: str) -> str:
        """A text without the sentences that say what there is not. `If there is no answer, …` says what to do."""
        negated, conditional = self.words["negated"], self.words["conditional"]
        if not negated.search(folded(text)):
            return text
        kept = [s for s in _SENTENCE.split(text) if not negated.search(folded(s)) or conditional.search(folded(s))]
        return " ".join(kept)

    def is_unwritten(self, text: str) -> bool:
        """Whether a text says no more than that it is to be written: a mark alone, or a short sentence that says so."""
        bare = folded(_MARKUP.sub(" ", text)).strip(" .:;!-…")
        found = self.words["unwritten"].search(bare)
        return not bare or (found is not None and (len(bare) <= _MARK or (len(bare) <= _SHORT and " " in found.group())))

    def says(self, word: str, text: str) -> bool:
        return self.words[word].search(folded(text)) is not None


    def with_time(self, word: str, text: str) -> bool:
        """Whether a length of time stands beside such a word, on either side of it: `critical: 7 days`, `RTO | 4 h`, `within 48 hours if critical`."""
        text = folded(text)
        return any(_TIME.search(text[max(m.start() - _BESIDE, 0) : m.end() + _BESIDE]) for m in self.words[word].finditer(text))


def folded(text: str) -> str:
    """The form in which texts are compared: width, case, hyphens and underscores say nothing."""
    return _SEPARATOR.sub(" ", unicodedata.normalize("NFKC", text).casefold())


def states_time(text: str) -> bool:
    """Whether a text states a length of time. A day of a month is none, nor is a quarter of a year."""
    return _TIME.search(text.casefold()) is not None


@cache
def load_words() -> DocumentWords:
    """The words that come with gonogo, read once; the tests hold the table against its schema."""
    read = read_yaml(FILE, (data_directory("rules") / "documents" / FILE).read_text("utf-8"))
    data: Any = read.documents[0].value
    return DocumentWords(
        {role: _any(words) for role, words in data["roles"].items()},
        {role: _any(words) for role, words in data["except"].items()},
        re.compile(r"(?:[$#>%]\s*)?(?:sudo\s+)?(?:" + "|".join(_command(c) for c in _longest(data["commands"])) + ")"),
        re.compile("|".join(re.escape(str(c)) for c in _longest(data["deploy_commands"]))),
        re.compile("|".join(re.escape(str(c)) for c in _longest(data["rollback_commands"]))),
        {name: _any(words) for name, words in data["words"].items()},
    )


def _any(words: Iterable[Any]) -> re.Pattern[str]:
    """One of some words: of ASCII letters by themselves, of another script also inside a word."""
    found = []
    for word in _longest(words):
        text = re.escape(folded(str(word)))
        before = r"(?<![a-z0-9])" if word[:1].isascii() else ""
        after = r"(?![a-z0-9])" if word[-1:].isascii() else ""
        found.append(f"{before}{text}{after}")
    return re.compile("|".join(found))


def _command(word: Any) -> str:
    text = re.escape(str(word))
    return text if str(word).endswith("/") else text + r"(?![\w-])"


def _longest(words: Iterable[Any]) -> list[str]:
    return sorted(map(str, words), key=lambda w: (-len(w), w))
