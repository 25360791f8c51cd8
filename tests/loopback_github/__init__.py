"""A GitHub on this machine: its code scanning, held to GitHub's own description of its API."""
