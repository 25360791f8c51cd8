"""What the exit status says. The output format never changes it."""

from __future__ import annotations

from enum import IntEnum

from gonogo.model.assessment import Decision


class ExitCode(IntEnum):
    GO = 0
    NO_GO = 1
    USAGE = 2
    INCOMPLETE = 3
    NOTHING = 4
    REPORT = 5
    CRASH = 70
    BUSY = 75
    """EX_TEMPFAIL of sysexits.h: another audit of the same series is under way."""


_BY_DECISION = {
    Decision.GO: ExitCode.GO,
    Decision.NO_GO: ExitCode.NO_GO,
    Decision.INCOMPLETE: ExitCode.INCOMPLETE,
    Decision.NOTHING: ExitCode.NOTHING,
}


def exit_code(decision: Decision, *, exit_zero: bool) -> ExitCode:
    """The code of a decision; `--exit-zero` turns NO-GO and INCOMPLETE into 0 and nothing else."""
    code = _BY_DECISION[decision]
    return ExitCode.GO if exit_zero and code in (ExitCode.NO_GO, ExitCode.INCOMPLETE) else code
