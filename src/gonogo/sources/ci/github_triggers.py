"""What starts a workflow. A push of tags only is called `tag`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from gonogo.formats.yaml_reader import Document
from gonogo.model.value import Value, lookup


def triggers_of(workflow: Value, names: Mapping[str, Document], seen: frozenset[str] = frozenset()) -> set[str]:
    """The events that start a workflow; for `workflow_run` also those of the workflows it waits for."""
    value = lookup(workflow, "on")
    if isinstance(value, str):
        return {value}
    if isinstance(value, list):
        return {str(event) for event in value if isinstance(event, str)}
    if not isinstance(value, Mapping):
        return set()
    found: set[str] = set()
    for event, details in value.items():
        if event == "push" and isinstance(details, Mapping):
            branches = any(key in details for key in ("branches", "branches-ignore"))
            tags = any(key in details for key in ("tags", "tags-ignore"))
            found.update({"tag"} if tags else set())
            found.update({"push"} if branches or not tags else set())
        elif event == "workflow_run" and isinstance(details, Mapping):
            found.add("workflow_run")
            found.update(_upstream(details.get("workflows"), names, seen))
        else:
            found.add(event)
    return found


def _upstream(value: Value, names: Mapping[str, Document], seen: frozenset[str]) -> set[str]:
    found: set[str] = set()
    for name in [value] if isinstance(value, str) else value if isinstance(value, list) else []:
        document = names.get(str(name))
        if document is not None and str(name) not in seen:
            found |= triggers_of(document.value, names, seen | {str(name)}) - {"workflow_call"}
    return found


def narrowed(events: tuple[str, ...], condition: Value) -> tuple[str, ...]:
    """The events left by a condition that names one: `github.event_name == 'push'`, `startsWith(github.ref, 'refs/tags/')`."""
    text = str(condition or "")
    if not text or "||" in text:
        return events
    named = re.search(r"github\.event_name\s*==\s*'(\w+)'", text)
    if named:
        left = tuple(e for e in events if e == named.group(1) or (named.group(1) == "push" and e == "tag"))
        return left or events
    if re.search(r"(?<!!)startsWith\(\s*github\.ref\s*,\s*'refs/tags|github\.ref_type\s*==\s*'tag'", text):
        left = tuple(e for e in events if e in ("tag", "release", "workflow_dispatch"))
        return left or (("tag",) if "push" in events else events)
    if re.search(r"github\.ref(_name)?\s*==\s*'", text):
        # A branch is named: pull requests and tags never have it.
        left = tuple(e for e in events if e not in ("pull_request", "tag", "release"))
        return left or events
    return events
