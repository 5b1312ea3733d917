"""Approvals keep all of what was approved.

This file tells what the tables were, so it never changes.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the document; approvals from before have none."""
    op.add_column("approvals", sa.Column("document", sa.JSON))
