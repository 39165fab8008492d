"""How much each part of the head adds to the rating: cross, deep, bias, and the biases of users and movies."""

import numpy as np
import pandas as pd

from dcn_core.errors import PredictionError
from dcn_core.insight.forward import forward
from dcn_core.insight.network import CHUNK, Indices, Network, check_rows
from dcn_core.insight.wording import listed, percent, sentence, words
from dcn_core.model.shapes import has_two_heads


def contributions(network: Network, indices: Indices) -> pd.DataFrame:
    """What adds up to each rating, in stars: one row a rating, one column a part (`cross`, `deep`, `bias`, ...)."""
    n = len(next(iter(indices.values())))
    frames = [
        pd.DataFrame(
            forward(*network, {name: index[start : start + CHUNK] for name, index in indices.items()}).contributions
        )
        for start in range(0, n, CHUNK)
    ]
    return pd.concat(frames, ignore_index=True).astype(float)


def head_shares(parts: pd.DataFrame) -> pd.DataFrame:
    """Divides the variance of the prediction among its parts.

    Args:
        parts: As of `contributions`.

    Returns:
        `part`; `mean` and `std` of what it adds, in stars; `share` of the variance of the prediction: covariance of the
        part and the prediction over the variance of the prediction. Shares sum to 1; one is negative where a part works
        against the others. Largest first.
    """
    total = parts.sum(axis=1)
    variance = max(float(total.var(ddof=0)), 1e-300)
    frame = pd.DataFrame(
        {
            "part": list(parts.columns),
            "mean": parts.mean().to_numpy(),
            "std": parts.std(ddof=0).to_numpy(),
            "share": [
                float(((part - part.mean()) * (total - total.mean())).mean()) / variance for _, part in parts.items()
            ],
        }
    )
    return frame.sort_values("share", ascending=False, ignore_index=True, kind="stable")


def head_sentence(shares: pd.DataFrame) -> str:
    """Who makes the predictions differ."""
    named = [
        f"{percent(share)} by the {words(part)} part"
        if part in ("cross", "deep")
        else f"{percent(share)} by the {part.replace('_', ' ')}"
        for part, share in zip(shares["part"], shares["share"], strict=True)
        if part != "bias"
    ]
    return sentence(f"differences between predictions are made {listed(named)}.")


def mix_curve(network: Network, indices: Indices, rating: np.ndarray, steps: int = 41) -> pd.DataFrame:
    """Measures the error if the two heads were mixed with another weight than in training.

    Args:
        network: With a head of its own for the cross and the deep part (`sum` or `average`).
        indices: Features of `n` ratings, the validation part for instance.
        rating: Their labels, `(n,)`.
        steps: Number of weights from 0 to 1.

    Returns:
        `alpha` and `mse` of 2 α · cross + 2 (1 - α) · deep + biases, where cross and deep are what the two heads add, their
        own bias included: 0.5 is the network itself, 0 only deep, 1 only cross.

    Raises:
        PredictionError: The network has one head, or there are no ratings.
    """
    check_rows(indices, rating)
    if not has_two_heads(network.config):
        raise PredictionError(
            "a mix needs two heads: structure 'parallel' with head 'sum' or 'average'. "
            f"Received: structure '{network.config.structure}' with head '{network.config.head}'."
        )
    parts = contributions(network, indices)
    scale = 0.5 if network.config.head == "average" else 1.0
    heads = {
        name: parts[name].to_numpy() + scale * float(network.weights[f"{name}_head/bias"][0])
        for name in ("cross", "deep")
    }
    rest = parts.drop(columns=["cross", "deep", "bias"]).sum(axis=1).to_numpy()
    alphas = np.linspace(0, 1, steps)
    mixed = (network.prediction(2 * a * heads["cross"] + 2 * (1 - a) * heads["deep"] + rest) for a in alphas)
    errors = [float(np.mean((prediction - rating) ** 2)) for prediction in mixed]
    return pd.DataFrame({"alpha": alphas, "mse": errors})


def mix_sentence(curve: pd.DataFrame) -> str:
    """Where the best mix lies, and what it would gain."""
    best = curve.loc[curve["mse"].idxmin()]
    own = float(np.interp(0.5, curve["alpha"], curve["mse"]))
    if own - best["mse"] < 0.0005 * own:
        return "The heads are mixed as well as they can be: no other weight lowers the error by more than 0.05 %."
    return (
        f"The error is lowest with {percent(best['alpha'])} cross and {percent(1 - best['alpha'])} deep: {best['mse']:.4f} MSE "
        f"against {own:.4f} as trained."
    )
