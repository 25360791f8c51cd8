"""gcloud commands of pipelines and scripts as declarations of Google Cloud resources."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from gonogo.kinds.gcp import GCLOUD_COMMANDS, from_gcloud
from gonogo.model.location import Location
from gonogo.model.resource import Resource
from gonogo.model.value import Unknown, Value
from gonogo.sources.ci.command import Command
from gonogo.sources.ci.shell.run import Text

_TRACKS = ("alpha", "beta", "preview")
# Flags that take no value; every other one takes the word after it. https://cloud.google.com/sdk/gcloud/reference
_SWITCH = re.compile(
    r"no-.*|enable-.*|disable-.*|allow-unauthenticated|async|quiet|assign-ip|cpu-throttling|cpu-boost|session-affinity|use-http2|require-ssl|storage-auto-increase"
    r"|deletion-protection|insights-config-.*-enabled|insights-config-record-.*|default-url|invoker-iam-check|deploy-health-check|automatic-iam-grants|help|verbose"
    r"|clear-.*|backup|binary-log|retain-backups-on-delete|private|function|gpu-zonal-redundancy|iap|execute-now|wait|log-http|user-output-enabled|local"
)
_SHORT = {"q": "quiet", "t": "tag", "h": "help"}
# Their text says which variables and secrets are set, even where a value is filled in later.
_KEPT_AS_TEXT = frozenset({"set-env-vars", "update-env-vars", "set-secrets", "update-secrets", "image"})


def resources_of(command: Command, at: Location, environment: str = "") -> Iterator[Resource]:
    """What a gcloud command declares; nothing for commands that only look, or that are not ours."""
    positional, flags = _parsed(command.arguments)
    words = [text.text for text in positional]
    if words[:1] and words[0] in _TRACKS:
        positional, words = positional[1:], words[1:]
    for known in GCLOUD_COMMANDS:
        if tuple(words[: len(known)]) == known:
            rest = [_value(text) for text in positional[len(known) :]]
            yield from from_gcloud(known, rest, flags, dict.fromkeys(flags, at), at, environment)


def _parsed(arguments: Sequence[Text]) -> tuple[list[Text], dict[str, Value]]:
    positional: list[Text] = []
    flags: dict[str, Value] = {}
    index = 0
    while index < len(arguments):
        word = arguments[index]
        index += 1
        if not word.text.startswith("-") or len(word.text) < 2:
            positional.append(word)
            continue
        name, equals, text = word.text.lstrip("-").partition("=")
        name = _SHORT.get(name, name)
        if equals:
            _add(flags, name, _flag_value(name, Text(text, word.known or "$" not in text)))
        elif _SWITCH.fullmatch(name) or index >= len(arguments) or arguments[index].text.startswith("--"):
            _add(flags, name, True)
        else:
            _add(flags, name, _flag_value(name, arguments[index]))
            index += 1
    return positional, flags


def _add(flags: dict[str, Value], name: str, value: Value) -> None:
    if name not in flags:
        flags[name] = value
        return
    held = flags[name]
    flags[name] = [*held, value] if isinstance(held, list) else [held, value]


def _flag_value(name: str, text: Text) -> Value:
    if text.text in ("true", "false") and _SWITCH.fullmatch(name):
        return text.text == "true"
    return text.text if name in _KEPT_AS_TEXT else _value(text)


def _value(text: Text) -> Value:
    return text.text if text.known else Unknown.because(f"`{text.text[:80]}` is filled in where the command runs")
