"""How an application logs: the format and the level of what it sets up at its start."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from gonogo.kinds.application import LOGGING
from gonogo.model.resource import Resource
from gonogo.model.value import Unknown, Value, is_list
from gonogo.sources.application.python.code import Code, both
from gonogo.sources.application.python.modules import Class, Site, Unit
from gonogo.sources.application.python.program import Reached
from gonogo.sources.application.python.values import ENVIRONMENT, LITERAL, Evaluated

_LEVELS = frozenset({"TRACE", "DEBUG", "INFO", "SUCCESS", "WARNING", "WARN", "ERROR", "CRITICAL", "FATAL", "NOTSET"})
_NUMBERS = {10: "DEBUG", 20: "INFO", 30: "WARNING", 40: "ERROR", 50: "CRITICAL", 0: "NOTSET"}
# What the only logger of an application is often called.
_GENERAL = frozenset({"", "root", "app", "main", "api", "server", "uvicorn", "uvicorn.access", "uvicorn.error", "gunicorn", "gunicorn.error", "gunicorn.access", "django", "flask.app", "werkzeug"})
_ROOTS = frozenset({"logging.getLogger", "logging.root", "logging.getLogger.root"})


def read(code: Code) -> Iterator[Resource]:
    """What sets logging up: `basicConfig`, `dictConfig`, handlers of the root logger, structlog, loguru, and Google's handlers."""
    yield from _basic(code)
    yield from _dictionaries(code)
    yield from _formatters(code)
    yield from _structlog(code)
    yield from _loguru(code)
    yield from _cloud(code)
    yield from _levels(code)


def level_of(found: Evaluated) -> tuple[Value, Value]:
    """A level by its name, and where it comes from."""
    value = found.value
    if isinstance(value, Unknown):
        return value, "environment" if found.origin == ENVIRONMENT else value
    if isinstance(value, int) and not isinstance(value, bool):
        value = _NUMBERS.get(value, str(value))
    text = str(value).upper() if isinstance(value, str) else None
    if text in ("WARN", "FATAL"):
        text = {"WARN": "WARNING", "FATAL": "CRITICAL"}[text]
    return text if text in _LEVELS else None, "" if text not in _LEVELS else "literal" if found.origin == LITERAL else "environment"


def _emit(code: Code, site: Site, what: str, called: str, form: Value, level: tuple[Value, Value], handler: str, reached: Reached | None = None) -> Resource:
    return code.resource(
        LOGGING, f"{site.module.path}:{what}", site.place, called, code.reached(site) if reached is None else reached,
        format=form, level=level[0], levelFrom=level[1], handler=handler,
    )  # fmt: skip


def json_class(code: Code, dotted: str, depth: int = 0) -> tuple[bool, str]:
    """Whether a class, by its full name, formats as JSON, and whose it is: of a library, or of the application's own code."""
    if dotted in code.names("log_formatters") or dotted in code.names("log_cloud"):
        return True, dotted
    own = code.values.class_called(dotted)
    if own is None or depth > 4:
        return False, ""
    for base in code.values.bases(own):
        if base != dotted and json_class(code, base, depth + 1)[0]:
            return True, base
    return _dumps(code, own), ""


def _dumps(code: Code, own: Class) -> bool:
    """Its own `format` writes what `json.dumps` makes."""
    method = own.module.units.get(f"{own.name}.format")
    return method is not None and any(
        site.unit is method and code.name(method, site.call.func) in ("json.dumps", "orjson.dumps", "ujson.dumps") for site in own.module.sites
    )


def _formatter(code: Code, expression: ast.expr | None, unit: Unit) -> tuple[Value, str]:
    """The format that a formatter, or a handler with one, writes; and the library that does it."""
    made = code.made_by(expression, unit) if expression is not None else ""
    if not made:
        return Unknown.because("what formats the log is not told"), ""
    is_json, library = json_class(code, made)
    if is_json:
        return "json", library
    if made.startswith("structlog.stdlib.ProcessorFormatter"):
        return _processor(code, expression, unit)
    if made.startswith("logging.") or code.values.class_called(made) is not None:
        return "text", ""
    return Unknown.because(f"what {made} writes is not told"), ""


def _processor(code: Code, expression: ast.expr | None, unit: Unit) -> tuple[Value, str]:
    call = _call_of(expression, unit)
    if call is not None:
        for node in ast.walk(call):
            if isinstance(node, ast.Call | ast.Name | ast.Attribute):
                form = _renderer(code, node, unit)
                if form is not None:
                    return form, "structlog.processors"
    return Unknown.because("the processor of the log is not told"), ""


