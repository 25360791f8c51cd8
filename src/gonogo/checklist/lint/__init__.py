"""What a checklist says that cannot all be so, found in the file itself, without looking at anything else."""

from gonogo.checklist.lint.lint import lint_checklist
from gonogo.checklist.lint.remark import Remark

__all__ = ["Remark", "lint_checklist"]
