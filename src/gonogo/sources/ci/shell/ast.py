"""The syntax tree of a shell script. Lines are offsets into the script's text; a `Script` turns them into file lines."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Literal:
    text: str


@dataclass(frozen=True, slots=True)
class Variable:
    """`$NAME`, `${NAME}` or `${NAME:-default}`; `source` is the text as it was written."""

    name: str
    source: str
    default: Word | None = None
    quoted: bool = False
    plain: bool = True
    """False where an operator (`${X%.*}`, `${#X}`) makes another value of it."""


@dataclass(frozen=True, slots=True)
class Substitution:
    """`$(…)`, backticks or `<(…)`: commands whose output is not known."""

    body: Block
    source: str


@dataclass(frozen=True, slots=True)
class Foreign:
    """An expression of the CI system, `${{ … }}`, which it replaces before any shell sees it."""

    expression: str
    source: str
    quoted: bool = False


Part: TypeAlias = Literal | Variable | Substitution | Foreign


@dataclass(frozen=True, slots=True)
class Word:
    parts: tuple[Part, ...]
    offset: int

    @property
    def plain(self) -> str | None:
        """The text of a word that is all literal; None for others."""
        if all(isinstance(part, Literal) for part in self.parts):
            return "".join(part.text for part in self.parts if isinstance(part, Literal))
        return None


@dataclass(frozen=True, slots=True)
class Assignment:
    name: str
    value: Word
    items: tuple[Word, ...] | None = None
    """The members where an array is assigned."""
    append: bool = False


@dataclass(slots=True)
class HereDocument:
    """The text that is fed to a command; filled in when the lines below it are reached."""

    delimiter: str
    strip_tabs: bool
    text: str = ""
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Simple:
    assignments: tuple[Assignment, ...]
    words: tuple[Word, ...]
    offset: int
    here: tuple[HereDocument, ...] = ()


@dataclass(frozen=True, slots=True)
class Pipeline:
    parts: tuple[Node, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class AndOr:
    first: Node
    rest: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A list of statements; the flag marks one that runs in the background."""

    statements: tuple[tuple[Node, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class If:
    condition: Block
    then: Block
    otherwise: Block = field(default_factory=Block)


@dataclass(frozen=True, slots=True)
class Loop:
    body: Block
    condition: Block = field(default_factory=Block)
    variable: str = ""
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    branches: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Function:
    name: str
    body: Node


@dataclass(frozen=True, slots=True)
class Group:
    """`( … )` and `{ …; }`."""

    body: Block
    subshell: bool


Node: TypeAlias = Simple | Pipeline | AndOr | If | Loop | Case | Function | Group
