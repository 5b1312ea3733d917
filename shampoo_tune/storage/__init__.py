"""The database: the only truth about a study. Imports SQLAlchemy and the nouns, nothing else."""

DEFAULT_ADDRESS = "sqlite:///shampoo-tune.db"
