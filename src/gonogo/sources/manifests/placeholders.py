"""Text that a tool fills in at deployment, and typed reads that answer `Unknown` for it."""

from __future__ import annotations

import re

from gonogo.model.value import Unknown
from gonogo.sources.located import Node

_PLACEHOLDER = re.compile(
    r"\$\{[^}]*\}|\$\(\w+\)|\$[A-Za-z_]\w*|\{\{.*?\}\}|\{%.*?%\}|<[A-Za-z][^<>]*>|%[A-Z_]{2,}%|@[A-Z_]{2,}@|__[A-Z_]{2,}__", re.S
)


def has_placeholder(text: str) -> bool:
    """Whether a part of `text` is filled in at deployment (envsubst, Helm, Jinja, OpenShift, Kubernetes `$(VAR)`)."""
    return _PLACEHOLDER.search(text) is not None


def is_placeholder(text: str) -> bool:
    """Whether nothing of `text` but separators is written here."""
    return has_placeholder(text) and not re.search(r"\w", _PLACEHOLDER.sub("", text))


def boolean(node: Node | None) -> bool | Unknown | None:
    """A bool field; `Unknown` where its text is something else, as the value that will be sent is not in the file."""
    if node is None or node.content is None:
        return None
    if isinstance(node.content, bool | Unknown):
        return node.content
    return _not("a boolean", node)


def integer(node: Node | None) -> int | Unknown | None:
    """An integer field, as `boolean`."""
    if node is None or node.content is None:
        return None
    if isinstance(node.content, Unknown):
        return node.content
    if isinstance(node.content, int) and not isinstance(node.content, bool):
        return node.content
    return _not("an integer", node)


def _not(wanted: str, node: Node) -> Unknown:
    content = node.content
    shown = content if isinstance(content, str | int | float) else type(content).__name__
    place = f"{node.location}: " if node.location else ""
    return Unknown.because(f"{place}{shown} is not {wanted}; what replaces it at deployment is not known")
