"""Runs that a program of the user trains: any command that prints its measurements."""
