"""The values of expressions, as far as the source tells them: constants through names and imports, defaults of settings noted."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from gonogo.model.value import OpenList, Unknown, Value, is_list
from gonogo.sources.application.python.modules import Class, Guards, Module, Site, Unit
from gonogo.sources.application.python.program import Program

MAX_DEPTH = 24
MAX_STEPS = 5_000
MAX_TOTAL_STEPS = 20_000_000
MAX_ITEMS = 1_000
MAX_TEXT = 20_000

LITERAL, ENVIRONMENT, SECRET_MANAGER, CODE = "literal", "environment", "secret-manager", ""

# What reads the environment: with the name of the variable first, and its default second or as `default`.
_ENVIRON = frozenset({"os.environ.get", "os.getenv", "environ.get", "getenv", "decouple.config", "os.environ.setdefault", "os.environ.pop"})
_ENV_LIBRARIES = ("environ.Env", "environs.Env", "starlette.config.Config", "decouple.Config", "decouple.AutoConfig", "environs.env")
_SETTINGS_BASES = ("BaseSettings", "pydantic_settings.BaseSettings", "pydantic.BaseSettings", "pydantic.v1.BaseSettings", "dynaconf.Dynaconf", "dynaconf.FlaskDynaconf")
_SECRETS = ("access_secret_version", "get_secret_value", "get_parameter")
_CHANGING = frozenset({"append", "extend", "insert", "add", "update", "remove", "pop", "clear", "discard", "setdefault", "popitem"})
_CASTS = frozenset({"str", "int", "float", "bool", "list", "tuple", "set", "frozenset", "sorted", "SecretStr", "cast", "Path", "Field", "AnyHttpUrl", "AnyUrl", "Csv", "Secret", "CommaSeparatedStrings"})


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A value, and what decides it: `literal`, `environment`, `secret-manager`, or `` where the code computes it."""

    value: Value
    origin: str = LITERAL


