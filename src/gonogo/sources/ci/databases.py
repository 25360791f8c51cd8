"""Whether a job works on a database of its own, which is gone with it: what is migrated there is a test."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from gonogo.model.value import Unknown, Value
from gonogo.sources.ci.steps import Observation

STARTS = "databaseStart"
"""What a step does that starts one; no practice that anybody asks for."""
_IMAGE = re.compile(r"(?:^|/)(?:postg|pgvector|timescale|mysql|mariadb|percona|mongo|mssql|cockroach|oracle|sqlserver|db2|spanner)", re.I)
_NAME = re.compile(r"DATABASE|(?:^|_)DB(?:_|$)|POSTGRES|MYSQL|(?:^|_)PG|SQLALCHEMY|JDBC|FLYWAY|LIQUIBASE|GOOSE")
_LOCAL = re.compile(r"(?:^|[@/])(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?:[:/]|$)|^sqlite|:memory:")
MAX_VALUE = 2_000


def image_names(services: Value) -> tuple[str, ...]:
    """The images of the services beside a job: a table of them by name (GitHub), or a list (GitLab)."""
    rows = services.values() if isinstance(services, Mapping) else services if isinstance(services, list) else ()
    names = (row if isinstance(row, str) else (row.get("image") or row.get("name")) if isinstance(row, Mapping) else None for row in rows)
    return tuple(name for name in names if isinstance(name, str))


def own_databases(observations: Iterable[Observation]) -> dict[int, Unknown]:
    """Of the migrations among the observations, by their number: why it is not told that they are run on more than a database of the job's own."""
    started: dict[tuple[str, str], str] = {}
    found: dict[int, Unknown] = {}
    for number, observation in enumerate(observations):
        job = (observation.job.pipeline, observation.job.name)
        if observation.purpose.does.get(STARTS) is True:
            started.setdefault(job, str(observation.at))
        if "migration" not in observation.purpose.does or observation.job.environment is not None:
            continue
        service = next((image for image in observation.job.services if _IMAGE.search(image)), "")
        if service or job in started:
            found[number] = Unknown.because(f"the job starts a database of its own ({service[:100] or started[job]}), and whether the migrations go to another one is not told")
        elif name := _local(observation):
            found[number] = Unknown.because(f"the migrations go to the machine of the job itself ({name})")
    return found


def _local(observation: Observation) -> str:
    """The variable that holds the address of a database on the machine that the job runs on."""
    held = ((name, text.text[:MAX_VALUE]) for name, text in sorted(observation.environment.items()))
    return next((name for name, value in held if _NAME.search(name.upper()) and _LOCAL.search(value)), "")
