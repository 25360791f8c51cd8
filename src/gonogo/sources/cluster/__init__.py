"""A running cluster as a source: what the API server lists, in the shape that declared objects have. Reads only, lists only."""
