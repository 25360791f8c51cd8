"""A state in JSON: what there was when Terraform last looked. Version 4, or `terraform show -json`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gonogo.model.resource import Origin
from gonogo.sources.terraform.addresses import key_suffix
from gonogo.sources.terraform.documents import Document, Shape, Shown, gap
from gonogo.sources.terraform.plan import module_resources

VERSION = 4
# Attributes of this type have no type in its schema; the state then holds {"value": …, "type": …}.
_UNTYPED = {"terraform_data": ("input", "output", "triggers_replace")}


def state_document(file: str, top: Mapping[str, object]) -> Document:
    """The document of a state's JSON."""
    if "encrypted_data" in top:
        # OpenTofu: https://opentofu.org/docs/language/state/encryption/
        return _unread(file, "the state is encrypted: nothing in it could be read; give what `tofu state pull` prints")
    shape = Shape()
    if "version" in top:
        version = top["version"]
        if version != VERSION or isinstance(version, bool):
            return _unread(file, f"a state of version {str(version)[:20]} is not understood: Terraform 0.12 and later write version {VERSION}")
        shown = list(_raw(top, shape))
    else:
        values = shape.mapping(top.get("values"), "values")
        shown = list(module_resources(shape.mapping(values.get("root_module"), "values.root_module"), "values.root_module", shape, planned=False))
    by_address = {s.address: s for s in shown}
    return Document(file, Origin.STATE, tuple(by_address[a] for a in sorted(by_address)), gaps=shape.gaps(file))


def _unread(file: str, reason: str) -> Document:
    return Document(file, Origin.STATE, gaps=(gap(file, reason),))


def _raw(top: Mapping[str, object], shape: Shape) -> Iterator[Shown]:
    """States are not documented; this is `internal/states/statefile/version4.go` of Terraform."""
    if "resources" not in top:
        shape.problems.append("resources is missing")
    for number, item in enumerate(shape.sequence(top.get("resources"), "resources")):
        where = f"resources[{number}]"
        entry = shape.mapping(item, where)
        mode = entry.get("mode")
        if mode == "data":
            continue  # what was read, not what there is
        kind, name = shape.text(entry.get("type"), f"{where}.type"), shape.text(entry.get("name"), f"{where}.name")
        module = entry.get("module", "")
        if not isinstance(module, str) or mode != "managed" or not kind or not name:
            shape.problems.append(f"{where} is not identified")
            continue
        prefix = f"{shape.text(module, f'{where}.module')}." if module else ""
        for place, instance in enumerate(shape.sequence(entry.get("instances"), f"{where}.instances")):
            at = f"{where}.instances[{place}]"
            found = shape.mapping(instance, at)
            if found.get("deposed"):
                continue  # replaced already, and still to be destroyed
            address = f"{prefix}{kind}.{name}{key_suffix(found.get('index_key'))}"
            attributes = found.get("attributes")
            if not isinstance(attributes, dict):
                # `attributes_flat` is what Terraform 0.11 wrote: an upgrade keeps it until the resource is refreshed.
                shape.problems.append(f"{at} has no attributes")
                continue
            plain = {k: _untyped(v) if k in _UNTYPED.get(kind, ()) else v for k, v in attributes.items()}
            yield Shown(address, kind, "managed", plain, None, _mask(found.get("sensitive_attributes"), at, shape))


def _untyped(value: object) -> object:
    return value["value"] if isinstance(value, dict) and value.keys() == {"value", "type"} else value


def _mask(paths: object, where: str, shape: Shape) -> object:
    """The paths of sensitive attributes as a mask. A path that is not understood hides everything it may lead to."""
    mask: dict[object, object] = {}
    for path in shape.sequence(paths, f"{where}.sensitive_attributes"):
        target = mask
        steps = [_step(step) for step in path] if isinstance(path, list) and path else [None]
        for position, step in enumerate(steps):
            if step is None:
                if target is mask:
                    return True
                target[...] = True  # everything here
                break
            if position == len(steps) - 1:
                target[step] = True
                break
            inner = target.setdefault(step, {})
            if not isinstance(inner, dict):
                break  # hidden already
            target = inner
    return mask


def _step(step: object) -> str | int | None:
    value = step.get("value") if isinstance(step, dict) else step
    if isinstance(value, dict):
        value = value.get("value")
    return value if isinstance(value, str | int) and not isinstance(value, bool) else None
