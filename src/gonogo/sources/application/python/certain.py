"""Which code is run for certain: what is reached without a condition that the source leaves open.

`Program` follows every name, whatever the conditions are under which it is named. This goes over what it found once more, and
takes only the imports, definitions and names whose conditions hold.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from gonogo.model.value import Unknown
from gonogo.sources.application.python.modules import Class, Guards, Unit
from gonogo.sources.application.python.program import Program, Reached
from gonogo.sources.application.python.values import Values


class Certain:
    """Answers for every unit of a program: true, false where a condition is known not to hold, unknown with the condition otherwise."""

    def __init__(self, program: Program, values: Values) -> None:
        self._program = program
        self._values = values
        self._run: set[Unit] = set()
        self._modules: set[str] = set()
        self._names: set[str] = set()
        self._waiting: dict[str, list[Unit | Class]] = defaultdict(list)
        self._doubts: dict[Unit, Unknown] = {}
        self._doubted_names: dict[str, Unknown] = {}
        self._doubted_modules: dict[str, Unknown] = {}
        self._stack: list[Unit] = []
        # Only what something is called by matters: most names are of libraries, or local.
        self._defined = {unit.name for unit in program.units()} | {name for module in program.modules.values() for name in module.classes}
        for path, names in program.starts():
            for name in names:
                self._name(name)
            self._module(path)
        self._settle()

    def of(self, unit: Unit) -> Reached:
        """Whether a unit is run."""
        reached = self._program.reached(unit)
        if reached is not True or unit in self._run:
            return reached
        doubts = [*self._of(unit)]
        # Reached, but by no path whose conditions hold, and none that is open: all of them are known not to hold.
        return Unknown.merge(doubts) if doubts else False

    def _of(self, unit: Unit) -> Iterator[Unknown]:
        """Why a unit may not be run: a condition of its own, of its name, of its module, or of what it lies in."""
        seen: set[Unit] = set()
        one: Unit | None = unit
        while one is not None and one not in seen and one not in self._run:
            seen.add(one)
            names = [one.name, *([one.owner.name] if one.owner is not None else [])]
            yield from (doubt for doubt in (self._doubts.get(one), self._doubted_modules.get(one.module.path), *(self._doubted_names.get(n) for n in names)) if doubt)
            one = one.parent
        if self._doubts or self._doubted_names or self._doubted_modules:
            yield Unknown.because(f"{unit.module.path}: {unit.name or 'it'} is run only under conditions that the source leaves open")

    def _module(self, path: str) -> None:
        if path not in self._modules:
            self._modules.add(path)
            module = self._program.modules.get(path)
            if module is not None:
                self._stack.append(module.top)
                if module.main is not None and self._program.reached(module.main) is True:
                    self._stack.append(module.main)

    def _name(self, name: str) -> None:
        if name not in self._names:
            self._names.add(name)
            for one in self._waiting.pop(name, []):
                self._take(one)

    def _take(self, one: Unit | Class) -> None:
        self._stack.extend(self._methods(one) if isinstance(one, Class) else [one])

    def _methods(self, one: Class) -> Iterator[Unit]:
        for method in one.methods:
            if one.node.bases or method.name.startswith("__") or method.registered or method.name in self._names:
                yield method
            else:
                self._waiting[method.name].append(method)

    def _settle(self) -> None:
        while self._stack:
            unit = self._stack.pop()
            if unit in self._run:
                continue
            self._run.add(unit)
            for dotted, guards in unit.imports:
                for path in self._program.paths_of(dotted):
                    if path not in self._modules:
                        holds = self._holds(guards, unit)
                        if holds is True:
                            self._module(path)
                        elif isinstance(holds, Unknown):
                            self._doubted_modules.setdefault(path, holds)
            defined: list[Unit | Class] = [*unit.units, *unit.classes]
            for inner in defined:
                holds = self._holds(inner.guards, unit)
                if isinstance(holds, Unknown):
                    for one in [inner] if isinstance(inner, Unit) else inner.methods:
                        self._doubts.setdefault(one, holds)
                elif holds is True:
                    if inner.registered or inner.name in self._names:
                        self._take(inner)
                    else:
                        self._waiting[inner.name].append(inner)
            for name, conditions in unit.references.items():
                if name in self._defined and name not in self._names:
                    for guards in conditions:
                        holds = self._holds(guards, unit)
                        if holds is True:
                            self._name(name)
                            break
                        if isinstance(holds, Unknown):
                            self._doubted_names.setdefault(name, holds)

    def _holds(self, guards: Guards, unit: Unit) -> bool | Unknown:
        return self._values.guards(guards, unit, strict=True) if guards else True
