"""Untrusted text in GitHub's Markdown: shown as it was written, and never a link, a mention, an image, HTML or a table cell's end."""

from __future__ import annotations

import re

from gonogo.report.statements import shown

_JOINER = "\u2060"
"""A word joiner: invisible, and neither a letter of a name nor part of an address."""
_SYNTAX = re.compile(r"([\\`*_\[\]<>|~!$&#{}^])")
_BLOCK = re.compile(r"^([-+=:]|\d+(?=[.)](?:\s|$)))")
# Mentions and references are looked for in the rendered text (https://github.github.com/gfm/#autolinks-extension- for the
# addresses), where a backslash is gone: what makes them one is taken apart.
_REFERENCES = re.compile(r"[@#!~$%^&](?=\w)|:(?=//)|\bwww(?=\.)|\bGH(?=-\d)|\b(?:mailto|xmpp)(?=:)", re.IGNORECASE)
_TICKS = re.compile("`+")


def prose(text: str, most: int = 2000) -> str:
    """`text` as words of a paragraph, a list item or a heading, what stands between backticks as code; cut after `most` characters."""
    safe = shown(text, most).strip()
    if not safe:
        return "(empty)"  # what stands around it must not become a rule or a heading
    parts = safe.split("`")
    if len(parts) % 2 == 0 or not all(part.strip() for part in parts[1::2]):
        parts = ["`".join(parts)]
    words = "".join(code(part, most) if number % 2 else _words(part) for number, part in enumerate(parts))
    # At its beginning a list or a line under a heading would start.
    return _BLOCK.sub(lambda found: found.group(0) + "\\" if found.group(0).isdigit() else "\\" + found.group(0), words)


def _words(text: str) -> str:
    return _SYNTAX.sub(r"\\\1", _REFERENCES.sub(lambda found: found.group(0) + _JOINER, text))


def code(text: str, most: int = 300) -> str:
    """`text` as a code span, which is no place for a table: a pipe would need a backslash there, and nowhere else."""
    safe = shown(text, most)
    if not safe.strip():
        return "` `"
    fence = "`" * (max((len(run) for run in _TICKS.findall(safe)), default=0) + 1)
    return f"{fence} {safe} {fence}" if safe[0] in "` " or safe[-1] in "` " else f"{fence}{safe}{fence}"
