"""Large groups through the real controller and database, on machines that are only simulated."""
