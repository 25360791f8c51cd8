"""What a file configures, without how it is written: two files that differ in comments and blanks configure the same."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from gonogo.sources.classify import Format
from gonogo.sources.tree import Tree, TreeFile

MAX_TEXT = 4 * 1024 * 1024
_DATA = frozenset({Format.YAML, Format.JSON, Format.COMPOSE, Format.CLOUD_BUILD, Format.KUBERNETES, Format.KUSTOMIZATION, Format.HELM_CHART})
_HCL = frozenset({Format.TERRAFORM, Format.TFVARS, Format.TERRAGRUNT})
_HCL_NAMES = (".hcl", ".pkrvars")
_QUOTES = "\"'"
_ENV_FILE = re.compile(r"(?:^|/)\.env[.\w-]*\Z|\.env\Z")


def configured(tree: Tree, file: TreeFile) -> str:
    """What the file configures, as a text that is equal where that is. Raises `Unreadable`."""
    if file.format in _DATA:
        parsed = tree.yaml(file.path)
        if not parsed.error:
            return "\n".join(json.dumps(document.value, sort_keys=True, default=str) for document in parsed.documents if document.value is not None)
    text = tree.text(file.path)
    if len(text) > MAX_TEXT:
        return text
    hcl = file.format in _HCL or file.name.endswith(_HCL_NAMES)
    lines: Iterable[str] = (_line(line, ("#", "//") if hcl else ("#", ";")) for line in (_without_blocks(text) if hcl else text).splitlines())
    if _ENV_FILE.search(file.path):
        lines = sorted(_assignment(line) for line in lines)
    return "\n".join(line for line in lines if line)


def _line(line: str, comments: tuple[str, ...]) -> str:
    """A line without its comment and without the blanks outside of quotes; a comment begins a line or stands after a blank."""
    kept: list[str] = []
    quote = ""
    for at, char in enumerate(line):
        if quote:
            quote = "" if char == quote and line[at - 1] != "\\" else quote
        elif char in _QUOTES:
            quote = char
        elif line.startswith(comments, at) and (at == 0 or line[at - 1].isspace()):
            break
        if quote or not char.isspace():
            kept.append(char)
    return "".join(kept)


def _assignment(line: str) -> str:
    """`export A="1"` is `A=1`."""
    name, equals, value = line.removeprefix("export").partition("=")
    bare = value[1:-1] if len(value) > 1 and value[0] in _QUOTES and value[-1] == value[0] else value
    return f"{name}{equals}{bare}"


def _without_blocks(text: str) -> str:
    """HCL without `/* … */`."""
    kept: list[str] = []
    at = 0
    while (start := text.find("/*", at)) >= 0:
        end = text.find("*/", start + 2)
        kept.append(text[at:start])
        at = len(text) if end < 0 else end + 2
    return "".join((*kept, text[at:]))
