"""How much each pair of features interacts in the prediction itself, in stars: whatever part of the network does it.

The functional analysis of variance writes the prediction as a sum of one term per set of features (Hoeffding; Liu and
Owen, "Estimating mean dimensionality of analysis of variance decompositions", JASA 2006). The term of a pair is what
remains of the prediction when the values of both features are known and everything that either explains alone is taken
out. It is what `PlantedCross.strength` measures in the generated world, so the two are compared number by number.

All is estimated from double differences f(i, j) - f(i', j) - f(i, j') + f(i', j'), where i' and j' are another rating's
values. Features are swapped one by one, so a user id meets ages it never had: an effect that the network carries by the
id is found under the id, not under the age.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dcn_core.insight.interactions import pair_frame
from dcn_core.insight.network import Indices, Network, check_rows
from dcn_core.insight.wording import pair_words, percent, sentence

SAMPLE_ROWS = 20_000
"""Most ratings that `total` and `worth` need: the standard error of the worth of a cross of 0.15 stars is then 0.004."""
EFFECT_ROWS = 4096
"""Most ratings that `effect` is averaged over: its standard error is then about 0.005 stars, and it takes four evaluations
a pair where the others take one."""


@dataclass(frozen=True)
class PairEffects:
    """Symmetric matrices over `F` features, NaN on the diagonal.

    Attributes:
        feature_names: `F` names, in the order of both axes.
        effect: `(F, F)`, standard deviation over the ratings, in stars, of the pair's own term: the part of the prediction
            that exactly these two features explain together. 0 where the estimate of the variance is negative.
        total: `(F, F)`, the same of all terms that contain both features: crosses of three and more included.
        worth: `(F, F)`, by how much the mean squared error on the given ratings, in stars², would rise without all terms
            that contain both features. Negative where the network crosses noise.
    """

    feature_names: tuple[str, ...]
    effect: np.ndarray
    total: np.ndarray
    worth: np.ndarray

    @property
    def worth_in_stars(self) -> np.ndarray:
        """`(F, F)`, √worth, with the sign of worth: a network that learned a cross fully reaches its planted strength."""
        return np.sign(self.worth) * np.sqrt(np.abs(self.worth))

    def frame(self) -> pd.DataFrame:
        """One row per pair, strongest first: `feature`, `other`, `effect`, `share` (of the sum of all pairs' variances),
        `total`, `worth`, `worth_in_stars`."""
        frame = pair_frame(
            self.feature_names,
            itself=False,
            effect=self.effect,
            total=self.total,
            worth=self.worth,
            worth_in_stars=self.worth_in_stars,
        )
        variance = frame["effect"] ** 2
        frame.insert(3, "share", variance / max(variance.sum(), 1e-300))
        return frame.sort_values("effect", ascending=False, ignore_index=True, kind="stable")

    def sentence(self) -> str:
        """What the strongest pair is, how strong, and what it is good for."""
        if len(self.feature_names) < 2:
            return "With one feature there is nothing to cross."
        top = self.frame().iloc[0]
        if top["effect"] < 0.005:
            return "No two features interact in the predictions: the network only adds up what each says alone."
        use = (
            f"without it the squared error would be {top['worth']:.3f} higher"
            if top["worth"] > 0
            else "on these ratings it does not lower the error"
        )
        return sentence(
            f"{pair_words(top['feature'], top['other'])} interact most: {top['effect']:.2f} stars, {percent(top['share'])} of the "
            f"cross effect of all pairs; {use}."
        )


def pair_effects(network: Network, indices: Indices, rating: np.ndarray, seed: int = 0) -> PairEffects:
    """Estimates all pairs at once.

    Args:
        network: Any architecture.
        indices: Features of `n` ratings that are a random sample, up to `SAMPLE_ROWS` of the validation part for instance.
        rating: Their labels, `(n,)`.
        seed: Of the ratings that are swapped in.

    Raises:
        PredictionError: There are no ratings, or another number of labels.
    """
    check_rows(indices, rating)
    names, size = network.feature_names, len(network.feature_names)
    rng = np.random.default_rng(seed)
    partner, stranger = _shuffles(len(rating), rng)
    few = rng.permutation(len(rating))[:EFFECT_ROWS]
    other, own_few, other_few, context = (
        {name: index[order] for name, index in indices.items()} for order in (partner, few, partner[few], stranger[few])
    )
    values = network.rating(indices)
    swapped = [network.rating({**indices, name: other[name]}) for name in names]
    effect, total, worth = (np.full((size, size), np.nan) for _ in range(3))
    for i in range(size):
        for j in range(i + 1, size):
            a, b = names[i], names[j]
            both = network.rating({**indices, a: other[a], b: other[b]})
            difference = values - swapped[i] - swapped[j] + both
            # The same four values of the pair among the other features of an unrelated rating: what the two double
            # differences share is the pair's own doing.
            elsewhere = sum(
                sign * network.rating({**context, a: left[a], b: right[b]})
                for sign, left, right in (
                    (1, own_few, own_few),
                    (-1, other_few, own_few),
                    (-1, own_few, other_few),
                    (1, other_few, other_few),
                )
            )
            total[i, j] = np.sqrt(np.mean(difference**2) / 4)
            effect[i, j] = np.sqrt(max(0.0, np.mean(difference[few] * elsewhere) / 4))
            # The mean of `difference` over other ratings is the sum of the terms; removing it changes the squared error
            # by 2 (label - prediction) · terms + terms².
            worth[i, j] = np.mean(2 * (rating - values) * difference) + total[i, j] ** 2
            for matrix in (effect, total, worth):
                matrix[j, i] = matrix[i, j]
    return PairEffects(names, effect, total, worth)


def _shuffles(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Two partners for each of `n` rows, all three different where there are three rows: a random cycle, one and two on."""
    cycle = rng.permutation(n)
    partners = np.empty((2, n), dtype=np.int64)
    for step in (1, 2):
        partners[step - 1, cycle] = np.roll(cycle, -step)
    return partners[0], partners[1]
