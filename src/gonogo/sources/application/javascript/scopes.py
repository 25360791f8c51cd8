"""The names of a module: what declares each, what it imports and what it exports."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from gonogo.sources.application.code.syntax import Node, Parsed

FUNCTIONS = frozenset({"function_declaration", "function_expression", "arrow_function", "method_definition", "generator_function", "generator_function_declaration"})
CLASSES = frozenset({"class_declaration", "class", "abstract_class_declaration"})
_BLOCKS = frozenset({"program", "statement_block", "for_statement", "for_in_statement", "catch_clause", "class_body", "switch_body"})
_PATTERNS = frozenset({"object_pattern", "array_pattern"})

Steps = tuple[str | int, ...]


class By(Enum):
    """How a name comes to its value."""

    VALUE = "value"
    IMPORT = "import"
    PARAMETER = "parameter"
    LOOP = "loop"


@dataclass(frozen=True, slots=True, eq=False)
class Binding:
    """One thing that a name may stand for. `steps` leads into a value that is taken apart (`const {a} = value`)."""

    by: By
    node: Node
    steps: Steps = ()
    source: str = ""
    member: str = ""
    function: Node | None = None
    index: int = 0
    type: Node | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Import:
    """A module that is loaded when this one is."""

    source: str
    node: Node


@dataclass(slots=True, eq=False)
class SourceModule:
    """One parsed file."""

    path: str
    parsed: Parsed
    names: dict[Node, dict[str, list[Binding]]] = field(default_factory=dict)
    members: dict[Node, dict[str, list[Binding]]] = field(default_factory=dict)
    """The members of each class."""
    exports: dict[str, Binding] = field(default_factory=dict)
    """`default` and names; `=` is what `module.exports` is set to."""
    stars: list[str] = field(default_factory=list)
    """The modules of which everything is exported again."""
    imports: list[Import] = field(default_factory=list)

    def resolve(self, node: Node, name: str) -> list[Binding]:
        """What `name` stands for where `node` is written; empty where nothing declares it."""
        at: Node | None = node
        while at is not None:
            found = self.names.get(at)
            if found is not None and name in found:
                return found[name]
            at = at.parent
        return []


def read_module(path: str, parsed: Parsed) -> SourceModule:
    """The names of a parsed file."""
    module = SourceModule(path, parsed)
    assigned: list[tuple[Node, Node]] = []
    for node in parsed.root.below():
        reader = _READERS.get(node.type)
        if reader is not None:
            reader(module, node)
        elif node.type == "assignment_expression":
            assigned.append((node.fields["left"], node.fields["right"])) if {"left", "right"} <= node.fields.keys() else None
    for left, right in assigned:
        _assign(module, left, right)
    return module


def string(node: Node | None) -> str | None:
    """The text of a string literal without substitutions."""
    if node is None or node.type not in ("string", "template_string") or any(c.type == "template_substitution" for c in node.children):
        return None
    return _unescape("".join(c.text for c in node.children)) if node.children else ""


def _unescape(text: str) -> str:
    return text.replace("\\/", "/").replace("\\n", "\n").replace("\\t", "\t").replace('\\"', '"').replace("\\'", "'") if "\\" in text else text


def name_of(node: Node | None) -> str:
    """The name that a key, a property or an identifier is written with; `` for a computed one."""
    if node is None:
        return ""
    return string(node) or "" if node.type in ("string", "template_string") else "" if node.type == "computed_property_name" else node.text


def parameters(function: Node) -> list[Node]:
    """The parameters of a function, in order."""
    single = function.fields.get("parameter")
    if single is not None:
        return [single]
    listed = function.fields.get("parameters")
    return [p for p in listed.children if _pattern_of(p).text != "this"] if listed is not None else []


def _pattern_of(parameter: Node) -> Node:
    return parameter.fields.get("pattern", parameter)


def _scope(node: Node, *, hoisted: bool = False) -> Node:
    """The nearest scope around a declaration."""
    last = node
    for around in node.above():
        last = around
        if around.type in FUNCTIONS or around.type == "program" or (not hoisted and around.type in _BLOCKS):
            return around
    return last


def _bind(module: SourceModule, scope: Node, name: str, binding: Binding) -> None:
    module.names.setdefault(scope, defaultdict(list))[name].append(binding)


def _names_in(pattern: Node, steps: Steps = ()) -> Iterator[tuple[str, Steps]]:
    """The names that a pattern binds, and the steps to each."""
    if pattern.type in ("identifier", "shorthand_property_identifier_pattern"):
        yield pattern.text, (*steps, pattern.text) if pattern.type != "identifier" else steps
    elif pattern.type in ("assignment_pattern", "object_assignment_pattern") and "left" in pattern.fields:
        yield from _names_in(pattern.fields["left"], steps)
    elif pattern.type == "pair_pattern" and {"key", "value"} <= pattern.fields.keys():
        yield from _names_in(pattern.fields["value"], (*steps, name_of(pattern.fields["key"])))
    elif pattern.type == "object_pattern":
        for child in pattern.children:
            yield from _names_in(child, steps)
    elif pattern.type == "array_pattern":
        for index, child in enumerate(pattern.children):
            yield from _names_in(child, (*steps, index))


def _declarator(module: SourceModule, node: Node) -> None:
    name = node.fields.get("name")
    if name is None:
        return
    hoisted = node.parent is not None and node.parent.type == "variable_declaration"
    scope = _scope(node, hoisted=hoisted)
    value = node.fields.get("value")
    for called, steps in _names_in(name):
        names = module.names.setdefault(scope, defaultdict(list))
        names.setdefault(called, [])
        if value is not None:
            _bind(module, scope, called, Binding(By.VALUE, value, steps))
        elif "type" in node.fields:
            _bind(module, scope, called, Binding(By.PARAMETER, node, steps, type=node.fields["type"]))
    if node.parent is not None and node.parent.parent is not None and node.parent.parent.type == "export_statement" and value is not None:
        for called, steps in _names_in(name):
            module.exports[called] = Binding(By.VALUE, value, steps)


def _declaration(module: SourceModule, node: Node) -> None:
    name = node.fields.get("name")
    binding = Binding(By.VALUE, node)
    if name is not None:
        _bind(module, _scope(node), name.text, binding)
    if node.parent is not None and node.parent.type == "export_statement":
        module.exports["default" if _is_default(node.parent) else name.text if name is not None else "default"] = binding


def _function(module: SourceModule, node: Node) -> None:
    if node.type in ("function_declaration", "generator_function_declaration"):
        _declaration(module, node)
    for index, parameter in enumerate(parameters(node)):
        for called, steps in _names_in(_pattern_of(parameter)):
            _bind(module, node, called, Binding(By.PARAMETER, parameter, steps, function=node, index=index, type=parameter.fields.get("type")))


def _class(module: SourceModule, node: Node) -> None:
    _declaration(module, node)
    members: dict[str, list[Binding]] = module.members.setdefault(node, defaultdict(list))
    body = node.fields.get("body")
    for member in body.children if body is not None else ():
        name = name_of(member.fields.get("name") or member.fields.get("property"))
        value = member.fields.get("value")
        if member.type == "method_definition":
            members[name].append(Binding(By.VALUE, member))
            for index, parameter in enumerate(parameters(member) if name == "constructor" else ()):
                if any(c.type in ("accessibility_modifier", "readonly") for c in parameter.children) or parameter.text.startswith("readonly"):
                    binding = Binding(By.PARAMETER, parameter, function=member, index=index, type=parameter.fields.get("type"))
                    members[_pattern_of(parameter).text].append(binding)
        elif value is not None:
            members[name].append(Binding(By.VALUE, value))
        elif "type" in member.fields:
            members[name].append(Binding(By.PARAMETER, member, type=member.fields["type"]))


def _loop(module: SourceModule, node: Node) -> None:
    left = node.fields.get("left")
    for called, steps in _names_in(left) if left is not None else ():
        _bind(module, node, called, Binding(By.LOOP, node.fields.get("right", node), steps))


def _catch(module: SourceModule, node: Node) -> None:
    parameter = node.fields.get("parameter")
    for called, steps in _names_in(parameter) if parameter is not None else ():
        _bind(module, node, called, Binding(By.PARAMETER, node, steps))


def _is_default(statement: Node) -> bool:
    return statement.text.startswith("export default") or statement.text.lstrip().partition("export")[2].lstrip().startswith("default")


def _is_type_only(statement: Node) -> bool:
    words = statement.text[:40].replace("{", " {").split()
    return len(words) > 2 and words[1] == "type" and words[2] not in ("from", ",")


def _import(module: SourceModule, node: Node) -> None:
    required = next((c for c in node.children if c.type == "import_require_clause"), None)
    source = string((required or node).fields.get("source"))
    if source is None:
        return
    if not _is_type_only(node):
        module.imports.append(Import(source, node))
    scope = module.parsed.root
    if required is not None and required.children:
        _bind(module, scope, required.children[0].text, Binding(By.IMPORT, node, source=source, member="*"))
        return
    for clause in (c for c in node.children if c.type == "import_clause"):
        for child in clause.children:
            if child.type == "identifier":
                _bind(module, scope, child.text, Binding(By.IMPORT, node, source=source, member="default"))
            elif child.type == "namespace_import" and child.children:
                _bind(module, scope, child.children[0].text, Binding(By.IMPORT, node, source=source, member="*"))
            elif child.type == "named_imports":
                for named in child.children:
                    name = named.fields.get("name")
                    if name is not None:
                        alias = named.fields.get("alias", name)
                        _bind(module, scope, alias.text, Binding(By.IMPORT, node, source=source, member=name_of(name)))


def _export(module: SourceModule, node: Node) -> None:
    source = string(node.fields.get("source"))
    if source is not None and not _is_type_only(node):
        module.imports.append(Import(source, node))
    clauses = [c for c in node.children if c.type in ("export_clause", "namespace_export")]
    for clause in clauses:
        if clause.type == "namespace_export" and clause.children and source is not None:
            module.exports[name_of(clause.children[0])] = Binding(By.IMPORT, node, source=source, member="*")
        for named in clause.children if clause.type == "export_clause" else ():
            name = named.fields.get("name")
            if name is None:
                continue
            alias = name_of(named.fields.get("alias", name))
            module.exports[alias] = Binding(By.IMPORT, node, source=source, member=name_of(name)) if source is not None else Binding(By.VALUE, name)
    if source is not None and not clauses:
        module.stars.append(source)
    value = node.fields.get("value")
    if value is not None:
        module.exports["default"] = Binding(By.VALUE, value)
    elif source is None and not clauses and "declaration" not in node.fields:
        # `export = app` of TypeScript is `module.exports = app`.
        for child in node.children:
            if child.type not in ("decorator",):
                module.exports["="] = Binding(By.VALUE, child)


def _assign(module: SourceModule, left: Node, right: Node) -> None:
    if left.type == "identifier":
        for scope in (left, *left.above()):
            found = module.names.get(scope)
            if found is not None and left.text in found:
                found[left.text].append(Binding(By.VALUE, right))
                return
        # Without `const` or `let` it is a global of the module, as far as the module itself sees.
        _bind(module, module.parsed.root, left.text, Binding(By.VALUE, right))
        return
    if left.type != "member_expression" or not {"object", "property"} <= left.fields.keys():
        return
    thing, name = left.fields["object"], left.fields["property"].text
    if thing.type == "this":
        owner = next((n for n in left.above() if n.type in CLASSES), None)
        if owner is not None:
            module.members.setdefault(owner, defaultdict(list))[name].append(Binding(By.VALUE, right))
    elif thing.text == "module" and name == "exports":
        module.exports["="] = Binding(By.VALUE, right)
    elif thing.text in ("exports", "module.exports"):
        module.exports[name] = Binding(By.VALUE, right)


_READERS = {
    "variable_declarator": _declarator,
    "import_statement": _import,
    "export_statement": _export,
    "for_in_statement": _loop,
    "catch_clause": _catch,
    **dict.fromkeys(FUNCTIONS, _function),
    **dict.fromkeys(CLASSES, _class),
}
