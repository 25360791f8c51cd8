"""A tolerant reader of POSIX shell and bash: which commands a script runs, with what arguments, and whether a failure counts."""
