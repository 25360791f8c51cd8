"""NestJS: routes, guards and rate limits are decorators of classes (https://docs.nestjs.com/controllers)."""

from __future__ import annotations

from collections.abc import Iterator

from gonogo.model.value import Unknown, Value
from gonogo.sources.application.code.events import Event, Trace
from gonogo.sources.application.code.routing import Served
from gonogo.sources.application.code.syntax import Node
from gonogo.sources.application.code.values import Call, Function, Items, Literal, Setting, Symbol, Symbolic, Table, entry, flat
from gonogo.sources.application.javascript.evaluate import Evaluator
from gonogo.sources.application.javascript.project import Project
from gonogo.sources.application.javascript.scopes import CLASSES, SourceModule

_VERBS = {"Get": "GET", "Post": "POST", "Put": "PUT", "Patch": "PATCH", "Delete": "DELETE", "Head": "HEAD", "Options": "OPTIONS", "All": "*"}
_COMMON = "@nestjs/common"
_GUARDS = f"{_COMMON}.UseGuards"
_APP_GUARD = "@nestjs/core.APP_GUARD"
_ROW = {"rejections_fail": True, "known": True}


def served(project: Project, evaluator: Evaluator, trace: Trace) -> Iterator[Served]:
    """The routes of the controllers of an application."""
    prefix = _global_prefix(trace)
    guarded = any(True for _ in _global_guards(trace))
    calls = {e.call.node: e for e in trace.events if e.call.callee.startswith(f"{_COMMON}.")}
    for module in project.read():
        for node in module.parsed.root.below():
            if node.type in CLASSES:
                yield from _controller(node, module, evaluator, calls, prefix, guarded, trace)


def _decorators(node: Node) -> list[Node]:
    """The calls that decorate a class or a method; those of a method stand before it in the class's body."""
    parent = node.parent
    own = [c for c in node.children if c.type == "decorator"]
    if parent is not None and parent.type == "export_statement":
        own = [*(c for c in parent.children if c.type == "decorator"), *own]
    if parent is not None and parent.type == "class_body":
        position = parent.children.index(node)
        while position and parent.children[position - 1].type == "decorator":
            position -= 1
            own.append(parent.children[position])
    return [d.children[0] for d in own if d.children and d.children[0].type == "call_expression"]


def _controller(
    node: Node, module: SourceModule, evaluator: Evaluator, calls: dict[Node, Event], prefix: Value, guarded: bool, trace: Trace
) -> Iterator[Served]:
    around = {d: evaluator.call(d, module) for d in _decorators(node)}
    controller = next((c for c in around.values() if c is not None and c.callee == f"{_COMMON}.Controller"), None)
    body = node.fields.get("body")
    if controller is None or body is None:
        return
    first = controller.arguments[0] if controller.arguments else None
    base = _text(entry(first, "path") if isinstance(first, Table) else first)
    class_guards = [c for c in around.values() if c is not None and c.callee == _GUARDS]
    for method in body.children:
        if method.type != "method_definition":
            continue
        made = [(d, c) for d in _decorators(method) if (c := evaluator.call(d, module)) is not None]
        guards = [*class_guards, *(c for _, c in made if c.callee == _GUARDS)]
        public = any(isinstance(v, Literal) and "public" in str(v.value).lower() for _, c in made for v in c.arguments) or any(
            "public" in d.text[:40].lower() for d in _decorators(method)
        )
        for decorator, call in made:
            verb = _VERBS.get(call.callee.removeprefix(f"{_COMMON}."))
            if verb is None or not call.callee.startswith(f"{_COMMON}."):
                continue
            # The method's decorators run when the class is named by a module that runs.
            event = calls.get(decorator) or Event(call, trace.live_of(module.path) if trace.live_of(module.path) is not True else False)
            for path in _paths(call.arguments[0] if call.arguments else None):
                whole = _joined(prefix, base, path)
                handlers: list[Symbolic] = [Function(method, module.path)]
                row = {**_ROW, "authenticated": bool(guards) or (guarded and not public)}
                yield Served(verb, whole, tuple(handlers), event, event.live, None, row)


def _global_prefix(trace: Trace) -> Value:
    for event in trace.events:
        if event.call.callee == "@nestjs/core.NestFactory.create().setGlobalPrefix" and event.live is not False:
            return _text(event.call.arguments[0] if event.call.arguments else None)
    return ""


def _global_guards(trace: Trace) -> Iterator[Function]:
    """The classes of the application that guard every route."""
    for event in trace.events:
        if event.live is False:
            continue
        if event.call.callee == "@nestjs/core.NestFactory.create().useGlobalGuards":
            yield from (f for a in event.call.arguments for f in flat(a) if isinstance(f, Function))
        elif event.call.callee == f"{_COMMON}.Module" and event.call.arguments:
            yield from _provided(event.call.arguments[0])


def _provided(options: Symbolic) -> Iterator[Function]:
    providers = entry(options, "providers")
    for provider in flat(providers):
        token = entry(provider, "provide") if isinstance(provider, Table) else None
        if isinstance(token, Symbol) and token.path == _APP_GUARD:
            yield from (f for f in flat(entry(provider, "useClass")) if isinstance(f, Function))


def guards(trace: Trace) -> list[Event]:
    """An event for each guard of the whole application, as if a server were given it."""
    found = []
    for event in trace.events:
        if event.call.callee == f"{_COMMON}.Module" and event.live is not False and event.call.arguments:
            for function in _provided(event.call.arguments[0]):
                call = Call("nest:global-guard", function.node, function.file, (function,))
                found.append(Event(call, event.live))
    return found


def _text(value: Symbolic | None) -> Value:
    if value is None:
        return ""
    if isinstance(value, Literal):
        return str(value.value or "")
    if isinstance(value, Items) and value.members:
        return _text(value.members[0])
    if isinstance(value, Setting):
        return _text(value.default) if value.default is not None else Unknown.because(f"the environment variable {value.name} gives it")
    return Unknown.because("the code computes the path")


def _paths(value: Symbolic | None) -> list[Value]:
    return [_text(member) for member in value.members] if isinstance(value, Items) else [_text(value)]


def _joined(*parts: Value) -> Value:
    hidden = Unknown.merge(parts)
    return hidden if hidden.reasons else "/" + "/".join(p.strip("/") for p in parts if isinstance(p, str) and p.strip("/"))


