"""What a plan or a state shows of an instance, as the values that the evaluator yields for the same instance.

Provider defaults are filled in and null is null. What is known only after apply is a reference, where the code or the plan's
configuration says to what; it is left out where nobody writes it, for the server chooses it as if the attribute were
not there; it is unknown otherwise. What is sensitive is hidden here, before any rule sees it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite

from gonogo.kinds.cloudrun import SECRET_POINTER
from gonogo.model.location import Location
from gonogo.model.value import Hidden, OpenList, OpenMap, Path, Unknown, Value, is_list
from gonogo.sources.terraform.addresses import Address
from gonogo.sources.terraform.documents import Shown, printable
from gonogo.sources.terraform.plan_references import Configuration
from gonogo.sources.terraform.result import Instance, references

MAX_DEPTH = 100
MAX_SEARCHED = 500
"""Members of a list among which another one is looked for; a longer list is taken to be in order."""
_SENSITIVE = "sensitive in Terraform: its value is not looked at"


class _Nothing:
    """`ABSENT`: not written. `UNSEEN`: nothing is known of what is written."""


ABSENT, UNSEEN = _Nothing(), _Nothing()


@dataclass(frozen=True, slots=True)
class Twin:
    """The declared instance that stands for a shown one.

    `exact`: the same instance. Otherwise another one of its block: what it writes is written here too, to other things.
    `whole`: all of the block was read, so that what is not among its attributes is not written.
    """

    instance: Instance
    exact: bool
    whole: bool = True


@dataclass(frozen=True, slots=True)
class _At:
    """A place in the document, and what is known of the same place in the code and in the plan's configuration."""

    path: Path
    names: tuple[str, ...]
    code: object
    code_path: Path
    expression: object


@dataclass(slots=True)
class ShownReader:
    """Reads one instance. `leaves` are the attributes that are no blocks, as paths of names."""

    shown: Shown
    address: Address | None
    place: Location
    twin: Twin | None = None
    configuration: Configuration | None = None
    leaves: frozenset[tuple[str, ...]] = frozenset()
    locations: dict[Path, Location] = field(default_factory=dict)
    chains: dict[Path, tuple[Location, ...]] = field(default_factory=dict)

    def attributes(self) -> Mapping[str, Value]:
        """The attributes of the instance; `locations` and `chains` are filled in on the way."""
        self.locations[()] = self.place
        code: object = UNSEEN
        if self.twin is not None:
            self.locations[()] = self.twin.instance.location
            code = self.twin.instance.attributes
        written = self.configuration.expressions(self.address) if self.configuration is not None and self.address is not None else None
        found = self._read(self.shown.values, self.shown.unknown, self.shown.sensitive, _At((), (), code, (), UNSEEN if written is None else written))
        return found if isinstance(found, Mapping) else OpenMap({}, _unknown(found))

    def _read(self, value: object, unknown: object, sensitive: object, at: _At) -> Value | _Nothing:
        self._locate(at)
        if unknown is True:
            return self._unknown(at, None)
        if sensitive is True:
            return hidden(value)
        if len(at.path) > MAX_DEPTH:
            return Unknown.because(f"nested deeper than {MAX_DEPTH} levels")
        if isinstance(value, dict) or (value is None and isinstance(unknown, dict) and _any(unknown)):
            return self._object(value if isinstance(value, dict) else {}, unknown, sensitive, at)
        if isinstance(value, list) or (value is None and isinstance(unknown, list) and _any(unknown)):
            return self._list(value if isinstance(value, list) else [], unknown, sensitive, at)
        return _leaf(value)

    def _object(self, value: Mapping[str, object], unknown: object, sensitive: object, at: _At) -> Value:
        found: dict[str, Value] = {}
        masked = [k for k, v in unknown.items() if _any(v)] if isinstance(unknown, dict) else []
        for name in dict.fromkeys([*value, *masked]):
            key = printable(name)
            inner = _At((*at.path, key), (*at.names, key), _member(at.code, key), (*at.code_path, key), _expression(at.expression, key))
            read = self._read(value.get(name), _part(unknown, name), _part(sensitive, name), inner)
            if not isinstance(read, _Nothing):
                found[key] = read
        if self.shown.partial:
            return OpenMap(found, Unknown.because(f"only what is known is shown of {self.shown.address}"))
        return found

    def _list(self, value: Sequence[object], unknown: object, sensitive: object, at: _At) -> Value:
        size = max(len(value), len(unknown) if isinstance(unknown, list) else 0)
        items = [*value, *[None] * (size - len(value))]
        masks = [_part(unknown, i) for i in range(size)]
        if size and all(mask is True for mask in masks):
            read = self._unknown(at, size)
            return OpenList([], _unknown(read)) if isinstance(read, _Nothing) else read
        code = at.code if is_list(at.code) and isinstance(at.code, Sequence) else ()
        written = at.expression if isinstance(at.expression, list) else ()
        found: list[Value] = []
        for i, item in enumerate(items):
            same = _same(item, masks[i], code, i)
            there = _written_as(item, written, i)
            inner = _At(
                (*at.path, i),
                at.names,
                UNSEEN if same is None else code[same],
                (*at.code_path, i if same is None else same),
                UNSEEN if there is None else written[there],
            )
            read = self._read(item, masks[i], _part(sensitive, i), inner)
            found.append(Unknown.because(self._reason(inner)) if isinstance(read, _Nothing) else read)
        return found

    def _unknown(self, at: _At, members: int | None) -> Value | _Nothing:
        """What is known of a value that Terraform knows only after apply; of a list of so many such values."""
        code = at.code
        exact = self.twin is not None and self.twin.exact
        if code is ABSENT and self.twin is not None and self.twin.whole and (exact or at.names in self.leaves):
            return ABSENT
        nothing: Value = Unknown.because(self._reason(at))
        if members is not None:
            nothing = [nothing] * members
        if exact and not isinstance(code, _Nothing):
            value: Value = code  # type: ignore[assignment]  # it is a part of an instance's attributes
            if self._means_the_same(value):
                return value
            if not isinstance(value, Unknown | OpenList) and not references(value):
                return nothing  # the code has another value than the plan, which has none
        elif at.expression is ABSENT and at.names in self.leaves:
            return ABSENT
        if isinstance(at.expression, dict) and self.configuration is not None and self.address is not None:
            return self.configuration.value(self.address, at.expression, members, self._reason(at))
        return nothing

    def _means_the_same(self, value: Value) -> bool:
        """Whether what the code refers to is there under that address: without `count` being known, the code knows no keys."""
        if isinstance(value, Unknown):
            return all("after apply" in reason or "data source" in reason for reason in value.reasons)
        named = references(value)
        return bool(named) and (self.configuration is None or all(self.configuration.has(r.address) for r in named))

    def _reason(self, at: _At) -> str:
        return f"known only after apply: {self.shown.address}.{'.'.join(map(str, at.path))}"

    def _locate(self, at: _At) -> None:
        if self.twin is None or isinstance(at.code, _Nothing) or not at.path:
            return
        declared = self.twin.instance
        if at.code_path in declared.locations:
            self.locations[at.path] = declared.locations[at.code_path]
        if at.code_path in declared.chains:
            self.chains[at.path] = declared.chains[at.code_path]


