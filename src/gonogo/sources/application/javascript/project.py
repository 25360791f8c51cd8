"""The modules of one application: which file an import leads to, each read at most once."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gonogo.sources.application.code.syntax import SourceLimit, parse
from gonogo.sources.application.javascript.scopes import SourceModule, read_module
from gonogo.sources.tree import Tree, Unreadable

if TYPE_CHECKING:
    from tree_sitter import Parser

SOURCES = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs")
MAX_MODULES = 3_000
MAX_TOTAL = 24 * 1024 * 1024
# TypeScript writes the name of the file that will be there: `./app.js` is `./app.ts` (https://www.typescriptlang.org/docs/handbook/modules/reference.html).
_WRITTEN_AS = {".js": (".ts", ".tsx"), ".mjs": (".mts",), ".cjs": (".cts",), ".jsx": (".tsx",)}
_COMMENT = re.compile(r'("(?:\\.|[^"\\\n])*")|//[^\n]*|/\*[\s\S]*?(?:\*/|\Z)')
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
MAX_EXTENDS = 5


class Grammars:
    """The parsers of the three grammars, each made when a file needs it."""

    def __init__(self) -> None:
        self._parsers: dict[str, Parser] = {}

    def of(self, path: str) -> Parser:
        kind = "tsx" if path.endswith(".tsx") else "typescript" if path.endswith((".ts", ".mts", ".cts")) else "javascript"
        if kind not in self._parsers:
            import tree_sitter

            if kind == "javascript":
                import tree_sitter_javascript

                language = tree_sitter_javascript.language()
            else:
                import tree_sitter_typescript

                language = tree_sitter_typescript.language_tsx() if kind == "tsx" else tree_sitter_typescript.language_typescript()
            self._parsers[kind] = tree_sitter.Parser(tree_sitter.Language(language))
        return self._parsers[kind]


@dataclass(frozen=True, slots=True)
class Paths:
    """What `tsconfig.json` says of modules: `paths` (absolute in the tree), and where the sources and what is built of them lie."""

    base: str | None = None
    patterns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    output: str | None = None
    sources: str | None = None


def read_json(text: str) -> Any:
    """JSON with comments and trailing commas, as `tsconfig.json` is. Raises `ValueError`."""
    try:
        return json.loads(text)
    except ValueError:
        return json.loads(_TRAILING_COMMA.sub(r"\1", _COMMENT.sub(lambda m: m[1] or "", text)))


def read_paths(tree: Tree, directory: str) -> Paths:
    """The `tsconfig.json` of an application's directory, with what it extends in the tree; nothing where there is none that parses."""
    found: dict[str, Any] = {}
    where: dict[str, str] = {}
    path = next((p for name in ("tsconfig.build.json", "tsconfig.app.json", "tsconfig.json") if (p := posixpath.join(directory, name)) in tree.files), "")
    for _ in range(MAX_EXTENDS):
        if path not in tree.files:
            break
        try:
            config = read_json(tree.text(path))
        except (Unreadable, ValueError, RecursionError):
            break
        compiler = config.get("compilerOptions") if isinstance(config, dict) else None
        for name, value in compiler.items() if isinstance(compiler, dict) else ():
            if name not in found:
                found[name], where[name] = value, posixpath.dirname(path)
        extends = config.get("extends") if isinstance(config, dict) else None
        if not isinstance(extends, str) or not extends.startswith("."):
            break
        path = posixpath.normpath(posixpath.join(posixpath.dirname(path), extends if extends.endswith(".json") else f"{extends}.json"))

    def place(name: str) -> str | None:
        value = found.get(name)
        return _normal(posixpath.join(where[name], value)) if isinstance(value, str) else None

    base = place("baseUrl")
    patterns: dict[str, tuple[str, ...]] = {}
    written = found.get("paths")
    for pattern, targets in written.items() if isinstance(written, dict) else ():
        start = base if base is not None else where["paths"]
        patterns[pattern] = tuple(_normal(posixpath.join(start, t)) for t in targets if isinstance(t, str)) if isinstance(targets, list) else ()
    return Paths(base, patterns, place("outDir"), place("rootDir"))


def _normal(path: str) -> str:
    normal = posixpath.normpath(path)
    return "" if normal == "." else normal


@dataclass(frozen=True, slots=True)
class Found:
    """Where an import leads: to a file of the tree, to a library, or nowhere that is known."""

    path: str = ""
    library: str = ""
    reason: str = ""


