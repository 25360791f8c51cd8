"""What is written about a system for people: documents, and the sections of them that say how something is done."""

from __future__ import annotations

from gonogo.kinds.base import Kind
from gonogo.model.shape import BOOL, INT, STRING, ListOf, record

DOCUMENT = "repo/Document"
SECTION = "repo/DocumentSection"

KINDS = (
    # name: of the file; place: root, docs (a directory of documents at the root) or elsewhere. lines: that hold text; headings, tasks:
    # how many; stub: it says only that it is to be written.
    Kind(DOCUMENT, "document", record(path=STRING, name=STRING, place=STRING, title=STRING, lines=INT, headings=INT, tasks=INT, stub=BOOL)),
    # A section, with all below its heading, or a document as a whole (whole: true). role: what it is for (`rules/documents/roles.yaml`).
    # place: as of the document. lines: of text; steps: entries of numbered lists; entries: headings and entries of lists and tables below it; commands: lines of code
    # blocks that run a tool, deploys, rollbacks: those that put a new state in place and those that go back; placeholders: what was never filled in;
    # denied: it says itself that there is no such thing. What sentences say that there is not is left out of what it names.
    # severityLimits: a time beside a severity.
    # severity, roles, communication, timeLimit, recoveryTime, recoveryPoint: whether it names them, the last two with a time; objective: an availability
    # in percent, 0 where none is stated; window: over which time that is meant.
    Kind(
        SECTION,
        "section of a document",
        record(
            document=STRING,
            place=STRING,
            role=STRING,
            heading=STRING,
            whole=BOOL,
            lines=INT,
            headings=INT,
            steps=INT,
            entries=INT,
            tasks=INT,
            commands=ListOf(STRING),
            deploys=ListOf(STRING),
            rollbacks=ListOf(STRING),
            placeholders=ListOf(STRING),
            denied=BOOL,
            severity=BOOL,
            severityLimits=BOOL,
            roles=BOOL,
            communication=BOOL,
            timeLimit=BOOL,
            recoveryTime=BOOL,
            recoveryPoint=BOOL,
            objective=STRING,
            window=BOOL,
        ),
    ),
)
