"""Markdown task lists to items.

markdown-it-py (CommonMark and tables) finds the structure; a box is what GitHub's task-list extension takes: `[ ]`, `[x]`
or `[X]` and a space at the start of a list item's first paragraph (GFM spec 5.3). Boxes in table cells are read too,
because teams write them although GitHub does not draw them. Every other box-like line becomes a note: none is dropped in
silence.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.checklist.errors import ChecklistError
from gonogo.checklist.normalise import normalise, section_name
from gonogo.checklist.optional import is_optional, is_optional_section
from gonogo.model.checklist import Checklist, Item

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

MAX_BYTES = 1024 * 1024
MAX_ITEMS = 10_000
MAX_INLINE = 2_000
MAX_NESTING = 100
MAX_CONTEXT = 200

_BOX = re.compile(r"\[([ xX])\](?:\s+|$)")
_ODD_BOX = re.compile(r"\[([^\w\s\[\]]|[vVoO])\]\s+\S")
_BOX_LINE = re.compile(r"^[ \t>]*(?:[-*+]|\d{1,9}[.)])?[ \t]*\[[ xX]\](?![(\[:])", re.MULTILINE)
_LISTED_BOX_LINE = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)+\[[ xX]\][ \t]+\S")
_DIRECTIVE = re.compile(r"<!--\s*gonogo\s*:(.*?)-->", re.DOTALL)
_NEAR_DIRECTIVE = re.compile(r"<!--\s*gonogo\b(?!\s*:)", re.DOTALL)
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_GLYPH = re.compile("[✅❌⬜☐☑☒✔✓✗✘]|:white_check_mark:|:x:")
_FRONT_MATTER_LINES = 200


def read_checklist(path: Path, root: Path) -> Checklist:
    """The checklist at `path`, named relative to `root` where it lies below it. Raises `ChecklistError`."""
    shown = _shown(path, root)
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except IsADirectoryError as error:
        raise ChecklistError(f"{shown}: is a directory; name a Markdown file") from error
    except OSError as error:
        raise ChecklistError(f"{shown}: cannot be read: {error.strerror or error}") from error
    if len(data) > MAX_BYTES:
        raise ChecklistError(f"{shown}: is larger than {MAX_BYTES // 1024} KiB; split the checklist")
    return parse_checklist(_decode(data, shown), shown)


def parse_checklist(text: str, file: str) -> Checklist:
    """The checklist in `text`; `file` is what its items are said to come from."""
    text = _blank_front_matter(text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"))
    reader = _Reader(file, _block_parser(), _inline_parser())
    reader.read(text)
    reader.check_nothing_lost(text)
    return Checklist(file, tuple(_items(reader.drafts, file)), tuple(sorted(set(reader.notes))))


def _shown(path: Path, root: Path) -> str:
    try:
        return path.resolve().relative_to(root.resolve()).as_posix()
    except (ValueError, OSError):
        return str(path)


def _decode(data: bytes, shown: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ChecklistError(f"{shown}: is UTF-16; save it as UTF-8")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ChecklistError(f"{shown}:{line}: is not UTF-8 (byte 0x{data[error.start]:02x}); save it as UTF-8") from error
    if "\0" in text:
        raise ChecklistError(f"{shown}: is a binary file; name a Markdown file")
    return text


def _blank_front_matter(text: str) -> str:
    """`text` with YAML front matter emptied: CommonMark would read its last line as the underline of a heading."""
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        return text
    for at, line in enumerate(lines[1:_FRONT_MATTER_LINES], 1):
        if line.rstrip() in ("---", "..."):
            return "\n".join([""] * (at + 1) + lines[at + 1 :])
    return text


def _block_parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    # Inline parsing is the slow part and is wanted of headings and items only.
    return MarkdownIt("commonmark", {"maxNesting": MAX_NESTING}).enable("table").disable("inline")


def _inline_parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable("strikethrough")


@dataclass(slots=True)
class _Draft:
    headings: tuple[_Heading, ...]
    parents: tuple[str, ...]
    text: str
    line: int
    claimed: bool
    optional: bool
    directives: list[str]


@dataclass(slots=True)
class _Heading:
    level: int
    name: str
    optional: bool
    directives: list[str]
    fresh: bool = True
    """No item has followed yet: a directive below the heading is the section's default."""


@dataclass(slots=True)
class _ListItem:
    text: str = ""
    draft: _Draft | None = None


@dataclass(slots=True)
class _Cell:
    content: str
    line: int


