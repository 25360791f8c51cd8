"""Evaluation of expressions with Terraform's semantics: what is unknown stays unknown, what Terraform refuses is a `TfError`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import InvalidOperation
from typing import Any, Protocol

from gonogo.model.value import OpenList, OpenMap, Unknown
from gonogo.sources.terraform import ast
from gonogo.sources.terraform.functions import FUNCTIONS, IMPURE, Function, invoke
from gonogo.sources.terraform.functions.files import FILE_FUNCTIONS, Files
from gonogo.sources.terraform.operations import COMPARE, MAX_TEXT, arithmetic, attribute, index, items, join_text
from gonogo.sources.terraform.result import Symbolic
from gonogo.sources.terraform.typesystem import convert as convert_to
from gonogo.sources.terraform.typesystem import type_of, unify
from gonogo.sources.terraform.values import (
    Deferred,
    Multiple,
    TfError,
    TfList,
    TfSet,
    Val,
    as_bool,
    as_number,
    as_string,
    composed,
    deep_unknown,
    equal,
    forced,
    is_unknown,
    merge_unknown,
    open_list,
    open_map,
    unknown_of,
)

MAX_STEPS = 3_000_000
MAX_TEMPLATE_DEPTH = 20

Env = Mapping[str, Val]


class OutOfSteps(Exception):
    """The evaluation of this tree takes more steps than it may."""


@dataclass(slots=True)
class Budget:
    """What one run may spend, over all its expressions."""

    steps: int = MAX_STEPS

    def spend(self, steps: int = 1) -> None:
        self.steps -= steps
        if self.steps < 0:
            raise OutOfSteps("evaluating this takes too long")


class Names(Protocol):
    """What the names of a module mean."""

    def lookup(self, traversal: ast.Traversal, env: Env, /) -> tuple[Val, tuple[ast.Step, ...]] | None:
        """The value that a traversal's first steps name, and the steps that remain; None where the name is not known."""
        ...


class NoNames:
    """A template file sees only the variables it is given."""

    def lookup(self, _: ast.Traversal, __: Env) -> tuple[Val, tuple[ast.Step, ...]] | None:
        return None


