"""What is no drift, per kind: the table `rules/drift/fields.yaml`, compiled so that a path is looked up once per question."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from gonogo.data import data_directory
from gonogo.formats.yaml_reader import read_yaml
from gonogo.model.value import Value

Steps: TypeAlias = tuple[str, ...]

_GOOGLE = re.compile(r"[^/]*\.googleapis\.com/")
_OURS = ("repo/", "docker/", "ci/", "terraform/", "compose/", "app/")
_SEPARATOR = "\x1f"
_STEP = f"[^{_SEPARATOR}]*"


@dataclass(frozen=True, slots=True)
class Patterns:
    """Dotted paths in which `*` stands for one step; a leading `**` for any number of them, a final one for all below."""

    expression: re.Pattern[str]

    @classmethod
    def of(cls, patterns: Iterable[str]) -> Patterns:
        return cls(re.compile("|".join(_expression(p) for p in sorted(patterns)) or r"(?!)", re.S))

    def match(self, path: Steps) -> bool:
        return self.expression.fullmatch(_SEPARATOR.join(path)) is not None


def _expression(pattern: str) -> str:
    steps = pattern.split(".")
    leading, final = steps[0] == "**" and len(steps) > 1, steps[-1] == "**"
    middle = steps[1 if leading else 0 : len(steps) - 1 if final else None]
    text = _SEPARATOR.join(_STEP if step == "*" else re.escape(step) for step in middle)
    return (f"(?:{_STEP}{_SEPARATOR})*" if leading else "") + text + (f"{_SEPARATOR}.+" if final else "")


@dataclass(frozen=True, slots=True)
class KindFields:
    """How the fields of one kind are compared."""

    dropped: Patterns
    labels: Patterns
    quantities: Patterns
    durations: Patterns
    headers: Patterns
    sets: Patterns
    keyed: tuple[tuple[Patterns, str], ...]
    system_labels: tuple[str, ...]
    defaults: tuple[tuple[Patterns, frozenset[str]], ...] = ()

    def by_default(self, path: Steps, value: Value) -> bool:
        """Whether the server sets the field at `path` to `value` where nobody writes it."""
        return any(patterns.match(path) and (not values or str(value) in values) for patterns, values in self.defaults)

    def key(self, path: Steps) -> str | None:
        """The member that names each record of the list at `path`."""
        return next((key for patterns, key in self.keyed if patterns.match(path)), None)


@dataclass(frozen=True, slots=True)
class FieldRules:
    """The whole table.

    `unmatched` has the kinds whose declarations are not matched with what is live, and why; `events` those among them that
    come and go by themselves; `singletons` those of which a project has one.
    """

    everything: KindFields
    kinds: Mapping[str, KindFields]
    unmatched: Mapping[str, str]
    events: Mapping[str, str]
    singletons: frozenset[str]
    objects: KindFields
    """How Kubernetes objects are compared that have no table of their own."""

    def of(self, kind: str) -> KindFields:
        own = self.kinds.get(kind)
        return own if own is not None else self.everything if _GOOGLE.match(kind) or kind.startswith(_OURS) else self.objects


def load_field_rules() -> FieldRules:
    """The shipped table; a test holds it to its schema."""
    path = data_directory("rules") / "drift" / "fields.yaml"
    table: Any = read_yaml(path.name, path.read_text("utf-8")).documents[0].value
    prefixes = tuple(table["system_labels"])
    kinds = {kind: _kind([table["all"], own], prefixes) for kind, own in table["kinds"].items()}
    unmatched = {**table["unmatched"], **table["events"]}
    objects = _kind([table["all"], table["objects"]], prefixes)
    return FieldRules(_kind([table["all"]], prefixes), kinds, unmatched, dict(table["events"]), frozenset(table["singletons"]), objects)


def _kind(tables: list[Mapping[str, Any]], prefixes: tuple[str, ...]) -> KindFields:
    def patterns(*names: str) -> Patterns:
        return Patterns.of(pattern for table in tables for name in names for pattern in table.get(name, ()))

    keyed = {pattern: key for table in tables for pattern, key in table.get("keyed", {}).items()}
    return KindFields(
        dropped=patterns("derived", "server_set", "transient"),
        labels=patterns("labels"),
        quantities=patterns("quantities"),
        durations=patterns("durations"),
        headers=patterns("headers"),
        sets=patterns("sets"),
        keyed=tuple((Patterns.of([pattern]), key) for pattern, key in sorted(keyed.items())),
        system_labels=prefixes,
        defaults=tuple(
            (Patterns.of([pattern]), frozenset(map(str, values)))
            for table in tables
            for pattern, values in sorted(table.get("defaults", {}).items())
        ),
    )

