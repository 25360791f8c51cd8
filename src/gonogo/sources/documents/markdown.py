"""A Markdown document as its sections, each with what can be counted in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gonogo.sources.documents.words import DocumentWords, folded

if TYPE_CHECKING:
    from markdown_it.token import Token

MAX_NESTING = 50
_TASK = re.compile(r"\[[ xX]\]\s")
_BRACKET = re.compile(r"[\[<{]\s*([^\[\]<>{}()\n]{1,30}?)\s*[\]>}](?![(\[:])")
# A TODO-list, or the TODO list of an application, is filled in.
_BARE = re.compile(r"(?<![\w/-])(?:TBD|TODO|FIXME|XXX+|\?\?\?+)(?![\w/-]|\s+(?:[Ll]ists?|[Ii]tems?|[Aa]pps?|[Cc]omments?)\b)")
# `We use Kubernetes` tells, and tells nobody to do something.
_TELLS = re.compile(r"(?i)(?:we|our team|our company|it|this|they)\s+(?:also\s+)?(?:use|uses|like|likes|love|prefer|have|has|is|are|run on|runs on|don't|do not)\b")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_PERCENT = re.compile(r"(?<![\d.])(9\d(?:\.\d+)?|100)\s?%")
_SHELL = frozenset({"", "sh", "bash", "shell", "console", "zsh", "shell-session", "shellsession", "powershell", "ps1", "cmd", "text"})


@dataclass(slots=True)
class Part:
    """What stands directly below a heading, before the next one. `level` 0 is what stands before the first."""

    level: int
    heading: str
    line: int
    texts: list[str] = field(default_factory=list)
    steps: int = 0
    entries: int = 0
    tasks: int = 0
    commands: list[tuple[str, int]] = field(default_factory=list)
    filled: bool = False
    """Something stands in it that is more than a mark, under a heading that procedures stand below."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with everything below it; the whole document where it has no heading of its own."""

    heading: str
    line: int
    whole: bool
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        return "\n".join(text for part in self.parts for text in part.texts)

    @property
    def opening(self) -> str:
        """Its first paragraph."""
        return next((text for part in self.parts for text in part.texts), "")

    @property
    def lines(self) -> int:
        return sum(1 for part in self.parts for text in part.texts for line in text.split("\n") if line.strip()) + len(self.commands)

    @property
    def headings(self) -> int:
        """Those below its own that hold something."""
        own = next((part for part in self.parts if part.level), None)
        return sum(1 for part in self.parts if part.level and part is not own and part.filled)

    @property
    def steps(self) -> int:
        return sum(part.steps for part in self.parts)

    @property
    def entries(self) -> int:
        return sum(part.entries for part in self.parts) + self.headings

    @property
    def tasks(self) -> int:
        return sum(part.tasks for part in self.parts)

    @property
    def commands(self) -> list[tuple[str, int]]:
        return [command for part in self.parts for command in part.commands]


def parts_of(text: str, words: DocumentWords) -> list[Part]:
    """The parts of a Markdown text, in order."""
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING}).enable("table").disable("inline")
    parts = [Part(0, "", 1)]
    kinds: list[str] = []
    tokens = reader.parse(_front_matter(text))
    for at, token in enumerate(tokens):
        if token.type in ("ordered_list_open", "bullet_list_open"):
            kinds.append(token.type)
        elif token.type in ("ordered_list_close", "bullet_list_close"):
            kinds.pop()
        elif token.type == "list_item_open":
            text = _text_of_item(tokens, at)
            if not words.is_unwritten(text):
                parts[-1].entries += 1
                parts[-1].steps += bool(kinds) and kinds[-1] == "ordered_list_open" and _TELLS.match(text.strip()) is None
        elif token.type == "tr_open":
            parts[-1].entries += 1
        elif token.type in ("fence", "code_block"):
            before = parts[-1].texts[-1:] or [""]
            if not words.says("forbidden", before[0].strip().rpartition("\n")[2][-200:]):
                parts[-1].commands.extend(_commands(token, words))
        elif token.type == "inline":
            _inline(tokens, at, parts, words)
    for part in parts:
        held = [text for text in part.texts if not words.is_unwritten(text)]
        part.filled = bool(held or part.commands) and not words.words["apart"].fullmatch(folded(part.heading).strip(" :#"))
    return parts


def _text_of_item(tokens: Sequence[Token], at: int) -> str:
    """What stands in an item of a list: all of it, where it has several paragraphs or a list of its own."""
    found: list[str] = []
    for token in tokens[at + 1 :]:
        if token.level <= tokens[at].level:
            break
        if token.content:
            found.append(token.content)
    return "\n".join(found)


def sections_of(parts: Sequence[Part]) -> Iterator[Section]:
    """The document as a whole, then each heading with all below it."""
    title = next((part for part in parts if part.level), None)
    first = title if title is not None and title.level == 1 and sum(part.level == 1 for part in parts) == 1 else None
    yield Section(first.heading if first is not None else "", first.line if first is not None else 1, True, tuple(parts))
    for at, part in enumerate(parts):
        if part.level and part is not first:
            end = next((n for n in range(at + 1, len(parts)) if 0 < parts[n].level <= part.level), len(parts))
            yield Section(part.heading, part.line, False, tuple(parts[at:end]))


def placeholders(section: Section, words: DocumentWords) -> list[str]:
    """What was never filled in."""
    text = section.text
    found = [m[0] for m in _BRACKET.finditer(text) if words.words["placeholder"].fullmatch(m[1].strip().casefold())]
    return list(dict.fromkeys([*found, *_BARE.findall(text)]))


def objective(text: str) -> str:
    """The highest availability that a text states, in percent; `` where there is none."""
    return max((m[1] for m in _PERCENT.finditer(text)), key=float, default="")


def _inline(tokens: Sequence[Token], at: int, parts: list[Part], words: DocumentWords) -> None:
    token, before = tokens[at], tokens[at - 1]
    text = _COMMENT.sub("", token.content)
    line = (token.map[0] if token.map else 0) + 1
    if before.type == "heading_open":
        parts.append(Part(int(before.tag[1:]), text.strip(), line))
        return
    if _TASK.match(token.content) and not words.is_unwritten(token.content):
        parts[-1].tasks += 1
    if text.strip():
        parts[-1].texts.append(text)


def _commands(token: Token, words: DocumentWords) -> Iterator[tuple[str, int]]:
    """The lines of a code block that run a tool. Output and configuration are none."""
    language = (token.info or "").strip().split(" ")[0].lower()
    start = (token.map[0] if token.map else 0) + (2 if token.type == "fence" else 1)
    if language not in _SHELL:
        return
    for number, line in enumerate(token.content.split("\n")):
        if words.commands.match(line.strip()):
            yield line.strip()[:200], start + number


def _front_matter(text: str) -> str:
    """`text` with YAML front matter emptied: CommonMark would read its last line as the underline of a heading."""
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        return text
    end = next((n for n, line in enumerate(lines[1:200], 1) if line.rstrip() in ("---", "...")), 0)
    return "\n".join([""] * (end + 1) + lines[end + 1 :]) if end else text
