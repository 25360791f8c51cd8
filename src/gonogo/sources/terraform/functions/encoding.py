"""Encodings: JSON, YAML, CSV, base64, URL."""

from __future__ import annotations

import base64
import binascii
import csv
import io
import json
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import quote_plus

import yaml

from gonogo.formats.yaml_nesting import too_deep
from gonogo.model.value import Unknown
from gonogo.sources.terraform.functions.base import ANY, STRING, Function
from gonogo.sources.terraform.values import TfError, TfList, Val, composed, format_number, normal, parse_number

MAX_DEPTH = 100
MAX_NODES = 200_000

_HTML = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
# Go's names of encodings (IANA) are Python's, near enough, for the ones in use.
_TIMESTAMP = re.compile(r"\d{4}-\d\d?-\d\d?([Tt \t].*)?\Z")
_RFC3339_DATE = re.compile(r"\d{4}-\d\d-\d\d\Z")
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)\Z")
_YAML_BOOL = {
    **dict.fromkeys(("y", "Y", "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"), False),
}
_BLOCK_TEXT = re.compile("(?=.*\n)(?!.* \n)[\n\x20-\x7e\u00a0-\ud7ff]*\\Z", re.S)
_YAML_ESCAPES = {
    '"': '\\"', "\\": "\\\\", "\0": "\\0", "\a": "\\a", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\v": "\\v", "\f": "\\f", "\r": "\\r", "\x1b": "\\e",
    "\x85": "\\N", "\u2028": "\\L", "\u2029": "\\P",
}  # fmt: skip
_YAML_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_YAML_INT = re.compile(r"[-+]?(0o[0-7]+|0x[0-9a-fA-F]+|[0-9]+)\Z")
_YAML_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")


def json_text(value: Val) -> str:
    """`jsonencode(value)` as Go writes it: keys sorted, `<`, `>` and `&` escaped."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return format_number(value)
    if isinstance(value, str):
        encoded = json.dumps(value, ensure_ascii=False)
        return re.sub("[<>&\u2028\u2029]", lambda m: _HTML[m[0]], encoded)
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json_text(k)}:{json_text(value[k])}" for k in sorted(value, key=_bytes)) + "}"
    if isinstance(value, tuple):
        return "[" + ",".join(json_text(v) for v in value) + "]"
    raise TfError("a value that cannot be encoded")


def _bytes(key: str) -> bytes:
    return key.encode("utf-8", "surrogatepass")


def _json_decode(text: str) -> Val:
    def number(figure: str) -> int | Decimal:
        return parse_number(figure)

    def refuse(name: str) -> Val:
        raise TfError(f"{name} is not JSON")

    try:
        return from_python(json.loads(text, parse_int=number, parse_float=number, parse_constant=refuse))
    except (ValueError, RecursionError) as error:
        raise TfError(f"jsondecode(): not valid JSON ({error})") from error


def from_python(value: Any) -> Val:
    """Decoded data as Terraform's values: objects and tuples."""
    if isinstance(value, dict):
        return {str(k): from_python(v) for k, v in value.items()}
    if isinstance(value, list):
        return tuple(from_python(v) for v in value)
    if isinstance(value, float):
        return normal(Decimal(repr(value)))
    return composed(value) if isinstance(value, str) else value


class _YamlNodes:
    """YAML as go-cty-yaml reads it: YAML 1.1 scalars, one document."""

    def __init__(self, text: str) -> None:
        self._nodes = 0
        self._text = text

    def read(self, node: yaml.Node, depth: int = 0) -> Val:
        self._nodes += 1
        if depth > MAX_DEPTH or self._nodes > MAX_NODES:
            raise TfError("yamldecode(): nested too deeply, or too much of it")
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if isinstance(node, yaml.SequenceNode):
            return tuple(self.read(n, depth + 1) for n in node.value)
        found: dict[str, Val] = {}
        merged: dict[str, Val] = {}
        for key_node, value_node in node.value:
            value = self.read(value_node, depth + 1)
            if key_node.tag == "tag:yaml.org,2002:merge":
                for one in value if isinstance(value, tuple) else (value,):
                    if isinstance(one, dict):
                        merged = {**one, **merged}
                continue
            key = self.read(key_node, depth + 1)
            if isinstance(key, bool):
                key = "true" if key else "false"
            elif isinstance(key, int | Decimal):
                key = format_number(key)
            if not isinstance(key, str):
                raise TfError("yamldecode(): a key that is no string")
            found[key] = value
        return {**merged, **found}

    def _scalar(self, node: yaml.ScalarNode) -> Val:
        text: str = node.value
        if node.style or (node.tag == "tag:yaml.org,2002:str" and self._text[node.start_mark.index : node.start_mark.index + 1] == "!"):
            return composed(text)
        if text in _YAML_NULL:
            return None
        if text in _YAML_BOOL:
            return _YAML_BOOL[text]
        if _YAML_INT.match(text):
            return _yaml_int(text)
        if _YAML_FLOAT.match(text):
            return parse_number(text.lstrip("+"))
        if text.lower().lstrip("+-") in (".inf", ".nan"):
            raise TfError("yamldecode(): not a finite number")
        return _timestamp(text)


def _timestamp(text: str) -> Val:
    """go-cty-yaml writes what YAML calls a timestamp in RFC 3339."""
    if not _TIMESTAMP.match(text) or _RFC3339.match(text):
        return text
    if _RFC3339_DATE.match(text):
        return f"{text}T00:00:00Z"
    return Unknown.because(f"yamldecode() of the timestamp {text!r} is not evaluated")


