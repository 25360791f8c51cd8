"""The Terraform files of a directory as one module: what is declared in it, override files applied."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gonogo.kinds.terraform import VALIDATION
from gonogo.model.resource import Gap, Stage
from gonogo.model.value import Unknown
from gonogo.sources.classify import GCP_KINDS, Format
from gonogo.sources.terraform import ast
from gonogo.sources.terraform.labels import kinds_of_block
from gonogo.sources.terraform.result import ProviderConstraint
from gonogo.sources.terraform.syntax import parser, read_source
from gonogo.sources.terraform.typesystem import ANY, Type, parse_type
from gonogo.sources.terraform.values import TfError, Val
from gonogo.sources.tree import Tree, TreeFile, Unreadable

SOURCE = "terraform"
_OVERRIDE = re.compile(r"(.*_)?override\.(tf|tofu)(\.json)?\Z")
_RESOURCE_BLOCKS = {"resource": "managed", "data": "data", "ephemeral": "ephemeral"}


@dataclass(frozen=True, slots=True, eq=False)
class Declared:
    """A `resource`, `data` or `ephemeral` block."""

    mode: str
    type: str
    name: str
    block: ast.Block

    @property
    def address(self) -> str:
        return f"data.{self.type}.{self.name}" if self.mode == "data" else f"{self.type}.{self.name}"


@dataclass(frozen=True, slots=True, eq=False)
class Variable:
    """A `variable` block."""

    name: str
    block: ast.Block
    type: Type
    default: ast.Expression | None
    nullable: bool


@dataclass(frozen=True, slots=True)
class StandIn:
    """What is said of a module that is not in the tree, and is read from an adapter instead."""

    label: str
    """Which module in which version: `terraform-google-modules/sql-db/google//modules/mysql 26.x`."""
    inputs_only: bool
    """The version is none that the adapter describes: what the call gives counts, no default and no constant."""
    family: bool
    """The adapter is for any module of that name: what the call does not give is not known, its constants hold for all."""
    kinds: tuple[str, ...]
    """What the module may hold beside what the adapter declares."""


@dataclass(slots=True, eq=False)
class ModuleSource:
    """What the files of one directory declare. Shared by every instance of the module."""

    directory: str
    files: tuple[str, ...]
    resources: dict[tuple[str, str, str], Declared] = field(default_factory=dict)
    calls: dict[str, ast.Block] = field(default_factory=dict)
    variables: dict[str, Variable] = field(default_factory=dict)
    locals: dict[str, ast.Attribute] = field(default_factory=dict)
    outputs: dict[str, ast.Block] = field(default_factory=dict)
    providers: list[ast.Block] = field(default_factory=list)
    settings: list[ast.Block] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    unread: Unknown | None = None
    """Why a name that is not declared may be declared all the same: a part of the files could not be read."""
    stand_in: StandIn | None = None
    """Set where this is an adapter: its files are gonogo's, none of them is in the tree."""

    @property
    def has_backend(self) -> bool:
        return any(b.type in ("backend", "cloud") for s in self.settings for b in s.body.blocks)


