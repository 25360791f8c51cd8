"""What starts a workflow. A push of tags only is called `tag`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from gonogo.formats.yaml_reader import Document
from gonogo.lang.regex import Pattern, TooCostly
from gonogo.model.value import Unknown, Value, lookup
from gonogo.sources.ci.tools import Answer

# What no program is made of: a workflow that starts for these alone does not look at a change of the code.
_PROSE = re.compile(r"(?i)(^|/)(docs?|\.github|licen[cs]es?)/|\.(md|mdx|rst|txt|adoc|png|jpe?g|gif|svg|pdf)$|(^|/)LICENSE$")
_CHANGES = frozenset({"push", "pull_request", "pull_request_target"})
MAX_PATHS = 20_000


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
        if event in _CHANGES and isinstance(details, Mapping) and "**" in _texts(details.get("branches-ignore")) and "tags" not in details:
            continue  # no branch is left
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


def starts_for_code(workflow: Value, events: Iterable[str], paths: Iterable[str]) -> Answer:
    """Whether a change of the code starts a workflow. Unknown where its `paths` leave out every file of the tree that is code."""
    changing = [event for event in events if event in _CHANGES]
    filters = [lookup(workflow, "on", event, default=None) for event in changing]
    if not filters or set(events) - _CHANGES - {"workflow_dispatch", "workflow_call", "repository_dispatch"}:
        return True
    if not all(isinstance(one, Mapping) and ("paths" in one or "paths-ignore" in one) for one in filters):
        return True
    code = [path for path in paths if not _PROSE.search(path)][:MAX_PATHS]
    if not code or any(_lets_in(one, path) for one in filters if isinstance(one, Mapping) for path in code):
        return True
    return Unknown.because("its `paths` let no change of the code start it")


def _lets_in(filters: Mapping[str, Value], path: str) -> bool:
    """https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#onpushpull_requestpull_request_targetpathspaths-ignore"""
    if "paths" not in filters:
        return not any(_matches(pattern, path) for pattern in _texts(filters.get("paths-ignore")))
    found = False
    for pattern in _texts(filters["paths"]):
        found = found and not _matches(pattern[1:], path) if pattern.startswith("!") else found or _matches(pattern, path)
    return found


def _matches(glob: str, path: str) -> bool:
    """`**` any characters, `*` none that is a slash; what is not understood is taken to match."""
    try:
        return _pattern(glob).search(path)
    except (ValueError, TooCostly):
        return True


@lru_cache(maxsize=256)
def _pattern(glob: str) -> Pattern:
    kinds = {"**": ".*", "**/": "(.*/)?", "*": "[^/]*", "?": "[^/]?"}
    pieces = re.split(r"(\*\*/?|\*|\?|\[[^\]]*\])", glob)
    return Pattern("^" + "".join(kinds.get(piece) or (piece if piece.startswith("[") else re.escape(piece)) for piece in pieces) + "$")


def _texts(value: Value) -> list[str]:
    return [value] if isinstance(value, str) else [v for v in value if isinstance(v, str)] if isinstance(value, list) else []
