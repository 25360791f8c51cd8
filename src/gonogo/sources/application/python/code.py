"""What the readers of features ask of an application: its calls by name, whether they are run, and what installs their library."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property

from gonogo.model.location import Location
from gonogo.model.resource import Resource
from gonogo.model.value import Unknown, Value
from gonogo.sources.application.discovery import SOURCE
from gonogo.sources.application.libraries import Libraries
from gonogo.sources.application.python.certain import Certain
from gonogo.sources.application.python.installs import Installed
from gonogo.sources.application.python.modules import Site, Unit
from gonogo.sources.application.python.program import Program, Reached
from gonogo.sources.application.python.serving import Serving
from gonogo.sources.application.python.values import Values
from gonogo.sources.application.tables import Row, names, read_table, rows

# Their first argument is the class of a middleware, the others are its own.
_TAKES_CLASS = frozenset({"add_middleware", "Middleware", "DefineMiddleware"})


class Code:
    """One application in Python. `table` is `rules/application/python.yaml`."""

    def __init__(self, program: Program, installed: Installed) -> None:
        self.program = program
        self.values = Values(program)
        self.installed = installed
        self.libraries = Libraries("python")
        self.table: Row = read_table("python.yaml")
        self._certain: Certain | None = None
        self.by_attribute: dict[str, list[Site]] = defaultdict(list)
        """The calls by the last part of what is called."""
        self._by_name: dict[str, list[Site]] = defaultdict(list)
        for site in program.sites():
            function = site.call.func
            last = function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
            self.by_attribute[last].append(site)
            name = self.name(site.unit, function)
            if name:
                self._by_name[name].append(site)

    @cached_property
    def serving(self) -> Serving:
        """Which applications and routers nobody serves."""
        wanted = (*(name for row in rows(self.table, "applications") for name in names(row["name"])), *self.names("routers"))
        return Serving(self.program, self.values, (site for site, _ in self.calls(wanted)))

    @property
    def certain(self) -> Certain:
        """What is run for certain; worked out once the settings of a framework are known."""
        if self._certain is None:
            self._certain = Certain(self.program, self.values)
        return self._certain

    def name(self, unit: Unit, expression: ast.expr) -> str:
        """The full name of what an expression names, in the library that defines or offers it."""
        dotted = unit.module.qualify(expression)
        return self.values.resolved(dotted) if dotted else ""

    def calls(self, wanted: Iterable[str]) -> Iterator[tuple[Site, str]]:
        """The calls of these full names: of the functions, classes and methods themselves, and of middleware that is handed over by its class."""
        every = frozenset(wanted)
        for name in sorted(every):
            for site in self._by_name.get(name, ()):
                yield site, name
        for attribute in sorted(_TAKES_CLASS):
            for site in self.by_attribute.get(attribute, ()):
                first = site.argument("middleware_class", 0) or site.argument("cls", 0)
                name = self.name(site.unit, first) if first is not None else ""
                if name in every:
                    yield site, name

    def rows(self, name: str) -> Iterator[tuple[Row, Site, str]]:
        """The calls of a section of the table, with their row."""
        for row in rows(self.table, name):
            for site, called in self.calls(names(row["name"])):
                yield row, site, called

    def names(self, section: str) -> tuple[str, ...]:
        return names(self.table.get(section))

    def made_by(self, expression: ast.expr | None, unit: Unit) -> str:
        """The full name of what made an object."""
        return self.values.constructor(expression, unit)

    def reached(self, site: Site, *, strict: bool = True) -> Reached:
        """Whether a call is run. Not `strict`, conditions of the running application do not count."""
        unit = self.certain.of(site.unit) if strict else self.program.reached(site.unit)
        if unit is False:
            return False
        guards = self.values.guards(site.guards, site.unit, strict=strict)
        if guards is False:
            return False
        found = [one for one in (unit, guards) if isinstance(one, Unknown)]
        return Unknown.merge(found) if found else True

    def is_installed(self, called: str) -> tuple[str, Reached]:
        """The library of a full name, and whether the image installs it."""
        library = self.libraries.of(called)
        if library is None:
            return "", True
        return library.name, self.installed.has(library.packages)

    def resource(
        self,
        kind: str,
        what: str,
        place: Location,
        called: str,
        reachable: Reached,
        /,
        **attributes: Value,
    ) -> Resource:
        """A resource of one of the `app/*` kinds. `called` is the full name of what does it, `` for the code itself."""
        library, installed = self.is_installed(called) if called else ("", True)
        application = self.program.application
        return Resource(
            kind,
            f"{application.directory or '.'}:python:{what}",
            {
                "application": application.directory,
                "language": "python",
                "library": library,
                "module": place.file,
                "installed": installed,
                "reachable": reachable,
                **attributes,
            },
            {(): place},
            source=SOURCE,
        )

    def of(self, kind: str, site: Site, called: str, what: str = "", /, *, strict: bool = True, **attributes: Value) -> Resource:
        """The resource that a call is."""
        reached = False if self.serving.is_off(site) else self.reached(site, strict=strict)
        return self.resource(kind, f"{site.module.path}:{what or called}", site.place, called, reached, **attributes)


def both(*values: Reached) -> Reached:
    """All of them: false where one is false, unknown where one is unknown."""
    if any(v is False for v in values):
        return False
    unknown = [v for v in values if isinstance(v, Unknown)]
    return Unknown.merge(unknown) if unknown else True
