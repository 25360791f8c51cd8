"""How deep YAML nests, told before it is composed: PyYAML's composer recurses on the C stack, and a hostile text ends the process."""

from __future__ import annotations

import yaml

MAX_NESTING = 1_000

_Loader: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def too_deep(text: str) -> int:
    """The line, from 1, at which `text` nests deeper than `MAX_NESTING`, or 0. What is no YAML is left to its reader to say."""
    if not _can_nest(text):
        return 0
    loader = _Loader(text)
    depth = 0
    try:
        while loader.check_event():  # libyaml's parser keeps its own stack: events come without recursion
            event = loader.get_event()
            if isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            elif isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > MAX_NESTING:
                    return event.start_mark.line + 1 if event.start_mark else 1
    except yaml.YAMLError:
        return 0
    finally:
        loader.dispose()
    return 0


def _can_nest(text: str) -> bool:
    """Whether `text` has the room: a flow collection takes a bracket, and of block collections two begin at a column at most,
    with nothing before them in the line but indentation and indicators."""
    if text.count("[") + text.count("{") > MAX_NESTING:
        return True
    return any(len(line) - len(line.lstrip(" \t-?:")) > MAX_NESTING // 2 for line in text.splitlines() if len(line) > MAX_NESTING // 2)
