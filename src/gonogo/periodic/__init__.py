"""Runs something again and again, for those who have no scheduler: cron expressions, the loop, one run as a process of its own."""
