"""Ratings data: the generated world, MovieLens archives, splits, the encoder and the profile."""