class Project:
    """The modules below a directory. What cannot be read of them is kept in `failed`, by path."""

    def __init__(self, tree: Tree, directory: str, packages: Mapping[str, str], grammars: Grammars) -> None:
        """`packages` maps the names of the workspace's own packages to their directories."""
        self.tree = tree
        self.directory = directory
        self.paths = read_paths(tree, directory)
        self.failed: dict[str, str] = {}
        self._packages = packages
        self._grammars = grammars
        self._modules: dict[str, SourceModule | None] = {}
        self._resolved: dict[tuple[str, str], Found] = {}
        self._total = 0

    def module(self, path: str) -> SourceModule | None:
        """The module of a file; None where it cannot be read, for the reason in `failed`."""
        if path not in self._modules:
            self._modules[path] = self._read(path)
        return self._modules[path]

    def read(self) -> Sequence[SourceModule]:
        """The modules read so far, by path."""
        return [m for _, m in sorted(self._modules.items()) if m is not None]

    def _read(self, path: str) -> SourceModule | None:
        size = self.tree.files[path].size
        if len(self._modules) >= MAX_MODULES or self._total + size > MAX_TOTAL:
            self.failed[path] = f"an application of more than {MAX_MODULES} modules or {MAX_TOTAL} bytes, the rest not read"
            return None
        self._total += size
        try:
            return read_module(path, parse(self._grammars.of(path), self.tree.text(path)))
        except (Unreadable, SourceLimit) as error:
            self.failed[path] = str(error)
            return None

    def find(self, source: str, importer: str) -> Found:
        """Where `import … from "source"` in the file `importer` leads."""
        key = (source, posixpath.dirname(importer))
        if key not in self._resolved:
            self._resolved[key] = self._find(source, key[1])
        return self._resolved[key]

    def _find(self, source: str, directory: str) -> Found:
        if source.startswith((".", "/")):
            path = self.file(posixpath.join(directory, source)) if source.startswith(".") else None
            return Found(path) if path else Found(reason=f"{source} is not in the tree")
        for pattern, targets in self.paths.patterns.items():
            head, star, tail = pattern.partition("*")
            if (source == pattern) if not star else (source.startswith(head) and source.endswith(tail) and len(source) >= len(head) + len(tail)):
                inner = source[len(head) : len(source) - len(tail)] if star else ""
                for target in targets:
                    if path := self.file(target.replace("*", inner)):
                        return Found(path)
        if self.paths.base is not None and (path := self.file(posixpath.join(self.paths.base, source))):
            return Found(path)
        parts = source.split("/")
        name = "/".join(parts[: 2 if source.startswith("@") else 1])
        if name in self._packages:
            rest = "/".join(parts[2 if source.startswith("@") else 1 :])
            path = self.file(posixpath.join(self._packages[name], rest)) if rest else self.main(self._packages[name])
            return Found(path) if path else Found(reason=f"the module that {source} of this workspace leads to was not found")
        return Found(library=source.removeprefix("node:"))

    def file(self, path: str) -> str | None:
        """The source file that a module path means, as Node and TypeScript look for it; None where it is none of the tree."""
        path = _normal(path)
        if path.startswith("../"):
            return None
        files = self.tree.files
        stem, suffix = posixpath.splitext(path)
        if path in files and path.endswith(SOURCES):
            return path
        names = [f"{stem}{s}" for s in _WRITTEN_AS.get(suffix, ())]
        names += [f"{path}{s}" for s in SOURCES]
        names += [posixpath.join(path, f"index{s}") for s in SOURCES]
        return next((n for n in names if n in files), None)

    def main(self, directory: str) -> str | None:
        """The module that a package of the workspace is imported as: its sources, where what it names is built of them."""
        try:
            manifest = json.loads(self.tree.text(posixpath.join(directory, "package.json")))
        except (Unreadable, ValueError, RecursionError):
            manifest = {}
        names = [manifest.get(key) for key in ("source", "main", "module", "types")] if isinstance(manifest, dict) else []
        for name in (*names, "index", "src/index", "src/main"):
            if isinstance(name, str) and (path := self.source_of(posixpath.join(directory, name), read_paths(self.tree, directory), directory)):
                return path
        return None

    def source_of(self, path: str, paths: Paths | None = None, directory: str | None = None) -> str | None:
        """The source of a file, which may be what a compiler makes of it: `dist/main.js` of `src/main.ts`."""
        paths = paths or self.paths
        directory = self.directory if directory is None else directory
        path = _normal(path)
        if found := self.file(path):
            return found
        below = posixpath.relpath(path, directory or ".") if path else path
        outputs = [paths.output] if paths.output is not None else []
        outputs += [posixpath.join(directory, name) for name in ("dist", "build", "lib", "out", "dist-server", ".output/server")]
        for output in outputs:
            if output == directory or not path.startswith(f"{output}/"):
                continue
            below = path[len(output) + 1 :]
            roots = ([paths.sources] if paths.sources is not None else []) + [posixpath.join(directory, "src"), directory]
            # With the sources' own directory kept (`dist/src/main.js`) or not (`dist/main.js`).
            for root in roots:
                if found := self.file(posixpath.join(root, below)):
                    return found
        return None
