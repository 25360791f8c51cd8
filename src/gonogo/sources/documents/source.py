"""The reader of documents."""

from __future__ import annotations

from collections.abc import Iterator

from gonogo.kinds.documents import DOCUMENT, SECTION
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Resource, Stage
from gonogo.model.value import Path, Value
from gonogo.sources.documents.markdown import Section, objective, parts_of, placeholders, sections_of
from gonogo.sources.documents.words import DocumentWords, load_words, states_time
from gonogo.sources.tree import Tree, TreeFile, Unreadable

SOURCE = "documents"
MAX_DOCUMENTS = 5_000
MAX_BYTES = 1024 * 1024
_MARKDOWN = (".md", ".markdown", ".mdx")
_OTHERS = (".rst", ".adoc", ".asciidoc", ".org")
_DOCS = frozenset({"docs", "doc", "documentation", ".github", "runbooks", "runbook", "ops", "operations"})
# What was weighed, planned or learnt says nothing of what is done.
_THOUGHTS = frozenset({"adr", "adrs", "decisions", "design", "designs", "proposals", "rfc", "rfcs", "tutorial", "tutorials", "blog"})
# What is written for others, or is not written by the team.
_ELSEWHERE = frozenset({
    "node_modules", "vendor", "third_party", "third-party", "site-packages", ".venv", "venv", "testdata", "fixtures", "__fixtures__", "templates",
    "example", "examples", "sample", "samples", "archive", "archived", "attic",
})  # fmt: skip


class DocumentSource:
    """Reads the Markdown documents that git tracks, with what their sections hold."""

    name = SOURCE

    def read(self, tree: Tree) -> Iterator[Resource | Gap]:
        """One `repo/Document` for each, and one `repo/DocumentSection` for each role that a section of it has."""
        words = load_words()
        wanted = [f for _, f in sorted(tree.files.items()) if f.name.lower().endswith((*_MARKDOWN, *_OTHERS)) and (f.tracked or not tree.is_git)]
        own = [f for f in wanted if not _ELSEWHERE & set(f.directory.split("/"))]
        if len(own) > MAX_DOCUMENTS:
            yield Gap("", 0, Stage.READ, f"{len(own)} documents are over the limit of {MAX_DOCUMENTS}", SOURCE, (DOCUMENT, SECTION))
        for file in own[:MAX_DOCUMENTS]:
            yield from _document(tree, file, words)


def _document(tree: Tree, file: TreeFile, words: DocumentWords) -> Iterator[Resource | Gap]:
    if file.size > MAX_BYTES or not file.name.lower().endswith(_MARKDOWN):
        # A document about something else in a format that is not read leaves nothing open.
        if words.roles_of(file.name.rpartition(".")[0]):
            reason = f"a document of {file.size} bytes is not read" if file.size > MAX_BYTES else "only Markdown documents are read"
            yield Gap(file.path, 0, Stage.READ, reason, SOURCE, (DOCUMENT, SECTION))
        return
    try:
        text = tree.text(file.path)
    except Unreadable as error:
        yield Gap(file.path, 0, Stage.READ, str(error), SOURCE, (DOCUMENT, SECTION))
        return
    parts = parts_of(text, words)
    whole, *sections = sections_of(parts)
    yield _resource(file, whole, words)
    by_name = words.roles_of(file.name.rpartition(".")[0]) + words.roles_of(whole.heading)
    for role in dict.fromkeys(by_name):
        yield _section(file, whole, role, words)
    for section in sections:
        for role in words.roles_of(section.heading):
            if role not in by_name and not words.excepts(role, file.name):
                yield _section(file, section, role, words)


def _resource(file: TreeFile, whole: Section, words: DocumentWords) -> Resource:
    unfilled = placeholders(whole, words)
    attributes: dict[str, Value] = {
        "path": file.path, "name": file.name, "place": _place(file), "title": whole.heading, "lines": whole.lines,
        "headings": sum(1 for part in whole.parts if part.level), "tasks": whole.tasks, "stub": bool(unfilled) and whole.lines <= 3 + len(unfilled),
    }  # fmt: skip
    return Resource(DOCUMENT, file.path, attributes, {(): Location(file.path, 1)}, source=SOURCE)


def _place(file: TreeFile) -> str:
    """Documents of a part of a repository are about that part."""
    directories = file.directory.lower().split("/")
    if not file.directory:
        return "root"
    # GitHub shows what lies directly in .github; what lies deeper is about a workflow or a tool.
    if directories[0] == ".github" and len(directories) > 1:
        return "elsewhere"
    return "docs" if directories[0] in _DOCS and not _THOUGHTS.intersection(directories) else "elsewhere"


def _section(file: TreeFile, section: Section, role: str, words: DocumentWords) -> Resource:
    text = words.affirmed(section.text)
    commands = section.commands
    deploying = [(command, line) for command, line in commands if words.deploys.search(command)]
    going_back = [(command, line) for command, line in commands if words.rollbacks.search(command)]
    attributes: dict[str, Value] = {
        "document": file.path,
        "place": _place(file),
        "role": role,
        "heading": section.heading,
        "whole": section.whole,
        "lines": section.lines,
        "headings": section.headings,
        "steps": section.steps,
        "entries": section.entries,
        "tasks": section.tasks,
        "commands": [command for command, _ in commands],
        "deploys": [command for command, _ in deploying],
        "rollbacks": [command for command, _ in going_back],
        "denied": words.denies(role, section.opening),
        "placeholders": list[Value](placeholders(section, words)),
        "severity": words.says("severity", text),
        "severityLimits": words.with_time("severity", text),
        "roles": words.says("roles", text),
        "communication": words.says("communication", text),
        "timeLimit": states_time(text),
        "recoveryTime": words.with_time("recovery_time", text),
        "recoveryPoint": words.with_time("recovery_point", text),
        "objective": objective(text),
        "window": words.says("window", text) and words.says("availability", f"{section.heading} {text}"),
    }
    places: dict[Path, Location] = {(): Location(file.path, section.line)}
    for key, lines in (("commands", commands), ("deploys", deploying), ("rollbacks", going_back)):
        for number, (_, line) in enumerate(lines):
            places[key, number] = Location(file.path, line)
    name = f"{file.path}#{role}" if section.whole else f"{file.path}#{section.heading}#{role}"
    return Resource(SECTION, name, attributes, places, source=SOURCE)
