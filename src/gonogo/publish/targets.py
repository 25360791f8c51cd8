"""Who is told: services that apprise knows, each by an address that holds a secret and is never shown."""

from __future__ import annotations

import logging
import re
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from gonogo.publish.errors import NotifyError
from gonogo.publish.incidents import Event
from gonogo.publish.message import MAX_LENGTH, Message

if TYPE_CHECKING:
    from apprise import NotifyBase, NotifyType

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]{0,20})://")
_LEAST = 120
"""A shorter message says nothing."""


@dataclass(frozen=True, slots=True)
class Target:
    """A service and its address. `name` tells targets apart, in messages and in the history: the kind of service, and its number.

    The number and not the address: that changes when a token is renewed, and a digest of it can be guessed back.
    `incidents` where the service takes a key for each incident and resolves by it.
    """

    name: str
    url: str = field(repr=False)
    limit: int
    incidents: bool

    def send(self, message: Message) -> str:
        """Send a message; why it failed, else nothing."""
        from apprise import NotifyType

        return _notify(self.url, message.title, message.body, NotifyType.SUCCESS if message.good else NotifyType.WARNING)

    def send_event(self, event: Event) -> str:
        """Open or resolve an incident; why it failed, else nothing."""
        from apprise import NotifyType

        # `map` resolves on success and opens on anything else.
        url = f"{self.url}{'&' if '?' in self.url else '?'}{urlencode({'dedup': event.key, 'action': 'map'})}"
        failed = NotifyType.WARNING if event.blind else NotifyType.FAILURE
        return _notify(url, "", event.text, NotifyType.SUCCESS if event.resolves else failed)


def read_targets(urls: Sequence[str]) -> tuple[Target, ...]:
    """The targets of apprise's addresses, in order. Raises `NotifyError`."""
    if urls and find_spec("apprise") is None:
        raise NotifyError("notifications need apprise: pip install 'gonogo[notify]'")
    seen: Counter[str] = Counter()
    found = []
    for number, url in enumerate(urls, start=1):
        plugin = _plugin(url)
        if plugin is None:
            scheme = _SCHEME.match(url)
            what = f"{scheme[1]}://…" if scheme is not None else "what was given"
            raise NotifyError(f"target {number}, {what}, is no address that apprise understands; https://appriseit.com/services/ lists them")
        kind = str(plugin.service_name)
        seen[kind] += 1
        settings: dict[str, dict[str, Any]] = plugin.template_args
        incidents = "dedup" in settings and "map" in settings.get("action", {}).get("values", ())
        # Without a title of its own the service puts it above the text; characters that a format escapes take more room.
        room = min(plugin.body_maxlen - (0 if plugin.title_maxlen else 160), MAX_LENGTH)
        found.append(Target(kind if seen[kind] == 1 else f"{kind} {seen[kind]}", url, max(room, _LEAST), incidents))
    return tuple(found)


def _notify(url: str, title: str, body: str, kind: NotifyType) -> str:
    from apprise import NotifyFormat
    from apprise.common import OverflowMode

    with _quiet() as said:
        plugin = _plugin(url)
        if plugin is None:
            return "its address is not understood any more"
        try:
            # apprise escapes plain text for the service's format (HTML, Markdown, Slack's own) and cuts what became too long by that.
            sent = plugin.notify(body=body, title=title, notify_type=kind, body_format=NotifyFormat.TEXT, overflow=OverflowMode.TRUNCATE)
        except Exception as error:  # noqa: BLE001 - a plug-in of somebody else's: its failure costs this message, which is kept
            return f"its plug-in failed ({type(error).__name__})"
        return "" if sent else _reason(said)


def _plugin(url: str) -> NotifyBase | None:
    from apprise import Apprise, AppriseAsset

    # Nothing is kept on disk, and `:name:` in what was scanned stays what it is.
    with _quiet():
        return Apprise.instantiate(url, asset=AppriseAsset(app_id="gonogo", storage_mode="memory", interpret_emojis=False))


def _reason(said: Sequence[str]) -> str:
    """What apprise logged, without what may hold an address or a token."""
    for line in said:
        status = re.search(r"error=(\d{3})\b", line)
        if status is not None:
            return f"HTTP {status[1]}"
    return "no connection" if any("onnection error" in line for line in said) else "the service did not take it"


@contextmanager
def _quiet() -> Iterator[list[str]]:
    """apprise logs what goes wrong with parts of addresses in it: nobody else sees that."""
    said: list[str] = []

    class _Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    logger = logging.getLogger("apprise")
    kept, propagates = _Kept(), logger.propagate
    logger.addHandler(kept)
    logger.propagate = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield said
    finally:
        logger.removeHandler(kept)
        logger.propagate = propagates
