"""Counts what of the Terraform in checkouts ends as unknown, and why.

usage: unknowns.py DIRECTORY...

Prints a row for each directory: roots, instances, resources of the kinds that rules judge, their settings, how many of these are
not wholly known and the reasons by class. An unknown with several reasons counts in the class of each. Then all gaps by reason.
`ours` is what Terraform would know from the same files and gonogo does not: its texts are listed, and the exit code is 1, as
where a reader crashed. What Terraform refuses is listed too, to be looked at. Examples are in scope here. Nothing of the
directories is executed.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from gonogo.app import read_facts
from gonogo.kinds.fields import Items, Table
from gonogo.kinds.gcp import SPECS
from gonogo.model.resource import Resource
from gonogo.model.value import OpenList, OpenMap, Unknown, Value, is_list, lookup
from gonogo.sources.terraform.evaluate import evaluate_tree
from gonogo.sources.tree import DEFAULT_EXCLUDE

SCOPE = tuple(name for name in DEFAULT_EXCLUDE if not name.startswith(("example", "sample")))
REFUSED = "Terraform refuses"

# What a reason says -> what is at the bottom of it, tried in order.
CLASSES: Mapping[str, re.Pattern[str]] = {
    name: re.compile(pattern)
    for name, pattern in {
        "variable without default": r"has no default and no value|is set per environment",
        "data source": r"data source .* is read when Terraform runs",
        "remote module": r"not in the (scanned tree|repository)|was not downloaded|is not given to |is not given, and its default in |gives here is not known",
        "after apply": r"known only after apply|names? (a|no) ",
        "how it is run": r"depends on (how|where) Terraform",
        "function": r"\(\) (is salted|differs|depends|reads the clock)|differs each time|provider::|provider-defined",
        REFUSED: r"cannot be evaluated: |must not be null|not valid Terraform syntax",
        "server chooses": r"is not written|the server|not documented|of the instance that it is made of|changes made elsewhere are ignored",
        "file not there": r"no such file|outside the scanned",
        "limit": r"takes too long|too many|more than \d+|nested too deep|a value too large|a text of more",
    }.items()
}
# These come with the reason that a count, a condition or a key has.
_CARRIED = re.compile(r"(for_each|count|count\.index) is not (wholly )?known|^dynamic \S+ ?:|(each|count)\.\S+ has no value here|has no instance as the variables stand")
_CRASHED = "please report this"
_PLACES = re.compile(r"`[^`]*`|\"[^\"]*\"|\([^()]*:\d+\)|(?<=module )\S+|(?<=its source )\S+|(?<=resource )\S+ \S+(?=:)|\S+/\S+|\d+")


def settings(table: Table, value: Value) -> Iterator[Value]:
    """Every setting of a table in the attributes of a resource, those of its blocks too."""
    for entry in table:
        found = lookup(value, *entry.path.split("."), default=None)
        if not isinstance(entry, Items) or isinstance(found, Unknown):
            yield found
        elif is_list(found):
            if isinstance(found, OpenList):
                yield found.unknown
            for block in found:  # type: ignore[union-attr]  # a list, as it says
                yield from [block] if isinstance(block, Unknown) else settings(entry.table, block)


def unknown_in(value: Value) -> Iterator[Unknown]:
    """Everything unknown in a setting."""
    if isinstance(value, Unknown):
        yield value
    elif isinstance(value, Mapping) or is_list(value):
        if isinstance(value, OpenList | OpenMap):
            yield value.unknown
        for member in value.values() if isinstance(value, Mapping) else value:  # type: ignore[union-attr]  # a list then
            yield from unknown_in(member)


def classes_of(reasons: tuple[str, ...]) -> Mapping[str, str]:
    """The classes of the reasons of an unknown, with a text of each; `ours` where none is known for one, or nothing is at the bottom."""
    found: dict[str, str] = {}
    for reason in reasons:
        name = next((name for name, pattern in CLASSES.items() if pattern.search(reason)), "")
        if name or not _CARRIED.search(reason):
            found.setdefault(name or "ours", reason)
    return found or {"ours": "; ".join(reasons)}


def switched_off(resource: Resource) -> bool:
    """Whether this has no instance, and is there only to say that an input would make one: its values are nobody's."""
    exists = resource.attributes["exists"]
    return isinstance(exists, Unknown) and any("has no instance as the variables stand" in reason for reason in exists.reasons)


class Count:
    """What was counted, over all directories."""

    def __init__(self) -> None:
        self.settings = self.unknown = self.crashes = 0
        self.classes: Counter[str] = Counter()
        self.texts: Counter[tuple[str, str]] = Counter()
        self.gaps: Counter[str] = Counter()

    def directory(self, directory: Path) -> str:
        """Count a checkout; returns its row."""
        facts = read_facts(directory, default_exclude=SCOPE)
        result = evaluate_tree(facts.tree)
        tables = {spec.kind: spec.table for spec in SPECS}
        judged = [r for r in facts.resources if r.kind in tables and r.source == "terraform" and not switched_off(r)]
        total = unknown = 0
        classes: Counter[str] = Counter()
        for resource in judged:
            for value in (resource.attributes["exists"], *settings(tables[resource.kind], resource.attributes)):
                total += 1
                reasons = Unknown.merge(unknown_in(value)).reasons
                if reasons:
                    unknown += 1
                    found = classes_of(reasons)
                    classes.update(found.keys())
                    self.texts.update((name, text) for name, text in found.items() if name in ("ours", REFUSED))
        gaps = [g.reason for g in facts.gaps if g.source in ("terraform", "")]
        self.crashes += sum(_CRASHED in reason for reason in gaps)
        self.gaps.update(_PLACES.sub("…", reason) for reason in gaps)
        self.settings, self.unknown = self.settings + total, self.unknown + unknown
        self.classes.update(classes)
        row = f"{directory.name:<42} {len(result.roots):5} {len(result.instances):9} {len(judged):9} {total:8} {unknown:7} {len(gaps):5}  "
        return row + ", ".join(f"{name} {count}" for name, count in classes.most_common())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directories", nargs="+", type=Path)
    count = Count()
    sys.stdout.write(f"{'':<42} roots instances resources settings unknown  gaps  unknown by class\n")
    for directory in parser.parse_args().directories:
        sys.stdout.write(count.directory(directory) + "\n")
        sys.stdout.flush()
    share = count.unknown / max(count.settings, 1)
    sys.stdout.write(f"\n{count.settings} settings, {count.unknown} not wholly known ({share:.1%}), {count.crashes} crashes\n")
    for name in (*CLASSES, "ours"):
        sys.stdout.write(f"{count.classes[name]:7} {name}\n")
    for (name, text), number in sorted(count.texts.items(), key=lambda item: (item[0][0], -item[1])):
        sys.stdout.write(f"{number:7} {name}: {text}\n")
    sys.stdout.write("\ngaps\n" + "".join(f"{number:7} {reason}\n" for reason, number in count.gaps.most_common()))
    return 1 if count.classes["ours"] or count.crashes else 0


if __name__ == "__main__":
    sys.exit(main())
