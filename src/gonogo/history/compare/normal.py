"""The normal form of attributes: equal for values that mean the same. Applied twice it changes nothing more."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from gonogo.history.canonical import compact
from gonogo.history.compare.fields import KindFields, Steps
from gonogo.model.value import OpenList, OpenMap, Unknown, Value, is_list

# A name with its host (`//run.googleapis.com/projects/…`) or as a link with host, API and version; not any URL that has such a part.
_LINK = re.compile(r"(?:https?:)?//[a-z0-9.-]*googleapis\.com/(?:[a-z]+/)?(?:(?:alpha|beta|v\d+\w*)/)?((?:projects|folders|organizations)/.+)")
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,18})")
_QUANTITY = re.compile(r"(-?[0-9]{1,18}(?:\.[0-9]{1,18})?)(m|u|n|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?")
_DURATION = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,9})?)(s|m|h)?")
_DECIMAL = ("n", "u", "m", "", "k", "M", "G", "T", "P", "E")
_FACTORS = {
    **{suffix: Decimal(1000) ** (at - 3) for at, suffix in enumerate(_DECIMAL)},
    **{f"{suffix}i": Decimal(1024) ** at for at, suffix in enumerate("KMGTPE", start=1)},
}
_SECONDS = {"": Decimal(1), "s": Decimal(1), "m": Decimal(60), "h": Decimal(3600)}


def normal(attributes: Value, fields: KindFields, path: Steps = ()) -> Value:
    """`attributes` without what is no drift, every value in one spelling, lists without order as maps."""
    if isinstance(attributes, Unknown):
        return attributes
    if isinstance(attributes, Mapping):
        return _mapping(attributes, fields, path)
    if is_list(attributes) and isinstance(attributes, Sequence) and not isinstance(attributes, str):
        return _list(attributes, fields, path)
    return _scalar(attributes, fields, path)


def _mapping(value: Mapping[str, Value], fields: KindFields, path: Steps) -> Value:
    labels = fields.labels.match(path)
    members = {
        key: normal(member, fields, (*path, key))
        for key, member in value.items()
        if not fields.dropped.match((*path, key)) and not (labels and key.startswith(fields.system_labels))
    }
    return OpenMap(members, value.unknown) if isinstance(value, OpenMap) else members


def _list(value: Sequence[Value], fields: KindFields, path: Steps) -> Value:
    key = fields.key(path)
    if key is not None or fields.sets.match(path):
        return _by_name(value, fields, path, key)
    items = [normal(item, fields, (*path, str(at))) for at, item in enumerate(value)]
    return OpenList(items, value.unknown) if isinstance(value, OpenList) else items


def _by_name(value: Sequence[Value], fields: KindFields, path: Steps, key: str | None) -> Value:
    """A map from what names each member to the member; one that cannot be named leaves the map open."""
    unknown = [value.unknown] if isinstance(value, OpenList) else []
    found: dict[str, Value] = {}
    for item in value:
        name = _name(item, fields, path, key)
        if isinstance(name, Unknown):
            unknown.append(name)
            continue
        count, unique = 1, name
        while unique in found:  # two of one name stay two
            count, unique = count + 1, f"{name}#{count + 1}"
        found[unique] = normal(item, fields, (*path, unique))
    return OpenMap(found, Unknown.merge(unknown)) if unknown else found


def _name(item: Value, fields: KindFields, path: Steps, key: str | None) -> str | Unknown:
    if isinstance(item, Unknown):
        return item
    named: Value = item
    if key is not None:
        named = item.get(key) if isinstance(item, Mapping) else item
        if isinstance(named, Unknown):
            return named
    settled = normal(named, fields, (*path, "*"))
    if isinstance(settled, str):
        return settled.rpartition("/")[2] if settled.startswith(("projects/", "folders/", "organizations/")) else settled
    unknown = next((leaf for _, leaf in leaves(settled) if isinstance(leaf, Unknown)), None)
    return unknown if unknown is not None else compact(settled)


def _scalar(value: Value, fields: KindFields, path: Steps) -> Value:
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # as in a snapshot; not a number differs from itself
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        value = int(value)
    if fields.quantities.match(path):
        return _measured(value, _QUANTITY, _FACTORS)
    if fields.durations.match(path):
        return _measured(value, _DURATION, _SECONDS)
    if not isinstance(value, str):
        return value
    if fields.headers.match(path):
        name, colon, rest = value.partition(":")
        return f"{name.strip().lower()}{colon}{rest.strip()}"
    if _INTEGER.fullmatch(value) and value != "-0":
        return int(value)
    return relative(value)


def relative(text: str) -> str:
    """A full resource name or a self link without its host, API and version; any other text as it is."""
    link = _LINK.fullmatch(text)
    return link[1].rstrip("/") if link is not None else text


def _measured(value: Value, spelling: re.Pattern[str], factors: Mapping[str, Decimal]) -> Value:
    found = spelling.fullmatch(str(value))
    if found is None:
        return value
    amount = Decimal(found[1]) * factors[found[2] or ""]
    return int(amount) if amount == amount.to_integral_value() else format(amount.normalize(), "f")


def leaves(value: Value, path: Steps = ()) -> Iterator[tuple[Steps, Value]]:
    """Every value that is set, by path. Nothing, null and an empty collection are one; an open collection is unknown at its own path."""
    if isinstance(value, OpenMap | OpenList):
        yield path, value.unknown
    if isinstance(value, Mapping):
        for key in sorted(value):
            yield from leaves(value[key], (*path, key))
    elif is_list(value) and isinstance(value, Sequence) and not isinstance(value, str):
        for at, item in enumerate(value):
            yield from leaves(item, (*path, str(at)))
    elif value is not None:
        yield path, value


def same(one: Value, other: Value) -> bool:
    """Whether two leaves are equal: true is not 1."""
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def differing(one: Value, other: Value) -> Iterator[tuple[Steps, Value, Value]]:
    """The leaves in which two normal forms differ; where one of them is unknown, it is that, once for all below it."""
    first, second = dict(leaves(one)), dict(leaves(other))
    told: set[Steps] = set()
    for path in sorted({*first, *second}):
        a, at_a = _leaf(first, path)
        b, at_b = _leaf(second, path)
        unknown = isinstance(a, Unknown) or isinstance(b, Unknown)
        at = min(at_a, at_b, key=len) if unknown else path
        if (unknown and a != b and at not in told) or (not unknown and not same(a, b)):
            told.add(at)
            yield at, a, b


def _leaf(found: Mapping[Steps, Value], path: Steps) -> tuple[Value, Steps]:
    """The leaf at `path`, else the unknown around it, else nothing."""
    for length in range(len(path), -1, -1):
        value = found.get(path[:length])
        if length == len(path) and value is not None:
            return value, path
        if isinstance(value, Unknown):
            return value, path[:length]
    return None, path


