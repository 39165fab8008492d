import keras
import numpy as np
import pytest
import tensorflow as tf

from dcn_core.training.packing import PackedWeights


@pytest.fixture
def model():
    inputs = keras.Input((3,))
    hidden = keras.layers.Dense(5, name="first", bias_initializer="ones")(inputs)
    return keras.Model(inputs, keras.layers.Dense(2, name="second")(hidden))


@pytest.mark.parametrize("limit", [0, 2, 5, 10, 100])
def test_weights_come_back_as_they_were_whatever_is_packed(model, limit):
    before = [weight.numpy() for weight in model.trainable_variables]
    packed = PackedWeights(model, limit)
    for value, expected in zip(packed.unpack(packed.values()), before, strict=True):
        np.testing.assert_array_equal(value, expected)
    doubled = packed.pack([tf.constant(2 * weight) for weight in before])
    assert [tuple(value.shape) for value in doubled] == [tuple(variable.shape) for variable in packed.variables]
    packed.write_to_model(doubled)
    for weight, expected in zip(model.trainable_variables, before, strict=True):
        np.testing.assert_array_equal(weight.numpy(), 2 * expected)


@pytest.mark.parametrize(("limit", "shapes"), [(0, [(3, 5), (5,), (5, 2), (2,)]), (10, [(17,), (3, 5)]), (99, [(32,)])])
def test_only_weights_up_to_the_limit_are_packed(model, limit, shapes):
    assert [tuple(variable.shape) for variable in PackedWeights(model, limit).variables] == shapes


def test_weights_are_picked_by_their_variable(model):
    packed = PackedWeights(model)
    weights = packed.unpack(packed.values())
    (kernel,) = packed.pick(weights, [model.get_layer("second").kernel])
    np.testing.assert_array_equal(kernel, model.get_layer("second").kernel.numpy())
