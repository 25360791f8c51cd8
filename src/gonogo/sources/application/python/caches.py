"""What an application writes to and reads from caches, and whether what it writes expires."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from gonogo.kinds.application import CACHE_READ, CACHE_WRITE, REDIS_CLIENT
from gonogo.model.resource import Resource
from gonogo.model.value import Unknown, Value
from gonogo.sources.application.python.code import Code
from gonogo.sources.application.python.modules import Site
from gonogo.sources.application.python.values import LITERAL
from gonogo.sources.application.tables import Row, names, rows


def read(code: Code) -> Iterator[Resource]:
    """Redis clients, and reads and writes of Redis and of the caches of frameworks."""
    yield from _clients(code)
    yield from _redis(code)
    for row in rows(code.table, "cache_objects"):
        yield from _framework(code, row)


def _clients(code: Code) -> Iterator[Resource]:
    for site, called in code.calls(code.names("redis_clients")):
        given = site.argument("url", 0) if "from_url" in called or "create" in called else site.argument("host", 0) or site.argument("connection_pool")
        found = code.values.of(given, site.unit)
        origin: Value = found.origin if given is not None else "literal"
        if given is not None and found.origin not in (LITERAL, "environment", "secret-manager"):
            origin = found.value if isinstance(found.value, Unknown) else Unknown.because(f"{site.place}: where the host comes from is not told")
        yield code.of(REDIS_CLIENT, site, called, strict=False, hostFrom=origin)


def _is_redis(code: Code, made: str) -> bool:
    """A client of Redis, or what one makes: a pipeline."""
    clients = code.names("redis_clients")
    return made in clients or any(made.startswith(f"{client}.") for client in clients if client.rpartition(".")[2][:1].isupper() or "from_url" in client)


def _redis(code: Code) -> Iterator[Resource]:
    writes: Mapping[str, Row] = code.table.get("redis_writes") or {}
    # A key that is written without expiry may get one by the next call, in the same function.
    expiring = {site.unit for word in code.names("redis_expiry") for site in code.by_attribute.get(word, ())}
    for attribute, row in sorted(writes.items()):
        for site in code.by_attribute.get(attribute, ()):
            made = _object(code, site)
            if not made or not _is_redis(code, made):
                continue
            expires: Value = bool(row.get("always")) or site.unit in expiring
            if not expires and row.get("expiry"):
                given = [a for name in names(row["expiry"]) if (a := site.argument(name)) is not None]
                given += [site.call.args[n] for n in row.get("positions") or () if len(site.call.args) > n]
                expires = any(_finite(code, a, site) for a in given) or (Unknown.because(f"{site.place}: the arguments are not told") if site.open_ended else False)
            yield code.of(CACHE_WRITE, site, made, f"{site.unit.name}.{attribute}", strict=False, expires=expires)
    for attribute in code.names("redis_reads"):
        for site in code.by_attribute.get(attribute, ()):
            made = _object(code, site)
            if made and _is_redis(code, made):
                yield code.of(CACHE_READ, site, made, f"{site.unit.name}.{attribute}", strict=False)


def _object(code: Code, site: Site) -> str:
    return code.made_by(site.call.func.value, site.unit) if isinstance(site.call.func, ast.Attribute) else ""


def _finite(code: Code, expression: ast.expr, site: Site) -> bool:
    """An expiry that is computed is one; `None` is none."""
    return code.values.of(expression, site.unit).value is not None


def _framework(code: Code, row: Row) -> Iterator[Resource]:
    targets = frozenset(names(row["name"]))
    keyword, position = str(row["ttl"]), row.get("position")
    if row.get("decorator"):
        for site, called in code.calls(targets):
            if site.decorates is not None or called.startswith("django"):
                expires = _expires(code, site, keyword, position, row)
                yield code.of(CACHE_WRITE, site, called, site.decorates.name if site.decorates else "", strict=False, expires=expires)
                yield code.of(CACHE_READ, site, called, f"read {site.decorates.name if site.decorates else ''}", strict=False)
        return
    for attribute in names(row.get("writes")):
        for site in code.by_attribute.get(attribute, ()):
            called = _framework_object(code, site, targets)
            if called:
                yield code.of(CACHE_WRITE, site, called, f"{site.unit.name}.{attribute}", strict=False, expires=_expires(code, site, keyword, position, row))
    for site in code.by_attribute.get("get", ()):
        called = _framework_object(code, site, targets)
        if called:
            yield code.of(CACHE_READ, site, called, f"{site.unit.name}.get", strict=False)
    for attribute in names(row.get("decorators")):
        for site in code.by_attribute.get(attribute, ()):
            called = _framework_object(code, site, targets)
            if called and site.decorates is not None:
                yield code.of(CACHE_WRITE, site, called, site.decorates.name, strict=False, expires=_expires(code, site, keyword, 0, row))
                yield code.of(CACHE_READ, site, called, f"read {site.decorates.name}", strict=False)


def _framework_object(code: Code, site: Site, targets: frozenset[str]) -> str:
    if not isinstance(site.call.func, ast.Attribute):
        return ""
    base = site.call.func.value
    name = code.name(site.unit, base.value if isinstance(base, ast.Subscript) else base)
    if name in targets:
        return name
    made = code.made_by(base, site.unit)
    return made if made in targets else ""


def _expires(code: Code, site: Site, keyword: str, position: object, row: Row) -> Value:
    given = site.argument(keyword, position if isinstance(position, int) else None)
    if given is not None:
        value = code.values.of(given, site.unit).value
        return value is not None  # an expiry that is computed is one
    if site.open_ended:
        return Unknown.because(f"{site.place}: the arguments are not told")
    if row.get("setting"):
        return _default_timeout(code)
    return bool(row.get("default"))


def _default_timeout(code: Code) -> Value:
    """Django's default is 300 seconds; `TIMEOUT: None` never expires (https://docs.djangoproject.com/en/stable/ref/settings/#timeout)."""
    caches = code.values.django("CACHES").value
    if isinstance(caches, Unknown):
        return caches
    default = caches.get("default") if isinstance(caches, Mapping) else None
    if isinstance(default, Mapping) and "TIMEOUT" in default:
        return default["TIMEOUT"] if isinstance(default["TIMEOUT"], Unknown) else default["TIMEOUT"] is not None
    return True
