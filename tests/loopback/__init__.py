"""A Google Cloud on the loopback interface: it answers what Google's discovery documents allow, and nothing else."""
