"""Plants a polynomial and lets a DCN, a DCN-V2 and a deep network of the same size learn it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dcn_core.model.numeric import NumericKind, build_numeric, cross_weights, num_parameters
from dcn_core.polynomials.expansion import coefficients
from dcn_core.polynomials.formula import Monomial, Polynomial, name_of
from dcn_core.training.full_batch import fit_full_batch

ROWS, FEWEST_ROWS, TEST_ROWS = 2, 5_000, 10_000
"""Training rows for each weight of the largest network, at least so many; rows to measure on."""
STARTS, LARGE = 3, 1_000
"""Starts of a network, the best of which on its training rows is kept; one for those with more weights than `LARGE`."""
MOST_V1_LAYERS = 8
"""As many as the playground offers. Each multiplies all features by one and the same number, so a network with more weights
than that many layers hold has no peer of V1: layers beyond the formula's degree only fit the training rows (docs/log.md)."""
SHOWN = 5e-4
"""Products that the formula does not have are listed from this size on."""


@dataclass(frozen=True)
class Learned:
    """What one network made of the formula.

    Attributes:
        name: "V1", "V2" or "DNN".
        layers: Cross layers, or 1 for the deep network.
        parameters: Its weights.
        train_rmse: On the rows that it learned from.
        test_rmse: On rows of the same distribution that it has not seen.
        iterations: That the optimiser took, all starts together.
        seconds: That training took.
        coefficients: By monomial, up to the formula's degree; empty for a network that is no polynomial.
    """

    name: NumericKind
    layers: int
    parameters: int
    train_rmse: float
    test_rmse: float
    iterations: int
    seconds: float
    coefficients: dict[Monomial, float]


def learn(truth: Polynomial, iterations: int = 2_000, seed: int = 1) -> list[Learned]:
    """Trains V1, V2 and DNN on the values of a polynomial at inputs uniform on [-1, 1].

    DCN-V2 has as many layers as reach the formula's degree; the others have as many layers or units as bring their number
    of weights closest to its; where V1 would need more than `MOST_V1_LAYERS`, it has those of DCN-V2. All are trained by L-BFGS on all rows in double precision.

    Args:
        truth: The formula.
        iterations: Of the optimiser, at most.
        seed: Of the inputs and the initial weights.
    """
    d, depth = truth.num_inputs, max(1, truth.degree - 1)
    size = num_parameters("V2", d, depth)
    rng = np.random.default_rng(seed)
    rows = max(FEWEST_ROWS, ROWS * size)
    x, unseen = rng.uniform(-1, 1, (rows, d)), rng.uniform(-1, 1, (TEST_ROWS, d))
    peers = _closest("V1", d, size)
    sizes: dict[NumericKind, int] = {
        "V1": peers if peers <= MOST_V1_LAYERS else depth,
        "V2": depth,
        "DNN": _closest("DNN", d, size),
    }
    found = []
    for kind, units in sizes.items():
        started, tried, done = time.perf_counter(), [], 0
        for start in range(1 if num_parameters(kind, d, units) > LARGE else STARTS):
            model = build_numeric(kind, d, units, seed + start)
            done += fit_full_batch(model, x, truth(x), iterations)
            tried.append((_rmse(model, truth, x), start, model))
        seconds = time.perf_counter() - started
        train_rmse, _, model = min(tried)
        errors = train_rmse, _rmse(model, truth, unseen)
        parts = {} if kind == "DNN" else coefficients(*cross_weights(model), truth.degree)
        layers = 1 if kind == "DNN" else units
        found.append(Learned(kind, layers, num_parameters(kind, d, units), *errors, done, seconds, parts))
    return found


def _rmse(model: Callable[[np.ndarray], Any], truth: Polynomial, x: np.ndarray) -> float:
    return float(np.sqrt(np.mean((model(x).numpy()[:, 0] - truth(x)) ** 2)))


def beside_truth(truth: Polynomial, learned: list[Learned], most: int = 200) -> pd.DataFrame:
    """Returns `product`, `truth` and a column for each cross network: the formula's products first, then what was learned
    beside them, largest first."""
    networks = [one for one in learned if one.coefficients]
    strays = {
        monomial: max(abs(one.coefficients[monomial]) for one in networks)
        for monomial in (networks[0].coefficients if networks else {})
        if monomial not in truth.coefficients
    }
    more = sorted((m for m, size in strays.items() if size > SHOWN), key=lambda m: -strays[m])
    monomials = [*truth.coefficients, *more][:most]
    columns: dict[str, list[object]] = {
        "product": [name_of(monomial) for monomial in monomials],
        "truth": [truth.coefficients.get(monomial, 0.0) for monomial in monomials],
    }
    for one in networks:
        columns[one.name] = [one.coefficients.get(monomial, 0.0) for monomial in monomials]
    return pd.DataFrame(columns)


def _closest(kind: NumericKind, num_inputs: int, parameters: int) -> int:
    """The size whose number of weights is closest."""
    per = num_parameters(kind, num_inputs, 2) - num_parameters(kind, num_inputs, 1)
    return max(1, round((parameters - num_parameters(kind, num_inputs, 1)) / per) + 1)
