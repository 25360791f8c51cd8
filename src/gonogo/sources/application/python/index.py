"""Which file a module's name means, of the files of an application."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from gonogo.sources.tree import Tree

MAX_FILES = 20_000


class ModuleIndex:
    """The Python files below `context`, asked by module name. `roots` are the directories that imports start from, best first."""

    def __init__(self, tree: Tree, directory: str, contexts: Iterable[str]) -> None:
        self.files: dict[str, int] = {}
        above = sorted({directory, *contexts}, key=len)
        for context in above:
            for path in tree.below(context):
                if path.endswith(".py") and tree.files[path].in_scope and len(self.files) < MAX_FILES:
                    self.files[path] = tree.files[path].size
        self.roots: list[str] = []
        self._ends: dict[str, list[str]] = defaultdict(list)
        for path in sorted(self.files, key=lambda p: (p.count("/"), p)):
            self._ends[_stem(path).rpartition("/")[2]].append(path)
        for root in (directory, _join(directory, "src"), *above, *(_join(c, "src") for c in above)):
            self.add_root(root)
        self._found: dict[str, str | None] = {}

    def add_root(self, root: str) -> None:
        if root not in self.roots:
            self.roots.append(root)
            self._found = {}

    def path_of(self, dotted: str) -> str | None:
        """The file of a module or package, None where it is no module of the application."""
        if dotted not in self._found:
            self._found[dotted] = self._look(dotted)
        return self._found[dotted]

    def _look(self, dotted: str) -> str | None:
        if not dotted:
            return None
        inner = dotted.replace(".", "/")
        for root in self.roots:
            for path in (_join(root, f"{inner}.py"), _join(root, f"{inner}/__init__.py")):
                if path in self.files:
                    return path
        return None

    def find(self, dotted: str) -> str | None:
        """As `path_of`, but wherever it lies: an image may lay files out anew. Its root is one from then on."""
        found = self.path_of(dotted)
        if found is not None or not dotted:
            return found
        inner = dotted.replace(".", "/")
        for path in self._ends.get(inner.rpartition("/")[2], ()):
            stem = _stem(path)
            if stem == inner or stem.endswith(f"/{inner}"):
                self.add_root(stem[: -len(inner)].rstrip("/"))
                return path
        return None

    def file(self, name: str) -> str | None:
        """The file that a command names, by the end of its path, nearest to the roots first."""
        wanted = name.lstrip("./")
        for root in self.roots:
            if _join(root, wanted) in self.files:
                return _join(root, wanted)
        parts = wanted.split("/")
        for start in range(len(parts)):
            end = "/".join(parts[start:])
            for path in self._ends.get(_stem(end).rpartition("/")[2], ()):
                if path == end or path.endswith(f"/{end}"):
                    return path
        return None

    def name_of(self, path: str) -> str:
        """The name under which a file is imported: relative to the longest root that it lies in."""
        stem = _stem(path)
        root = max((r for r in self.roots if not r or stem.startswith(f"{r}/")), key=len, default="")
        return stem[len(root) :].lstrip("/").replace("/", ".")


def _stem(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__")


def _join(directory: str, name: str) -> str:
    return f"{directory}/{name}" if directory else name
