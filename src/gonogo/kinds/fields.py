"""Field tables: how each way of writing a thing spells its settings, and what a setting that is not written means.

A table is read from Terraform, Config Connector, Knative, gcloud flags or an answer of the API alike and always yields the
shape of the REST API. A field is therefore added in one place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeAlias

from gonogo.model.location import Location, Locations, locate
from gonogo.model.shape import BOOL, DOUBLE, INT, STRING, ListOf, Record, Scalar, Shape
from gonogo.model.value import OpenList, OpenMap, Path, Unknown, Value, is_list


class Spelling(StrEnum):
    """How a thing's fields are spelled. Config Connector is Terraform's schema in camel case, so it is TERRAFORM.

    API is no declaration but what the REST API answers, alone or in a Cloud Asset Inventory asset.
    """

    TERRAFORM = "terraform"
    KNATIVE = "knative"
    GCLOUD = "gcloud"
    API = "api"


@dataclass(frozen=True, slots=True)
class Default:
    """What is in force when nothing is written, and where that is documented."""

    value: Value
    documentation: str


@dataclass(frozen=True, slots=True)
class ServerChooses:
    """Nothing documented is in force when nothing is written: the value is unknown."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotSet:
    """Nothing is in force when nothing is written: the value is null."""


Absent: TypeAlias = Default | ServerChooses | NotSet
NOT_SET = NotSet()
UNSAID = ServerChooses("the answer of the API does not say it")
"""An answer leaves out what is false, zero or empty (https://protobuf.dev/programming-guides/json/), never a choice."""

Convert: TypeAlias = Callable[[Value], Value]


@dataclass(frozen=True, slots=True)
class Field:
    """One setting. `path` is its place in the REST API's JSON, `api` where an answer has it, unless that is at `path`.

    The spellings are alternatives, the first that is written counts. `reference` keeps the text of a value that names
    another resource although Terraform knows the value itself only after apply: it is followed, never compared.
    `api_absent` is what it means that an answer has no such field, unless that is what it means in a declaration: what
    the provider fills in (`ipv4_enabled = true`) is filled in before the API is asked, and so is in every answer.

    `values` are those of an enumeration: of another one it is not known what it means.
    """

    path: str
    shape: Shape = STRING
    terraform: tuple[str, ...] = ()
    knative: tuple[str, ...] = ()
    gcloud: tuple[str, ...] = ()
    absent: Absent = NOT_SET
    convert: Convert | None = None
    reference: bool = False
    api: tuple[str, ...] = ()
    api_absent: Absent | None = None
    values: tuple[str, ...] = ()

    def spelled(self, spelling: Spelling) -> tuple[str, ...]:
        return _spelled(self, spelling)

    def unwritten(self, spelling: Spelling) -> Absent:
        """What is in force where the field is not there."""
        return self.api_absent if spelling is Spelling.API and self.api_absent is not None else self.absent


@dataclass(frozen=True, slots=True)
class Items:
    """A list of blocks, each read with its own table. Not written means no items.

    `by_key`: the API and Config Connector have a map from a key to each item, where Terraform has blocks with the key in them.
    """

    path: str
    table: Table
    terraform: tuple[str, ...] = ()
    knative: tuple[str, ...] = ()
    gcloud: tuple[str, ...] = ()
    api: tuple[str, ...] = ()
    by_key: bool = False

    def spelled(self, spelling: Spelling) -> tuple[str, ...]:
        return _spelled(self, spelling)


Table: TypeAlias = tuple[Field | Items, ...]


def _spelled(entry: Field | Items, spelling: Spelling) -> tuple[str, ...]:
    if spelling is Spelling.API:
        return entry.api or (entry.path,)
    return {Spelling.TERRAFORM: entry.terraform, Spelling.KNATIVE: entry.knative, Spelling.GCLOUD: entry.gcloud}[spelling]


def _same(value: Value) -> Value:
    return value


