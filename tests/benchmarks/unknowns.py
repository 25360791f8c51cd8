"""Counts what of the Terraform in checkouts ends as unknown, and why.

usage: unknowns.py DIRECTORY...

Prints a row for each directory: roots, resources of the kinds that rules judge, their settings, how many are unknown, and the
reasons by class. `ours` is what Terraform would know from the same files and gonogo does not: its texts are listed, and the
exit code is 1. Examples are in scope here. Nothing of the directories is executed.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from gonogo.app import read_facts
from gonogo.kinds.fields import Items, Table
from gonogo.kinds.gcp import SPECS
from gonogo.model.resource import Resource
from gonogo.model.value import OpenList, Unknown, Value, is_list, lookup
from gonogo.sources.tree import DEFAULT_EXCLUDE

# What the reasons of an unknown say -> what is at the bottom of it. Tried in order: `for_each is not known (…)` comes with its cause.
CLASSES = (
    ("variable without default", re.compile(r"has no default and no value|is set per environment")),
    ("data source", re.compile(r"data source .* is read when Terraform runs")),
    ("remote module", re.compile(r"not in the (scanned tree|repository)|was not downloaded")),
    ("after apply", re.compile(r"known only after apply|names? (a|no) |after apply")),
    ("how it is run", re.compile(r"depends on (how|where) Terraform")),
    ("impure function", re.compile(r"\(\) (is salted|differs|depends|reads the clock)|differs each time")),
    ("provider function", re.compile(r"provider::|provider-defined")),
    ("Terraform refuses", re.compile(r"not valid Terraform syntax|must not be null")),
    ("provider or server", re.compile(r"is not written|the server|not documented|provider|of the instance that it is made of")),
    ("pipeline", re.compile(r"filled in where the command runs")),
    ("ignored changes", re.compile(r"changes made elsewhere are ignored")),
    ("not declared", re.compile(r"is not declared in|no attribute|has no attribute")),
    ("file not there", re.compile(r"no such file|outside the scanned")),
)
_OURS = re.compile(r"\(\) of .* is not (evaluated|computed)|not supported|takes too long|nested too deep|not understood")
_WRAPPED = re.compile(r"(for_each|count|dynamic).* is not (wholly )?known|each\.|count\.index|whether|links were|where it is attached")


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


def switched_off(resource: Resource) -> bool:
    """Whether this has no instance, and is there only to say that an input would make one: its values are nobody's."""
    exists = resource.attributes["exists"]
    return isinstance(exists, Unknown) and any("has no instance as the variables stand" in reason for reason in exists.reasons)


def class_of(unknown: Unknown) -> str:
    """The class of an unknown: the first that any of its reasons belongs to; `ours` where none does."""
    if any(_OURS.search(reason) for reason in unknown.reasons):
        return "ours"
    for name, pattern in CLASSES:
        if any(pattern.search(reason) for reason in unknown.reasons):
            return name
    return "wrapped" if all(_WRAPPED.search(reason) for reason in unknown.reasons) else "ours"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directories", nargs="+", type=Path)
    tables = {spec.kind: spec.table for spec in SPECS}
    scope = [name for name in DEFAULT_EXCLUDE if not name.startswith(("example", "sample"))]
    total: Counter[str] = Counter()
    texts: Counter[str] = Counter()
    for directory in parser.parse_args().directories:
        counted: Counter[str] = Counter()
        facts = read_facts(directory, default_exclude=scope)
        judged = [r for r in facts.resources if r.kind in tables and r.source == "terraform" and not switched_off(r)]
        for resource in judged:
            for value in settings(tables[resource.kind], resource.attributes):
                counted["settings"] += 1
                if isinstance(value, Unknown):
                    counted[class_of(value)] += 1
                    if class_of(value) == "ours":
                        texts.update(value.reasons)
        unknown = sum(counted.values()) - counted["settings"]
        classes = ", ".join(f"{name} {count}" for name, count in counted.most_common() if name != "settings")
        sys.stdout.write(f"{directory.name:<44} {len(judged):5} resources {counted['settings']:6} settings {unknown:5} unknown: {classes}\n")
        total.update(counted)
    unknown = sum(total.values()) - total["settings"]
    sys.stdout.write(f"{'all':<44} {total['settings']:6} settings, {unknown} unknown ({unknown / max(total['settings'], 1):.1%}): {dict(total.most_common())}\n")
    for text, count in texts.most_common(40):
        sys.stdout.write(f"  ours: {count} x {text}\n")
    return 1 if total["ours"] else 0


if __name__ == "__main__":
    sys.exit(main())
