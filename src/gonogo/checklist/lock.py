"""`.gonogo/map.yaml`: the bindings a team has reviewed, by item id, each with the text as it was when it was reviewed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.checklist.directives import typed_parameters
from gonogo.checklist.errors import ChecklistError, suggestion
from gonogo.model.checklist import Item
from gonogo.model.value import Value

if TYPE_CHECKING:
    import yaml

SCHEMA = "gonogo.map/v1"
MAX_BYTES = 8 * 1024 * 1024
_FIELDS = frozenset(
    {"text", "section", "sha256", "controls", "manual", "ignore", "parameters", "decided_by", "on", "source", "reason", "reviewed"}
)
_REQUIRED = ("sha256", "decided_by", "on")


@dataclass(frozen=True, slots=True)
class Entry:
    """A reviewed binding. `line` is where it stands in the lock file."""

    id: str
    line: int
    sha256: str
    text: str = ""
    section: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    manual: bool = False
    ignored: bool = False
    parameters: Mapping[str, Value] = field(default_factory=dict)
    decided_by: str = ""
    on: str = ""
    source: str = ""
    reason: str = ""
    reviewed: bool = True
    """Whether a person has looked at it; `checklist map` writes what it proposes without."""


@dataclass(frozen=True, slots=True)
class Lock:
    """The entries of a lock file by item id."""

    file: str = ""
    entries: Mapping[str, Entry] = field(default_factory=dict)

    def stale(self, item: Item, present: AbstractSet[str]) -> Entry | None:
        """The entry that was reviewed for what `item` was before its text or its heading changed.

        Same text under another heading, else the only entry of the same heading whose item is gone. The entry decides
        nothing: it only says which review is out of date. `present` are the ids of the checklist's items.
        """
        gone = [entry for identifier, entry in sorted(self.entries.items()) if identifier not in present]
        digest = text_digest(item.text)
        moved = [entry for entry in gone if entry.sha256 == digest]
        changed = [entry for entry in gone if entry.section and entry.section == item.section]
        return moved[0] if moved else changed[0] if len(changed) == 1 else None


def text_digest(text: str) -> str:
    """The sha256 of an item's text as it was reviewed."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def read_lock(path: Path, known: Mapping[str, Mapping[str, str]]) -> Lock:
    """The lock file at `path`; one that does not exist is empty. Raises `ChecklistError`."""
    if not path.exists():
        return Lock(path.name)
    root = _compose(path)
    if root is None:
        return Lock(path.name)
    top = _mapping(root, path)
    _expect(top, {"schema", "items"}, path)
    schema = top.get("schema")
    if schema is None or schema.value != SCHEMA:
        place = f"{path.name}:{root.start_mark.line + 1}"
        raise ChecklistError(f"{place}: is not a map of schema {SCHEMA}; its first line is `schema: {SCHEMA}`")
    items = top.get("items")
    entries = dict(_entries(items, path, known)) if items is not None and not _is_null(items) else {}
    return Lock(path.name, entries)


def _compose(path: Path) -> yaml.Node | None:
    import yaml

    from gonogo.formats.yaml_nesting import too_deep

    try:
        if path.stat().st_size > MAX_BYTES:
            raise ChecklistError(f"{path.name}: is larger than {MAX_BYTES // 1024 // 1024} MiB")
        text = path.read_text("utf-8-sig")
        if line := too_deep(text):
            raise ChecklistError(f"{path.name}:{line}: is nested too deep")
        node: yaml.Node | None = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except OSError as error:
        raise ChecklistError(f"{path.name}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ChecklistError(f"{path.name}: is not UTF-8; save it as UTF-8") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path.name}:{mark.line + 1}" if mark is not None else path.name
        raise ChecklistError(f"{place}: is not valid YAML: {getattr(error, 'problem', None) or error}") from error
    except RecursionError as error:
        raise ChecklistError(f"{path.name}: is nested too deep") from error
    return node


def _mapping(node: yaml.Node, path: Path) -> dict[str, yaml.Node]:
    """The members of a mapping; a key written twice is an error, because YAML readers silently keep one of the two."""
    import yaml

    if not isinstance(node, yaml.MappingNode):
        raise ChecklistError(f"{path.name}:{node.start_mark.line + 1}: is not a mapping")
    found: dict[str, yaml.Node] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise ChecklistError(f"{path.name}:{key.start_mark.line + 1}: a key is not a plain word")
        if key.value in found:
            raise ChecklistError(f"{path.name}:{key.start_mark.line + 1}: {key.value} is written twice; keep one")
        found[key.value] = value
    return found


def _expect(members: Mapping[str, yaml.Node], fields: Iterable[str], path: Path) -> None:
    for name, node in members.items():
        if name not in fields:
            raise ChecklistError(f"{path.name}:{node.start_mark.line + 1}: {name} is not a field here{suggestion(name, fields)}")


def _entries(items: yaml.Node, path: Path, known: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, Entry]]:
    for identifier, node in _mapping(items, path).items():
        yield identifier, _entry(identifier, node, path, known)


