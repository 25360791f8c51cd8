"""What stands before every route: cross-origin requests, compression, headers."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from gonogo.kinds.application import COMPRESSION, CORS_POLICY, SECURITY_HEADER
from gonogo.model.resource import Resource
from gonogo.model.value import Unknown, Value, is_list
from gonogo.sources.application.python.code import Code
from gonogo.sources.application.python.modules import Site
from gonogo.sources.application.tables import Row

_HSTS = "strict-transport-security"
_ANYBODY = re.compile(r"\A\^?(?:\(?https\??:?/?/?\)?)?\.[*+]\$?\Z|\A\^?https\?:\\?/\\?/\.[*+]\$?\Z")
# Bytes: what is larger is a file to be downloaded.
_LARGEST = 10_000_000
_MAX_AGE = re.compile(r"(?i)max-age\s*=\s*\"?(\d{1,12})")


def read(code: Code) -> Iterator[Resource]:
    """CORS policies, compression, and security headers."""
    by_hand = list(_origins_by_hand(code))
    # The header that a middleware sets for everybody stands beside, or instead of, that of the library.
    everybody = any(one.attributes["origins"] == ["*"] and one.attributes["reachable"] is True for one in by_hand)
    for row, site, called in code.rows("cors"):
        if _is_dropped(code, site, called):
            continue
        origins = _origins(code, row, site)
        if everybody and isinstance(origins, list):
            origins = [*origins, "*"]
        yield code.of(CORS_POLICY, site, called, origins=origins, credentials=_flag(code, site, str(row["credentials"])))
    yield from by_hand
    for row, site, called in code.rows("compression"):
        if _is_dropped(code, site, called) or _never_compresses(code, site):
            continue
        yield code.of(COMPRESSION, site, called, algorithm=str(row["algorithm"]))
    for row, site, called in code.rows("headers"):
        yield code.of(SECURITY_HEADER, site, called, header=_HSTS, maxAge=_maximum(code, row, site))
    yield from _assigned_headers(code)


def _origins_by_hand(code: Code) -> Iterator[Resource]:
    """`response.headers["Access-Control-Allow-Origin"] = …`: a policy of its own, beside that of a library."""
    for unit in code.program.units():
        credentials = any(key.lower() == "headers[access-control-allow-credentials]" for key in unit.assigned)
        for key in sorted(unit.assigned):
            if key.lower() == "headers[access-control-allow-origin]":
                expression, guards = unit.assigned[key][-1]
                site = Site(unit, ast.copy_location(ast.Call(ast.Name("", ast.Load()), [], []), expression), guards)
                value = code.values.of(expression, unit).value
                origins: Value = [value] if isinstance(value, str) else value if isinstance(value, Unknown) else Unknown.because(f"{site.place}: the origin is not told")
                yield code.of(CORS_POLICY, site, "", "origin by hand", origins=origins, credentials=credentials)


def _never_compresses(code: Code, site: Site) -> bool:
    """A response is compressed from a size on that none has."""
    given = site.argument("minimum_size")
    size = code.values.of(given, site.unit).value if given is not None else None
    return isinstance(size, int | float) and size > _LARGEST


def _is_dropped(code: Code, site: Site, called: str) -> bool:
    """An ASGI middleware wraps what it is made with: one that nobody keeps is before nothing."""
    return called.endswith("Middleware") and site.call in site.module.dropped and code.name(site.unit, site.call.func) == called


def _origins(code: Code, row: Row, site: Site) -> Value:
    pattern = site.argument(str(row["pattern"])) if row.get("pattern") else None
    given = site.argument(str(row["origins"]))
    found: list[Value] = []
    if pattern is not None:
        value = code.values.of(pattern, site.unit).value
        if isinstance(value, Unknown):
            return value
        if isinstance(value, str):
            found.append("*" if _ANYBODY.match(value) else value)
    if given is not None:
        value = code.values.of(given, site.unit).value
        if isinstance(value, Unknown):
            return value
        if isinstance(value, str):
            found.append("*" if _ANYBODY.match(value) else value)
        elif is_list(value):
            # Any page can have the origin null, in a frame that is sandboxed (https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Access-Control-Allow-Origin#null).
            found.extend("*" if one == "null" else one for one in value)  # type: ignore[union-attr]  # is_list says that it is one
    elif row.get("nested") and (nested := site.argument(str(row["nested"]))) is not None:
        found.extend(_nested(code, site, nested))
    elif site.open_ended:
        return Unknown.because(f"{site.place}: the arguments are not told")
    elif row.get("default") and pattern is None:
        found.append(str(row["default"]))
    return found


def _nested(code: Code, site: Site, nested: ast.expr) -> list[Value]:
    """`resources={r"/api/*": {"origins": […]}}`: without origins everybody's."""
    value = code.values.of(nested, site.unit).value
    if isinstance(value, Unknown):
        return [value]
    if not isinstance(value, dict):
        return ["*"]
    found: list[Value] = []
    for options in value.values():
        origins = options.get("origins", "*") if isinstance(options, dict) else "*"
        found.extend(origins if is_list(origins) else [origins])
    return found


