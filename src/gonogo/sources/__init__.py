"""Readers: each turns one format into resources and gaps. A source knows a format, a kind knows a thing."""
