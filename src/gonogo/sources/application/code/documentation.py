"""What documents an API while it runs: Swagger UI, ReDoc, the schema."""

from __future__ import annotations

from collections.abc import Iterator

from gonogo.kinds.application import API_DOCUMENTATION
from gonogo.model.resource import Resource
from gonogo.model.value import Value
from gonogo.sources.application.code.context import Context
from gonogo.sources.application.code.events import Event, Live, better, both
from gonogo.sources.application.code.observability import symbols
from gonogo.sources.application.code.reading import given, text
from gonogo.sources.application.code.values import Literal


def read(context: Context) -> Iterator[Resource]:
    """One `app/ApiDocumentation` for each kind that a call serves."""
    for row in context.libraries.rows("documentation"):
        for event in context.calls(row["calls"]):
            served, path = (event.live, text(given(event.call, row["path"]), row.get("default_path", ""))) if "path" in row else _place(context, event)
            for kind in row["kinds"]:
                at_path = f"/{str(path).strip('/')}{row.get('suffix', {}).get(kind, '')}" if isinstance(path, str) else path
                attributes: dict[str, Value] = {"kind": str(kind), "path": at_path, "enabled": True}
                at = (event.call.file, event.call.node)
                yield context.resource(API_DOCUMENTATION, at, both(event.live, served), event.call.callee, f"{kind} documentation", attributes)


def _place(context: Context, event: Event) -> tuple[Live, Value]:
    """Whether and where what a call makes is served: the path of the route or of the `use` that it is given to."""
    served: Live = False
    path: Value = ""
    for other, live in context.applying:
        if any(s.call == event.call for a in other.call.arguments for s in symbols(a)):
            served = better(served, live)
            first = other.call.arguments[0]
            path = first.value if isinstance(first, Literal) and isinstance(first.value, str) else "/"
    return served, path
