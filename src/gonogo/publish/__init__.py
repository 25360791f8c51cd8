"""What leaves the machine, on request only."""
