"""The reader of migrations."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gonogo.data import data_directory
from gonogo.formats.yaml_reader import read_yaml
from gonogo.kinds.migrations import MIGRATIONS
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Resource, Stage
from gonogo.model.value import Path, Unknown, Value
from gonogo.sources.classify import Format
from gonogo.sources.migrations.starting import Started, started
from gonogo.sources.migrations.ways_back import way_back
from gonogo.sources.tree import Tree, TreeFile, Unreadable

SOURCE = "migrations"
FILE = "tools.yaml"
MAX_PATH = 400
MAX_LINE = 2_000
# How a container, or a script that it starts, runs the migrations of each tool. Pipelines are asked by the rule.
_RUN: Mapping[str, str] = {
    "alembic": r"\balembic\b.*\bupgrade\b|command\.upgrade\(|\bflask\s+db\s+upgrade\b",
    "django": r"manage\.py\s+migrate\b|django-admin\s+migrate\b",
    "prisma": r"\bprisma\s+migrate\s+deploy\b",
    "flyway": r"\bflyway\b.*\bmigrate\b",
    "golang-migrate": r"\bmigrate\b.*\s(?:up|goto)\b",
    "goose": r"\bgoose\b.*\bup\b",
    "dbmate": r"\bdbmate\b.*\b(?:up|migrate)\b",
    "knex": r"\bknex\b.*\bmigrate:(?:latest|up)\b",
    "typeorm": r"\bmigration:run\b",
    "rails": r"\bdb:(?:migrate|prepare)\b",
    "liquibase": r"\bliquibase\b.*\bupdate\b",
}
# What only prints, lists or marks what would be run, as in `ci/tools.yaml`.
_LEAVES_AS_IT_IS = re.compile(r"\s(?:--sql|--plan|--check|--list|--fake|--help|--dry-run|-dryRunOutput\S*)(?:\s|=|$)|\bupdate-(?:sql|one|testing)|\bdb:migrate:(?:status|down|reset|redo|rollback)\b")


class MigrationsSource:
    """Reads the directories of revisions that the table knows."""

    name = SOURCE

    def read(self, tree: Tree) -> Iterator[Resource | Gap]:
        """One `repo/Migrations` for each tool and directory of revisions."""
        data: Any = read_yaml(FILE, (data_directory("rules") / "migrations" / FILE).read_text("utf-8")).documents[0].value
        found = [(row, directory, sorted(revisions)) for row in data["tools"] for directory, revisions in sorted(_directories(tree, row).items())]
        tools = sorted({row["tool"] for row, _, _ in found})
        commands = [*started(tree, re.compile("|".join(_RUN[tool] for tool in tools))), *_templates(tree)] if tools else []
        runs = {tool: _run_by(commands, tool) for tool in tools}
        for row, directory, revisions in found:
            yield from _migrations(tree, row, directory, [path for _, path in revisions], runs[row["tool"]])


def _directories(tree: Tree, row: Mapping[str, Any]) -> dict[str, list[tuple[str, str]]]:
    """The revisions of a tool by their directory, each with what orders it."""
    pattern = re.compile(row["files"])
    found: dict[str, list[tuple[str, str]]] = {}
    for file in tree.files.values():
        if file.in_scope and len(file.path) <= MAX_PATH and (match := pattern.fullmatch(file.path)) and _contains(tree, file, row.get("contains")):
            found.setdefault(match["dir"], []).append((match["key"], file.path))
    return found


def _contains(tree: Tree, file: TreeFile, wanted: str | None) -> bool:
    if wanted is None:
        return True
    try:
        return re.search(wanted, tree.text(file.path), re.M) is not None
    except Unreadable:
        return False


def _migrations(tree: Tree, row: Mapping[str, Any], directory: str, revisions: Sequence[str], run: Location | Unknown | None) -> Iterator[Resource | Gap]:
    try:
        way = way_back(tree, row, revisions)
    except Unreadable as error:
        yield Gap(revisions[-1], 0, Stage.READ, str(error), SOURCE, (MIGRATIONS,))
        return
    run_by: Value = run if isinstance(run, Unknown) else str(run) if run is not None else ""
    attributes: dict[str, Value] = {
        "tool": row["tool"], "directory": directory, "revisions": len(revisions), "latest": way.latest,
        "reversible": way.reversible, "undoing": row.get("undoing", True), "runBy": run_by,
    }  # fmt: skip
    places: dict[Path, Location] = {(): Location(way.latest, 1)}
    if isinstance(run, Location):
        places["runBy",] = run
    yield Resource(MIGRATIONS, f"{row['tool']} {directory}", attributes, places, source=SOURCE)


def _run_by(commands: Sequence[Started], tool: str) -> Location | Unknown | None:
    """Where a container or a script that deploys runs the migrations; unknown where something else decides whether it does."""
    pattern = re.compile(_RUN[tool])
    maybe: Location | None = None
    for command in commands:
        text = command.text[:MAX_LINE]
        if pattern.search(text) and not _LEAVES_AS_IT_IS.search(text):
            if command.certain:
                return command.place
            maybe = maybe or command.place
    return Unknown.because(f"whether {maybe} is run is decided where the container starts") if maybe is not None else None


def _templates(tree: Tree) -> Iterator[Started]:
    """The lines of a chart's templates; comments run nothing."""
    for file in tree.of(Format.HELM_TEMPLATE):
        try:
            lines = tree.text(file.path).splitlines()
        except Unreadable:
            continue  # a gap of the source that reads it
        for number, line in enumerate(lines, start=1):
            if not line.lstrip().startswith(("#", "//")):
                yield Started(line, Location(file.path, number), True)
