"""Study files: YAML with line and column of every error, checked whole, defaults filled in."""
