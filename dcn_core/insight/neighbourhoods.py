"""Maps of the embedding tables that keep neighbours together: t-SNE, van der Maaten and Hinton, JMLR 9 (2008)."""

import numpy as np

MOST_POINTS = 1500
"""Categories on a map, those with most ratings: with ten times as many it would take minutes and show a cloud."""
FEWEST_POINTS = 6
"""Of fewer categories a map says nothing that a list does not."""
NEAREST = 10


def neighbour_map(points: np.ndarray, axes: int, seed: int = 0) -> np.ndarray:
    """Returns places, float32 `(n, axes)`, at which those are close whose embeddings point the same way.

    Args:
        points: Embeddings, `(n, e)` with n of at least `FEWEST_POINTS`.
        axes: 2 or 3.
        seed: Of the method. The same one gives the same map on the same machine.
    """
    from sklearn.manifold import TSNE  # takes a second to import, which only the study should wait for

    start = "pca" if points.shape[1] >= axes else "random"
    perplexity = min(30.0, (len(points) - 1) / 3)
    method = TSNE(axes, perplexity=perplexity, metric="cosine", init=start, random_state=seed, n_jobs=1)
    return np.asarray(method.fit_transform(points.astype(np.float64)), dtype=np.float32)


def kept_neighbours(points: np.ndarray, places: np.ndarray) -> float:
    """Share of each embedding's nearest others, by angle, that are also among its nearest on the map."""
    unit = points / np.maximum(np.linalg.norm(points, axis=1, keepdims=True), 1e-12)
    squares = np.sum(places.astype(float) ** 2, axis=1)
    distance = squares[:, None] + squares[None, :] - 2 * places.astype(float) @ places.T.astype(float)
    k = min(NEAREST, (len(points) - 1) // 2)
    near, shown = _nearest(-(unit @ unit.T), k), _nearest(distance, k)
    return float(np.mean([len(np.intersect1d(a, b)) / k for a, b in zip(near, shown, strict=True)]))


def _nearest(distance: np.ndarray, k: int) -> np.ndarray:
    """The k others with the least distance of each row, `(n, k)`."""
    distance = distance.copy()
    np.fill_diagonal(distance, np.inf)
    return np.argpartition(distance, k - 1, axis=1)[:, :k]


def neighbour_map_sentence(kept: float, shown: int) -> str:
    """How far such a map can be trusted."""
    k = min(NEAREST, (shown - 1) // 2)
    return f"Of the {k} nearest of each of {shown:,} embeddings, {100 * kept:.0f} % are also its nearest on this map."
