"""Reads rule packs. Every error of a pack is one sentence with file, line and column, and all are reported at once."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from gonogo.data import data_directory
from gonogo.formats.yaml_reader import Document, read_yaml
from gonogo.lang import Program, Template
from gonogo.model.finding import Severity
from gonogo.model.location import Location
from gonogo.model.resource import Origin
from gonogo.model.value import Path as DataPath
from gonogo.rules.rule import Control, Domain, Doubt, Fold, Relation, Rule, RuleSet

CATALOGUE = "catalogue.yaml"
MODULES = "modules"
_EXPRESSIONS = ("when", "assert", "point_at")


class RuleSetError(Exception):
    """Packs that cannot be used; the message lists every error, a line each."""


@dataclass(slots=True)
class _Loader:
    rules: list[Rule] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    controls: list[Control] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    incomplete: bool = False
    """A relation could not be read: what the others make of it is not asked, or one typo would be told many times."""

    def result(self) -> RuleSet:
        if self.errors:
            raise RuleSetError("\n".join(dict.fromkeys(self.errors)))
        return RuleSet(tuple(self.rules), tuple(self.relations), tuple(self.controls))


def load_rules(directories: Sequence[Path]) -> RuleSet:
    """The shipped packs and those of `directories`. The user's are checked whole; ours are checked by the tests."""
    loader = _Loader()
    shipped = data_directory("rules")
    for path in _files(shipped):
        _read(path, path.name, loader, validate=False)
    ours = len(loader.rules), len(loader.relations)
    _read_given(directories, loader)
    if directories and not loader.incomplete:
        _check(loader, *ours)
    return loader.result()


def check_rules(directories: Sequence[Path]) -> RuleSet:
    """As `load_rules`, with the shipped packs checked too: against the schema, and every expression against its kind."""
    loader = _Loader()
    _read_given((data_directory("rules"), *directories), loader)
    if not loader.incomplete:
        _check(loader, 0, 0)
    return loader.result()


def _read_given(directories: Sequence[Path], loader: _Loader) -> None:
    for directory in directories:
        if not directory.is_dir():
            loader.errors.append(f"{directory}: no such directory of rule packs")
        for path in _files(directory):
            _read(path, str(path), loader, validate=True)
        if (directory / MODULES).is_dir():
            from gonogo.rules.modules import check_module_index

            loader.errors.extend(check_module_index(directory))


def _files(directory: Path) -> list[Path]:
    return sorted(path for path in directory.glob("*.y*ml") if path.is_file())


def _read(path: Path, name: str, loader: _Loader, *, validate: bool) -> None:
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        loader.errors.append(f"{name}: cannot be read: {error}")
        loader.incomplete = True
        return
    loader.texts[name] = text
    file = read_yaml(name, text)
    if file.error:
        loader.errors.append(f"{name}:{file.error_line}: {file.error}")
        loader.incomplete = True
        return
    for document in file.documents:
        value = document.value
        if not isinstance(value, Mapping) or not ({"rules", "controls", "relations"} & value.keys()):
            if validate and (not isinstance(value, Mapping) or "pack" in value):
                loader.errors.append(f"{name}:1: a rule pack has `rules`")
            continue
        schema = "catalogue.v1.json" if "controls" in value else "rule-pack.v1.json"
        problems = list(invalid(document, schema)) if validate else []
        loader.errors.extend(problem for _, problem in problems)
        bad = {entry for entry, _ in problems}
        if any(len(entry) < 2 for entry in bad):
            loader.incomplete = True
            continue
        loader.incomplete |= any(entry[0] != "rules" for entry in bad)
        _take(document, value, loader, bad)


def invalid(document: Document, schema: str) -> Iterator[tuple[DataPath, str]]:
    """What the schema has against a document, each with the entry it is about (`("rules", 3)`)."""
    from jsonschema import Draft202012Validator

    definition = json.loads((data_directory("schemas") / schema).read_text("utf-8"))
    for error in sorted(Draft202012Validator(definition).iter_errors(document.value), key=lambda e: [str(p) for p in e.absolute_path]):
        where = tuple(error.absolute_path)
        message = error.message
        if error.validator == "additionalProperties":
            known = list(error.schema.get("properties", {}))
            extra = [key for key in error.instance if key not in known]
            where = (*where, extra[0])
            close = get_close_matches(extra[0], known, 1)
            message = f"unknown key {extra[0]!r}" + (f"; did you mean {close[0]!r}?" if close else "")
        elif error.validator in ("pattern", "minItems", "oneOf") and "description" in error.schema:
            message = f"{where[-1]}: {error.schema['description']}"
        yield tuple(where[:2]), f"{_place(document, where)}: {message}"


