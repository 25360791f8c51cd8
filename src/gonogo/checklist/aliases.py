"""The words by which items name controls: reviewed data under `rules/aliases/`, one file per language, and one for all.

A pattern matches an item when each of its words occurs and *nothing else of weight* does: what remains of the text after
the pattern's words, the control's accompanying words and the language's fillers must be empty. So `backup restore test`
is never taken for `backups`, whatever the aliases say about backups. No similarity is involved.

`shared.yaml` says what a control is called in concepts (`<backup>`), and each language how it words a concept: the words
of the languages that are read together are synonyms, because checklists mix them with English.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gonogo.checklist.errors import ChecklistError
from gonogo.checklist.normalise import fold
from gonogo.checklist.words import FILE, Words
from gonogo.formats.yaml_reader import read_yaml
from gonogo.model.value import Value

SCHEMA = "gonogo.aliases/v1"
ALWAYS = ("en", "shared")
"""What is read for every checklist: technology words are the same in each language."""
_CONCEPT = re.compile(r"<([a-z0-9-]+)>")


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way to say something. `section` names words of which one must stand in the item or its headings."""

    all_of: tuple[Words, ...]
    none_of: Words | None = None
    """Words of which none may stand in the item or its headings."""
    section: Words | None = None
    repeats: bool = False
    """A summary line: it may take the binding that the same words have elsewhere in the checklist."""
    parameters: Mapping[str, Value] = field(default_factory=dict)
    """What it says without a figure: `Ruff` is `tool: ruff`."""
    names: str = ""
    """The parameter that the first of its words names: `README.md` is the `file`."""
    described: bool = False
    """The item begins with it, and what stands in parentheses or behind a colon or a dash describes it and claims nothing."""
    without: Words | None = None
    """Words of which none may stand in the item."""
    reason: str = ""
    """For a person: why it is one's to decide."""
    candidates: tuple[str, ...] = ()
    """For a person: the controls it may mean."""


@dataclass(frozen=True, slots=True)
class Alias:
    """What an item may say to mean `controls`, all of them. `also` are words that may accompany it and add no claim."""

    controls: tuple[str, ...]
    patterns: tuple[Pattern, ...]
    also: Words | None
    at_least_one: bool = False
    """Without a figure the control already means "at least one"."""
    documents: bool = False
    """It is about a document, so that headings which speak of documents do not make it something else."""
    sums: bool = False
    """It sums up the other items of the checklist that ask for the same control."""
    outranks: frozenset[str] = frozenset()
    """Its rivals: where it fits, what it says is not meant of these."""


@dataclass(frozen=True, slots=True)
class Fillers:
    """Words that add no claim; a `*` at the end of one takes the rest of it."""

    exact: frozenset[str]
    prefixes: tuple[str, ...] = ()

    def __contains__(self, token: str) -> bool:
        return token in self.exact or token.startswith(self.prefixes)

    def __or__(self, other: Fillers) -> Fillers:
        return Fillers(self.exact | other.exact, self.prefixes + other.prefixes)

    @classmethod
    def of(cls, words: Iterable[str]) -> Fillers:
        folded = {fold(word.casefold()) for word in words}
        return cls(frozenset(w for w in folded if not w.endswith("*")), tuple(sorted(w[:-1] for w in folded if w.endswith("*"))))


@dataclass(frozen=True, slots=True)
class Index:
    """Patterns by how the first of their words starts, so that a text is held against those only that it can fit."""

    starts: Mapping[str, tuple[tuple[str, frozenset[int]], ...]]
    """By the first two characters (or the only one): the starts, and the numbers of the patterns."""

    def possible(self, text: str) -> AbstractSet[int]:
        """The numbers of the patterns of which a first word may stand in `text`."""
        pairs = {text[at : at + 2] for at in range(len(text))} | set(text)
        found: set[int] = set()
        for pair in pairs & self.starts.keys():
            for start, numbers in self.starts[pair]:
                if start in text:
                    found |= numbers
        return found

    @classmethod
    def of(cls, patterns: Sequence[Pattern]) -> Index:
        by_start: dict[str, set[int]] = {}
        for number, pattern in enumerate(patterns):
            for start in pattern.all_of[0].starts:
                by_start.setdefault(start, set()).add(number)
        starts: dict[str, list[tuple[str, frozenset[int]]]] = {}
        for start, numbers in sorted(by_start.items()):
            starts.setdefault(start[:2], []).append((start, frozenset(numbers)))
        return cls({pair: tuple(rows) for pair, rows in starts.items()})


@dataclass(frozen=True, slots=True)
class Aliases:
    """The languages that are read together: technology words are the same in each, and items mix them."""

    entries: tuple[Alias, ...]
    manual: tuple[Pattern, ...]
    fillers: Fillers
    """Words that add no claim."""
    verifying: Fillers
    """Words that add none beside one of `states`: `verify that X is enabled` claims that X is enabled."""
    states: Fillers
    elsewhere: Words | None
    """Headings below which an item speaks about something else: documents, training, another cloud."""
    own: Words | None
    """Words that outweigh `elsewhere`: our platform is named too."""
    papers: Words | None
    """Headings of `elsewhere` that speak of documents, below which an item about a document is in its place."""
    numbered: tuple[tuple[int, Pattern], ...]
    """The patterns of the entries, each with the number of its entry."""
    index: Index