@dataclass(slots=True)
class _Reader:
    file: str
    blocks: MarkdownIt
    inline: MarkdownIt
    drafts: list[_Draft] = field(default_factory=list)
    notes: list[tuple[int, str]] = field(default_factory=list)
    headings: list[_Heading] = field(default_factory=list)
    list_items: list[_ListItem] = field(default_factory=list)
    row: list[_Cell] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)
    glyphs: int = 0
    _env: dict[str, object] = field(default_factory=dict)

    def read(self, text: str) -> None:
        tokens = self.blocks.parse(text, self._env)
        for at, token in enumerate(tokens):
            self._token(token, tokens[at - 1] if at else None, tokens[at - 2] if at > 1 else None)
            if len(self.drafts) > MAX_ITEMS:
                raise ChecklistError(f"{self.file}: has more than {MAX_ITEMS} items; split the checklist")
        self.glyphs = len(_GLYPH.findall(text))
        if not self.drafts:
            found = f", but {self.glyphs} status symbols such as ✅" if self.glyphs else ""
            self.notes.append((1, f"no task-list item (`- [ ] …`) was found{found}"))

    def check_nothing_lost(self, text: str) -> None:
        """Note every listed box that no item and no note accounts for: the parser skips what nests too deep."""
        for line, content in enumerate(text.split("\n"), 1):
            if line not in self.seen and _LISTED_BOX_LINE.match(content):
                self.notes.append((line, "a box on this line was not read and is not counted"))

    def _token(self, token: Token, before: Token | None, before_that: Token | None) -> None:
        kind = token.type
        if kind == "list_item_open":
            self.list_items.append(_ListItem())
        elif kind == "list_item_close":
            self.list_items.pop()
        elif kind in ("fence", "code_block"):
            self._unread(token, "in a code block")
        elif kind == "html_block":
            self._html(token)
        elif kind == "tr_open":
            self.row = []
        elif kind == "tr_close":
            self._row()
        elif kind == "inline" and before is not None:
            line = token.map[0] + 1 if token.map else 0
            if before.type == "heading_open":
                self._heading(token.content, int(before.tag[1:]))
            elif before.type in ("td_open", "th_open"):
                self.row.append(_Cell(token.content, line))
            elif before.type == "paragraph_open" and before_that is not None and before_that.type == "list_item_open":
                self._list_text(token, line)
            else:
                self._unread(token, "outside a list")
                self._stray(_DIRECTIVE.findall(token.content), line)

    def _heading(self, content: str, level: int) -> None:
        text, directives = self._plain(content)
        while self.headings and self.headings[-1].level >= level:
            self.headings.pop()
        name = section_name(text)
        self.headings.append(_Heading(level, name, is_optional_section(text), directives))

    def _list_text(self, token: Token, line: int) -> None:
        box = _BOX.match(token.content)
        if box is None:
            if _ODD_BOX.match(token.content):
                self.notes.append((line, f"`{token.content[:3]}` is neither ticked nor open; the line is not counted"))
            elif _BOX_LINE.match(token.content):
                self._unread(token, "without a space after it")
            self.list_items[-1].text = self._plain(token.content[:MAX_INLINE])[0][:MAX_CONTEXT]
            return
        self._add(token.content[box.end() :], box.group(1) != " ", line, self.list_items[-1])

    def _add(self, content: str, claimed: bool, line: int, owner: _ListItem | None) -> None:
        self.seen.add(line)
        text, directives = self._plain(content)
        if not text:
            self.notes.append((line, "a box without a text is not counted"))
            return
        around = self.list_items[:-1] if owner is not None else self.list_items
        optional = (
            is_optional(text)
            or any(h.optional for h in self.headings)
            or any(p.draft.optional if p.draft else is_optional_section(p.text) for p in around)
        )
        parents = tuple(p.text for p in around if p.text)
        draft = _Draft(tuple(self.headings), parents, text, line, claimed, optional, directives)
        self.drafts.append(draft)
        if owner is not None:
            owner.draft, owner.text = draft, text[:MAX_CONTEXT]
        for heading in self.headings:
            heading.fresh = False

    def _row(self) -> None:
        boxes = [(cell, _BOX.match(cell.content)) for cell in self.row]
        with_text = [(c, m) for c, m in boxes if m is not None and c.content[m.end() :].strip()]
        bare = [(c, m) for c, m in boxes if m is not None and not c.content[m.end() :].strip()]
        for cell, match in with_text:
            if len(_BREAK.split(cell.content)) > 1 and any(_BOX.match(p.strip()) for p in _BREAK.split(cell.content)[1:]):
                self.notes.append((cell.line, "several boxes in one table cell: only the first is counted"))
                content = _BREAK.split(cell.content)[0]
            else:
                content = cell.content
            self._add(content[match.end() :], match.group(1) != " ", cell.line, None)
        if len(bare) == 1 and not with_text:
            cell, match = bare[0]
            text = next((c.content for c in self.row if c is not cell and c.content.strip()), "")
            others = (c.content for c in self.row if c.content != text)
            directives = "".join(m.group(0) for content in others for m in _DIRECTIVE.finditer(content))
            self._add(text + directives, match.group(1) != " ", cell.line, None)
        elif bare:
            self.notes.append((bare[0][0].line, "several boxes in one table row: those without a text are not counted"))
        self.seen.update(cell.line for cell in self.row)

    def _html(self, token: Token) -> None:
        line = token.map[0] + 1 if token.map else 0
        self._near(token.content, line)
        directives = [d.strip() for d in _DIRECTIVE.findall(token.content)]
        owner = self.list_items[-1].draft if self.list_items else None
        if owner is not None:
            owner.directives.extend(directives)
        else:
            self._stray(directives, line)
        self._unread(token, "in an HTML block")

    def _stray(self, directives: Sequence[str], line: int) -> None:
        """A directive that stands on no item: the default of the section that it opens, else unused."""
        if directives and self.headings and self.headings[-1].fresh and not self.list_items:
            self.headings[-1].directives.extend(d.strip() for d in directives)
        elif directives:
            self.notes.append((line, "a gonogo comment that stands neither on an item nor directly below a heading is not used"))

    def _near(self, content: str, line: int) -> None:
        if _NEAR_DIRECTIVE.search(content):
            self.notes.append((line, "a comment that starts with gonogo but not with `gonogo:` is not used"))

    def _unread(self, token: Token, where: str) -> None:
        """Note the box-like lines of a block that holds no items."""
        first = token.map[0] + 1 if token.map else 0
        self.seen.update(range(first, (token.map[1] if token.map else 0) + 1))
        offset = 1 if token.type == "fence" else 0
        found = _BOX_LINE.search(token.content)
        if found is not None:
            boxes = sum(1 for _ in _BOX_LINE.finditer(token.content))
            line = first + offset + token.content.count("\n", 0, found.end())
            self.notes.append((line, f"{'a box' if boxes == 1 else f'{boxes} boxes'} {where}: not counted"))

    def _plain(self, content: str) -> tuple[str, list[str]]:
        """The text of a paragraph without markup, and its directives."""
        found: list[str] = []
        if len(content) > MAX_INLINE:
            return " ".join(content[:MAX_INLINE].split()), found
        parts: list[str] = []
        for token in self.inline.parseInline(content, self._env):
            for child in token.children or ():
                self._inline(child, parts, found)
        return " ".join("".join(parts).split()), found

    def _inline(self, token: Token, parts: list[str], directives: list[str]) -> None:
        if token.type in ("text", "code_inline", "text_special"):
            parts.append(token.content)
        elif token.type in ("softbreak", "hardbreak"):
            parts.append(" ")
        elif token.type == "image":
            for child in token.children or ():
                self._inline(child, parts, directives)
        elif token.type == "html_inline":
            directives.extend(d.strip() for d in _DIRECTIVE.findall(token.content))
            parts.append(" " if _BREAK.match(token.content) else "")


def _items(drafts: Sequence[_Draft], file: str) -> Iterator[Item]:
    """The finished items. A sole top-level heading is the document's title and no part of an item's identity."""
    titles = {id(h) for d in drafts for h in d.headings if h.level == 1}
    seen: Counter[tuple[str, ...]] = Counter()
    for draft in drafts:
        path = [h.name for h in draft.headings if not (h.level == 1 and len(titles) == 1)]
        key = (normalise(draft.text), *(normalise(name) for name in (*path, *draft.parents)))
        identifier = item_id(key, seen[key])
        seen[key] += 1
        section = tuple(name for name in (*(h.name for h in draft.headings), *draft.parents) if name)
        directive = ", ".join(draft.directives) or next(
            (", ".join(h.directives) for h in reversed(draft.headings) if h.directives), ""
        )
        yield Item(identifier, section, draft.text, file, draft.line, draft.claimed, draft.optional, directive)


def item_id(key: Sequence[str], ordinal: int) -> str:
    """The id of the `ordinal`-th item with this normalised text and heading path."""
    return hashlib.sha256("\0".join([*key, str(ordinal)]).encode("utf-8", "surrogatepass")).hexdigest()[:12]
