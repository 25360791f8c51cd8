"""What is common to the Google Cloud kinds: a field table, the types that declare them, and links to other resources."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from gonogo.kinds.assets import relative_name
from gonogo.kinds.base import Kind
from gonogo.kinds.fields import Absent, Draft, Field, Found, Items, Spelling, Table, Written, read_table, shape_of
from gonogo.model.location import Location
from gonogo.model.resource import Resource
from gonogo.model.shape import BOOL, STRING, ListOf, Shape
from gonogo.model.value import Path, Unknown, Value, lookup


@dataclass(frozen=True, slots=True)
class Link:
    """A setting that names another resource. `field` holds the text; `links.<name>` the keys of what it names.

    `required` says what a name that nothing here bears means: unknown for a thing that protects (an SSL policy that is
    not in the repository may be a good one), nothing for a grant (what it grants on is not in the repository).
    """

    name: str
    field: str
    to: tuple[str, ...]
    required: bool = True
    near: tuple[str, str] | None = None
    """The fields that hold the place of each: where both are known, a short name means a thing of the same place."""


@dataclass(frozen=True, slots=True)
class TerraformType:
    """How one resource type spells the fields of a kind. `absent` has the defaults that only this type has."""

    spelling: Spelling = Spelling.TERRAFORM
    absent: Mapping[str, Absent] = field(default_factory=dict)


Derive = Callable[[Draft, Written], None]


@dataclass(frozen=True, slots=True)
class Spec:
    """A Google Cloud kind."""

    kind: str
    title: str
    table: Table
    terraform: Mapping[str, TerraformType] = field(default_factory=dict)
    config_connector: tuple[str, ...] = ()
    """`group/Kind` of the Config Connector objects, the group without `.cnrm.cloud.google.com`."""
    assets: tuple[str, ...] = ()
    """The asset types of the Cloud Asset Inventory that are of this kind too: it tells global and regional things apart."""
    holds: Callable[[Mapping[str, Value]], bool] = lambda _: True
    """Which answers of the API are of this kind, where not all of their type are."""
    derive: Derive | None = None
    derived: Mapping[str, Shape] = field(default_factory=dict)
    links: tuple[Link, ...] = ()

    def as_kind(self) -> Kind:
        """The kind with the shape that rules are checked against."""
        return Kind(
            self.kind,
            self.title,
            shape_of(self.table, {**COMMON, **self.derived, **{f"links.{link.name}": ListOf(STRING) for link in self.links}}),
        )


COMMON: Mapping[str, Shape] = {"exists": BOOL, "key": STRING, "declaredBy": STRING, "path": STRING}
"""`exists` is unknown where a declaration may have no instance; `key` is unique in a scan; `declaredBy` names the format; `path`
is what the APIs call the thing (`projects/p/global/urlMaps/m`), where it is known: live, and in a state."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """Who declares a thing and where: what a resource needs beside its fields."""

    name: str
    by: str
    source: str
    environment: str = ""
    scope: str = ""
    """What sets equal names apart: the directory of a Terraform root."""
    conditional: Unknown | None = None

    @property
    def key(self) -> str:
        return key_of(self.scope, self.environment, self.name)


def key_of(scope: str, environment: str, name: str) -> str:
    return f"{scope}|{environment}|{name}"


def build(
    spec: Spec,
    written: Written,
    declaration: Declaration,
    spelling: Spelling,
    absent: Absent | None = None,
    own_absent: Mapping[str, Absent] | None = None,
) -> Resource:
    """The resource of a declaration. `absent` overrides what every unwritten field means, `own_absent` some of them."""
    draft = read_table(with_absent(spec.table, own_absent or {}), written, spelling, absent)
    if spec.derive is not None:
        spec.derive(draft, written)
    made = finish(spec, draft, declaration, written.locations.get(written.base), called=_path(written))
    project = lookup(written.value, "project", default=None) if declaration.by == "terraform" else None
    return replace(made, project=project) if isinstance(project, str | Unknown) else made


def _path(written: Written) -> str | None:
    """What the APIs call a thing, by an answer of theirs or by what a state has of one."""
    names = ("asset.name",) if written.answered else ("self_link", "id", "name")
    texts = (found.value for found in map(written.find, names) if isinstance(found, Found))
    return next((path for text in texts if isinstance(text, str) and (path := relative_name(text))), None)


def finish(
    spec: Spec, draft: Draft, declaration: Declaration, place: Location | None, name: str = "", called: str | None = None
) -> Resource:
    """A resource from its draft: the common fields, and links still to be resolved."""
    draft.attributes["exists"] = True if declaration.conditional is None else declaration.conditional
    draft.attributes["key"] = declaration.key
    draft.attributes["declaredBy"] = declaration.by
    draft.attributes["path"] = called
    for link in spec.links:
        draft.put(("links", link.name), Unknown.because("links were not resolved"))
    if place is not None:
        draft.locations[()] = place
    return Resource(
        kind=spec.kind,
        name=name or (f"{declaration.scope}:{declaration.name}" if declaration.scope else declaration.name),
        attributes=draft.attributes,
        locations=draft.locations,
        chains=draft.chains,
        source=declaration.source,
        environment=declaration.environment,
        silent=frozenset(path for entry in spec.table if (path := tuple(entry.path.split("."))) not in draft.written),
    )


def with_absent(table: Table, own: Mapping[str, Absent]) -> Table:
    """The table with other meanings of some unwritten fields."""
    if not own:
        return table
    return tuple(_with(entry, own) for entry in table)


def _with(entry: Field | Items, own: Mapping[str, Absent]) -> Field | Items:
    if isinstance(entry, Items) or entry.path not in own:
        return entry
    return replace(entry, absent=own[entry.path])


def integer(value: Value) -> Value:
    """A number that may be written as text."""
    if isinstance(value, bool):
        return Unknown.because("a boolean where a number is expected")
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str):
        text = value.strip()
        if text.lstrip("+-").isdigit():
            return int(text)
        return Unknown.because(f"`{text[:40]}` is not a number")
    return value


def boolean(value: Value) -> Value:
    """A boolean that may be written as text, as annotations are."""
    if isinstance(value, str):
        lowered = value.strip().lower()
        return {"true": True, "false": False}.get(lowered, Unknown.because(f"`{value[:40]}` is not true or false"))
    return value


def strings(value: Value) -> Value:
    """A list, where one string may stand for a list of one."""
    return [value] if isinstance(value, str) else value


def last_segment(value: Value) -> Value:
    """The short name in a resource path or self link; a reference to another resource stays as it is."""
    if isinstance(value, str) and "${" not in value and "/" in value:
        return value.rstrip("/").rpartition("/")[2]
    return value


def at(attributes: Mapping[str, Value], path: str) -> Value:
    """The value at a dotted path."""
    steps: Path = tuple(path.split("."))
    return lookup(attributes, *steps)
