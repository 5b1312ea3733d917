"""Alembic migrations, run by `migrating.py`."""
