"""What an expression of a module stands for, followed through variables, modules, functions and classes; nothing is run."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import isfinite

from gonogo.sources.application.code.libraries import Libraries
from gonogo.sources.application.code.syntax import Node
from gonogo.sources.application.code.values import (
    Call,
    Either,
    Function,
    Instance,
    Items,
    Literal,
    Module,
    Opaque,
    Setting,
    Symbol,
    Symbolic,
    Table,
    either,
    entry,
    options,
)  # fmt: skip
from gonogo.sources.application.javascript.project import Project
from gonogo.sources.application.javascript.scopes import CLASSES, FUNCTIONS, Binding, By, SourceModule, name_of, string

MAX_DEPTH = 40
MAX_PATH = 300
MAX_STARS = 20
MAX_FRAMES = 3

_WRAPPERS = frozenset(
    {"await_expression", "parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression", "type_assertion", "spread_element", "yield_expression"}
)
# Conversions of a setting, which leave open what it is: `Number(process.env.LIMIT)`.
_CONVERSIONS = frozenset({"global:Number", "global:parseInt", "global:parseFloat", "global:String", "global:Boolean", "global:BigInt", "global:Number.parseInt"})
_ENVIRONMENT = ("global:process.env", "process.env", "global:Bun.env", "global:import.meta.env")
_MODE = re.compile(r"(?i)\A(?:node_env|app_env|environment|env|stage|deploy_env)\Z")
_PRODUCTION = frozenset({"production", "prod"})


class Evaluator:
    """The values of one application's expressions. `bound` collects what its functions are called with, as far as that was seen."""

    def __init__(self, project: Project, libraries: Libraries) -> None:
        self._project = project
        self._libraries = libraries
        self._memo: dict[Node, Symbolic] = {}
        self._calls: dict[Node, Call | None] = {}
        self._results: dict[tuple[Node, tuple[Symbolic, ...]], Symbolic] = {}
        self._depth = 0
        self._frames: list[dict[tuple[Node, int], Symbolic]] = []
        self.bound: dict[tuple[Node, int], list[Symbolic]] = defaultdict(list)

    def forget(self) -> None:
        """Start over with what is known of parameters now."""
        self._memo.clear()
        self._calls.clear()
        self._results.clear()

    def value(self, node: Node | None, module: SourceModule) -> Symbolic:
        """What `node` stands for."""
        if node is None:
            return Literal(None)
        found = self._memo.get(node)
        if found is not None:
            return found
        if self._depth >= MAX_DEPTH:
            return Opaque(f"more than {MAX_DEPTH} steps lead to it")
        self._memo[node] = Opaque("it is defined by itself")
        self._depth += 1
        try:
            found = self._value(node, module)
        finally:
            self._depth -= 1
        self._memo[node] = found
        return found

    def call(self, node: Node, module: SourceModule) -> Call | None:
        """The call of a library that a call or `new` expression is; None where it calls something else."""
        if node not in self._calls:
            self._calls[node] = None
            callee = self.value(node.fields.get("function") or node.fields.get("constructor"), module)
            symbol = next((o for o in options(callee) if isinstance(o, Symbol)), None)
            if symbol is not None:
                self._calls[node] = Call(symbol.path, node, module.path, self.arguments(node, module), symbol if symbol.call is not None else symbol.of)
        return self._calls[node]

    def arguments(self, node: Node, module: SourceModule) -> tuple[Symbolic, ...]:
        listed = node.fields.get("arguments")
        if listed is None or listed.type != "arguments":
            return ()
        return tuple(self.value(a, module) for a in listed.children)

    def _value(self, node: Node, module: SourceModule) -> Symbolic:
        kind = node.type
        if kind in ("identifier", "shorthand_property_identifier", "type_identifier", "undefined"):
            return self._name(node, module)
        if kind in ("member_expression", "subscript_expression"):
            return self._member(node, module)
        if kind in ("call_expression", "new_expression"):
            return self._called(node, module)
        if kind in _WRAPPERS and node.children:
            inner = next((c for c in node.children if c.type not in ("as", "satisfies", "type_arguments")), node.children[0])
            return self.value(inner, module)
        if kind == "object":
            return self._table(node, module)
        if kind == "array":
            return self._items(node, module)
        if kind in FUNCTIONS:
            return Function(node, module.path)
        if kind in CLASSES:
            return Function(node, module.path)
        if kind in ("binary_expression", "ternary_expression", "unary_expression"):
            return self._operation(node, module)
        if kind == "assignment_expression":
            return self.value(node.fields.get("right"), module)
        if kind == "sequence_expression" and node.children:
            return self.value(node.children[-1], module)
        if kind == "this":
            owner = next((n for n in node.above() if n.type in CLASSES), None)
            return Instance(owner, module.path) if owner is not None else Opaque("what `this` is depends on the caller")
        return self._literal(node, module)

    def _literal(self, node: Node, module: SourceModule) -> Symbolic:
        if node.type in ("string", "template_string"):
            text = string(node)
            if text is not None:
                return Literal(text)
            parts = [self.value(c.children[0], module) for c in node.children if c.type == "template_substitution" and c.children]
            known = [p for p in parts if isinstance(p, Literal)]
            if len(known) == len(parts):
                values = iter(known)
                return Literal("".join(str(next(values).value) if c.type == "template_substitution" else c.text for c in node.children)[:MAX_PATH])
            return next((p for p in parts if isinstance(p, Setting)), Opaque("a text that the code puts together"))
        if node.type == "number":
            return _number(node.text)
        if node.type in ("true", "false"):
            return Literal(node.type == "true")
        if node.type == "null":
            return Literal(None)
        if node.type == "regex":
            return Literal(node.text)
        if node.type == "meta_property":
            return Symbol("global:import.meta")
        return Opaque("the code computes it")

    def _name(self, node: Node, module: SourceModule) -> Symbolic:
        name = node.text
        if name == "undefined":
            return Literal(None)
        found = module.resolve(node, name)
        if not found:
            return Symbol(f"global:{name}")
        return either([self._bound(b, module) for b in found])

    def _bound(self, binding: Binding, module: SourceModule) -> Symbolic:
        if binding.by is By.IMPORT:
            return self._imported(binding, module)
        if binding.by is By.VALUE:
            value = self.value(binding.node, module)
        elif binding.by is By.PARAMETER:
            value = self._parameter(binding, module)
        else:
            value = Opaque("a loop gives it its values")
        for step in binding.steps:
            value = self._step(value, step)
        return value

    def _parameter(self, binding: Binding, module: SourceModule) -> Symbolic:
        given = self.bound.get((binding.function, binding.index)) if binding.function is not None else None
        if self._frames and binding.function is not None and (binding.function, binding.index) in self._frames[-1]:
            return self._frames[-1][binding.function, binding.index]
        if binding.type is not None:
            typed = self._typed(binding.type, module)
            if not isinstance(typed, Opaque):
                # What it is called with tells routers apart, its type only what it is.
                same = [g for g in given or () if isinstance(g, Symbol) and isinstance(typed, Symbol) and g.path == typed.path]
                return either(list(same)) if same else typed
        if given:
            return either(list(given))
        return Opaque("a parameter of a function whose callers were not seen")

    def _typed(self, annotation: Node, module: SourceModule) -> Symbolic:
        """An object of a type."""
        node = annotation
        while node.type in ("type_annotation", "generic_type", "parenthesized_type", "readonly_type") and node.children:
            node = node.fields.get("name", node.children[0])
        if node.type == "nested_type_identifier" and {"module", "name"} <= node.fields.keys():
            outer = self._name(node.fields["module"], module)
            path = f"{outer.path}.{node.fields['name'].text}" if isinstance(outer, Symbol) else ""
            return self._object(path) if path and not path.startswith("global:") else Opaque("a type that is not known")
        if node.type not in ("type_identifier", "identifier"):
            return Opaque("a type that is not known")
        value = self._name(node, module)
        if isinstance(value, Symbol) and not value.path.startswith("global:"):
            return self._object(value.path)
        if isinstance(value, Function) and value.node.type in CLASSES:
            return Instance(value.node, value.file)
        return Opaque("a type that is not known")

    def _object(self, type_path: str) -> Symbol:
        return Symbol(self._libraries.types.get(type_path, type_path))

    def _imported(self, binding: Binding, module: SourceModule) -> Symbolic:
        found = self._project.find(binding.source, module.path)
        if found.library:
            member = "" if binding.member in ("*", "default") else f".{binding.member}"
            return Symbol(f"{found.library}{member}")
        if found.path:
            whole = Module(found.path)
            return whole if binding.member == "*" else self.exported(whole, binding.member)
        return Opaque(found.reason)

    def exported(self, whole: Module, name: str, stars: int = 0) -> Symbolic:
        """What a module exports by a name."""
        module = self._project.module(whole.path)
        if module is None:
            return Opaque(f"{whole.path} was not read")
        if name in module.exports:
            return self._bound(module.exports[name], module)
        if "=" in module.exports:
            value = self._bound(module.exports["="], module)
            return value if name == "default" else self._step(value, name)
        if name == "default" and module.exports:
            return whole
        for source in module.stars if stars < MAX_STARS else ():
            found = self._project.find(source, module.path)
            if found.library:
                return Symbol(f"{found.library}.{name}")
            if found.path:
                value = self.exported(Module(found.path), name, stars + 1)
                if not isinstance(value, Opaque):
                    return value
        return Opaque(f"{whole.path} exports no {name}")

    def required(self, source: str, module: SourceModule) -> Symbolic:
        """What `require(source)` or `import(source)` gives."""
        found = self._project.find(source, module.path)
        if found.library:
            return Symbol(found.library)
        if not found.path:
            return Opaque(found.reason)
        loaded = self._project.module(found.path)
        if loaded is not None and "=" in loaded.exports:
            return self._bound(loaded.exports["="], loaded)
        return Module(found.path)

    def _member(self, node: Node, module: SourceModule) -> Symbolic:
        thing = self.value(node.fields.get("object"), module)
        if node.type == "member_expression":
            return self._step(thing, name_of(node.fields.get("property")))
        index = self.value(node.fields.get("index"), module)
        if isinstance(index, Literal) and isinstance(index.value, str | int):
            return self._step(thing, index.value)
        return Opaque("which member it is, the code computes")

    def _step(self, thing: Symbolic, step: str | int) -> Symbolic:
        """The member of a value."""
        if isinstance(thing, Either):
            return either([self._step(option, step) for option in thing.options])
        if isinstance(thing, Symbol):
            if thing.path in _ENVIRONMENT:
                return Setting(str(step))
            path = thing.path if step == "default" else f"{thing.path}.{step}"
            return Symbol(path, None, thing) if len(path) <= MAX_PATH else Opaque("a chain of calls that is too long")
        if isinstance(thing, Table):
            return entry(thing, str(step)) or Literal(None)
        if isinstance(thing, Items) and isinstance(step, int):
            return thing.members[step] if 0 <= step < len(thing.members) and not thing.open else Opaque("a member of a list")
        if isinstance(thing, Module):
            return self.exported(thing, str(step))
        if isinstance(thing, Instance):
            return self._of_instance(thing, str(step))
        if isinstance(thing, Function) and thing.node.type in CLASSES:
            return self._of_instance(Instance(thing.node, thing.file), str(step))
        return thing if isinstance(thing, Opaque | Setting) else Opaque("a member of something that is computed")

    def _of_instance(self, thing: Instance, name: str) -> Symbolic:
        module = self._project.module(thing.file)
        members: Mapping[str, list[Binding]] = module.members.get(thing.node, {}) if module is not None else {}
        if module is None or name not in members:
            return Opaque(f"a member {name} that the class does not declare")
        return either([self._bound(b, module) for b in members[name]])

    def _called(self, node: Node, module: SourceModule) -> Symbolic:
        function = node.fields.get("function") or node.fields.get("constructor")
        if function is not None and (function.type == "import" or (function.text == "require" and not module.resolve(function, "require"))):
            listed = node.fields.get("arguments")
            source = string(listed.children[0]) if listed is not None and listed.children else None
            return self.required(source, module) if source is not None else Opaque("which module it is, the code computes")
        call = self.call(node, module)
        if call is not None:
            return self.result(call)
        callee = self.value(function, module)
        if isinstance(callee, Module):
            callee = self.exported(callee, "default")
        if not isinstance(callee, Function):
            # `process.env.ORIGINS.split(",")` is still what the environment says.
            return callee if isinstance(callee, Opaque | Setting) else Opaque("what it calls is not known")
        if node.type == "new_expression" or callee.node.type in CLASSES:
            return Instance(callee.node, callee.file)
        return self.returned(callee, self.arguments(node, module))

    def result(self, call: Call) -> Symbolic:
        """What a call of a library gives back."""
        if call.callee in _CONVERSIONS and call.arguments:
            first = call.arguments[0]
            if isinstance(first, Literal) and isinstance(first.value, str) and call.callee != "global:String":
                return _number(first.value)
            return first
        path = f"{call.callee}()"
        if call.of is not None and path not in self._libraries.same and self._libraries.chained(path):
            return call.of
        path = self._libraries.same.get(path, path)
        return Symbol(path, call, call.of) if len(path) <= MAX_PATH else Opaque("a chain of calls that is too long")

    def returned(self, function: Function, arguments: Sequence[Symbolic] | None = None) -> Symbolic:
        """What a function of the application returns, where it is called with `arguments`."""
        if arguments is None or len(self._frames) >= MAX_FRAMES:
            return self._returns(function)
        key = (function.node, tuple(arguments))
        if key in self._results:
            return self._results[key]
        memo, calls = self._memo, self._calls
        self._memo, self._calls = {}, {}
        self._frames.append({(function.node, n): argument for n, argument in enumerate(arguments)})
        try:
            found = self._returns(function)
        finally:
            self._frames.pop()
            self._memo, self._calls = memo, calls
        self._results[key] = found
        return found

    def _returns(self, function: Function) -> Symbolic:
        module = self._project.module(function.file)
        body = function.node.fields.get("body")
        if module is None or body is None:
            return Opaque("what the function returns is not known")
        if body.type != "statement_block":
            return self.value(body, module)
        found = [self.value(r.children[0], module) for r in own(body) if r.type == "return_statement" and r.children]
        return either(found) if found else Literal(None)

    def _table(self, node: Node, module: SourceModule) -> Symbolic:
        entries: dict[str, Symbolic] = {}
        why = ""
        for child in node.children:
            if child.type == "pair":
                key = child.fields.get("key")
                name = name_of(key)
                if not name and key is not None and key.type == "computed_property_name":
                    why = "a member whose name the code computes"
                else:
                    entries[name] = self.value(child.fields.get("value"), module)
            elif child.type == "shorthand_property_identifier":
                entries[child.text] = self.value(child, module)
            elif child.type == "method_definition":
                entries[name_of(child.fields.get("name"))] = Function(child, module.path)
            elif child.type == "spread_element":
                inner = self.value(child, module)
                if isinstance(inner, Table):
                    entries.update(inner.entries)
                    why = why or inner.open
                else:
                    why = "members spread in from something that is computed"
        return Table(entries, why, node=node)

    def _items(self, node: Node, module: SourceModule) -> Symbolic:
        members: list[Symbolic] = []
        why = ""
        for child in node.children:
            value = self.value(child, module)
            if child.type == "spread_element":
                if isinstance(value, Items):
                    members.extend(value.members)
                    why = why or value.open
                else:
                    why = "members spread in from something that is computed"
            else:
                members.append(value)
        return Items(tuple(members), why)

    def _operation(self, node: Node, module: SourceModule) -> Symbolic:
        if node.type == "unary_expression":
            operator, value = node.fields.get("operator"), self.value(node.fields.get("argument"), module)
            if operator is not None and operator.text == "+":
                return value
            if operator is not None and operator.text == "!" and isinstance(value, Literal):
                return Literal(not value.value)
            if operator is not None and operator.text == "-" and isinstance(value, Literal) and isinstance(value.value, int | float):
                return Literal(-value.value)
            return value if isinstance(value, Setting) else Opaque("the code computes it")
        if node.type == "ternary_expression":
            test = self.truth(node.fields.get("condition"), module)
            branches = [node.fields.get("consequence"), node.fields.get("alternative")]
            taken = branches if test is None else branches[:1] if test else branches[1:]
            return either([self.value(b, module) for b in taken])
        return self._binary(node, module)

    def _binary(self, node: Node, module: SourceModule) -> Symbolic:
        operator = node.fields["operator"].text if "operator" in node.fields else ""
        left, right = self.value(node.fields.get("left"), module), self.value(node.fields.get("right"), module)
        if operator in ("||", "??"):
            if isinstance(left, Setting):
                return Setting(left.name, right if left.default is None else left.default)
            if isinstance(left, Literal):
                decided = left.value is not None if operator == "??" else bool(left.value)
                return left if decided else right
            return either([left, right])
        if operator == "&&":
            test = self.truth(node.fields.get("left"), module)
            return right if test is True else Literal(False) if test is False else either([Literal(False), right])
        if operator in ("===", "==", "!==", "!="):
            same = _compared(left, right)
            return Opaque("the code compares it") if same is None else Literal(same is operator.startswith("="))
        if isinstance(left, Literal) and isinstance(right, Literal):
            return _computed(operator, left.value, right.value)
        return next((v for v in (left, right) if isinstance(v, Setting | Opaque)), Opaque("the code computes it"))

    def truth(self, condition: Node | None, module: SourceModule) -> bool | None:
        """Whether a condition holds in production; None where that is not known."""
        value = self.value(condition, module)
        return bool(value.value) if isinstance(value, Literal) else None

    def depends(self, condition: Node | None, module: SourceModule) -> str:
        """The setting that a condition asks for, `` where it asks for none that is seen."""
        for node in condition.below() if condition is not None else ():
            if node.type in ("member_expression", "identifier", "subscript_expression"):
                for value in options(self.value(node, module)):
                    if isinstance(value, Setting):
                        return value.name
        return ""


