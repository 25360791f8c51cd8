"""Random well-typed conditions: unlike `programs`, most of them have an answer, so that there is something to contradict."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

DATA: dict[str, Any] = {
    "t": True,
    "f": False,
    "n": 1,
    "s": "hello",
    "names": ["a", "b", "a"],
    "rows": [{"k": "a", "v": 1, "f": True, "tags": ["x"]}, {"k": "b", "v": 2, "f": False, "tags": []}, {"k": "a", "v": 3, "f": True, "tags": ["x", "y"]}],
    "labels": {"app": "web", "tier": "front"},
    "selector": {"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "tier", "operator": "In", "values": ["front", "back"]}]},
}

_LITERALS = ("'a'", "'b'", "'x'", "'hello'", "''")
_PATTERNS = ("'l+o'", "'^a|b$'", "'(?i)HELLO'", "'[^a-f]'")


class _Writer:
    """Draws one condition. `own`: with the functions that CEL has not; `rows` names the row variables in scope."""

    def __init__(self, draw: Any, own: bool) -> None:
        self._draw = draw
        self._own = own

    def _pick(self, *options: Any) -> Any:
        return self._draw(st.sampled_from(options))

    def boolean(self, depth: int, rows: tuple[str, ...] = (), names: tuple[str, ...] = ()) -> str:
        again = (depth - 1, rows, names)
        if depth <= 0:
            return str(self._pick("t", "f", "has(labels.app)", "has(labels.zone)", "(n == 1)", "('a' in names)", "('x' in names)", *(f"{r}.f" for r in rows)))
        form = self._pick("&&", "||", "!", "?", "number", "text", "in", "lists", "quantifier", "quantifier", "rows", "matches", "size", "map", "optional", "selects")
        match form:
            case "&&" | "||":
                return f"({self.boolean(*again)} {form} {self.boolean(*again)})"
            case "!":
                return f"!{self.boolean(*again)}"
            case "?":
                return f"({self.boolean(*again)} ? {self.boolean(*again)} : {self.boolean(*again)})"
            case "number":
                return f"({self.number(*again)} {self._pick('==', '!=', '<', '>=')} {self.number(*again)})"
            case "text":
                return f"({self.text(*again)} {self._pick('==', '!=', '<')} {self.text(*again)})"
            case "in":
                return f"({self.text(*again)} in {self.texts(*again)})"
            case "lists":
                return f"({self.texts(*again)} {self._pick('==', '!=')} {self.texts(*again)})"
            case "quantifier":
                name = f"x{depth}"
                return f"{self.table(*again)}.{self._pick('exists', 'all', 'exists_one')}({name}, {self.boolean(depth - 1, (*rows, name), names)})"
            case "rows":
                name = f"y{depth}"
                return f"{self.texts(*again)}.{self._pick('exists', 'all')}({name}, {self.boolean(depth - 1, rows, (*names, name))})"
            case "matches":
                return f"{self.text(*again)}.{self._pick('startsWith', 'contains')}({self._pick(*_LITERALS)})"
            case "size":
                return f"(size({self.texts(*again)}) {self._pick('==', '>')} {self._pick(0, 1, 2, 3)})"
            case "map":
                name = f"k{depth}"
                return f"labels.{self._pick('exists', 'all')}({name}, {self.boolean(depth - 1, rows, (*names, name))})"
            case "optional":
                return f"(labels.?{self._pick('app', 'zone')}.orValue({self.text(*again)}) == {self.text(*again)})"
            case _ if self._own:
                return str(
                    self._pick(
                        "selects(selector, labels)",
                        f"selects({{'matchLabels': {{'app': {self.text(*again)}}}}}, labels)",
                        f"{self.text(*again)}.matches({self._pick(*_PATTERNS)})",
                        f"({self.texts(*again)}.distinct() == {self.texts(*again)})",
                        f"size({self.texts(*again)}.distinct()) == 2",
                    )
                )
            case _:
                return self.boolean(*again)

    def number(self, depth: int, rows: tuple[str, ...], names: tuple[str, ...]) -> str:
        again = (depth - 1, rows, names)
        leaves = ("n", "0", "1", "2", *(f"{r}.v" for r in rows))
        if depth <= 0:
            return str(self._pick(*leaves))
        match self._pick("leaf", "size", "text", "sum", "index"):
            case "size":
                return f"size({self.texts(*again)})"
            case "text":
                return f"size({self.text(*again)})"
            case "sum":
                return f"({self.number(*again)} + {self.number(*again)})"
            case "index":
                return f"{self.table(*again)}[{self._pick(0, 1)}].v"
            case _:
                return str(self._pick(*leaves))

    def text(self, depth: int, rows: tuple[str, ...], names: tuple[str, ...]) -> str:
        again = (depth - 1, rows, names)
        leaves = ("s", *_LITERALS, "labels.app", *(f"{r}.k" for r in rows), *names)
        if depth <= 0:
            return str(self._pick(*leaves))
        match self._pick("leaf", "leaf", "+", "index", "row"):
            case "+":
                return f"({self.text(*again)} + {self.text(*again)})"
            case "index":
                return f"{self.texts(*again)}[{self._pick(0, 1)}]"
            case "row":
                return f"{self.table(*again)}[{self._pick(0, 1)}].k"
            case _:
                return str(self._pick(*leaves))

    def texts(self, depth: int, rows: tuple[str, ...], names: tuple[str, ...]) -> str:
        again = (depth - 1, rows, names)
        leaves = ("names", "['a', 'b']", "['x']", *(f"{r}.tags" for r in rows))
        if depth <= 0:
            return str(self._pick(*leaves))
        match self._pick("leaf", "map", "filter", "+", "literal", "keys"):
            case "map":
                name = f"z{depth}"
                return f"{self.table(*again)}.map({name}, {self.text(depth - 1, (*rows, name), names)})"
            case "filter":
                name = f"w{depth}"
                return f"{self.texts(*again)}.filter({name}, {self.boolean(depth - 1, rows, (*names, name))})"
            case "+":
                return f"({self.texts(*again)} + {self.texts(*again)})"
            case "literal":
                return f"[{self.text(*again)}, {self.text(*again)}]"
            case "keys":
                name = f"q{depth}"
                return f"{self.table(*again)}.map({name}, {self.boolean(depth - 1, (*rows, name), names)}, {name}.k)"
            case _:
                return str(self._pick(*leaves))

    def table(self, depth: int, rows: tuple[str, ...], names: tuple[str, ...]) -> str:
        if depth <= 0 or self._pick(True, False):
            return "rows"
        name = f"r{depth}"
        return f"{self.table(depth - 1, rows, names)}.filter({name}, {self.boolean(depth - 1, (*rows, name), names)})"


@st.composite
def conditions(draw: Any, own: bool = True) -> str:
    """One condition over `DATA`."""
    return _Writer(draw, own).boolean(draw(st.integers(1, 4)))
