"""What the network learns to predict of each rating: its stars, or whether it is a like."""

import numpy as np

from dcn_core.config.data import DataConfig, Target
from dcn_core.data.dataset import Dataset
from dcn_core.errors import DataError


def labels(dataset: Dataset, config: DataConfig) -> np.ndarray:
    """Returns the label of each rating, float32 `(num_ratings,)`.

    That is the rating itself, or for likes 1 (from `like_from` on), 0 (up to `dislike_to`) and NaN between, where a rating
    is neither and no part of a split holds it. Section 7.1 of DCN-V2, arXiv:2008.13535, drops 3 stars like that. Of labels
    with two values the higher one is the like, wherever the bounds are.
    """
    rating = dataset.ratings["rating"].to_numpy(np.float32)
    if config.target == "rating":
        return rating
    if dataset.nouns.high:
        return (rating == np.float32(dataset.rating_max)).astype(np.float32)
    like = np.full(len(rating), np.nan, np.float32)
    like[rating >= config.like_from] = 1
    like[rating <= config.dislike_to] = 0
    return like


def fitting_target(dataset: Dataset, otherwise: Target) -> Target:
    """What a network should predict of a table where nobody said it: a like if its labels have two values."""
    return "like" if dataset.nouns.high else otherwise


def label_scale(dataset: Dataset, config: DataConfig) -> tuple[float, float]:
    """Returns the lowest and the highest label: the ends of the scale of ratings, or 0 and 1 for likes."""
    return (dataset.rating_min, dataset.rating_max) if config.target == "rating" else (0.0, 1.0)


def labelled_rows(dataset: Dataset, config: DataConfig) -> np.ndarray:
    """Returns the rows of ratings that have a label, int64, in order.

    Raises:
        DataError: All are likes, or none is.
    """
    if config.target == "rating":
        return np.arange(dataset.num_ratings)
    like = labels(dataset, config)
    likes, dislikes = int((like == 1).sum()), int((like == 0).sum())
    if not likes or not dislikes:
        raise DataError(
            f"predicting likes needs both likes and dislikes. {dataset.name} has {likes:,} rows from "
            f"{config.like_from:g} on and {dislikes:,} up to {config.dislike_to:g}. Set the two bounds within its scale of "
            f"{dataset.rating_min:g} to {dataset.rating_max:g}."
        )
    return np.flatnonzero(np.isfinite(like))
