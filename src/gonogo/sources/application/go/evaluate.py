"""What an expression of Go stands for, followed through variables, fields, packages and functions by what is declared; nothing is run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

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
    options,
)  # fmt: skip
from gonogo.sources.application.go.project import FUNCTIONS, Binding, GoFile, Project, literal, plain

MAX_DEPTH = 40
MAX_PATH = 300
MAX_FRAMES = 3
_ENVIRONMENT = frozenset({"os.Getenv", "os.LookupEnv", "syscall.Getenv"})
_BUILTIN_TYPES = frozenset({"string", "int", "int32", "int64", "float64", "float32", "uint", "uint32", "uint64", "bool", "byte", "error", "any"})


class Evaluator:
    """The values of one application's expressions. `bound` and `fields` collect what functions and structs were seen to be given."""

    def __init__(self, project: Project, libraries: Libraries) -> None:
        self._project = project
        self._libraries = libraries
        self._memo: dict[tuple[Node, int], Symbolic] = {}
        self._calls: dict[Node, Call | None] = {}
        self._frames: list[dict[tuple[Node, int], Symbolic]] = []
        self._results: dict[tuple[Node, int, tuple[Symbolic, ...]], Symbolic] = {}
        self._statements: dict[Node, list[Node]] = {}
        self._depth = 0
        self.bound: dict[tuple[Node, int], list[Symbolic]] = defaultdict(list)
        self.fields: dict[tuple[Node, str], list[Symbolic]] = defaultdict(list)
        self._files: dict[str, GoFile] = {}

    def forget(self) -> None:
        """Start over with what is known of parameters and fields now."""
        self._memo.clear()
        self._calls.clear()
        self._results.clear()

    def know(self, file: GoFile) -> None:
        self._files[file.path] = file

    def file(self, path: str) -> GoFile:
        return self._files[path]

    def value(self, node: Node | None, file: GoFile, index: int = 0) -> Symbolic:
        """What `node` stands for; `index` tells which of a call's results."""
        if node is None:
            return Literal(None)
        key = (node, index)
        found = self._memo.get(key)
        if found is not None:
            return found
        if self._depth >= MAX_DEPTH:
            return Opaque(f"more than {MAX_DEPTH} steps lead to it")
        self._memo[key] = Opaque("it is defined by itself")
        self._depth += 1
        try:
            found = self._value(node, file, index)
        finally:
            self._depth -= 1
        self._memo[key] = found
        return found

    def call(self, node: Node, file: GoFile) -> Call | None:
        """The call of a library that a call expression is; None where it calls something else."""
        if node not in self._calls:
            self._calls[node] = None
            callee = self.value(node.fields.get("function"), file)
            symbol = next((o for o in options(callee) if isinstance(o, Symbol)), None)
            if symbol is not None:
                self._calls[node] = Call(symbol.path, node, file.path, self.arguments(node, file), symbol if symbol.call is not None else symbol.of)
        return self._calls[node]

    def arguments(self, node: Node, file: GoFile) -> tuple[Symbolic, ...]:
        listed = node.fields.get("arguments")
        found: list[Symbolic] = []
        for argument in listed.children if listed is not None else ():
            if argument.type == "variadic_argument" and argument.children:
                spread = self.value(argument.children[0], file)
                found.extend(spread.members if isinstance(spread, Items) else (spread,))
            elif not argument.type.endswith("_type"):
                found.append(self.value(argument, file))
        return tuple(found)

    def _value(self, node: Node, file: GoFile, index: int) -> Symbolic:
        kind = node.type
        if kind in ("identifier", "field_identifier", "package_identifier"):
            return self._name(node, file)
        if kind == "selector_expression":
            return self._selected(node, file)
        if kind == "call_expression":
            return self._called(node, file, index)
        if kind in ("parenthesized_expression", "literal_element", "expression_list") and node.children:
            return self.value(node.children[0], file, index)
        if kind == "unary_expression":
            return self._unary(node, file)
        if kind == "composite_literal":
            return self._composite(node, file)
        if kind == "func_literal":
            return Function(node, file.path)
        if kind == "type_conversion_expression":
            return self.value(node.fields.get("operand"), file)
        if kind == "type_assertion_expression":
            typed = self.typed(node.fields.get("type"), file)
            return typed if not isinstance(typed, Opaque) else self.value(node.fields.get("operand"), file)
        if kind == "binary_expression":
            return self._binary(node, file)
        if kind in ("interpreted_string_literal", "raw_string_literal"):
            return Literal(literal(node))
        if kind in ("int_literal", "float_literal"):
            return _number(node.text)
        if kind in ("true", "false", "nil"):
            return Literal({"true": True, "false": False, "nil": None}[kind])
        return Opaque("the code computes it")

    def _name(self, node: Node, file: GoFile) -> Symbolic:
        name = node.text
        for scope in node.above():
            found = file.names.get(scope)
            if found is not None and name in found:
                return either([self._bound(b) for b in found[name]])
        package = self._project.package(file.package)
        if name in package.names:
            return either([self._bound(b) for b in package.names[name]])
        if name in file.imports:
            return self._imported(file.imports[name][0])
        if name in ("true", "false", "nil"):
            return Literal({"true": True, "false": False, "nil": None}[name])
        if name in package.types:
            return Symbol(f"local:{name}")
        return Symbol(f"global:{name}")

    def _imported(self, path: str) -> Symbolic:
        directory = self._project.directory_of(path)
        return Symbol(plain(path)) if directory is None else Module(directory)

    def _bound(self, binding: Binding) -> Symbolic:
        if binding.node is not None:
            if binding.node.type in ("function_declaration", "method_declaration"):
                return Function(binding.node, binding.file.path)
            value = self.value(binding.node, binding.file, binding.index if binding.of_many else 0)
            if isinstance(value, Opaque) and binding.type is not None:
                return self.typed(binding.type, binding.file)
            return value
        if binding.function is not None:
            return self._parameter(binding)
        return self.typed(binding.type, binding.file) if binding.type is not None else Opaque("a loop or a later statement gives it its value")

    def _parameter(self, binding: Binding) -> Symbolic:
        assert binding.function is not None
        key = (binding.function, binding.index)
        if self._frames and key in self._frames[-1]:
            return self._frames[-1][key]
        given = self.bound.get(key)
        typed = self.typed(binding.type, binding.file)
        if isinstance(typed, Symbol | Instance):
            same = [g for g in given or () if isinstance(g, Symbol) and isinstance(typed, Symbol) and g.path == typed.path]
            # `http.Handler` is an interface: what it is called with tells more than its type.
            if not same and given and isinstance(typed, Symbol) and self._is_interface(typed):
                return either([*given])
            return either(list(same)) if same else typed
        if given:
            return either(list(given))
        return Opaque("a parameter of a function whose callers were not seen")

    def _is_interface(self, typed: Symbol) -> bool:
        """Whether what stands for a type tells more than the type."""
        return self._libraries.matches(self._libraries.data["interfaces"], typed.path)

    def typed(self, kind: Node | None, file: GoFile) -> Symbolic:
        """An object of a type."""
        while kind is not None and kind.type in ("pointer_type", "generic_type", "parenthesized_type"):
            kind = kind.fields.get("type", kind.children[-1] if kind.children else None)
        if kind is None:
            return Opaque("a type that is not known")
        if kind.type == "qualified_type" and {"package", "name"} <= kind.fields.keys():
            imported = file.imports.get(kind.fields["package"].text)
            if imported is None:
                return Opaque("a type that is not known")
            package = self._imported(imported[0])
            name = kind.fields["name"].text
            if isinstance(package, Module):
                return self._declared(package.path, name)
            path = f"{package.path}.{name}" if isinstance(package, Symbol) else name
            return Symbol(self._libraries.types.get(path, path))
        if kind.type == "type_identifier" and kind.text not in _BUILTIN_TYPES:
            return self._declared(file.package, kind.text)
        return Opaque("a type that is not known")

    def _declared(self, directory: str, name: str) -> Symbolic:
        found = self._project.package(directory).types.get(name)
        if found is None:
            return Opaque("a type that is not known")
        node, file = found
        kind = node.fields.get("type")
        if kind is not None and kind.type in ("struct_type", "interface_type"):
            return Instance(node, file.path)
        if node.type == "type_alias" or (kind is not None and kind.type == "qualified_type"):
            return self.typed(kind, file)
        return Instance(node, file.path)

    def _selected(self, node: Node, file: GoFile) -> Symbolic:
        field = node.fields.get("field")
        return self._step(self.value(node.fields.get("operand"), file), field.text if field is not None else "")

    def _step(self, thing: Symbolic, name: str) -> Symbolic:
        if isinstance(thing, Either):
            return either([self._step(option, name) for option in thing.options])
        if isinstance(thing, Symbol):
            path = f"{thing.path}.{name}"
            if path in self._libraries.constants:
                return Literal(self._libraries.constants[path])
            known = self._libraries.types.get(path) if "(" in path else None
            return Symbol(known or path, None, thing) if len(path) <= MAX_PATH else Opaque("a chain of calls that is too long")
        if isinstance(thing, Module):
            package = self._project.package(thing.path)
            if name in package.names:
                return either([self._bound(b) for b in package.names[name]])
            return Symbol(f"local:{name}") if name in package.types else Opaque(f"{thing.path} declares no {name} that was read")
        if isinstance(thing, Instance):
            return self.member(thing, name)
        if isinstance(thing, Table):
            if name in thing.entries:
                return thing.entries[name]
            if thing.node is not None and thing.type.startswith("local:"):
                return self.member(Instance(thing.node, thing.type.partition(" ")[2]), name)
            return Symbol(f"{thing.type}{{}}.{name}", None, Symbol(f"{thing.type}{{}}")) if thing.type else Opaque("a member that is not written")
        return thing if isinstance(thing, Opaque | Setting) else Opaque("a member of something that is computed")

    def member(self, thing: Instance, name: str, depth: int = 0) -> Symbolic:
        """A method or a field of a struct of the application, of what is embedded in it, too."""
        file = self._files.get(thing.file)
        kind = thing.node.fields.get("type")
        type_name = thing.node.fields["name"].text if "name" in thing.node.fields else ""
        if file is None or depth > 5:
            return Opaque("a type that was not read")
        method = self._project.package(file.package).methods.get(type_name, {}).get(name)
        if method is not None:
            return Function(method[0], method[1].path)
        listed = next((c for c in kind.children if c.type == "field_declaration_list"), None) if kind is not None else None
        embedded: list[Node] = []
        for declaration in listed.children if listed is not None else ():
            if declaration.type != "field_declaration":
                continue
            names = [c.text for c in declaration.children if c.type == "field_identifier"]
            if name in names or (not names and _last(declaration.fields.get("type")) == name):
                typed = self.typed(declaration.fields.get("type"), file)
                given = self.fields.get((thing.node, name), [])
                interface = isinstance(typed, Symbol) and self._is_interface(typed)
                same = [g for g in given if isinstance(g, Symbol) and (interface or not isinstance(typed, Symbol) or g.path == typed.path)]
                if same:
                    return either(list(same))
                return either(list(given)) if given and isinstance(typed, Opaque) else typed
            if not names and "type" in declaration.fields:
                embedded.append(declaration.fields["type"])
        for part in embedded:
            inner = self.typed(part, file)
            if isinstance(inner, Symbol):
                return Symbol(f"{inner.path}.{name}", None, inner)
            if isinstance(inner, Instance):
                found = self.member(inner, name, depth + 1)
                if not isinstance(found, Opaque):
                    return found
        if kind is not None and kind.type == "interface_type":
            found_by_name = self._project.methods_named.get(name, [])
            if len(found_by_name) == 1:
                return Function(found_by_name[0][0], found_by_name[0][1].path)
            return Opaque(f"{name} of an interface that {len(found_by_name)} types have")
        return Opaque(f"a member {name} that the type does not declare")

    def _called(self, node: Node, file: GoFile, index: int) -> Symbolic:
        function = node.fields.get("function")
        if function is not None and function.type.endswith("_type"):
            listed = node.fields.get("arguments")
            return self.value(listed.children[0], file) if listed is not None and listed.children else Opaque("a conversion")
        call = self.call(node, file)
        if call is not None and call.callee == "global:new":
            listed = node.fields.get("arguments")
            return self.typed(listed.children[0], file) if listed is not None and listed.children else Opaque("nothing is made")
        if call is not None:
            return self.result(call, index)
        callee = self.value(function, file)
        if isinstance(callee, Function):
            return self.returned(callee, index, self.arguments(node, file))
        return callee if isinstance(callee, Opaque | Setting) else Opaque("what it calls is not known")

    def result(self, call: Call, index: int = 0) -> Symbolic:
        """What a call of a library gives back."""
        if call.callee in _ENVIRONMENT:
            name = call.arguments[0] if call.arguments else None
            if index == 0 and isinstance(name, Literal):
                return Setting(str(name.value))
            return Opaque("an environment variable whose name the code computes") if index == 0 else Opaque("whether it is set")
        head, _, last = call.callee.rpartition(":")
        if head in ("global", "local") and call.arguments and (last in _BUILTIN_TYPES or head == "local"):
            return call.arguments[0]
        if call.callee in self._libraries.data.get("conversions", ()) and call.arguments:
            first = call.arguments[0]
            return first if index == 0 else Opaque("an error")
        path = f"{call.callee}()" if index == 0 else f"{call.callee}()#{index}"
        if call.of is not None and path not in self._libraries.same and self._libraries.chained(path):
            return call.of
        path = self._libraries.same.get(path, path)
        return Symbol(path, call, call.of) if len(path) <= MAX_PATH else Opaque("a chain of calls that is too long")

    def returned(self, function: Function, index: int = 0, arguments: Sequence[Symbolic] | None = None) -> Symbolic:
        """What a function of the application returns, where it is called with `arguments`."""
        body = function.node.fields.get("body")
        file = self._files.get(function.file)
        if body is None or file is None:
            return Opaque("what the function returns is not known")
        statements = self._statements.get(body)
        if statements is None:
            statements = self._statements[body] = [n for n in own(body) if n.type == "return_statement" and n.children]
        if arguments is None or len(self._frames) >= MAX_FRAMES:
            return self._returns(function, statements, file, index)
        key = (function.node, index, tuple(arguments))
        if key in self._results:
            return self._results[key]
        memo, calls = self._memo, self._calls
        self._memo, self._calls = {}, {}
        self._frames.append({(function.node, n): argument for n, argument in enumerate(arguments)})
        try:
            found = self._returns(function, statements, file, index)
        finally:
            self._frames.pop()
            self._memo, self._calls = memo, calls
        settings = [o for o in options(found) if isinstance(o, Setting)]
        literals = [o for o in options(found) if isinstance(o, Literal)]
        if len(settings) == 1 and len(settings) + len(literals) == len(options(found)) and literals:
            # `if v := os.Getenv(key); v != "" { return v }; return fallback`
            found = Setting(settings[0].name, literals[-1])
        self._results[key] = found
        return found

    def _returns(self, function: Function, statements: Sequence[Node], file: GoFile, index: int) -> Symbolic:
        found: list[Symbolic] = []
        for statement in statements:
            values = statement.children[0].children if statement.children[0].type == "expression_list" else statement.children
            if index < len(values):
                found.append(self.value(values[index], file))
            elif len(values) == 1:
                found.append(self.value(values[0], file, index))
        several = [f for f in found if not (isinstance(f, Literal) and f.value is None)] or found
        if not several:
            return Opaque("what the function returns is not known")
        result = either(several)
        if isinstance(result, Opaque):
            declared = function.node.fields.get("result")
            kinds = [k for _, k in _results(declared)]
            typed = self.typed(kinds[index], file) if index < len(kinds) else result
            return typed if not isinstance(typed, Opaque) else result
        return result

    def _unary(self, node: Node, file: GoFile) -> Symbolic:
        operator = node.fields["operator"].text if "operator" in node.fields else ""
        value = self.value(node.fields.get("operand"), file)
        if operator in ("&", "*", "+", "<-"):
            return value
        if operator == "!" and isinstance(value, Literal):
            return Literal(not value.value)
        if operator == "-" and isinstance(value, Literal) and isinstance(value.value, int | float):
            return Literal(-value.value)
        return value if isinstance(value, Setting) else Opaque("the code computes it")

    def _composite(self, node: Node, file: GoFile) -> Symbolic:
        kind, body = node.fields.get("type"), node.fields.get("body")
        elements = body.children if body is not None else []
        if kind is not None and kind.type in ("slice_type", "array_type", "implicit_length_array_type"):
            return Items(tuple(self.value(e, file) for e in elements))
        entries: dict[str, Symbolic] = {}
        for element in elements:
            if element.type == "keyed_element" and len(element.children) == 2:
                key, value = element.children
                name = literal(key.children[0]) if key.children and "literal" in key.children[0].type else key.text
                entries[name if name is not None else key.text] = self._element(value, file)
        if kind is not None and kind.type == "map_type":
            return Table(entries, node=None)
        typed = self.typed(kind, file)
        if isinstance(typed, Instance):
            return Table(entries, "", f"local: {typed.file}", typed.node)
        return Table(entries, "", typed.path if isinstance(typed, Symbol) else "")

    def _element(self, node: Node, file: GoFile) -> Symbolic:
        inner = node.children[0] if node.type == "literal_element" and node.children else node
        if inner.type == "literal_value":
            members = [self.value(e, file) for e in inner.children if e.type == "literal_element"]
            return Items(tuple(members)) if members else Opaque("a literal without its type")
        return self.value(inner, file)

    def _binary(self, node: Node, file: GoFile) -> Symbolic:
        operator = node.fields["operator"].text if "operator" in node.fields else ""
        left, right = self.value(node.fields.get("left"), file), self.value(node.fields.get("right"), file)
        if operator in ("==", "!=") and isinstance(left, Literal) and isinstance(right, Literal):
            return Literal((left.value == right.value) is (operator == "=="))
        if operator == "+" and isinstance(left, Either):
            # `base + "/health"`, where the environment may give another base.
            return either([_added(option, right) for option in left.options])
        if isinstance(left, Literal) and isinstance(right, Literal):
            a, b = left.value, right.value
            if operator == "+" and isinstance(a, str) and isinstance(b, str):
                return Literal((a + b)[:MAX_PATH])
            if isinstance(a, int | float) and isinstance(b, int | float) and not isinstance(a, bool):
                return _arithmetic(operator, a, b)
        return next((v for v in (left, right) if isinstance(v, Setting | Opaque)), Opaque("the code computes it"))


