"""Small features, indices and weights that the model's tests share."""

import keras
import numpy as np

from dcn_core.config.features import FeatureSpec
from dcn_core.model.weights import load_named_weights, named_weights
from tests.insight import networks

SPECS = (
    FeatureSpec("genres", 6, slots=4),
    FeatureSpec("gender", 3),
    FeatureSpec("age", 5),
    FeatureSpec("user_id", 12),
    FeatureSpec("movie_id", 9),
)


def random_indices(specs=SPECS, n=32, seed=0):
    """Valid indices of every kind, see `tests.insight.networks.random_indices`."""
    return networks.random_indices(specs, n, seed)


def randomize(model: keras.Model, seed: int = 0) -> dict[str, np.ndarray]:
    """Gives a model weights that are all different from their initial values, and returns them."""
    rng = np.random.default_rng(seed)
    weights = {}
    for name, value in named_weights(model).items():
        if name.endswith("moving_variance"):
            weights[name] = rng.uniform(0.5, 2.0, value.shape).astype("float32")
        else:
            weights[name] = (value + rng.normal(0, 0.2, value.shape)).astype("float32")
    load_named_weights(model, weights)
    return weights


def numpy(tensor) -> np.ndarray:
    """The values of a tensor or variable (`np.array(variable)` warns on NumPy 2)."""
    return np.array(tensor.numpy())


def predict(model: keras.Model, indices: dict[str, np.ndarray], training: bool = False) -> np.ndarray:
    """The ratings, `(n,)`."""
    return numpy(model(indices, training=training))[:, 0]
