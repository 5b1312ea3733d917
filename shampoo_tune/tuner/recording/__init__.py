"""Runs that are trained elsewhere: which are to be trained, and what came out of them."""
