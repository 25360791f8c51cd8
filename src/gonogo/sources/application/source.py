"""Reads applications: what their code does, language by language."""

from __future__ import annotations

from collections.abc import Iterator

from gonogo.kinds.application import UNREAD
from gonogo.model.resource import Gap, Resource, Stage
from gonogo.sources.application.discovery import SOURCE, Application, discover
from gonogo.sources.application.documents import read_openapi, read_strategies
from gonogo.sources.tree import Tree


class ApplicationSource:
    """Every `app/*` resource of the tree."""

    name = SOURCE

    def read(self, tree: Tree) -> Iterator[Resource | Gap]:
        """The applications, and what the code of each does."""
        directories: set[str] = set()
        for found in discover(tree):
            if isinstance(found, Gap):
                yield found
            else:
                directories.add(found.directory)
                yield from _guarded(tree, found)
        yield from read_openapi(tree)
        yield from read_strategies(tree, sorted(directories))


def _guarded(tree: Tree, application: Application) -> Iterator[Resource | Gap]:
    try:
        yield from _code(tree, application)
    except Exception as error:  # noqa: BLE001 - a defect of ours costs this application, said aloud, and no verdict of another
        reason = f"the {application.language.name} reader failed ({type(error).__name__}: {error}); please report this"
        yield Gap(application.place.file, 0, Stage.READ, reason, SOURCE, UNREAD)


def _code(tree: Tree, application: Application) -> Iterator[Resource | Gap]:
    if application.language.name == "python":
        from gonogo.sources.application.python.reader import read

        yield from read(tree, application)
    elif application.language.name == "javascript":
        from gonogo.sources.application.javascript.reader import read as read_javascript

        yield from read_javascript(tree, application)
    elif application.language.name == "go":
        from gonogo.sources.application.go.reader import read as read_go

        yield from read_go(tree, application)