@dataclass(frozen=True, slots=True)
class Evaluator:
    """Evaluates expressions of one module instance. `env` holds the names of enclosing `for`s, iterators and `each`."""

    names: Names
    budget: Budget
    files: Files | None = None
    depth: int = 0
    functions: Mapping[str, Callable[[Sequence[Val]], Val]] = field(default_factory=dict)
    """Functions that the language at hand has besides Terraform's, or instead of them: Terragrunt's."""

    def evaluate(self, expression: ast.Expression, env: Env) -> Val:
        """The value of `expression`. Raises `TfError` and `OutOfSteps`."""
        self.budget.spend()
        return _EVALUATE[type(expression)](self, expression, env)

    def settle(self, expression: ast.Expression, env: Env) -> Val:
        """The value, or an `Unknown` that says what Terraform would object to."""
        try:
            return self.evaluate(expression, env)
        except (TfError, OutOfSteps) as error:
            return Unknown.because(f"cannot be evaluated: {error}")
        except RecursionError:
            return Unknown.because("cannot be evaluated: nested too deeply")

    def _literal(self, e: ast.Literal, _: Env) -> Val:
        return e.value

    def _template(self, e: ast.Template, env: Env) -> Val:
        return join_text(self._parts(e.parts, env))

    def _parts(self, parts: Sequence[ast.Part], env: Env) -> Iterator[str | Unknown]:
        size = 0
        for part in parts:
            if isinstance(part, str):
                found: str | Unknown = part
            elif isinstance(part, ast.TemplateIf):
                condition = as_bool(self.evaluate(part.condition, env))
                if isinstance(condition, Unknown):
                    found = condition
                else:
                    found = join_text(self._parts(part.then if condition else part.otherwise, env))
            elif isinstance(part, ast.TemplateFor):
                found = self._template_for(part, env)
            else:
                found = as_string(self.evaluate(part, env))
            size += len(found) if isinstance(found, str) else 0
            if size > MAX_TEXT:
                raise TfError(f"a text of more than {MAX_TEXT} bytes")
            yield found

    def _template_for(self, part: ast.TemplateFor, env: Env) -> str | Unknown:
        collection = forced(self.evaluate(part.collection, env))
        if is_unknown(collection):
            return unknown_of(collection)
        pieces: list[str | Unknown] = []
        for key, value in items(collection):
            self.budget.spend()
            inner = {**env, part.value: value, **({part.key: key} if part.key else {})}
            pieces.append(join_text(self._parts(part.body, inner)))
        if isinstance(collection, OpenList | OpenMap):
            return collection.unknown
        return join_text(pieces)

    def _tuple(self, e: ast.TupleNode, env: Env) -> Val:
        return tuple(self.evaluate(i, env) for i in e.items)

    def _object(self, e: ast.ObjectNode, env: Env) -> Val:
        result: dict[str, Val] = {}
        unknown: list[Unknown] = []
        for item in e.items:
            key = as_string(self.evaluate(item.key, env))
            if is_unknown(key):
                unknown.append(unknown_of(key))
            else:
                result[str(key)] = self.evaluate(item.value, env)
        return open_map(result, Unknown.merge(unknown)) if unknown else result

    def _for(self, e: ast.For, env: Env) -> Val:
        collection = forced(self.evaluate(e.collection, env))
        if is_unknown(collection):
            return unknown_of(collection)
        unknown: list[Unknown] = []
        if isinstance(collection, OpenList | OpenMap):
            unknown.append(collection.unknown)
        values: list[Val] = []
        entries: dict[str, Val] = {}
        groups: dict[str, list[Val]] = {}
        for key, value in items(collection):
            inner = {**env, e.value: value, **({e.key: key} if e.key else {})}
            if e.condition is not None:
                included = as_bool(self.evaluate(e.condition, inner))
                if isinstance(included, Unknown):
                    unknown.append(included)
                    continue
                if not included:
                    continue
            if e.key_result is None:
                values.append(self.evaluate(e.result, inner))
                continue
            name = as_string(self.evaluate(e.key_result, inner))
            if is_unknown(name):
                unknown.append(unknown_of(name))
                continue
            result = self.evaluate(e.result, inner)
            if e.grouped:
                groups.setdefault(str(name), []).append(result)
            elif str(name) in entries:
                raise TfError(f'two different items produced the key "{name}"')
            else:
                entries[str(name)] = result
        if e.key_result is None:
            return open_list(values, Unknown.merge(unknown)) if unknown else tuple(values)
        if e.grouped:
            # With an unknown item any group may be longer.
            merged = Unknown.merge(unknown)
            entries = {k: open_list(v, merged) if unknown else tuple(v) for k, v in groups.items()}
        return open_map(entries, Unknown.merge(unknown)) if unknown else entries

    def _conditional(self, e: ast.Conditional, env: Env) -> Val:
        condition = as_bool(self.evaluate(e.condition, env))
        if isinstance(condition, Unknown):
            return self._undecided(e, env, condition)
        chosen, other = (e.then, e.otherwise) if condition else (e.otherwise, e.then)
        value = self.evaluate(chosen, env)
        if value is None or isinstance(value, str | Unknown | Deferred | OpenList | OpenMap):
            return value
        # Both branches have one type: `c ? 1 : "a"` is "1".
        try:
            alternative = self.evaluate(other, env)
            common = unify([type_of(value), type_of(alternative)])
        except (TfError, RecursionError):
            return value
        if common is not None:
            return convert_to(value, common)
        if isinstance(value, bool | int) or (deep_unknown(value) is None and deep_unknown(alternative) is None):
            raise TfError("the two results of a conditional must have one type")
        return value

    def _undecided(self, e: ast.Conditional, env: Env, condition: Unknown) -> Val:
        then, otherwise = self.settle(e.then, env), self.settle(e.otherwise, env)
        if not is_unknown(then) and equal(then, otherwise) is True:
            return then
        return Unknown.merge((condition,))

    def _unary(self, e: ast.Unary, env: Env) -> Val:
        operand = self.evaluate(e.operand, env)
        if e.operator == "!":
            truth = as_bool(operand)
            return truth if isinstance(truth, Unknown) else not truth
        number = as_number(operand)
        return number if isinstance(number, Unknown) else -number

    def _binary(self, e: ast.Binary, env: Env) -> Val:
        if e.operator in ("&&", "||"):
            return self._logic(e, env)
        left, right = self.evaluate(e.left, env), self.evaluate(e.right, env)
        if e.operator in ("==", "!="):
            same = equal(left, right)
            return same if isinstance(same, Unknown) or e.operator == "==" else not same
        a, b = as_number(left), as_number(right)
        if isinstance(a, Unknown) or isinstance(b, Unknown):
            return merge_unknown((a, b))
        if e.operator in COMPARE:
            return COMPARE[e.operator](a, b)
        return arithmetic(e.operator, a, b)

    def _logic(self, e: ast.Binary, env: Env) -> Val:
        decisive = e.operator == "||"
        left = as_bool(self.evaluate(e.left, env))
        if left is decisive:
            return decisive
        try:
            right = as_bool(self.evaluate(e.right, env))
        except TfError:
            if isinstance(left, Unknown):
                return left  # a left side that decides would have spared the right one
            raise
        if right is decisive:
            return decisive
        unknown = merge_unknown((left, right))
        return unknown if unknown.reasons else right

    def _call(self, e: ast.Call, env: Env) -> Val:
        name = e.name.removeprefix("core::")
        if name in ("try", "can"):
            return self._try(e, env) if name == "try" else self._can(e, env)
        arguments: list[Val] = [self.evaluate(a, env) for a in e.arguments]
        if e.expand and arguments:
            last = forced(arguments.pop())
            if isinstance(last, OpenList):
                return last.unknown
            if is_unknown(last):
                return unknown_of(last)
            if not isinstance(last, tuple):
                raise TfError("the expanded argument must be a list")
            arguments.extend(last)
        self.budget.spend(len(arguments))
        own = self.functions.get(name)
        if own is not None:
            return own(arguments)
        if name == "templatestring":
            return self._template_text(arguments)
        if name == "templatefile":
            return self._template_file(arguments)
        in_files = FILE_FUNCTIONS.get(name)
        if in_files is not None:
            return in_files(self.files, arguments) if self.files else Unknown.because(f"{name}() has no files to read here")
        function = FUNCTIONS.get(name)
        if function is None:
            reason = IMPURE.get(name) or f"function {name}() is not known"
            return Unknown.because(reason)
        return self._invoke(name, function, arguments)

    def _invoke(self, name: str, function: Function, arguments: list[Val]) -> Val:
        try:
            result = invoke(name, function, arguments)
        except (InvalidOperation, OverflowError, ValueError) as error:
            raise TfError(f"{name}(): {error}") from error
        if isinstance(result, tuple | Mapping):
            self.budget.spend(len(result) // 8)
        return composed(result) if type(result) is str else result

    def _try(self, e: ast.Call, env: Env) -> Val:
        failure = TfError("no expression of try() succeeded")
        for argument in e.arguments:
            try:
                value = self.evaluate(argument, env)
            except TfError as error:
                failure = error
                continue
            if isinstance(argument, ast.Traversal) or isinstance(value, str | bool | int):
                return value
            return deep_unknown(value) or value  # that it succeeds with what is unknown is not settled
        raise failure

    def _can(self, e: ast.Call, env: Env) -> Val:
        try:
            value = self.evaluate(e.arguments[0], env) if e.arguments else None
        except TfError:
            return False
        if isinstance(value, Symbolic):
            return True
        return deep_unknown(value) or True

    def _template_text(self, arguments: Sequence[Val]) -> Val:
        if len(arguments) != 2:
            raise TfError("templatestring() takes two arguments")
        text = as_string(arguments[0])
        if is_unknown(text):
            return unknown_of(text)
        return self._render(str(text), arguments[1])

    def _template_file(self, arguments: Sequence[Val]) -> Val:
        if self.files is None or len(arguments) != 2:
            raise TfError("templatefile() takes a path and variables")
        path = as_string(arguments[0])
        if is_unknown(path):
            return unknown_of(path)
        return self._render(self.files.text(str(path)), arguments[1])

    def _render(self, text: str, variables: Val) -> Val:
        from gonogo.sources.terraform.syntax import SyntaxLimit, read_template

        if self.depth >= MAX_TEMPLATE_DEPTH:
            raise TfError("templates nested too deeply")
        variables = forced(variables)
        if is_unknown(variables):
            return unknown_of(variables)
        if not isinstance(variables, dict | OpenMap):
            raise TfError("the variables of a template must be a map")
        try:
            template = self.files.template(text) if self.files else read_template(text)
        except SyntaxLimit as error:
            raise TfError(f"the template is not valid: {error}") from error
        names = _OpenNames(variables.unknown) if isinstance(variables, OpenMap) else NoNames()
        inner = Evaluator(names, self.budget, self.files, self.depth + 1)
        return inner.evaluate(template, dict(variables))

    def _traversal(self, e: ast.Traversal, env: Env) -> Val:
        steps = e.steps
        if e.source is not None:
            value = self.evaluate(e.source, env)
        elif e.root in env:
            value = env[e.root]
        else:
            found = self.names.lookup(e, env)
            if found is None:
                raise TfError(f'there is nothing named "{e.root}" here')
            value, steps = found
        return self.walk(value, steps, env)

    def walk(self, value: Val, steps: Sequence[ast.Step], env: Env) -> Val:
        """Take `steps` into `value`."""
        for position, step in enumerate(steps):
            if isinstance(value, Unknown):
                return value
            if isinstance(step, ast.Splat):
                return self.walk(self._splat(value, step, env), steps[position + 1 :], env)
            value = attribute(value, step.name) if isinstance(step, ast.Attr) else index(value, self.evaluate(step.key, env))
        return value

    def _splat(self, value: Val, step: ast.Splat, env: Env) -> Val:
        if value is None:
            return ()
        if is_unknown(value):
            return unknown_of(value)
        if isinstance(value, Multiple):
            return open_list([self.walk(value.one, step.steps, env)], value.unknown)
        if isinstance(value, OpenList):
            return open_list([self.walk(v, step.steps, env) for v in value], value.unknown)
        if not isinstance(value, tuple):
            return (self.walk(value, step.steps, env),)
        taken = [self.walk(v, step.steps, env) for v in value]
        return TfList(taken) if isinstance(value, TfList | TfSet) else tuple(taken)


@dataclass(frozen=True, slots=True)
class _OpenNames:
    """The variables of a template are not all known."""

    unknown: Unknown

    def lookup(self, _: ast.Traversal, __: Env) -> tuple[Val, tuple[ast.Step, ...]] | None:
        return self.unknown, ()


_EVALUATE: dict[type, Callable[[Evaluator, Any, Env], Val]] = {
    ast.Literal: Evaluator._literal,
    ast.Template: Evaluator._template,
    ast.TupleNode: Evaluator._tuple,
    ast.ObjectNode: Evaluator._object,
    ast.For: Evaluator._for,
    ast.Conditional: Evaluator._conditional,
    ast.Unary: Evaluator._unary,
    ast.Binary: Evaluator._binary,
    ast.Call: Evaluator._call,
    ast.Traversal: Evaluator._traversal,
}
