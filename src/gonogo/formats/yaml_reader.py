"""YAML (and JSON, which is YAML) read on node events, so that every value has a line. Aliases, depth and nodes are bounded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import yaml

from gonogo.formats.yaml_nesting import too_deep
from gonogo.model.location import Location
from gonogo.model.value import Path, Value

MAX_DEPTH = 100
MAX_NODES = 1_000_000
MAX_EXPANDED = 100_000
"""Values that aliases may add. A value that is written takes a character at least, so a text bounds its own."""

_Loader: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# YAML 1.2 core booleans plus nothing: `on:` in a GitHub workflow and `no` as a country code are strings. Kubernetes and
# compose (both go-yaml) take only these too for untyped fields.
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_INT = re.compile(r"[-+]?(0|[1-9][0-9]*|0o[0-7]+|0x[0-9a-fA-F]+)\Z")
# Of YAML 1.1, which go-yaml (Kubernetes, Helm, compose) still takes: `defaultMode: 0755`.
_OCTAL = re.compile(r"[-+]?0[0-7]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document: plain data, and the place of every member by path. A mapping's member is located at its key."""

    file: str
    index: int
    value: Value
    locations: Mapping[Path, Location]
    repeated: tuple[tuple[str, Location], ...] = ()
    """Keys that are written again in the same mapping: the last one counts."""


@dataclass(frozen=True, slots=True)
class YamlFile:
    """The documents of a file up to the first error. `error` is one sentence, with `error_line`."""

    documents: tuple[Document, ...]
    error: str = ""
    error_line: int = 0


@dataclass(slots=True)
class _Reader:
    file: str
    limit: int
    locations: dict[Path, Location] = field(default_factory=dict)
    nodes: int = 0
    open: set[int] = field(default_factory=set)
    repeated: list[tuple[str, Location]] = field(default_factory=list)

    def read(self, node: yaml.Node, path: Path) -> Value:
        self.nodes += 1
        if self.nodes > self.limit:
            raise _Limit(f"more than {self.limit} values after expanding aliases", node)
        if len(path) > MAX_DEPTH:
            raise _Limit(f"nested deeper than {MAX_DEPTH} levels", node)
        if path not in self.locations:
            self.locations[path] = _at(self.file, node)
        if isinstance(node, yaml.ScalarNode):
            return scalar(node.value, node.tag, plain=not node.style)
        if id(node) in self.open:
            raise _Limit("an alias refers to a value it is part of", node)
        self.open.add(id(node))
        try:
            if isinstance(node, yaml.SequenceNode):
                return [self.read(item, (*path, i)) for i, item in enumerate(node.value)]
            return self._mapping(node, path)
        finally:
            self.open.discard(id(node))

    def _mapping(self, node: yaml.Node, path: Path) -> dict[str, Value]:
        found: dict[str, Value] = {}
        merged: dict[str, Value] = {}
        for key_node, value_node in node.value:
            if isinstance(key_node, yaml.ScalarNode) and key_node.tag == "tag:yaml.org,2002:merge":
                self._merge(value_node, path, merged)
                continue
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else str(self.read(key_node, (*path, "?")))
            at = (*path, key)
            self.locations[at] = _at(self.file, key_node, value_node)
            if key in found:
                self.repeated.append((key, self.locations[at]))
            found[key] = self.read(value_node, at)
        return {**merged, **found} if merged else found

    def _merge(self, node: yaml.Node, path: Path, into: dict[str, Value]) -> None:
        for source in node.value if isinstance(node, yaml.SequenceNode) else [node]:
            value = self.read(source, path) if isinstance(source, yaml.MappingNode) else {}
            if isinstance(value, Mapping):
                for key, item in value.items():
                    into.setdefault(key, item)


class _Limit(Exception):
    def __init__(self, message: str, node: yaml.Node) -> None:
        super().__init__(message)
        self.line = node.start_mark.line + 1


def _at(file: str, start: yaml.Node, end: yaml.Node | None = None) -> Location:
    last = (end or start).end_mark
    end_line = last.line if last.column == 0 and last.line > start.start_mark.line else last.line + 1
    return Location(file, start.start_mark.line + 1, start.start_mark.column + 1, end_line)


def scalar(text: str, tag: str = "", plain: bool = True) -> Value:
    """A scalar of YAML 1.2's core, and octal of 1.1. Quoted text is a string whatever it looks like."""
    if not plain:
        return text
    if tag == "tag:yaml.org,2002:str" and _INT.match(text) and "o" not in text:
        return text  # an explicit `!!str 12`: the resolver would have said int
    return _typed(text)


def _typed(text: str) -> Value:
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if _INT.match(text):
        return int(text, 0) if "o" in text or "x" in text else int(text)
    if _OCTAL.match(text):
        return int(text, 8)
    if _FLOAT.match(text):
        return float(text)
    return text


def read_yaml(file: str, text: str) -> YamlFile:
    """All documents of `text`. A broken document ends the file with an error; those before it are kept."""
    documents: list[Document] = []
    try:
        if line := too_deep(text):
            return YamlFile((), f"nested deeper than {MAX_DEPTH} levels", line)
        loader = _Loader(text)
    except yaml.YAMLError as error:
        return YamlFile((), *_explain(error))
    try:
        while loader.check_node():
            node = loader.get_node()
            reader = _Reader(file, min(MAX_NODES, len(text) + MAX_EXPANDED))
            if node is not None:
                value = reader.read(node, ())
                documents.append(Document(file, len(documents), value, reader.locations, tuple(reader.repeated)))
    except yaml.YAMLError as error:
        return YamlFile(tuple(documents), *_explain(error))
    except _Limit as error:
        return YamlFile(tuple(documents), str(error), error.line)
    except RecursionError:
        return YamlFile(tuple(documents), f"nested deeper than {MAX_DEPTH} levels", 0)
    except ValueError as error:
        return YamlFile(tuple(documents), f"a value cannot be read: {error}", 0)
    finally:
        loader.dispose()
    return YamlFile(tuple(documents))


def _explain(error: yaml.YAMLError) -> tuple[str, int]:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "not valid YAML"
    return f"not valid YAML: {problem}", (mark.line + 1 if mark is not None else 0)
