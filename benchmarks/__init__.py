"""Measurements of the playground beside what a user would use instead: `python -m benchmarks --help`."""
