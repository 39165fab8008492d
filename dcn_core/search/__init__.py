"""Searching for better settings: sweeps over fields of the config, whose trials are ordinary runs."""
