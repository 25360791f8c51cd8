"""Version constraints of module calls, as ranges (https://developer.hashicorp.com/terraform/language/expressions/version-constraints)."""

from __future__ import annotations

import re
from dataclasses import dataclass

Version = tuple[int, int, int]
_TERM = re.compile(r"\s*(=|!=|>=|<=|>|<|~>)?\s*v?(\d+(?:\.\d+){0,2})(?:[-+][0-9A-Za-z.+-]*)?\s*")


@dataclass(frozen=True, slots=True)
class Range:
    """The versions from `low` to below `high`; no end where `high` is None."""

    low: Version = (0, 0, 0)
    high: Version | None = None

    def __and__(self, other: Range) -> Range:
        highs = [end for end in (self.high, other.high) if end is not None]
        return Range(max(self.low, other.low), min(highs) if highs else None)

    @property
    def empty(self) -> bool:
        return self.high is not None and self.low >= self.high

    def __str__(self) -> str:
        """The newest versions in it: `26.1.0`, `26.x`, `26.1.x`."""
        if self.high is None:
            return "any version" if self.low == (0, 0, 0) else f"{'.'.join(map(str, self.low))} or newer"
        major, minor, patch = self.high
        if self.high == _after(self.low, 3):
            return ".".join(map(str, self.low))
        return f"{major}.{minor}.{patch - 1}" if patch else f"{major}.{minor - 1}.x" if minor else f"{major - 1}.x"


def parse_constraint(text: str) -> Range:
    """`>= 20.1, < 26` as a range; everything for an empty text. `!=` leaves out single versions, which no range can.

    Raises `ValueError` for what is no constraint.
    """
    found = Range()
    for term in text.split(",") if text.strip() else ():
        match = _TERM.fullmatch(term)
        if match is None:
            raise ValueError(f"`{term.strip()}` is no version constraint")
        found &= _range(match[1] or "=", match[2].split("."))
    return found


def _range(operator: str, parts: list[str]) -> Range:
    major, minor, patch = (int(part) for part in (*parts, "0", "0")[:3])
    version = (major, minor, patch)
    following = _after(version, 3)
    match operator:
        case "=":
            return Range(version, following)
        case ">=":
            return Range(version)
        case ">":
            return Range(following)
        case "<":
            return Range(high=version)
        case "<=":
            return Range(high=following)
        case "~>" if len(parts) > 1:
            # All but the last part that is written stay; `~> 2` has nothing to keep (hashicorp/go-version, constraintPessimistic).
            return Range(version, _after(version, len(parts) - 1))
        case "~>":
            return Range(version)
        case _:
            return Range()


def _after(version: Version, parts: int) -> Version:
    """The first version whose leading `parts` numbers are higher."""
    major, minor, patch = version
    return (major, minor, patch + 1) if parts == 3 else (major, minor + 1, 0) if parts == 2 else (major + 1, 0, 0)
