"""gonogo checks the claims of a production-readiness checklist against evidence."""

__version__ = "0.1.0"