def _call_of(expression: ast.expr | None, unit: Unit) -> ast.Call | None:
    if isinstance(expression, ast.Call):
        return expression
    if isinstance(expression, ast.Name):
        scope: Unit | None = unit
        while scope is not None:
            for value, _ in reversed(scope.assigned.get(expression.id, [])):
                if isinstance(value, ast.Call):
                    return value
            scope = scope.parent
    return None


def _renderer(code: Code, expression: ast.expr, unit: Unit, depth: int = 0) -> Value:
    """What a processor of structlog renders: json, text, unknown where a condition decides, None where it is no renderer."""
    if depth > 6:
        return None
    if isinstance(expression, ast.Name):
        scope: Unit | None = unit
        while scope is not None:
            assigned = scope.assigned.get(expression.id)
            if assigned:
                forms: list[Value] = []
                for value, guards in reversed(assigned):
                    holds = code.values.guards(guards, scope, strict=True)
                    form = _renderer(code, value, scope, depth + 1) if holds is not False else None
                    if form is not None:
                        forms.append(form if holds is True else Unknown.because("a condition decides how the log is rendered") if not forms else forms[0])
                        if holds is True:
                            break
                if forms:
                    return forms[0] if all(f == forms[0] for f in forms) else Unknown.because("a condition decides how the log is rendered")
            scope = scope.parent
    if isinstance(expression, ast.IfExp):
        test = code.values.truth(expression.test, unit).value
        one, other = _renderer(code, expression.body, unit, depth + 1), _renderer(code, expression.orelse, unit, depth + 1)
        if one is None and other is None:
            return None
        if isinstance(test, bool):
            return one if test else other
        return one if one == other else Unknown.because("a condition decides how the log is rendered")
    name = code.name(unit, expression.func if isinstance(expression, ast.Call) else expression)
    if name in code.names("log_renderers"):
        return "json"
    return "text" if name in code.names("log_plain_renderers") else None


def _basic(code: Code) -> Iterator[Resource]:
    for site, _ in code.calls(("logging.basicConfig",)):
        level = level_of(code.values.of(site.argument("level"), site.unit))
        form: Value = "text"
        library = ""
        handlers = site.argument("handlers")
        if isinstance(handlers, ast.List | ast.Tuple):
            found = [_handler(code, element, site.unit) for element in handlers.elts]
            form = "json" if any(f == "json" for f, _ in found) else next((f for f, _ in found if isinstance(f, Unknown)), "text")
            library = next((named for f, named in found if f == "json"), "")
        elif handlers is not None:
            form = Unknown.because(f"{site.place}: its handlers are not told")
        elif isinstance(text := code.values.of(site.argument("format"), site.unit).value, str) and _is_json_text(text):
            # Python puts the message in as it is: a quote in it breaks the line (https://docs.python.org/3/library/logging.html#formatter-objects).
            form = Unknown.because(f"{site.place}: a format that is written like JSON escapes nothing of what it is given")
        elif text == "%(message)s" and any(code.reached(s) is True for s, _ in code.calls(("structlog.configure",))):
            continue  # structlog renders, and is asked itself
        yield _emit(code, site, "basicConfig", library, form, level, "stdout")


def _is_json_text(text: str) -> bool:
    return text.strip().startswith("{") and '"' in text and text.strip().endswith("}") and "message" in text


def _handler(code: Code, expression: ast.expr, unit: Unit) -> tuple[Value, str]:
    """The format of a handler: that of the formatter it was given, else plain text."""
    made = code.made_by(expression, unit)
    if made and json_class(code, made)[0]:
        return "json", made
    if isinstance(expression, ast.Name):
        for site in code.by_attribute.get("setFormatter", ()):
            if _base(site) == expression.id and site.module is unit.module:
                return _formatter(code, site.argument("fmt", 0), site.unit)
    own = code.values.class_called(made) if made else None
    if made.startswith("logging.") or own is not None:
        return "text", ""
    return Unknown.because(f"what {made or 'a handler'} writes is not told"), ""


def _base(site: Site) -> str:
    function = site.call.func
    value = function.value if isinstance(function, ast.Attribute) else None
    return value.id if isinstance(value, ast.Name) else value.attr if isinstance(value, ast.Attribute) else ""


