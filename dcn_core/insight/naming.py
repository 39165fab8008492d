"""Readable names of a feature's categories: users by number or name, movies by title."""

from dcn_core.data.dataset import Dataset, Nouns
from dcn_core.data.encoder import Encoder
from dcn_core.insight.wording import sentence


def category_names(encoder: Encoder, feature: str, dataset: Dataset | None) -> list[str]:
    """Returns a name for each index of a feature's embedding table.

    Args:
        encoder: The one that the network was trained with.
        feature: One of its features.
        dataset: What it was trained on; None where that cannot be read, which leaves users and movies their numbers.
    """
    unknown, *names = encoder.categories(feature)
    nouns = Nouns() if dataset is None else dataset.nouns
    if feature == "user_id":
        known = {} if dataset is None or "name" not in dataset.users else _by_id(dataset, "user", "name")
        return [unknown, *(f"{sentence(nouns.user)} {known.get(name, name)}" for name in names)]
    if feature == "movie_id":
        known = {} if dataset is None else _by_id(dataset, "movie", "title")
        return [unknown, *(known.get(name, f"{sentence(nouns.movie)} {name}") for name in names)]
    return [unknown, *names]


def _by_id(dataset: Dataset, kind: str, column: str) -> dict[str, str]:
    table = dataset.users if kind == "user" else dataset.movies
    return dict(zip(table[f"{kind}_id"].astype(str), table[column].astype(str), strict=True))
