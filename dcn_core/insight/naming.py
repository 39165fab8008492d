"""Readable names of a feature's categories: users by number, movies by title."""

import pandas as pd

from dcn_core.data.dataset import Nouns
from dcn_core.data.encoder import Encoder
from dcn_core.insight.wording import sentence


def category_names(
    encoder: Encoder, feature: str, movies: pd.DataFrame | None, nouns: Nouns | None = None
) -> list[str]:
    """Returns a name for each index of a feature's embedding table.

    Args:
        encoder: The one that the network was trained with.
        feature: One of its features.
        movies: `Dataset.movies`; None where the ratings cannot be read, which leaves movies their numbers.
        nouns: Words of the data set.
    """
    nouns = nouns or Nouns()
    names = encoder.categories(feature)
    if feature == "user_id":
        return [names[0], *(f"{sentence(nouns.user)} {name}" for name in names[1:])]
    if feature != "movie_id":
        return names
    titles: dict[str, str] = {}
    if movies is not None:
        titles = dict(zip(movies["movie_id"].astype(str), movies["title"].astype(str), strict=True))
    return [names[0], *(titles.get(name, f"{sentence(nouns.movie)} {name}") for name in names[1:])]