def _formatters(code: Code) -> Iterator[Resource]:
    """`handler.setFormatter(JsonFormatter())`, where the handler is added to a logger, or is one that is there."""
    added = {argument.id: site for site in code.by_attribute.get("addHandler", ()) for argument in site.call.args if isinstance(argument, ast.Name)}
    given = {
        element.id
        for site, _ in code.calls(("logging.basicConfig",))
        if isinstance(handlers := site.argument("handlers"), ast.List | ast.Tuple)
        for element in handlers.elts
        if isinstance(element, ast.Name)
    }
    for site in code.by_attribute.get("setFormatter", ()):
        label = _base(site)
        if label in given or _replaced(code, site, label):
            continue  # basicConfig takes it, and says so; or a later formatter stands for it
        form, library = _formatter(code, site.argument("fmt", 0), site.unit)
        if form != "json" and not isinstance(form, Unknown) and label not in added:
            continue
        holder = added.get(label)
        reached = both(code.reached(site), code.reached(holder)) if holder is not None else code.reached(site)
        if holder is not None and form == "json":
            reached = both(reached, _stays(code, holder))
        if holder is None and reached is True and code.made_by(_function_value(site), site.unit):
            reached = Unknown.because(f"{site.place}: no logger is seen to take this handler")
        yield _emit(code, site, "handler", library, form, _root_level(code), "stdout", reached)


def _replaced(code: Code, site: Site, label: str) -> bool:
    """Whether the same unit gives a handler another formatter afterwards."""
    return any(
        other.unit is site.unit and _base(other) == label and not other.guards and other.call.lineno > site.call.lineno for other in code.by_attribute.get("setFormatter", ()) if label
    )


def _stays(code: Code, holder: Site) -> Reached:
    """Whether the logger that takes a handler is the root, or one of the application, and keeps it."""
    base = _function_value(holder)
    call = _call_of(base, holder.unit)
    if call is not None and code.name(holder.unit, call.func) in _ROOTS and call.args:
        name = code.values.of(call.args[0], holder.unit).value
        own = (isinstance(call.args[0], ast.Name) and call.args[0].id == "__name__") or _own(code, name) or name in _GENERAL
        if isinstance(name, str) and not own:
            return Unknown.because(f"{holder.place}: only the logger {name} is seen to take this handler")
    for site in code.by_attribute.get("clear", ()):
        if ".handlers" in ast.unparse(site.call.func) and site.unit is holder.unit and site.call.lineno > holder.call.lineno and not site.guards:
            return False
    return True


def _function_value(site: Site) -> ast.expr | None:
    return site.call.func.value if isinstance(site.call.func, ast.Attribute) else None


def _root_level(code: Code) -> tuple[Value, Value]:
    """The level that `setLevel` gives to the root logger."""
    for site in code.by_attribute.get("setLevel", ()):
        base = _function_value(site)
        call = _call_of(base, site.unit)
        if call is not None and code.name(site.unit, call.func) in _ROOTS and not call.args and code.reached(site) is True:
            return level_of(code.values.of(site.argument("level", 0), site.unit))
    return None, ""


def _levels(code: Code) -> Iterator[Resource]:
    """`logging.getLogger().setLevel(…)`, and of a named logger of the application, where nothing else sets a level."""
    for site in code.by_attribute.get("setLevel", ()):
        call = _call_of(_function_value(site), site.unit)
        if call is None or code.name(site.unit, call.func) not in _ROOTS:
            continue
        name = code.values.of(call.args[0], site.unit).value if call.args else ""
        if call.args and not (isinstance(call.args[0], ast.Name) and call.args[0].id == "__name__") and not _own(code, name):
            continue  # the level of a library's logger is none of the application
        level = level_of(code.values.of(site.argument("level", 0), site.unit))
        # The format is another's to say.
        yield _emit(code, site, "setLevel", "", None, level, "")


def _own(code: Code, name: Value) -> bool:
    return isinstance(name, str) and code.program.index.path_of(name.partition(".")[0]) is not None


def _dictionaries(code: Code) -> Iterator[Resource]:
    for site, _ in code.calls(("logging.config.dictConfig", "logging.config.dictConfigClass")):
        value = code.values.of(site.argument("config", 0), site.unit)
        yield from of_dictionary(code, site, value.value, code.reached(site))
    for attribute, keyword in (("run", "log_config"), ("Config", "log_config")):
        for site in code.by_attribute.get(attribute, ()):
            given = site.argument(keyword)
            if given is not None and code.name(site.unit, site.call.func).startswith("uvicorn."):
                yield from of_dictionary(code, site, code.values.of(given, site.unit).value, code.reached(site))
    for site, _ in code.calls(("logging.config.fileConfig",)):
        unknown = Unknown.because(f"{site.place}: the file that configures the log is not read")
        yield _emit(code, site, "fileConfig", "", unknown, (unknown, unknown), "stdout")


