"""GitHub's expressions, `${{ … }}`: replaced where their value stands in the repository, conditions decided where they can be.

https://docs.github.com/actions/reference/workflows-and-actions/expressions
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from gonogo.model.value import Unknown, Value
from gonogo.sources.ci.shell.run import Text
from gonogo.sources.ci.tools import Answer

_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.S)
_TOKEN = re.compile(r"\s*(?:('(?:[^']|'')*')|(&&|\|\||==|!=|<=|>=|[<>!(),\[\]])|([A-Za-z_][\w.*-]*)|(-?\d+(?:\.\d+)?))")
MAX_TOKENS = 500


@dataclass(frozen=True, slots=True)
class Free:
    """A value that differs from run to run: some run has the one that is needed. `boolean`: it is true or false."""

    boolean: bool = False


FREE = Free()
EITHER = Free(boolean=True)
_Result: TypeAlias = "str | bool | float | None | Free | Unknown"


@dataclass(frozen=True, slots=True)
class Scope:
    """The contexts of an expression: `values` maps lower-case dotted names to what they are known to be."""

    values: Mapping[str, str] = field(default_factory=dict)
    events: frozenset[str] = frozenset()

    def with_values(self, more: Mapping[str, str]) -> Scope:
        return replace(self, values={**self.values, **{name.lower(): value for name, value in more.items()}})

    def resolve(self, expression: str) -> str | None:
        """The text of an expression; None where it is not known. A condition that some run meets is true."""
        try:
            result = _Evaluator(expression, self).whole()
        except (_Unclear, RecursionError):
            return None
        if isinstance(result, Free):
            return "true" if result.boolean else None
        if isinstance(result, Unknown):
            return None
        if isinstance(result, bool):
            return "true" if result else "false"
        if isinstance(result, float):
            return f"{result:g}"
        return "" if result is None else result

    def expand(self, value: Value) -> Text:
        """A string with every expression in it replaced that can be."""
        if isinstance(value, bool):
            return Text("true" if value else "false")
        text = "" if value is None else str(value)
        known = True

        def replaced(match: re.Match[str]) -> str:
            nonlocal known
            found = self.resolve(match.group(1).strip())
            if found is None:
                known = False
                return match.group()
            return found

        return Text(_EXPRESSION.sub(replaced, text), known) if "${{" in text else Text(text)

    def condition(self, value: Value) -> Answer:
        """Whether an `if:` can be met: False where never, Unknown where a setting outside the repository decides."""
        if value is None or value is True:
            return True
        if value is False:
            return False
        text = str(value).strip()
        whole = _EXPRESSION.fullmatch(text)
        if whole is None and "${{" in text:
            # Text around an expression makes a string that is never empty, hence true: GitHub warns of it.
            return True
        try:
            result = _Evaluator(whole.group(1) if whole else text, self).whole()
        except (_Unclear, RecursionError):
            return True
        if isinstance(result, Unknown):
            return result
        return True if isinstance(result, Free) else _truth(result)


class _Unclear(Exception):
    """The expression uses what is not understood here."""


class _Evaluator:
    def __init__(self, text: str, scope: Scope) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0
        self._scope = scope

    def whole(self) -> _Result:
        result = self._or()
        if self._at != len(self._tokens):
            raise _Unclear
        return result

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        if not token:
            raise _Unclear
        self._at += 1
        return token

    def _or(self) -> _Result:
        left = self._and()
        while self._peek() == "||":
            self._next()
            right = self._and()
            if isinstance(left, Free | Unknown):
                # Either may be it. A definite truth on the right makes the condition true, not the value.
                boolean = _boolean(left) and _boolean(right)
                left = Free(boolean) if isinstance(left, Free) or right is True or isinstance(right, Free) else left
            elif not _truth(left):
                left = right
        return left

    def _and(self) -> _Result:
        left = self._comparison()
        while self._peek() == "&&":
            self._next()
            right = self._comparison()
            if isinstance(left, Free | Unknown):
                if not isinstance(right, Free | Unknown) and not _truth(right):
                    left = False
                elif isinstance(right, Unknown):
                    left = right
                elif isinstance(left, Free):
                    left = Free(_boolean(right))
            elif _truth(left):
                left = right
        return left

    def _comparison(self) -> _Result:
        start = self._at
        left = self._unary()
        operator = self._peek()
        if operator not in ("==", "!=", "<", ">", "<=", ">="):
            return left
        name = self._tokens[start].lower() if self._at == start + 1 else ""
        self._next()
        right = self._unary()
        if name == "github.event_name" and isinstance(right, str) and self._scope.events and operator in ("==", "!="):
            if operator == "==":
                return EITHER if right in self._scope.events else False
            return False if self._scope.events == {right} else EITHER
        for side in (left, right):
            if isinstance(side, Unknown):
                return side
        if isinstance(left, Free) or isinstance(right, Free):
            return EITHER
        if operator in ("==", "!="):
            same = _text(left).lower() == _text(right).lower()
            return same if operator == "==" else not same
        return EITHER

    def _unary(self) -> _Result:
        if self._peek() == "!":
            self._next()
            inner = self._unary()
            if isinstance(inner, Free):
                return EITHER
            return inner if isinstance(inner, Unknown) else not _truth(inner)
        return self._primary()

    def _primary(self) -> _Result:
        token = self._next()
        if token == "(":
            inner = self._or()
            if self._next() != ")":
                raise _Unclear
            return inner
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        if re.match(r"-?\d", token):
            return float(token)
        if self._peek() == "(":
            return self._call(token.lower())
        name = token.lower()
        while self._peek() == "[":
            self._next()
            key = self._or()
            if self._next() != "]":
                raise _Unclear
            name = f"{name}.{_text(key).lower()}" if not isinstance(key, Free | Unknown) else ""
        return self._named(name)

    def _named(self, name: str) -> _Result:
        if name in ("true", "false"):
            return name == "true"
        if name == "null":
            return None
        held = self._scope.values.get(name)
        if held is not None:
            return held
        if name.startswith(("vars.", "secrets.")):
            return Unknown.because(f"it depends on `{name}`, a setting of the repository")
        return FREE

    def _call(self, name: str) -> _Result:
        self._next()
        arguments: list[_Result] = []
        while self._peek() != ")":
            arguments.append(self._or())
            if self._peek() == ",":
                self._next()
        self._next()
        if name in ("always", "success"):
            return True
        unclear = next((a for a in arguments if isinstance(a, Unknown)), None) or next((a for a in arguments if isinstance(a, Free)), None)
        if unclear is not None or name in ("failure", "cancelled", "hashfiles"):
            if isinstance(unclear, Unknown):
                return unclear
            return EITHER if name in ("contains", "startswith", "endswith", "failure", "cancelled") else FREE
        texts = [_text(a) for a in arguments]
        if name == "contains" and len(texts) == 2:
            return texts[1].lower() in texts[0].lower()
        if name == "startswith" and len(texts) == 2:
            return texts[0].lower().startswith(texts[1].lower())
        if name == "endswith" and len(texts) == 2:
            return texts[0].lower().endswith(texts[1].lower())
        if name == "format" and texts:
            return re.sub(r"\{(\d+)\}", lambda m: texts[int(m.group(1)) + 1] if int(m.group(1)) + 1 < len(texts) else "", texts[0])
        return FREE


def _tokens(text: str) -> Iterator[str]:
    at = count = 0
    text = text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        count += 1
        if not found or count > MAX_TOKENS:
            raise _Unclear
        yield next(group for group in found.groups() if group is not None)
        at = found.end()


def _boolean(value: _Result) -> bool:
    return isinstance(value, bool) or (isinstance(value, Free) and value.boolean)


def _truth(value: _Result) -> bool:
    return bool(value) and value != "false" if isinstance(value, str) else bool(value)


def _text(value: _Result) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:g}"
    return value if isinstance(value, str) else ""