def _yaml_int(text: str) -> int:
    sign = -1 if text.startswith("-") else 1
    digits = text.lstrip("+-")
    for prefix, base in (("0x", 16), ("0o", 8)):
        if digits.startswith(prefix):
            return sign * int(digits[2:], base)
    # go-cty-yaml takes a leading zero for decimal.
    return sign * int(digits)


@lru_cache(maxsize=16)
def _yaml_decode(text: str) -> Val:
    # Every instance of a module reads the same files.
    if too_deep(text):
        return Unknown.because("yamldecode() of a text that is nested too deep is not evaluated")
    loader_class: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loader = loader_class(text)
    try:
        node = loader.get_single_node()
        if node is None:
            raise TfError("yamldecode(): no document")
        return _YamlNodes(text).read(node)
    except yaml.YAMLError as error:
        raise TfError("yamldecode(): not valid YAML") from error
    finally:
        loader.dispose()


def _yaml_encode(value: Val) -> str:
    lines = _yaml_lines(value)
    if isinstance(value, str):
        lines = [lines[0], *(f"  {line}" if line else line for line in lines[1:])]
    text = "".join(f"{line}\n" for line in lines)
    return text if isinstance(value, str | tuple | Mapping) else f"{text}...\n"


def _yaml_lines(value: Val) -> list[str]:
    if isinstance(value, Mapping) and value:
        lines: list[str] = []
        for key in sorted(value, key=_bytes):
            item = value[key]
            inner = _yaml_lines(item)
            if isinstance(item, Mapping) and item:
                lines += [f"{json_text(key)}:", *("  " + i for i in inner)]
            elif isinstance(item, tuple) and item:
                lines += [f"{json_text(key)}:", *inner]
            else:
                lines += [f"{json_text(key)}: {inner[0]}", *("  " + i if i else i for i in inner[1:])]
        return lines
    if isinstance(value, tuple) and value:
        lines = []
        for item in value:
            inner = _yaml_lines(item)
            lines += [f"- {inner[0]}", *("  " + i if i else i for i in inner[1:])]
        return lines
    if isinstance(value, Mapping):
        return ["{}"]
    if isinstance(value, tuple):
        return ["[]"]
    if isinstance(value, str) and _BLOCK_TEXT.match(value):
        stripped = value.rstrip("\n")
        trailing = len(value) - len(stripped)
        chomp = "-" if trailing == 0 else "" if trailing == 1 else "+"
        hint = "2" if value[0] in " \n" else ""
        return [f"|{hint}{chomp}", *stripped.split("\n"), *[""] * (trailing - 1)]
    return [json_text(value) if not isinstance(value, str) else _yaml_quoted(value)]


def _yaml_quoted(text: str) -> str:
    """A double-quoted scalar: YAML has short escapes of its own, and breaks lines at more characters than JSON."""
    return '"' + "".join(_YAML_ESCAPES.get(c) or (c if c >= " " else f"\\x{ord(c):02X}") for c in text) + '"'


def _csv_decode(text: str) -> Val:
    rows = [r for r in csv.reader(io.StringIO(text), strict=True) if r]
    if not rows:
        raise TfError("csvdecode(): no header")
    header = rows[0]
    if len(set(header)) != len(header):
        raise TfError("csvdecode(): a column name twice")
    for row in rows[1:]:
        if len(row) != len(header):
            raise TfError("csvdecode(): a row of another length than the header")
    return TfList(dict(zip(header, row, strict=True)) for row in rows[1:])


def _csv(text: str) -> Val:
    try:
        return _csv_decode(text)
    except csv.Error as error:
        raise TfError(f"csvdecode(): {error}") from error


def _base64_decode(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("utf-8")
    except (binascii.Error, ValueError) as error:
        raise TfError("base64decode(): not base64 of UTF-8 text") from error


def _base64_gzip(text: str) -> Val:
    # The compressed bytes depend on Go's compressor; only that it is some text is known.
    return Unknown.because(f"base64gzip() of {len(text)} characters is not computed")


def _text_encode(text: str, encoding: str) -> str:
    try:
        return base64.b64encode(text.encode(_codec(encoding))).decode()
    except (LookupError, UnicodeError) as error:
        raise TfError(f"textencodebase64(): {error}") from error


def _text_decode(text: str, encoding: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode(_codec(encoding))
    except (LookupError, UnicodeError, binascii.Error) as error:
        raise TfError(f"textdecodebase64(): {error}") from error


def _codec(encoding: str) -> str:
    name = encoding.lower()
    return {"utf-16": "utf-16-be"}.get(name, name)


ENCODING_FUNCTIONS: Mapping[str, Function] = {
    "base64decode": Function(_base64_decode, (STRING,)),
    "base64encode": Function(lambda text: base64.b64encode(text.encode()).decode(), (STRING,)),
    "base64gzip": Function(_base64_gzip, (STRING,)),
    "csvdecode": Function(_csv, (STRING,)),
    "jsondecode": Function(_json_decode, (STRING,)),
    "jsonencode": Function(json_text, (ANY,), nullable=True),
    "textdecodebase64": Function(_text_decode, (STRING, STRING)),
    "textencodebase64": Function(_text_encode, (STRING, STRING)),
    "urlencode": Function(lambda text: quote_plus(text, safe="~"), (STRING,)),
    "yamldecode": Function(_yaml_decode, (STRING,)),
    "yamlencode": Function(_yaml_encode, (ANY,), nullable=True),
}
