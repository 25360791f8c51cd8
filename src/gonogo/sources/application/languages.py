"""The languages of applications, from `rules/application/languages.yaml`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

from gonogo.sources.application.images import Command, Image
from gonogo.sources.application.tables import Row, names, read_table, rows


@dataclass(frozen=True, slots=True)
class Language:
    """How a language is told; `read` where there is a reader of it."""

    name: str
    read: bool
    images: re.Pattern[str]
    programs: frozenset[str]
    manifests: tuple[str, ...]
    suffixes: tuple[str, ...]

    def has_manifest(self, name: str) -> bool:
        return any(fnmatchcase(name, glob) for glob in self.manifests)

    def runs(self, command: Command) -> bool:
        """Whether a word among the first of a command is a program of this language: wrappers come before it."""
        return any(re.sub(r"[\d.]+\Z", "", word.rpartition("/")[2]) in self.programs or word.rpartition("/")[2] in self.programs for word in command.words[:4])


def read_languages() -> tuple[Language, ...]:
    return tuple(_language(row) for row in rows(read_table("languages.yaml"), "languages"))


def _language(row: Row) -> Language:
    return Language(
        name=str(row["name"]),
        read=row.get("read") is True,
        images=re.compile("|".join(names(row.get("images"))) or r"(?!)"),
        programs=frozenset(names(row.get("programs"))),
        manifests=names(row.get("manifests")),
        suffixes=names(row.get("suffixes")),
    )


def language_of(image: Image, languages: tuple[Language, ...]) -> Language | None:
    """What an image runs: by what starts it, else by the base of what ships, else by what is installed."""
    for command in image.starts:
        for language in languages:
            if language.runs(command) or any(word.endswith(language.suffixes) for word in command.words):
                return language
    for base in image.bases:
        for language in languages:
            if language.images.search(base.partition("@")[0]):
                return language
    for command in image.installs:
        for language in languages:
            if language.runs(command):
                return language
    return None