def _added(left: Symbolic, right: Symbolic) -> Symbolic:
    if isinstance(left, Literal) and isinstance(right, Literal) and isinstance(left.value, str) and isinstance(right.value, str):
        return Literal((left.value + right.value)[:MAX_PATH])
    return left


def _arithmetic(operator: str, a: float, b: float) -> Symbolic:
    if operator == "/" and b == 0:
        return Opaque("the code divides by zero")
    result = {"*": a * b, "+": a + b, "-": a - b, "/": a / b if b else 0}.get(operator)
    return Literal(result) if result is not None and abs(result) < 1e15 else Opaque("the code computes it")


def _number(text: str) -> Symbolic:
    try:
        number = float(int(text.replace("_", ""), 0)) if text[:2].lower() in ("0x", "0b", "0o") else float(text.replace("_", ""))
    except ValueError:
        return Opaque("not a number")
    if number != number or abs(number) > 1e15:
        return Opaque("a number that is too large")
    return Literal(int(number) if number.is_integer() else number)


def _last(kind: Node | None) -> str:
    return kind.text.lstrip("*").rpartition(".")[2] if kind is not None else ""


def _results(declared: Node | None) -> list[tuple[Node | None, Node | None]]:
    from gonogo.sources.application.go.project import parameters

    if declared is None:
        return []
    return list(parameters(declared)) if declared.type == "parameter_list" else [(None, declared)]


def own(body: Node) -> list[Node]:
    """The nodes of a function's body without those of functions in it."""
    found: list[Node] = []
    stack = [body]
    while stack:
        node = stack.pop()
        found.append(node)
        stack.extend(c for c in reversed(node.children) if c.type not in FUNCTIONS)
    return found
