"""Module instances: what `var`, `local`, `module`, `data`, `each` and resource names mean in them, evaluated when asked for."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from gonogo.model.location import Location
from gonogo.model.value import OpenList, OpenMap, Unknown
from gonogo.sources.terraform import ast
from gonogo.sources.terraform.addresses import quoted
from gonogo.sources.terraform.expressions import Budget, Env, Evaluator, OutOfSteps
from gonogo.sources.terraform.functions.files import Files
from gonogo.sources.terraform.loader import Declared, Loader, ModuleSource, Variable
from gonogo.sources.terraform.result import Symbolic
from gonogo.sources.terraform.typesystem import convert
from gonogo.sources.terraform.values import (
    Deferred,
    Multiple,
    TfError,
    TfMap,
    TfSet,
    Val,
    as_number,
    as_string,
    is_unknown,
    open_map,
    too_large,
    type_name,
    unknown_of,
)

NO_VALUE = "has no default and no value"
MAX_INSTANCES = 1_000
MAX_MODULE_DEPTH = 20
_NO_ENV: Env = {}


class Key(NamedTuple):
    """One instance of a block: its suffix in addresses (`[0]`, `["a"]`, `` for a single one) and the names it adds."""

    suffix: str
    names: Env


@dataclass(frozen=True, slots=True)
class Expansion:
    """The instances of a block with `count` or `for_each`. `unknown`: there may be others, or none of them."""

    keys: tuple[Key, ...]
    mode: str = ""
    unknown: Unknown | None = None
    excess: int = 0
    """How many instances over the limit were left out."""
    location: Location | None = None
    nothing: str = ""
    """Why there is no instance."""


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """A variable's value given from outside the module: the expression, where it stands, and what evaluates it."""

    expression: ast.Expression
    location: Location
    module: Module | None
    """The calling module; None for a var file."""
    names: Env


@dataclass(slots=True, eq=False)
class RootContext:
    """What all module instances below one root share."""

    loader: Loader
    directory: str
    """What tells the root from others: its directory, or the Terragrunt unit's."""
    environment: str
    configured: bool
    """Somebody applies this directory (see `result.Root.configured`); else it may be a library whose callers give the values."""
    budget: Budget
    files: Files
    given: Mapping[str, Value]
    withheld: Mapping[str, Unknown]
    """Variables that have a value which is not known, whatever is given or the default."""
    unread_values: Unknown | None
    """Why a variable without a value may have one: a var file could not be read."""
    workspace: Val
    resolve: Callable[[Module, ast.Block], ModuleSource | None]
    """The module that a call means, None where it is not in the tree."""


