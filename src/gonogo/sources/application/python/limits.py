"""Rate limits: what each lets through in a minute, and whether a route is under it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from gonogo.kinds.application import RATE_LIMIT
from gonogo.model.resource import Resource
from gonogo.model.value import Unknown, Value, is_list
from gonogo.sources.application.python.code import Code, both
from gonogo.sources.application.python.modules import Site
from gonogo.sources.application.python.program import Reached

_SECONDS = {"s": 1, "sec": 1, "second": 1, "m": 60, "min": 60, "minute": 60, "h": 3_600, "hour": 3_600, "d": 86_400, "day": 86_400, "month": 2_592_000, "year": 31_104_000}
# `10/minute`, `10 per minute`, `100/15minutes`, `5/m` (https://limits.readthedocs.io/en/stable/quickstart.html#rate-limit-string-notation).
_ROUTES = frozenset({"get", "post", "put", "delete", "patch", "head", "options", "route", "api_route", "websocket"})
_RATE = re.compile(r"(\d{1,12})\s*(?:/|per)\s*(\d{1,9})?\s*(s|sec|second|m|min|minute|h|hour|d|day|month|year)s?\b", re.I)


def per_minute(text: str) -> float | None:
    """How many requests a minute the tightest of the limits lets through, None where it is no limit."""
    found = [int(m[1]) * 60 / (int(m[2] or 1) * _SECONDS[m[3].lower()]) for m in _RATE.finditer(text) if int(m[2] or 1)]
    return min(found) if found else None


def read(code: Code) -> Iterator[Resource]:
    """The limits of slowapi and Flask-Limiter, of fastapi-limiter, and of django-ratelimit."""
    limiters = frozenset(code.names("limiters"))
    middleware = [code.reached(site) for site, _ in code.calls(code.names("limiter_middleware"))]
    made: dict[str, Site] = {}
    for site, called in code.calls(limiters):
        made.setdefault(called, site)
        given = site.argument("default_limits")
        if given is not None:
            # slowapi needs its middleware for them (https://slowapi.readthedocs.io/en/latest/api/), Flask-Limiter does not.
            applied: Reached = _has_application(code, site, called)
            if called.startswith("slowapi"):
                applied = True if True in middleware else next((m for m in middleware if isinstance(m, Unknown)), False)
            yield _limit(code, site, called, given, applied, "*", site)
    for attribute in code.names("limiter_decorators"):
        for site in code.by_attribute.get(attribute, ()):
            base = site.call.func.value if isinstance(site.call.func, ast.Attribute) else None
            called = code.made_by(base, site.unit) if base is not None else ""
            if called in limiters:
                given = site.argument("limit_value", 0)
                applied = _on_route(code, site) or _in_class(site)
                name = site.decorates.name if site.decorates is not None else ""
                yield _limit(code, site, called, given, applied, name, made.get(called))
    for row, site, called in code.rows("limit_calls"):
        rate = site.argument(str(row["rate"])) if row.get("rate") else None
        if rate is not None:
            yield _limit(code, site, called, rate, site.decorates is not None, site.decorates.name if site.decorates is not None else "", None, str(row["storage"]))
        elif row.get("times"):
            yield _times(code, site, called, str(row["storage"]))


def _limit(code: Code, site: Site, called: str, given: ast.expr | None, applied: Reached, scope: str, limiter: Site | None, storage: str = "") -> Resource:
    value = code.values.of(given, site.unit).value
    texts = [value] if not is_list(value) else list(value)  # type: ignore[arg-type]  # is_list says that it is one
    rates = [per_minute(text) for text in texts if isinstance(text, str)]
    unknown = [text for text in texts if isinstance(text, Unknown)]
    known = [rate for rate in rates if rate is not None]
    rate: Value = Unknown.merge(unknown) if unknown else min(known) if known else Unknown.because(f"{site.place}: the limit is not told")
    limit: Value = Unknown.merge(unknown) if unknown else ", ".join(str(text) for text in texts)
    return code.of(
        RATE_LIMIT, site, called, f"limit {scope}", perMinute=rate, limit=limit, applied=both(applied, _enabled(code, limiter)), storage=storage or _storage(code, limiter), scope=scope
    )


def _has_application(code: Code, limiter: Site, called: str) -> bool:
    """Flask-Limiter limits the application that it is made with, or that `init_app` is given later."""
    if not called.startswith("flask_limiter"):
        return True
    given = [*limiter.call.args, *(k.value for k in limiter.call.keywords if k.arg == "app")]
    if limiter.open_ended or any(code.made_by(one, limiter.unit).rpartition(".")[2] in ("Flask", "Quart") for one in given):
        return True
    return any(code.made_by(s.call.func.value, s.unit) == called for s in code.by_attribute.get("init_app", ()) if isinstance(s.call.func, ast.Attribute))


def _on_route(code: Code, site: Site) -> bool:
    """Whether a decorator limits its handler: it stands below those that make a route of it, and nothing exempts it.

    "The route decorator must be above the limit decorator": what stands above registers what stands below
    (https://slowapi.readthedocs.io/en/latest/#limitations, https://flask-limiter.readthedocs.io/en/stable/#flask_limiter.Limiter.limit).
    """
    if site.decorates is None or code.serving.is_on_nothing(site):
        return False
    decorators = site.decorates.decorator_list
    at = next((index for index, one in enumerate(decorators) if one is site.call), 0)
    last = [_last(one) for one in decorators]
    if "exempt" in last or any(name in _ROUTES for name in last[at + 1 :]):
        return False
    exempt = site.argument("exempt_when")
    return not (isinstance(exempt, ast.Lambda) and isinstance(exempt.body, ast.Constant) and exempt.body.value is True)


def _last(expression: ast.expr) -> str:
    named = expression.func if isinstance(expression, ast.Call) else expression
    return named.attr if isinstance(named, ast.Attribute) else named.id if isinstance(named, ast.Name) else ""


def _enabled(code: Code, limiter: Site | None) -> Reached:
    """`Limiter(…, enabled=False)` limits nothing (https://slowapi.readthedocs.io/en/latest/api/, https://flask-limiter.readthedocs.io/en/stable/#flask_limiter.Limiter)."""
    for unit in code.program.units():
        # https://flask-limiter.readthedocs.io/en/stable/configuration.html
        for expression, guards in unit.assigned.get("config[RATELIMIT_ENABLED]", ()):
            if not guards and code.program.reached(unit) is not False and code.values.of(expression, unit).value is False:
                return False
    given = limiter.argument("enabled") if limiter is not None else None
    if limiter is None or given is None:
        return True
    value = code.values.of(given, limiter.unit).value
    return value if isinstance(value, bool | Unknown) else Unknown.because(f"{limiter.place}: whether the limiter is enabled is not told")


def _in_class(site: Site) -> bool:
    """`decorators = [limiter.limit(…)]` of a view class of Flask (https://flask.palletsprojects.com/en/stable/views/#view-decorators)."""
    lists = [one.fields.get("decorators") for one in site.module.classes.values()]
    return any(isinstance(found, ast.List | ast.Tuple) and site.call in found.elts for found in lists)


def _storage(code: Code, limiter: Site | None) -> Value:
    given = limiter.argument("storage_uri") if limiter is not None else None
    if limiter is None or given is None:
        return "memory" if limiter is None or not limiter.open_ended else Unknown.because(f"{limiter.place}: the arguments are not told")
    value = code.values.of(given, limiter.unit).value
    return value.partition("://")[0].partition("+")[0] if isinstance(value, str) else value


def _times(code: Code, site: Site, called: str, storage: str) -> Resource:
    """`Depends(RateLimiter(times=10, seconds=60))`."""
    times = code.values.of(site.argument("times", 0), site.unit).value
    total: float = 0
    for name, seconds in (("milliseconds", 0.001), ("seconds", 1), ("minutes", 60), ("hours", 3_600)):
        value = code.values.of(site.argument(name), site.unit).value
        if isinstance(value, Unknown):
            total = -1
            break
        total += value * seconds if isinstance(value, int | float) else 0
    known = isinstance(times, int | float) and total > 0
    rate: Value = float(times) * 60 / total if known and isinstance(times, int | float) else Unknown.because(f"{site.place}: the limit is not told")
    limit: Value = f"{times} in {total:g} s" if known else rate
    return code.of(RATE_LIMIT, site, called, "limit", perMinute=rate, limit=limit, applied=True, storage=storage, scope="")
