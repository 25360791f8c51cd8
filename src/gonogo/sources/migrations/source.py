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
from gonogo.model.value import Path, Value
from gonogo.sources.classify import Format
from gonogo.sources.migrations.ways_back import way_back
from gonogo.sources.tree import Tree, TreeFile, Unreadable

SOURCE = "migrations"
FILE = "tools.yaml"
MAX_PATH = 400
# How an image or a script that it starts runs the migrations of each tool. Pipelines are asked by the rule.
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


class MigrationsSource:
    """Reads the directories of revisions that the table knows."""

    name = SOURCE

    def read(self, tree: Tree) -> Iterator[Resource | Gap]:
        """One `repo/Migrations` for each tool and directory of revisions."""
        data: Any = read_yaml(FILE, (data_directory("rules") / "migrations" / FILE).read_text("utf-8")).documents[0].value
        for row in data["tools"]:
            for directory, revisions in sorted(_directories(tree, row).items()):
                yield from _migrations(tree, row, directory, [path for _, path in sorted(revisions)])


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


def _migrations(tree: Tree, row: Mapping[str, Any], directory: str, revisions: Sequence[str]) -> Iterator[Resource | Gap]:
    try:
        way = way_back(tree, row, revisions)
    except Unreadable as error:
        yield Gap(revisions[-1], 0, Stage.READ, str(error), SOURCE, (MIGRATIONS,))
        return
    run = _run_by(tree, row["tool"])
    attributes: dict[str, Value] = {
        "tool": row["tool"], "directory": directory, "revisions": len(revisions), "latest": way.latest,
        "reversible": way.reversible, "undoing": row.get("undoing", True), "runBy": str(run) if run is not None else "",
    }  # fmt: skip
    places: dict[Path, Location] = {(): Location(way.latest, 1)}
    if run is not None:
        places["runBy",] = run
    yield Resource(MIGRATIONS, f"{row['tool']} {directory}", attributes, places, source=SOURCE)


def _run_by(tree: Tree, tool: str) -> Location | None:
    """Where an image, a script or a compose file of the repository runs the migrations; comments do not."""
    pattern = re.compile(_RUN[tool])
    for file in tree.of(Format.DOCKERFILE, Format.SHELL, Format.COMPOSE, Format.KUBERNETES, Format.HELM_TEMPLATE):
        try:
            lines = tree.text(file.path).splitlines()
        except Unreadable:
            continue  # a gap of the source that reads it
        for number, line in enumerate(lines, start=1):
            if not line.lstrip().startswith(("#", "//")) and len(line) < 2_000 and pattern.search(line):
                return Location(file.path, number)
    return None
