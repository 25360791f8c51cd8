"""Terragrunt units: directories whose `terragrunt.hcl` applies a module with inputs (https://terragrunt.gruntwork.io/docs/)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gonogo.model.location import Location
from gonogo.model.resource import Gap, Stage
from gonogo.model.value import OpenList, Unknown
from gonogo.sources.classify import GCP_KINDS, Format
from gonogo.sources.terraform import ast
from gonogo.sources.terraform.expressions import Budget, OutOfSteps
from gonogo.sources.terraform.loader import SOURCE, Loader
from gonogo.sources.terraform.remote import is_local
from gonogo.sources.terraform.result import Symbolic
from gonogo.sources.terraform.terragrunt_config import Config, Input, Inputs, Reading
from gonogo.sources.terraform.terragrunt_paths import DEFAULT_FILE, tree_path, without_paths
from gonogo.sources.terraform.values import TfError, Val, forced
from gonogo.sources.tree import Tree

STACK_FILE = "terragrunt.stack.hcl"
_VAR_FILE = "-var-file="
_DECLARES = re.compile(r"^\s*(resource|module)\s", re.M)


@dataclass(frozen=True, slots=True, eq=False)
class Unit:
    """A directory that Terragrunt applies."""

    directory: str
    module: str | None
    """The directory of its module; None where that is not in the tree."""
    source: str
    """The address of its module, as Terraform would write it."""
    version: str
    inputs: Mapping[str, Input]
    unknown: Unknown | None
    """Why it may be given other inputs, too."""
    var_files: tuple[str, ...]
    location: Location


def read_units(tree: Tree, loader: Loader, budget: Budget) -> tuple[tuple[Unit, ...], tuple[Gap, ...]]:
    """Every unit in scope, and what could not be read."""
    reading = Reading(tree, loader, budget)
    units: list[Unit] = []
    gaps: list[Gap] = []
    for file in tree.of(Format.TERRAGRUNT):
        if file.name != DEFAULT_FILE:
            reason = f"{file.name} is not expanded: what it generates is not seen; scan the output of `terragrunt stack generate`"
            gaps.append(_gap(Location(file.path, 1), reason if file.name == STACK_FILE else f"{file.name} is not read"))
            continue
        try:
            unit = _Reader(reading, file.path, gaps).read()
        except (TfError, OutOfSteps, RecursionError) as error:
            gaps.append(_gap(Location(file.path, 1), f"this Terragrunt unit cannot be read: {error or 'nested too deeply'}"))
            continue
        if unit is not None:
            units.append(unit)
    return tuple(units), tuple(gaps)


def _gap(at: Location, reason: str, kinds: tuple[str, ...] = GCP_KINDS) -> Gap:
    return Gap(at.file, at.line, Stage.EVALUATE, reason, SOURCE, kinds)


class _Reader:
    """Reads one unit."""

    def __init__(self, reading: Reading, path: str, gaps: list[Gap]) -> None:
        self.reading = reading
        self.gaps = gaps
        self.directory = path.rpartition("/")[0]
        self.config = Config(reading, path, self.directory, self.directory)
        self.configs: tuple[Config, ...] = (self.config,)

    def read(self) -> Unit | None:
        """The unit; None of a file that only others include. Raises `TfError`."""
        skip = self.config.source.body.attribute("skip")
        if skip is not None and self.config.evaluator.settle(skip.value, {}) is True:
            return None
        unread: Unknown | None = None
        try:
            self.configs = (self.config, *(i.config for i in reversed(self.config.includes()) if i.strategy != "no_merge"))
            inputs = self.config.inputs()
        except TfError as error:
            unread = Unknown.because(f"what {self.config.path} includes could not be read: {error}")
            self.gaps.append(_gap(Location(self.config.path, 1), unread.reasons[0]))
            inputs = Inputs(self.config.own_inputs().entries, unread)
        self._generated()
        written = self._source()
        own = self.directory in self.reading.loader.directories
        if written is None and not own:
            if unread is not None:
                raise TfError(unread.reasons[0])
            return None
        source, version, module, at = self._module(*written) if written is not None else ("", "", self.directory, Location(self.config.path, 1))
        var_files, unknown = self._var_files()
        reasons = [u for u in (inputs.unknown, unknown) if u is not None]
        values = {name: Input(unknown or without_paths(entry.value), entry.location) for name, entry in inputs.entries.items()}
        return Unit(self.directory, module, source, version, values, Unknown.merge(reasons) if reasons else None, var_files, at)

    def _source(self) -> tuple[Val, Location] | None:
        """The source of the module: the unit's own, else that of what it includes last."""
        for config in self.configs:
            for block in config.source.body.of_type("terraform"):
                attribute = block.body.attribute("source")
                if attribute is not None:
                    return config.evaluator.settle(attribute.value, {}), attribute.at.location
        return None

    def _module(self, value: Val, at: Location) -> tuple[str, str, str | None, Location]:
        """The address, the version, the directory in the tree and the place of a module. Raises `TfError`."""
        if isinstance(value, Symbolic):
            directory = tree_path(value, self.directory)
        elif isinstance(value, Unknown):
            raise TfError(f"its source is not known: {'; '.join(value.reasons)}")
        elif not isinstance(value, str):
            raise TfError("its source is no text")
        elif is_local(value) or posixpath.join(self.directory, value) in self.reading.loader.directories:
            directory = tree_path(value, self.directory)
        else:
            source, version = _address(value)
            return source, version, None, at
        directory = posixpath.normpath(directory) if directory else ""
        if directory not in self.reading.loader.directories:
            raise TfError(f"its module {directory or '.'} is not in the scanned tree")
        return directory, "", directory, at

    def _generated(self) -> None:
        """`generate` writes backends and providers; what declares more is not seen."""
        for config in self.configs:
            for block in config.source.body.of_type("generate"):
                contents = block.body.attribute("contents")
                if contents is not None and _may_declare(config, contents.value):
                    label = block.labels[0] if block.labels else ""
                    self.gaps.append(_gap(block.at.location, f"generate {label}: the Terraform that it writes is not read"))

    def _var_files(self) -> tuple[tuple[str, ...], Unknown | None]:
        """The var files of `extra_arguments`, and why further variables may be set."""
        paths: list[str] = []
        unknown: list[Unknown] = []
        for config in self.configs:
            for block in config.source.body.of_type("terraform"):
                for extra in block.body.of_type("extra_arguments"):
                    for required, value in _given_files(config, extra):
                        try:
                            path = tree_path(value, self.directory)
                        except TfError as error:
                            unknown.append(Unknown.because(f"{extra.at.location}: {error}"))
                            continue
                        if path in self.reading.tree.files:
                            paths.append(path)
                        elif required:
                            unknown.append(Unknown.because(f"{extra.at.location}: {path} is not in the scanned tree"))
        return tuple(dict.fromkeys(paths)), Unknown.merge(unknown) if unknown else None


