"""What the head adds up, and what another mix would give."""

import numpy as np
import pytest

from dcn_core.errors import PredictionError
from dcn_core.insight import heads as room
from dcn_core.insight.heads import contributions, head_sentence, head_shares, mix_curve, mix_sentence
from tests.insight.networks import KINDS, random_indices, random_network, random_rating

INDICES = random_indices()


@pytest.mark.parametrize("kind", KINDS)
def test_contributions_in_chunks_sum_to_the_rating(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "CHUNK", 7)
    network = random_network(cross_kind=kind, user_bias=True)
    parts = contributions(network, INDICES)
    assert list(parts) == ["cross", "deep", "bias", "user_bias"]
    np.testing.assert_allclose(parts.sum(axis=1), network.rating(INDICES))


def test_shares_are_covariances_and_sum_to_one() -> None:
    parts = contributions(random_network(user_bias=True), INDICES)
    shares = head_shares(parts).set_index("part")
    assert shares["share"].sum() == pytest.approx(1)
    total = parts.sum(axis=1)
    expected = np.cov(parts["deep"], total, ddof=0)[0, 1] / total.var(ddof=0)
    assert shares.loc["deep", "share"] == pytest.approx(expected)
    assert shares.loc["bias", "share"] == pytest.approx(0)
    assert shares["share"].is_monotonic_decreasing
    assert "by the cross part" in head_sentence(shares.reset_index())


@pytest.mark.parametrize("head", ["sum", "average"])
def test_the_mix_curve_goes_from_one_head_through_the_network_to_the_other(head: str) -> None:
    network, rating = random_network(head=head, user_bias=True), random_rating()
    curve = mix_curve(network, INDICES, rating, steps=3)
    parts = contributions(network, INDICES)
    scale = 0.5 if head == "average" else 1.0
    only_cross = 2 * (parts["cross"] + scale * network.weights["cross_head/bias"][0]) + parts["user_bias"]
    only_deep = 2 * (parts["deep"] + scale * network.weights["deep_head/bias"][0]) + parts["user_bias"]
    expected = [np.mean((only_deep - rating) ** 2), network.mse(INDICES, rating), np.mean((only_cross - rating) ** 2)]
    assert curve["alpha"].tolist() == [0, 0.5, 1]
    np.testing.assert_allclose(curve["mse"], expected)


def test_the_mix_sentence_says_what_is_to_gain() -> None:
    network = random_network(head="average")
    parts = contributions(network, INDICES)
    rating = (2 * parts["cross"] + network.weights["cross_head/bias"][0]).to_numpy()
    assert "100 % cross and 0 % deep: 0.0000 MSE" in mix_sentence(mix_curve(network, INDICES, rating))
    own = network.rating(INDICES) + 1e-3
    assert "as well as they can be" in mix_sentence(mix_curve(network, INDICES, own + np.tile([1, -1], 20) * 0))


def test_one_head_cannot_be_mixed() -> None:
    with pytest.raises(PredictionError, match="two heads"):
        mix_curve(random_network(), INDICES, random_rating())
