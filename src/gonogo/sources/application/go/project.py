"""The packages of an application's Go modules: where an import leads, and what each package declares."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gonogo.sources.application.code.syntax import Node, Parsed, SourceLimit, parse
from gonogo.sources.tree import Tree, Unreadable

if TYPE_CHECKING:
    from tree_sitter import Parser

MAX_FILES = 3_000
MAX_TOTAL = 24 * 1024 * 1024
MAX_GO_MOD = 512 * 1024
FUNCTIONS = frozenset({"function_declaration", "method_declaration", "func_literal"})
_SCOPES = frozenset({*FUNCTIONS, "block", "if_statement", "for_statement", "expression_switch_statement", "type_switch_statement", "communication_case", "expression_case", "type_case", "default_case"})
_VERSION = re.compile(r"/v\d+(?=/|\Z)|\.v\d+\Z")
_CONSTRAINT = re.compile(r"^//\s*(?:go:build|\+build)\s+([^\n]{1,500})$", re.M)
_PLATFORM_FILE = re.compile(r"_(windows|darwin|freebsd|openbsd|netbsd|plan9|js|wasm|android|ios|solaris|aix|illumos|dragonfly)(?:_\w+)?\.go\Z")
_TRUE_TAGS = re.compile(r"\A(?:linux|unix|amd64|gc|go1\.\d+|cgo)\Z")


@dataclass(frozen=True, slots=True)
class GoModule:
    """A `go.mod`: its path, what it requires itself, what only others do, and what it replaces by a directory."""

    path: str
    name: str
    direct: frozenset[str] = frozenset()
    indirect: frozenset[str] = frozenset()
    replaced: Mapping[str, str] = field(default_factory=dict)

    @property
    def directory(self) -> str:
        return posixpath.dirname(self.path)


def read_go_mod(path: str, text: str) -> GoModule:
    """A `go.mod` (https://go.dev/ref/mod#go-mod-file). Raises `ValueError` where it names no module."""
    name, block = "", ""
    direct: set[str] = set()
    indirect: set[str] = set()
    replaced: dict[str, str] = {}
    for line in text[:MAX_GO_MOD].splitlines():
        code, _, comment = line.partition("//")
        words = code.replace('"', " ").split()
        if not words:
            continue
        if words[0] == ")":
            block = ""
            continue
        if len(words) > 1 and words[1] == "(":
            block = words[0]
            continue
        verb, rest = (block, words) if block else (words[0], words[1:])
        if verb == "module" and rest:
            name = rest[0]
        elif verb == "require" and rest:
            (indirect if comment.strip().startswith("indirect") else direct).add(rest[0])
        elif verb == "replace" and "=>" in rest:
            target = rest[rest.index("=>") + 1 :]
            if target and target[0].startswith("."):
                replaced[rest[0]] = posixpath.normpath(posixpath.join(posixpath.dirname(path), target[0]))
    if not name:
        raise ValueError("it names no module")
    return GoModule(path, name, frozenset(direct), frozenset(indirect), replaced)


def plain(import_path: str) -> str:
    """An import path without the major version in it."""
    return _VERSION.sub("", import_path)


@dataclass(frozen=True, slots=True, eq=False)
class Binding:
    """What a name may stand for. `index`: which of several values, or which parameter of `function`. `typed`: only its type is known."""

    node: Node | None
    file: GoFile
    index: int = 0
    function: Node | None = None
    type: Node | None = None
    of_many: bool = False


@dataclass(slots=True, eq=False)
class GoFile:
    """One parsed file."""

    path: str
    package: str
    parsed: Parsed
    name: str = ""
    imports: dict[str, tuple[str, Node]] = field(default_factory=dict)
    """Local name -> import path."""
    blank: list[str] = field(default_factory=list)
    """Imports for what they do when they are loaded, and all others: every import is loaded."""
    names: dict[Node, dict[str, list[Binding]]] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Package:
    """The files of a directory that are built together."""

    directory: str
    name: str = ""
    files: list[GoFile] = field(default_factory=list)
    names: dict[str, list[Binding]] = field(default_factory=lambda: defaultdict(list))
    types: dict[str, tuple[Node, GoFile]] = field(default_factory=dict)
    methods: dict[str, dict[str, tuple[Node, GoFile]]] = field(default_factory=lambda: defaultdict(dict))
    starts: list[tuple[Node, GoFile]] = field(default_factory=list)
    """`main` and every `init`."""


class Project:
    """The packages of the modules below a directory; what cannot be read of them is kept in `failed`, by path."""

    def __init__(self, tree: Tree, modules: Sequence[GoModule], names: Mapping[str, str]) -> None:
        self.tree = tree
        self.modules = sorted(modules, key=lambda m: -len(m.name))
        self.failed: dict[str, str] = {}
        self._names = names
        self._packages: dict[str, Package] = {}
        self._parser: Parser | None = None
        self._total = 0
        self._count = 0
        self.methods_named: dict[str, list[tuple[Node, GoFile]]] = defaultdict(list)
        self._directories: dict[str, str | None] = {}

    def directory_of(self, import_path: str) -> str | None:
        """The directory of a package of these modules; None for a library."""
        if import_path not in self._directories:
            self._directories[import_path] = self._directory_of(import_path)
        return self._directories[import_path]

    def _directory_of(self, import_path: str) -> str | None:
        for module in self.modules:
            for name, directory in ((module.name, module.directory), *module.replaced.items()):
                if import_path == name or import_path.startswith(f"{name}/"):
                    found = posixpath.normpath(posixpath.join(directory, import_path[len(name) :].lstrip("/")))
                    return "" if found == "." else found
        return None

    def read(self) -> list[Package]:
        return [p for _, p in sorted(self._packages.items())]

    def package(self, directory: str) -> Package:
        """The package in a directory; empty where it holds no Go."""
        if directory not in self._packages:
            self._packages[directory] = package = Package(directory)
            for path in self.tree.below(directory):
                if posixpath.dirname(path) == directory and path.endswith(".go") and not path.endswith("_test.go") and not _PLATFORM_FILE.search(path):
                    self._read(path, package)
        return self._packages[directory]

    def _read(self, path: str, package: Package) -> None:
        size = self.tree.files[path].size
        self._count += 1
        self._total += size
        if self._count > MAX_FILES or self._total > MAX_TOTAL:
            self.failed[path] = f"an application of more than {MAX_FILES} files or {MAX_TOTAL} bytes, the rest not read"
            return
        try:
            text = self.tree.text(path)
            if not _built(text):
                return
            if self._parser is None:
                import tree_sitter
                import tree_sitter_go

                self._parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_go.language()))
            parsed = parse(self._parser, text)
        except (Unreadable, SourceLimit) as error:
            self.failed[path] = str(error)
            return
        _Reader(GoFile(path, package.directory, parsed), package, self).read()

    def name_of(self, import_path: str) -> str:
        """The name that a package is used by: what it declares, or what its path says."""
        directory = self.directory_of(import_path)
        if directory is not None and (own := self.package(directory).name):
            return own
        short = plain(import_path)
        if short in self._names:
            return self._names[short]
        last = short.rpartition("/")[2]
        return last.removeprefix("go-").removesuffix("-go").replace("-", "_") if "-" in last else last


