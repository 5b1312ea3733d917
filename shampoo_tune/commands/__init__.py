"""The commands, one a file. Heavy imports stay inside the functions: `--help` imports them all."""
