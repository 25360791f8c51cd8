"""`--store`: which history a command writes to or reads, and what is said where it cannot."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from gonogo.history.store import Store

DEFAULT = Path(".gonogo") / "history.db"
HERE = ""
"""`--store` without a value: the default place."""

location = click.option("--store", "store", metavar="PATH|URL", envvar="GONOGO_STORE", help=f"The history: an SQLite file or a postgresql:// URL [{DEFAULT}].")
series = click.option("--series", metavar="NAME", default="", help="Runs of this series; without it, of the last run's.")


def recording(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a command that records its run."""
    where = click.option(
        "--store", metavar="PATH|URL", is_flag=False, flag_value=HERE, envvar="GONOGO_STORE",
        help=f"Record the run: in {DEFAULT} of the scanned directory, in this SQLite file, or at a postgresql:// URL.",
    )  # fmt: skip
    name = click.option("--series", metavar="NAME", help="The runs it follows, where a history has runs of several things.")
    keep = click.option("--keep", type=click.IntRange(1), metavar="N", help="Forget all but the last N runs of the series.")
    return where(name(keep(command)))


@contextmanager
def opened(given: str | None, root: Path = Path(), *, create: bool = False) -> Iterator[Store]:
    """The store. Raises `HistoryError`, also where SQLAlchemy is not installed."""
    from gonogo.history.errors import HistoryError

    if find_spec("sqlalchemy") is None:
        raise HistoryError("a history needs SQLAlchemy: pip install 'gonogo[history]'")
    from gonogo.history.store import open_store

    with open_store(place(given, root, create=create), create=create) as store:
        yield store


def place(given: str | None, root: Path = Path(), *, create: bool = False) -> str:
    """Where the history is: the path or URL that is `given`, else the default one. Raises `HistoryError`."""
    return given or str(_default(root, create=create))


def _default(root: Path, *, create: bool) -> Path:
    """The default place, which is refused where the scanned repository leads it out of itself."""
    from gonogo.history.errors import HistoryError

    path = root / DEFAULT
    for link in (path.parent, *path.parent.glob(f"{path.name}*")):
        if link.is_symlink():
            raise HistoryError(f"{link} is a symbolic link: nothing is written through it; name a file with --store")
    if create and not path.parent.exists():
        with contextlib.suppress(OSError):  # what cannot be made is said when the file is opened
            path.parent.mkdir()
            (path.parent / ".gitignore").write_text(f"{path.name}*\n")
    return path
