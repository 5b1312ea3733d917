"""The interface for programs under `/api/v1`: GET only, JSON and CSV, described by OpenAPI 3.1."""