def hidden(value: object) -> Value:
    """A sensitive value: whether it is set, and which way a switch stands, says nothing of it."""
    if value is None or isinstance(value, bool) or value == "":
        return value
    if isinstance(value, list | dict) and not value:
        return value
    if isinstance(value, str) and SECRET_POINTER.match(value):
        return Unknown.because(_SENSITIVE)
    return Hidden.because(_SENSITIVE)


def _leaf(value: object) -> Value:
    if isinstance(value, str):
        return printable(value)
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and isfinite(value)):
        return value
    return Unknown.because("a value that is not understood")


def _unknown(value: object) -> Unknown:
    return value if isinstance(value, Unknown) else Unknown.because("not known")


def _any(mask: object) -> bool:
    """Whether anything is marked in a mask."""
    pending = [mask]
    while pending:
        item = pending.pop()
        if item is True:
            return True
        if isinstance(item, dict):
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)
    return False


def _part(mask: object, step: str | int) -> object:
    if mask is True:
        return True
    if isinstance(mask, dict):
        return mask.get(..., False) or mask.get(step)
    if isinstance(mask, list) and isinstance(step, int):
        return mask[step] if step < len(mask) else None
    return None


def _member(code: object, name: str) -> object:
    """What the code writes at a name. A null is not written."""
    if isinstance(code, Mapping):
        if code.get(name) is not None:
            return code[name]
        return UNSEEN if isinstance(code, OpenMap) else ABSENT
    return UNSEEN


def _expression(node: object, name: str) -> object:
    """The node of an attribute or a block in the expressions of a block."""
    if not isinstance(node, dict) or node.keys() & {"references", "constant_value"}:
        return UNSEEN
    return node.get(name, ABSENT)


def _same(item: object, mask: object, code: Sequence[object], at: int) -> int | None:
    """The position in the code of a list's member. Providers keep some blocks as sets, in an order of their own."""
    return _position(at, len(code), lambda i: _agrees(item, mask, code[i]))


def _written_as(item: object, written: Sequence[object], at: int) -> int | None:
    return _position(at, len(written), lambda i: _constants_agree(item, written[i]))


def _position(at: int, size: int, agrees: Callable[[int], bool]) -> int | None:
    """The place itself where it agrees, else the only one that does."""
    if at < size and agrees(at):
        return at
    found = [i for i in range(size) if agrees(i)] if size <= MAX_SEARCHED else []
    return found[0] if len(found) == 1 else None


def _agrees(item: object, mask: object, code: object) -> bool:
    """Whether a block that is shown can be the one that is written: what both know is the same."""
    if not isinstance(item, dict) or not isinstance(code, Mapping):
        return not isinstance(item, dict) and not isinstance(code, Mapping)
    for name, written in code.items():
        if isinstance(written, str | int | float) and not _part(mask, name) and not references(written) and _text(item.get(name)) != _text(written):
            return False
        if is_list(written) and isinstance(written, Sequence) and len(written) == 1 and not isinstance(written, OpenList):
            below, part = item.get(name), _part(mask, name)
            if isinstance(below, list) and len(below) == 1 and isinstance(below[0], dict) and not _agrees(below[0], _part(part, 0), written[0]):
                return False
    return True


def _constants_agree(item: object, expressions: object) -> bool:
    if not isinstance(item, dict) or not isinstance(expressions, dict):
        return False
    for name, node in expressions.items():
        if isinstance(node, dict) and "constant_value" in node and _text(item.get(name)) != _text(node["constant_value"]):
            return False
    return True


def _text(value: object) -> str:
    """A value as the provider's schema may turn it: `8080` and `"8080"` are the same."""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
