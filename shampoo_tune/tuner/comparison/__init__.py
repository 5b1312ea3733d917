"""Arms side by side: what each spent, whether they may be compared, and what then can be said."""
