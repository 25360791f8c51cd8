"""Renders an assessment, one file per format. Each format has its own document; none decides anything."""