@dataclass(frozen=True, slots=True)
class Written:
    """A declaration as it was written. `settle` turns values that are only known after apply into `Unknown`.

    `ignored` has the paths, as names without indices, that the declaration sets when it makes the thing and then leaves
    to others (Terraform's `ignore_changes`), each with its place: what is not written there is not known.
    `answered`: it is an answer of the API, in which a text is what it says and no template.
    """

    value: Value
    locations: Locations = field(default_factory=dict)
    chains: Mapping[Path, tuple[Location, ...]] = field(default_factory=dict)
    base: Path = ()
    settle: Convert = _same
    ignored: Mapping[tuple[str, ...], Location] = field(default_factory=dict)
    answered: bool = False

    def find(self, text: str) -> Found | Missing:
        """The value at a spelled path. A block that is written once is entered without its index."""
        value, path = self.value, self.base
        for step in steps(text):
            if is_list(value) and isinstance(value, Sequence):
                if not value:
                    return Found(value.unknown, path) if isinstance(value, OpenList) else Missing(path)
                value, path = value[0], (*path, 0)
            if isinstance(value, Unknown):
                return Found(value, path)
            if not isinstance(value, Mapping):
                return Found(Unknown.because(f"`{step}` was expected in a block, found a value"), path)
            key = next((name for name in _spellings(step) if value.get(name) is not None), None)
            if key is None:
                if isinstance(value, OpenMap) and not any(name in value for name in _spellings(step)):
                    return Found(value.unknown, path, hidden=True)
                return Missing(path)
            value, path = value[key], (*path, key)
            if key == f"{camel(step)}Ref" and isinstance(value, Mapping):
                value = reference_text(value)
        return Found(value, path)

    def first(self, texts: Sequence[str]) -> Found | Missing:
        """The first of several spellings that is written; the deepest place reached where none is."""
        missing = Missing(self.base)
        hidden: Found | None = None
        for text in texts:
            found = self.find(text)
            if isinstance(found, Found):
                if not found.hidden:
                    return found
                hidden = hidden or found
            elif len(found.path) >= len(missing.path):
                missing = found
        place = next(filter(None, map(self.left_alone, texts)), None)
        if hidden is None and place is not None:
            return Found(Unknown.because(f"it is not written, and changes made elsewhere are ignored ({place})"), missing.path)
        return hidden or missing

    def left_alone(self, text: str) -> Location | None:
        """Where a spelled path, or what is around it, is said to be ignored."""
        if not self.ignored:
            return None
        names = tuple(step for step in (*self.base, *steps(text)) if isinstance(step, str))
        return next((self.ignored[names[:length]] for length in range(len(names), -1, -1) if names[:length] in self.ignored), None)

    def within(self, value: Value, path: Path) -> Written:
        return replace(self, value=value, base=path)


@dataclass(frozen=True, slots=True)
class Found:
    value: Value
    path: Path
    hidden: bool = False
    """Not written where it can be seen, but the block may say more."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Not written; `path` is the innermost block that is."""

    path: Path


_STEP = re.compile(r'\["([^"]+)"\]|([^.\[\]]+)')


def steps(text: str) -> tuple[str, ...]:
    """`metadata.annotations["a.b/c"].d` -> (`metadata`, `annotations`, `a.b/c`, `d`)."""
    return tuple(quoted or plain for quoted, plain in _STEP.findall(text))


def camel(name: str) -> str:
    """`min_instance_count` -> `minInstanceCount`."""
    head, *rest = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)


def _spellings(step: str) -> tuple[str, ...]:
    if "/" in step or "-" in step:
        return (step,)
    name = camel(step)
    return (step, name, f"{name}Ref") if name != step else (step, f"{name}Ref")


def reference_text(value: Value) -> Value:
    """A Config Connector reference (`{external: …}`, `{name: …}`) as the text of what it names; others as they are.

    Where a field may name things of several kinds, the reference stands in a field per kind: `{backendServiceRef: {name: …}}`.
    """
    if isinstance(value, Mapping):
        for name in ("external", "name"):
            if value.get(name) is not None:
                return value[name]
        inner = next((item for name, item in value.items() if name.endswith("Ref") and isinstance(item, Mapping)), None)
        if inner is not None:
            return reference_text(inner)
        return Unknown.because("the reference names nothing")
    return value


