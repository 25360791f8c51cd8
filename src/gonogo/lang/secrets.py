"""What looks like a credential, in any text: for evidence that is shown and for what the live audit keeps."""

from __future__ import annotations

import re

from gonogo.lang.functions import secret_like

REDACTED = "[redacted]"

_CREDENTIAL = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|\bAKIA[0-9A-Z]{16}\b|\bAIza[0-9A-Za-z_-]{35}|\bgh[pousr]_[0-9A-Za-z]{36}|\bxox[abpr]-[0-9A-Za-z-]{10,}"
    r"|\bya29\.[0-9A-Za-z_-]+|\beyJ[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]{10,}|\bsk_live_[0-9A-Za-z]+|://[^/\s:@]+:[^/\s@]+@"
    r"|hooks\.slack\.com/services/\S+"
)
# The look-behind keeps the search linear: a name is tried from its first character only.
_ASSIGNED = re.compile(r"(?<![A-Za-z0-9_.-])([A-Za-z0-9_.-]{1,200})(\s*[=:]\s*|\s+)(\S+)")


def credential_in(text: str) -> bool:
    """Whether `text` holds what only a credential looks like, whatever it is called."""
    return _CREDENTIAL.search(text) is not None


def scrub(text: str) -> str:
    """`text` without what looks like a credential, or is assigned to the name of one."""
    if credential_in(text):
        return REDACTED

    def replace(match: re.Match[str]) -> str:
        return match[1] + match[2] + REDACTED if secret_like(match[1].lstrip("-")) else match[0]

    return _ASSIGNED.sub(replace, text)
