"""A plan in JSON: what there will be after it is applied.

`resource_changes` has every instance with what is known (`after`) and two masks: what is known only after apply, and what is
sensitive. `planned_values` has the same values without the first mask; it is read where a plan was cut down to it.
`resource_drift` is how the state had changed; `after` takes that into account already. `prior_state` is what was: that is for who gives a
state. Values of variables and outputs are not read at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gonogo.model.resource import Gap, Origin
from gonogo.sources.classify import GCP_KINDS
from gonogo.sources.terraform.addresses import Call, parse_address
from gonogo.sources.terraform.documents import Document, Shape, Shown, gap
from gonogo.sources.terraform.labels import kinds_of_type

_GONE = (["delete"], ["forget"])
_NO_RESOURCES = ("ephemeral", "list", "action")
MAX_MODULES = 100
"""How deep modules nest."""


def plan_document(file: str, top: Mapping[str, object]) -> Document:
    """The document of a plan's JSON."""
    version = str(top.get("format_version", ""))[:20]
    if version.partition(".")[0] not in ("0", "1"):
        return Document(file, Origin.PLANNED, gaps=(gap(file, f"a plan of format {version or '(none)'} is not understood"),))
    shape = Shape()
    shown = {s.address: s for s in _changes(top, shape)}
    gone = set(_gone(top))
    values = shape.mapping(top.get("planned_values"), "planned_values")
    where = "planned_values.root_module"
    for found in module_resources(shape.mapping(values.get("root_module"), where), where, shape, planned=True):
        if found.address not in shown and found.address not in gone:
            shown[found.address] = found
    configuration = shape.mapping(shape.mapping(top.get("configuration"), "configuration").get("root_module"), "configuration.root_module")
    blocks = _blocks(shown)
    left_out = next((block for block, always in configured(configuration, (), shape) if always and block not in blocks), "")
    gaps = [*_unfinished(file, top, left_out, shape), *shape.gaps(file)]
    return Document(file, Origin.PLANNED, tuple(shown[a] for a in sorted(shown)), configuration, not gaps and bool(configuration), tuple(gaps))


def _changes(top: Mapping[str, object], shape: Shape) -> Iterator[Shown]:
    for number, item in enumerate(shape.sequence(top.get("resource_changes"), "resource_changes")):
        where = f"resource_changes[{number}]"
        entry = shape.mapping(item, where)
        change = shape.mapping(entry.get("change"), f"{where}.change")
        if change.get("actions") in _GONE or "deposed" in entry:
            continue
        found = _identified(entry, where, shape)
        if found is None:
            continue
        if not isinstance(change.get("after"), dict) or not isinstance(change.get("actions"), list):
            shape.problems.append(f"{where}.change does not say what is after it")
            continue
        address, kind, mode = found
        yield Shown(address, kind, mode, change["after"], change.get("after_unknown"), change.get("after_sensitive"))


def _gone(top: Mapping[str, object]) -> Iterator[str]:
    changes = top.get("resource_changes")
    for entry in changes if isinstance(changes, list) else ():
        change = entry.get("change") if isinstance(entry, dict) else None
        if isinstance(change, dict) and change.get("actions") in _GONE and "deposed" not in entry:
            yield str(entry.get("address"))


def _identified(entry: Mapping[str, object], where: str, shape: Shape) -> tuple[str, str, str] | None:
    """Address, type and mode."""
    address, kind = shape.text(entry.get("address"), f"{where}.address"), shape.text(entry.get("type"), f"{where}.type")
    mode = entry.get("mode")
    if mode not in ("managed", "data"):
        if mode not in _NO_RESOURCES:
            shape.problems.append(f"{where}.mode is none of Terraform's")
        return None
    return (address, kind, str(mode)) if address and kind else None


def module_resources(module: Mapping[str, object], where: str, shape: Shape, *, planned: bool, depth: int = 0) -> Iterator[Shown]:
    """The instances in a "values representation" (`planned_values`, a state's `values`), those of its child modules too.

    A value that is not known is left out there, so that what is missing in a plan's may be set all the same.
    """
    for number, item in enumerate(shape.sequence(module.get("resources"), f"{where}.resources")):
        at = f"{where}.resources[{number}]"
        entry = shape.mapping(item, at)
        found = _identified(entry, at, shape)
        if found is None or "deposed_key" in entry:
            continue
        values = shape.mapping(entry.get("values"), f"{at}.values")  # left out where nothing is known
        partial = planned or not values
        yield Shown(*found, values, None, entry.get("sensitive_values"), partial)
    for number, child in enumerate(shape.sequence(module.get("child_modules"), f"{where}.child_modules")):
        at = f"{where}.child_modules[{number}]"
        if depth >= MAX_MODULES:
            shape.problems.append(f"{at} is nested deeper than {MAX_MODULES} modules")
            return
        yield from module_resources(shape.mapping(child, at), at, shape, planned=planned, depth=depth + 1)


def _unfinished(file: str, top: Mapping[str, object], left_out: str, shape: Shape) -> Iterator[Gap]:
    """What the plan does not show.

    Terraform before 1.8 and OpenTofu do not say whether a plan is complete, and Terraform calls one that only refreshes, or
    destroys, complete too. Such a plan, and one for some targets only, leaves out a block that has an instance whatever
    the variables are.
    """
    if top.get("errored") is True:
        yield gap(file, "the plan stopped at an error: it does not show everything")
    deferred = shape.sequence(top.get("deferred_changes"), "deferred_changes")
    kinds: dict[str, None] = {}
    for number, item in enumerate(deferred):
        entry = shape.mapping(item, f"deferred_changes[{number}]")
        change = shape.mapping(entry.get("resource_change"), f"deferred_changes[{number}].resource_change")
        kind = change.get("type")
        kinds.update(dict.fromkeys(kinds_of_type(kind) if isinstance(kind, str) else GCP_KINDS))
    if deferred:
        yield gap(file, f"{len(deferred)} changes are deferred to a later plan: what they make is not known", tuple(kinds))
    if left_out:
        yield gap(file, f"the plan is not complete: it does not show {left_out[:200]}, which its configuration declares without a condition")
    elif top.get("complete") is False:
        yield gap(file, "the plan is not complete: Terraform says that it does not show everything")


def configured(module: Mapping[str, object], path: tuple[Call, ...], shape: Shape) -> Iterator[tuple[str, bool]]:
    """The address of every managed block of a configuration, without keys, and whether it always has an instance."""
    for item in shape.sequence(module.get("resources"), "configuration: resources"):
        entry = shape.mapping(item, "configuration: a resource")
        address = entry.get("address")
        if isinstance(address, str) and entry.get("mode") == "managed":
            always = not {"count_expression", "for_each_expression"} & entry.keys()
            yield "".join(f"module.{name}." for name, _ in path) + address, always
    if len(path) >= MAX_MODULES:
        shape.problems.append(f"the configuration nests deeper than {MAX_MODULES} modules")
        return
    for name, item in shape.mapping(module.get("module_calls"), "configuration: module_calls").items():
        call = shape.mapping(item, f"configuration: module {name[:80]}")
        once = not {"count_expression", "for_each_expression"} & call.keys()
        for address, always in configured(shape.mapping(call.get("module"), f"configuration: module {name[:80]}"), (*path, (name, "")), shape):
            yield address, always and once


def _blocks(shown: Mapping[str, Shown]) -> frozenset[str]:
    parsed = (parse_address(address) for address in shown)
    return frozenset(p.block for p in parsed if p is not None)
