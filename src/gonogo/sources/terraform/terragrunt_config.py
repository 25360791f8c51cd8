"""One Terragrunt configuration file: its locals, what it includes, and the inputs that come of both.

The semantics are those of Terragrunt's pkg/config; values are evaluated by the evaluator of Terraform's language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from gonogo.model.location import Location
from gonogo.model.value import OpenMap, Unknown
from gonogo.sources.terraform import ast
from gonogo.sources.terraform.expressions import Budget, Env, Evaluator, OutOfSteps
from gonogo.sources.terraform.functions import FUNCTIONS, invoke
from gonogo.sources.terraform.functions.files import Files
from gonogo.sources.terraform.loader import Loader
from gonogo.sources.terraform.terragrunt_paths import PathFunctions, tree_path
from gonogo.sources.terraform.values import Deferred, TfError, Val, forced, members_of, open_map
from gonogo.sources.tree import Tree

# Configurations that read further ones; one that reads itself in the end is found before.
MAX_DEPTH = 20
# Configurations hand whole maps of locals on; a few files can make them of any size.
MAX_NODES = 30_000
_NO_ENV: Env = {}


class Input(NamedTuple):
    """An input of a unit, and where it is written."""

    value: Val
    location: Location


class Inputs(NamedTuple):
    """The inputs of a configuration; `unknown`: there may be others."""

    entries: Mapping[str, Input]
    unknown: Unknown | None


@dataclass(frozen=True, slots=True)
class Reading:
    """What all configurations of a tree share."""

    tree: Tree
    loader: Loader
    budget: Budget
    configs: dict[tuple[str, str, str], Config] = field(default_factory=dict)
    """Configurations that others read, by path, reader and unit: each is evaluated once, also where they read each other."""

    def open(self, path: str) -> ast.SourceFile:
        """A configuration file. Raises `TfError`."""
        if path not in self.tree.files:
            raise TfError(f"{path or '.'} is not in the scanned tree")
        source = self.loader.source(path)
        if isinstance(source, str):
            raise TfError(f"{path} could not be read: {source}")
        if source.broken:
            raise TfError(f"{path}:{source.broken[0].line} could not be read: {source.broken[0].reason}")
        return source


@dataclass(frozen=True, slots=True)
class Include:
    """A configuration that another one includes."""

    label: str
    config: Config
    strategy: str


@dataclass(slots=True, eq=False)
class Config:
    """A configuration file, read for the configuration in `here`: its own directory, or that of the one that includes it."""

    reading: Reading
    path: str
    here: str
    unit: str
    included: bool = False
    depth: int = 0
    source: ast.SourceFile = field(init=False)
    evaluator: Evaluator = field(init=False)
    _locals: dict[str, ast.Attribute] = field(default_factory=dict)
    _cache: dict[str, Val] = field(default_factory=dict)
    _open: set[str] = field(default_factory=set)
    _includes: tuple[Include, ...] | None = None

    def __post_init__(self) -> None:
        """Raises `TfError` where the file cannot be read."""
        if self.depth > MAX_DEPTH:
            raise TfError(f"{self.path}: configurations that read each other more than {MAX_DEPTH} deep")
        self.source = self.reading.open(self.path)
        self._locals = {a.name: a for block in self.source.body.of_type("locals") for a in block.body.attributes}
        directory = self.path.rpartition("/")[0]
        files = Files(self.reading.tree, directory, self.reading.loader.parse_template)
        functions = PathFunctions(self.reading.tree, files, directory, self.here, self.unit, self.included).functions
        own: dict[str, Callable[[Sequence[Val]], Val]] = {"read_terragrunt_config": self._read_config, "read_tfvars_file": self._read_var_file}
        self.evaluator = Evaluator(self, self.reading.budget, files, functions={**functions, **own})

    def lookup(self, traversal: ast.Traversal, _: Env) -> tuple[Val, tuple[ast.Step, ...]] | None:
        """See `expressions.Names`."""
        root, steps = traversal.root, traversal.steps
        name = steps[0].name if steps and isinstance(steps[0], ast.Attr) else ""
        if root == "local" and name:
            return self.local(name), steps[1:]
        if root == "include":
            return self._include_value(name, steps)
        if root == "dependency":
            return Unknown.because(f"output of the Terragrunt dependency {name or '?'}, known only after it is applied"), ()
        if root in ("feature", "values", "unit", "stack"):
            return Unknown.because(f"{root}.{name} is given when Terragrunt runs"), ()
        return None

    def local(self, name: str) -> Val:
        """The value of `local.name`."""
        if name in self._cache:
            return self._cache[name]
        attribute = self._locals.get(name)
        if attribute is None:
            return Unknown.because(f'local "{name}" is not declared in {self.path}')
        if name in self._open:
            return Unknown.because(f"{self.path}: local.{name} refers to itself")
        self._open.add(name)
        try:
            value = self.evaluator.evaluate(attribute.value, _NO_ENV)
            self._bound(value)
        except (TfError, OutOfSteps) as error:
            value = Unknown.because(f"{attribute.at.location}: local.{name} cannot be evaluated: {error}")
        finally:
            self._open.discard(name)
        self._cache[name] = value
        return value

    def _bound(self, value: Val) -> None:
        """Raises `TfError` and `OutOfSteps` where going through `value` is too much."""
        count = members_of(value, MAX_NODES)
        if count > MAX_NODES:
            raise TfError("a value too large")
        self.reading.budget.spend(count)

    def locals(self) -> Val:
        return {name: self.local(name) for name in self._locals}

    def includes(self) -> tuple[Include, ...]:
        """What this configuration includes, in order. Raises `TfError`."""
        if self._includes is None:
            self._includes = () if self.included else tuple(self._included(b) for b in self.source.body.of_type("include"))
        return self._includes

    def _included(self, block: ast.Block) -> Include:
        label = block.labels[0] if block.labels else ""
        written, strategy = block.body.attribute("path"), block.body.attribute("merge_strategy")
        if written is None:
            raise TfError(f"{block.at.location}: an include without a path")
        try:
            path = tree_path(self.evaluator.evaluate(written.value, _NO_ENV), self.here)
            config = Config(self.reading, path, self.here, self.unit, included=True, depth=self.depth + 1)
        except (TfError, OutOfSteps) as error:
            raise TfError(f"{block.at.location}: include {label}: {error}".replace(" :", ":")) from error
        chosen = self.evaluator.settle(strategy.value, _NO_ENV) if strategy is not None else "shallow"
        return Include(label, config, chosen if isinstance(chosen, str) else "shallow")

    def _include_value(self, name: str, steps: tuple[ast.Step, ...]) -> tuple[Val, tuple[ast.Step, ...]]:
        includes = self.includes()
        bare = next((i for i in includes if not i.label), None)
        if bare is not None:
            return ConfigValue(bare.config), steps
        found = next((i for i in includes if i.label == name), None)
        if found is None:
            raise TfError(f'there is no include "{name}" in {self.path}')
        return ConfigValue(found.config), steps[1:]

    def inputs(self) -> Inputs:
        """The inputs, those of what is included with them. Raises `TfError`."""
        merged = self.own_inputs()
        for include in reversed(self.includes()):  # the last include comes before the first, and this file before all
            if include.strategy != "no_merge":
                merged = _merged(include.config.own_inputs(), merged, deep=include.strategy.startswith("deep"))
        return merged

    def own_inputs(self) -> Inputs:
        """The inputs of this file alone."""
        attribute = self.source.body.attribute("inputs")
        if attribute is None:
            return Inputs({}, None)
        value = forced(self.evaluator.settle(attribute.value, _NO_ENV))
        try:
            self._bound(value)
        except (TfError, OutOfSteps) as error:
            value = Unknown.because(f"{attribute.at.location}: inputs cannot be evaluated: {error}")
        if isinstance(value, Unknown):
            return Inputs({}, value)
        if not isinstance(value, Mapping):
            return Inputs({}, Unknown.because(f"{attribute.at.location}: the inputs are no map"))
        places = _places(attribute)
        entries = {str(k): Input(v, places.get(str(k), attribute.at.location)) for k, v in value.items()}
        return Inputs(entries, value.unknown if isinstance(value, OpenMap) else None)

    def _read_config(self, arguments: Sequence[Val]) -> Val:
        if not arguments:
            raise TfError("read_terragrunt_config() takes a path")
        if isinstance(arguments[0], Unknown):
            return arguments[0]
        path = tree_path(arguments[0], self.here)
        if path not in self.reading.tree.files and len(arguments) > 1:
            return arguments[1]
        here = path.rpartition("/")[0]
        found = self.reading.configs.get((path, here, self.unit))
        if found is None:
            found = self.reading.configs[path, here, self.unit] = Config(self.reading, path, here, self.unit, depth=self.depth + 1)
        if found._open or path == self.path:
            raise TfError(f"{path} is read to read it")
        return ConfigValue(found)

    def _read_var_file(self, arguments: Sequence[Val]) -> Val:
        if len(arguments) != 1 or isinstance(arguments[0], Unknown):
            return Unknown.because("read_tfvars_file() of a path that is not known")
        source = self.reading.open(tree_path(arguments[0], self.here))
        values = {a.name: self.evaluator.settle(a.value, _NO_ENV) for a in source.body.attributes}
        return invoke("jsonencode", FUNCTIONS["jsonencode"], [values])


@dataclass(frozen=True, slots=True, eq=False)
class ConfigValue(Deferred):
    """A configuration as a value: what `include.root` and `read_terragrunt_config` give."""

    config: Config

    def member(self, name: str) -> Val:
        if name == "locals":
            return self.config.locals()
        if name == "inputs":
            entries, unknown = self.config.inputs()
            values = {key: entry.value for key, entry in entries.items()}
            return open_map(values, unknown) if unknown is not None else values
        return Unknown.because(f"{name} of {self.config.path} is not evaluated")

    def force(self) -> Val:
        known = {name: self.member(name) for name in ("locals", "inputs")}
        return open_map(known, Unknown.because(f"not all of {self.config.path} is evaluated"))


def _places(attribute: ast.Attribute) -> Mapping[str, Location]:
    """Where each input is written, through `merge(…, {…})`: the last place of a name counts."""
    return {str(item.key.value): item.at.location for item in _written(attribute.value) if isinstance(item.key, ast.Literal)}


def _written(expression: ast.Expression) -> Iterator[ast.ObjectItem]:
    if isinstance(expression, ast.ObjectNode):
        yield from expression.items
    elif isinstance(expression, ast.Call) and expression.name == "merge":
        for argument in expression.arguments:
            yield from _written(argument)


def _merged(base: Inputs, over: Inputs, *, deep: bool) -> Inputs:
    """`over` on top of `base`. What is unknown in `over` may hide any input of `base`."""
    entries = dict(base.entries)
    if over.unknown is not None:
        entries = {name: Input(over.unknown, entry.location) for name, entry in entries.items()}
    for name, entry in over.entries.items():
        below = base.entries.get(name)
        entries[name] = Input(_deep(below.value, entry.value), entry.location) if deep and below is not None else entry
    unknown = [u for u in (base.unknown, over.unknown) if u is not None]
    return Inputs(entries, Unknown.merge(unknown) if unknown else None)


def _deep(base: Val, over: Val) -> Val:
    """Terragrunt's deep merge: maps by key, lists one after the other, anything else replaced."""
    base, over = forced(base), forced(over)
    if isinstance(base, Unknown) and isinstance(over, Mapping | tuple):
        return Unknown.merge([base])
    if isinstance(base, OpenMap) or isinstance(over, OpenMap):
        return Unknown.because("a deep merge of maps that are not wholly known") if isinstance(over, Mapping) else over
    if isinstance(base, dict) and isinstance(over, dict):
        return {**base, **{k: _deep(base[k], v) if k in base else v for k, v in over.items()}}
    if isinstance(base, tuple) and isinstance(over, tuple):
        return (*base, *over)
    return over