def _may_declare(config: Config, contents: ast.Expression) -> bool:
    if isinstance(contents, ast.Template):
        return any(isinstance(part, str) and _DECLARES.search(part) for part in contents.parts)
    text = config.evaluator.settle(contents, {})
    return not isinstance(text, str) or _DECLARES.search(text) is not None


def _given_files(config: Config, block: ast.Block) -> Iterator[tuple[bool, Val]]:
    """The var files of an `extra_arguments` block, and whether each must exist. What may set variables otherwise is unknown."""
    for name in ("required_var_files", "optional_var_files", "arguments"):
        attribute = block.body.attribute(name)
        value = forced(config.evaluator.settle(attribute.value, {})) if attribute is not None else ()
        if not isinstance(value, tuple) or isinstance(value, OpenList):
            yield True, Unknown.because(f"{name} is not known")
            continue
        for entry in value:
            if name != "arguments":
                yield name == "required_var_files", entry
            elif isinstance(entry, str) and entry.startswith(_VAR_FILE):
                path = str.__str__(entry)[len(_VAR_FILE) :]
                yield True, Symbolic(path, entry.references) if isinstance(entry, Symbolic) else path
            elif not isinstance(entry, str) or entry.startswith("-var"):
                yield True, Unknown.because("arguments set variables")
    variables = block.body.attribute("env_vars")
    if variables is not None and not _sets_no_variables(config.evaluator.settle(variables.value, {})):
        yield True, Unknown.because("env_vars set variables")


def _sets_no_variables(value: Val) -> bool:
    return isinstance(value, dict) and not any(str(key).startswith("TF_VAR_") for key in value)


def _address(source: str) -> tuple[str, str]:
    """A remote source as a module call writes it, and its version: `tfr://` is Terragrunt's way to name a registry's module."""
    if not source.startswith("tfr://"):
        return source, ""
    address, _, query = source.removeprefix("tfr://").partition("?")
    version = next((value for key, _, value in (part.partition("=") for part in query.split("&")) if key == "version"), "")
    return address.removeprefix("registry.terraform.io").lstrip("/"), version