class Loader:
    """Reads each file and each directory once."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._parser = parser()
        self._sources: dict[str, ast.SourceFile | str] = {}
        self._modules: dict[str, ModuleSource | None] = {}
        self._by_directory: dict[str, list[TreeFile]] = {}
        for file in tree.of(Format.TERRAFORM, Format.TERRAFORM_JSON, in_scope=False):
            self._by_directory.setdefault(file.directory, []).append(file)

    @property
    def directories(self) -> Mapping[str, list[TreeFile]]:
        return self._by_directory

    def parse_template(self, text: str) -> ast.Expression:
        """A template file. Raises `SyntaxLimit`."""
        from gonogo.sources.terraform.syntax import read_template

        return read_template(text, self._parser)

    def source(self, path: str) -> ast.SourceFile | str:
        """A file in either syntax, parsed once; why not, where it cannot be read."""
        found = self._sources.get(path)
        if found is None:
            try:
                if path.endswith(".json"):
                    from gonogo.sources.terraform.json_syntax import read_json_source, read_json_values

                    if path.endswith(".tfvars.json"):
                        found = read_json_values(path, self._tree.yaml(path), self._parser)
                    else:
                        found = read_json_source(path, self._tree.yaml(path), self._parser)
                else:
                    found = read_source(path, self._tree.text(path), self._parser)
            except Unreadable as error:
                found = str(error)
            self._sources[path] = found
        return found

    def module(self, directory: str) -> ModuleSource | None:
        """The module in `directory`; None where there is no Terraform."""
        if directory not in self._modules:
            files = self._by_directory.get(directory)
            self._modules[directory] = self._load(directory, files) if files else None
        return self._modules[directory]

    def with_files_of(self, directory: str, other: str) -> ModuleSource | None:
        """The module in `directory` with the files of `other` copied into it, as Terragrunt does."""
        files = [*self._by_directory.get(directory, ()), *self._by_directory.get(other, ())]
        return self._load(directory, files) if files else None

    def _load(self, directory: str, files: Iterable[TreeFile]) -> ModuleSource:
        names = {f.path for f in files}
        # OpenTofu reads `x.tofu` instead of `x.tf`; we read what Terraform reads where there are both.
        chosen = sorted(p for p in names if not (".tofu" in p and p.replace(".tofu", ".tf") in names))
        module = ModuleSource(directory, tuple(chosen))
        plain = [p for p in chosen if not _OVERRIDE.match(p.rpartition("/")[2])]
        overrides = [p for p in chosen if _OVERRIDE.match(p.rpartition("/")[2])]
        for path in (*plain, *overrides):
            source = self.source(path)
            if isinstance(source, str):
                module.gaps.append(Gap(path, 0, Stage.READ, source, SOURCE, (*GCP_KINDS, VALIDATION)))
                module.unread = Unknown.because(f"{path} could not be read: {source}")
                continue
            declare(module, path, source, override=path in overrides)
        return module


def declare(module: ModuleSource, path: str, source: ast.SourceFile, *, override: bool = False) -> None:
    """Add what a file declares to a module."""
    for broken in source.broken:
        kinds = kinds_of_block(broken.type, broken.labels)
        what = f"{broken.type} {' '.join(broken.labels)}: ".replace(" :", ":") if broken.type else ""
        module.gaps.append(Gap(path, broken.line, Stage.PARSE, f"{what}{broken.reason}", SOURCE, kinds))
        module.unread = Unknown.because(f"{path}:{broken.line} could not be read: {broken.reason}")
    for block in source.body.blocks:
        _declare(module, block, override)


def _declare(module: ModuleSource, block: ast.Block, override: bool) -> None:
    if block.type in _RESOURCE_BLOCKS and len(block.labels) == 2:
        mode = _RESOURCE_BLOCKS[block.type]
        key = (mode, *block.labels)
        old = module.resources.get(key)
        body = _merged(old.block, block) if old is not None and override else block
        if old is not None and not override:
            _twice(module, block)
        module.resources[key] = Declared(mode, block.labels[0], block.labels[1], body)
    elif block.type == "module" and len(block.labels) == 1:
        _put(module, module.calls, block, override)
    elif block.type == "output" and len(block.labels) == 1:
        _put(module, module.outputs, block, override)
    elif block.type == "variable" and len(block.labels) == 1:
        name = block.labels[0]
        previous = module.variables.get(name)
        module.variables[name] = _variable(module, _merged(previous.block, block) if previous and override else block)
    elif block.type == "locals":
        module.locals.update((a.name, a) for a in block.body.attributes)
    elif block.type == "provider":
        module.providers.append(block)
    elif block.type == "terraform":
        module.settings.append(block)


def _put(module: ModuleSource, into: dict[str, ast.Block], block: ast.Block, override: bool) -> None:
    old = into.get(block.labels[0])
    if old is not None and not override:
        _twice(module, block)
    into[block.labels[0]] = _merged(old, block) if old is not None and override else block


def _twice(module: ModuleSource, block: ast.Block) -> None:
    reason = f"{block.type} {' '.join(block.labels)} is declared twice in this module; the last is read"
    module.gaps.append(Gap(block.at.file, block.at.line, Stage.EVALUATE, reason, SOURCE, kinds_of_block(block.type, block.labels)))


def _merged(base: ast.Block, override: ast.Block) -> ast.Block:
    """An override file replaces attributes one by one, and nested blocks by type."""
    attributes = {a.name: a for a in base.body.attributes}
    attributes.update((a.name, a) for a in override.body.attributes)
    types = {b.labels[0] if b.type == "dynamic" and b.labels else b.type for b in override.body.blocks}
    kept = [b for b in base.body.blocks if (b.labels[0] if b.type == "dynamic" and b.labels else b.type) not in types]
    return ast.Block(base.at, base.type, base.labels, ast.Body(tuple(attributes.values()), (*kept, *override.body.blocks)))


def _variable(module: ModuleSource, block: ast.Block) -> Variable:
    written = block.body.attribute("type")
    kind: Type = ANY
    if written is not None:
        try:
            kind = parse_type(written.value, _constant)
        except TfError as error:
            reason = f"variable {block.labels[0]}: {error}; its value is taken as it is"
            module.gaps.append(Gap(written.at.file, written.at.line, Stage.EVALUATE, reason, SOURCE))
    default = block.body.attribute("default")
    nullable = block.body.attribute("nullable")
    refuses_null = nullable is not None and isinstance(nullable.value, ast.Literal) and nullable.value.value is False
    return Variable(block.labels[0], block, kind, default.value if default else None, not refuses_null)


def _constant(expression: ast.Expression) -> Val:
    from gonogo.sources.terraform.expressions import Budget, Evaluator, NoNames

    return Evaluator(NoNames(), Budget(100_000)).evaluate(expression, {})


def provider_constraints(module: ModuleSource, root: str) -> Iterable[ProviderConstraint]:
    """The provider versions that a module asks for."""
    for block in module.settings:
        for required in block.body.of_type("required_providers"):
            for attribute in required.body.attributes:
                parts = _texts(attribute.value)
                yield ProviderConstraint(root, attribute.name, parts.get("source", ""), parts.get("version", ""), attribute.at.location)
    for block in module.providers:
        version = block.body.attribute("version")
        if version is not None and isinstance(version.value, ast.Literal) and isinstance(version.value.value, str):
            yield ProviderConstraint(root, block.labels[0] if block.labels else "", "", version.value.value, version.at.location)


def _texts(expression: ast.Expression) -> Mapping[str, str]:
    if isinstance(expression, ast.Literal) and isinstance(expression.value, str):
        return {"version": expression.value}
    if not isinstance(expression, ast.ObjectNode):
        return {}
    return {
        str(i.key.value): i.value.value
        for i in expression.items
        if isinstance(i.key, ast.Literal) and isinstance(i.value, ast.Literal) and isinstance(i.value.value, str)
    }