def _built(text: str) -> bool:
    """Whether a file is built for Linux without further tags (https://pkg.go.dev/cmd/go#hdr-Build_constraints)."""
    head = text[: max(text.find("\npackage "), 0)][:4_000]
    match = _CONSTRAINT.search(head)
    if match is None or "(" in match[1]:
        return True
    return any(all(bool(_TRUE_TAGS.match(t.strip().removeprefix("!"))) != t.strip().startswith("!") for t in part.split("&&")) for part in match[1].split("||"))


class _Reader:
    """Fills a package with what one file declares."""

    def __init__(self, file: GoFile, package: Package, project: Project) -> None:
        self._file = file
        self._package = package
        self._project = project

    def read(self) -> None:
        root = self._file.parsed.root
        clause = next((c for c in root.children if c.type == "package_clause"), None)
        name = clause.children[0].text if clause is not None and clause.children else ""
        self._file.name = name
        if self._package.name and name != self._package.name:
            return  # another package in the same directory is not built with it
        self._package.name = name
        self._package.files.append(self._file)
        for node in root.below():
            reader = _READERS.get(node.type)
            if reader is not None:
                reader(self, node)

    def bind(self, at: Node, name: str, binding: Binding) -> None:
        if name == "_":
            return
        scope = next((n for n in at.above() if n.type in _SCOPES), None)
        if scope is None:
            self._package.names[name].append(binding)
        else:
            self._file.names.setdefault(scope, defaultdict(list))[name].append(binding)

    def _import(self, node: Node) -> None:
        written = literal(node.fields.get("path"))
        if not written:
            return
        self._file.blank.append(written)
        alias = node.fields.get("name")
        if alias is None:
            self._file.imports[self._project.name_of(written)] = (written, node)
        elif alias.type == "package_identifier":
            self._file.imports[alias.text] = (written, node)

    def _function(self, node: Node) -> None:
        name = node.fields.get("name")
        if node.type == "method_declaration" and name is not None:
            receiver = next((p for p in parameters(node.fields.get("receiver"))), None)
            kind = base_type(receiver[1]) if receiver is not None else ""
            self._package.methods[kind].setdefault(name.text, (node, self._file))
            self._project.methods_named[name.text].append((node, self._file))
            if receiver is not None and receiver[0] is not None:
                self._file.names.setdefault(node, defaultdict(list))[receiver[0].text].append(Binding(None, self._file, type=receiver[1]))
        elif name is not None and node.type == "function_declaration":
            if name.text == "init" or (name.text == "main" and self._package.name == "main"):
                self._package.starts.append((node, self._file))
            self._package.names[name.text].append(Binding(node, self._file))
        for index, (called, kind_node) in enumerate(parameters(node.fields.get("parameters"))):
            if called is not None and called.text != "_":
                binding = Binding(None, self._file, index, function=node, type=kind_node)
                self._file.names.setdefault(node, defaultdict(list))[called.text].append(binding)

    def _type(self, node: Node) -> None:
        name = node.fields.get("name")
        if name is not None:
            self._package.types.setdefault(name.text, (node, self._file))

    def _variables(self, node: Node) -> None:
        names = [c for c in node.children if c.type == "identifier"]
        value = node.fields.get("value")
        self._bind_all(node, names, value.children if value is not None else [], node.fields.get("type"))

    def _short(self, node: Node) -> None:
        left, right = node.fields.get("left"), node.fields.get("right")
        if left is not None and right is not None:
            self._bind_all(node, left.children, right.children, None)

    def _assign(self, node: Node) -> None:
        """`x = value` of a name that is declared without one."""
        left, right = node.fields.get("left"), node.fields.get("right")
        operator = node.fields.get("operator")
        if left is None or right is None or (operator is not None and operator.text != "="):
            return
        for index, target in enumerate(left.children):
            if target.type != "identifier" or target.text == "_":
                continue
            binding = self._binding(right.children, index, None, len(left.children))
            for scope in target.above():
                found = self._file.names.get(scope, {})
                if target.text in found:
                    found[target.text].append(binding)
                    break
            else:
                self._package.names[target.text].append(binding)

    def _range(self, node: Node) -> None:
        left = node.fields.get("left")
        for target in left.children if left is not None else ():
            if target.type == "identifier":
                self.bind(node, target.text, Binding(None, self._file))

    def _bind_all(self, at: Node, names: Sequence[Node], values: Sequence[Node], kind: Node | None) -> None:
        for index, name in enumerate(names):
            if name.type == "identifier":
                self.bind(at, name.text, self._binding(values, index, kind, len(names)))

    def _binding(self, values: Sequence[Node], index: int, kind: Node | None, count: int) -> Binding:
        if len(values) == count:
            return Binding(values[index], self._file, type=kind)
        if len(values) == 1:
            return Binding(values[0], self._file, index, type=kind, of_many=True)
        return Binding(None, self._file, type=kind)


