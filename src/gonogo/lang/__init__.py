"""The expression language: a strict subset of CEL, evaluated in three values with a trace of the paths it read."""

from gonogo.lang.errors import EvaluationError, LangError
from gonogo.lang.program import Outcome, Program, Template

__all__ = ["EvaluationError", "LangError", "Outcome", "Program", "Template"]
