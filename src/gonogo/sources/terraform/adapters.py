"""Module adapters: small modules of gonogo's own that stand in for well-known ones that are not in the scanned tree.

An adapter is Terraform: the variables of the module with their defaults, and its resources with the arguments that are
judged. It is evaluated with the caller's inputs as any module is. Its files are no files of the tree, so that what it says is
placed where it was said in the tree: at the argument of the call, or at the call where the module itself decides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from gonogo.model.location import Location
from gonogo.model.value import OpenList, OpenMap, Unknown, Value, is_list, lookup
from gonogo.model.value import Path as DataPath
from gonogo.rules.modules import ModuleEntry, ModuleIndex, address_of, allowed_versions, normalised
from gonogo.sources.classify import GCP_KINDS
from gonogo.sources.terraform import ast
from gonogo.sources.terraform.loader import ModuleSource, StandIn, Variable, declare
from gonogo.sources.terraform.modules import Module
from gonogo.sources.terraform.remote import is_local
from gonogo.sources.terraform.result import Instance, Symbolic
from gonogo.sources.terraform.typesystem import without_defaults

_OURS = "gonogo:"
"""Files of adapters are called so, which no file of a tree is."""


def in_tree(place: Location) -> bool:
    """Whether a place is in the scanned tree, and not in an adapter."""
    return not place.file.startswith(_OURS)


def is_stand_in(directory: str) -> bool:
    """Whether the directory of a module is none, and an adapter stands in for the module."""
    return directory.startswith(_OURS)


@dataclass(slots=True)
class ModuleAdapters:
    """Finds the adapter of a call. Nothing is read before the first call to a module that is not in the tree."""

    load: Callable[[], ModuleIndex] | None = None
    _index: ModuleIndex | None = None
    _files: dict[Path, ast.SourceFile] = field(default_factory=dict)
    _modules: dict[tuple[tuple[Path, ...], StandIn], ModuleSource] = field(default_factory=dict)
    _found: dict[tuple[str, str], ModuleSource | None] = field(default_factory=dict)

    def kinds(self, source: str) -> tuple[str, ...]:
        """The kinds that a module without an adapter could hold; any of Google Cloud's where it is not known."""
        entry = self._entry(source)
        return entry.kinds if entry is not None else GCP_KINDS

    def find(self, source: str, version: str) -> ModuleSource | None:
        """The adapter that stands in for a module, by the `source` and `version` of the call; None where there is none."""
        if (source, version) not in self._found:
            self._found[source, version] = self._find(source, version)
        return self._found[source, version]

    def _find(self, source: str, version: str) -> ModuleSource | None:
        entry = self._entry(source)
        allowed = allowed_versions(source, version)
        chosen = entry.adapter(allowed) if entry is not None else None
        if entry is None or chosen is None:
            return None
        adapter, known = chosen
        label = normalised(source) if entry.family else f"{address_of(source)[0]}{',' if allowed.high is None else ''} {allowed}"
        stand_in = StandIn(label, not known, entry.family, entry.kinds)
        key = (adapter.files, stand_in)
        found = self._modules.get(key)
        if found is None:
            found = self._modules[key] = self.build(*key, keep_defaults=known or entry.family)
        return found

    def _entry(self, source: str) -> ModuleEntry | None:
        if self.load is None or not source or is_local(source):
            return None
        if self._index is None:
            self._index = self.load()
        return self._index.find(source)

    def build(self, files: Sequence[Path], stand_in: StandIn, *, keep_defaults: bool) -> ModuleSource:
        """The module that the files of an adapter declare together."""
        module = ModuleSource(_name(files[0]), tuple(map(_name, files)), stand_in=stand_in)
        for number, file in enumerate(files):
            declare(module, _name(file), self._parsed(file), override=number > 0)
        if not keep_defaults:
            module.variables = {name: _without_default(variable, stand_in) for name, variable in module.variables.items()}
        return module

    def _parsed(self, file: Path) -> ast.SourceFile:
        found = self._files.get(file)
        if found is None:
            from gonogo.sources.terraform.syntax import parser, read_source

            found = self._files[file] = read_source(_name(file), file.read_text("utf-8"), parser())
        return found


