"""What was scanned as part of a message: on one line, without secrets, and doing nothing in whatever shows it."""

from __future__ import annotations

import re

from gonogo.lang.secrets import REDACTED, credential_in
from gonogo.report.escape import printable

_STILL = "\u200b"
# A name that a chat service rings (`@everyone`, `@team`, Slack's `<!channel>` and `<@U1>`, Discord's `<@&1>`), and the two characters
# between the words and the address of a Markdown link. An address like me@example.com rings nobody.
_ACTIVE = re.compile(r"(?<!\w)@(?=\w)|@(?=(?i:everyone|here|channel|all)\b)|<(?=[!@#&/a-zA-Z])|(?<=\])(?=[(\[:])")


def quoted(text: str, limit: int = 200) -> str:
    """`text` for a message of any format, `limit` characters at most.

    Formats are escaped by what sends the message, who knows them; here is broken what stays active in plain text, by a space of no width.
    """
    clipped = text if len(text) <= 4 * limit else text[: 4 * limit]
    if credential_in(clipped):
        return REDACTED
    line = " ".join(printable(clipped).split())
    return _ACTIVE.sub(lambda match: match[0] + _STILL, line if len(line) <= limit and clipped is text else line[: limit - 1] + "…")
