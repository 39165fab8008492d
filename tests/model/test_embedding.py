import numpy as np
import pytest
import tensorflow as tf

from dcn_core.model.embedding import FeatureEmbedding
from tests.model.examples import numpy

TABLE = np.array([[0.5, -1.0], [1.0, 2.0], [3.0, 5.0], [-2.0, 0.0]], dtype="float32")


def embed(indices, **kwargs):
    layer = FeatureEmbedding(4, 2, **kwargs)
    indices = np.asarray(indices, dtype="int32")
    layer.build(indices.shape)
    layer.table.assign(TABLE)
    return numpy(layer(indices))


def test_single_value_reads_its_row():
    np.testing.assert_array_equal(embed([2, 0, 3]), TABLE[[2, 0, 3]])


def test_padding_never_counts_in_the_mean():
    np.testing.assert_allclose(embed([[1, 2, -1, -1], [3, -1, -1, -1]]), [[2.0, 3.5], [-2.0, 0.0]])


def test_padding_adds_nothing_to_the_sum():
    np.testing.assert_allclose(embed([[1, 2, -1, -1]], pooling="sum"), [[4.0, 7.0]])


def test_padding_may_stand_anywhere_and_repeated_values_count_twice():
    np.testing.assert_allclose(embed([[-1, 1, -1, 1]], pooling="sum"), [[2.0, 4.0]])


def test_without_any_value_the_vector_is_zero():
    np.testing.assert_array_equal(embed([[-1, -1, -1]]), [[0.0, 0.0]])


def test_padding_reads_the_unknown_row_if_asked_to():
    np.testing.assert_allclose(embed([[1, -1, -1]], padding="unknown"), [(TABLE[1] + 2 * TABLE[0]) / 3], rtol=1e-6)


@pytest.mark.parametrize("index", [4, 5, 10**6, 2**31 - 1, -1, -(2**31)])
def test_index_that_the_table_lacks_reads_the_unknown_row(index):
    np.testing.assert_array_equal(embed([index]), TABLE[[0]])


def test_unknown_value_in_a_slot_counts_in_the_mean():
    np.testing.assert_allclose(embed([[1, 99, -1]]), [(TABLE[1] + TABLE[0]) / 2])


def test_batch_of_one_keeps_its_batch():
    assert embed([1]).shape == (1, 2)
    assert embed([[1, -1]]).shape == (1, 2)


def test_compiled_gradient_reaches_exactly_the_rows_that_are_read():
    layer = FeatureEmbedding(5, 2)
    layer.build((None, 3))

    @tf.function(jit_compile=True)
    def gradient(indices):
        with tf.GradientTape() as tape:
            total = tf.reduce_sum(layer(indices))
        return tf.convert_to_tensor(tape.gradient(total, layer.table.value))

    indices = np.array([[1, 2, -1], [1, -1, -1], [-1, -1, -1], [1, 77, 4]], dtype="int32")
    expected = np.array([1 / 3, 1 / 2 + 1 + 1 / 3, 1 / 2, 0, 1 / 3])[:, None]
    np.testing.assert_allclose(numpy(gradient(indices)), np.repeat(expected, 2, axis=1), rtol=1e-6)


def test_pool_of_gathered_rows_is_the_layer():
    layer = FeatureEmbedding(4, 2)
    indices = np.array([[1, 2, -1], [9, -1, -1], [-1, -1, -1]], dtype="int32")
    layer.build(indices.shape)
    table = numpy(layer.table)
    vectors = table[numpy(layer.rows(indices))]
    np.testing.assert_allclose(numpy(layer.pool(vectors, indices)), numpy(layer(indices)), rtol=1e-6)


def test_unknown_row_starts_at_zero_and_the_others_do_not():
    layer = FeatureEmbedding(50, 8, seed=1)
    layer.build((None,))
    table = numpy(layer.table)
    np.testing.assert_array_equal(table[0], 0)
    assert np.abs(table[1:]).min(axis=0).max() > 0
    assert np.abs(table).max() <= 0.05
    free = FeatureEmbedding(50, 8, zero_row=False, seed=1)
    free.build((None,))
    np.testing.assert_array_equal(numpy(free.table)[1:], table[1:])
    assert np.abs(numpy(free.table)[0]).max() > 0


def test_penalty_counts_the_whole_table():
    layer = FeatureEmbedding(4, 2, l2=0.1)
    layer.build((None,))
    layer.table.assign(TABLE)
    np.testing.assert_allclose(float(sum(layer.losses)), 0.1 * (TABLE**2).sum(), rtol=1e-6)


def test_config_makes_an_equal_layer():
    layer = FeatureEmbedding(4, 2, "sum", "unknown", scale=0.2, zero_row=False, l2=0.1, seed=5, name="embedding_genres")
    copy = FeatureEmbedding.from_config(layer.get_config())
    assert copy.get_config() == layer.get_config()
    for each in (layer, copy):
        each.build((None, 3))
    np.testing.assert_array_equal(*(numpy(each.table) for each in (layer, copy)))
