"""Applications in Go."""
