"""What continuous integration runs. Only steps whose purpose is known, or may be guessed at, become resources."""

from __future__ import annotations

from gonogo.kinds.base import Kind
from gonogo.model.shape import BOOL, INT, STRING, ListOf, Record, record

STEP = "ci/Step"

PRACTICES = (
    "imageBuild", "imagePush", "imageScan", "imageSign", "staticAnalysis", "dynamicAnalysis", "tests", "coverage", "coverageReport",
    "reportUpload", "deploy", "withoutTraffic", "trafficShift", "gradualRollout", "federatedLogin", "keyLogin", "migration", "dataValidation", "smokeTest",
    "benchmark", "regressionCheck", "resultStore", "vaultSecrets",
)  # fmt: skip
"""What a step may do. A practice that a step may do but that cannot be read is unknown."""

KINDS = (
    # pipeline: the file that starts it; action or program: what the step runs; reason: why it never runs, empty where it does.
    # position: what comes later in a job has a greater one;
    # effective: some run reaches the step; blocking: its failure fails the pipeline; enforced: the tool fails on findings;
    # reported: its report is published; manual: a person starts or approves it; pushTriggered: a push to a branch starts it;
    # tier: production, staging, development or test; versionTagged: an image it pushes bears a version or a commit;
    # checks: the tools that it runs over the code, by role; resultsStored: the job of a benchmark keeps what it measures.
    # testTypes: unit, integration, e2e, as the words of a test command name them; runsAllTests: no word narrows what the
    # configuration collects; testsLeftOut: the types that its words leave out.
    # published: an image it builds is pushed; shifted: traffic held back is shifted somewhere; coverageReported likewise.
    Kind(
        STEP,
        "pipeline step",
        record(
            system=STRING,
            pipeline=STRING,
            job=STRING,
            position=INT,
            name=STRING,
            action=STRING,
            reference=STRING,
            program=STRING,
            arguments=ListOf(STRING),
            triggers=ListOf(STRING),
            effective=BOOL,
            reason=STRING,
            blocking=BOOL,
            enforced=BOOL,
            reported=BOOL,
            manual=BOOL,
            automatic=BOOL,
            pushTriggered=BOOL,
            environmentName=STRING,
            tier=STRING,
            images=ListOf(STRING),
            versionTagged=BOOL,
            published=BOOL,
            shifted=BOOL,
            coverageReported=BOOL,
            checks=record(lint=ListOf(STRING), format=ListOf(STRING), typeCheck=ListOf(STRING), test=ListOf(STRING)),
            resultsStored=BOOL,
            testTypes=ListOf(STRING),
            runsAllTests=BOOL,
            testsLeftOut=ListOf(STRING),
            does=Record(dict.fromkeys(PRACTICES, BOOL)),
        ),
    ),
)
