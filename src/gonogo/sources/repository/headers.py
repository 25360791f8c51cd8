"""Strict-Transport-Security where the configuration of a server, or code in a language that is not followed, sets it.

Python, JavaScript, TypeScript and Go are followed by `sources/application`: a text in them need not run.
"""

from __future__ import annotations

import re

# The header with its value; and the settings of frameworks that send it (ASP.NET, Rails), by their documentation.
_HSTS = re.compile(
    rb"(?i:strict-transport-security)[^\n]{0,200}?(?:\n[^\n]{0,200}?){0,2}?(?i:max-age)\s*[=:]\s*[\"']?([0-9]{1,12})"
    rb"|\.UseHsts\(\)|\bconfig\.force_ssl\s*=\s*true\b"
)
# Half a year, as for what application code sends; the defaults of the frameworks are 30 days (ASP.NET, which asks to raise it) and two years (Rails).
_LEAST = 15_552_000
_WORDS = (b"ransport-", b"RANSPORT-", b"UseHsts", b"force_ssl")
_COMMENT = re.compile(rb"\s*(?:#|//|/?\*|<!--|--|;)")
_SUFFIXES = (
    ".java", ".kt", ".rb", ".php", ".cs", ".rs", ".ex", ".conf", ".toml", ".json", ".tpl", ".template",
)  # fmt: skip
_NAMES = frozenset({"Caddyfile", ".htaccess", "_headers", "nginx.conf", "next.config.js", "next.config.mjs", "next.config.ts", "nuxt.config.js", "nuxt.config.ts"})


def hsts_line(name: str, raw: bytes) -> int | None:
    """The line on which the file called `name` sets HSTS, None where it does not."""
    if not (name.endswith(_SUFFIXES) or name in _NAMES) or not any(word in raw for word in _WORDS):
        return None
    for match in _HSTS.finditer(raw):
        enough = match[1] is None or int(match[1]) >= _LEAST
        if enough and not _COMMENT.match(raw, raw.rfind(b"\n", 0, match.start()) + 1):
            return raw.count(b"\n", 0, match.start()) + 1
    return None
