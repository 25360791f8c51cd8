"""`<!-- gonogo: … -->` in a checklist: what a person says an item asks for.

    gonogo: cloudsql-backups, cloudsql-pitr
    gonogo: cloudrun-min-instances expected=1
    gonogo: manual owner=ops
    gonogo: ignore reason="decided on 2025-11-03"
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from gonogo.checklist.errors import ChecklistError, suggestion
from gonogo.model.value import Value

_TOKEN = re.compile(
    r'\s*(?:(?P<key>[a-z][a-z0-9_-]*)\s*=\s*(?:"(?P<quoted>[^"]*)"|(?P<bare>[^\s,"]+))|(?P<word>[A-Za-z][A-Za-z0-9._-]*))\s*,?'
)
_NOTES = frozenset({"owner", "reason"})


@dataclass(frozen=True, slots=True)
class Directive:
    controls: tuple[str, ...] = ()
    manual: bool = False
    ignored: bool = False
    parameters: Mapping[str, Value] = field(default_factory=dict)
    reason: str = ""


def parse_directive(text: str, place: str, known: Mapping[str, Mapping[str, str]]) -> Directive:
    """The meaning of a directive; `known` maps control ids to their parameters' types. Raises `ChecklistError`."""
    words, settings = _split(text, place)
    if not words:
        raise ChecklistError(f"{place}: `gonogo: {text}` names no control; write `gonogo: <control id>`, `manual` or `ignore reason=\"…\"`")
    special = [word for word in words if word in ("manual", "ignore")]
    if special and len(words) > 1:
        raise ChecklistError(f"{place}: `gonogo: {text}` mixes {special[0]} with something else; an item is one of them")
    if special:
        return _special(special[0], settings, place)
    for word in words:
        if word not in known:
            raise ChecklistError(f"{place}: no control is called {word}{suggestion(word, known)}")
    notes = {key: settings.pop(key) for key in sorted(_NOTES) if key in settings}
    parameters = typed_parameters(settings, words, place, known)
    return Directive(tuple(dict.fromkeys(words)), parameters=parameters, reason=notes.get("reason", ""))


def typed_parameters(
    settings: Mapping[str, object], controls: list[str], place: str, known: Mapping[str, Mapping[str, str]]
) -> dict[str, Value]:
    """`settings` in the types that the controls declare. Raises `ChecklistError`."""
    declared = {name: kind for control in controls for name, kind in known[control].items()}
    parameters: dict[str, Value] = {}
    for name, given in settings.items():
        if name not in declared:
            takes = f"takes {', '.join(sorted(declared))}" if declared else "takes no parameters"
            raise ChecklistError(f"{place}: {', '.join(controls)} {takes}, not {name}{suggestion(name, declared)}")
        many = given if isinstance(given, list) else None
        typed = [_typed(one, declared[name], name, place) for one in (many if many is not None else [given])]
        parameters[name] = typed if many is not None else typed[0]
    return parameters


def _typed(given: object, kind: str, name: str, place: str) -> Value:
    text = str(given)
    if kind == "int" and re.fullmatch(r"-?\d{1,15}", text):
        return int(text)
    if kind == "double" and re.fullmatch(r"-?\d{1,15}(\.\d{1,17})?", text):
        return float(text)
    if kind == "bool" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if kind == "string":
        return text
    raise ChecklistError(f"{place}: {name} is of type {kind}, not {text!r}")


def _split(text: str, place: str) -> tuple[list[str], dict[str, str]]:
    words: list[str] = []
    settings: dict[str, str] = {}
    at = 0
    text = text.strip().rstrip(",")
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ChecklistError(f"{place}: cannot read `gonogo: {text}` from `{text[at : at + 20].strip()}` on")
        if match["word"]:
            words.append(match["word"])
        else:
            settings[match["key"]] = match["quoted"] if match["quoted"] is not None else match["bare"]
        at = match.end()
    return words, settings


def _special(word: str, settings: Mapping[str, str], place: str) -> Directive:
    for key in settings:
        if key not in _NOTES:
            raise ChecklistError(f"{place}: `gonogo: {word}` takes owner and reason, not {key}{suggestion(key, _NOTES)}")
    reason = settings.get("reason", "").strip()
    if word == "ignore":
        if not reason:
            raise ChecklistError(f'{place}: `gonogo: ignore` needs a reason; write `gonogo: ignore reason="…"`')
        return Directive(ignored=True, reason=f"ignored: {reason}")
    owner = settings.get("owner", "").strip()
    parts = [f"to be confirmed by {owner}" if owner else "to be confirmed by a person", *([reason] if reason else [])]
    return Directive(manual=True, reason=": ".join(parts))
