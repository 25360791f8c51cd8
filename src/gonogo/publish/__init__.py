"""What leaves the machine: notifications and uploads."""
