"""The network: embeddings, cross layers, deep layers and heads."""

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from dcn_core.config.fields import Config, setting

CrossKind = Literal["vector", "matrix", "low_rank", "mixture", "gated"]
Gate = Literal["softmax", "sigmoid"]
ExpertActivation = Literal["identity", "tanh"]
Structure = Literal["parallel", "stacked", "cross", "deep"]


def read_sizes(text: str) -> dict[str, int]:
    """Embedding sizes by feature of a text such as `user_id=64, gender=4`.

    Raises:
        ValueError: It is written in another way, or a size is not between 1 and 256.
    """
    sizes = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, separator, size = (piece.strip() for piece in part.partition("="))
        good = name.isidentifier() and separator and size.isascii() and size.isdigit() and 1 <= int(size[:4]) <= 256
        if not good or name in sizes:
            raise ValueError(
                f"sizes are written feature=size, each feature once, with sizes from 1 to 256. Received: '{part[:60]}'"
            )
        sizes[name] = int(size)
    return sizes


class ModelConfig(Config):
    """Architecture of one Deep & Cross Network."""

    structure: Structure = setting(
        "parallel",
        label="Structure",
        group="Architecture",
        help="parallel: cross and deep side by side. stacked: deep on top of cross. cross or deep: only that part. "
        "The DCN-V2 paper found stacked and parallel to win on different data.",
    )
    head: Literal["concat", "sum", "average"] = setting(
        "concat",
        label="Head",
        group="Architecture",
        help="How a parallel network joins its parts: one output layer on both (the papers), or the sum or average of "
        "one output each, which lets you read how much each part says. Only used with the parallel structure.",
    )
    embedding_dim: Annotated[int, Field(ge=1, le=256)] | Literal["auto"] = setting(
        16,
        label="Embedding size",
        group="Embeddings",
        help="Numbers per category. Larger ones remember more and overfit sooner, and the cross matrices grow with their square: "
        "raise it only while validation still gains. auto: 6 · cardinality^¼ for each feature, the papers' rule.",
        choices=(4, 8, 16, 32, 64),
    )
    embedding_dims: str = setting(
        "",
        label="Sizes by feature",
        group="Embeddings",
        help="Embedding sizes of single features, for instance user_id=64, movie_id=64, gender=4. The others, and features that "
        "the ratings do not have, are not concerned. Only used where features stand side by side.",
        max_length=1_000,
        advanced=True,
    )
    genre_pooling: Literal["mean", "sum"] = setting(
        "mean",
        label="Genre pooling",
        group="Embeddings",
        help="How the embeddings of a movie's genres become one; empty slots never count. Take the mean unless a movie with "
        "more genres is meant to say more.",
    )
    combination: Literal["concat", "token_mean"] = setting(
        "concat",
        label="Feature combination",
        group="Embeddings",
        help="concat: the features stand side by side, as in the papers, so that each can be crossed with each. token_mean: all "
        "embeddings are averaged, empty genre slots included, as in the original notebook; crosses of features are lost in it.",
        advanced=True,
    )
    cross_kind: CrossKind = setting(
        "matrix",
        label="Cross layer",
        group="Cross network",
        help="vector: DCN V1, one weight vector a layer. matrix: DCN-V2, a full matrix. low_rank: DCN-V2 with U·Vᵀ in place of "
        "the matrix, cheaper. mixture: DCN-Mix, several low-rank experts that gates weigh for each rating. gated: GDCN, a full "
        "matrix and a second one that decides how much of each cross passes.",
    )
    num_cross_layers: int = setting(
        2,
        label="Cross layers",
        group="Cross network",
        help="Each layer raises the order of the crosses by one. The papers use 2 to 4; more rarely helps.",
        ge=0,
        le=8,
    )
    projection_dim: int = setting(
        16,
        label="Rank",
        group="Cross network",
        help="Rank r of U·Vᵀ. A quarter of the input size usually loses nothing. Only used with the low_rank and the mixture "
        "cross layer, where each expert has this rank.",
        choices=(2, 4, 8, 16, 32, 64),
        ge=1,
        le=512,
    )
    num_experts: int = setting(
        4,
        label="Experts",
        group="Cross network",
        help="Number of low-rank experts in each layer. The DCN-V2 paper uses 4 and finds that small ranks with some experts beat "
        "one of the same cost; with more, some are never asked. Only used with the mixture cross layer.",
        ge=1,
        le=16,
    )
    gate: Gate = setting(
        "softmax",
        label="Gates",
        group="Cross network",
        help="How experts are weighed. softmax: they share 100 %. sigmoid: each opens and closes by itself. Only used with the "
        "mixture cross layer.",
    )
    expert_activation: ExpertActivation = setting(
        "identity",
        label="Expert activation",
        group="Cross network",
        help="Function between the small matrices of an expert. identity keeps each expert a plain low-rank cross, which insight "
        "reads exactly. tanh bends it. Only used with the mixture cross layer.",
    )
    deep_layer_sizes: tuple[Annotated[int, Field(ge=1, le=2048)], ...] = setting(
        (64, 32),
        label="Deep layers",
        group="Deep network",
        help="Width of each dense layer, first to last. Widen it when training and validation are both still high; narrow it when "
        "they part. The papers use two to four layers, most often of falling width.",
        min_length=0,
        max_length=8,
    )
    activation: Literal["relu", "gelu", "silu", "tanh"] = setting(
        "relu",
        label="Activation",
        group="Deep network",
        help="What bends the output of each deep layer. relu is the papers' choice and the cheapest; the smooth ones (gelu, silu, "
        "tanh) are worth a try in small networks.",
    )
    batch_normalization: bool = setting(
        False,
        label="Batch normalization",
        group="Deep network",
        help="Normalises each deep layer over the batch, so that high learning rates and deep networks "
        "stay stable. The DCN paper uses it; with few layers or small batches leave it off, as validation gets noisy.",
    )
    normalization_position: Literal["before_activation", "after_activation"] = setting(
        "before_activation",
        label="Normalization position",
        group="Deep network",
        help="before_activation: what the activation bends is normalised, as in the paper of batch normalisation. after_activation: "
        "what it gives is, as in the original notebook, which learns slower for it. Only used with batch normalization.",
        advanced=True,
    )
    deep_initializer: Literal["auto", "he_uniform", "glorot_uniform"] = setting(
        "auto",
        label="Initial deep weights",
        group="Deep network",
        help="How large the deep weights start. auto: he_uniform for relu, glorot_uniform for the smooth activations. Keras and the "
        "original notebook start with glorot_uniform, which is smaller and learns slower at first.",
        advanced=True,
    )
    dropout: float = setting(
        0.0,
        label="Dropout",
        group="Regularisation",
        help="Share of the deep activations that is zeroed in training. Take 0.1 to 0.5 when validation rises while training still "
        "falls. The DCN paper found it of no use on its large data.",
        step=0.05,
        ge=0.0,
        lt=1.0,
    )
    embedding_l2: float = setting(
        1e-6,
        label="L2 of embeddings",
        group="Regularisation",
        help="Penalty on the squared embeddings, per table. The strongest lever against overfitting when ids are on: raise it "
        "tenfold at a time until training and validation stay together.",
        choices=(0.0, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3),
        ge=0.0,
        le=1.0,
    )
    id_l2: Annotated[float, Field(ge=0.0, le=1.0)] | Literal["same"] = setting(
        "same",
        label="L2 of ids",
        group="Regularisation",
        help="Penalty on the squared embeddings of users and movies; same: that of the other embeddings. Ids are what a network "
        "overfits with, so they bear more. Only used when ids are among the features.",
        choices=(0.0, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2),
        advanced=True,
    )
    bias_l2: Annotated[float, Field(ge=0.0, le=1.0)] | Literal["same"] = setting(
        "same",
        label="L2 of biases",
        group="Regularisation",
        help="Penalty on the squared user and movie biases; same: that of the embeddings. Only used with such biases.",
        choices=(0.0, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2),
        advanced=True,
    )
    cross_l2: float = setting(
        0.0,
        label="L2 of cross weights",
        group="Regularisation",
        help="Penalty on the squared cross weights. It makes weak crosses vanish, so that the map shows the strong ones; too much "
        "takes those as well. The original notebook uses 0.001.",
        choices=(0.0, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2),
        ge=0.0,
        le=1.0,
    )
    deep_l2: float = setting(
        0.0,
        label="L2 of deep weights",
        group="Regularisation",
        help="Penalty on the squared deep weights. Raise it when the deep part overfits; dropout does much the same.",
        choices=(0.0, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2),
        ge=0.0,
        le=1.0,
    )
    id_dropout: float = setting(
        0.0,
        label="Hidden ids",
        group="Regularisation",
        help="Share of the user and movie ids that training replaces by the unknown one, so that new users and movies get a "
        "learned embedding. Only used when ids are among the features.",
        step=0.01,
        ge=0.0,
        le=0.9,
        advanced=True,
    )
    user_bias: bool = setting(
        False,
        label="User bias",
        group="Architecture",
        help="A learned offset per user, added to the output: some people are generous. It frees the network for what is not "
        "additive. Needs the user id among the features.",
        advanced=True,
    )
    movie_bias: bool = setting(
        False,
        label="Movie bias",
        group="Architecture",
        help="A learned offset per movie, added to the output: some movies are liked by all. It frees the network for what is not "
        "additive. Needs the movie id among the features.",
        advanced=True,
    )
    center_output: bool = setting(
        True,
        label="Start at the mean",
        group="Architecture",
        help="Start the output at the mean training rating in place of zero, which saves the first steps of training. Leave it on; "
        "the original notebook starts at zero.",
        advanced=True,
    )

    @field_validator("embedding_dims")
    @classmethod
    def _sizes_can_be_read(cls, value: str) -> str:
        return ", ".join(f"{name}={size}" for name, size in read_sizes(value).items())

    @model_validator(mode="after")
    def _has_a_part_that_learns(self) -> "ModelConfig":
        if self.structure in ("deep", "parallel", "stacked") and not self.deep_layer_sizes:
            raise ValueError(
                f"structure '{self.structure}' needs at least one deep layer. Received: deep_layer_sizes=[]. Use structure 'cross'."
            )
        return self
