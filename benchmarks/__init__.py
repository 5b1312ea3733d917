"""Benchmarks: each is a command that prints figures beside a named peer or floor, in one run."""