@dataclass(slots=True, eq=False)
class Module:
    """One instance of a module. Everything is evaluated lazily and once."""

    source: ModuleSource
    root: RootContext
    prefix: str = ""
    """`module.a["x"].`, empty for the root."""
    given: Mapping[str, Value] = field(default_factory=dict)
    parent: Module | None = None
    conditional: Unknown | None = None
    depth: int = 0
    call: Location | None = None
    """Of an adapter only: the place of the call in the tree that leads to it."""
    _cache: dict[tuple[str, ...], Val] = field(default_factory=dict)
    _open: set[tuple[str, ...]] = field(default_factory=set)
    _expansions: dict[ast.Block, Expansion] = field(default_factory=dict)
    _children: dict[tuple[str, str], Module] = field(default_factory=dict)
    evaluator: Evaluator = field(init=False)

    def __post_init__(self) -> None:
        self.evaluator = Evaluator(self, self.root.budget, self.root.files)

    # The names of the language.

    def lookup(self, traversal: ast.Traversal, _: Env) -> tuple[Val, tuple[ast.Step, ...]] | None:
        """See `expressions.Names`."""
        root, steps = traversal.root, traversal.steps
        if root == "resource" and steps and isinstance(steps[0], ast.Attr):
            root, steps = steps[0].name, steps[1:]
        names = [s.name for s in steps[:2] if isinstance(s, ast.Attr)]
        if not names:
            return None
        if root == "var":
            return self.variable(names[0]), steps[1:]
        if root == "local":
            return self.local(names[0]), steps[1:]
        if root == "module":
            return self.call_value(names[0]), steps[1:]
        if root == "path":
            return self._path(names[0]), steps[1:]
        if root in ("terraform", "tofu"):
            if names[0] == "workspace":
                return self.root.workspace, steps[1:]
            return Unknown.because(f"terraform.{names[0]} depends on how Terraform is run"), ()
        if root in ("each", "count", "self"):
            return Unknown.because(f"{root}.{names[0]} has no value here"), ()
        if root in ("data", "ephemeral") and len(names) == 2:
            return self.resource_value(root, names[0], names[1]), steps[2:]
        return self.resource_value("managed", root, names[0]), steps[1:]

    def _path(self, name: str) -> Val:
        if name == "root":
            return "."
        if name == "module":
            return posixpath.relpath(self.source.directory or ".", self.root.files.directory or ".")
        return Unknown.because(f"path.{name} depends on where Terraform runs")

    def once(self, key: tuple[str, ...], compute: Callable[[], Val]) -> Val:
        """`compute()`, remembered under `key`; `Unknown` where it needs itself."""
        if key in self._cache:
            return self._cache[key]
        if key in self._open:
            return Unknown.because(f"{self.prefix}{'.'.join(key)} refers to itself")
        self._open.add(key)
        try:
            value = compute()
            if too_large(value):
                raise TfError("a value too large")
        except (TfError, OutOfSteps) as error:
            value = Unknown.because(f"{self.prefix}{'.'.join(key)} cannot be evaluated: {error}")
        finally:
            self._open.discard(key)
        self._cache[key] = value
        return value

    def variable(self, name: str) -> Val:
        """The value of `var.name`."""
        declared = self.source.variables.get(name)
        if declared is None:
            return self.source.unread or Unknown.because(f'variable "{name}" is not declared in {self.source.directory or "."}')
        return self.once(("var", name), lambda: self._variable(declared))

    def _variable(self, variable: Variable) -> Val:
        given = self.given.get(variable.name)
        if self.parent is None and variable.name in self.root.withheld:
            return self.root.withheld[variable.name]
        if given is not None:
            evaluator = given.module.evaluator if given.module is not None else self.evaluator
            value = convert(evaluator.settle(given.expression, given.names), variable.type)
            if value is not None or variable.nullable:
                return value
        elif self.parent is None and self.root.unread_values is not None:
            return self.root.unread_values
        if variable.default is None and self.source.stand_in is not None:
            call = self.prefix.removesuffix(".")
            return Unknown.because(f"`{variable.name}` is not given to {call}, and its default in {self.source.stand_in.label} is not known")
        if variable.default is None:
            return Unknown.because(f'variable "{variable.name}" {NO_VALUE} ({variable.block.at.location})')
        return convert(self.evaluator.evaluate(variable.default, _NO_ENV), variable.type)

    def local(self, name: str) -> Val:
        """The value of `local.name`."""
        attribute = self.source.locals.get(name)
        if attribute is None:
            return self.source.unread or Unknown.because(f'local "{name}" is not declared in {self.source.directory or "."}')
        return self.once(("local", name), lambda: self.evaluator.evaluate(attribute.value, _NO_ENV))

    def output(self, name: str) -> Val:
        """The value of an output. Raises `KeyError`."""
        if name not in self.source.outputs:
            if self.source.unread:
                return self.source.unread
            if self.source.stand_in is not None:
                return self.undescribed(name)
            raise KeyError(name)
        value = self.source.outputs[name].body.attribute("value")
        if value is None:
            return None
        return self.once(("output", name), lambda: self.evaluator.evaluate(value.value, _NO_ENV))

    def undescribed(self, name: str = "an output") -> Unknown:
        """An output of a module of which there is only an adapter, which does not say what it is."""
        label = self.source.stand_in.label if self.source.stand_in is not None else ""
        return Unknown.because(f"{self.prefix}{name}: what {label} gives here is not known")

    # Expansion.

    def expansion(self, block: ast.Block) -> Expansion:
        """The instances of a resource block or a module call."""
        found = self._expansions.get(block)
        if found is None:
            self._expansions[block] = Expansion((), unknown=Unknown.because(f"{' '.join(block.labels)} depends on itself"))
            found = self._expansions[block] = self._expand(block)
        return found

    def _expand(self, block: ast.Block) -> Expansion:
        count, for_each = block.body.attribute("count"), block.body.attribute("for_each")
        enabled = next((a for b in block.body.of_type("lifecycle") for a in b.body.attributes if a.name == "enabled"), None)
        if count is None and for_each is None:
            if enabled is None:
                return Expansion((Key("", _NO_ENV),))
            return self._enabled(enabled)
        written = count or for_each
        assert written is not None
        value = self.evaluator.settle(written.value, _NO_ENV)
        if count is not None:
            return _counted(value, written.at.location)
        return _keyed(value, written.at.location)

    def _enabled(self, attribute: ast.Attribute) -> Expansion:
        # OpenTofu 1.11's `lifecycle { enabled = ... }`.
        value = self.evaluator.settle(attribute.value, _NO_ENV)
        if value is False:
            return Expansion((), location=attribute.at.location, nothing="lifecycle.enabled is false")
        unknown = None if value is True else unknown_of(value)
        return Expansion((Key("", _NO_ENV),), unknown=unknown, location=attribute.at.location)

    # Resources.

    def resource_value(self, mode: str, kind: str, name: str) -> Val:
        """What `type.name` means: an object, or a list or map of them."""
        declared = self.source.resources.get((mode, kind, name))
        if declared is None:
            return self.source.unread or Unknown.because(f"{kind}.{name} is not declared in {self.source.directory or '.'}")
        if mode == "ephemeral":
            return Unknown.because(f"ephemeral.{kind}.{name} has no value before Terraform runs")
        expansion = self.expansion(declared.block)
        return _shaped(expansion, lambda key: ResourceObject(self, declared, key))

    # Module calls.

    def call_value(self, name: str) -> Val:
        """What `module.name` means."""
        block = self.source.calls.get(name)
        if block is None:
            return self.source.unread or Unknown.because(f"module.{name} is not declared in {self.source.directory or '.'}")
        if self.root.resolve(self, block) is None:
            source = block.body.attribute("source")
            shown = source.value.value if source is not None and isinstance(source.value, ast.Literal) else "?"
            return Unknown.because(f"output of module {name} ({shown}), which is not in the scanned tree")
        expansion = self.expansion(block)
        return _shaped(expansion, lambda key: ModuleObject(self, block, key))

    def child(self, block: ast.Block, key: Key) -> Module | None:
        """One instance of a module call; None where it is not in the tree, or too deep."""
        name = block.labels[0]
        found = self._children.get((name, key.suffix))
        if found is not None:
            return found
        source = self.root.resolve(self, block)
        if source is None or self.depth >= MAX_MODULE_DEPTH or self.calls_itself(source):
            return None
        given = {
            a.name: Value(a.value, a.at.location, self, key.names)
            for a in block.body.attributes
            if a.name not in ("source", "version", "count", "for_each", "providers", "depends_on")
        }
        unknown = [u for u in (self.conditional, self.expansion(block).unknown if not key.suffix else None) if u is not None]
        conditional = Unknown.merge(unknown) if unknown else None
        prefix = f"{self.prefix}module.{name}{key.suffix}."
        call = (self.call or block.at.location) if source.stand_in is not None else None
        made = Module(source, self.root, prefix, given, self, conditional, self.depth + 1, call)
        self._children[name, key.suffix] = made
        return made

    def calls_itself(self, source: ModuleSource) -> bool:
        """Whether `source` is this module or one it is called from."""
        module: Module | None = self
        while module is not None:
            if module.source is source:
                return True
            module = module.parent
        return False


