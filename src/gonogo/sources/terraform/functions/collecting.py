"""Collection functions. Those marked open take collections of which only a part is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product

from gonogo.model.value import OpenList, OpenMap, Unknown
from gonogo.sources.terraform.functions.base import ANY, LIST, NUMBER, SET, STRING, STRINGS, Function
from gonogo.sources.terraform.result import Symbolic
from gonogo.sources.terraform.sets import make_set, sort_key
from gonogo.sources.terraform.typesystem import Collection, Type, convert, elements_unified, type_of, unify
from gonogo.sources.terraform.values import (
    TfError,
    TfList,
    TfMap,
    TfSet,
    Val,
    as_bool,
    as_number,
    deep_unknown,
    equal,
    is_unknown,
    never_null,
    open_list,
    open_map,
    open_set,
    type_name,
    uncounted,
    unknown_of,
)

MAX_ITEMS = 200_000


def _sequence(value: Val, function: str) -> tuple[Val, ...]:
    if isinstance(value, tuple):
        return value
    raise TfError(f"{function}() takes a list, not {type_name(value)}")


def _sorted_keys(mapping: Mapping[str, Val]) -> list[str]:
    return sorted(mapping, key=lambda key: key.encode("utf-8", "surrogatepass"))


def _listed(items: Iterable[Val], like: Val) -> Val:
    """A list where `like` is a list or a set, a tuple where it is a tuple."""
    return TfList(items) if isinstance(like, TfList | TfSet) else tuple(items)


def _all_true(value: Val) -> Val:
    return _fold(value, decisive=False)


def _any_true(value: Val) -> Val:
    return _fold(value, decisive=True)


def _fold(value: Val, decisive: bool) -> Val:
    if is_unknown(value):
        return unknown_of(value)
    unknown: list[Unknown] = []
    for item in value if isinstance(value, OpenList) else _sequence(value, "anytrue" if decisive else "alltrue"):
        truth = False if item is None else as_bool(item)
        if truth is decisive:
            return decisive
        if isinstance(truth, Unknown):
            unknown.append(truth)
    if isinstance(value, OpenList):
        unknown.append(value.unknown)
    return Unknown.merge(unknown) if unknown else not decisive


def _chunk_list(value: Val, size: Val) -> Val:
    if (hidden := uncounted(value) or uncounted(size)) is not None:
        return hidden
    items = _sequence(value, "chunklist")
    if not isinstance(size, int) or size < 0:
        raise TfError("chunklist() takes a size that is not negative")
    if size == 0:
        return TfList([TfList(items)]) if items else TfList()
    return TfList(TfList(items[i : i + size]) for i in range(0, len(items), size))


def _coalesce(*values: Val) -> Val:
    kinds = unify([type_of(v) for v in values])
    if kinds is None:
        raise TfError("the arguments of coalesce() must have one type")
    for value in values:
        if isinstance(value, Symbolic) and never_null(value):
            return value
        if is_unknown(value):
            return unknown_of(value)
        if value is not None and value != "":
            return convert(value, kinds)
    raise TfError("coalesce() has only null or empty arguments")


def _coalesce_list(*values: Val) -> Val:
    if any(not is_unknown(v) and not isinstance(v, tuple | OpenList) for v in values):
        raise TfError("coalescelist() takes lists")
    for value in values:
        if is_unknown(value):
            return unknown_of(value)
        if isinstance(value, OpenList) or value:
            return value
    raise TfError("coalescelist() has only empty arguments")


def _compact(value: Val) -> Val:
    if is_unknown(value):
        return unknown_of(value)
    converted = convert(value, STRINGS)
    unknown = [unknown_of(v) for v in _members(converted) if is_unknown(v) and not (isinstance(v, Symbolic) and never_null(v))]
    kept = [v for v in _members(converted) if v is not None and v != "" and not isinstance(v, Unknown)]
    if isinstance(converted, OpenList):
        unknown.append(converted.unknown)
    return open_list(kept, Unknown.merge(unknown)) if unknown else TfList(kept)


def _members(value: Val) -> Sequence[Val]:
    return value if isinstance(value, tuple | OpenList) else ()


def _concat(*values: Val) -> Val:
    unknown: list[Unknown] = []
    found: list[Val] = []
    for value in values:
        if is_unknown(value):
            unknown.append(unknown_of(value))
        elif isinstance(value, OpenList):
            unknown.append(value.unknown)
            found.extend(value)
        elif isinstance(value, TfSet):
            raise TfError("concat() takes lists, not a set")
        else:
            found.extend(_sequence(value, "concat"))
    if len(found) > MAX_ITEMS:
        raise TfError(f"concat() of more than {MAX_ITEMS} elements")
    if unknown:
        return open_list(found, Unknown.merge(unknown))
    if values and all(isinstance(v, TfList) for v in values):
        return TfList(elements_unified(found))
    return tuple(found)


def _contains(value: Val, wanted: Val) -> Val:
    if is_unknown(value):
        return unknown_of(value)
    if not isinstance(value, tuple | OpenList):
        raise TfError("contains() takes a list")
    unknown: list[Unknown] = []
    for item in value:
        same = equal(item, wanted)
        if same is True:
            return True
        if isinstance(same, Unknown):
            unknown.append(same)
    if isinstance(value, OpenList):
        unknown.append(value.unknown)
    return Unknown.merge(unknown) if unknown else False


def _distinct(value: Val) -> Val:
    if is_unknown(value):
        return unknown_of(value)
    if isinstance(value, OpenList):
        return value
    items = _sequence(value, "distinct")
    kept: list[Val] = []
    simple: set[str] = set()
    for item in items:
        if isinstance(item, str):
            if str(item) in simple:
                continue
            simple.add(str(item))
        elif isinstance(item, Unknown) or any(equal(item, k) is True for k in kept):
            if isinstance(item, Unknown):
                kept.append(item)
            continue
        kept.append(item)
    unknown = deep_unknown(tuple(items))
    return open_list(kept, unknown) if unknown is not None else TfList(kept)


def _element(value: Val, position: Val) -> Val:
    if is_unknown(value) or is_unknown(position) or isinstance(value, OpenList):
        return value.unknown if isinstance(value, OpenList) else unknown_of(value if is_unknown(value) else position)
    items = _sequence(value, "element")
    number = as_number(position)
    if not items or not isinstance(number, int):
        raise TfError("element() of an empty list, or at no whole number")
    # Later Terraform than 1.11 counts negative positions from the end, where 1.11 refuses them.
    found: Val = items[number % len(items)]
    return found


def _flatten(value: Val) -> Val:
    unknown: list[Unknown] = []
    found: list[Val] = []

    def walk(item: Val, depth: int) -> None:
        if depth > 100 or len(found) > MAX_ITEMS:
            raise TfError("flatten() of too much")
        for one in _members(item):
            if isinstance(one, Unknown):
                unknown.append(one)
            elif isinstance(one, tuple | OpenList):
                walk(one, depth + 1)
            else:
                found.append(one)
                if isinstance(one, Symbolic) and not never_null(one):
                    unknown.append(one.unknown)  # may be a list
        if isinstance(item, OpenList):
            unknown.append(item.unknown)

    if is_unknown(value):
        return unknown_of(value)
    if not isinstance(value, tuple | OpenList):
        raise TfError("flatten() takes a list")
    walk(value, 0)
    return open_list(found, Unknown.merge(unknown)) if unknown else tuple(found)


def _index(value: Val, wanted: Val) -> Val:
    for position, item in enumerate(_sequence(value, "index")):
        if equal(item, wanted) is True:
            return position
    raise TfError("index(): no such item")


def _keys(value: Val) -> Val:
    if is_unknown(value):
        return unknown_of(value)
    if isinstance(value, OpenMap):
        return open_list(_sorted_keys(value), value.unknown)
    if not isinstance(value, dict):
        raise TfError(f"keys() takes a map, not {type_name(value)}")
    names = _sorted_keys(value)
    return TfList(names) if isinstance(value, TfMap) else tuple(names)


def _values(value: Val) -> Val:
    if is_unknown(value):
        return unknown_of(value)
    if isinstance(value, OpenMap):
        return open_list([value[k] for k in _sorted_keys(value)], value.unknown)
    if not isinstance(value, dict):
        raise TfError(f"values() takes a map, not {type_name(value)}")
    found = [value[k] for k in _sorted_keys(value)]
    return TfList(found) if isinstance(value, TfMap) else tuple(found)


def _length(value: Val) -> Val:
    from gonogo.sources.terraform.functions.strings import graphemes

    if is_unknown(value):
        return unknown_of(value)
    if isinstance(value, OpenList | OpenMap):
        return value.unknown
    if isinstance(value, TfSet) and len(value) > 1 and (unknown := deep_unknown(value)) is not None:
        return unknown  # members may turn out to be the same
    if isinstance(value, str):
        return len(graphemes(value))
    if isinstance(value, tuple | dict):
        return len(value)
    raise TfError(f"length() takes a collection or a string, not {type_name(value)}")


def _lookup(value: Val, key: Val, *default: Val) -> Val:
    if is_unknown(value):
        return unknown_of(value)
    if is_unknown(key):
        return unknown_of(key)
    if not isinstance(value, dict | OpenMap) or not isinstance(key, str):
        raise TfError(f"lookup() takes a map, not {type_name(value)}")
    if default and isinstance(value, TfMap) and value:
        default = (convert(default[0], type_of(next(iter(value.values())))),)
    if key in value:
        found: Val = value[key]
        return found
    if isinstance(value, OpenMap):
        return value.unknown
    if default:
        return default[0]
    raise TfError(f'lookup(): no element "{key}"')


def _match_keys(values: Val, keys: Val, wanted: Val) -> Val:
    items, names, search = _sequence(values, "matchkeys"), _sequence(keys, "matchkeys"), _sequence(wanted, "matchkeys")
    if len(items) != len(names):
        raise TfError("matchkeys() takes lists of one length")
    unified = elements_unified((*names, *search))
    names, search = tuple(unified[: len(names)]), tuple(unified[len(names) :])
    return TfList(v for v, k in zip(items, names, strict=True) if any(equal(k, s) is True for s in search))


def _merge(*values: Val) -> Val:
    unknown: list[Unknown] = []
    found: dict[str, Val] = {}
    for value in values:
        if value is None:
            continue
        if is_unknown(value):
            # Any key may be overwritten by what is not known.
            unknown.append(unknown_of(value))
            found = {k: unknown_of(value) for k in found}
        elif isinstance(value, OpenMap):
            unknown.append(value.unknown)
            found = {**dict.fromkeys(found, value.unknown), **value}
        elif isinstance(value, dict):
            found.update(value)
        else:
            raise TfError(f"merge() takes maps, not {type_name(value)}")
    if unknown:
        return open_map(found, Unknown.merge(unknown))
    maps = [v for v in values if v is not None]
    if maps and all(isinstance(v, TfMap) for v in maps):
        kind = unify([type_of(v) for v in maps])
        return TfMap(found) if kind is not None else found
    return found


def _one(value: Val) -> Val:
    if is_unknown(value):
        return unknown_of(value)
    if isinstance(value, OpenList):
        return value.unknown
    items = _sequence(value, "one")
    if len(items) > 1:
        raise TfError("one() of more than one element")
    return items[0] if items else None


def _reverse(value: Val) -> Val:
    if (hidden := uncounted(value)) is not None:
        return hidden
    items = _sequence(value, "reverse")
    return _listed(reversed(items), value)


def _set_product(*values: Val) -> Val:
    hidden = [u for u in map(uncounted, values) if u is not None]
    if hidden:
        return Unknown.merge(hidden)
    size = 1
    for value in values:
        size *= max(1, len(_sequence(value, "setproduct")))
    if size > MAX_ITEMS or len(values) < 2:
        raise TfError("setproduct() of too much, or of one set only")
    rows = [tuple(row) for row in product(*(elements_unified(v) for v in values if isinstance(v, tuple)))]
    if any(isinstance(v, TfSet) for v in values):
        return make_set(rows)
    return TfList(rows)


def _set_operation(combine: Callable[[Val, Val], bool]) -> Callable[..., Val]:
    def operate(first: Val, *others: Val) -> Val:
        items = [first, *others]
        kind = unify([type_of(i) for i in items])
        if kind is None:
            raise TfError("the sets must have elements of one type")
        if isinstance(kind, Collection):
            items = [convert(i, kind) for i in items]
        result = list(_sequence(items[0], "set function"))
        for other in items[1:]:
            result = [v for v in result if combine(v, other)]
        return make_set(result)

    return operate


def _within(value: Val, other: Val) -> bool:
    return _contains(other, value) is True


def _set_union(*values: Val) -> Val:
    unknown: list[Unknown] = []
    kinds: list[Type] = []
    found: list[Val] = []
    for value in values:
        if is_unknown(value):
            unknown.append(unknown_of(value))
        else:
            converted = convert(value, SET)
            found.extend(_members(converted))
            kinds.append(type_of(converted))
            if isinstance(value, OpenList):
                unknown.append(value.unknown)
    if not unknown and unify(kinds) is None:
        raise TfError("the sets must have elements of one type")
    united = make_set(elements_unified(found))
    if isinstance(united, OpenList):
        unknown.append(united.unknown)
    return open_set(united, Unknown.merge(unknown)) if unknown else united


def _slice(value: Val, start: Val, end: Val) -> Val:
    hidden = [u for u in map(uncounted, (value, start, end)) if u is not None]
    if hidden:
        return Unknown.merge(hidden)
    items = _sequence(value, "slice")
    if not isinstance(start, int) or not isinstance(end, int) or not 0 <= start <= end <= len(items) or isinstance(value, TfSet):
        raise TfError("slice() out of range")
    return _listed(items[start:end], value)


def _sort(value: Sequence[Val]) -> Val:
    if None in value:
        raise TfError("sort() takes no null")
    return TfList(sorted(value, key=sort_key))


def _transpose(value: Val) -> Val:
    if not isinstance(value, dict):
        raise TfError("transpose() takes a map of lists")
    found: dict[str, list[Val]] = {}
    for key in _sorted_keys(value):
        if value[key] is None:
            raise TfError("transpose() takes no null")
        for item in _members(convert(value[key], STRINGS)):
            if not isinstance(item, str):
                raise TfError("transpose() takes lists of strings")
            found.setdefault(item, []).append(key)
    return TfMap({k: TfList(sorted(v, key=sort_key)) for k, v in found.items()})


def _zip_map(keys: Sequence[Val], values: Val) -> Val:
    if (hidden := deep_unknown(keys) or uncounted(values)) is not None:
        return hidden
    items = _sequence(values, "zipmap")
    if len(keys) != len(items):
        raise TfError("zipmap() takes lists of one length")
    found = {str(k): v for k, v in zip(keys, items, strict=True)}
    return TfMap(found) if isinstance(values, TfList) else found


def _make_list(*values: Val) -> Val:
    return TfList(elements_unified(values))




COLLECTION_FUNCTIONS: Mapping[str, Function] = {
    "alltrue": Function(_all_true, (ANY,), open=True),
    "anytrue": Function(_any_true, (ANY,), open=True),
    "chunklist": Function(_chunk_list, (LIST, NUMBER), open=True),
    "coalesce": Function(_coalesce, rest=ANY, open=True, nullable=True),
    "coalescelist": Function(_coalesce_list, rest=ANY, open=True),
    "compact": Function(_compact, (ANY,), open=True),
    "concat": Function(_concat, rest=ANY, open=True),
    "contains": Function(_contains, (ANY, ANY), open=True),
    "distinct": Function(_distinct, (LIST,), open=True),
    "element": Function(_element, (ANY, ANY), open=True),
    "flatten": Function(_flatten, (ANY,), open=True),
    "index": Function(_index, (ANY, ANY)),
    "keys": Function(_keys, (ANY,), open=True),
    "length": Function(_length, (ANY,), open=True),
    "list": Function(_make_list, rest=ANY),
    "lookup": Function(_lookup, (ANY, STRING), rest=ANY, open=True, nullable=True),
    "matchkeys": Function(_match_keys, (LIST, LIST, LIST)),
    "merge": Function(_merge, rest=ANY, open=True, nullable=True),
    "one": Function(_one, (ANY,), open=True),
    "reverse": Function(_reverse, (ANY,), open=True),
    "setintersection": Function(_set_operation(_within), (SET,), rest=SET),
    "setproduct": Function(_set_product, rest=ANY, open=True),
    "setsubtract": Function(_set_operation(lambda v, o: not _within(v, o)), (SET, SET)),
    "setunion": Function(_set_union, (ANY,), rest=ANY, open=True),
    "slice": Function(_slice, (ANY, NUMBER, NUMBER), open=True),
    "sort": Function(_sort, (STRINGS,)),
    "transpose": Function(_transpose, (ANY,)),
    "values": Function(_values, (ANY,), open=True),
    "zipmap": Function(_zip_map, (STRINGS, ANY), open=True),
}
