"""`.gonogo/drift.yaml`: fields whose drift alarms nobody for a while. It silences the alarm, never the report."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from gonogo.data import data_directory
from gonogo.formats.yaml_reader import Document, read_yaml
from gonogo.history.compare.fields import Patterns
from gonogo.history.compare.verdicts import Change, Transition
from gonogo.history.errors import DriftRulesError
from gonogo.history.run import Key, Level, Standing
from gonogo.model.drift import Difference

FILE = Path(".gonogo") / "drift.yaml"
MAX_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class IgnoreRule:
    """One rule. `expires` is the last day on which it holds; `line` is where it stands in the file."""

    field: str
    reason: str
    owner: str
    expires: date
    kind: str = "*"
    resource: str = "*"
    line: int = 0

    def covers(self, kind: str, name: str, fields: Iterable[str]) -> bool:
        """Whether it is about the resource and about one of the fields."""
        if not (fnmatchcase(kind, self.kind) and fnmatchcase(name, self.resource)):
            return False
        patterns = Patterns.of([self.field])
        return any(patterns.match(tuple(field.replace("[", ".").replace("]", "").split("."))) for field in fields)


@dataclass(frozen=True, slots=True)
class IgnoreRules:
    """The rules that hold today, and those that have expired."""

    rules: tuple[IgnoreRule, ...] = ()
    expired: tuple[IgnoreRule, ...] = ()

    def of_difference(self, difference: Difference) -> IgnoreRule | None:
        """The rule that covers a difference in a field; a whole resource is never ignored."""
        if not difference.field:
            return None
        return next((rule for rule in self.rules if rule.covers(difference.kind, difference.name, [difference.field])), None)

    def of_transitions(self, transitions: Sequence[Transition]) -> Mapping[Key, IgnoreRule]:
        """The rule that silences each alarm, and that it was fixed.

        A finding is silenced where a rule covers a field that its evidence reads; an item or a control where every finding
        under it that changed for the worse (for the better) is, and there is one.
        """
        fixed = [t for t in transitions if t.change is Change.FIXED]
        return {**self._silenced([t for t in transitions if t.alarms]), **self._silenced(fixed)}

    def _silenced(self, alarms: Sequence[Transition]) -> dict[Key, IgnoreRule]:
        found: dict[Key, IgnoreRule] = {}
        for transition in alarms:
            rule = self._of_finding(transition.standing)
            if rule is not None:
                found[transition.standing.key] = rule
        alarming = {t.standing.key.id for t in alarms if t.standing.key.level is Level.FINDING}
        silenced = {key.id: rule for key, rule in found.items()}
        for transition in alarms:
            below = [f for f in transition.standing.findings if f in alarming]
            if transition.standing.key.level is not Level.FINDING and below and all(f in silenced for f in below):
                found[transition.standing.key] = silenced[below[0]]
        return found

    def _of_finding(self, standing: Standing) -> IgnoreRule | None:
        if standing.key.level is not Level.FINDING:
            return None
        return next((rule for rule in self.rules if rule.covers(standing.kind, standing.subject, standing.paths)), None)


def read_ignore_rules(path: Path, today: date) -> IgnoreRules:
    """The rules of a file; none where it does not exist. Raises `DriftRulesError`."""
    try:
        with path.open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return IgnoreRules()
    except OSError as error:
        raise DriftRulesError(f"{path}: cannot be read: {error.strerror}") from None
    if len(content) > MAX_BYTES:
        raise DriftRulesError(f"{path}: larger than {MAX_BYTES} bytes")
    try:
        file = read_yaml(str(path), content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise DriftRulesError(f"{path}: not UTF-8") from None
    if file.error:
        raise DriftRulesError(f"{path}:{file.error_line}: {file.error}")
    if len(file.documents) != 1:
        raise DriftRulesError(f"{path}: one document is expected, with `schema` and `ignore`")
    errors = list(_problems(file.documents[0]))
    if errors:
        raise DriftRulesError("\n".join(errors))
    rules = [_rule(row, file.documents[0], at) for at, row in enumerate(_rows(file.documents[0]))]
    return IgnoreRules(tuple(r for r in rules if r.expires >= today), tuple(r for r in rules if r.expires < today))


def _rows(document: Document) -> Sequence[Mapping[str, Any]]:
    value: Any = document.value
    rows: Sequence[Mapping[str, Any]] = value["ignore"]
    return rows


def _rule(row: Mapping[str, Any], document: Document, at: int) -> IgnoreRule:
    names = ("field", "reason", "owner", "kind", "resource")
    texts = {name: row[name] for name in names if name in row}
    return IgnoreRule(expires=date.fromisoformat(row["expires"]), line=document.locations["ignore", at].line, **texts)


def _problems(document: Document) -> Iterator[str]:
    from jsonschema import Draft202012Validator

    definition = json.loads((data_directory("schemas") / "drift.v1.json").read_text("utf-8"))
    found = sorted(Draft202012Validator(definition).iter_errors(document.value), key=lambda e: [str(step) for step in e.absolute_path])
    for error in found:
        path = tuple(error.absolute_path)
        place = document.locations.get(path) or document.locations.get(path[:2]) or document.locations.get(path[:1])
        words = "say which resources with `kind` or `resource`" if error.validator == "anyOf" else error.message
        words = error.schema["description"] if error.validator == "pattern" and "description" in error.schema else words
        yield f"{place or document.file}: {words}"
    if found:
        return
    for at, row in enumerate(_rows(document)):
        try:
            date.fromisoformat(row["expires"])
        except ValueError:
            yield f"{document.locations['ignore', at, 'expires']}: {row['expires']} is no date"
