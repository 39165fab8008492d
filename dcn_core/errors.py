"""The one family of errors that a person is meant to read.

Each message says what was expected, what came, and what to do. Pages and the command line catch
`PlaygroundError` and show it calmly; any other exception is a bug.
"""


class PlaygroundError(Exception):
    """Base of every error that this package raises on purpose."""


class ConfigError(PlaygroundError):
    """A setting is unknown, out of bounds, or does not fit another one."""


class DataError(PlaygroundError):
    """A data source cannot be read, or does not hold what it should."""


class RunError(PlaygroundError):
    """A run does not exist, is damaged, or cannot do what was asked of it."""


class StoreError(PlaygroundError):
    """The object store of a cluster is away, or does not hold what it should."""


class TrainingError(PlaygroundError):
    """Training cannot go on with these settings."""


class PredictionError(PlaygroundError):
    """A question that the model cannot answer."""