def _name(file: Path) -> str:
    return f"{_OURS}{file.parent.name}/{file.name}"


def _without_default(variable: Variable, stand_in: StandIn) -> Variable:
    """A variable whose default is not known; what asks for nothing (null, an empty collection) goes on asking for nothing."""
    unknown = Unknown.because(f"an attribute of `{variable.name}` is not given, and its default in {stand_in.label} is not known")
    match variable.default:
        case ast.Literal(value=None) | ast.TupleNode(items=()) | ast.ObjectNode(items=()):
            return replace(variable, type=without_defaults(variable.type, unknown))
        case _:
            return replace(variable, default=None, type=without_defaults(variable.type, unknown))


def adapted(instance: Instance, module: Module, body: ast.Body) -> Instance:
    """An instance that an adapter declares, placed in the tree."""
    stand_in, call = module.source.stand_in, module.call
    assert stand_in is not None
    assert call is not None
    locations, chains = _placed(instance, call, stand_in)
    attributes: Mapping[str, Value] = instance.attributes
    if stand_in.inputs_only:
        why = Unknown.because(f"{module.prefix.removesuffix('.')} ({stand_in.label}) is not in the repository, and no input of it says this")
        attributes = _told(attributes, (body,), (), None if stand_in.family else instance.chains, why)
    return replace(instance, attributes=attributes, locations=locations, chains=chains, ignored=dict.fromkeys(instance.ignored, call))


def _placed(instance: Instance, call: Location, stand_in: StandIn) -> tuple[dict[DataPath, Location], dict[DataPath, tuple[Location, ...]]]:
    """Every value where the call gives it, else at the call itself with a note of what decides."""
    default, own, block = (replace(call, note=note) for note in (f"default of {stand_in.label}", f"set by {stand_in.label}", stand_in.label))
    locations: dict[DataPath, Location] = {}
    chains: dict[DataPath, tuple[Location, ...]] = {}
    for path in instance.locations:
        chain = instance.chains.get(path, ())
        given = [place for place in chain if in_tree(place)]
        if given:
            locations[path] = given[0]
            if given[1:]:
                chains[path] = tuple(given[1:])
        elif chain:
            locations[path] = default
        elif not any(path[:length] in instance.chains for length in range(1, len(path))):
            inner = is_list(lookup(instance.attributes, *path))
            locations[path] = call if not path else block if inner or isinstance(path[-1], int) else own
    return locations, chains


def _told(
    block: Mapping[str, Value],
    bodies: Sequence[ast.Body],
    path: DataPath,
    chains: Mapping[DataPath, tuple[Location, ...]] | None,
    why: Unknown,
) -> OpenMap:
    """A block with what the call gives, and unknown otherwise, also what is not written. Without `chains` all of it is given.

    References among the module's own resources stay: what belongs together in a module does so in every version.
    """
    nested: dict[str, list[ast.Body]] = {}
    for body in bodies:
        for inner in body.blocks:
            if inner.type != "dynamic":
                nested.setdefault(inner.type, []).append(inner.body)
            else:
                nested.setdefault(inner.labels[0], []).extend(content.body for content in inner.body.of_type("content"))
    found: dict[str, Value] = {}
    for name, value in block.items():
        at = (*path, name)
        if name in nested and isinstance(value, list | OpenList):
            items = [
                _told(item, nested[name], (*at, number), chains, why) if isinstance(item, Mapping) else item
                for number, item in enumerate(value)
            ]
            found[name] = OpenList(items, value.unknown) if isinstance(value, OpenList) else items
        elif value is not None and (chains is None or isinstance(value, Symbolic) or any(in_tree(place) for place in chains.get(at, ()))):
            found[name] = value
    return OpenMap(found, why)
