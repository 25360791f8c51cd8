"""What is not as the API has it: fields it does not know, values of another type, what it cannot do without.

A value that is filled in at deployment, and a kind that the tables do not have, are not judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from gonogo.model.value import Unknown
from gonogo.sources.located import Node
from gonogo.sources.manifests.objects import KubernetesObject
from gonogo.sources.manifests.placeholders import has_placeholder
from gonogo.sources.manifests.schema import Definition, definition, table

# https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
_QUANTITY = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?\Z", re.ASCII)
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "int-or-string": (int, str),
    "quantity": (int, float, str),
}
_WANTED = {
    "string": "a string",
    "boolean": "a boolean",
    "integer": "an integer",
    "number": "a number",
    "int-or-string": "an integer or a string",
    "quantity": "a quantity",
    "sequence": "a sequence",
    "mapping": "a mapping",
}
# `REPLICAS`, `FILESTORE_CAPACITY` where no text belongs: somebody's `sed` fills it in.
_NAME = re.compile(r"[A-Z][A-Z0-9_]{2,}\Z")
_MISSING = " is missing"
_MOST = 10
_LONGEST = 80


def misfits(found: KubernetesObject, *, whole: bool = True) -> list[Node]:
    """Each part of the object that the API of Kubernetes refuses (`kubectl apply --validate=strict`), at its place: the first ten.

    Unless `whole`, an object that lacks something is taken for a part of one, which a tool merges (a patch of a CustomResourceDefinition).
    """
    group, _, version = found.node.text("apiVersion").rpartition("/")
    group = group or "core"
    known = table(group)
    name = known.kinds.get(f"{version}/{found.node.text('kind')}") if known is not None else None
    # A Secret of SOPS is decrypted before it is applied: its values and the key `sops` are not what is sent.
    if known is None or name is None or "sops" in found.node.fields:
        return []
    told = [*_Check(known.release)(found.node, name, group, "")]
    return told[:_MOST] if whole or not any(str(problem.content).endswith(_MISSING) for problem in told) else []


@dataclass(frozen=True, slots=True)
class _Check:
    release: str

    def __call__(self, node: Node, type_: str, group: str, path: str) -> Iterator[Node]:
        content = node.content
        # Null is as if it were not written; what is filled in may be of any type, once it is.
        if type_ == "any" or content is None or isinstance(content, Unknown):
            return
        if isinstance(content, str) and (has_placeholder(content) or (type_ != "string" and _NAME.match(content))):
            return
        if isinstance(content, dict) and content and all(_NAME.match(key) or has_placeholder(key) for key in content) and type_ != "{string}":
            return
        if type_ in _TYPES:
            if not _fits(content, type_):
                yield _problem(f"`{path}` must be {_WANTED[type_]}, and is {_shown(content)}", node)
        elif type_.startswith("["):
            if not isinstance(content, list):
                yield _problem(f"`{path}` must be {_WANTED['sequence']}, and is {_shown(content)}", node)
            for index, item in enumerate(node.items):
                yield from self(item, type_[1:-1], group, f"{path}[{index}]")
        elif not isinstance(content, dict):
            yield _problem(f"`{path}` must be {_WANTED['mapping']}, and is {_shown(content)}", node)
        elif type_.startswith("{"):
            for key, child in content.items():
                yield from self(child, type_[1:-1], group, f"{path}[{_short(key)!r}]")
        else:
            yield from self._fields(node, *definition(type_, group), path)

    def _fields(self, node: Node, known: Definition, group: str, path: str) -> Iterator[Node]:
        content = node.fields
        # A strategic merge patch is a part of an object; keys that are filled in may be any.
        if any(key.startswith("$") or has_placeholder(key) or _NAME.match(key) for key in content):
            return
        for member in known.required:
            if content.get(member) is None or content[member].content is None:
                yield _problem(f"`{_join(path, member)}`{_MISSING}", node)
        for key, child in content.items():
            type_ = known.fields.get(key)
            if type_ is not None:
                yield from self(child, type_, group, _join(path, key))
                yield from self._words(child, known.words.get(key, ()), _join(path, key))
            elif known.complete and child.content is not None:
                alike = get_close_matches(key[:_LONGEST], known.fields, 1, 0.8)
                hint = f" (is it `{alike[0]}`?)" if alike else ""
                yield _problem(f"`{_join(path, _short(key))}` is not in the API of {self.release}{hint}", child)

    def _words(self, node: Node, words: tuple[str, ...], path: str) -> Iterator[Node]:
        content = node.content
        # The zero of Go is as if it were not written.
        if not words or not isinstance(content, str) or not content or content in words:
            return
        if not has_placeholder(content) and not ("_" in content and _NAME.match(content)):
            yield _problem(f"`{path}` must be one of {', '.join(words)}, and is {_shown(content)}", node)


def _fits(content: object, type_: str) -> bool:
    if isinstance(content, bool):
        return type_ == "boolean"
    if isinstance(content, float) and content.is_integer():
        content = int(content)
    if not isinstance(content, _TYPES[type_]):
        return False
    return type_ != "quantity" or not isinstance(content, str) or _QUANTITY.match(content) is not None


def _shown(content: object) -> str:
    if isinstance(content, dict):
        return _WANTED["mapping"]
    if isinstance(content, list):
        return _WANTED["sequence"]
    if isinstance(content, bool):
        return "true" if content else "false"
    # A number where a text belongs may be a PIN; a text where a number belongs is what has to be corrected.
    return f"the text {_short(content)!r}" if isinstance(content, str) else "a number"


def _join(path: str, member: str) -> str:
    return f"{path}.{member}" if path else member


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _problem(text: str, at: Node) -> Node:
    return Node(text, at.location)
