"""What a value that is known only after apply refers to, by the expressions in a plan's configuration.

The configuration lists, for each attribute, the references of its expression, not the expression. It has neither `dynamic`
blocks (https://github.com/hashicorp/terraform/issues/28346) nor locals; some blocks are left out as well (issue 29022). So a
reference is followed where it can only mean one thing, and the value is unknown otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from gonogo.model.value import OpenList, Unknown, Value
from gonogo.sources.terraform.addresses import Address, Call, leading_calls, parse_address, prefix_of
from gonogo.sources.terraform.result import Reference, Symbolic

MAX_HOPS = 50
_BY_KEY = frozenset({"each.key", "count.index"})
_KNOWN = ("path.", "terraform.", "each.key", "count.index")
# A data source whose attribute is followed to the document it holds, as the evaluator does.
_FOLLOWED_DATA = "data.google_iam_policy."


@dataclass(slots=True)
class _Found:
    """Where references lead: to attributes of resources, or to something that cannot be told."""

    targets: dict[Reference, None] = field(default_factory=dict)
    unclear: list[str] = field(default_factory=list)
    seen: set[tuple[str, tuple[Call, ...]]] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Own:
    """The key of what uses `each.key` or `count.index`, and the address of its block."""

    key: str
    block: str


class Configuration:
    """The configuration in a plan, and the instances that the plan has."""

    def __init__(self, root_module: Mapping[str, object], addresses: Iterable[str]) -> None:
        self._root = root_module
        self._addresses = frozenset(addresses)
        self._by_block: dict[str, list[str]] = {}
        self._keys: dict[str, set[str]] = {}
        self._resources: dict[tuple[str, ...], Mapping[str, Mapping[str, object]]] = {}
        for address in sorted(self._addresses):
            parsed = parse_address(address)
            if parsed is not None:
                self._by_block.setdefault(prefix_of(parsed.modules) + parsed.resource, []).append(address)
                self._keys.setdefault(prefix_of(parsed.modules) + parsed.resource, set()).add(parsed.key)
                for depth, (name, key) in enumerate(parsed.modules):
                    self._keys.setdefault(f"{prefix_of(parsed.modules[:depth])}module.{name}", set()).add(key)

    def has(self, address: str) -> bool:
        """Whether an address is that of an instance, or of a block that has none."""
        if address in self._addresses or address.startswith("data."):
            return True
        parsed = parse_address(address)
        return parsed is None or prefix_of(parsed.modules) + parsed.resource not in self._by_block

    def expressions(self, address: Address) -> Mapping[str, object] | None:
        """The expressions of a resource, by attribute; None where the configuration does not have it."""
        path = tuple(name for name, _ in address.modules)
        declared = self._resources.get(path)
        if declared is None:
            module = self._module(address.modules)
            entries = module.get("resources") if module is not None else None
            listed = [e for e in entries if isinstance(e, dict)] if isinstance(entries, list) else []
            declared = self._resources[path] = {str(e.get("address")): e["expressions"] for e in listed if isinstance(e.get("expressions"), dict)}
        return declared.get(address.resource)

    def value(self, address: Address, node: object, members: int | None, reason: str) -> Value:
        """What an attribute refers to, whose value is known only after apply. With `members`, the list of that many."""
        written = node.get("references") if isinstance(node, dict) else None
        found = _Found()
        names = _longest(written)
        own = _Own(address.key, prefix_of(address.modules) + address.resource) if _BY_KEY & set(names) else None
        for name in names:
            self._follow(name, address.modules, own, found, 0)
        targets = list(found.targets)
        if found.unclear:
            return Unknown.because(*(f"known only after apply: {name}" for name in found.unclear))
        if members is not None:
            if len(targets) == members:
                return [Symbolic.of(t.address, t.attribute) for t in targets]
            return OpenList([], Unknown.because(*_reasons(targets, reason))) if members == 0 else [Unknown.because(*_reasons(targets, reason))] * members
        if len(targets) == 1:
            return Symbolic.of(targets[0].address, targets[0].attribute)
        return Unknown.because(*_reasons(targets, reason))

    def _module(self, modules: tuple[Call, ...]) -> Mapping[str, object] | None:
        module: object = self._root
        for name, _ in modules:
            call = self._call(module, name)
            module = call.get("module") if call is not None else None
        return module if isinstance(module, dict) else None

    def _call(self, module: object, name: str) -> Mapping[str, object] | None:
        calls = module.get("module_calls") if isinstance(module, dict) else None
        call = calls.get(name) if isinstance(calls, dict) else None
        return call if isinstance(call, dict) else None

    def _follow(self, name: str, modules: tuple[Call, ...], own: _Own | None, found: _Found, hops: int) -> None:
        if name.startswith(_KNOWN) or (name, modules) in found.seen:
            return
        found.seen.add((name, modules))
        if hops > MAX_HOPS:
            found.unclear.append(name)
        elif name.startswith("var."):
            self._variable(name, modules, found, hops)
        elif name.startswith("module."):
            self._output(name, modules, found, hops)
        elif name.startswith(("local.", "each.", "self.", "ephemeral.")):
            found.unclear.append(name)
        else:
            self._resource(name, modules, own, found)

    def _variable(self, name: str, modules: tuple[Call, ...], found: _Found, hops: int) -> None:
        if not modules:
            return  # a variable of the root has a value at plan time
        call = self._call(self._module(modules[:-1]), modules[-1][0])
        given = call.get("expressions") if call is not None else None
        variable = name.split(".")[1].partition("[")[0]
        node = given.get(variable) if isinstance(given, dict) else None
        names = _longest(node.get("references") if isinstance(node, dict) else None)
        called, key = modules[-1]
        own = _Own(key, f"{prefix_of(modules[:-1])}module.{called}") if _BY_KEY & set(names) else None
        for reference in names:
            self._follow(reference, modules[:-1], own, found, hops + 1)

    def _output(self, name: str, modules: tuple[Call, ...], found: _Found, hops: int) -> None:
        calls, end = leading_calls(name)
        output = name[end:].partition(".")[0].partition("[")[0]
        inside = (*modules, *calls)
        module = self._module(inside)
        declared = module.get("outputs") if module is not None else None
        node = declared.get(output) if isinstance(declared, dict) else None
        expression = node.get("expression") if isinstance(node, dict) else None
        names = _longest(expression.get("references") if isinstance(expression, dict) else None)
        call = self._call(self._module(modules), calls[0][0]) if len(calls) == 1 else None
        # `module.m[*].id` is listed as `module.m`, like the call without instances of its own.
        repeated = call is not None and not calls[0][1] and bool({"count_expression", "for_each_expression"} & call.keys())
        if call is None or repeated or not names:
            found.unclear.append(name)
            return
        for reference in names:
            self._follow(reference, inside, None, found, hops + 1)

    def _resource(self, name: str, modules: tuple[Call, ...], own: _Own | None, found: _Found) -> None:
        target = parse_address(name)
        if target is None:
            found.unclear.append(name)
            return
        if target.resource.startswith("data.") and not target.resource.startswith(_FOLLOWED_DATA):
            # As the evaluator says it: rules know by the name what a data source cannot hold.
            found.unclear.append(f"data source {prefix_of(modules)}{target.resource}.{target.rest}")
            return
        block = prefix_of(modules) + target.resource
        instances = self._by_block.get(block, [])
        # `other.x[each.key].id`, and not `other.x[count.index + 1].id`: both have as many instances, with the same keys.
        paired = own is not None and not target.key and self._keys.get(block) == self._keys.get(own.block)
        key = own.key if own is not None and paired else target.key
        if target.key or not instances or block + key in self._addresses:
            found.targets[Reference(block + key, target.rest)] = None
            return
        for address in instances:
            found.targets[Reference(address, target.rest)] = None


def _longest(written: object) -> list[str]:
    """The references without those that are a part of another: Terraform lists `a.b.id` and then `a.b`."""
    names = list(dict.fromkeys(n for n in written if isinstance(n, str))) if isinstance(written, list) else []
    whole: set[str] = set()
    for name in names:
        whole.update(_parts(name))
    return [name for name in names if name not in whole]


def _parts(name: str) -> Iterator[str]:
    for at, character in enumerate(name):
        if character in ".[":
            yield name[:at]


def _reasons(targets: Iterable[Reference], reason: str) -> list[str]:
    return [f"known only after apply: {t.address}.{t.attribute}".rstrip(".") for t in targets] or [reason]
