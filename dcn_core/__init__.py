"""Deep & Cross Networks on ratings: data, models, training, insight and serving, with no user interface."""

__version__ = "0.1.0"
