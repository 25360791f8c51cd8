"""Addresses of resource instances as Terraform writes them: `module.db["a"].google_sql_database_instance.main[0]`."""

from __future__ import annotations

import re
from dataclasses import dataclass

_KEY = r'(\[(?:\d+|"(?:[^"\\]|\\.)*")\])?'
_MODULE = re.compile(rf"module\.([^.\[\]\s]+){_KEY}(?:\.|\Z)")
_RESOURCE = re.compile(rf"(data\.)?([^.\[\]\s]+)\.([^.\[\]\s]+){_KEY}")
_ANY_KEY = re.compile(r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]')
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}

Call = tuple[str, str]
"""The name of a module call and its key, `["a"]` or ``."""


@dataclass(frozen=True, slots=True)
class Address:
    """A resource instance: the calls that lead to its module, outermost first, and its own `type.name` and key."""

    modules: tuple[Call, ...]
    resource: str
    """`google_sql_database_instance.main`, with `data.` before it for a data source."""
    key: str
    rest: str = ""
    """What follows: the attribute in a reference."""

    @property
    def block(self) -> str:
        """The address of the block, without any key."""
        return "".join(f"module.{name}." for name, _ in self.modules) + self.resource


def parse_address(text: str) -> Address | None:
    """The parts of an address, or of a reference that begins with one; None where it is neither."""
    modules, at = leading_calls(text)
    found = _RESOURCE.match(text, at)
    if found is None:
        return None
    data, kind, name, key = found.groups()
    return Address(modules, f"{data or ''}{kind}.{name}", key or "", text[found.end() :].lstrip("."))


def leading_calls(text: str) -> tuple[tuple[Call, ...], int]:
    """The module calls at the start of an address, and where they end."""
    modules: list[Call] = []
    at = 0
    while (found := _MODULE.match(text, at)) is not None:
        modules.append((found[1], found[2] or ""))
        at = found.end()
    return tuple(modules), at


def prefix_of(modules: tuple[Call, ...]) -> str:
    """What stands before the address of everything in a module instance."""
    return "".join(f"module.{name}{key}." for name, key in modules)


def without_keys(address: str) -> str:
    """An address with every key left out: that of the block."""
    return _ANY_KEY.sub("", address)


def quoted(text: str) -> str:
    """`text` as it stands in an address (Terraform's addrs.toHCLQuotedString)."""
    escaped = "".join(_ESCAPES.get(c) or (c if c.isprintable() else f"\\u{ord(c):04x}" if ord(c) < 0x10000 else f"\\U{ord(c):08x}") for c in text)
    return escaped.replace("${", "$${").replace("%{", "%%{")


def key_suffix(key: object) -> str:
    """`[0]` or `["a"]` for an instance key, `` for none."""
    if isinstance(key, bool) or key is None:
        return ""
    if isinstance(key, int):
        return f"[{key}]"
    return f'["{quoted(key)}"]' if isinstance(key, str) else ""
