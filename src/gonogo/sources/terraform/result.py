"""What evaluating a tree of Terraform yields: the interface between the evaluator and the mapping to canonical kinds.

Every value in `Instance.attributes` is a `gonogo.model.value.Value`: plain JSON data, with `Unknown` at a leaf that could
not be determined, `OpenList`/`OpenMap` where only some members are known, and `Symbolic` strings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from gonogo.model.location import Location
from gonogo.model.resource import Gap
from gonogo.model.value import OpenList, OpenMap, Path, Unknown, Value, is_list


class Reference(NamedTuple):
    """An attribute of a resource that Terraform knows only after apply."""

    address: str
    """The full address of the instance, as in `Instance.address`: `module.db["a"].google_sql_database_instance.main[0]`."""
    attribute: str
    """`id`, `self_link`, `email`, or a longer path: `status[0].url`. Empty: the resource as a whole."""

    def __str__(self) -> str:
        return f"${{{self.address}.{self.attribute}}}" if self.attribute else f"${{{self.address}}}"


class Symbolic(str):
    """A string that Terraform knows only after apply, kept as text for joins.

    The unknown parts are written `${address.attribute}`, so the text identifies the instance: for
    `"serviceAccount:${google_service_account.run.email}"` it is just that, with the address fully qualified. The text is
    not the value: only equality with the same text is decided (the evaluator gives `Unknown` for any other comparison),
    so use it to follow references, and `settled` before a value reaches a rule that looks at its text.
    """

    references: tuple[Reference, ...]

    def __new__(cls, text: str, references: tuple[Reference, ...]) -> Symbolic:
        made = super().__new__(cls, text)
        made.references = references
        return made

    @classmethod
    def of(cls, address: str, attribute: str) -> Symbolic:
        reference = Reference(address, attribute)
        return cls(str(reference), (reference,))

    @property
    def reference(self) -> Reference | None:
        """The one reference that is the whole string; None for a template around references."""
        whole = len(self.references) == 1 and str(self.references[0]) == str(self)
        return self.references[0] if whole else None

    @property
    def unknown(self) -> Unknown:
        return Unknown.because(*(f"known only after apply: {r.address}.{r.attribute}".rstrip(".") for r in self.references))


def settled(value: Value) -> Value:
    """`value` with every `Symbolic` replaced by the `Unknown` that it is for a rule."""
    if isinstance(value, Symbolic):
        return value.unknown
    if isinstance(value, OpenMap):
        return OpenMap({k: settled(v) for k, v in value.items()}, value.unknown)
    if isinstance(value, OpenList):
        return OpenList([settled(v) for v in value], value.unknown)
    if isinstance(value, Mapping):
        return {k: settled(v) for k, v in value.items()}
    if is_list(value) and not isinstance(value, str | Unknown | int | float | None):
        return [settled(v) for v in value]
    return value


def references(value: Value) -> tuple[Reference, ...]:
    """Every reference anywhere in `value`, in order, without repetition."""
    found: dict[Reference, None] = {}
    pending: list[Value] = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, Symbolic):
            found.update(dict.fromkeys(item.references))
        elif isinstance(item, Mapping):
            pending.extend(reversed(list(item.values())))
        elif is_list(item) and not isinstance(item, str | Unknown | int | float | None):
            pending.extend(reversed(list(item)))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Instance:
    """One instance of a `resource` block, or of a `data` block, with its values.

    `attributes` holds what is written, meta-arguments (`count`, `for_each`, `provider`, `depends_on`, `lifecycle`,
    provisioners) left out. A nested block is a list of maps under its type, also where it is written once, and `dynamic`
    blocks are expanded into the same list (an `OpenList` where their number is not known). A key that is not there is not
    written; one that is None was written as null, which Terraform treats as not written.
    A computed attribute of another resource is a `Symbolic`; an attribute of a `data` source is `Unknown`.
    `locations[()]` is the block; `("settings", 0, "tier")` the line of the attribute. `chains` has the places that a
    value came through (variable default, tfvars line, local, module argument), nearest first.
    """

    type: str
    address: str
    root: str
    """Directory of the root module, `` for the scanned root."""
    mode: str
    """`managed` or `data`."""
    attributes: Mapping[str, Value]
    locations: Mapping[Path, Location] = field(default_factory=dict)
    chains: Mapping[Path, tuple[Location, ...]] = field(default_factory=dict)
    conditional: Unknown | None = None
    """Why it is not known whether, or how often, this exists: `count`/`for_each` of it or of its module is unknown.
    Such a block yields one instance without an index; `each.*` and `count.index` in it are `Unknown`."""
    environment: str = ""
    """`production` or another environment's name where the tree tells them apart, else ``."""
    module: str = ""
    """Directory of the module the block is written in."""
    ignored: Mapping[tuple[str, ...], Location] = field(default_factory=dict)
    """What `lifecycle.ignore_changes` lists, as names without indices, `()` for `all`: set once and then left alone."""

    @property
    def location(self) -> Location:
        return self.locations[()]

    @property
    def key(self) -> tuple[str, str, str]:
        """Unique in a result: two roots may declare the same address, and so may one root in two environments."""
        return (self.root, self.environment, self.address)


