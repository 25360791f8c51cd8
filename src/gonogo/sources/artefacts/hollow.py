"""What a record leaves open: a field that was never filled in, or a drill that is yet to come."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

MAX_TEXT = 2_000
_SIGNS = " \t.,:;!-–—_*~`'\"()/\\"
_BRACKETED = re.compile(r"<[^<>]*>|\[[^\[\]]*\]|\{+[^{}]*\}+|[?x.…_-]*", re.I)


def hollow(name: str, written: str, words: Mapping[str, Sequence[str]]) -> str:
    """Why the text of a field says nothing of a drill that was held; `` where it does."""
    text = " ".join(written[:MAX_TEXT].casefold().split()).strip(_SIGNS)
    first = re.split(r"[\s:,;.(-]", text, maxsplit=1)[0]
    if text in words["unfilled"] or first in words["unfinished"] or _BRACKETED.fullmatch(text):
        return f"its `{name}` was never filled in"
    if any(re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", text) if phrase.isascii() else phrase in text for phrase in words["planned"]):
        return f"its `{name}` speaks of what is yet to come"
    return ""
