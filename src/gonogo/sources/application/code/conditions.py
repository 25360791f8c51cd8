"""Conditions that code runs under: what a setting or the code decides at run time is not known to happen."""

from __future__ import annotations

import re

from gonogo.sources.application.code.syntax import Node

# That something failed, or was not found, is asked everywhere, and is no choice of a set-up.
_FAILURE = re.compile(r"(?:\b|_)(?:err|error|errors|e|ok|exists|found|nil|null|undefined|require\.main|Err)\b", re.I)
# What an early return asks for that leaves something out on purpose: a program leaves early for many other reasons.
_SWITCH = re.compile(r"(?i)enable|disable|trac|telemetry|otel|metric|sentry|dsn|endpoint|feature|swagger|docs|limit|cors|compress|\bprod|\bdev|debug|\benv")
_LEAVES = frozenset({"return_statement", "throw_statement"})
MAX_SHOWN = 60


def reason(condition: Node | None) -> str:
    """Why what stands under a condition may not run, `` where the condition only asks for a failure."""
    if condition is None or _FAILURE.search(condition.text[:500]):
        return ""
    return f"it runs only where `{' '.join(condition.text.strip('()').split())[:MAX_SHOWN]}` holds"


def leaves(statement: Node, condition: Node | None, consequence: Node | None) -> str:
    """Why what follows an `if` may not run: its branch leaves the function. `` where it does not.

    `if (logger) return logger` only remembers what was made before.
    """
    if consequence is None or "alternative" in statement.fields:
        return ""
    last = consequence
    while last.children and last.type in ("statement_block", "block", "statement_list"):
        last = last.children[-1]
    why = reason(condition)
    if last.type not in _LEAVES or condition is None or not why or not _SWITCH.search(condition.text[:500]):
        return ""
    returned = last.text.removeprefix("return").strip(" ;\n")
    if returned and returned in condition.text:
        return ""
    return why.replace("only where", "only where not")