def _flag(code: Code, site: Site, name: str) -> Value:
    given = site.argument(name)
    if given is None:
        return Unknown.because(f"{site.place}: the arguments are not told") if site.open_ended else False
    return code.values.truth(given, site.unit).value


def _maximum(code: Code, row: Row, site: Site) -> Value:
    off = site.argument(str(row["disabled_by"]))
    if off is not None and code.values.of(off, site.unit).value is False:
        return 0
    given = site.argument(str(row["maximum"]))
    if given is None:
        default = row["default"]
        return default if isinstance(default, int) else None
    value = code.values.of(given, site.unit).value
    return int(value) if isinstance(value, int | float) else value


def _assigned_headers(code: Code) -> Iterator[Resource]:
    """`response.headers["Strict-Transport-Security"] = "max-age=…"`, and `setdefault`, `add` or `update` of it."""
    for unit in code.program.units():
        for key in sorted(unit.assigned):
            if key.lower() == f"headers[{_HSTS}]":
                expression, guards = unit.assigned[key][-1]
                site = Site(unit, ast.copy_location(ast.Call(ast.Name("", ast.Load()), [], []), expression), guards)
                yield code.of(SECURITY_HEADER, site, "", "header", header=_HSTS, maxAge=_age(code, expression, site))
    for site in (one for attribute in ("setdefault", "append", "add", "set") for one in code.by_attribute.get(attribute, ())):
        if len(site.call.args) == 2:
            name = code.values.of(site.call.args[0], site.unit).value
            if isinstance(name, str) and name.lower() == _HSTS:
                yield code.of(SECURITY_HEADER, site, "", "header", header=_HSTS, maxAge=_age(code, site.call.args[1], site))


    for site in code.by_attribute.get("update", ()):
        # `response.headers.update({"Strict-Transport-Security": …})`
        if site.call.args and ast.unparse(site.call.func).endswith("headers.update") and isinstance(table := site.call.args[0], ast.Dict | ast.Name):
            held = code.values.of(table, site.unit).value
            for name, value in held.items() if isinstance(held, dict) else ():
                if name.lower() == _HSTS:
                    found = _MAX_AGE.search(value) if isinstance(value, str) else None
                    age: Value = int(found[1]) if found else value if isinstance(value, Unknown) else 0
                    yield code.of(SECURITY_HEADER, site, "", "header", header=_HSTS, maxAge=age)


def _age(code: Code, expression: ast.expr, site: Site) -> Value:
    value = code.values.of(expression, site.unit).value
    if isinstance(value, str):
        match = _MAX_AGE.search(value)
        return int(match[1]) if match else 0
    return value if isinstance(value, Unknown) else 0
