"""What decorators and `pytestmark` do to a test: skip it, multiply it, mark it."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from gonogo.sources.suites.items import State, worst

MAX_CASES = 100_000
# A decorator of the project that is named like this may skip.
_MAY_SKIP = re.compile(r"(?i)skip|require|need|only_?if|unless|disabled?|slow|manual")
_GENERATES = re.compile(r"(?i)(^|\.)(expand|parameterized|parameterized_class|ddt|data|file_data|unpack|parameters|named_parameters|product|scenario|params|repeat|flaky_repeat)$")


@dataclass(frozen=True, slots=True)
class Marking:
    """What marks make of a test; `of` several marks together."""

    state: State = State.RUNS
    cases: int = 1
    skipped: int = 0
    exact: bool = True
    names: frozenset[str] = frozenset()
    known: bool = True
    collected: bool = True
    fixtures: frozenset[str] = frozenset()

    def also(self, other: Marking) -> Marking:
        # A case of one runs with each case of the other, if both run.
        whole = (self.cases + self.skipped) * (other.cases + other.skipped)
        cases = min(self.cases * other.cases, MAX_CASES)
        return Marking(
            worst(self.state, other.state),
            cases,
            min(whole - self.cases * other.cases, MAX_CASES),
            self.exact and other.exact,
            self.names | other.names,
            self.known and other.known,
            self.collected and other.collected,
            self.fixtures | other.fixtures,
        )


NOTHING = Marking()
_GENERATED = Marking(exact=False)


def dotted(node: ast.expr) -> str:
    """`a.b.c` of a name or an attribute; `` of anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join((node.id, *reversed(parts))) if isinstance(node, ast.Name) else ""


class Marks:
    """Reads marks of one module. `full` resolves a name through the module's imports, `values` holds what it assigns once."""

    def __init__(self, full: Callable[[str], str], values: Mapping[str, ast.expr]) -> None:
        self._full = full
        self._values = values

    def decorators(self, nodes: Iterable[ast.expr]) -> Marking:
        found = NOTHING
        for node in nodes:
            found = found.also(self.of(node))
        return found

    def listed(self, node: ast.expr | None) -> Marking:
        """Of `pytestmark = …`: one mark or a list of them."""
        if node is None:
            return NOTHING
        return self.decorators(node.elts if isinstance(node, ast.List | ast.Tuple) else [node])

    def of(self, node: ast.expr, depth: int = 0) -> Marking:
        call = node if isinstance(node, ast.Call) else None
        written = dotted(call.func if call else node)
        if not written:
            return Marking(exact=False, known=False)
        name = self._full(written)
        if call is None and written in self._values and depth < 5:
            return self.of(self._values[written], depth + 1)
        if name.startswith("pytest.mark."):
            return self._mark(name.removeprefix("pytest.mark."), call)
        return self._other(name, call)

    def _mark(self, name: str, call: ast.Call | None) -> Marking:
        names = frozenset({name})
        if name == "skip":
            return Marking(State.SKIPPED, names=names)
        if name == "skipif":
            return Marking(_when(call, True), names=names)
        if name == "parametrize":
            return self._parametrize(call, names)
        if name == "anyio":
            return Marking(exact=False, names=names)  # its backend fixture has a parameter for each event loop
        if name in ("repeat", "flaky_repeat"):
            return Marking(exact=False, names=names)
        if name == "usefixtures" and call is not None:
            return Marking(names=names, fixtures=frozenset(str(a.value) for a in call.args if isinstance(a, ast.Constant)))
        return Marking(names=names)

    def _other(self, name: str, call: ast.Call | None) -> Marking:
        last = name.rpartition(".")[2]
        if name in ("pytest.fixture", "pytest_asyncio.fixture", "fixture", "property", "functools.cached_property", "pytest.yield_fixture"):
            return Marking(collected=False)
        if name == "unittest.skip" or (last == "skip" and name.startswith(("unittest", "absl"))):
            return Marking(State.SKIPPED)
        if last == "skipIf":
            return Marking(_when(call, True))
        if last == "skipUnless":
            return Marking(_when(call, False))
        if name == "parameterized.parameterized.expand" and call is not None and call.args:
            return self._cases(call.args[0], NOTHING)
        if _GENERATES.search(name):
            return _GENERATED
        return Marking(State.MAYBE) if _MAY_SKIP.search(last) else NOTHING

    def _parametrize(self, call: ast.Call | None, names: frozenset[str]) -> Marking:
        values = next((k.value for k in call.keywords if k.arg == "argvalues"), None) if call else None
        if call is not None and values is None and len(call.args) > 1:
            values = call.args[1]
        base = Marking(names=names)
        return self._cases(values, base) if values is not None else Marking(exact=False, names=names)

    def _cases(self, node: ast.expr, base: Marking, depth: int = 0) -> Marking:
        """How many cases a literal holds; without one it is one at least, for an empty set is collected as a skipped case."""
        if isinstance(node, ast.Name) and node.id in self._values and depth < 5:
            return self._cases(self._values[node.id], base, depth + 1)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in ("list", "tuple", "sorted") and len(node.args) == 1:
                return self._cases(node.args[0], base, depth + 1) if depth < 5 else Marking(exact=False, names=base.names)
            if node.func.id == "range" and node.args and all(isinstance(a, ast.Constant) and isinstance(a.value, int) for a in node.args):
                try:
                    numbers = len(range(*(a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, int))))
                except (ValueError, TypeError, OverflowError):
                    return Marking(exact=False, names=base.names)
                return Marking(State.RUNS if numbers else State.SKIPPED, min(max(numbers, 1), MAX_CASES), names=base.names)
        if not isinstance(node, ast.List | ast.Tuple) or any(isinstance(e, ast.Starred) for e in node.elts):
            return Marking(exact=False, names=base.names)
        if not node.elts:
            return Marking(State.SKIPPED, names=base.names)
        skipped = maybe = 0
        known = True
        for element in node.elts:
            marking = self._param(element)
            skipped += marking.state is State.SKIPPED
            maybe += marking.state is State.MAYBE
            known = known and not marking.names
        runs = len(node.elts) - skipped - maybe
        if not runs:
            return Marking(State.MAYBE if maybe else State.SKIPPED, len(node.elts), names=base.names)
        return Marking(cases=min(runs, MAX_CASES), skipped=skipped, exact=not maybe, names=base.names, known=known)

    def _param(self, node: ast.expr) -> Marking:
        if isinstance(node, ast.Call) and self._full(dotted(node.func)) == "pytest.param":
            return self.listed(next((k.value for k in node.keywords if k.arg == "marks"), None))
        return NOTHING


def _when(call: ast.Call | None, skips: bool) -> State:
    """A condition that is written out decides; any other is somebody else's."""
    condition = call.args[0] if call is not None and call.args else None
    if isinstance(condition, ast.Constant) and isinstance(condition.value, bool):
        return State.SKIPPED if condition.value is skips else State.RUNS
    return State.MAYBE
