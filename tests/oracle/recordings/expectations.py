"""`expectations.yaml` as objects: what a careful reader says of every recording."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from gonogo.model.finding import Verdict

_BRACES = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class Expected:
    """The verdict of a rule on a resource, and the deciding field in a sentence."""

    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True)
class Refusal:
    match: re.Pattern[str]
    cause: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Expectations:
    """`verdicts`: by surface, path of the recording and, in a list, name of the member."""

    verdicts: Mapping[tuple[str, str, str], Mapping[str, Expected]]
    whole: frozenset[str]
    redacted: Mapping[str, frozenset[str]]
    refused: tuple[Refusal, ...]
    not_read: tuple[re.Pattern[str], ...]

    def of(self, surface: str, path: str, name: str) -> Mapping[str, Expected] | None:
        return self.verdicts.get((surface, path, name)) or self.verdicts.get((surface, path, ""))


def read_expectations() -> Expectations:
    document: Any = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))
    verdicts: dict[tuple[str, str, str], Mapping[str, Expected]] = {}
    for shape in document["shapes"]:
        said = {rule: Expected(Verdict(verdict), why) for rule, entry in shape["verdicts"].items() for verdict, why in entry.items()}
        for key in _recordings(shape["recordings"], document["sources"]):
            assert (shape["surface"], *key) not in verdicts, f"{key} is expected twice"
            verdicts[shape["surface"], *key] = said
    return Expectations(
        verdicts,
        frozenset(document["whole"]),
        {surface: frozenset(paths) for surface, paths in document["redacted"].items()},
        tuple(Refusal(re.compile(r["match"]), r["cause"], tuple(r["words"])) for r in document["refused"]),
        tuple(re.compile(entry["match"]) for entry in document["not_read"]),
    )


def _recordings(written: list[str], sources: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for text in written:
        path, _, name = text.partition("#")
        source, _, rest = path.partition("/")
        braces = _BRACES.search(rest)
        for step in braces[1].split(",") if braces else ("",):
            yield f"{sources[source]}/{_BRACES.sub(step, rest)}", name
