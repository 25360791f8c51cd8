"""What `gonogo attest` and `gonogo waive` share: whose checklists are meant, and how an entry gets into its file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gonogo.cli.exit_codes import ExitCode
from gonogo.cli.paths import directory, file, unlinked
from gonogo.cli.streams import Streams
from gonogo.config import Config, ConfigError, read_config

if TYPE_CHECKING:
    from gonogo.formats.yaml_append import Entry
    from gonogo.model.checklist import Binding
    from gonogo.model.register import AcceptedGap, Attestation
    from gonogo.rules import RuleSet

DAY = click.DateTime(["%Y-%m-%d"])


@dataclass(frozen=True, slots=True)
class Desk:
    """A repository with its configuration, its rules and its checklists."""

    root: Path
    config: Config
    rules: RuleSet
    bindings: tuple[Binding, ...]

    @classmethod
    def opened(cls, path: str, checklists: Sequence[str]) -> Desk:
        """Raises `ConfigError`, `ChecklistError` and `RuleSetError` on the user's errors."""
        from gonogo.checklist.binding import bind
        from gonogo.checklist.markdown import read_checklist
        from gonogo.rules import load_rules

        root = directory(path)
        config = read_config(root)
        rules = load_rules(tuple(directory(str(root / d), "rules directory") for d in config.rules))
        given = [file(c, "checklist") for c in checklists] or [file(root / c, "checklist") for c in config.checklists]
        lock = root / config.map
        bindings = (b for c in given for b in bind(read_checklist(c, root), rules.controls, lock if lock.is_file() else None))
        return cls(root, config, rules, tuple(bindings))

    @property
    def decided(self) -> frozenset[str]:
        """The controls that a rule decides."""
        return frozenset(rule.control for rule in self.rules.rules if not rule.suggests)

    def find(self, said: str) -> Binding | None:
        """The item that `said` means: its id, its place (`CHECKLIST.md:12`) or its text; None where none does. Raises a usage error where several do."""
        from gonogo.report.escape import printable

        name, _, line = said.rpartition(":")
        for matches in (
            [b for b in self.bindings if b.item.id == said],
            [b for b in self.bindings if line == str(b.item.line) and _same_file(name, b.item.file, self.root)],
            [b for b in self.bindings if b.item.text == said],
        ):
            if len({b.item.id for b in matches}) > 1:
                places = ", ".join(f"{b.item.file}:{b.item.line}" for b in matches)
                raise click.UsageError(printable(f"several items read {said}: {places}; name one of these places"))
            if matches:
                return matches[0]
        return None

    def unknown(self, said: str) -> click.UsageError:
        """What to say where no item and no control is called that."""
        from gonogo.checklist.errors import suggestion
        from gonogo.report.escape import printable

        names = {*(n for b in self.bindings for n in (b.item.id, b.item.text)), *(control.id for control in self.rules.controls)}
        known = "" if self.bindings else "; no checklist is known: give one with -c FILE, or `checklists` in gonogo.toml"
        return click.UsageError(printable(f"no item and no control is called {said}{suggestion(said, names)}{known}"))


def _same_file(said: str, file: str, root: Path) -> bool:
    return bool(said) and (said in (file, Path(file).name) or Path(said).resolve() == (root / file).resolve())


def item_fields(desk: Desk, binding: Binding) -> dict[str, str | Sequence[str]]:
    """How an entry names an item: the id decides, the text is what a reviewer reads and what the entry holds for."""
    item = binding.item
    below = not Path(item.file).is_absolute() and (desk.root / item.file).is_file()
    return {"item": item.id, "text": item.text, **({"section": item.section} if item.section else {}), **({"checklist": item.file} if below else {})}


def day(given: datetime | None) -> date:
    return given.date() if given is not None else datetime.now(UTC).date()


def write(streams: Streams, desk: Desk, path: str, schema: str, entry: Entry, most_days: int, *, dry_run: bool) -> int:
    """Add the entry to the file, or show what would be added."""
    from gonogo.engine.register import RegisterError, check, text_of
    from gonogo.formats.yaml_append import AppendError, appended
    from gonogo.report.escape import printable, printable_lines

    target = unlinked(desk.root, path)
    try:
        before = text_of(target, desk.root)
        if before is not None:
            check(before, path, desk.root, schema, most_days)
        after = appended(f"schema: {schema}\nentries: []\n" if before is None else before, "entries", entry)
        check(after, path, desk.root, schema, most_days)
    except RegisterError as error:
        streams.stderr.write(f"gonogo: {printable_lines(str(error))}\n")
        return ExitCode.USAGE
    except AppendError as error:
        streams.stderr.write(f"gonogo: {path}: {error}\n")
        return ExitCode.USAGE
    if dry_run:
        diff = unified_diff((before or "").splitlines(), after.splitlines(), path if before is not None else "/dev/null", path, lineterm="")
        streams.stdout.writelines(f"{printable(line)}\n" for line in diff)
        return ExitCode.GO
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(after.encode("utf-8"))
    except OSError as error:
        streams.stderr.write(f"gonogo: cannot write {target}: {error.strerror or error}\n")
        return ExitCode.REPORT
    streams.stdout.write(f"{target}: 1 entry added\n")
    return ExitCode.GO


def listed(streams: Streams, entries: Sequence[Attestation | AcceptedGap], told: Mapping[str, str], today: date) -> int:
    """A line for each entry: its place, whether it is in force, what it is about. `told` is more of each, by its place."""
    from gonogo.model.register import state_of
    from gonogo.report.escape import printable

    for entry in entries:
        state = state_of(entry, today) or f"in force until {entry.expires}"
        streams.stdout.write(printable(f"{entry.location}: {entry.target.name}: {state}: {told[str(entry.location)]}") + "\n")
    streams.stdout.write(f"{len(entries)} entries, {sum(not state_of(e, today) for e in entries)} in force\n")
    return ExitCode.GO


def opened(streams: Streams, path: str, checklists: Sequence[str]) -> Desk | None:
    """The repository; None where the user's input is at fault, which is said."""
    from gonogo.checklist import ChecklistError
    from gonogo.rules import RuleSetError

    try:
        return Desk.opened(path, checklists)
    except (ConfigError, ChecklistError, RuleSetError) as error:
        streams.stderr.write(f"gonogo: {error}\n")
        return None
