"""Runs on a Ray cluster, by Ray Tune. Importing this imports neither Ray nor JAX."""
