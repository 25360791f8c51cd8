"""The tests that a repository holds, as their framework collects them, and the tools that check its code."""

from __future__ import annotations

from gonogo.kinds.base import Kind
from gonogo.model.shape import BOOL, INT, STRING, ListOf, record

TEST_SUITE = "repo/TestSuite"
TOOL_CONFIGURATION = "repo/ToolConfiguration"

KINDS = (
    # type: unit, integration or e2e, unknown where nothing says so. least: so many tests run for certain; count: how many there are, unknown where
    # something is generated, skipped under a condition, or of no known type. files: with tests that are collected; ignored: tests that the
    # configuration of the framework leaves out; collected: some test of the suite is collected;
    # typed: something says of what type its tests are; joins: always true, what a step that runs tests is joined by.
    Kind(
        TEST_SUITE,
        "test suite",
        record(type=STRING, framework=STRING, least=INT, count=INT, files=INT, ignored=INT, collected=BOOL, typed=BOOL, joins=BOOL),
    ),
    # configured: the file holds a configuration of the tool, or the tool needs none; required: it needs one; neutralised: what makes it check nothing, empty where it checks; replaces: the tools
    # that it stands in for; runsInPreCommit: a hook runs it before a commit.
    Kind(
        TOOL_CONFIGURATION,
        "tool configuration",
        record(tool=STRING, role=STRING, configured=BOOL, required=BOOL, neutralised=STRING, replaces=ListOf(STRING), runsInPreCommit=BOOL),
    ),
)
