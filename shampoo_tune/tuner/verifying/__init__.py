"""Whether a published result holds: its chain from file to table, and runs trained once more."""