def own(body: Node) -> list[Node]:
    """The nodes of a function's body without those of functions and classes in it."""
    found: list[Node] = []
    stack = [body]
    while stack:
        node = stack.pop()
        found.append(node)
        stack.extend(c for c in reversed(node.children) if c.type not in FUNCTIONS and c.type not in CLASSES)
    return found


def _number(text: str) -> Symbolic:
    plain = text.replace("_", "").rstrip("n")
    try:
        number = float(int(plain, 0)) if plain[:2].lower() in ("0x", "0b", "0o") else float(plain)
    except ValueError:
        return Opaque("not a number")
    if not isfinite(number):
        return Opaque("a number that is too large")
    return Literal(int(number) if number.is_integer() else number)


def _compared(left: Symbolic, right: Symbolic) -> bool | None:
    """Whether two values are equal in production: what goes live runs with `NODE_ENV=production`."""
    for setting, other in ((left, right), (right, left)):
        if isinstance(setting, Setting) and isinstance(other, Literal) and _MODE.match(setting.name) and isinstance(other.value, str):
            return other.value.lower() in _PRODUCTION
    if isinstance(left, Literal) and isinstance(right, Literal):
        return left.value == right.value
    return None


def _computed(operator: str, left: object, right: object) -> Symbolic:
    if operator == "+" and (isinstance(left, str) or isinstance(right, str)):
        return Literal(f"{left}{right}"[:MAX_PATH])
    if isinstance(left, int | float) and isinstance(right, int | float):
        try:
            result = {"+": lambda: left + right, "-": lambda: left - right, "*": lambda: left * right, "/": lambda: left / right}.get(operator, lambda: None)()
        except (ArithmeticError, ValueError):
            result = None
        if result is not None and abs(result) < 1e15:
            return Literal(result)
    return Opaque("the code computes it")
