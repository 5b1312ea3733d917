"""The tables of version 3: only a view tells more, and views are made anew with every version."""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Change no table."""
