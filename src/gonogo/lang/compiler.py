"""Syntax tree to closures. A closure takes a `Frame` and gives a value, an unknown or an error, and notes the paths it read.

Evidence wants the reads that decided, so a closure that is decided by one of its parts drops what the others read: the false side
of `&&`, the true side of `||`, the witness of `exists`, the member that fails `all`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from gonogo.lang.ast import (
    Binary,
    Call,
    Comprehension,
    Conditional,
    Has,
    Ident,
    Index,
    ListNode,
    Literal,
    MapNode,
    Node,
    Select,
    Unary,
)
from gonogo.lang.errors import EvaluationError, LangError
from gonogo.lang.functions import FUNCTIONS, Function, literal_pattern
from gonogo.lang.operators import BINARY, NONE, Optional, Result, invert, negate, no_overload, type_name, undecided
from gonogo.model.value import OpenList, OpenMap, Path, Unknown, is_list

MAX_READS = 64
# Members that all comprehensions of one evaluation go over together: three nested ones over 100 members, a second.
MAX_STEPS = 1_000_000


class TooManySteps(Exception):
    """An evaluation that would take too long."""


class Kept(list[Any]):
    """What `filter` kept, with the paths of the members it kept: they are still evidence for what is asked of them next."""

    __slots__ = ("paths",)

    def __init__(self, members: list[Any], paths: list[Path | None]) -> None:
        super().__init__(members)
        self.paths = paths


class OpenKept(OpenList):
    """As `Kept`, where it is not known of every member whether it is kept."""

    __slots__ = ("paths",)

    def __init__(self, members: list[Any], unknown: Unknown, paths: list[Path | None]) -> None:
        super().__init__(members, unknown)
        self.paths = paths


class Frame:
    """The variables in scope, each with the path it stands for (None: a computed value), and the paths read so far.

    `member` is the path of the member that a comprehension is at, `steps` how many members were gone over.
    """

    __slots__ = ("member", "reads", "steps", "variables")

    def __init__(self, variables: Mapping[str, Any]) -> None:
        self.variables: dict[str, tuple[Any, Path | None]] = {name: (value, (name,)) for name, value in variables.items()}
        self.reads: list[Path] = []
        self.member: Path | None = None
        self.steps = 0

    def keep(self, start: int, *parts: list[Path]) -> None:
        """Replace what was read since `start` with `parts`."""
        self.reads[start:] = [path for part in parts for path in part][:MAX_READS]


Closure: TypeAlias = Callable[[Frame], Result]
Traced: TypeAlias = Callable[[Frame], tuple[Result, Path | None]]


def compile_node(node: Node) -> Closure:
    """The closure that evaluates `node`."""
    match node:
        case Literal():
            value = node.value
            return lambda _frame: value
        case Ident() | Select() | Index():
            return _reader(_traced(node))
        case Has():
            return _has(node)
        case Unary():
            operand = compile_node(node.operand)
            apply = invert if node.operator == "!" else negate
            return lambda frame: apply(operand(frame))
        case Binary(operator="&&" | "||"):
            return _logic(node)
        case Binary():
            left, right, operate = compile_node(node.left), compile_node(node.right), BINARY[node.operator]
            return lambda frame: operate(left(frame), right(frame))
        case Conditional():
            return _conditional(node)
        case ListNode():
            return _list([compile_node(item) for item in node.items])
        case MapNode():
            return _map([(compile_node(k), compile_node(v)) for k, v in node.entries])
        case Comprehension():
            return _comprehension(node)
        case Call():
            return _call(node)


def _reader(traced: Traced) -> Closure:
    def read(frame: Frame) -> Result:
        value, path = traced(frame)
        if path is not None:
            frame.reads.append(path)
        return value

    return read


def _traced(node: Node) -> Traced:
    """A closure that also gives the path of the value, for the chain of selections that leads to it."""
    if isinstance(node, Ident):
        name = node.name
        return lambda frame: frame.variables.get(name, (EvaluationError(f"no variable is called {name}"), None))
    if isinstance(node, Select):
        operand, field, optional = _traced(node.operand), node.field, node.optional

        def select(frame: Frame) -> tuple[Result, Path | None]:
            value, path = operand(frame)
            return _member(value, field, optional), None if path is None else (*path, field)

        return select
    if isinstance(node, Index):
        return _index(node)
    closure = compile_node(node)
    return lambda frame: (closure(frame), None)


def _index(node: Index) -> Traced:
    operand, index, optional = _traced(node.operand), compile_node(node.index), node.optional

    def read(frame: Frame) -> tuple[Result, Path | None]:
        value, path = operand(frame)
        key = index(frame)
        if (stop := undecided(key)) is not None:
            return stop, path
        if isinstance(key, float) and key.is_integer():
            key = int(key)
        found = _member(value, key, optional)
        if path is None:
            return found, _kept_path(value, key)
        return found, (*path, key) if isinstance(key, str | int) and not isinstance(key, bool) else None

    return read


def _kept_path(value: Result, key: Any) -> Path | None:
    if isinstance(value, Kept) and isinstance(key, int) and 0 <= key < len(value):
        return value.paths[key]
    return None


def _member(value: Result, key: Any, optional: bool) -> Result:
    if isinstance(value, Optional):
        if not value.present:
            return NONE
        value, optional = value.value, True
    if isinstance(value, Unknown | EvaluationError):
        return value
    if isinstance(value, Mapping):
        if isinstance(key, str) and key in value:
            found = value[key]
            return found if not optional or isinstance(found, Unknown) else Optional(found)
        if isinstance(value, OpenMap):
            return value.unknown
        return NONE if optional else EvaluationError(f"no such key: {key}")
    if is_list(value) and isinstance(key, int) and not isinstance(key, bool):
        if isinstance(value, OpenList):
            # It is known what is in it, not where. No list has a member before its first.
            return value.unknown if key >= 0 else NONE if optional else EvaluationError(f"index {key} out of range")
        if 0 <= key < len(value):
            found = value[key]
            return found if not optional or isinstance(found, Unknown) else Optional(found)
        return NONE if optional else EvaluationError(f"index {key} out of range")
    if optional and value is None:
        return NONE  # `a: null` in a manifest is `a` not set
    return EvaluationError(f"{type_name(value)} has no member {key}")


def _has(node: Has) -> Closure:
    operand, field = _traced(node.select.operand), node.select.field

    def has(frame: Frame) -> Result:
        value, path = operand(frame)
        if path is not None:
            frame.reads.append((*path, field))
        if isinstance(value, Optional):
            value = value.value if value.present else {}
        if isinstance(value, Unknown | EvaluationError):
            return value
        if not isinstance(value, Mapping):
            return EvaluationError(f"{type_name(value)} has no member {field}")
        if field in value:
            found = value[field]
            return found if isinstance(found, Unknown) else True
        return value.unknown if isinstance(value, OpenMap) else False

    return has


def _logic(node: Binary) -> Closure:
    left, right = compile_node(node.left), compile_node(node.right)
    decides = node.operator == "||"
    name = node.operator

    def logic(frame: Frame) -> Result:
        start = len(frame.reads)
        first = left(frame)
        if first is decides:
            return decides
        middle = len(frame.reads)
        second = right(frame)
        if second is decides:
            frame.keep(start, frame.reads[middle:])
            return decides
        if isinstance(first, bool) and isinstance(second, bool):
            return not decides
        # What is undecided rests on the undecided side; unknown before error (cel-spec, "Logical Operators").
        if isinstance(first, bool):
            frame.keep(start, frame.reads[middle:])
        elif isinstance(second, bool):
            frame.keep(start, frame.reads[start:middle])
        stop = undecided(first, second)
        return no_overload(name, first, second) if stop is None else stop

    return logic


def _conditional(node: Conditional) -> Closure:
    condition, then, otherwise = compile_node(node.condition), compile_node(node.then), compile_node(node.otherwise)

    def choose(frame: Frame) -> Result:
        chosen = condition(frame)
        if chosen is True:
            return then(frame)
        if chosen is False:
            return otherwise(frame)
        if isinstance(chosen, Unknown):
            # Both branches with one answer: the condition does not matter.
            first, second = then(frame), otherwise(frame)
            same = isinstance(first, bool | str | int) and type(first) is type(second) and first == second
            return first if same else chosen
        return chosen if isinstance(chosen, EvaluationError) else no_overload("?:", chosen)

    return choose


def _list(items: list[Closure]) -> Closure:
    def build(frame: Frame) -> Result:
        values = [item(frame) for item in items]
        return next((v for v in values if isinstance(v, EvaluationError)), values)

    return build


def _map(entries: list[tuple[Closure, Closure]]) -> Closure:
    def build(frame: Frame) -> Result:
        result: dict[str, Any] = {}
        for key_of, value_of in entries:
            key, value = key_of(frame), value_of(frame)
            for part in (key, value):
                if isinstance(part, EvaluationError):
                    return part
            if isinstance(key, Unknown):
                return key
            if not isinstance(key, str):
                return EvaluationError("a map's keys are strings")
            if key in result:
                return EvaluationError(f"the key {key} is given twice")
            result[key] = value
        return result

    return build


def _call(node: Call) -> Closure:
    function = FUNCTIONS.get((node.name, node.receiver is not None))
    if function is None:
        raise LangError(f"no function is called {node.name}", node.offset)
    if function.name == "matches" and isinstance(node.arguments[-1], Literal):
        literal_pattern(node.arguments[-1].value, node.arguments[-1].offset)
    given = ([node.receiver] if node.receiver is not None else []) + list(node.arguments)
    if not function.least <= len(given) <= function.most:
        raise LangError(f"{node.name}() takes {function.arity()}", node.offset)
    if function.name in ("or", "orValue"):
        return _default(function, *(compile_node(argument) for argument in given))
    return _apply(function, [compile_node(argument) for argument in given])


def _default(function: Function, optional: Closure, otherwise: Closure) -> Closure:
    """`or` and `orValue`: what an optional gives instead is asked only where there is nothing in it."""

    def choose(frame: Frame) -> Result:
        value = optional(frame)
        if isinstance(value, Unknown | EvaluationError):
            return value
        if isinstance(value, Optional) and not value.present:
            return otherwise(frame)
        return function.apply(value, None)

    return choose


def _apply(function: Function, arguments: list[Closure]) -> Closure:
    apply, strict = function.apply, function.strict

    def call(frame: Frame) -> Result:
        values = [argument(frame) for argument in arguments]
        if strict:
            stop = undecided(*values)
            if stop is not None:
                return stop
        else:
            error = next((v for v in values if isinstance(v, EvaluationError)), None)
            if error is not None:
                return error
        return apply(*values)

    return call


def _comprehension(node: Comprehension) -> Closure:
    operand = _traced(node.operand)
    condition = compile_node(node.condition) if node.condition is not None else None
    result = compile_node(node.result) if node.result is not None else None
    finish = _FINISH[node.name]
    first, second = node.variable, node.second

    def run(frame: Frame) -> Result:
        value, path = operand(frame)
        if isinstance(value, Unknown | EvaluationError):
            if path is not None:
                frame.reads.append(path)
            return value
        if not isinstance(value, Mapping) and not is_list(value):
            return no_overload(node.name, value)
        start = len(frame.reads)
        if path is not None:
            frame.reads.append(path)
        open_part = value.unknown if isinstance(value, OpenList | OpenMap) else None
        saved = {name: frame.variables.get(name) for name in (first, second) if name}
        try:
            return finish(frame, start, _members(frame, value, path, first, second), condition, result, open_part)
        finally:
            for name, binding in saved.items():
                if binding is None:
                    frame.variables.pop(name, None)
                else:
                    frame.variables[name] = binding

    return run


def _members(frame: Frame, value: Any, path: Path | None, first: str, second: str) -> Iterator[Any]:
    """Bind the variables to each member in turn and give the member."""
    limit = len(frame.reads) + MAX_READS
    for number, member in enumerate(value):
        frame.steps += 1
        if frame.steps > MAX_STEPS:
            raise TooManySteps(f"the expression goes over more than {MAX_STEPS} members")
        # What members that decided nothing read is evidence only if none decides: the first few will do.
        del frame.reads[limit:]
        if isinstance(value, Mapping):
            at = None if path is None else (*path, member)
            frame.variables[first] = (member, at)
            if second:
                frame.variables[second] = (value[member], at)
        else:
            at = value.paths[number] if isinstance(value, Kept | OpenKept) else None if path is None else (*path, number)
            if second:
                frame.variables[first] = (value.unknown if isinstance(value, OpenList) else number, None)
            frame.variables[second or first] = (member, at)
        frame.member = at
        yield member


def _quantifier(decides: bool) -> Callable[..., Result]:
    """`exists` (decided by a true member) and `all` (decided by a false one)."""

    def finish(frame: Frame, start: int, members: Any, condition: Closure, _result: None, open_part: Unknown | None) -> Result:
        unknown: list[Unknown] = [open_part] if open_part is not None else []
        error: EvaluationError | None = None
        unknown_reads: list[Path] = []
        for _ in members:
            before, at = len(frame.reads), frame.member
            found = condition(frame)
            if found is decides:
                # A condition that reads nothing of the member (`exists(e, true)`) is decided by there being one.
                frame.keep(start, frame.reads[before:] or ([at] if at is not None else []))
                return decides
            if isinstance(found, Unknown):
                unknown.append(found)
                unknown_reads.extend(frame.reads[before:][: MAX_READS - len(unknown_reads)])
            elif isinstance(found, EvaluationError):
                error = error or found
            elif not isinstance(found, bool):
                error = error or no_overload("exists" if decides else "all", found)
        if unknown:
            if unknown_reads:
                frame.keep(start, unknown_reads)
            return Unknown.merge(unknown)
        return (not decides) if error is None else error

    return finish


def _exists_one(frame: Frame, _start: int, members: Any, condition: Closure, _result: None, open_part: Unknown | None) -> Result:
    count = 0
    unknown: list[Unknown] = [open_part] if open_part is not None else []
    error: EvaluationError | None = None
    for _ in members:
        found = condition(frame)
        if found is True:
            count += 1
        elif isinstance(found, Unknown):
            unknown.append(found)
        elif found is not False:
            error = error or (found if isinstance(found, EvaluationError) else no_overload("exists_one", found))
    if error is not None:
        return error
    if count > 1 or not unknown:
        return count == 1
    return Unknown.merge(unknown)


def _filter(frame: Frame, _start: int, members: Any, condition: Closure, _result: None, open_part: Unknown | None) -> Result:
    kept: list[Any] = []
    paths: list[Path | None] = []
    unknown: list[Unknown] = [open_part] if open_part is not None else []
    for member in members:
        at = frame.member
        found = condition(frame)
        if found is True:
            kept.append(member)
            paths.append(at)
        elif isinstance(found, Unknown):
            unknown.append(found)
        elif found is not False:
            return found if isinstance(found, EvaluationError) else no_overload("filter", found)
    return OpenKept(kept, Unknown.merge(unknown), paths) if unknown else Kept(kept, paths)


def _map_members(
    frame: Frame, _start: int, members: Any, condition: Closure | None, result: Closure, open_part: Unknown | None
) -> Result:
    mapped: list[Any] = []
    unknown: list[Unknown] = [open_part] if open_part is not None else []
    for _ in members:
        keep = True if condition is None else condition(frame)
        if isinstance(keep, Unknown):
            unknown.append(keep)
            continue
        if keep is not True:
            if keep is False:
                continue
            return keep if isinstance(keep, EvaluationError) else no_overload("map", keep)
        value = result(frame)
        if isinstance(value, EvaluationError):
            return value
        mapped.append(value)
    return OpenList(mapped, Unknown.merge(unknown)) if unknown else mapped


_FINISH: Mapping[str, Any] = {
    "exists": _quantifier(True),
    "all": _quantifier(False),
    "exists_one": _exists_one,
    "filter": _filter,
    "map": _map_members,
}