@dataclass(frozen=True, slots=True)
class Disabled:
    """A block that declares something and has no instance: `count = 0`, or `for_each` over nothing."""

    type: str
    """Resource type, `module` for a module call."""
    address: str
    root: str
    location: Location
    reason: str
    environment: str = ""
    mode: str = "managed"
    chain: tuple[Location, ...] = ()
    """The places that `count` or `for_each` came through: the defaults or values that switch it off."""
    instance: Instance | None = None
    """What it would be: the block evaluated without `each` and `count.index`, `conditional` on why it is not. None of a module.

    Its attributes are read only where its type is of a kind that rules ask about."""


@dataclass(frozen=True, slots=True)
class OpaqueModule:
    """A module call whose source is not in the tree: its inputs are known, what it makes of them is not."""

    address: str
    root: str
    source: str
    version: str
    inputs: Mapping[str, Value]
    locations: Mapping[Path, Location]
    chains: Mapping[Path, tuple[Location, ...]] = field(default_factory=dict)
    conditional: Unknown | None = None
    environment: str = ""
    kinds: tuple[str, ...] = ()
    """The kinds (patterns) that it could hold, as in its gap."""


@dataclass(frozen=True, slots=True)
class Root:
    """A root module that was evaluated."""

    directory: str
    environment: str
    why: str
    """`uncalled`, `backend`, `tfvars`, `terragrunt`."""
    var_files: tuple[str, ...] = ()
    configured: bool = False
    """Has a backend, a `cloud` block, a provider block or a var file: somebody applies this directory. A root without
    any may be a library module that is published for others."""
    modules: tuple[str, ...] = ()
    """The directories that it is made of: its own, and those of the modules in the tree that it calls."""
    workspace: str = ""
    """The Terraform workspace, where it is known."""
    module: str = ""
    """The directory of its module: another one than `directory` for a Terragrunt unit. `` too where that is not in the tree."""
    evaluated: bool = True
    """Whether it was evaluated: what another environment than the judged one applies need not be."""
    place: Location = Location("")
    """A file of it."""


@dataclass(frozen=True, slots=True)
class ProviderConstraint:
    """A `required_providers` entry, or a provider block's `version`."""

    root: str
    name: str
    source: str
    version: str
    location: Location


@dataclass(frozen=True, slots=True)
class Validation:
    """One `validation` block of one module instance, asked about the value that the variable has there."""

    address: str
    """`module.db.var.tier`, with `#1` for the second validation of a variable."""
    root: str
    environment: str
    module: str
    """Directory of the module."""
    variable: str
    given: bool
    """False where the condition waits for a value that whoever applies, or calls the library, gives: no default, or only one."""
    holds: Value
    """True, False, or `Unknown`."""
    message: str
    """The block's `error_message`."""
    condition: Location
    value: Location
    """Where the value was given: the argument of the call, the line of the var file, or the default."""
    chain: tuple[Location, ...]
    """Where it came from before, nearest first."""


@dataclass(frozen=True, slots=True)
class TerraformResult:
    """The whole tree, evaluated. Everything is sorted by root, environment and address."""

    instances: tuple[Instance, ...] = ()
    gaps: tuple[Gap, ...] = ()
    opaque_modules: tuple[OpaqueModule, ...] = ()
    disabled: tuple[Disabled, ...] = ()
    roots: tuple[Root, ...] = ()
    providers: tuple[ProviderConstraint, ...] = ()
    validations: tuple[Validation, ...] = ()

    def related(self, instance: Instance, value: Value) -> tuple[Instance, ...]:
        """The instances that `value`, found in `instance`, refers to."""
        wanted = {(instance.root, instance.environment, r.address) for r in references(value)}
        return tuple(i for i in self.instances if i.key in wanted) if wanted else ()
