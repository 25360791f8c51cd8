"""Python applications, read through the standard library's `ast`: nothing of them is imported or run."""
