"""Checks rules across packs: every name, every path of a relation, and the type of every expression against its kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from gonogo.lang import LangError, Program
from gonogo.model.location import Location
from gonogo.model.shape import BOOL, DOUBLE, INT, STRING, Dynamic, ListOf, MapOf, Record, Shape
from gonogo.model.value import Path
from gonogo.rules.rule import Control, Relation, Rule

_PARAMETERS: Mapping[str, Shape] = {"int": INT, "double": DOUBLE, "string": STRING, "bool": BOOL}


@dataclass(frozen=True, slots=True)
class Checker:
    """Finds every error of `rules` and `relations`; `shipped` ones are taken for right. `texts` are the packs, by file."""

    controls: Sequence[Control]
    relations: Sequence[Relation]
    rules: Sequence[Rule]
    shipped_relations: Sequence[Relation]
    shipped_rules: Sequence[Rule]
    kinds: Mapping[str, Shape]
    texts: Mapping[str, str]

    def errors(self) -> Iterator[str]:
        """One sentence each, with file, line and column."""
        for control, count in Counter(control.id for control in self.controls).items():
            if count > 1:
                yield f"the control {control!r} is in the catalogue {count} times"
        everything = (*self.shipped_relations, *self.relations)
        taken = {(kind, relation.name) for relation in self.shipped_relations for kind in relation.from_kinds}
        for relation in self.relations:
            yield from self._relation(relation, taken)
        shapes = _related(self.kinds, everything)
        controls = {control.id: control for control in self.controls}
        seen = {rule.id for rule in self.shipped_rules}
        for rule in self.rules:
            if rule.id in seen:
                yield f"{_at(rule.location)}: another rule is called {rule.id!r}"
            seen.add(rule.id)
            yield from _control(rule, controls)
            for kind in rule.subjects:
                if kind in shapes:
                    yield from self._rule(rule, kind, shapes[kind])
                else:
                    yield f"{_at(rule.places['subject'])}: no kind is called {kind!r}{_hint(kind, self.kinds)}"

    def _relation(self, relation: Relation, taken: set[tuple[str, str]]) -> Iterator[str]:
        """A key that names no field would join with nothing, and nobody would be told."""
        at = _at(relation.location)
        for kind in (*relation.from_kinds, relation.to_kind):
            if kind not in self.kinds:
                yield f"{at}: no kind is called {kind!r}{_hint(kind, self.kinds)}"
        for kind in relation.from_kinds:
            shape = self.kinds.get(kind)
            if shape is None:
                continue
            if (kind, relation.name) in taken:
                yield f"{at}: {kind} has another relation called {relation.name!r}"
            taken.add((kind, relation.name))
            if isinstance(shape, Record) and relation.name in shape.fields:
                yield f"{at}: the relation {relation.name!r} would hide the field of that name of {kind}"
            for own, _ in relation.keys:
                yield from (f"{at}: {problem}" for problem in _path(own, shape, kind))
        for _, other in relation.keys:
            if relation.to_kind in self.kinds:
                yield from (f"{at}: {problem}" for problem in _path(other, self.kinds[relation.to_kind], relation.to_kind))

    def _rule(self, rule: Rule, kind: str, shape: Shape) -> Iterator[str]:
        variables: dict[str, Shape] = {
            "self": shape,
            "params": Record({name: _PARAMETERS[given] for name, given in rule.parameters.items()}),
        }
        of = f" (of {kind})" if len(rule.subjects) > 1 else ""
        programs: list[tuple[str, Program | None, Shape | None]] = [
            ("when", rule.when, BOOL),
            ("assert", rule.assertion, BOOL),
            ("point_at", rule.point_at, None),
            *(("message", program, None) for template in rule.messages.values() for program in template.programs),
            *(("undecided", doubt.when, BOOL) for doubt in rule.undecided),
            *(("undecided", program, None) for doubt in rule.undecided for program in doubt.because.programs),
        ]
        for key, program, expected in programs:
            if program is None:
                continue
            try:
                program.check(variables, expected)
            except LangError as error:
                yield f"{self._place(rule.places[key], program.source, error.offset)}: {rule.id}: {key}: {error.message}{of}"

    def _place(self, value: Location, source: str, offset: int) -> str:
        """Where the character at `offset` of an expression stands in its file: where its line is found in the value's lines."""
        before = source[:offset]
        start = before.rfind("\n") + 1
        line = source[start:].partition("\n")[0]
        lines = self.texts.get(value.file, "").splitlines()
        for number in range(value.line + before.count("\n"), min(max(value.end_line, value.line), len(lines)) + 1):
            column = lines[number - 1].find(line.strip())
            if column >= 0:
                return f"{value.file}:{number}:{column + offset - start - (len(line) - len(line.lstrip())) + 1}"
        return f"{_at(value)}: at {source[offset : offset + 24].splitlines()[0]!r}" if source[offset:].strip() else _at(value)


def _control(rule: Rule, controls: Mapping[str, Control]) -> Iterator[str]:
    control = controls.get(rule.control)
    if control is None:
        yield f"{_at(rule.places['control'])}: no control is called {rule.control!r}{_hint(rule.control, controls)}"
        return
    for name, given in rule.parameters.items():
        if control.parameters.get(name) != given:
            yield f"{_at(rule.location)}: the control {rule.control} has no parameter {name!r} of type {given}"


def _path(path: Path, shape: Shape, kind: str) -> Iterator[str]:
    """The problem of a relation's key, if it has one: it leads to a scalar, or to a list of them."""
    walked = kind
    for step in path:
        match shape:
            case Record(fields=fields):
                if step not in fields:
                    yield f"{walked} has no field {step!r}{_hint(str(step), fields)}"
                    return
                shape = fields[str(step)]
            case MapOf(value=value):
                shape = value
            case Dynamic():
                return
            case _:
                yield f"{walked} has no fields, so none called {step!r}"
                return
        walked = f"{walked}.{step}" if walked != kind else f"{kind}: {step}"
    item = shape.item if isinstance(shape, ListOf) else shape
    if isinstance(item, ListOf | MapOf | Record):
        yield f"{walked} is neither a text or number nor a list of them: nothing can be joined on it"


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


def _hint(name: str, known: Mapping[str, object]) -> str:
    close = get_close_matches(name, list(known), 1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _at(location: Location) -> str:
    return f"{location.file}:{location.line}:{location.column}"
