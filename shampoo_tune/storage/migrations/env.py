"""Alembic runs this file: migrations happen on the connection and in the transaction given."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    transactional_ddl=True,  # on SQLite too, where it is `engines.py` that begins transactions
)
context.run_migrations()
