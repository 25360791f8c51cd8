"""How callers prove who they are: the verification of signed tokens, and OAuth 2.0."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from gonogo.kinds.application import OAUTH_FLOW, TOKEN_VERIFICATION
from gonogo.model.location import Location
from gonogo.model.resource import Resource
from gonogo.model.value import OpenList, Unknown, Value, is_list
from gonogo.sources.application.python.code import Code
from gonogo.sources.application.python.modules import Class, Module, Site, Unit
from gonogo.sources.application.python.refusal import Refusals
from gonogo.sources.application.python.values import ENVIRONMENT, LITERAL, SECRET_MANAGER
from gonogo.sources.application.tables import Row, names, rows

_ISSUER_KEYS = ("get_signing_key_from_jwt", "get_signing_key", "fetch_jwks", "PyJWKClient", "jwks", "certs", "public_key", "load_pem_public_key")
_ROUTES = frozenset({"get", "post", "put", "delete", "patch", "route", "api_route"})
_HOOKS = frozenset({"before_request", "middleware", "before_app_request", "user_loader", "token_loader"})
MAX_CALLERS = 200


def read(code: Code) -> Iterator[Resource]:
    """Every call that verifies a token, and every OAuth 2.0 flow."""
    users = _Users(code)
    refusals = Refusals(code, users.stands_before_routes)
    for row, site, called in code.rows("tokens"):
        yield code.of(
            TOKEN_VERIFICATION, site, called, site.unit.name, strict=False,
            algorithms=_algorithms(code, row, site), verifiesSignature=_verifies(code, site), secretFrom=_secret(code, row, site), applied=users.applied(site.unit),
            refuses=refusals.of(site),
        )  # fmt: skip
    yield from _decorators(code)
    yield from _classes(code)
    yield from _flows(code)


def _algorithms(code: Code, row: Row, site: Site) -> Value:
    given = site.argument("algorithms", row.get("algorithms"))
    if given is None:
        return OpenList([], Unknown.because(f"{site.place}: the arguments are not told")) if site.open_ended else []
    # As the code names them: of a setting its default.
    value = code.values.by_default(given, site.unit).value
    if isinstance(value, str):
        return [value]
    return value if is_list(value) or isinstance(value, Unknown) else []


def _verifies(code: Code, site: Site) -> Value:
    """Not where an option, or the old keyword `verify`, turns it off."""
    verify = site.argument("verify")
    if verify is not None and code.values.of(verify, site.unit).value is False:
        return False
    given = site.argument("options")
    options = code.values.of(given, site.unit).value if given is not None else None
    if isinstance(options, Unknown):
        return Unknown.because(f"{site.place}: the options are not told")
    if isinstance(options, dict) and "verify_signature" in options:
        told = options["verify_signature"]
        return told if isinstance(told, Unknown) else told is not False
    return Unknown.because(f"{site.place}: the arguments are not told") if site.open_ended else True


def _secret(code: Code, row: Row, site: Site) -> Value:
    if row.get("remote"):
        return "remote"
    given = site.argument("key", row.get("key"))
    if given is None:
        return Unknown.because(f"{site.place}: the arguments are not told") if site.open_ended else ""
    found = code.values.of(given, site.unit)
    stands_in = code.values.by_default(given, site.unit).value if found.origin == ENVIRONMENT else None
    if isinstance(stands_in, str) and stands_in:
        return Unknown.because(f"{site.place}: the source gives the key where the environment does not")
    if found.origin in (ENVIRONMENT, SECRET_MANAGER):
        return found.origin
    if found.origin == LITERAL and isinstance(found.value, str):
        return "literal" if found.value else ""
    if any(word in ast.unparse(given) for word in _ISSUER_KEYS) or any(word in made for word in _ISSUER_KEYS for made in [code.made_by(_root(given), site.unit)]):
        return "remote"
    return found.value if isinstance(found.value, Unknown) else Unknown.because(f"{site.place}: where the key comes from is not told")


def _root(expression: ast.expr) -> ast.expr:
    while isinstance(expression, ast.Attribute):
        expression = expression.value
    return expression


class _Users:
    """Whether a function is what routes depend on, through the functions that call it."""

    def __init__(self, code: Code) -> None:
        self._code = code
        self._depends: set[str] = set()
        self._on_routes = _on_routes(code)
        for site in (*code.by_attribute.get("Depends", ()), *code.by_attribute.get("Security", ())):
            first = site.argument("dependency", 0)
            last = first.attr if isinstance(first, ast.Attribute) else first.id if isinstance(first, ast.Name) else ""
            if isinstance(first, ast.Call):
                last = first.func.attr if isinstance(first.func, ast.Attribute) else first.func.id if isinstance(first.func, ast.Name) else ""
            if last and code.program.reached(site.unit) is not False:
                # `Depends(verify)`, of a function; `Depends(Bearer())`, of an object that is called.
                self._depends.add(last)
            if isinstance(first, ast.Name):
                made = code.made_by(first, site.unit).rpartition(".")[2]
                self._depends.add(made)
        self._middleware = {
            name
            for site in (*code.by_attribute.get("add_middleware", ()), *code.by_attribute.get("Middleware", ()))
            for argument in site.call.args[:1]
            if (name := argument.attr if isinstance(argument, ast.Attribute) else argument.id if isinstance(argument, ast.Name) else "")
        }

    def applied(self, unit: Unit) -> Value:
        """Whether a route or a middleware leads to a unit: by name, through at most `MAX_CALLERS` functions."""
        waiting, seen = [(unit, _takes_from_request(unit))], {unit}
        for one, from_request in waiting:
            if len(seen) > MAX_CALLERS:
                break
            if self.stands_before_routes(one) or (from_request and self._is_route(one)):
                return True
            named = one.owner.name if one.owner is not None and one.name in ("__call__", "__init__", "dispatch") else one.name
            for site in self._code.by_attribute.get(named, ()):
                if site.unit not in seen:
                    seen.add(site.unit)
                    waiting.append((site.unit, from_request or _takes_from_request(site.unit)))
            if one.name in self._on_routes:
                return True
        return False

    def _is_route(self, unit: Unit) -> bool:
        node = unit.node
        if node is None or self._code.program.reached(unit) is False:
            return False
        return any(ast.unparse(d.func if isinstance(d, ast.Call) else d).rpartition(".")[2] in _ROUTES for d in node.decorator_list)

    def stands_before_routes(self, unit: Unit) -> bool:
        if unit.name in self._depends or (unit.owner is not None and (unit.owner.name in self._depends or unit.owner.name in self._middleware)):
            return self._code.program.reached(unit) is not False
        node = unit.node
        if node is not None and unit.registered and self._code.program.reached(unit) is not False:
            words: set[str] = {ast.unparse(d.func if isinstance(d, ast.Call) else d).rpartition(".")[2] for d in node.decorator_list}
            return bool(words & _HOOKS)
        # The inner function of a decorator that is put on a route.
        outer = unit.parent
        while outer is not None and outer.parent is not None and outer.parent.node is not None:
            outer = outer.parent
        return outer is not None and outer.name in self._on_routes


def _takes_from_request(unit: Unit) -> bool:
    """It reads what the caller proves itself with, and not a token in a body or a link."""
    return bool(unit.references.keys() & {"headers", "cookies"}) or "Authorization" in unit.strings


def _on_routes(code: Code) -> frozenset[str]:
    """The decorators that stand on reached routes, by the last part of their names."""
    found: set[str] = set()
    for unit in code.program.units():
        if unit.node is not None and len(unit.node.decorator_list) > 1:
            words = {ast.unparse(d.func if isinstance(d, ast.Call) else d).rpartition(".")[2] for d in unit.node.decorator_list}
            if words & _ROUTES and code.program.reached(unit) is True:
                found |= words
    return frozenset(found)


def _decorators(code: Code) -> Iterator[Resource]:
    for row in rows(code.table, "token_decorators"):
        managers = [site for site, _ in code.calls(names(row["manager"]))]
        found = [(site, called) for site, called in code.calls(names(row["name"])) if site.decorates is not None]
        bare = _bare(code, frozenset(names(row["name"])))
        if not managers or not (found or bare):
            continue
        key = str(row["config"])
        values = [code.values.of(one[0], unit) for unit in code.program.units() for one in unit.assigned.get(f"config[{key}]", ())]
        values += [code.values.of(one.fields[key], one.module.top) for one in _configured(code, key) if one.fields[key] is not None]
        origin: Value = values[0].origin if values and values[0].origin else Unknown.because(f"where {key} comes from is not told")
        place, unit = (found[0][0].place, found[0][0].unit) if found else bare[0]
        yield code.resource(
            TOKEN_VERIFICATION, f"{place.file}:jwt_required", place, names(row["name"])[0], code.program.reached(unit),
            algorithms=["HS256"], verifiesSignature=True, secretFrom=origin, applied=True, refuses=True,
        )  # fmt: skip


def _bare(code: Code, wanted: frozenset[str]) -> list[tuple[Location, Unit]]:
    """Functions with a decorator that is not called: `@jwt_required`."""
    return [
        (Location(unit.module.path, unit.node.lineno), unit)
        for unit in code.program.units()
        if unit.node is not None and any(code.name(unit, d) in wanted for d in unit.node.decorator_list)
    ]


def _configured(code: Code, key: str) -> list[Class]:
    found: list[Class] = []
    for path in sorted(code.program.modules):
        module: Module = code.program.modules[path]
        found.extend(one for one in module.classes.values() if key in one.fields)
    return found


def _classes(code: Code) -> Iterator[Resource]:
    """Authentication of Django REST framework, by its settings."""
    module = code.values.settings_module
    settings = code.values.django("REST_FRAMEWORK").value if module is not None else None
    classes = settings.get("DEFAULT_AUTHENTICATION_CLASSES") if isinstance(settings, dict) else None
    if module is None or not is_list(classes):
        return
    for name in classes:  # type: ignore[union-attr]  # is_list says that it is one
        dotted = str(name)
        own = code.values.class_called(dotted)
        base = next((b for b in (code.values.bases(own) if own is not None else ()) if b in code.names("token_classes")), "")
        if dotted in code.names("token_classes") or base:
            secret = code.values.django("SIMPLE_JWT").value
            key = secret.get("SIGNING_KEY") if isinstance(secret, dict) else None
            found = code.values.django("SECRET_KEY") if key is None else None
            origin: Value = found.origin if found is not None and found.origin else ENVIRONMENT if isinstance(key, Unknown) and "environment" in "".join(key.reasons) else "literal" if isinstance(key, str) else Unknown.because("where SIGNING_KEY comes from is not told")
            algorithm = secret.get("ALGORITHM", "HS256") if isinstance(secret, dict) else "HS256"
            place = Location(module.path, _line(module, "REST_FRAMEWORK"))
            yield code.resource(
                TOKEN_VERIFICATION, f"{module.path}:REST_FRAMEWORK", place, base or dotted, code.program.reached(module.top),
                algorithms=[algorithm], verifiesSignature=True, secretFrom=origin, applied=True, refuses=True,
            )  # fmt: skip


def _line(module: Module, name: str) -> int:
    assigned = module.top.assigned.get(name)
    return assigned[-1][0].lineno if assigned else 1


def _is_named(code: Code, site: Site) -> bool:
    """Whether something takes what a call makes: it has no name of its own, or that name is read somewhere."""
    labels = {name for name, values in site.unit.assigned.items() for value, _ in values if value is site.call}
    if not labels:
        return True
    imported = any(target.rpartition(".")[2] in labels for module in code.program.modules.values() if module is not site.module for target in module.names.values())
    return imported or any(labels & unit.references.keys() for unit in code.program.units() if unit.module is site.module or imported)


def _flows(code: Code) -> Iterator[Resource]:
    for row, site, called in code.rows("oauth"):
        needs = names(row.get("needs"))
        used = [s for need in needs for s in code.by_attribute.get(need, ()) if code.program.reached(s.unit) is not False]
        if (needs and not used) or (row.get("scheme") and not _is_named(code, site)):
            continue
        yield code.of(OAUTH_FLOW, site, called, provider=str(row.get("provider", "")), flow=str(row["flow"]))
    for site, called in code.calls(("google.oauth2.id_token.verify_token",)):
        audience = site.argument("certs_url")
        value = code.values.of(audience, site.unit).value if audience is not None else ""
        if isinstance(value, str) and "iap/verify" in value:
            yield code.of(OAUTH_FLOW, site, called, "iap", strict=False, provider="google", flow="identity-aware-proxy")
    module = code.values.settings_module
    if module is not None:
        apps = code.values.django("INSTALLED_APPS").value
        for row in rows(code.table, "oauth_apps"):
            if is_list(apps) and row["name"] in apps:  # type: ignore[operator]
                place = Location(module.path, _line(module, "INSTALLED_APPS"))
                called = str(row["name"])
                yield code.resource(OAUTH_FLOW, f"{module.path}:{called}", place, called, code.program.reached(module.top), provider="", flow=str(row["flow"]))
