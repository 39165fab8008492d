"""The polynomial that a cross network computes, coefficient by coefficient, exactly."""

from collections.abc import Mapping, Sequence
from itertools import combinations_with_replacement

import numpy as np

from dcn_core.polynomials.formula import Monomial

Layers = Sequence[Mapping[str, np.ndarray]]
"""Weights of each cross layer by the papers' letters: `w` or `W`, and `b`."""


def coefficients(layers: Layers, head: np.ndarray, bias: float, degree: int) -> dict[Monomial, float]:
    """Returns the coefficients of all products of up to `degree` inputs.

    Each layer multiplies by the input once more, so a coefficient depends on shorter products only, and what is longer than
    `degree` may be left out on the way.

    Args:
        layers: Of kind vector or matrix, first to last.
        head: Weights of the output layer, `(d,)`.
        bias: Its bias.
        degree: Of the longest products to look at.
    """
    d = len(head)
    monomials = [m for k in range(degree + 1) for m in combinations_with_replacement(range(1, d + 1), k)]
    place = {monomial: number for number, monomial in enumerate(monomials)}
    short = [number for number, monomial in enumerate(monomials) if len(monomial) < degree]
    raised = np.array(
        [[place[tuple(sorted((*monomials[n], i)))] for n in short] for i in range(1, d + 1)]
    )  # (d, short)
    x = np.zeros((d, len(monomials)))  # row i: the polynomial of feature i
    x[np.arange(d), [place[(i,)] for i in range(1, d + 1)]] = 1
    for layer in layers:
        inside = np.tile(layer["w"] @ x, (d, 1)) if "w" in layer else layer["W"] @ x
        outside = x.copy()
        (outside if "w" in layer else inside)[:, 0] += layer["b"]  # V1 has its bias outside the product
        for i in range(d):
            outside[i, raised[i]] += inside[i, short]  # distinct products stay distinct when x_i comes in
        x = outside
    total = head @ x
    total[0] += bias
    return {monomial: float(value) for monomial, value in zip(monomials, total, strict=True)}
