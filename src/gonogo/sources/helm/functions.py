"""The functions of Helm's templates that need no cluster, clock or chance (https://helm.sh/docs/chart_template_guide/function_list/)."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import re
import textwrap
from collections.abc import Callable, Mapping
from typing import Any

import yaml

from gonogo.sources.helm.syntax import TemplateError

MAX_TEXT = 1_000_000


class Number(int):
    """A whole number of a values file: Helm reads those through JSON, as floating point, and prints them so (helm/helm#1707)."""


class KubeVersion(dict[str, str]):
    """`.Capabilities.KubeVersion`, which prints as its version."""


def text_of(value: Any) -> str:
    """A value as Go prints it; Helm prints a missing one as nothing."""
    if isinstance(value, KubeVersion):
        return value["Version"]
    if isinstance(value, Number) and abs(value) >= 1_000_000:
        return _scientific(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    if isinstance(value, dict):
        return "map[" + " ".join(f"{k}:{text_of(v)}" for k, v in sorted(value.items())) + "]"
    if isinstance(value, list):
        return "[" + " ".join(text_of(v) for v in value) + "]"
    return str(value)


def _scientific(value: int) -> str:
    """As Go prints a floating point number of seven digits and more: `5.24288e+06`."""
    digits = str(abs(value))
    mantissa = f"{digits[0]}.{digits[1:]}".rstrip("0").rstrip(".")
    return f"{'-' if value < 0 else ''}{mantissa}e+{len(digits) - 1:02d}"


def is_true(value: Any) -> bool:
    """Go template truth: the zero value of every type is false."""
    return bool(value)


def to_yaml(value: Any) -> str:
    """As Helm's `toYaml`: keys sorted, no trailing line break."""
    return yaml.dump(value, Dumper=_Dumper, default_flow_style=False, sort_keys=True, width=10**6, allow_unicode=True).removesuffix("\n").removesuffix("\n...")


class _Dumper(yaml.SafeDumper):
    """Quotes with double quotes, as Go's YAML does: the text may end up in a ConfigMap."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's signature
        return True

    def quoted_string(self, data: str) -> yaml.ScalarNode:
        plain = self.resolve(yaml.ScalarNode, data, (True, False)) == "tag:yaml.org,2002:str"  # type: ignore[no-untyped-call]  # PyYAML
        style = "|" if "\n" in data else None if plain else '"'
        return self.represent_scalar("tag:yaml.org,2002:str", data, style=style)


    def number(self, data: float) -> yaml.ScalarNode:
        whole = isinstance(data, int) or (data.is_integer() and abs(data) < 1e21)
        return self.represent_int(int(data)) if whole else self.represent_float(data)


_Dumper.add_representer(str, _Dumper.quoted_string)
_Dumper.add_representer(float, _Dumper.number)
_Dumper.add_representer(Number, _Dumper.number)


def _default(default: Any, value: Any = None) -> Any:
    return value if is_true(value) else default


def _required(message: Any, value: Any = None) -> Any:
    if value is None or value == "":
        raise TemplateError(f"a value is required: {text_of(message)}")
    return value


def _fail(message: Any) -> Any:
    raise TemplateError(f"the chart refuses these values: {text_of(message)}")


def _bounded(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise TemplateError("a text grows too long")
    return text


def _indent(count: Any, text: Any) -> str:
    pad = " " * min(int(count), 200)
    return _bounded(pad + text_of(text).replace("\n", "\n" + pad))


def _nindent(count: Any, text: Any) -> str:
    return "\n" + _indent(count, text)


def _printf(pattern: Any, *values: Any) -> str:
    rest = list(values)

    def replace(match: re.Match[str]) -> str:
        if match[2] == "%":
            return "%"
        if not rest:
            return f"%!{match[2]}(MISSING)"
        value = rest.pop(0)
        if value is None:
            return "<nil>" if match[2] == "v" else f"%!{match[2]}(<nil>)"
        if match[2] == "q":
            return json.dumps(text_of(value), ensure_ascii=False)
        if match[2] == "d":
            return f"%{match[1]}d" % int(value or 0)
        if match[2] == "f":
            return f"%{match[1]}f" % float(value or 0)
        if match[2] == "x":
            return f"{value:x}" if isinstance(value, int) else text_of(value).encode().hex()
        shown = text_of(value)
        return f"%{match[1]}s" % shown if match[1] and "." not in match[1] else shown

    return _bounded(re.sub(r"%([-+ 0#]*\d{0,3}(?:\.\d{1,3})?)([sdvqftxT%])", replace, text_of(pattern)))


def _number(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float):
        return value
    try:
        return int(text_of(value), 10)
    except ValueError:
        try:
            return float(text_of(value))
        except ValueError:
            return 0


def _int(value: Any) -> int:
    return int(_number(value))


def _equal(first: Any, *others: Any) -> bool:
    return any(_same(first, other) for other in others)


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, bool) is not isinstance(b, bool):
        return False
    return bool(a == b)


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def apply(a: Any, b: Any) -> bool:
        if isinstance(a, str) is not isinstance(b, str) or a is None or b is None:
            raise TemplateError("values of different types are compared")
        return compare(a, b)

    return apply


def _index(value: Any, *keys: Any) -> Any:
    for key in keys:
        if value is None:
            raise TemplateError("index of nothing")
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list | str) and isinstance(key, int | float) and 0 <= int(key) < len(value):
            value = value[int(key)]
        else:
            raise TemplateError(f"no element {text_of(key)}")
    return value


def _dict(*pairs: Any) -> dict[str, Any]:
    return {text_of(pairs[i]): pairs[i + 1] if i + 1 < len(pairs) else "" for i in range(0, len(pairs), 2)}


def _set(mapping: Any, key: Any, value: Any) -> Any:
    mapping[text_of(key)] = value
    return mapping


def _unset(mapping: Any, key: Any) -> Any:
    mapping.pop(text_of(key), None)
    return mapping


def merge_over(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`over` on top of `base`, mappings merged key by key; a null in `over` removes the key, as Helm's values do."""
    merged = dict(base)
    for key, value in over.items():
        before = merged.get(key)
        if isinstance(before, dict) and isinstance(value, dict):
            merged[key] = merge_over(before, value)
        elif value is None:
            merged.pop(key, None)
        else:
            merged[key] = value
    return merged


def _merge(target: Any, *sources: Any) -> Any:
    for source in sources:
        for key, value in (source or {}).items():
            if key not in target or not is_true(target[key]):
                target[key] = copy.deepcopy(value)
            elif isinstance(target[key], dict) and isinstance(value, dict):
                _merge(target[key], value)
    return target


def _merge_overwrite(target: Any, *sources: Any) -> Any:
    for source in sources:
        for key, value in (source or {}).items():
            if isinstance(target.get(key), dict) and isinstance(value, dict):
                _merge_overwrite(target[key], value)
            else:
                target[key] = copy.deepcopy(value)
    return target


def _items(value: Any) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise TemplateError("a list is wanted")
    return value


def _kind(value: Any) -> str:
    names = ((bool, "bool"), (int, "int"), (float, "float64"), (str, "string"), (dict, "map"), (list, "slice"))
    return next((name for kind, name in names if isinstance(value, kind)), "invalid")


def _until(count: Any) -> list[int]:
    return list(range(min(_int(count), 10_000)))


def _until_step(start: Any, stop: Any, step: Any) -> list[int]:
    if not _int(step):
        return []
    return list(range(_int(start), _int(stop), _int(step)))[:10_000]


def _divide(a: Any, b: Any) -> int:
    if not _int(b):
        raise TemplateError("division by zero")
    return int(_int(a) / _int(b))


def _pattern(pattern: Any) -> re.Pattern[str]:
    text = text_of(pattern)
    if len(text) > 500 or re.search(r"[+*}]\)(?:[+*]|\{\d+,)", text):
        raise TemplateError("a pattern that may take exponential time")
    try:
        return re.compile(text)
    except re.error as error:
        raise TemplateError(f"a pattern is not valid: {error}") from error


def _semver_compare(constraint: Any, version: Any) -> bool:
    found = _version(text_of(version))
    for alternative in text_of(constraint).split("||"):
        parts = re.findall(r"(>=|<=|!=|>|<|=|\^|~)?\s*v?(\d+(?:\.(?:\d+|x|\*))*)(-[0-9A-Za-z.-]+)?", alternative)
        if parts and all(_satisfies(operator, _version(text), found) for operator, text, _ in parts):
            return True
    return False


def _version(text: str) -> tuple[int, int, int]:
    numbers = [int(n) for n in re.findall(r"\d+", text.split("-")[0].split("+")[0])[:3]]
    return tuple((numbers + [0, 0, 0])[:3])  # type: ignore[return-value]  # three of them


def _satisfies(operator: str, wanted: tuple[int, int, int], found: tuple[int, int, int]) -> bool:
    if operator == "^":
        return found >= wanted and found[0] == wanted[0]
    if operator == "~":
        return found >= wanted and found[:2] == wanted[:2]
    return {">=": found >= wanted, "<=": found <= wanted, ">": found > wanted, "<": found < wanted, "!=": found != wanted}.get(operator, found == wanted)


def _load_yaml(text: Any) -> Any:
    try:
        return yaml.safe_load(text_of(text)) or {}
    except (yaml.YAMLError, RecursionError) as error:
        raise TemplateError("fromYaml of what is not YAML") from error


def _load_json(text: Any) -> Any:
    try:
        return json.loads(text_of(text))
    except ValueError as error:
        raise TemplateError("fromJson of what is not JSON") from error


def _decode(text: Any) -> str:
    try:
        return base64.b64decode(text_of(text), validate=True).decode("utf-8")
    except ValueError as error:
        raise TemplateError("b64dec of what is not base64 text") from error


def _words(text: Any) -> list[str]:
    return re.findall(r"[A-Za-z0-9]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text_of(text)))


def _repeat(count: Any, text: Any) -> str:
    if _int(count) * len(text_of(text)) > MAX_TEXT:
        raise TemplateError("a text grows too long")
    return text_of(text) * _int(count)


def _trunc(count: Any, text: Any) -> str:
    n, shown = _int(count), text_of(text)
    return shown[:n] if n >= 0 else shown[n:]


def _round(value: Any, digits: Any = 0, *_: Any) -> float:
    return round(float(_number(value)), _int(digits))


def _ternary(yes: Any, no: Any, condition: Any) -> Any:
    return yes if is_true(condition) else no


def _title(text: Any) -> str:
    return re.sub(r"(?:^|(?<=[\s_-]))[a-z]", lambda m: m[0].upper(), text_of(text))


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "default": _default, "required": _required, "fail": _fail, "empty": lambda v: not is_true(v), "ternary": _ternary,
    "coalesce": lambda *v: next((x for x in v if is_true(x)), None),
    "quote": lambda *v: " ".join(json.dumps(text_of(x), ensure_ascii=False) for x in v if x is not None),
    "squote": lambda *v: " ".join(f"'{text_of(x)}'" for x in v if x is not None),
    "upper": lambda t: text_of(t).upper(), "lower": lambda t: text_of(t).lower(), "title": _title, "trim": lambda t: text_of(t).strip(),
    "trimSuffix": lambda s, t: text_of(t).removesuffix(text_of(s)), "trimPrefix": lambda s, t: text_of(t).removeprefix(text_of(s)),
    "trimAll": lambda s, t: text_of(t).strip(text_of(s)), "trunc": _trunc, "nospace": lambda t: re.sub(r"\s", "", text_of(t)),
    "replace": lambda a, b, t: _bounded(text_of(t).replace(text_of(a), text_of(b))), "repeat": _repeat, "cat": lambda *v: " ".join(map(text_of, v)),
    "contains": lambda p, t: text_of(p) in text_of(t), "hasPrefix": lambda p, t: text_of(t).startswith(text_of(p)),
    "hasSuffix": lambda p, t: text_of(t).endswith(text_of(p)), "indent": _indent, "nindent": _nindent,
    "kebabcase": lambda t: "-".join(w.lower() for w in _words(t)), "snakecase": lambda t: "_".join(w.lower() for w in _words(t)),
    "camelcase": lambda t: "".join(w[:1].upper() + w[1:] for w in _words(t)), "untitle": lambda t: text_of(t)[:1].lower() + text_of(t)[1:],
    "splitList": lambda s, t: text_of(t).split(text_of(s)), "split": lambda s, t: {f"_{i}": p for i, p in enumerate(text_of(t).split(text_of(s)))},
    "join": lambda s, v: text_of(s).join(map(text_of, v if isinstance(v, list) else [v])), "sortAlpha": lambda v: sorted(map(text_of, _items(v))),
    "wrap": lambda n, t: "\n".join(textwrap.wrap(text_of(t), max(_int(n), 1))),
    "list": lambda *v: list(v), "tuple": lambda *v: list(v), "first": lambda v: _items(v)[0] if _items(v) else None,
    "last": lambda v: _items(v)[-1] if _items(v) else None, "rest": lambda v: _items(v)[1:], "initial": lambda v: _items(v)[:-1],
    "append": lambda v, x: [*_items(v), x], "prepend": lambda v, x: [x, *_items(v)], "concat": lambda *v: [x for part in v for x in _items(part)],
    "without": lambda v, *x: [i for i in _items(v) if i not in x], "has": lambda x, v: x in _items(v), "compact": lambda v: [x for x in _items(v) if is_true(x)],
    "uniq": lambda v: [x for i, x in enumerate(_items(v)) if x not in _items(v)[:i]], "reverse": lambda v: _items(v)[::-1],
    "dict": _dict, "get": lambda m, k: (m or {}).get(text_of(k), ""), "set": _set, "unset": _unset, "hasKey": lambda m, k: text_of(k) in (m or {}),
    "keys": lambda *m: [k for x in m for k in (x or {})], "values": lambda m: list((m or {}).values()),
    "pluck": lambda k, *m: [x[k] for x in m if k in (x or {})], "pick": lambda m, *k: {x: m[x] for x in k if x in (m or {})},
    "omit": lambda m, *k: {x: v for x, v in (m or {}).items() if x not in k}, "merge": _merge, "mergeOverwrite": _merge_overwrite,
    "deepCopy": copy.deepcopy,
    "dig": lambda *a: _dig(list(a)),
    "toString": text_of, "toStrings": lambda v: [text_of(x) for x in _items(v)], "int": _int, "int64": _int, "float64": lambda v: float(_number(v)),
    "atoi": _int, "add": lambda *v: sum(map(_int, v)), "add1": lambda v: _int(v) + 1, "sub": lambda a, b: _int(a) - _int(b),
    "mul": lambda *v: _product(v), "div": _divide, "mod": lambda a, b: _int(a) % (_int(b) or 1), "max": lambda *v: max(map(_int, v)),
    "min": lambda *v: min(map(_int, v)), "ceil": lambda v: float(-(-_number(v) // 1)), "floor": lambda v: float(_number(v) // 1), "round": _round,
    "until": _until, "untilStep": _until_step, "seq": lambda *v: " ".join(map(str, _until_step(1, _int(v[-1]) + 1, 1))),
    "eq": _equal, "ne": lambda a, b: not _same(a, b), "lt": _ordered(lambda a, b: a < b), "le": _ordered(lambda a, b: a <= b),
    "gt": _ordered(lambda a, b: a > b), "ge": _ordered(lambda a, b: a >= b), "not": lambda v: not is_true(v),
    "len": lambda v: len(v) if v is not None else 0, "index": _index, "slice": lambda v, *b: v[slice(*map(_int, b))],
    "print": lambda *v: "".join(map(text_of, v)), "println": lambda *v: " ".join(map(text_of, v)) + "\n", "printf": _printf,
    "kindIs": lambda k, v: _kind(v) == k or (k == "int64" and _kind(v) == "int"), "kindOf": _kind, "typeOf": _kind, "typeIs": lambda k, v: _kind(v) == k,
    "toYaml": to_yaml, "fromYaml": _load_yaml, "fromYamlArray": _load_yaml, "toJson": lambda v: json.dumps(v, separators=(",", ":"), ensure_ascii=False),
    "fromJsonArray": _load_json, "toPrettyJson": lambda v: json.dumps(v, indent=2), "toRawJson": json.dumps,
    "fromJson": _load_json, "b64enc": lambda t: base64.b64encode(text_of(t).encode()).decode(), "b64dec": _decode,
    "sha256sum": lambda t: hashlib.sha256(text_of(t).encode()).hexdigest(), "sha1sum": lambda t: hashlib.sha1(text_of(t).encode(), usedforsecurity=False).hexdigest(),
    "adler32sum": lambda t: hashlib.sha256(text_of(t).encode()).hexdigest()[:8],
    "regexMatch": lambda p, t: _pattern(p).search(text_of(t)) is not None,
    "regexReplaceAll": lambda p, t, r: _pattern(p).sub(re.sub(r"\$\{?(\d+)\}?", r"\\\1", text_of(r)), text_of(t)),
    "regexReplaceAllLiteral": lambda p, t, r: _pattern(p).sub(lambda _: text_of(r), text_of(t)),
    "regexFind": lambda p, t: (m[0] if (m := _pattern(p).search(text_of(t))) else ""), "semverCompare": _semver_compare,
    "lookup": lambda *_: {}, "htmlEscape": text_of, "urlquery": text_of, "toToml": to_yaml, "plural": lambda a, b, n: a if _int(n) == 1 else b,
}  # fmt: skip


def _dig(arguments: list[Any]) -> Any:
    *keys, default, mapping = arguments
    for key in keys:
        if not isinstance(mapping, dict) or key not in mapping:
            return default
        mapping = mapping[key]
    return mapping


def _product(values: Any) -> int:
    result = 1
    for value in values:
        result *= _int(value)
    return result
