"""The tests of a repository as resources: one suite for each type of test, whatever it is written in."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from gonogo.kinds.suites import TEST_SUITE
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Resource, Stage
from gonogo.model.value import Path, Unknown, Value
from gonogo.sources.suites.items import Collected, State, Test
from gonogo.sources.suites.javascript_suites import MAY_BE_TEST, SUFFIXES, javascript_suites
from gonogo.sources.tree import Tree
from gonogo.sources.types_of_tests import Types, load_types

_OTHERS = re.compile(r"(^|/)src/test/(java|kotlin|scala|groovy)/.*\.\w+$|(Test|Tests|IT|Spec)\.(java|kt|scala|groovy|cs|fs|php|swift)$|_(spec|test)\.(rb|exs|dart)$|(^|/)tests/[^/]+\.rs$")
TYPES = ("unit", "integration", "e2e")
MAX_REASONS = 5


class TestSuiteSource:
    """Counts the tests that are there to be run. Test directories are out of scope for everybody else; here they are the subject."""

    name = "suites"

    def read(self, tree: Tree) -> Iterator[Resource | Gap]:
        """One `repo/TestSuite` for each type that some test is of, and one for those that do not say."""
        found: list[Collected] = []
        python = sorted(p for p in tree.files if p.endswith(".py"))
        counted = [p for p in python if tree.counts_as_test(p)]
        if counted:
            from gonogo.sources.suites.python_suites import python_suites

            held = set(counted)
            found.extend(python_suites(tree, counted, [p for p in python if p not in held]))
        go = [p for p in sorted(tree.files) if p.endswith("_test.go") and tree.counts_as_test(p)]
        if go:
            from gonogo.sources.suites.go_suites import go_suites

            found.extend(go_suites(tree, go))
        script = [p for p in sorted(tree.files) if p.endswith(SUFFIXES) and MAY_BE_TEST.search(p) and tree.counts_as_test(p)]
        if script:
            found.extend(javascript_suites(tree, script))
        others = [p for p in sorted(tree.files) if _OTHERS.search(p) and tree.counts_as_test(p)]
        if others:
            why = f"{len(others)} files hold tests in a language that is not read"
            yield Gap(others[0], 0, Stage.READ, why, self.name, (TEST_SUITE,))
            found.append(Collected("", open=(why,)))
        for collected in found:
            yield from (Gap(path, line, Stage.PARSE, why, self.name, (TEST_SUITE,)) for path, line, why in collected.errors)
        yield from suites(found, load_types())




def suites(found: Sequence[Collected], types: Types) -> Iterator[Resource]:
    """The suites that these tests make."""
    by_type: dict[str, list[Test]] = defaultdict(list)
    ignored: dict[str, list[Test]] = defaultdict(list)
    frameworks: dict[str, set[str]] = defaultdict(set)
    doubts: list[str] = []
    for collected in found:
        doubts.extend(collected.open)
        for test in collected.tests:
            by_type[types.of(test)].append(test)
            frameworks[types.of(test)].add(collected.framework)
        for test in collected.ignored:
            ignored[types.of(test)].append(test)
        doubts.extend(f"{path}: {why}" for path, _, why in collected.errors)
    untyped = sum(t.cases for t in by_type[""] if t.state is not State.SKIPPED)
    for kind in (*TYPES, ""):
        tests, left = by_type[kind], ignored[kind]
        if not tests and not left:
            continue
        least = sum(t.cases for t in tests if t.state is State.RUNS)
        reasons = list(doubts)
        reasons.extend(f"{t.node} runs under a condition" for t in tests if t.state is State.MAYBE)
        reasons.extend(f"{t.node} is made several times when it is collected" for t in tests if not t.exact)
        if kind and untyped:
            reasons.append(f"{untyped} tests say of no type that they are of it")
        attributes: dict[str, Value] = {
            "type": kind or Unknown.because(f"no directory, mark or file name says of what type {untyped} tests are"),
            "framework": ", ".join(sorted(frameworks[kind])),
            "least": least,
            "count": Unknown.because(*_few(reasons)) if reasons else least,
            "files": len({t.file for t in tests if t.state is not State.SKIPPED}),
            "ignored": sum(t.cases for t in left),
            "collected": any(t.state is State.RUNS for t in tests) or (Unknown.because(*_few(reasons)) if reasons and tests else False),
            "typed": bool(kind),
            "joins": True,
        }
        first = min((*tests, *left), key=lambda t: (t.file, t.line)) if not tests else min(tests, key=lambda t: (t.state is not State.RUNS, t.file, t.line))
        locations: dict[Path, Location] = {(): Location(first.file, first.line)}
        if left:
            locations["ignored",] = Location(left[0].file, left[0].line)
        yield Resource(TEST_SUITE, f"{kind or 'untyped'} tests", attributes, locations, source="suites")


def _few(reasons: Sequence[str]) -> list[str]:
    distinct = sorted(set(reasons))
    return distinct if len(distinct) <= MAX_REASONS else [*distinct[:MAX_REASONS], f"{len(distinct) - MAX_REASONS} more of this kind"]