@dataclass(slots=True)
class Draft:
    """The attributes of a resource while they are put together, with the place of each."""

    attributes: dict[str, Value] = field(default_factory=dict)
    locations: dict[Path, Location] = field(default_factory=dict)
    chains: dict[Path, tuple[Location, ...]] = field(default_factory=dict)
    written: set[Path] = field(default_factory=set)

    def put(self, path: Path, value: Value) -> None:
        """Set the value at a path of names, making the records on the way."""
        target = self.attributes
        for step in path[:-1]:
            inner = target.setdefault(str(step), {})
            assert isinstance(inner, dict)
            target = inner
        target[str(path[-1])] = value

    def place(self, path: Path, written: Written, source: Path, deep: bool = False) -> None:
        """Record where the value at `path` was written: at `source`, or the nearest block around it."""
        found = locate(written.locations, source)
        if found is not None:
            self.locations[path] = found
        # A member of a map that came through a variable came the way of the map.
        for length in range(len(source), len(written.base), -1):
            if links := written.chains.get(source[:length]):
                self.chains[path] = links
                break
        if deep:
            for at, location in written.locations.items():
                if len(at) > len(source) and at[: len(source)] == source:
                    self.locations[(*path, *at[len(source) :])] = location
            for at, chain in written.chains.items():
                if len(at) > len(source) and at[: len(source)] == source:
                    self.chains[(*path, *at[len(source) :])] = chain


def read_table(table: Table, written: Written, spelling: Spelling, absent: Absent | None = None) -> Draft:
    """Every field of the table from a declaration. `absent` overrides what not written means (an update keeps it)."""
    draft = Draft()
    for entry in table:
        path = tuple(entry.path.split("."))
        if isinstance(entry, Items):
            draft.put(path, _read_items(entry, written, spelling, absent, draft, path))
        else:
            draft.put(path, _read_field(entry, written, spelling, absent, draft, path))
    return draft


def _read_field(entry: Field, written: Written, spelling: Spelling, absent: Absent | None, draft: Draft, path: Path) -> Value:
    found = written.first(entry.spelled(spelling))
    if isinstance(found, Missing) or ((spelling is Spelling.API or entry.values) and _is_zero(found.value, entry)):
        if spelling is not Spelling.GCLOUD:
            draft.place(path, written, found.path)
        return in_force(absent or entry.unwritten(spelling))
    draft.written.add(path)
    value = found.value
    draft.place(path, written, found.path, deep=isinstance(value, Mapping) or is_list(value))
    value = _texts(value, entry.shape) if entry.reference else written.settle(value)
    if entry.convert is not None and not isinstance(value, Unknown):
        value = entry.convert(value)
    if entry.values and isinstance(value, str) and value not in entry.values:
        return Unknown.because(f"what `{value[:40]}` means is not known to this version of gonogo")
    return fitting(value, entry.shape) if spelling is Spelling.API else value


def _read_items(entry: Items, written: Written, spelling: Spelling, absent: Absent | None, draft: Draft, path: Path) -> Value:
    found = written.first(entry.spelled(spelling))
    if isinstance(found, Missing):
        if spelling is not Spelling.GCLOUD:
            draft.place(path, written, found.path)
        return in_force(absent) if isinstance(absent, ServerChooses) else []
    draft.written.add(path)
    draft.place(path, written, found.path)
    if isinstance(found.value, Unknown):
        return found.value
    blocks: list[tuple[Value, Path]] = []
    if is_list(found.value) and isinstance(found.value, Sequence):
        blocks = [(block, (*found.path, i)) for i, block in enumerate(found.value)]
    elif isinstance(found.value, Mapping) and entry.by_key:
        blocks = [(found.value[key], (*found.path, key)) for key in sorted(found.value)]
    elif isinstance(found.value, Mapping):
        blocks = [(found.value, found.path)]
    else:
        return Unknown.because(f"`{entry.path}` was expected to be a list of blocks")
    items: list[Value] = []
    for at, (block, source) in enumerate(blocks):
        if isinstance(block, Unknown):
            items.append(block)
            continue
        inner = read_table(entry.table, written.within(block, source), spelling)
        place = locate(written.locations, source)
        if place is not None:
            draft.locations[(*path, at)] = place
        draft.locations.update({(*path, at, *below): location for below, location in inner.locations.items()})
        draft.chains.update({(*path, at, *below): chain for below, chain in inner.chains.items()})
        items.append(inner.attributes)
    return OpenList(items, found.value.unknown) if isinstance(found.value, OpenList) else items


