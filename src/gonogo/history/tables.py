"""The tables of a history, as queries see them. `migrations` makes them; a test holds the two together."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table, Text

METADATA = MetaData()


def _text(name: str, *, primary: bool = False) -> Column[str]:
    return Column(name, Text, primary_key=primary, nullable=False)


def _run() -> Column[int]:
    return Column("run", Integer, ForeignKey("gonogo_runs.number", ondelete="CASCADE"), primary_key=True)


SCHEMA = Table("gonogo_schema", METADATA, Column("version", Integer, primary_key=True))
RUNS = Table(
    "gonogo_runs", METADATA, Column("number", Integer, primary_key=True),
    _text("series"), _text("started"), _text("finished"), _text("version"), _text("decision"), _text("inputs"),
)  # fmt: skip
STANDINGS = Table(
    "gonogo_standings", METADATA, _run(), _text("level", primary=True), _text("id", primary=True), _text("verdict"),
    _text("title"), _text("severity"), _text("kind"), _text("subject"), _text("paths"), _text("findings"), _text("files"),
)  # fmt: skip
SIGHTINGS = Table(
    "gonogo_sightings", METADATA, *(_text(name, primary=True) for name in ("series", "level", "id", "verdict")),
    _text("first_seen"), _text("last_seen"), Column("times_seen", Integer, nullable=False),
)  # fmt: skip
BODIES = Table("gonogo_bodies", METADATA, _text("sha256", primary=True), _text("body"))
RESOURCES = Table(
    "gonogo_resources", METADATA, _run(), *(_text(name, primary=True) for name in ("origin", "kind", "name", "environment")), _text("sha256"),
)  # fmt: skip
SURFACES = Table(
    "gonogo_surfaces", METADATA, _run(), Column("position", Integer, primary_key=True),
    _text("scope"), _text("name"), _text("kinds"), Column("complete", Integer, nullable=False),
)  # fmt: skip
GAPS = Table(
    "gonogo_gaps", METADATA, _run(), Column("position", Integer, primary_key=True),
    _text("file"), Column("line", Integer, nullable=False), _text("stage"), _text("reason"), _text("source"), _text("kinds"),
)  # fmt: skip
TOLD = Table("gonogo_told", METADATA, _text("series", primary=True), _text("target", primary=True), Column("run", Integer, nullable=False), _text("tried"))
INCIDENTS = Table(
    "gonogo_incidents", METADATA, *(_text(name, primary=True) for name in ("series", "target", "level", "id")), _text("kind"),
)  # fmt: skip