def of_dictionary(code: Code, site: Site, value: Value, reached: Reached) -> Iterator[Resource]:
    """A configuration of `logging.config`: the formats of the handlers that its loggers use, and the level of the root."""
    if not isinstance(value, Mapping):
        unknown = value if isinstance(value, Unknown) else Unknown.because(f"{site.place}: the configuration of the log is not told")
        yield _emit(code, site, "dictConfig", "", unknown, (unknown, unknown), "stdout", reached)
        return
    formatters, handlers = _mapping(value.get("formatters")), _mapping(value.get("handlers"))
    loggers = _mapping(value.get("loggers"))
    root = value.get("root") if isinstance(value.get("root"), Mapping) else loggers.get("", loggers.get("root"))
    chosen = [root, *(one for name, one in sorted(loggers.items()) if name not in ("", "root"))]
    used = _names(root) if isinstance(root, Mapping) and _names(root) else [h for one in chosen if isinstance(one, Mapping) for h in _names(one)]
    forms: list[Value] = []
    library = ""
    for name in used if used else sorted(handlers):
        handler = handlers.get(name)
        if not isinstance(handler, Mapping) or str(handler.get("class", "")) in ("logging.NullHandler", "django.utils.log.AdminEmailHandler"):
            continue
        form, named = _of_handler(code, handler, formatters)
        forms.append(form)
        library = library or named
    form = "json" if forms and all(f == "json" for f in forms) else next((f for f in forms if isinstance(f, Unknown)), "json" if forms and forms[0] == "json" else "text")
    level = root.get("level") if isinstance(root, Mapping) else None
    if level is None:
        own = [one.get("level") for name, one in sorted(loggers.items()) if isinstance(one, Mapping) and (_own(code, name) or name in ("django", "app"))]
        level = next((one for one in own if one is not None), None)
    origin = ENVIRONMENT if isinstance(level, Unknown) and any("of the environment" in r for r in level.reasons) else LITERAL
    yield _emit(code, site, "dictConfig", library, form, level_of(Evaluated(level, origin)), "stdout", reached)


def _mapping(value: Value) -> Mapping[str, Value]:
    return value if isinstance(value, Mapping) else {}


def _names(logger: object) -> list[str]:
    handlers = logger.get("handlers") if isinstance(logger, Mapping) else None
    return [str(h) for h in handlers if isinstance(h, str)] if is_list(handlers) else []  # type: ignore[union-attr]


def _of_handler(code: Code, handler: Mapping[str, Value], formatters: Mapping[str, Value]) -> tuple[Value, str]:
    dotted = handler.get("class", handler.get("()"))
    if isinstance(dotted, str) and json_class(code, code.values.resolved(dotted))[0]:
        return "json", dotted
    name = handler.get("formatter")
    if isinstance(name, Unknown):
        return name, ""
    formatter = formatters.get(name) if isinstance(name, str) else None
    if not isinstance(formatter, Mapping):
        return "text", ""
    made = formatter.get("()", formatter.get("class"))
    if isinstance(made, str):
        is_json, library = json_class(code, code.values.resolved(made))
        if is_json:
            return "json", library
        if made == "structlog.stdlib.ProcessorFormatter":
            processor = formatter.get("processor", formatter.get("processors"))
            return (processor, "") if isinstance(processor, Unknown) else (Unknown.because("the processor of the log is not told"), "")
        known = code.values.class_called(code.values.resolved(made)) is not None or made.startswith(("logging.", "django.", "uvicorn."))
        return ("text", "") if known else (Unknown.because(f"what {made} writes is not told"), "")
    if isinstance(made, Unknown):
        return made, ""
    text = formatter.get("format")
    return ("json", "") if isinstance(text, str) and _is_json_text(text) else ("text", "")


