"""What stands around a step of a Jenkinsfile."""

from __future__ import annotations

import pytest

from gonogo.sources.ci.jenkins import surroundings


@pytest.mark.parametrize(
    ("text", "runs", "counts"),
    [
        ("stage('t') { steps { sh 'pytest' } }", True, True),
        ("stage('t') { steps { catchError(buildResult: 'SUCCESS') { sh 'pytest' } } }", True, False),
        ("catchError(\n  buildResult: 'SUCCESS',\n  stageResult: 'FAILURE'\n) {\n  sh 'pytest'\n}", True, False),
        ("catchError { sh 'pytest' }", True, True),
        ("catchError(stageResult: 'FAILURE') { sh 'pytest' }", True, True),
        ("warnError('no') { sh 'pytest' }", True, False),
        ("try { sh 'pytest' } catch (e) { }\nstage('d') { steps { error 'x' } }", True, None),
        ("try { sh 'pytest' } catch (e) { error 'tests failed' }", True, True),
        ("try { sh 'pytest' } catch (e) { currentBuild.result = 'FAILURE' }", True, True),
        ("try { sh 'pytest' } finally { archive() }", True, True),
        ("def rc = sh script: 'pytest', returnStatus: true\necho 'done'", True, False),
        ("def rc = sh script: 'pytest', returnStatus: true\nif (rc != 0) { error 'no' }", True, None),
        ("stage('t') { when { expression { return false } } steps { sh 'pytest' } }", False, True),
        ("stage('t') { when { branch 'main' } steps { sh 'pytest' } }", True, True),
        ("if (false) { sh 'pytest' }", False, True),
    ],
)
def test_surroundings(text: str, runs: bool, counts: bool | None) -> None:
    start = text.index("pytest")
    found = surroundings(text, text.rindex("sh", 0, start), start + len("pytest"))
    assert (found.runs, found.counts) == (runs, counts)
