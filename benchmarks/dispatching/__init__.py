"""Parts of `python -m benchmarks.dispatch`: what each measures, and what it is measured against."""
