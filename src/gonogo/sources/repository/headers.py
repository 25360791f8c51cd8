"""Strict-Transport-Security where code or the configuration of a server sets it."""

from __future__ import annotations

import re

# The header with its value, for `max-age=0` switches it off; and the settings of frameworks that send it
# (Django, ASP.NET, Rails, helmet, flask-talisman), by their documentation.
_HSTS = re.compile(
    rb"(?i:strict-transport-security)[^\n]{0,200}?(?:\n[^\n]{0,200}?){0,2}?(?i:max-age)\s*[=:]\s*[\"']?[1-9]"
    rb"|\bSECURE_HSTS_SECONDS\s*=\s*[1-9]|\.UseHsts\(\)|\bconfig\.force_ssl\s*=\s*true\b|\bTalisman\(\s*\w"
    rb"|\.(?:use|register)\(\s*(?:fastify)?[hH]elmet\b(?![^;]{0,400}(?:hsts|strictTransportSecurity)\s*:\s*false)"
)
_WORDS = (b"ransport-", b"RANSPORT-", b"SECURE_HSTS", b"UseHsts", b"force_ssl", b"Talisman(", b"elmet")
_COMMENT = re.compile(rb"\s*(?:#|//|/?\*|<!--|--|;)")
_SUFFIXES = (
    ".py", ".js", ".ts", ".mjs", ".cjs", ".go", ".java", ".kt", ".rb", ".php", ".cs", ".rs", ".ex", ".conf", ".toml", ".json", ".tpl", ".template",
)  # fmt: skip
_NAMES = frozenset({"Caddyfile", ".htaccess", "_headers", "nginx.conf"})


def hsts_line(name: str, raw: bytes) -> int | None:
    """The line on which the file called `name` sets HSTS, None where it does not."""
    if not (name.endswith(_SUFFIXES) or name in _NAMES) or not any(word in raw for word in _WORDS):
        return None
    for match in _HSTS.finditer(raw):
        if not _COMMENT.match(raw, raw.rfind(b"\n", 0, match.start()) + 1):
            return raw.count(b"\n", 0, match.start()) + 1
    return None
