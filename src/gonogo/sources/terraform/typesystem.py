"""Terraform's types: what a value is, what types have in common, and conversion, with the defaults of `optional()`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias

from gonogo.model.value import OpenList, OpenMap, Unknown
from gonogo.sources.terraform import ast
from gonogo.sources.terraform.sets import make_set
from gonogo.sources.terraform.values import (
    Deferred,
    OpenSet,
    TfError,
    TfList,
    TfMap,
    TfSet,
    Val,
    as_bool,
    as_number,
    as_string,
    deep_unknown,
    is_unknown,
    merge_unknown,
    open_list,
    open_map,
    open_set,
    type_name,
    unknown_of,
)


@dataclass(frozen=True, slots=True)
class Primitive:
    name: str


@dataclass(frozen=True, slots=True)
class Collection:
    """list(T), set(T), map(T)."""

    kind: str
    element: Type


@dataclass(frozen=True, slots=True)
class TupleType:
    items: tuple[Type, ...]


@dataclass(frozen=True, slots=True)
class ObjectType:
    attributes: Mapping[str, Type]
    optional: Mapping[str, Val] = field(default_factory=dict)
    """Attributes that may be left out, with what they are then."""


Type: TypeAlias = Primitive | Collection | TupleType | ObjectType

STRING, NUMBER, BOOL, ANY = Primitive("string"), Primitive("number"), Primitive("bool"), Primitive("any")
_PRIMITIVES = {t.name: t for t in (STRING, NUMBER, BOOL, ANY)}


def parse_type(expression: ast.Expression, literal: Callable[[ast.Expression], Val]) -> Type:
    """The type that a variable's `type` argument names. Raises `TfError`."""
    if isinstance(expression, ast.Literal) and isinstance(expression.value, str):
        return _named(expression.value)  # `type = "string"`, Terraform 0.11
    if isinstance(expression, ast.Traversal) and expression.source is None and not expression.steps:
        return _named(expression.root)
    if not isinstance(expression, ast.Call) or not expression.arguments:
        raise TfError("a type that is not understood")
    first = expression.arguments[0]
    if expression.name in ("list", "set", "map"):
        return Collection(expression.name, parse_type(first, literal))
    if expression.name == "tuple" and isinstance(first, ast.TupleNode):
        return TupleType(tuple(parse_type(i, literal) for i in first.items))
    if expression.name == "object" and isinstance(first, ast.ObjectNode):
        return _object(first, literal)
    raise TfError("a type that is not understood")


def _named(name: str) -> Type:
    if name in _PRIMITIVES:
        return _PRIMITIVES[name]
    if name in ("list", "map", "set"):
        return Collection(name, ANY)
    raise TfError(f"a type that is not understood ({name})")


def _object(node: ast.ObjectNode, literal: Callable[[ast.Expression], Val]) -> ObjectType:
    attributes: dict[str, Type] = {}
    optional: dict[str, Val] = {}
    for item in node.items:
        if not isinstance(item.key, ast.Literal) or not isinstance(item.key.value, str):
            raise TfError("an object type with a computed attribute name")
        name, value = item.key.value, item.value
        if isinstance(value, ast.Call) and value.name == "optional" and value.arguments:
            attributes[name] = parse_type(value.arguments[0], literal)
            default = literal(value.arguments[1]) if len(value.arguments) > 1 else None
            optional[name] = default if default is None else convert(default, attributes[name])
        else:
            attributes[name] = parse_type(value, literal)
    return ObjectType(attributes, optional)


def without_defaults(kind: Type, unknown: Val) -> Type:
    """The type with `unknown` for every default of `optional()` that is not null or empty."""
    if isinstance(kind, Collection):
        return Collection(kind.kind, without_defaults(kind.element, unknown))
    if isinstance(kind, TupleType):
        return TupleType(tuple(without_defaults(item, unknown) for item in kind.items))
    if isinstance(kind, ObjectType):
        attributes = {name: without_defaults(inner, unknown) for name, inner in kind.attributes.items()}
        return ObjectType(attributes, {name: unknown if default not in (None, (), {}) else default for name, default in kind.optional.items()})
    return kind


def type_of(value: Val) -> Type:
    """The type of `value`; `any` where null or unknown hides it."""
    if isinstance(value, Deferred):
        value = value.force()
    if value is None or is_unknown(value):
        return STRING if isinstance(value, str) else ANY
    if isinstance(value, bool):
        return BOOL
    if isinstance(value, int | Decimal):
        return NUMBER
    if isinstance(value, str):
        return STRING
    if isinstance(value, TfSet | TfList):
        return Collection("set" if isinstance(value, TfSet) else "list", type_of(value[0]) if value else ANY)
    if isinstance(value, OpenList):
        return Collection("set" if isinstance(value, OpenSet) else "list", ANY)
    if isinstance(value, tuple):
        return TupleType(tuple(type_of(v) for v in value))
    if isinstance(value, TfMap | OpenMap):
        return Collection("map", type_of(next(iter(value.values()))) if value and isinstance(value, TfMap) else ANY)
    if isinstance(value, dict):
        return ObjectType({k: type_of(v) for k, v in value.items()})
    return ANY


def unify(types: Sequence[Type]) -> Type | None:
    """The type all of `types` convert to (go-cty convert.Unify, unsafe conversions left out); None where there is none. Where one of
    them is not known nothing is excluded: `any`."""
    given = [t for t in types if t != ANY]
    found = _unify(given)
    return ANY if found is None and len(given) < len(types) else found


