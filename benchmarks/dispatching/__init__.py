"""Parts of `python -m benchmarks.dispatch`."""