def in_force(absent: Absent) -> Value:
    """The value of a setting that is not written."""
    if isinstance(absent, Default):
        return absent.value
    if isinstance(absent, ServerChooses):
        return Unknown.because(absent.reason)
    return None


def _is_zero(value: Value, entry: Field) -> bool:
    """Whether an answer, or a state made of one, spells out that it says nothing: an empty text, the zero of an enumeration (https://google.aip.dev/126)."""
    return value == "" or (isinstance(value, str) and value.endswith("_UNSPECIFIED") and not entry.reference)


_TYPES: Mapping[Scalar, tuple[type, ...]] = {BOOL: (bool,), INT: (int,), DOUBLE: (int, float), STRING: (str,)}


def fitting(value: Value, shape: Shape) -> Value:
    """A value of an answer, unknown where it is not of the field's type: an enumeration's number says nothing."""
    if isinstance(shape, ListOf) and is_list(value) and isinstance(value, Sequence):
        return [fitting(item, shape.item) for item in value]
    if value is None or isinstance(value, Unknown):
        return value
    if isinstance(shape, ListOf):
        return Unknown.because("the answer of the API has no list where one is expected")
    if isinstance(shape, Scalar) and not (isinstance(value, _TYPES[shape]) and isinstance(value, bool) == (shape == BOOL)):
        return Unknown.because(f"the answer of the API has a {type(value).__name__} where a {shape.type} is expected")
    return value


def _texts(value: Value, shape: Shape) -> Value:
    """References as plain text, at any depth of lists and records; a Config Connector reference as what it names."""
    item = shape.item if isinstance(shape, ListOf) else shape
    if isinstance(value, OpenList):
        return OpenList([_texts(member, item) for member in value], value.unknown)
    if is_list(value) and isinstance(value, Sequence):
        return [_texts(member, item) for member in value]
    if isinstance(item, Record) and isinstance(value, Mapping):
        return {name: _texts(member, STRING) for name, member in value.items()}
    value = reference_text(value)
    return str.__str__(value) if isinstance(value, str) else value


def shape_of(table: Table, extra: Mapping[str, Shape] | None = None) -> Record:
    """The shape that a table yields, with further fields that are derived."""
    tree: dict[str, object] = {}
    leaves = [*((entry.path, _shape(entry)) for entry in table), *(extra or {}).items()]
    for path, shape in leaves:
        target = tree
        *parents, last = path.split(".")
        for step in parents:
            inner = target.setdefault(step, {})
            assert isinstance(inner, dict)
            target = inner
        target[last] = shape
    return _record(tree)


def _shape(entry: Field | Items) -> Shape:
    return ListOf(shape_of(entry.table)) if isinstance(entry, Items) else entry.shape


def _record(tree: Mapping[str, object]) -> Record:
    fields: dict[str, Shape] = {}
    for name, inner in tree.items():
        fields[name] = _record(inner) if isinstance(inner, dict) else inner  # type: ignore[assignment]  # leaves are shapes
    return Record(fields)


def members(value: Value) -> Iterator[Value]:
    """The members of a list, the value itself where it is none, nothing where it is null."""
    if is_list(value) and isinstance(value, Sequence):
        yield from value
    elif value is not None:
        yield value
