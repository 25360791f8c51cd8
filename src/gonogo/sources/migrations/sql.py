"""Whether SQL changes anything: what only asks, talks or sets the session undoes no revision."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gonogo.model.value import Unknown

MAX_CHARACTERS = 512 * 1024
# A comment, a text in quotes, or what may not end: a `;` inside is no end of a statement.
_OPAQUE = {"'": "'", '"': '"', "`": "`"}
_DOLLAR = re.compile(r"\$\w{0,60}\$")
# What begins a statement that leaves the schema and its rows as they are, where no word of it writes.
_IDLE = re.compile(
    r"(begin|commit|end|rollback|start|savepoint|release|abort|set|reset|show|use|explain|describe|desc|analyze|vacuum|checkpoint|print|raise|values|pragma|lock|unlock|discard|listen|notify|select|with|table)\b",
    re.I,
)
_ASKS = re.compile(r"(select|with|table|values|explain)\b", re.I)
_WRITES = re.compile(r"\b(create|alter|drop|truncate|insert|update|delete|merge|rename|grant|revoke|into|call|exec|execute|perform|do)\b", re.I)
# What ends a batch of T-SQL.
_BATCH = re.compile(r"^[ \t]*go[ \t]*$", re.I | re.M)
# Functions that only tell something; what any other does is its own affair.
_CALLS = re.compile(r"\b(\w+)\s*\(")
_TELLS_TEXT = """
    count sum min max avg now version coalesce current_database current_schema current_user to_regclass exists length lower upper sleep pg_sleep
    in as values
"""
_TELLS = frozenset(_TELLS_TEXT.split())


def changes(text: str) -> bool | Unknown:
    """Whether a statement of the text changes the database; unknown where only a function may that is called."""
    if len(text) > MAX_CHARACTERS:
        return Unknown.because("the SQL is too large to be read")
    called = ""
    for statement in statements(text):
        if not _IDLE.match(statement) or _WRITES.search(statement):
            return True
        if _ASKS.match(statement):
            called = called or next((name for name in _CALLS.findall(statement) if name.lower() not in _TELLS), "")
    return Unknown.because(f"whether the function {called} changes anything is not told") if called else False


def statements(text: str) -> Iterator[str]:
    """The statements of a text, without comments; what stands in quotes is left out of them."""
    kept: list[str] = []
    at = 0
    while at < len(text):
        char = text[at]
        if text.startswith("--", at) or (char == "#" and (at == 0 or text[at - 1] == "\n")):
            at = _after(text, "\n", at)
            kept.append(" ")
        elif text.startswith("/*", at):
            at = _after(text, "*/", at + 2)
            kept.append(" ")
        elif char in _OPAQUE:
            at = _after(text, _OPAQUE[char], at + 1)
            kept.append("''")
        elif char == "$" and (tag := _DOLLAR.match(text, at)) is not None:
            at = _after(text, tag[0], tag.end())
            kept.append("''")
        elif char == ";":
            at += 1
            yield from _whole(kept)
            kept = []
        else:
            kept.append(char)
            at += 1
    yield from _whole(kept)


def _whole(kept: list[str]) -> Iterator[str]:
    yield from (statement for part in _BATCH.split("".join(kept)) if (statement := part.strip()))


def _after(text: str, sign: str, at: int) -> int:
    found = text.find(sign, at)
    return len(text) if found < 0 else found + len(sign)