@dataclass(slots=True)
class _Collected:
    words: dict[str, list[str]] = field(default_factory=dict)
    contexts: dict[str, list[str]] = field(default_factory=dict)
    concepts: dict[str, list[str]] = field(default_factory=dict)
    made: dict[str, Words] = field(default_factory=dict)

    def add(self, data: Mapping[str, Any]) -> None:
        for name in ("fillers", "verifying", "states", "elsewhere", "own", "papers"):
            self.words.setdefault(name, []).extend(str(word) for word in data.get(name, ()))
        for key, words in data.get("contexts", {}).items():
            self.contexts.setdefault(key, []).extend(str(word) for word in words)
        for key, words in data.get("concepts", {}).items():
            self.concepts.setdefault(key, []).extend(part.strip() for part in (words.split("|") if isinstance(words, str) else words))


def load_aliases(directory: Path, languages: Iterable[str] | None = None) -> Aliases:
    """The aliases of `languages`, of every file in `directory` where there are none named. Raises `ChecklistError`."""
    paths = sorted(directory.glob("*.yaml"))
    if languages is not None:
        wanted = {*ALWAYS, *languages}
        paths = [path for path in paths if path.stem in wanted]
    files = [(path, _load(path)) for path in paths]
    if not files:
        raise ChecklistError(f"{directory}: holds no alias file; the installation is incomplete")
    found = _Collected()
    for _, data in files:
        found.add(data)
    entries = _aliases(files, found)
    numbered = tuple((number, pattern) for number, alias in enumerate(entries) for pattern in alias.patterns)
    return Aliases(
        entries=entries,
        manual=tuple(pattern for path, data in files for pattern in _patterns(data.get("manual", ()), found, path)),
        fillers=Fillers.of(found.words["fillers"]),
        verifying=Fillers.of(found.words["verifying"]),
        states=Fillers.of(found.words["states"]),
        elsewhere=_optional(found.words["elsewhere"], found, directory),
        own=_optional(found.words["own"], found, directory),
        papers=_optional(found.words["papers"], found, directory),
        numbered=numbered,
        index=Index.of([pattern for _, pattern in numbered]),
    )


def _aliases(files: Sequence[tuple[Path, Mapping[str, Any]]], found: _Collected) -> tuple[Alias, ...]:
    """One alias for each control and each compound, with its words of every language: an item may mix them."""
    by_controls: dict[tuple[tuple[str, ...], bool], list[tuple[Path, Mapping[str, Any]]]] = {}
    for path, data in files:
        for entry in _entries(data):
            by_controls.setdefault((tuple(entry["controls"]), bool(entry.get("sums"))), []).append((path, entry))
    return tuple(
        Alias(
            controls,
            tuple(pattern for path, entry in entries for pattern in _patterns(entry.get("patterns", ()), found, path)),
            _optional([word for _, entry in entries for word in entry.get("also", ())], found, entries[0][0]),
            at_least_one=any(entry.get("at_least_one") for _, entry in entries),
            documents=any(entry.get("documents") for _, entry in entries),
            sums=sums,
            outranks=frozenset(rival for _, entry in entries for rival in entry.get("outranks", ())),
        )
        for (controls, sums), entries in by_controls.items()
    )


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


def _patterns(given: Sequence[Any], found: _Collected, path: Path) -> Iterable[Pattern]:
    for entry in given:
        if isinstance(entry, str):
            yield Pattern((_group(entry, found, path),))
        elif isinstance(entry, list):
            yield Pattern(tuple(_group(text, found, path) for text in entry))
        else:
            section = [word for name in entry.get("section", ()) for word in _context(name, found, path)]
            yield Pattern(
                tuple(_group(text, found, path) for text in entry["all_of"]),
                _optional(entry.get("none_of", ()), found, path),
                _optional(section, found, path),
                bool(entry.get("repeats", False)),
                entry.get("parameters", {}),
                entry.get("names", ""),
                bool(entry.get("described", False)),
                _optional(entry.get("without", ()), found, path),
                entry.get("reason", ""),
                tuple(entry.get("candidates", ())),
            )


def _group(text: str, found: _Collected, path: Path) -> Words:
    """Synonyms, separated by `|`; the same ones are read once."""
    if text not in found.made:
        found.made[text] = Words(_spelled((part.strip() for part in text.split("|")), found, path))
    return found.made[text]


def _optional(words: Sequence[str], found: _Collected, path: Path) -> Words | None:
    return _group("|".join(words), found, path) if words else None


def _spelled(words: Iterable[str], found: _Collected, path: Path) -> Iterable[str]:
    """The words, each `<concept>` by those of the languages."""
    for word in words:
        concept = _CONCEPT.fullmatch(word)
        if concept is None or word == FILE:
            yield word
        elif concept[1] in found.concepts:
            yield from found.concepts[concept[1]]
        else:
            raise ChecklistError(f"{path}: no concept is called {concept[1]}")


def _context(name: str, found: _Collected, path: Path) -> Sequence[str]:
    if name not in found.contexts:
        raise ChecklistError(f"{path}: no context is called {name}")
    return found.contexts[name]
