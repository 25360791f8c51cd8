"""The three comparisons of drift, pure functions kept apart: declared and live, live and the last snapshot, verdict then and now.

Only the third alarms; the others are the evidence under it.
"""
