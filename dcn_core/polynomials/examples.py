"""The three polynomials of the DCN-V2 paper."""

import numpy as np

F1 = "x1² + x1 x2 + x3 x1 + x4 x1"
F2 = "x1² + 0.1 x1 x2 + x2 x3 + 0.1 x3²"


def f3(seed: int = 0, num_inputs: int = 100, num_pairs: int = 100) -> str:
    """f3: as many random pairs of as many inputs. Pairs and weights are ours, standard normal: the paper gives neither."""
    rng = np.random.default_rng(seed)
    first, second = np.triu_indices(num_inputs, k=1)
    chosen = rng.choice(len(first), num_pairs, replace=False)
    weights = rng.normal(size=num_pairs)
    terms = (f"{weight:+.6f}*x{first[k] + 1}*x{second[k] + 1}" for weight, k in zip(weights, chosen, strict=True))
    return " ".join(terms)


EXAMPLES: dict[str, str] = {"f1": F1, "f2": F2, "f3": f3()}
"""Formulas by name. Table 2 of arXiv:2008.13535; of f3 it tells the shape only."""
