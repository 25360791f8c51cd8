"""Whether a middleware of the application's own turns callers without credentials away: it answers 401."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gonogo.model.value import Unknown, Value
from gonogo.sources.application.code.context import Context
from gonogo.sources.application.code.events import Live
from gonogo.sources.application.code.syntax import Node
from gonogo.sources.application.code.values import Function, Literal, Symbol, Symbolic, flat

UNAUTHORIZED = 401
MAX_TEXT = 20_000
# A middleware that asks for the path lets some paths in.
_PATH = re.compile(r"(?i)\b(?:path|originalurl|url|baseurl|requesturi|fullpath|route|method)\b")
_CREDENTIALS = re.compile(r"(?i)authori[sz]ation|credential|api[-_ ]?key|token|cookie|session|bearer|secret")
_MISSING = re.compile(r"\A\(?\s*!\s*[\w.\[\]'\"()?-]{1,200}\)?\Z|={2,3}\s*(?:null|undefined|nil|\"\"|'')")
_BLOCKS = frozenset({"statement_block", "block", "statement_list"})
_ASKS = frozenset({"if_statement", "switch_statement", "expression_switch_statement", "try_statement", "for_statement", "for_in_statement", "while_statement"})


class Guards:
    """Answers for the functions of one application, each looked at once."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._found: dict[Node, tuple[Live, str]] = {}

    def turns_away(self, function: Function, path: Value) -> Live:
        """True where a middleware begins with an answer of 401 to whoever has no credentials, unknown where it answers so to some."""
        if function.node not in self._found:
            self._found[function.node] = self._look(function)
        found, text = self._found[function.node]
        if text and isinstance(path, str) and path.strip("/") and path in text:
            return False
        return found

    def _look(self, function: Function) -> tuple[Live, str]:
        """What a middleware does, and its text where the path decides."""
        answers = [e for e in self._context.events_of([function]) if _says(e.call.arguments)]
        if not answers:
            return False, ""
        text = function.node.text[:MAX_TEXT]
        if _PATH.search(text):
            return Unknown.because("a middleware before it answers 401 to some paths"), text
        if any(_is_first(e.call.node, self._context.libraries.functions) for e in answers):
            return True, ""
        return Unknown.because("a middleware before it answers 401 to some requests"), ""


def _says(arguments: Sequence[Symbolic]) -> bool:
    for argument in arguments:
        for value in flat(argument):
            if isinstance(value, Literal) and value.value == UNAUTHORIZED and not isinstance(value.value, bool):
                return True
            if isinstance(value, Symbol) and value.path.rpartition(".")[2].upper() in ("UNAUTHORIZED", "STATUSUNAUTHORIZED"):
                return True
    return False


def _is_first(answer: Node, functions: frozenset[str]) -> bool:
    """Whether an answer stands under the first condition of its function, and that is that credentials are missing."""
    below = answer
    for node in answer.above():
        if node.type in functions:
            return False
        if node.type == "if_statement":
            block = node.parent
            condition, consequence = node.fields.get("condition"), node.fields.get("consequence")
            if consequence is not below or condition is None or block is None or block.type not in _BLOCKS:
                return False
            earlier = block.children[: block.children.index(node)]
            around = block.parent if block.type != "statement_list" or block.parent is None else block.parent.parent
            outermost = around is not None and around.type in functions
            said = condition.text[:500]
            return outermost and not any(n.type in _ASKS for n in earlier) and _CREDENTIALS.search(said) is not None and _MISSING.search(said) is not None
        below = node
    return False
