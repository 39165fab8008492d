"""Cross networks on planted formulas: what they compute is a polynomial, and DCN-V2 finds the planted one."""

import numpy as np
import pytest

from dcn_core.model.numeric import build_numeric, cross_weights, num_parameters
from dcn_core.polynomials.expansion import coefficients
from dcn_core.polynomials.experiment import beside_truth, learn
from dcn_core.polynomials.formula import Polynomial, parse


@pytest.mark.parametrize(("kind", "layers"), [("V1", 1), ("V1", 3), ("V2", 1), ("V2", 2)])
def test_the_expansion_is_the_network(kind, layers):
    model = build_numeric(kind, 3, layers, seed=2)
    rng = np.random.default_rng(0)
    for weight in model.trainable_variables:
        weight.assign(rng.normal(size=weight.shape))
    found = coefficients(*cross_weights(model), degree=layers + 1)
    x = rng.uniform(-1, 1, (40, 3))
    np.testing.assert_allclose(Polynomial(found, 3)(x), model(x).numpy()[:, 0], rtol=1e-10)
    short = coefficients(*cross_weights(model), degree=1)
    assert short == pytest.approx({monomial: found[monomial] for monomial in short})


@pytest.mark.parametrize(("kind", "size"), [("V1", 2), ("V2", 2), ("DNN", 5)])
def test_the_number_of_weights_is_known_beforehand(kind, size):
    assert build_numeric(kind, 4, size, seed=0).count_params() == num_parameters(kind, 4, size)


def test_matrix_layers_learn_what_one_vector_cannot():
    """f2 of the DCN-V2 paper: 1e-1 for DCN, 4.5e-15 for DCN-V2 there."""
    truth = parse("x1² + 0.1 x1 x2 + x2 x3 + 0.1 x3²")
    learned = {one.name: one for one in learn(truth)}
    assert learned["V2"].test_rmse < 1e-8
    assert 0.05 < learned["V1"].test_rmse < 0.3
    assert learned["DNN"].test_rmse > 0.02
    sizes = [one.parameters for one in learned.values()]
    assert max(sizes) - min(sizes) <= 6  # a layer of V1
    table = beside_truth(truth, list(learned.values()))
    np.testing.assert_allclose(table["V2"], table["truth"], atol=1e-8)
    assert np.abs(table["V1"] - table["truth"]).max() > 0.1


def test_a_product_of_three_needs_a_second_layer():
    (one,) = [found for found in learn(parse("x1 x2 x3 - 0.5 x1²")) if found.name == "V2"]
    assert one.layers == 2
    assert one.test_rmse < 1e-4


def test_vector_layers_that_cannot_have_as_many_weights_are_as_many_as_the_matrix_layers():
    many = " + ".join(f"x{2 * pair + 1} x{2 * pair + 2}" for pair in range(15))  # 930 weights in a matrix: 16 vectors
    learned = {one.name: one for one in learn(parse(many), iterations=3)}
    assert learned["V1"].layers == learned["V2"].layers == 1