def _unify(given: Sequence[Type]) -> Type | None:
    if not given:
        return ANY
    if all(t == given[0] for t in given):
        return given[0]
    if all(isinstance(t, Primitive) for t in given):
        return STRING if STRING in given else None
    if all(isinstance(t, Collection) for t in given):
        return _unify_collections([t for t in given if isinstance(t, Collection)])
    if all(isinstance(t, ObjectType) for t in given):
        return _unify_objects([t for t in given if isinstance(t, ObjectType)])
    if all(isinstance(t, TupleType) for t in given):
        return _unify_tuples([t for t in given if isinstance(t, TupleType)])
    if all(isinstance(t, ObjectType) or (isinstance(t, Collection) and t.kind == "map") for t in given):
        return _unify_to("map", given)
    if all(isinstance(t, TupleType) or (isinstance(t, Collection) and t.kind != "map") for t in given):
        kinds = {t.kind for t in given if isinstance(t, Collection)}
        return _unify_to("list" if "list" in kinds else "set", given)
    return None


def _unify_collections(types: Sequence[Collection]) -> Type | None:
    kinds = {t.kind for t in types}
    if len(kinds) > 1 and kinds != {"list", "set"}:
        return None
    # Sets become lists like those that are there; whether their elements convert shows then.
    kind = "list" if "list" in kinds else kinds.pop()
    element = unify([t.element for t in types if t.kind == kind])
    if element == ANY:
        element = unify([t.element for t in types])
    return Collection(kind, element) if element is not None else None


def _unify_to(kind: str, types: Sequence[Type]) -> Type | None:
    elements: list[Type] = []
    for t in types:
        if isinstance(t, Collection):
            elements.append(t.element)
        elif isinstance(t, ObjectType):
            elements.extend(t.attributes.values())
        elif isinstance(t, TupleType):
            elements.extend(t.items)
    element = unify(elements)
    return Collection(kind, element) if element is not None else None


def _unify_objects(types: Sequence[ObjectType]) -> Type | None:
    names = set(types[0].attributes)
    if any(set(t.attributes) != names for t in types):
        return _unify_to("map", types)
    attributes: dict[str, Type] = {}
    for name in types[0].attributes:
        found = unify([t.attributes[name] for t in types])
        if found is None:
            return None
        attributes[name] = found
    return ObjectType(attributes)


def _unify_tuples(types: Sequence[TupleType]) -> Type | None:
    if any(len(t.items) != len(types[0].items) for t in types):
        return _unify_to("list", types)
    items = [unify(column) for column in zip(*(t.items for t in types), strict=True)]
    found = tuple(i for i in items if i is not None)
    return TupleType(found) if len(found) == len(items) else None


def convert(value: Val, to: Type) -> Val:
    """`value` as a value of type `to`. Unknowns stay unknown. Raises `TfError` where it does not convert."""
    if value is None or isinstance(value, Unknown):
        return value
    if isinstance(value, Deferred):
        if to == ANY:
            return value
        value = value.force()
    if isinstance(to, Primitive):
        if to == ANY:
            return value
        return as_string(value) if to == STRING else as_number(value) if to == NUMBER else as_bool(value)
    if is_unknown(value):
        return unknown_of(value)
    if isinstance(to, Collection):
        return _to_map(value, to.element) if to.kind == "map" else _to_sequence(value, to)
    if isinstance(to, TupleType):
        return _to_tuple(value, to)
    return _to_object(value, to)


def elements_unified(values: Sequence[Val]) -> Sequence[Val]:
    """Values as members of one collection: converted to the type they have in common. Raises `TfError`."""
    found = _unify([t for t in map(type_of, values) if t != ANY])
    if found is None:
        raise TfError("all elements must have the same type")
    return values if found == ANY else [convert(v, found) for v in values]


def _elements(values: Sequence[Val], element: Type) -> Sequence[Val]:
    return elements_unified(values) if element == ANY else [convert(v, element) for v in values]


def _to_sequence(value: Val, to: Collection) -> Val:
    if isinstance(value, OpenList):
        converted = [convert(v, to.element) for v in value]
        if to.kind == "list":
            return open_list(converted, value.unknown)
        return open_set(make_set(v for v in converted if not isinstance(v, Unknown)), merge_unknown([value.unknown, *converted]))
    if not isinstance(value, tuple):
        raise TfError(f"{to.kind} required, not {type_name(value)}")
    members = _elements(value, to.element)
    if to.kind == "set":
        return make_set(members)
    # A set is in the order of its values.
    unordered = deep_unknown(value) if isinstance(value, TfSet) and len(value) > 1 else None
    return open_list(members, unordered) if unordered is not None else TfList(members)


def _to_map(value: Val, element: Type) -> Val:
    if isinstance(value, OpenMap):
        return open_map({k: convert(v, element) for k, v in value.items()}, value.unknown)
    if not isinstance(value, dict):
        raise TfError(f"map required, not {type_name(value)}")
    return TfMap(zip(value, _elements(list(value.values()), element), strict=True))


def _to_tuple(value: Val, to: TupleType) -> Val:
    if isinstance(value, OpenList):
        return value.unknown
    if not isinstance(value, tuple) or len(value) != len(to.items):
        raise TfError(f"a tuple of {len(to.items)} elements is required")
    return tuple(convert(v, t) for v, t in zip(value, to.items, strict=True))


def _to_object(value: Val, to: ObjectType) -> Val:
    if not isinstance(value, dict | OpenMap):
        raise TfError(f"object required, not {type_name(value)}")
    result: dict[str, Val] = {}
    for name, kind in to.attributes.items():
        if name in value:
            given: Val = value[name]
            # The default of optional() stands for null too.
            result[name] = convert(given, kind) if given is not None else to.optional.get(name)
        elif isinstance(value, OpenMap):
            result[name] = value.unknown
        elif name in to.optional:
            result[name] = to.optional[name]
        else:
            raise TfError(f'attribute "{name}" is required')
    return result
