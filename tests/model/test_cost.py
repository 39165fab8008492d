import itertools
import math
from typing import get_args

import pytest
import tensorflow as tf

from dcn_core.config.model import CrossKind, ModelConfig
from dcn_core.config.presets import preset_config
from dcn_core.config.run import parse_config
from dcn_core.model.builder import build_model
from dcn_core.model.cost import BASE_MB, flops_per_example, input_dim, memory_mb, parameter_counts
from tests.model.examples import SPECS

KINDS = get_args(CrossKind)
ARCHITECTURES = [
    *itertools.product(["parallel"], ["concat", "sum", "average"], KINDS, ["concat", "token_mean"]),
    *itertools.product(["stacked", "cross", "deep"], ["average"], KINDS, ["concat", "token_mean"]),
]


@pytest.mark.parametrize(("structure", "head", "cross_kind", "combination"), ARCHITECTURES)
def test_parameters_are_counted_as_keras_counts_them(structure, head, cross_kind, combination):
    config = ModelConfig(
        structure=structure,
        head=head,
        cross_kind=cross_kind,
        combination=combination,
        embedding_dim="auto",
        projection_dim=5,
        num_cross_layers=3,
        deep_layer_sizes=(7, 4),
        batch_normalization=head != "sum",
        dropout=0.1,
        user_bias=head != "concat",
        movie_bias=True,
    )
    model = build_model(config, SPECS, 3.5, seed=1)
    counts = parameter_counts(config, SPECS)
    assert counts["total"] == model.count_params()
    assert counts["trainable"] == sum(weight.shape.num_elements() for weight in model.trainable_weights)
    assert counts["total"] == sum(counts[part] for part in ("embeddings", "cross", "deep", "head", "biases"))
    assert model.get_layer("rating").input is not None
    if combination == "concat" and len(SPECS) > 1:
        assert model.get_layer("x0").output.shape[-1] == input_dim(config, SPECS)


@pytest.mark.parametrize(
    ("cross_kind", "parameters"),
    [
        ("vector", 2 * 20),
        ("matrix", 20**2 + 20),
        ("low_rank", 2 * 20 * 3 + 20),
        ("mixture", 5 * (2 * 20 * 3 + 3 * 3 + 20) + 20),
        ("gated", 2 * 20**2 + 20),
    ],
)
def test_cross_layers_have_the_papers_parameters(cross_kind, parameters):
    config = ModelConfig(cross_kind=cross_kind, embedding_dim=4, projection_dim=3, num_experts=5, num_cross_layers=2)
    assert parameter_counts(config, SPECS)["cross"] == 2 * parameters


def test_notebook_preset_has_the_notebooks_parameters():
    from dcn_core.config.features import FeatureSpec

    specs = (
        FeatureSpec("genres", 19, 6),
        FeatureSpec("gender", 3),
        FeatureSpec("age", 8),
        FeatureSpec("occupation", 22),
    )
    assert parameter_counts(preset_config("notebook").model, specs) == {
        "embeddings": (19 + 3 + 8 + 22) * 16,
        "cross": 4 * 2 * 16,
        "deep": (16 * 64 + 64) + 4 * 64 + (64 * 32 + 32) + 4 * 32,
        "head": (16 + 1) + (32 + 1),
        "biases": 0,
        "total": 4562,
        "trainable": 4562 - 2 * 64 - 2 * 32,
    }


def test_arithmetic_is_counted_by_part():
    config = ModelConfig(
        structure="stacked", embedding_dim=2, num_cross_layers=3, deep_layer_sizes=(5,), user_bias=True
    )
    assert flops_per_example(config, SPECS) == {
        "embeddings": 4 * 2,
        "cross": 3 * (2 * 10 * 10 + 3 * 10),
        "deep": 2 * 10 * 5 + 2 * 5,
        "head": 2 * 5 + 1,
        "total": 8 + 690 + 110 + 11,
    }
    assert flops_per_example(config.model_copy(update={"cross_kind": "vector"}), SPECS)["cross"] == 3 * 5 * 10
    low_rank = config.model_copy(update={"cross_kind": "low_rank", "projection_dim": 4})
    assert flops_per_example(low_rank, SPECS)["cross"] == 3 * (4 * 10 * 4 + 3 * 10)
    assert flops_per_example(config.model_copy(update={"structure": "deep"}), SPECS)["cross"] == 0


FREE = {"Identity", "Reshape", "Transpose", "ExpandDims", "NoOp", "Const", "ReadVariableOp", "Placeholder", "Pack"}
"""Operations that move numbers and compute none; so are those on shapes, which are integers."""


def operations(layer, d):
    """Additions and multiplications of a layer on one example, counted in the graph that Keras makes of it."""
    example = tf.TensorSpec((1, d), tf.float32)
    graph = tf.function(lambda x0, x: layer(x0, x), autograph=False).get_concrete_function(example, example).graph
    total = 0
    for operation in graph.get_operations():
        if operation.type in FREE or not operation.outputs or operation.outputs[0].dtype != tf.float32:
            continue
        size = math.prod(operation.outputs[0].shape)
        if operation.type in ("MatMul", "BatchMatMulV2"):
            inner = operation.inputs[0].shape[-2 if operation.node_def.attr["transpose_a"].b else -1]
            total += 2 * size * inner
        elif operation.type == "Sum":
            total += math.prod(operation.inputs[0].shape) - size
        else:
            assert operation.type in ("Mul", "AddV2", "Tanh", "Sigmoid", "Softmax"), operation.type
            total += size
    return total


@pytest.mark.parametrize("gate", ["softmax", "sigmoid"])
@pytest.mark.parametrize("activation", ["identity", "tanh"])
@pytest.mark.parametrize("kind", KINDS)
def test_arithmetic_of_a_cross_layer_is_what_keras_computes(kind, activation, gate):
    config = ModelConfig(
        structure="cross",
        cross_kind=kind,
        num_cross_layers=1,
        projection_dim=3,
        num_experts=4,
        expert_activation=activation,
        gate=gate,
    )
    layer = build_model(config, SPECS, 3.5, seed=1).get_layer("cross_1")
    assert flops_per_example(config, SPECS)["cross"] == operations(layer, input_dim(config, SPECS))


def test_a_large_table_of_one_s_own_is_foreseen_with_its_reading():
    columns = [{"column": "y", "role": "label"}, {"column": "n", "role": "ignore"}]
    columns += [{"column": f"x{number}", "role": "category"} for number in range(7)]
    own = parse_config({"data": {"source": "t.csv", "table": {"columns": columns}}})
    rows = 20_000_000
    assert memory_mb(own, SPECS, rows) >= BASE_MB + 3_600  # measured: reading such a table takes 3.6 GB
    narrow = parse_config({"data": {"source": "t.csv", "table": {"columns": [columns[0], columns[2]]}}})
    assert memory_mb(narrow, SPECS, rows) == memory_mb(parse_config({}), SPECS, rows) < memory_mb(own, SPECS, rows)
