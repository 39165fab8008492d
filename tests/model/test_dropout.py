import keras
import numpy as np

from dcn_core.model.dropout import Dropout

ONES = np.ones((400, 500), np.float32)


def test_the_asked_share_is_dropped_and_the_rest_makes_up_for_it():
    dropped = np.asarray(Dropout(0.3, seed=1)(ONES, training=True))
    np.testing.assert_allclose(np.unique(dropped), [0, 1 / 0.7], rtol=1e-6)
    assert abs(np.mean(dropped == 0) - 0.3) < 0.005  # four standard deviations are 0.0041
    assert (
        abs(np.mean(dropped == 0, axis=0) - 0.3).max() < 0.12 and abs(np.mean(dropped == 0, axis=1) - 0.3).max() < 0.12
    )


def test_every_call_draws_anew_and_the_same_seed_the_same():
    first, again = Dropout(0.5, seed=1), Dropout(0.5, seed=1)
    one, two = (np.asarray(first(ONES, training=True)) for _ in range(2))
    assert 0.4 < np.mean(one != two) < 0.6
    np.testing.assert_array_equal(one, again(ONES, training=True))
    assert np.any(one != np.asarray(Dropout(0.5, seed=2)(ONES, training=True)))


def test_inference_and_a_rate_of_zero_change_nothing():
    assert np.array_equal(Dropout(0.5, seed=1)(ONES), ONES)
    assert np.array_equal(Dropout(0.0, seed=1)(ONES, training=True), ONES)


def test_a_saved_network_has_it_back(tmp_path):
    inputs = keras.Input((5,))
    keras.Model(inputs, Dropout(0.25, seed=3)(inputs)).save(tmp_path / "network.keras")
    layer = keras.saving.load_model(tmp_path / "network.keras").layers[-1]
    assert isinstance(layer, Dropout) and layer.rate == 0.25