_READERS = {
    "import_spec": _Reader._import,
    "function_declaration": _Reader._function,
    "method_declaration": _Reader._function,
    "func_literal": _Reader._function,
    "type_spec": _Reader._type,
    "type_alias": _Reader._type,
    "var_spec": _Reader._variables,
    "const_spec": _Reader._variables,
    "short_var_declaration": _Reader._short,
    "assignment_statement": _Reader._assign,
    "range_clause": _Reader._range,
}


def parameters(listed: Node | None) -> Iterator[tuple[Node | None, Node | None]]:
    """The names and types of parameters; `a, b int` is two."""
    for declaration in listed.children if listed is not None else ():
        if declaration.type not in ("parameter_declaration", "variadic_parameter_declaration"):
            continue
        kind = declaration.fields.get("type")
        names = [c for c in declaration.children if c.type == "identifier"]
        if not names:
            yield None, kind
        for name in names:
            yield name, kind


def base_type(kind: Node | None) -> str:
    """The name of a local type, without pointers and type arguments."""
    while kind is not None and kind.type in ("pointer_type", "generic_type", "parenthesized_type"):
        kind = kind.fields.get("type", kind.children[0] if kind.children else None)
    return kind.text if kind is not None and kind.type == "type_identifier" else ""


_ESCAPES = {"\\n": "\n", "\\t": "\t", '\\"': '"', "\\\\": "\\", "\\r": "\r", "\\'": "'"}


def literal(node: Node | None) -> str | None:
    """The text of a string literal."""
    if node is None or node.type not in ("interpreted_string_literal", "raw_string_literal"):
        return None
    if not node.children:
        return node.text[1:-1]
    return "".join(_ESCAPES.get(c.text, c.text) if c.type == "escape_sequence" else c.text for c in node.children)