def _place(document: Document, path: Sequence[Any]) -> str:
    for length in range(len(path), -1, -1):
        found = document.locations.get(tuple(path[:length]))
        if found is not None:
            return f"{found.file}:{found.line}:{found.column}"
    return document.file


def _take(document: Document, value: Mapping[str, Any], loader: _Loader, bad: Collection[DataPath]) -> None:
    """The entries of a document but for the `bad` ones."""
    for number, row in enumerate(value.get("controls") or ()):
        if ("controls", number) in bad:
            continue
        loader.controls.append(_control(row))
    for number, row in enumerate(value.get("relations") or ()):
        if ("relations", number) in bad:
            continue
        loader.relations.append(_relation(row, document.locations["relations", number]))
    for number, row in enumerate(value.get("rules") or ()):
        if ("rules", number) in bad:
            continue
        loader.rules.append(_rule(row, document, number))


def _control(row: Mapping[str, Any]) -> Control:
    given = {name: {"type": said} if isinstance(said, str) else said for name, said in (row.get("parameters") or {}).items()}
    return Control(
        id=row["id"],
        title=row["title"],
        severity=Severity(row["severity"]),
        fold=Fold(row["fold"]),
        parameters={name: said["type"] for name, said in given.items()},
        security=bool(row.get("security")),
        domain=Domain(row.get("domain", Domain.INFRASTRUCTURE)),
        waivable=bool(row.get("waivable", True)),
        units={name: said["unit"] for name, said in given.items() if "unit" in said},
    )


def _relation(row: Mapping[str, Any], location: Location) -> Relation:
    kinds = row["from"] if isinstance(row["from"], list) else [row["from"]]
    keys = tuple((tuple(own.split(".")), tuple(other.split("."))) for own, other in row["keys"].items())
    return Relation(row["name"], tuple(kinds), row["to"], keys, location)


def _rule(row: Mapping[str, Any], document: Document, number: int) -> Rule:
    subjects = row["subject"] if isinstance(row["subject"], list) else [row["subject"]]
    messages = row.get("message") or {}
    at = ("rules", number)
    places = {key: document.locations[(*at, key)] for key in (*_EXPRESSIONS, "message", "subject", "control", "undecided") if (*at, key) in document.locations}
    return Rule(
        id=row["id"],
        control=row["control"],
        title=row["title"],
        why=" ".join(row["why"].split()),
        subjects=tuple(subjects),
        when=_program(row.get("when")),
        assertion=Program(_source(row["assert"])),
        point_at=_program(row.get("point_at")),
        messages={verdict: Template(" ".join(text.split())) for verdict, text in messages.items()},
        parameters=dict(row.get("parameters") or {}),
        undecided=tuple(Doubt(Program(_source(d["when"])), Template(" ".join(d["because"].split()))) for d in row.get("undecided") or ()),
        origins=frozenset(map(Origin, row.get("origins") or ())),
        suggests=bool(row.get("suggests")),
        fix=" ".join(row.get("fix", "").split()),
        references=tuple(row.get("references") or ()),
        never=tuple(row.get("never") or ()),
        location=document.locations[at],
        places=places,
    )


def _program(value: Any) -> Program | None:
    return None if value is None else Program(_source(value))


def _source(value: Any) -> str:
    """An expression as text: `assert: true` is a YAML boolean."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).strip()


def _check(loader: _Loader, first_rule: int, first_relation: int) -> None:
    """Check what comes after the shipped rules and relations, of which there are so many."""
    from gonogo.kinds import all_kinds
    from gonogo.rules.check import Checker

    checker = Checker(
        controls=loader.controls,
        relations=loader.relations[first_relation:],
        rules=loader.rules[first_rule:],
        shipped_relations=loader.relations[:first_relation],
        shipped_rules=loader.rules[:first_rule],
        kinds={kind.name: kind.shape for kind in all_kinds()},
        texts=loader.texts,
    )
    loader.errors.extend(checker.errors())
