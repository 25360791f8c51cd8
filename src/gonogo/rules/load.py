"""Reads rule packs. Every error of a pack is one sentence with file, line and column, and all are reported at once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from gonogo.data import data_directory
from gonogo.formats.yaml_reader import Document, read_yaml
from gonogo.lang import LangError, Program, Template
from gonogo.model.finding import Severity
from gonogo.model.location import Location
from gonogo.model.shape import BOOL, INT, STRING, ListOf, Record, Shape
from gonogo.rules.rule import Control, Fold, Relation, Rule, RuleSet

CATALOGUE = "catalogue.yaml"
_EXPRESSIONS = ("when", "assert", "point_at")
_PARAMETERS: Mapping[str, Shape] = {"int": INT, "string": STRING, "bool": BOOL}


class RuleSetError(Exception):
    """Packs that cannot be used; the message lists every error, a line each."""


@dataclass(slots=True)
class _Loader:
    rules: list[Rule] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    controls: list[Control] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def result(self) -> RuleSet:
        if self.errors:
            raise RuleSetError("\n".join(self.errors))
        return RuleSet(tuple(self.rules), tuple(self.relations), tuple(self.controls))


def load_rules(directories: Sequence[Path]) -> RuleSet:
    """The shipped packs and those of `directories`. The user's are checked whole; ours are checked by the tests."""
    loader = _Loader()
    shipped = data_directory("rules")
    for path in _files(shipped):
        _read(path, path.name, loader, validate=False)
    ours = len(loader.rules), len(loader.relations)
    for directory in directories:
        for path in _files(directory):
            _read(path, str(path), loader, validate=True)
    if directories and not loader.errors:
        _check(loader, *ours)
    return loader.result()


def check_rules(directories: Sequence[Path]) -> RuleSet:
    """As `load_rules`, with the shipped packs checked too: against the schema, and every expression against its kind."""
    loader = _Loader()
    for directory in (data_directory("rules"), *directories):
        for path in _files(directory):
            _read(path, str(path), loader, validate=True)
    if not loader.errors:
        _check(loader, 0, 0)
    return loader.result()


def _files(directory: Path) -> list[Path]:
    return sorted(path for path in directory.glob("*.y*ml") if path.is_file())


def _read(path: Path, name: str, loader: _Loader, *, validate: bool) -> None:
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        loader.errors.append(f"{name}: cannot be read: {error}")
        return
    file = read_yaml(name, text)
    if file.error:
        loader.errors.append(f"{name}:{file.error_line}: {file.error}")
        return
    for document in file.documents:
        value = document.value
        if not isinstance(value, Mapping) or not ({"rules", "controls", "relations"} & value.keys()):
            if validate and (not isinstance(value, Mapping) or "pack" in value):
                loader.errors.append(f"{name}:1: a rule pack has `rules`")
            continue
        schema = "catalogue.v1.json" if "controls" in value else "rule-pack.v1.json"
        if validate and (problems := list(_invalid(document, schema))):
            loader.errors.extend(problems)
            continue
        _take(document, value, loader)


def _invalid(document: Document, schema: str) -> Iterator[str]:
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
        yield f"{_place(document, where)}: {message}"


def _place(document: Document, path: Sequence[Any]) -> str:
    for length in range(len(path), -1, -1):
        found = document.locations.get(tuple(path[:length]))
        if found is not None:
            return f"{found.file}:{found.line}:{found.column}"
    return document.file


def _take(document: Document, value: Mapping[str, Any], loader: _Loader) -> None:
    for row in value.get("controls") or ():
        loader.controls.append(
            Control(row["id"], row["title"], Severity(row["severity"]), Fold(row["fold"]), dict(row.get("parameters") or {}))
        )
    for number, row in enumerate(value.get("relations") or ()):
        loader.relations.append(_relation(row, document.locations["relations", number]))
    for number, row in enumerate(value.get("rules") or ()):
        loader.rules.append(_rule(row, document, number))


def _relation(row: Mapping[str, Any], location: Location) -> Relation:
    kinds = row["from"] if isinstance(row["from"], list) else [row["from"]]
    keys = tuple((tuple(own.split(".")), tuple(other.split("."))) for own, other in row["keys"].items())
    return Relation(row["name"], tuple(kinds), row["to"], keys, location)


def _rule(row: Mapping[str, Any], document: Document, number: int) -> Rule:
    subjects = row["subject"] if isinstance(row["subject"], list) else [row["subject"]]
    messages = row.get("message") or {}
    at = ("rules", number)
    places = {key: document.locations[(*at, key)] for key in (*_EXPRESSIONS, "message", "subject", "control") if (*at, key) in document.locations}
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
    """Names across packs, and the type of every expression from `first_rule` on."""
    from gonogo.kinds import all_kinds

    kinds = {kind.name: kind.shape for kind in all_kinds()}
    for relation in loader.relations[first_relation:]:
        for kind in (*relation.from_kinds, relation.to_kind):
            if kind not in kinds:
                loader.errors.append(f"{_at(relation.location)}: no kind is called {kind!r}{_hint(kind, kinds)}")
    shapes = _related(kinds, loader.relations)
    controls = {control.id: control for control in loader.controls}
    seen = {rule.id for rule in loader.rules[:first_rule]}
    for rule in loader.rules[first_rule:]:
        if rule.id in seen:
            loader.errors.append(f"{_at(rule.location)}: another rule is called {rule.id!r}")
        seen.add(rule.id)
        if rule.control not in controls:
            loader.errors.append(f"{_at(rule.places['control'])}: no control is called {rule.control!r}{_hint(rule.control, controls)}")
        for kind in rule.subjects:
            if kind not in shapes:
                loader.errors.append(f"{_at(rule.places['subject'])}: no kind is called {kind!r}{_hint(kind, kinds)}")
                continue
            loader.errors.extend(_check_rule(rule, shapes[kind]))


def _related(kinds: Mapping[str, Shape], relations: Sequence[Relation]) -> Mapping[str, Shape]:
    """The shapes of the kinds with their relations. A related resource shows its own relations, to a bounded depth."""
    shapes = dict(kinds)
    for _ in range(4):
        extended = dict(kinds)
        for relation in relations:
            for kind in relation.from_kinds:
                shape, other = extended.get(kind), shapes.get(relation.to_kind)
                if isinstance(shape, Record) and other is not None:
                    extended[kind] = Record({**shape.fields, relation.name: ListOf(other)})
        shapes = extended
    return shapes


def _check_rule(rule: Rule, shape: Shape) -> Iterator[str]:
    variables: dict[str, Shape] = {
        "self": shape,
        "params": Record({name: _PARAMETERS[kind] for name, kind in rule.parameters.items()}),
    }
    for key, program, expected in (("when", rule.when, BOOL), ("assert", rule.assertion, BOOL), ("point_at", rule.point_at, None)):
        if program is None:
            continue
        try:
            program.check(variables, expected)
        except LangError as error:
            yield f"{_at(rule.places[key])}: {rule.id}: {key}: {error.message}{_where(program.source, error.offset)}"
    for template in rule.messages.values():
        try:
            template.check(variables)
        except LangError as error:
            yield f"{_at(rule.places['message'])}: {rule.id}: message: {error.message}"


def _where(source: str, offset: int) -> str:
    line = source.count("\n", 0, offset)
    near = source[offset : offset + 24].split("\n")[0]
    return f" (line {line + 1} of it, at {near!r})" if near else ""


def _hint(name: str, known: Mapping[str, object]) -> str:
    close = get_close_matches(name, list(known), 1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _at(location: Location) -> str:
    return f"{location.file}:{location.line}:{location.column}"
