"""Whether a migration of Rails can be undone, by its lines.

https://guides.rubyonrails.org/active_record_migrations.html: `change` is run backwards but for what says nothing of what was before.
"""

from __future__ import annotations

import re

_METHOD = re.compile(r"^([ \t]*)def[ \t]+(?:self\.)?(change|down)\b([^\n]*)$", re.M)
_NOTHING = re.compile(r"(#.*|raise\b.*|puts\b.*|say\b.*|nil|true|false|end|return\b.*)?")
_ONE_WAY = re.compile(r"^[ \t]*(execute|change_column|raise)\b", re.M)
_TWO_WAYS = re.compile(r"\b(reversible|up_only|revert)\b")


def goes_back(text: str) -> bool:
    """Whether `down` does something, or `change` can be run backwards."""
    bodies = {match[2]: _body(text, match) for match in _METHOD.finditer(text)}
    if "down" in bodies:
        return any(_NOTHING.fullmatch(line.strip()) is None for line in bodies["down"].splitlines())
    return "change" in bodies and (_TWO_WAYS.search(bodies["change"]) is not None or _ONE_WAY.search(bodies["change"]) is None)


def _body(text: str, method: re.Match[str]) -> str:
    """What stands before the `end` that is as far to the right as `def`."""
    inline = re.split(r";|=(?!=)", method[3], maxsplit=1)
    if len(inline) > 1:
        return inline[1].removesuffix("end").strip(" ;")
    end = re.compile(rf"^{method[1]}end\b", re.M).search(text, method.end())
    return text[method.end() : end.start() if end is not None else len(text)]
