"""What earlier runs saw: the store of runs, and the comparisons of drift (pure functions, under `compare`)."""
