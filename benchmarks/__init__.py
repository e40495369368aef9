"""Measurements: `python -m benchmarks.<name> --help` says what each one does."""
