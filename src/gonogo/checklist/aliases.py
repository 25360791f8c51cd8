"""The words by which items name controls: reviewed data under `rules/aliases/`, one file per language.

A pattern matches an item when each of its words occurs and *nothing else of weight* does: what remains of the text after
the pattern's words, the control's accompanying words and the language's fillers must be empty. So `backup restore test`
is never taken for `backups`, whatever the aliases say about backups. No similarity is involved.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from gonogo.checklist.errors import ChecklistError
from gonogo.formats.yaml_reader import read_yaml

SCHEMA = "gonogo.aliases/v1"
_SEPARATOR = re.compile(r"[\s\-]+")


class Words:
    """A set of synonyms over normalised text. The expression is compiled once one of them can occur at all."""

    def __init__(self, words: Iterable[str]) -> None:
        self.words = tuple(sorted({word.casefold().strip() for word in words}))
        self._starts = tuple(sorted({start for word in self.words if (start := _SEPARATOR.split(word)[0].rstrip("*"))}))

    @cached_property
    def expression(self) -> re.Pattern[str]:
        alternatives = sorted({_expression(word) for word in self.words}, key=lambda e: (-len(e), e))
        return re.compile("|".join(alternatives) or r"(?!)")

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where they stand in `text`."""
        return [m.span() for m in self.expression.finditer(text) if m.end() > m.start()] if self._possible(text) else []

    def first(self, text: str) -> str:
        """The first that stands in `text`, `` where none does."""
        match = self.expression.search(text) if self._possible(text) else None
        return match.group(0) if match is not None else ""

    def occurs(self, text: str) -> bool:
        return bool(self.first(text))

    def _possible(self, text: str) -> bool:
        return any(start in text for start in self._starts)


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way to say something. `section` names words of which one must stand in the item or its headings."""

    all_of: tuple[Words, ...]
    none_of: Words | None = None
    section: Words | None = None
    repeats: bool = False
    """A summary line: it may take the binding that the same words have elsewhere in the checklist."""


@dataclass(frozen=True, slots=True)
class Alias:
    """What an item may say to mean `controls`, all of them. `also` are words that may accompany it and add no claim."""

    controls: tuple[str, ...]
    patterns: tuple[Pattern, ...]
    also: Words | None
    at_least_one: bool = False
    """Without a figure the control already means "at least one"."""


@dataclass(frozen=True, slots=True)
class Aliases:
    """All languages together: technology words are the same in each, and items mix them."""

    entries: tuple[Alias, ...]
    manual: tuple[Pattern, ...]
    fillers: frozenset[str]
    """Words that add no claim."""
    verifying: frozenset[str]
    """Words that add none beside one of `states`: `verify that X is enabled` claims that X is enabled."""
    states: frozenset[str]
    elsewhere: Words | None
    """Headings below which an item speaks about something else: documents, training, another cloud."""
    own: Words | None
    """Words that outweigh `elsewhere`: our platform is named too."""


@dataclass(slots=True)
class _Collected:
    fillers: set[str] = field(default_factory=set)
    verifying: set[str] = field(default_factory=set)
    states: set[str] = field(default_factory=set)
    contexts: dict[str, list[str]] = field(default_factory=dict)
    elsewhere: list[str] = field(default_factory=list)
    own: list[str] = field(default_factory=list)


def _expression(word: str) -> str:
    """A word as an expression.

    ASCII ends need look-arounds instead of `\\b`, for which Hangul and Kana are word characters: `\\bRedis\\b` does not
    find `Redis연결`. A space or hyphen matches any or none; a `*` that ends a part matches the rest of an ASCII word.
    """
    parts = [part for part in _SEPARATOR.split(word) if part.strip("*")]
    body = "".join(parts)
    before = r"(?<![a-z0-9])" if body[:1].isascii() and body[:1].isalnum() else ""
    after = r"(?![a-z0-9])" if body[-1:].isascii() and body[-1:].isalnum() else ""
    rest = r"[a-z0-9]*"
    joined = r"[\s\-_]{0,2}".join(re.escape(part.rstrip("*")) + (rest if part.endswith("*") else "") for part in parts)
    return f"{before}{joined}{after}"


def load_aliases(directory: Path) -> Aliases:
    """The aliases of every `*.yaml` in `directory`. Raises `ChecklistError` where a file is not what it should be."""
    files = [(path, _load(path)) for path in sorted(directory.glob("*.yaml"))]
    if not files:
        raise ChecklistError(f"{directory}: holds no alias file; the installation is incomplete")
    found = _Collected()
    for _, data in files:
        for name in ("fillers", "verifying", "states"):
            getattr(found, name).update(str(word).casefold() for word in data.get(name, ()))
        for name, words in data.get("contexts", {}).items():
            found.contexts.setdefault(name, []).extend(words)
        found.elsewhere.extend(data.get("elsewhere", ()))
        found.own.extend(data.get("own", ()))
    also = _accompanying(data for _, data in files)
    entries = tuple(
        Alias(
            tuple(entry["controls"]),
            tuple(_patterns(entry["patterns"], found.contexts, path)),
            also.get(tuple(entry["controls"])),
            bool(entry.get("at_least_one", False)),
        )
        for path, data in files
        for entry in _entries(data)
    )
    manual = tuple(pattern for path, data in files for pattern in _patterns(data.get("manual", ()), found.contexts, path))
    elsewhere = Words(found.elsewhere) if found.elsewhere else None
    return Aliases(
        entries=entries,
        manual=manual,
        fillers=frozenset(found.fillers),
        verifying=frozenset(found.verifying),
        states=frozenset(found.states),
        elsewhere=elsewhere,
        own=Words(found.own) if found.own else None,
    )


def _accompanying(files: Iterable[Mapping[str, Any]]) -> dict[tuple[str, ...], Words]:
    """The accompanying words of each control in every language: a Korean item may use the English ones."""
    words: dict[tuple[str, ...], list[str]] = {}
    for data in files:
        for entry in _entries(data):
            words.setdefault(tuple(entry["controls"]), []).extend(entry.get("also", ()))
    return {controls: Words(found) for controls, found in words.items() if found}


def _entries(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    single = [{"controls": [control], **entry} for control, entry in data.get("controls", {}).items()]
    return [*single, *data.get("compounds", ())]


def _load(path: Path) -> Mapping[str, Any]:
    # Not `yaml.safe_load`: to YAML 1.1 the words `on`, `yes` and `no` are booleans.
    try:
        read = read_yaml(path.name, path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ChecklistError(f"{path}: cannot be read: {error}") from error
    if read.error:
        raise ChecklistError(f"{path}:{read.error_line}: {read.error}")
    data = read.documents[0].value if read.documents else None
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise ChecklistError(f"{path}: is not an alias file of schema {SCHEMA}")
    return data


def _patterns(given: Sequence[Any], contexts: Mapping[str, Sequence[str]], path: Path) -> Iterable[Pattern]:
    for entry in given:
        if isinstance(entry, str):
            yield Pattern((_group(entry),))
        elif isinstance(entry, list):
            yield Pattern(tuple(_group(text) for text in entry))
        else:
            section = [word for name in entry.get("section", ()) for word in _context(name, contexts, path)]
            none_of = entry.get("none_of", ())
            yield Pattern(
                tuple(_group(text) for text in entry["all_of"]),
                Words(none_of) if none_of else None,
                Words(section) if section else None,
                bool(entry.get("repeats", False)),
            )


def _group(text: str) -> Words:
    """Synonyms, separated by `|`."""
    return Words(part.strip() for part in text.split("|"))


def _context(name: str, contexts: Mapping[str, Sequence[str]], path: Path) -> Sequence[str]:
    if name not in contexts:
        raise ChecklistError(f"{path}: no context is called {name}")
    return contexts[name]