def _shaped(expansion: Expansion, make: Callable[[Key], Val]) -> Val:
    objects = {key.suffix: make(key) for key in expansion.keys}
    if expansion.unknown is not None:
        if not expansion.mode:
            return objects.get("", expansion.unknown)
        known = [o for i, o in objects.items() if i]
        if known and expansion.mode == "for_each":
            return open_map({_key_text(k): make(k) for k in expansion.keys if k.suffix}, expansion.unknown)
        return Multiple(objects[""], expansion.unknown, expansion.mode == "for_each") if "" in objects else expansion.unknown
    if expansion.mode == "count":
        return tuple(objects.values())
    if expansion.mode == "for_each":
        return TfMap({_key_text(k): make(k) for k in expansion.keys})
    return objects.get("")


def _key_text(key: Key) -> str:
    each = key.names.get("each")
    found = each.get("key") if isinstance(each, Mapping) else ""
    return str(found)


def _counted(value: Val, at: Location) -> Expansion:
    if isinstance(value, Unknown | Symbolic) or value is None:
        unknown = Unknown.because(f"count is not known ({at})", *(unknown_of(value).reasons if value is not None else ()))
        index = Unknown.because("count.index is not known", *unknown.reasons)
        return Expansion((Key("", {"count": {"index": index}}),), "count", unknown, location=at)
    try:
        number = as_number(value)
    except TfError as error:
        return _counted(Unknown.because(f"count is not valid: {error}"), at)
    if not isinstance(number, int) or number < 0:
        return _counted(Unknown.because("count is no whole number"), at)
    keys = tuple(Key(f"[{i}]", {"count": {"index": i}}) for i in range(min(number, MAX_INSTANCES)))
    return Expansion(keys, "count", None, max(0, number - MAX_INSTANCES), at, "" if number else "count is 0")


