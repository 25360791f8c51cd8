"""The things gonogo judges, each in one canonical shape with one field table."""