def _entry(identifier: str, node: yaml.Node, path: Path, known: Mapping[str, Mapping[str, str]]) -> Entry:
    place = f"{path.name}:{node.start_mark.line + 1}"
    members = _mapping(node, path)
    _expect(members, _FIELDS, path)
    for name in _REQUIRED:
        if name not in members:
            raise ChecklistError(f"{place}: the entry {identifier} has no {name}; a reviewed binding says who decided what, when")
    manual, ignored = (_flag(members.get(name), path) for name in ("manual", "ignore"))
    controls = _strings(members.get("controls"), path)
    if sum([bool(controls), manual, ignored]) != 1:
        raise ChecklistError(f"{place}: the entry {identifier} needs exactly one of controls, manual and ignore")
    for control in controls:
        if control not in known:
            raise ChecklistError(f"{place}: no control is called {control}{suggestion(control, known)}")
    given = {name: _given(value, path) for name, value in _mapping(members["parameters"], path).items()} if "parameters" in members else {}
    reason = _scalar(members["reason"], path) if "reason" in members else ""
    if ignored and not reason.strip():
        raise ChecklistError(f"{place}: the entry {identifier} ignores an item and needs a reason")
    return Entry(
        id=identifier,
        line=node.start_mark.line + 1,
        sha256=_scalar(members["sha256"], path).lower(),
        text=_scalar(members["text"], path) if "text" in members else "",
        section=_strings(members.get("section"), path),
        controls=controls,
        manual=manual,
        ignored=ignored,
        parameters=typed_parameters(given, list(controls), place, known),
        decided_by=_scalar(members["decided_by"], path),
        on=_scalar(members["on"], path),
        source=_scalar(members["source"], path) if "source" in members else "human",
        reason=reason,
        reviewed=_flag(members["reviewed"], path) if "reviewed" in members else True,
    )


def _given(node: yaml.Node, path: Path) -> str | list[str]:
    import yaml

    return list(_strings(node, path)) if isinstance(node, yaml.SequenceNode) else _scalar(node, path)


def _is_null(node: yaml.Node) -> bool:
    return bool(node.tag == "tag:yaml.org,2002:null")


def _scalar(node: yaml.Node, path: Path) -> str:
    import yaml

    if not isinstance(node, yaml.ScalarNode) or _is_null(node):
        raise ChecklistError(f"{path.name}:{node.start_mark.line + 1}: is not a plain value")
    return str(node.value)


def _strings(node: yaml.Node | None, path: Path) -> tuple[str, ...]:
    import yaml

    if node is None:
        return ()
    if not isinstance(node, yaml.SequenceNode):
        raise ChecklistError(f"{path.name}:{node.start_mark.line + 1}: is not a list")
    return tuple(_scalar(item, path) for item in node.value)


def _flag(node: yaml.Node | None, path: Path) -> bool:
    if node is None:
        return False
    text = _scalar(node, path)
    if text not in ("true", "false"):
        raise ChecklistError(f"{path.name}:{node.start_mark.line + 1}: is true or false, not {text}")
    return text == "true"