class Values:
    """Evaluates expressions of a program."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._defaults = False
        self._names: dict[tuple[Unit, str, bool], Evaluated] = {}
        self._makers: dict[tuple[Unit, str], str] = {}
        self._tests: dict[tuple[ast.expr, Unit, bool], Evaluated] = {}
        self._settings: set[Class] | None = None
        self._total = MAX_TOTAL_STEPS
        self._left = 0
        self._changes: dict[str, list[tuple[str, ast.expr, Guards, Unit]]] = defaultdict(list)
        """What changes a dictionary or a list after it was made: by its name, with the key, or the method and `()`."""
        for unit in program.units():
            for target, assigned in unit.assigned.items():
                if target.endswith("]"):
                    name, _, key = target[:-1].partition("[")
                    self._changes[name].extend((key, expression, guards, unit) for expression, guards in assigned)
        self._calls: dict[str, list[Site]] = {}
        for site in program.sites():
            function = site.call.func
            name = function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
            self._calls.setdefault(name, []).append(site)
            if name in _CHANGING and isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
                self._changes[function.value.id].append((f"{name}()", site.call, site.guards, site.unit))

    def of(self, expression: ast.expr | None, unit: Unit, depth: int = 0) -> Evaluated:
        """The value of an expression in a unit."""
        if expression is None:
            return Evaluated(None)
        if depth > MAX_DEPTH or not self._may(depth):
            return _code("its value goes through too many names")
        deeper = depth + 1
        match expression:
            case ast.Constant(value=value):
                return Evaluated(value if isinstance(value, bool | int | float | str) or value is None else str(value))
            case ast.Name() | ast.Attribute():
                return self._name(expression, unit, deeper)
            case ast.List() | ast.Tuple() | ast.Set():
                return self._list(expression.elts, unit, deeper)
            case ast.Dict():
                return self._mapping(expression, unit, deeper)
            case ast.JoinedStr():
                return self._joined(expression, unit, deeper)
            case ast.IfExp():
                test = self.truth(expression.test, unit, deeper)
                if isinstance(test.value, bool):
                    return self.of(expression.body if test.value else expression.orelse, unit, deeper)
                one, other = self.of(expression.body, unit, deeper), self.of(expression.orelse, unit, deeper)
                return one if one == other else Evaluated(Unknown.merge([test.value, one.value, other.value]), test.origin)
            case ast.BoolOp() | ast.Compare() | ast.UnaryOp(op=ast.Not()):
                return self._logic(expression, unit, deeper)
            case ast.UnaryOp(op=ast.USub()):
                inner = self.of(expression.operand, unit, deeper)
                return Evaluated(-inner.value, inner.origin) if isinstance(inner.value, int | float) else inner
            case ast.BinOp():
                return self._arithmetic(expression, unit, deeper)
            case ast.Subscript():
                return self._subscript(expression, unit, deeper)
            case ast.Call():
                return self._call(expression, unit, deeper)
            case ast.Await():
                return self.of(expression.value, unit, deeper)
        return _code(f"{unit.module.path}:{getattr(expression, 'lineno', 0)}: its value is computed")

    def _may(self, depth: int) -> bool:
        """Whether there are steps left: names that lead to several others would take time without end."""
        if depth == 0:
            self._left = min(MAX_STEPS, self._total)
        self._left -= 1
        self._total -= 1
        return self._left > 0

    def by_default(self, expression: ast.expr | None, unit: Unit) -> Evaluated:
        """The value of an expression where the environment sets nothing."""
        self._defaults = True
        try:
            return self.of(expression, unit)
        finally:
            self._defaults = False

    def truth(self, expression: ast.expr, unit: Unit, depth: int = 0) -> Evaluated:
        """Whether an expression holds: true, false or unknown."""
        found = self.of(expression, unit, depth)
        if isinstance(found.value, Unknown):
            return found
        return Evaluated(bool(found.value), found.origin)

    def guards(self, guards: Guards, unit: Unit, *, strict: bool, depth: int = 0) -> bool | Unknown:
        """Whether conditions hold. Not `strict`, one that neither the source nor the environment decides is taken to hold."""
        unknown: list[Unknown] = []
        for test, wanted in guards:
            found = self._tests.get((test, unit, self._defaults))
            if found is None:
                found = self._tests[test, unit, self._defaults] = self.truth(test, unit, depth)
            if isinstance(found.value, Unknown):
                if strict or found.origin == ENVIRONMENT:
                    unknown.append(Unknown.because(f"{unit.module.path}:{test.lineno}: it is run only under a condition ({'; '.join(found.value.reasons)[:300]})"))
            elif found.value is not wanted:
                return False
        return Unknown.merge(unknown) if unknown else True

    def _name(self, expression: ast.expr, unit: Unit, depth: int) -> Evaluated:
        if isinstance(expression, ast.Name):
            key = (unit, expression.id, self._defaults)
            if key not in self._names:
                # Meanwhile it is what it is defined by: a name that leads to itself.
                self._names[key] = _code(f"{expression.id} is defined by itself")
                self._names[key] = self._changed(expression.id, self._variable_of(expression, unit, depth), depth)
            return self._names[key]
        assert isinstance(expression, ast.Attribute)
        return self._attribute(expression, unit, depth)

    def _changed(self, name: str, made: Evaluated, depth: int) -> Evaluated:
        """A dictionary or a list, after what is done to a name of that kind anywhere: it may be the same."""
        value = made.value
        if name not in self._changes or not (isinstance(value, dict) or (isinstance(value, list) and not isinstance(value, str))):
            return made
        for key, expression, guards, unit in self._changes[name]:
            holds = self.guards(guards, unit, strict=True, depth=depth + 1)
            if holds is False:
                continue
            reason = f"{unit.module.path}:{getattr(expression, 'lineno', 0)}: {name} is changed here"
            if isinstance(value, list):
                if key not in ("append()", "extend()", "insert()", "add()"):
                    return Evaluated(Unknown.because(reason), made.origin)
                return Evaluated(OpenList(value, Unknown.because(reason)), made.origin)
            if key.endswith("()"):
                return Evaluated(Unknown.because(reason), made.origin)
            # Of what a function does it is not told whether it was done before.
            certain = holds is True and unit is unit.module.top
            value = {**value, key: self.of(expression, unit, depth + 1).value if certain else Unknown.because(reason)}
        return Evaluated(value, made.origin)

    def _variable_of(self, expression: ast.Name, unit: Unit, depth: int) -> Evaluated:
        scope: Unit | None = unit
        while scope is not None and scope is not unit.module.top:
            if expression.id in scope.assigned:
                return self._assigned(scope.assigned[expression.id], scope, depth)
            if scope.node is not None and expression.id in scope.parameters:
                return self._parameter(expression.id, scope, depth)
            scope = scope.parent
        if expression.id in unit.module.top.assigned:
            return self._assigned(unit.module.top.assigned[expression.id], unit.module.top, depth)
        dotted = unit.module.names.get(expression.id)
        if dotted is not None:
            return self._dotted(dotted, depth)
        for star in unit.module.stars:
            found = self._program.module(star)
            if found is not None and (expression.id in found.top.assigned or found.stars):
                value = self.of(ast.copy_location(ast.Name(expression.id, ast.Load()), expression), found.top, depth)
                if not isinstance(value.value, Unknown) or expression.id in found.top.assigned:
                    return value
        return _code(f"{expression.id} is not told by the source")

    def _attribute(self, expression: ast.Attribute, unit: Unit, depth: int) -> Evaluated:
        owner = self.class_of(expression.value, unit, depth)
        if owner is not None:
            return self._field(owner, expression.attr, depth)
        dotted = unit.module.qualify(expression)
        if dotted:
            return self._dotted(dotted, depth)
        inner = self.of(expression.value, unit, depth)
        return inner if isinstance(inner.value, Unknown) else _code(f"the attribute {expression.attr} is not told by the source")

    def _dotted(self, dotted: str, depth: int) -> Evaluated:
        head, _, last = dotted.rpartition(".")
        module = self._program.module(head) if head else None
        if module is not None:
            if last in module.top.assigned or last in module.names or module.stars:
                return self.of(ast.Name(last, ast.Load(), lineno=1, col_offset=0), module.top, depth)
            return _code(f"{dotted} is not told by the source")
        if dotted.startswith("django.conf.settings."):
            return self.django(last, depth)
        if head:
            outer, _, name = head.rpartition(".")
            above = self._program.module(outer) if outer else None
            if above is not None and name in above.classes:
                return self._field(above.classes[name], last, depth)
            if above is not None and (name in above.top.assigned or name in above.names):
                return self.of(ast.Attribute(ast.Name(name, ast.Load(), lineno=1, col_offset=0), last, ast.Load(), lineno=1, col_offset=0), above.top, depth)
        if dotted.startswith("logging.") and last.isupper():
            return Evaluated(last)
        return _code(f"{dotted} is not told by the source")

    def django(self, name: str, depth: int = 0) -> Evaluated:
        """A setting of Django. A setting that is not made is None."""
        module = self.settings_module
        if module is None:
            return _code("the settings module of Django is not told")
        if not self._assigns(module, name, set()):
            return Evaluated(None)
        return self.of(ast.Name(name, ast.Load(), lineno=1, col_offset=0), module.top, depth)

    settings_module: Module | None = None

    def _assigns(self, module: Module, name: str, seen: set[str]) -> bool:
        seen.add(module.path)
        if name in module.top.assigned or name in module.names:
            return True
        for star in module.stars:
            inner = self._program.module(star)
            if inner is not None and inner.path not in seen and self._assigns(inner, name, seen):
                return True
        return False

    def _assigned(self, assigned: Sequence[tuple[ast.expr, Guards]], unit: Unit, depth: int) -> Evaluated:
        """The value of a name that may be assigned more than once: the last whose conditions hold."""
        possible: list[Evaluated] = []
        certain = False
        conditions: list[Unknown] = []
        for expression, guards in reversed(assigned[-8:]):
            holds = self.guards(guards, unit, strict=True, depth=depth + 1)
            if holds is False:
                continue
            possible.append(self.of(expression, unit, depth))
            if holds is True:
                certain = True
                break
            conditions.append(holds)
        if possible and not certain and len(assigned) == 1:
            return Evaluated(Unknown.merge(conditions), ENVIRONMENT)
        if not possible:
            return _code("no assignment of it is run for certain")
        if all(p == possible[0] for p in possible):
            return possible[0]
        told = Unknown.merge([*(p.value for p in possible), *conditions])
        by_environment = any(p.origin == ENVIRONMENT for p in possible) or any("of the environment" in r for r in told.reasons)
        return Evaluated(Unknown.because(*(told.reasons or ("conditions decide which of several values it has",))), ENVIRONMENT if by_environment else CODE)

    def _parameter(self, name: str, unit: Unit, depth: int) -> Evaluated:
        """A parameter has the value that the only call of its function gives, else its default where it is called without."""
        calls = [site for site in self._calls.get(unit.name, []) if self._program.reached(site.unit) is True and site.unit is not unit]
        values: list[Evaluated] = []
        assert unit.node is not None
        names = [a.arg for a in (*unit.node.args.posonlyargs, *unit.node.args.args)]
        position = names.index(name) if name in names else None
        if position is not None and names[:1] in (["self"], ["cls"]):
            position -= 1
        for site in calls[:4]:
            if site.open_ended:
                return _code(f"{site.place}: the arguments are not told")
            given = site.argument(name, position)
            if given is not None:
                values.append(self.of(given, site.unit, depth))
            elif name in unit.defaults:
                values.append(self.of(unit.defaults[name], unit, depth))
        if values and len(calls) <= 4 and all(v == values[0] for v in values):
            return values[0]
        return _code(f"{unit.module.path}: {name} is what a caller of {unit.name} gives")

    def _list(self, elements: Sequence[ast.expr], unit: Unit, depth: int) -> Evaluated:
        found: list[Value] = []
        origins = [LITERAL]
        unknown: list[Unknown] = []
        for element in elements[:MAX_ITEMS]:
            if isinstance(element, ast.Starred):
                inner = self.of(element.value, unit, depth)
                if is_list(inner.value):
                    found.extend(inner.value)  # type: ignore[arg-type]  # is_list says that it is one
                else:
                    unknown.append(inner.value if isinstance(inner.value, Unknown) else Unknown.because("what it unpacks is not told"))
            else:
                inner = self.of(element, unit, depth)
                found.append(inner.value)
            origins.append(inner.origin)
        return Evaluated(OpenList(found, Unknown.merge(unknown)) if unknown else found, _worst(origins))

    def _mapping(self, expression: ast.Dict, unit: Unit, depth: int) -> Evaluated:
        found: dict[str, Value] = {}
        origins = [LITERAL]
        for key, value in list(zip(expression.keys, expression.values, strict=True))[:MAX_ITEMS]:
            inner = self.of(value, unit, depth)
            if key is None:
                if isinstance(inner.value, dict):
                    found.update(inner.value)
                else:
                    return _code("what it unpacks is not told")
                continue
            name = self.of(key, unit, depth).value
            if not isinstance(name, str | int) or isinstance(name, bool):
                continue
            found[str(name)] = inner.value
            origins.append(inner.origin)
        return Evaluated(found, _worst(origins))

    def _joined(self, expression: ast.JoinedStr, unit: Unit, depth: int) -> Evaluated:
        parts = [self.of(p.value if isinstance(p, ast.FormattedValue) else p, unit, depth) for p in expression.values]
        origin = _worst([p.origin for p in parts])
        if any(isinstance(p.value, Unknown) for p in parts):
            return Evaluated(Unknown.merge([p.value for p in parts]), origin)
        return Evaluated("".join(str(p.value) for p in parts)[:MAX_TEXT], origin)

    def _logic(self, expression: ast.expr, unit: Unit, depth: int) -> Evaluated:
        if isinstance(expression, ast.UnaryOp):
            inner = self.truth(expression.operand, unit, depth)
            return Evaluated(not inner.value, inner.origin) if isinstance(inner.value, bool) else inner
        if isinstance(expression, ast.BoolOp):
            decisive = isinstance(expression.op, ast.Or)
            unknown: list[Evaluated] = []
            last = Evaluated(None)
            for value in expression.values:
                last = self.of(value, unit, depth)
                if isinstance(last.value, Unknown):
                    unknown.append(last)
                elif bool(last.value) is decisive:
                    # `X or "default"` is X where it is set: what is unknown before decides. `False and X` is false whatever X is.
                    return last if not unknown or not decisive else Evaluated(Unknown.merge([u.value for u in unknown]), _worst([u.origin for u in unknown]))
            return Evaluated(Unknown.merge([u.value for u in unknown]), _worst([u.origin for u in unknown])) if unknown else last
        assert isinstance(expression, ast.Compare)
        if len(expression.ops) != 1:
            return _code("a chain of comparisons")
        left, right = self.of(expression.left, unit, depth), self.of(expression.comparators[0], unit, depth)
        origin = _worst([left.origin, right.origin])
        if isinstance(left.value, Unknown) or isinstance(right.value, Unknown):
            return Evaluated(Unknown.merge([left.value, right.value]), origin)
        try:
            return Evaluated(_compared(expression.ops[0], left.value, right.value), origin)
        except TypeError:
            return _code("a comparison of what cannot be compared")

    def _arithmetic(self, expression: ast.BinOp, unit: Unit, depth: int) -> Evaluated:
        left, right = self.of(expression.left, unit, depth), self.of(expression.right, unit, depth)
        origin = _worst([left.origin, right.origin])
        one, other = left.value, right.value
        if isinstance(expression.op, ast.Add):
            if is_list(one) or is_list(other):
                return Evaluated(_concatenated(one, other), origin)
            if isinstance(one, str) and isinstance(other, str):
                return Evaluated((one + other)[:MAX_TEXT], origin)
        if isinstance(one, int | float) and isinstance(other, int | float):
            match expression.op:
                case ast.Add():
                    return Evaluated(one + other, origin)
                case ast.Sub():
                    return Evaluated(one - other, origin)
                case ast.Mult():
                    return Evaluated(one * other if abs(one) < 1e12 and abs(other) < 1e12 else 0, origin)
                case ast.Div() | ast.FloorDiv() if other:
                    return Evaluated(one / other, origin)
        return Evaluated(Unknown.merge([one, other]) if isinstance(one, Unknown) or isinstance(other, Unknown) else Unknown.because("its value is computed"), origin)

    def _subscript(self, expression: ast.Subscript, unit: Unit, depth: int) -> Evaluated:
        base = unit.module.qualify(expression.value)
        key = self.of(expression.slice, unit, depth).value if not isinstance(expression.slice, ast.Slice) else None
        if base in ("os.environ", "environ") and isinstance(key, str):
            return self._variable(key, None, unit, depth)
        if base.endswith("config") and isinstance(key, str):
            found = [(one, u) for u in self._program.units() for one in u.assigned.get(f"config[{key}]", ())]
            values = [self.of(one[0], u, depth) for one, u in found[:4]]
            if values and all(v == values[0] for v in values):
                return values[0]
            return Evaluated(Unknown.because(f"the configuration {key} of the application"), _worst([v.origin for v in values]) if values else CODE)
        inner = self.of(expression.value, unit, depth)
        if isinstance(inner.value, dict) and isinstance(key, str) and key in inner.value:
            return Evaluated(inner.value[key], inner.origin)
        if is_list(inner.value) and isinstance(key, int) and not isinstance(key, bool) and -len(inner.value) <= key < len(inner.value):  # type: ignore[arg-type]
            return Evaluated(inner.value[key], inner.origin)  # type: ignore[index]
        return Evaluated(inner.value, inner.origin) if isinstance(inner.value, Unknown) else _code("a part of a value is not told")

    def _variable(self, name: str, default: ast.expr | None, unit: Unit, depth: int) -> Evaluated:
        """A variable of the environment: what the image sets it to, else unknown, its default noted."""
        given = self._program.application.environment.get(name)
        if given is not None and "$" not in given:
            return Evaluated(given, ENVIRONMENT)
        reason = f"{name} of the environment decides it"
        if default is not None:
            noted = self.of(default, unit, depth).value
            if self._defaults and not isinstance(noted, Unknown):
                return Evaluated(noted, ENVIRONMENT)
            if isinstance(noted, bool | int | float | str):
                reason += f" ({str(noted)[:60]!r} where it is not set)"
        return Evaluated(Unknown.because(reason), ENVIRONMENT)

    def _call(self, call: ast.Call, unit: Unit, depth: int) -> Evaluated:
        dotted = unit.module.qualify(call.func)
        last = dotted.rpartition(".")[2] if dotted else call.func.attr if isinstance(call.func, ast.Attribute) else ""
        default = next((k.value for k in call.keywords if k.arg == "default"), call.args[1] if len(call.args) > 1 else None)
        first = call.args[0] if call.args else None
        name = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""
        if dotted in _ENVIRON or self._reads_environment(call.func, unit, depth):
            return self._variable(name or "a variable", default, unit, depth)
        if any(word in ast.dump(call.func) for word in ("access_secret_version",)):
            return Evaluated(Unknown.because("a secret manager holds it"), SECRET_MANAGER)
        if last in ("timedelta",):
            return self._timedelta(call, unit, depth)
        if last == "getattr" and len(call.args) >= 2:
            second = call.args[1]
            if isinstance(second, ast.Constant) and isinstance(second.value, str):
                return self._attribute(ast.copy_location(ast.Attribute(call.args[0], second.value, ast.Load()), call), unit, depth)
            return self.of(second, unit, depth)
        if last == "Field":
            return self.of(default if any(k.arg == "default" for k in call.keywords) else first, unit, depth)
        if last in _CASTS and call.args:
            return _cast(last, self.of(call.args[-1] if last == "cast" and len(call.args) > 1 and not dotted.startswith("decouple") else first, unit, depth))
        if isinstance(call.func, ast.Attribute):
            return self._method(call, call.func, unit, depth)
        return self._returned(call, unit, depth)

    def _method(self, call: ast.Call, function: ast.Attribute, unit: Unit, depth: int) -> Evaluated:
        inner = self.of(function.value, unit, depth)
        if isinstance(inner.value, str):
            match function.attr:
                case "upper":
                    return Evaluated(inner.value.upper(), inner.origin)
                case "lower":
                    return Evaluated(inner.value.lower(), inner.origin)
                case "strip":
                    return Evaluated(inner.value.strip(), inner.origin)
                case "split":
                    separator = self.of(call.args[0], unit, depth).value if call.args else None
                    parts: list[Value] = list(inner.value.split(separator if isinstance(separator, str) and separator else None))
                    return Evaluated(parts[:MAX_ITEMS], inner.origin)
        if function.attr == "get_secret_value" or inner.origin in (ENVIRONMENT, SECRET_MANAGER):
            return inner
        if isinstance(inner.value, dict) and function.attr == "get" and call.args:
            key = self.of(call.args[0], unit, depth).value
            if isinstance(key, str):
                return Evaluated(inner.value.get(key), inner.origin)
        return self._returned(call, unit, depth)

    def _returned(self, call: ast.Call, unit: Unit, depth: int) -> Evaluated:
        """What a function of the application returns, where it does so once."""
        function = self.function_of(call.func, unit)
        if function is not None and function.node is not None:
            returns = [node for node in ast.walk(function.node) if isinstance(node, ast.Return) and node.value is not None]
            if len(returns) == 1:
                return self.of(returns[0].value, function, depth)
        return _code(f"{unit.module.path}:{call.lineno}: a call computes it")

    def _timedelta(self, call: ast.Call, unit: Unit, depth: int) -> Evaluated:
        seconds = {"days": 86_400, "seconds": 1, "minutes": 60, "hours": 3_600, "weeks": 604_800, "milliseconds": 0.001, "microseconds": 0.000001}
        total: float = 0
        for key, value in (*((k.arg, k.value) for k in call.keywords), *zip(("days", "seconds"), call.args, strict=False)):
            inner = self.of(value, unit, depth)
            if not isinstance(inner.value, int | float) or key not in seconds:
                return inner if isinstance(inner.value, Unknown) else _code("a span of time is not told")
            total += inner.value * seconds[key]
        return Evaluated(total)

    def _reads_environment(self, function: ast.expr, unit: Unit, depth: int) -> bool:
        """`env("X")`, `env.int("X")`, `config("X")`: of the libraries that read the environment."""
        base = function.value if isinstance(function, ast.Attribute) else function
        if unit.module.qualify(function) in ("decouple.config", "os.getenv", "os.environ.get"):
            return True
        return self.constructor(base, unit, depth) in _ENV_LIBRARIES

    # Objects

    def function_of(self, expression: ast.expr, unit: Unit) -> Unit | None:
        """The function of the application that an expression names."""
        if isinstance(expression, ast.Name):
            scope: Unit | None = unit
            while scope is not None:
                for inner in scope.units:
                    if inner.name == expression.id:
                        return inner
                scope = scope.parent
        if isinstance(expression, ast.Attribute) and isinstance(expression.value, ast.Name) and expression.value.id == "self" and unit.owner is not None:
            return unit.module.units.get(f"{unit.owner.name}.{expression.attr}")
        return self.function_called(unit.module.qualify(expression))

    def function_called(self, dotted: str, depth: int = 0) -> Unit | None:
        """The function of the application with a full name, through what modules import from each other."""
        head, _, last = dotted.rpartition(".")
        module = self._program.module(head) if head else None
        if module is not None and depth < 6:
            if last in module.units:
                return module.units[last]
            if last in module.names:
                return self.function_called(module.names[last], depth + 1)
        outer, _, owner = head.rpartition(".")
        above = self._program.module(outer) if outer else None
        return above.units.get(f"{owner}.{last}") if above is not None else None

    def class_called(self, dotted: str, depth: int = 0) -> Class | None:
        """The class of the application with a full name."""
        head, _, last = dotted.rpartition(".")
        module = self._program.module(head) if head else None
        if module is None or depth > 6:
            return None
        if last in module.classes:
            return module.classes[last]
        return self.class_called(module.names[last], depth + 1) if last in module.names else None

    def class_of(self, expression: ast.expr, unit: Unit, depth: int = 0) -> Class | None:
        """The class of the application that an expression is, or is an instance of."""
        if isinstance(expression, ast.Name) and expression.id in ("self", "cls") and unit.owner is not None:
            return unit.owner
        named = unit.module.qualify(expression)
        if named and (direct := self.class_called(named)):
            return direct
        constructor = self.constructor(expression, unit, depth)
        return self.class_called(constructor) if constructor else None

    def constructor(self, expression: ast.expr | None, unit: Unit, depth: int = 0) -> str:
        """The full name of what made an object: of a class, or of a function of a library; `` where that is not told.

        Through names, imports, attributes of `self`, annotations of parameters, and what functions of the application return.
        """
        if expression is None or depth > MAX_DEPTH or not self._may(depth):
            return ""
        deeper = depth + 1
        match expression:
            case ast.Await() | ast.Starred() | ast.NamedExpr():
                return self.constructor(expression.value, unit, deeper)
            case ast.Call():
                return self._made(expression, unit, deeper)
            case ast.BoolOp():
                return next((made for v in expression.values if (made := self.constructor(v, unit, deeper))), "")
            case ast.IfExp():
                return self.constructor(expression.body, unit, deeper) or self.constructor(expression.orelse, unit, deeper)
            case ast.Name():
                return self._made_name(expression.id, unit, deeper)
            case ast.Attribute():
                return self._made_attribute(expression, unit, deeper)
        return ""

    def _made(self, call: ast.Call, unit: Unit, depth: int) -> str:
        function = self.function_of(call.func, unit)
        if function is not None and function.node is not None:
            if function.node.returns is not None and (made := self.annotated(function.node.returns, function.module)):
                return made
            for node in ast.walk(function.node):
                if isinstance(node, ast.Return | ast.Yield) and node.value is not None and (made := self.constructor(node.value, function, depth)):
                    return made
            return ""
        dotted = unit.module.qualify(call.func)
        if dotted:
            return self.resolved(dotted)
        if isinstance(call.func, ast.Attribute):
            base = self.constructor(call.func.value, unit, depth)
            return f"{base}.{call.func.attr}" if base else ""
        return ""

    def _made_name(self, name: str, unit: Unit, depth: int) -> str:
        key = (unit, name)
        if key not in self._makers:
            self._makers[key] = ""
            self._makers[key] = self._maker(name, unit, depth)
        return self._makers[key]

    def _maker(self, name: str, unit: Unit, depth: int) -> str:
        scope: Unit | None = unit
        while scope is not None:
            if name in scope.assigned:
                for expression, _ in reversed(scope.assigned[name][-4:]):
                    if made := self.constructor(expression, scope, depth):
                        return made
                if name not in scope.parameters:
                    return ""
            if name in scope.parameters:
                annotation = scope.parameters[name]
                if annotation is not None and (made := self.annotated(annotation, scope.module)):
                    return made
                default = scope.defaults.get(name)
                if isinstance(default, ast.Call) and default.args and unit.module.qualify(default.func).endswith("Depends"):
                    return self.constructor(ast.copy_location(ast.Call(default.args[0], [], []), default), scope, depth)
                return ""
            scope = scope.parent
        dotted = unit.module.names.get(name)
        return self._made_dotted(dotted, depth) if dotted else ""

    def _made_dotted(self, dotted: str, depth: int) -> str:
        head, _, last = dotted.rpartition(".")
        module = self._program.module(head) if head else None
        if module is not None and depth < MAX_DEPTH:
            return self._made_name(last, module.top, depth + 1)
        return ""

    def _made_attribute(self, expression: ast.Attribute, unit: Unit, depth: int) -> str:
        if isinstance(expression.value, ast.Name) and expression.value.id in ("self", "cls") and unit.owner is not None:
            return self._of_class(unit.owner, expression.attr, depth)
        dotted = unit.module.qualify(expression)
        if dotted and (made := self._made_dotted(dotted, depth)):
            return made
        owner = self.class_of(expression.value, unit, depth)
        return self._of_class(owner, expression.attr, depth) if owner is not None else ""

    def _of_class(self, owner: Class, name: str, depth: int) -> str:
        for expression, inner in owner.attributes.get(name, ())[:4]:
            if made := self.constructor(expression, inner, depth):
                return made
        if name in owner.annotations and (made := self.annotated(owner.annotations[name], owner.module)):
            return made
        value = owner.fields.get(name)
        return self.constructor(value, owner.module.top, depth) if value is not None else ""

    def annotated(self, annotation: ast.expr, module: Module, depth: int = 0) -> str:
        """The class that an annotation names: of `X | None`, `Optional[X]`, `Annotated[X, …]`, and generators of it."""
        match annotation:
            case ast.Constant(value=str(text)) if depth < 4 and len(text) < 200:
                try:
                    return self.annotated(ast.parse(text, mode="eval").body, module, depth + 1)
                except (SyntaxError, ValueError, RecursionError, MemoryError):
                    return ""
            case ast.BinOp(left=left, right=right) if depth < 4:
                return self.annotated(left, module, depth + 1) or self.annotated(right, module, depth + 1)
            case ast.Subscript(value=value, slice=inner) if depth < 4:
                last = module.qualify(value).rpartition(".")[2]
                if last in ("Optional", "Annotated", "AsyncGenerator", "Generator", "AsyncIterator", "Iterator", "Union", "ClassVar"):
                    return self.annotated(inner.elts[0] if isinstance(inner, ast.Tuple) and inner.elts else inner, module, depth + 1)
                return self.resolved(module.qualify(value))
            case ast.Name() | ast.Attribute():
                dotted = module.qualify(annotation)
                alias = self.alias(dotted)
                if alias is not None and depth < 4:
                    return self.annotated(alias[0], alias[1], depth + 1)
                return self.resolved(dotted) if "." in dotted else ""
        return ""

    def alias(self, dotted: str) -> tuple[ast.expr, Module] | None:
        """`RedisDep = Annotated[Redis, Depends(get_redis)]` of a module of the application."""
        head, _, last = dotted.rpartition(".")
        module = self._program.module(head) if head else None
        assigned = module.top.assigned.get(last) if module is not None else None
        if module is not None and assigned and isinstance(assigned[-1][0], ast.Subscript):
            return assigned[-1][0], module
        return None

    def resolved(self, dotted: str, depth: int = 0) -> str:
        """A full name with what modules of the application import from each other followed to its library."""
        head, _, last = dotted.rpartition(".")
        module = self._program.module(head) if head else None
        if module is not None and depth < 8 and last in module.names and last not in module.classes and last not in module.units:
            return self.resolved(module.names[last], depth + 1)
        if module is None and head and depth < 8:
            outer = self.resolved(head, depth + 1) if self._program.module(head.rpartition(".")[0]) else head
            return f"{outer}.{last}"
        return dotted

    def _field(self, owner: Class, name: str, depth: int) -> Evaluated:
        if self.is_settings(owner):
            default = self._default(owner, name)
            if default is None and not self._annotates(owner, name):
                method = owner.module.units.get(f"{owner.name}.{name}")
                reason = f"{owner.name}.{name} is computed of the environment" if method else f"{name} of {owner.name} is not told"
                return Evaluated(Unknown.because(reason), ENVIRONMENT)
            given = self._program.application.environment.get(name.upper()) or self._program.application.environment.get(name)
            if given is not None and "$" not in given:
                return Evaluated(given, ENVIRONMENT)
            noted = self.of(default, owner.module.top, depth).value if default is not None else None
            if self._defaults and default is not None and not isinstance(noted, Unknown):
                return Evaluated(noted, ENVIRONMENT)
            shown = f" ({str(noted)[:60]!r} where it is not set)" if isinstance(noted, bool | int | float | str) else ""
            return Evaluated(Unknown.because(f"{name} of the environment decides it{shown}"), ENVIRONMENT)
        if self._is_filled(owner) and self._annotates(owner, name):
            return _code(f"{name} of {owner.name} is what an instance is made with")
        for one in self.lineage(owner):
            value = one.fields.get(name)
            if value is not None:
                return self.of(value, one.module.top, depth)
            if one.attributes.get(name):
                expression, unit = one.attributes[name][-1]
                return self.of(expression, unit, depth)
        return _code(f"{owner.name}.{name} is not told by the source")

    def _default(self, owner: Class, name: str) -> ast.expr | None:
        return next((one.fields[name] for one in self.lineage(owner) if one.fields.get(name) is not None), None)

    def _annotates(self, owner: Class, name: str) -> bool:
        return any(name in one.annotations for one in self.lineage(owner))

    def lineage(self, owner: Class) -> list[Class]:
        """A class and those of the application that it derives from."""
        found = [owner]
        for one in found:
            if len(found) > 20:
                break
            for base in one.node.bases:
                above = self.class_called(one.module.qualify(base))
                if above is not None and above not in found:
                    found.append(above)
        return found

    def bases(self, owner: Class) -> set[str]:
        """The full names of everything that a class derives from, as far as the application tells."""
        return {self.resolved(one.module.qualify(base)) for one in self.lineage(owner) for base in one.node.bases}

    def is_settings(self, owner: Class) -> bool:
        """Whether its fields are taken from the environment: it derives from such a class, or is a part of one that does."""
        if self._settings is None:
            classes = [one for _, module in sorted(self._program.modules.items()) for one in module.classes.values()]
            self._settings = {one for one in classes if self._is_base_of_settings(one)}
            waiting = list(self._settings)
            for one in waiting:
                for annotation in one.annotations.values():
                    part = self.class_called(self.annotated(annotation, one.module))
                    if part is not None and part not in self._settings:
                        self._settings.add(part)
                        waiting.append(part)
        return owner in self._settings

    def _is_base_of_settings(self, owner: Class) -> bool:
        return any(base in _SETTINGS_BASES or base.endswith(".BaseSettings") for base in self.bases(owner))

    def _is_filled(self, owner: Class) -> bool:
        """Whether whoever makes an instance gives its fields: a model of pydantic, a dataclass, a named tuple."""
        words = {ast.unparse(d.func if isinstance(d, ast.Call) else d).rpartition(".")[2] for one in self.lineage(owner) for d in one.node.decorator_list}
        return bool(words & {"dataclass", "define", "frozen", "attrs"}) or any(base.rpartition(".")[2] in ("BaseModel", "NamedTuple") for base in self.bases(owner))


def _code(reason: str) -> Evaluated:
    return Evaluated(Unknown.because(reason), CODE)


def _worst(origins: Sequence[str]) -> str:
    """What decides a value that is made of several."""
    for origin in (SECRET_MANAGER, ENVIRONMENT, CODE):
        if origin in origins:
            return origin
    return LITERAL


def _concatenated(one: Value, other: Value) -> Value:
    parts: list[Value] = []
    unknown: list[Unknown] = []
    for value in (one, other):
        if isinstance(value, OpenList):
            unknown.append(value.unknown)
        if is_list(value):
            parts.extend(value)  # type: ignore[arg-type]  # is_list says that it is one
        else:
            unknown.append(value if isinstance(value, Unknown) else Unknown.because("a part of a list is not told"))
    return OpenList(parts, Unknown.merge(unknown)) if unknown else parts


def _compared(operator: ast.cmpop, left: Value, right: Value) -> bool | Unknown:
    match operator:
        case ast.Eq():
            return left == right
        case ast.NotEq():
            return left != right
        case ast.Is():
            return left is right or left == right
        case ast.IsNot():
            return not (left is right or left == right)
        case ast.In():
            return _within(left, right)
        case ast.NotIn():
            inside = _within(left, right)
            return inside if isinstance(inside, Unknown) else not inside
        case ast.Gt():
            return left > right  # type: ignore[operator]  # TypeError is caught
        case ast.GtE():
            return left >= right  # type: ignore[operator]
        case ast.Lt():
            return left < right  # type: ignore[operator]
        case ast.LtE():
            return left <= right  # type: ignore[operator]
    return Unknown.because("a comparison that is not computed")


def _within(value: Value, collection: Value) -> bool | Unknown:
    if isinstance(collection, str):
        return isinstance(value, str) and value in collection
    if isinstance(collection, dict):
        return value in collection
    if is_list(collection):
        members = list(collection)  # type: ignore[arg-type]
        if value in members:
            return True
        unknown = [m for m in members if isinstance(m, Unknown)]
        return Unknown.merge(unknown) if unknown else (collection.unknown if isinstance(collection, OpenList) else False)
    return Unknown.because("a collection is not told")


def _cast(name: str, inner: Evaluated) -> Evaluated:
    value = inner.value
    if isinstance(value, str):
        if name == "int":
            return Evaluated(int(value), inner.origin) if value.strip().lstrip("-").isdigit() and len(value) < 20 else _code("no number")
        if name == "bool":
            return Evaluated(bool(value), inner.origin)
    return inner