def _structlog(code: Code) -> Iterator[Resource]:
    for site, called in code.calls(("structlog.configure", "structlog.configure_once")):
        processors = site.argument("processors", 0)
        form: Value = None
        lists = _elements(code, processors, site.unit) if processors is not None else []
        # What renders stands last: what comes before it has rendered nothing that is written.
        for element, unit in reversed(lists):
            form = _renderer(code, element, unit)
            if form is not None:
                break
        if form is None:
            last = code.name(site.unit, lists[-1][0]) if lists else ""
            if "wrap_for_formatter" in last:
                continue  # the formatter of a handler renders
            form = "text" if processors is None else Unknown.because(f"{site.place}: the renderer of the log is not told")
        level: tuple[Value, Value] = (None, "")
        wrapper = site.argument("wrapper_class")
        if isinstance(wrapper, ast.Call) and wrapper.args and code.name(site.unit, wrapper.func).endswith("make_filtering_bound_logger"):
            level = level_of(code.values.of(wrapper.args[0], site.unit))
        yield _emit(code, site, "structlog", called, form, level, "stdout")


def _elements(code: Code, expression: ast.expr, unit: Unit, depth: int = 0) -> list[tuple[ast.expr, Unit]]:
    """The elements of a list that is written in parts: `[*shared, renderer]`, `shared + [renderer]`, `shared.append(renderer)`."""
    if depth > 6:
        return []
    if isinstance(expression, ast.List | ast.Tuple):
        return [
            pair
            for element in expression.elts
            for pair in (_elements(code, element.value, unit, depth + 1) if isinstance(element, ast.Starred) else [(element, unit)])
        ]
    if isinstance(expression, ast.BinOp):
        return [*_elements(code, expression.left, unit, depth + 1), *_elements(code, expression.right, unit, depth + 1)]
    if isinstance(expression, ast.Name):
        scope: Unit | None = unit
        while scope is not None:
            if expression.id in scope.assigned:
                found = _elements(code, scope.assigned[expression.id][-1][0], scope, depth + 1)
                for site in (*code.by_attribute.get("append", ()), *code.by_attribute.get("extend", ())):
                    if site.unit is scope and _base(site) == expression.id and site.call.args:
                        holds = code.values.guards(site.guards, scope, strict=True)
                        if holds is True:
                            argument = site.call.args[0]
                            found.extend(_elements(code, argument, scope, depth + 1) if isinstance(argument, ast.List) else [(argument, scope)])
                        elif holds is not False:
                            return []
                return found
            scope = scope.parent
    return []


def _loguru(code: Code) -> Iterator[Resource]:
    for site, called in code.calls(("loguru.logger.add",)):
        wanted = site.argument("serialize")
        serialize = code.values.truth(wanted, site.unit).value if wanted is not None else False
        given = site.argument("level")
        level = level_of(code.values.of(given, site.unit)) if given is not None else (None, "")
        form: Value = serialize if isinstance(serialize, Unknown) else "json" if serialize else "text"
        sink = site.argument("sink", 0)
        made = code.made_by(sink, site.unit) if sink is not None else ""
        if form == "text" and made and json_class(code, made)[0]:
            form = "json"
        elif form == "text" and sink is not None and code.values.function_of(sink, site.unit) is not None:
            form = Unknown.because(f"{site.place}: what the sink writes is not told")
        yield _emit(code, site, "loguru", called, form, level, "stdout")
    for site, called in code.calls(("loguru.logger.configure",)):
        unknown = Unknown.because(f"{site.place}: the handlers of loguru are not told")
        yield _emit(code, site, "loguru", called, unknown, (unknown, unknown), "stdout")


def _cloud(code: Code) -> Iterator[Resource]:
    """`google.cloud.logging.Client().setup_logging()`: it writes JSON to standard output on Cloud Run, and to the API elsewhere."""
    clients = frozenset(code.names("log_cloud_clients"))
    for site in code.by_attribute.get("setup_logging", ()):
        function = site.call.func
        if not isinstance(function, ast.Attribute):
            continue
        made = code.made_by(function.value, site.unit)
        if made in clients:
            given = site.argument("log_level")
            level = level_of(code.values.of(given, site.unit)) if given is not None else ("INFO", "")
            yield _emit(code, site, "cloud-logging", made, "json", level, "cloud-logging")
    for site, called in code.calls(("google.cloud.logging.handlers.setup_logging", "google.cloud.logging_v2.handlers.setup_logging")):
        yield _emit(code, site, "cloud-logging", called, "json", (None, ""), "cloud-logging")
    for site in code.by_attribute.get("addHandler", ()):
        made = code.made_by(site.argument("hdlr", 0), site.unit)
        if made in code.names("log_cloud"):
            yield _emit(code, site, "cloud-logging", made, "json", _root_level(code), "cloud-logging")
