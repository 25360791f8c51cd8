"""Which library a name of source code belongs to, and what installs it, from `rules/application/libraries.yaml`."""

from __future__ import annotations

from dataclasses import dataclass

from gonogo.sources.application.tables import names, read_table, rows


@dataclass(frozen=True, slots=True)
class Library:
    """A library; `modules` are what source code imports, `packages` what installs it, any of them."""

    name: str
    modules: tuple[str, ...]
    packages: tuple[str, ...]


class Libraries:
    """The libraries of one language."""

    def __init__(self, language: str) -> None:
        self.all = tuple(
            Library(str(row["name"]), names(row.get("modules")), names(row.get("packages")))
            for row in rows(read_table("libraries.yaml"), "libraries")
            if row.get("language") == language
        )
        self._by_module = {module: library for library in self.all for module in library.modules}

    def of(self, name: str, separator: str = ".") -> Library | None:
        """The library of a full name: of the longest module that it begins with."""
        parts = name.split(separator)
        for count in range(len(parts), 0, -1):
            found = self._by_module.get(separator.join(parts[:count]))
            if found is not None:
                return found
        return None

    @property
    def words(self) -> tuple[str, ...]:
        """What stands in every source file that uses one of them."""
        return tuple(sorted({module for library in self.all for module in library.modules}))
