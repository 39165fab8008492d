"""The classic of collaborative filtering: a short vector per user and per film, whose product is the rating's residual."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


@dataclass(frozen=True)
class Factors:
    """Residual = user vector · film vector.

    Attributes:
        users: float32 `(num_users, rank)`.
        movies: float32 `(num_movies, rank)`.
    """

    users: np.ndarray
    movies: np.ndarray

    def predict(self, user: np.ndarray, movie: np.ndarray) -> np.ndarray:
        """Returns the products for pairs of rows, `(n,)`."""
        return np.einsum("nr,nr->n", self.users[user], self.movies[movie])


def factorize(
    user: np.ndarray,
    movie: np.ndarray,
    residual: np.ndarray,
    shape: tuple[int, int],
    *,
    rank: int = 8,
    penalty: float = 12.0,
    sweeps: int = 8,
    seed: int = 0,
) -> Factors:
    """Fits the factors by alternating least squares: ridge regressions of users on films and films on users in turn.

    Zhou et al., "Large-scale parallel collaborative filtering for the Netflix prize", 2008; with a penalty that does not
    grow with the number of ratings, the posterior mean under normal factors.

    Args:
        user: Row of the user of each training rating, `(n,)`.
        movie: Row of the film, `(n,)`.
        residual: What biases leave of the rating, `(n,)`.
        shape: Numbers of users and films.
        rank: Length of the vectors.
        penalty: Of a vector's squared length; about the variance of the noise over that of a factor.
        sweeps: Times that both sides are solved.
        seed: Of the start.
    """
    from scipy.sparse import csr_matrix  # here, for it takes 0.1 s to import

    values = csr_matrix((residual.astype(np.float32), (user, movie)), shape=shape)
    seen = csr_matrix((np.ones(len(user), np.float32), (user, movie)), shape=shape)
    both = [(values, seen), (values.T.tocsr(), seen.T.tocsr())]
    rng = np.random.default_rng(seed)
    sides = [np.zeros((shape[0], rank), np.float32), rng.normal(0, 0.1, (shape[1], rank)).astype(np.float32)]
    for _ in range(sweeps):
        for side, (values, seen) in enumerate(both):
            sides[side] = _solve(values, seen, sides[1 - side], penalty)
    return Factors(*sides)


def _solve(values: "csr_matrix", seen: "csr_matrix", fixed: np.ndarray, penalty: float) -> np.ndarray:
    """Ridge regression of every row on the fixed side's vectors, all rows at once."""
    rank = fixed.shape[1]
    i, j = np.triu_indices(rank)
    gram = np.empty((seen.shape[0], rank, rank), np.float32)
    gram[:, i, j] = seen @ (fixed[:, i] * fixed[:, j])  # Σ v vᵀ over what each row has rated, `(rows, r (r + 1) / 2)`
    gram[:, j, i] = gram[:, i, j]
    gram[:, np.arange(rank), np.arange(rank)] += penalty
    return np.linalg.solve(gram, (values @ fixed)[:, :, None])[:, :, 0]
