"""The studies in a browser: pages and an interface of the database, which is only read.

Rows become view data and drawings in `shampoo_tune.tuner.report`; here they become answers to
requests. JAX, pandas and Ray are never loaded.
"""