def _keyed(value: Val, at: Location) -> Expansion:
    if isinstance(value, Deferred):
        value = value.force()
    if value is None or is_unknown(value):
        unknown = Unknown.because(f"for_each is not known ({at})", *(unknown_of(value).reasons if value is not None else ()))
        return Expansion((_unknown_key(unknown),), "for_each", unknown, location=at)
    pairs: list[tuple[Val, Val]] = []
    unknowns: list[Unknown] = []
    if isinstance(value, OpenMap | dict):
        pairs = [(k, value[k]) for k in sorted(value, key=lambda k: k.encode("utf-8", "surrogatepass"))]
    elif isinstance(value, TfSet | OpenList):
        pairs = [(v, v) for v in value]
    elif value != ():
        # `var.x ? toset(var.names) : []`: what is empty is no tuple there, it has the type of the other side.
        return _keyed(Unknown.because(f"for_each does not take a {type_name(value)}"), at)
    if isinstance(value, OpenMap | OpenList):
        unknowns.append(value.unknown)
    keys: list[Key] = []
    for key, item in pairs[:MAX_INSTANCES]:
        if is_unknown(key) or key is None:
            unknowns.append(unknown_of(key) if key is not None else Unknown.because("a for_each key is null"))
            continue
        text = str(as_string(key))
        keys.append(Key(f'["{quoted(text)}"]', {"each": {"key": text, "value": item}}))
    open_ended = None
    if unknowns:
        open_ended = Unknown.because(f"for_each is not wholly known ({at})", *Unknown.merge(unknowns).reasons)
        keys.append(_unknown_key(open_ended))
    nothing = "" if keys else "for_each is empty"
    return Expansion(tuple(keys), "for_each", open_ended, max(0, len(pairs) - MAX_INSTANCES), at, nothing)


def _unknown_key(unknown: Unknown) -> Key:
    return Key("", {"each": {"key": unknown, "value": unknown}})


@dataclass(frozen=True, slots=True, eq=False)
class ModuleObject(Deferred):
    """`module.name` of one instance: its outputs."""

    caller: Module
    block: ast.Block
    key: Key

    def member(self, name: str) -> Val:
        child = self.caller.child(self.block, self.key)
        if child is None:
            return Unknown.because(f"module {self.block.labels[0]} is nested too deeply, or in itself")
        return child.output(name)

    def force(self) -> Val:
        child = self.caller.child(self.block, self.key)
        if child is None:
            return Unknown.because(f"module {self.block.labels[0]} is nested too deeply, or in itself")
        outputs = {name: child.output(name) for name in child.source.outputs}
        return outputs if child.source.stand_in is None else open_map(outputs, child.undescribed())


@dataclass(frozen=True, slots=True, eq=False)
class ResourceObject(Deferred):
    """`type.name` of one instance: what is written, and references to what is not."""

    module: Module
    declared: Declared
    key: Key

    @property
    def address(self) -> str:
        return f"{self.module.prefix}{self.declared.address}{self.key.suffix}"

    def member(self, name: str) -> Val:
        return self.module.once((f"{self.declared.address}{self.key.suffix}", name), lambda: self._member(name))

    def _member(self, name: str) -> Val:
        from gonogo.sources.terraform.bodies import block_values

        body = self.declared.block.body
        written = body.attribute(name)
        if written is not None:
            value = self.module.evaluator.settle(written.value, self.key.names)
            # A name that is not known still tells whose it is: a grant by `google_x.y.name` is a grant on that one.
            unnamed = name == "name" and self.declared.mode == "managed" and is_unknown(value)
            return self._computed(name) if value is None or unnamed else value
        if any(b.type == name or (b.type == "dynamic" and b.labels[:1] == (name,)) for b in body.blocks):
            return block_values(self.module.evaluator, body, name, self.key.names, self._hidden)
        return self._computed(name)

    @property
    def _hidden(self) -> Unknown:
        if self.declared.mode == "data":
            return Unknown.because(f"data source {self.address} is read when Terraform runs")
        return Unknown.because(f"known only after apply: {self.address}")

    def _computed(self, name: str) -> Val:
        declared = self.declared
        if declared.mode == "data" and declared.type != "google_iam_policy":
            return Unknown.because(f"data source {self.address} is read when Terraform runs ({declared.block.at.location})")
        if declared.type == "terraform_data" and name in ("input", "triggers_replace"):
            return None
        if declared.type == "terraform_data" and name == "output":
            return self.member("input") if declared.block.body.attribute("input") else None
        return Symbolic.of(self.address, name)

    def force(self) -> Val:
        body = self.declared.block.body
        names = [a.name for a in body.attributes if a.name not in ("count", "for_each", "provider", "depends_on")]
        return open_map({n: self.member(n) for n in names}, self._hidden)
