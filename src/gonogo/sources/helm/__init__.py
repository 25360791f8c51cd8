"""Helm charts, rendered with their own values: a bounded interpreter of Go templates that runs nothing of the chart."""
