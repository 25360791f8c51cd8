"""Takes secrets out of what an API answered before anything else sees it: what is not kept cannot be stored, shown or sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from gonogo.kinds.cloudrun import secret_source
from gonogo.lang.secrets import REDACTED, credential_in, scrub
from gonogo.sources.gcp.surfaces import Surface


def redacted(body: Mapping[str, Any], surface: Surface) -> dict[str, Any]:
    """`body` without the values that the surface names, and without any text that only a credential looks like.

    An empty value stays empty and the name of a secret in Secret Manager stays a name: neither is one, and rules tell them apart.
    """
    kept: Any = _everywhere(body)
    for path in surface.redact:
        kept = _at(kept, path.split("."), _take)
    for path in surface.scrub:
        kept = _at(kept, path.split("."), lambda value: scrub(value) if isinstance(value, str) else value)
    result: dict[str, Any] = kept
    return result


def whole_characters(document: Any) -> Any:
    """`document` without half characters (`\\ud800` alone), which JSON can spell and no file or terminal can hold."""
    written = json.dumps(document, ensure_ascii=False)
    try:
        written.encode()
    except UnicodeEncodeError:
        return json.loads(written.encode("utf-8", "replace"))
    return document


def _take(value: Any) -> Any:
    if value is None or value == "" or (isinstance(value, str) and secret_source({"value": value}, answered=True) == "secret"):
        return value
    return REDACTED


def _everywhere(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _everywhere(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_everywhere(member) for member in value]
    return REDACTED if isinstance(value, str) and credential_in(value) else value


def _at(value: Any, steps: list[str], change: Callable[[Any], Any]) -> Any:
    """`value` with `change` applied where the steps lead: a name, `name[]` for each member of a list, `*` for each of a map."""
    if not steps:
        return change(value)
    if not isinstance(value, dict):
        return value
    step, rest = steps[0], steps[1:]
    if step == "*":
        return {key: _at(member, rest, change) for key, member in value.items()}
    name = step.removesuffix("[]")
    if name not in value:
        return value
    found = value[name]
    if step.endswith("[]"):
        changed: Any = [_at(member, rest, change) for member in found] if isinstance(found, list) else found
    else:
        changed = _at(found, rest, change)
    return {**value, name: changed}
