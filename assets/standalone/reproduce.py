# %% [markdown] about
# # A run of DCN Playground in plain Keras
# This file needs the files beside it and nothing else of the playground.
# %% code imports
import math
import zlib
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import ops

FOLDER = Path(globals().get("__file__", "notebook")).resolve().parent
# %% [markdown] settings
# ## Settings
# Every feature has a number of categories, 0 being the unknown one; slots, for a movie may have several genres; and the length
# of its embedding. A feature that is a number itself has no categories, and NaN where it is missing.
# %% code settings
FEATURES = {"gender": {"categories": 3, "slots": 1, "size": 16, "number": False}}
MODEL = {}
TRAIN = {}
TARGET = "rating"
# %% [markdown] data
# ## Data
# `ratings.npz` holds the encoded ratings: the inputs by feature, the label (stars, or 1 for a like and 0 for a dislike), and the rows
# of each part of the split.
# %% code data
with np.load(FOLDER / "ratings.npz") as file:
    stored = {name: file[name] for name in file.files}
inputs = {
    name: stored[f"input/{name}"].astype("float32" if feature["number"] else "int32")
    for name, feature in FEATURES.items()
}
label = stored["label"].astype("float32")
rows = {part: stored[f"rows/{part}"] for part in ("train", "validation", "test")}
print({part: len(found) for part, found in rows.items()})


def pick(chosen):
    """The inputs of some ratings."""
    return {name: values[chosen] for name, values in inputs.items()}


# %% [markdown] network
# ## Network
# Each layer draws its initial weights with a seed of its own, made of the run's seed and the layer's name.
# %% code seeds
def seed_of(name):
    """The seed of one layer."""
    return zlib.crc32(f"{TRAIN['seed']}/{name}".encode()) & 0x7FFFFFFF


def penalty(strength):
    """A penalty on the squared weights."""
    return keras.regularizers.L2(strength) if strength else None


def own_l2(strength):
    """A penalty that may be that of the embeddings."""
    return MODEL["embedding_l2"] if strength == "same" else strength


# %% code embedding
class TableStart(keras.initializers.Initializer):
    """Uniform between -0.05 and 0.05; row 0, the unknown category, at zero if the network is to know nothing of it."""

    def __init__(self, seed, zero_row):
        self.seed, self.zero_row = seed, zero_row

    def __call__(self, shape, dtype=None, **kwargs):
        values = keras.initializers.RandomUniform(-0.05, 0.05, self.seed)(shape, dtype)
        is_row_0 = ops.expand_dims(ops.arange(shape[0]) == 0, -1)
        return ops.where(is_row_0, ops.zeros_like(values), values) if self.zero_row else values


def embed(name, indices):
    """The embeddings of a feature, `(batch, size)`. Several slots are pooled; an empty one, -1, counts only in a mean of tokens."""
    feature, tokens = FEATURES[name], MODEL["combination"] == "token_mean"
    if feature["number"]:
        return embed_number(name, indices)
    table = keras.layers.Embedding(
        feature["categories"],
        feature["size"],
        embeddings_initializer=TableStart(seed_of(f"embedding_{name}"), zero_row=not tokens),
        embeddings_regularizer=penalty(
            own_l2(MODEL["id_l2"]) if name in ("user_id", "movie_id") else MODEL["embedding_l2"]
        ),
        name=f"embedding_{name}",
    )
    vectors = table(ops.maximum(indices, 0))
    if feature["slots"] == 1:
        return vectors
    if tokens:
        return ops.sum(vectors, axis=1)
    filled = ops.expand_dims(ops.cast(indices >= 0, "float32"), -1)  # (batch, slots, 1)
    total = ops.sum(vectors * filled, axis=1)
    return total / ops.maximum(ops.sum(filled, axis=1), 1) if MODEL["genre_pooling"] == "mean" else total


def embed_number(name, values):
    """A number as it is, `(batch, 1)`, 0 where missing; in a mean of tokens an embedding times the number, another where missing."""
    missing = ops.isnan(values)
    if MODEL["combination"] != "token_mean":
        return ops.expand_dims(ops.where(missing, ops.zeros_like(values), values), -1)
    table = keras.layers.Embedding(
        2,
        FEATURES[name]["size"],
        embeddings_initializer=TableStart(seed_of(f"embedding_{name}"), zero_row=False),
        embeddings_regularizer=penalty(MODEL["embedding_l2"]),
        name=f"embedding_{name}",
    )
    vectors = table(ops.cast(ops.logical_not(missing), "int32"))
    return vectors * ops.expand_dims(ops.where(missing, ops.ones_like(values), values), -1)


# %% code cross
class CrossLayer(keras.layers.Layer):
    """What every cross layer has: `x0` and `x` of one length, a bias, and the residual `+ x`."""

    def kernel(self, name, shape, draw=0):
        """A weight that starts as Glorot's rule says; `draw` tells those of one layer apart."""
        seed, limit = seed_of(self.name) + draw, math.sqrt(6 / sum(shape[-2:]))
        uniform = keras.initializers.RandomUniform(-limit, limit, seed)
        start = uniform if len(shape) > 2 else keras.initializers.GlorotUniform(seed)
        return self.add_weight(shape=shape, initializer=start, regularizer=penalty(MODEL["cross_l2"]), name=name)

    def bias(self, d):
        """The bias, which starts at zero."""
        return self.add_weight(shape=(d,), initializer="zeros", name="b")

    def compute_output_shape(self, x0_shape, x_shape):
        return x_shape


# %% code cross vector
class VectorCross(CrossLayer):
    """DCN, Eq. (3) of arXiv:1708.05123: `x0 * (x·w) + b + x`."""

    def build(self, x0_shape, x_shape):
        self.w, self.b = self.kernel("w", (x_shape[-1],)), self.bias(x_shape[-1])

    def call(self, x0, x):
        return x0 * ops.matmul(x, ops.expand_dims(self.w, -1)) + self.b + x


Cross = VectorCross


# %% code cross matrix
class MatrixCross(CrossLayer):
    """DCN-V2, Eq. (1) of arXiv:2008.13535: `x0 * (W x + b) + x`."""

    def build(self, x0_shape, x_shape):
        d = x_shape[-1]
        self.W, self.b = self.kernel("W", (d, d)), self.bias(d)

    def call(self, x0, x):
        return x0 * (ops.matmul(x, ops.transpose(self.W)) + self.b) + x


Cross = MatrixCross


# %% code cross low_rank
class LowRankCross(CrossLayer):
    """DCN-V2, Eq. (2) of arXiv:2008.13535: `x0 * (U Vᵀ x + b) + x`."""

    def build(self, x0_shape, x_shape):
        d, rank = x_shape[-1], MODEL["projection_dim"]
        self.U, self.V = self.kernel("U", (d, rank)), self.kernel("V", (d, rank), draw=1)
        self.b = self.bias(d)

    def call(self, x0, x):
        return x0 * (ops.matmul(ops.matmul(x, self.V), ops.transpose(self.U)) + self.b) + x


Cross = LowRankCross


# %% code cross mixture
class MixtureCross(CrossLayer):
    """DCN-Mix, Eq. (3) and (4) of arXiv:2008.13535: `Σᵢ Gᵢ(x) · x0 * (Uᵢ g(Cᵢ g(Vᵢᵀ x)) + b) + x`."""

    def build(self, x0_shape, x_shape):
        d, rank, experts = x_shape[-1], MODEL["projection_dim"], MODEL["num_experts"]
        self.U, self.V = self.kernel("U", (experts, d, rank)), self.kernel("V", (experts, d, rank), draw=1)
        self.C, self.G = self.kernel("C", (experts, rank, rank), draw=2), self.kernel("G", (experts, d), draw=3)
        self.b = self.bias(d)

    def call(self, x0, x):
        bend = ops.tanh if MODEL["expert_activation"] == "tanh" else lambda values: values
        logits = ops.matmul(x, ops.transpose(self.G))  # (batch, experts)
        gates = ops.sigmoid(logits) if MODEL["gate"] == "sigmoid" else ops.exp(logits - ops.max(logits, -1, True))
        if MODEL["gate"] == "softmax":
            gates = gates / ops.sum(gates, -1, keepdims=True)
        inner = bend(ops.einsum("bd,kdr->bkr", x, self.V))
        outer = bend(ops.einsum("bkr,ksr->bks", inner, self.C))
        product = ops.einsum("bks,kds,bk->bd", outer, self.U, gates)
        return x0 * (product + ops.sum(gates, -1, keepdims=True) * self.b) + x


Cross = MixtureCross


# %% code cross gated
class GatedCross(CrossLayer):
    """GDCN, arXiv:2311.04635: `x0 * (W x + b) * σ(Wg x) + x`."""

    def build(self, x0_shape, x_shape):
        d = x_shape[-1]
        self.W, self.Wg, self.b = self.kernel("W", (d, d)), self.kernel("Wg", (d, d), draw=1), self.bias(d)

    def call(self, x0, x):
        gate = ops.sigmoid(ops.matmul(x, ops.transpose(self.Wg)))
        return x0 * (ops.matmul(x, ops.transpose(self.W)) + self.b) * gate + x


Cross = GatedCross


# %% code dropout
class Dropout(keras.layers.Dropout):
    """Keras's dropout with random numbers that cost little."""

    def call(self, inputs, training=False):
        if not training:
            return inputs
        seed = tf.cast(self.seed_generator.next(), tf.int64)
        draw = tf.random.stateless_uniform(tf.shape(inputs), seed, dtype=inputs.dtype, alg="philox")
        return tf.where(draw >= self.rate, inputs / (1 - self.rate), 0)


# %% code deep
def gelu(x):
    """The exact Gaussian error linear unit."""
    return x * (1 + ops.erf(x / math.sqrt(2))) / 2


def deep(x):
    """The deep part: for each layer dense, activation and dropout, with batch normalisation before or after the activation."""
    start = MODEL["deep_initializer"]
    he = start == "he_uniform" or (start == "auto" and MODEL["activation"] == "relu")
    draw = keras.initializers.HeUniform if he else keras.initializers.GlorotUniform
    for number, size in enumerate(MODEL["deep_layer_sizes"], start=1):
        name = f"deep_{number}"
        dense = keras.layers.Dense(
            size, kernel_initializer=draw(seed_of(name)), kernel_regularizer=penalty(MODEL["deep_l2"]), name=name
        )
        x = dense(x)
        steps = [keras.layers.Activation(gelu if MODEL["activation"] == "gelu" else MODEL["activation"])]
        if MODEL["batch_normalization"]:
            place = 0 if MODEL["normalization_position"] == "before_activation" else 1
            steps.insert(place, keras.layers.BatchNormalization(name=f"{name}_normalization"))
        for step in steps:
            x = step(x)
        if MODEL["dropout"]:
            x = Dropout(MODEL["dropout"], seed=seed_of(f"{name}_dropout"))(x)
    return x


# %% code build
def head(name, part, start):
    """An output layer whose bias starts at `start`."""
    kernel, bias = keras.initializers.GlorotUniform(seed_of(name)), keras.initializers.Constant(start)
    return keras.layers.Dense(1, kernel_initializer=kernel, bias_initializer=bias, name=name)(part)


def build(start):
    """The network, from the indices of each feature to its raw output: the rating, or the log-odds of a like.

    With `center_output` the raw output starts at `start`.
    """
    given = {
        name: keras.Input(
            (feature["slots"],) if feature["slots"] > 1 else (),
            dtype="float32" if feature["number"] else "int32",
            name=name,
        )
        for name, feature in FEATURES.items()
    }
    vectors = [embed(name, indices) for name, indices in given.items()]
    if MODEL["combination"] == "token_mean":
        x0 = sum(vectors[1:], start=vectors[0]) / sum(feature["slots"] for feature in FEATURES.values())
    else:
        x0 = ops.concatenate(vectors, axis=-1)
    parts, x = [], x0
    if MODEL["structure"] != "deep":
        for number in range(1, MODEL["num_cross_layers"] + 1):
            x = Cross(name=f"cross_{number}")(x0, x)
        parts.append(x)
    if MODEL["structure"] == "stacked":
        parts = [deep(x)]
    elif MODEL["structure"] != "cross":
        parts.append(deep(x0))
    start = start if MODEL["center_output"] else 0.0
    if MODEL["structure"] == "parallel" and MODEL["head"] != "concat":
        shares = {"sum": 0.5, "average": 1.0}[MODEL["head"]] * start
        outputs = [head(name, part, shares) for name, part in zip(("cross_head", "deep_head"), parts, strict=True)]
        rating = (outputs[0] + outputs[1]) * {"sum": 1.0, "average": 0.5}[MODEL["head"]]
    else:
        rating = head("head", ops.concatenate(parts, axis=-1) if len(parts) > 1 else parts[0], start)
    for bias, feature in (("user_bias", "user_id"), ("movie_bias", "movie_id")):
        if MODEL[bias]:
            table = keras.layers.Embedding(
                FEATURES[feature]["categories"],
                1,
                embeddings_initializer="zeros",
                embeddings_regularizer=penalty(own_l2(MODEL["bias_l2"])),
                name=bias,
            )
            rating = rating + table(given[feature])
    return keras.Model(given, rating)


mean = float(label[rows["train"]].mean(dtype="float64"))
bounded = min(max(mean, 1e-6), 1 - 1e-6)
model = build(mean if TARGET == "rating" else math.log(bounded / (1 - bounded)))
model.summary()
# %% [markdown] kept
# ## The weights that the run kept
# `weights.npz` holds them by name. With them, the network predicts what the run did: `expected.npz` has its predictions of some
# validation ratings.
# %% code kept
with np.load(FOLDER / "expected.npz") as file:
    asked, expected = file["rows"], file["prediction"]


def raw(chosen):
    """The raw outputs for some ratings, in parts so that any number fits into memory."""
    parts = np.array_split(chosen, len(chosen) // 8192 + 1)
    return np.concatenate([model(pick(part), training=False).numpy()[:, 0] for part in parts])


def predict(chosen):
    """The predictions: stars, or the probability of a like."""
    return raw(chosen) if TARGET == "rating" else (1 + np.tanh(raw(chosen) / 2)) / 2


def largest_difference():
    """By how much this network's predictions differ from the run's at most."""
    return float(np.abs(predict(asked) - expected).max())


def load_kept():
    """Puts the run's weights into the network."""
    with np.load(FOLDER / "weights.npz") as kept:
        for layer in model.layers:
            owner = layer.name.removesuffix("_normalization")
            for variable in layer.weights:
                if isinstance(layer, keras.layers.Embedding):
                    name = f"{owner}/table" if owner.endswith("_bias") else owner.replace("embedding_", "embedding/", 1)
                else:
                    name = f"{owner}/{variable.name}"
                if name in kept.files:  # the state of random generators is not kept
                    variable.assign(kept[name])


first = [variable.numpy() for variable in model.variables]
load_kept()
print(f"with the weights of the run: largest difference {largest_difference():.2e}")
for variable, value in zip(model.variables, first, strict=True):
    variable.assign(value)


# %% [markdown] training
# ## Training from the start
# A step is the plain one: mean loss plus penalties, gradient, optimiser. The loss is the squared error of ratings or the log loss of
# likes. Each epoch has an order of its own, and its last batch is filled from the start of that order.
# %% code scores rating
def rating_scores(chosen):
    """Errors on some ratings, in stars."""
    error = raw(chosen).astype("float64") - label[chosen]
    return {"mse": float(np.mean(error**2)), "mae": float(np.mean(np.abs(error)))}


scores = rating_scores


# %% code scores like
def like_scores(chosen):
    """Scores of the probabilities on some ratings."""
    logit, like = raw(chosen).astype("float64"), label[chosen].astype("float64")
    _, group, counts = np.unique(logit, return_inverse=True, return_counts=True)
    rank = (np.cumsum(counts) - (counts - 1) / 2)[group]
    likes, pairs = like.sum(), like.sum() * (len(like) - like.sum())
    return {
        "log_loss": float(np.mean(np.logaddexp(0, logit) - like * logit)),
        "auc": float((rank[like > 0.5].sum() - likes * (likes + 1) / 2) / pairs) if pairs else 0.5,
        "accuracy": float(np.mean((logit > 0) == (like > 0.5))),
        "brier": float(np.mean(((1 + np.tanh(logit / 2)) / 2 - like) ** 2)),
    }


scores = like_scores


# %% code schedule
class Rate(keras.optimizers.schedules.LearningRateSchedule):
    """A linear warm-up, then a constant rate, or one that falls over all epochs."""

    def __call__(self, step):
        step, rate = ops.cast(step, "float32"), ops.convert_to_tensor(TRAIN["learning_rate"], "float32")
        if TRAIN["warmup_steps"]:
            rate = rate * ops.minimum((step + 1) / TRAIN["warmup_steps"], 1.0)
        kind, final = TRAIN["learning_rate_schedule"], TRAIN["final_learning_rate_share"]
        if kind == "constant":
            return rate
        share = (step - TRAIN["warmup_steps"]) / max(TRAIN["epochs"] * steps - TRAIN["warmup_steps"], 1)
        share = ops.clip(share, 0.0, 1.0)
        if kind == "exponential":
            return rate * ops.exp(share * math.log(max(final, 1e-3)))
        left = 1.0 - share if kind == "linear" else 0.5 * (1.0 + ops.cos(math.pi * share))
        return rate * (final + (1.0 - final) * left)


# %% code statistics
def measure_statistics(order):
    """Takes the means and variances of batch normalisation over some training ratings, for the weights that are validated.

    The moving averages that training leaves are of other weights than averaged ones, and for a thousand steps remember what
    they began with.
    """
    layers = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    statistics = [variable for layer in layers for variable in (layer.moving_mean, layer.moving_variance)]
    random = [(variable, variable.numpy()) for variable in model.non_trainable_variables if "seed" in variable.path]
    count = min(16_384, len(order))
    batches = -(-count // 4_096)
    measured = []
    for chosen in order[: count // batches * batches].reshape(batches, -1):
        for variable in statistics:
            variable.assign(tf.zeros_like(variable))
        model(pick(chosen), training=True)  # the moving average of this batch and zero
        measured.append([variable.numpy() / (1 - layers[0].momentum) for variable in statistics])
        for variable, value in random:
            variable.assign(value)
    for variable, *values in zip(statistics, *measured, strict=True):
        variable.assign(np.mean(values, axis=0))


# %% code training
batch = min(TRAIN["batch_size"], len(rows["train"]))
steps = -(-len(rows["train"]) // batch)
scheduled = TRAIN["warmup_steps"] or TRAIN["learning_rate_schedule"] != "constant"
kinds = {"adam": "Adam", "rmsprop": "RMSprop", "sgd": "SGD", "adagrad": "Adagrad"}
optimizer = getattr(keras.optimizers, kinds[TRAIN["optimizer"]])(
    learning_rate=Rate() if scheduled else TRAIN["learning_rate"],
    global_clipnorm=TRAIN["gradient_clip_norm"] or None,
    use_ema=TRAIN["ema_decay"] > 0,
    ema_momentum=TRAIN["ema_decay"] or 0.99,
)
optimizer.build(model.trainable_variables)


def hide_ids(given):
    """Replaces a share of the ids by the unknown one, so that it learns to stand for new users and movies."""
    hidden = dict(given)
    for number, name in enumerate(("user_id", "movie_id")):
        if name in given:
            seed = tf.stack(
                [tf.constant(TRAIN["seed"] * 2 + number, tf.int64), tf.cast(optimizer.iterations, tf.int64)]
            )
            draw = tf.random.stateless_uniform(given[name].shape, seed, alg="philox")
            hidden[name] = tf.where(draw < MODEL["id_dropout"], 0, given[name])
    return hidden


def losses(output, true):
    """What is minimised, rating by rating."""
    if TARGET == "rating":
        return tf.square(output - true)
    smoothed = true * (1 - TRAIN["label_smoothing"]) + TRAIN["label_smoothing"] / 2
    return tf.nn.sigmoid_cross_entropy_with_logits(labels=smoothed, logits=output)


@tf.function(
    autograph=False, jit_compile=True
)  # compiled as the run was: random numbers and rounding are then the same
def step(given, true):
    """Updates all weights once."""
    given = hide_ids(given) if MODEL["id_dropout"] else given
    with tf.GradientTape() as tape:
        loss = tf.add_n([tf.reduce_mean(losses(model(given, training=True)[:, 0], true)), *model.losses])
    slopes = tape.gradient(loss, model.trainable_variables, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    optimizer.apply([tf.convert_to_tensor(slope) for slope in slopes], model.trainable_variables)


def swap_average():
    """Exchanges the weights and their moving average, which is what is validated and kept."""
    if TRAIN["ema_decay"]:
        for variable, average in zip(model.trainable_variables, optimizer._model_variables_moving_average, strict=True):
            value = variable.numpy()
            variable.assign(average)
            average.assign(value)


watched = TRAIN["monitor"] if TRAIN["monitor"] != "auto" else {"rating": "mse", "like": "log_loss"}[TARGET]
sign = -1 if watched in ("auc", "accuracy") else 1  # of these, more is better
best, best_epoch, kept = math.inf, 0, None
for epoch in range(1, TRAIN["epochs"] + 1):
    order = np.random.Generator(np.random.PCG64([TRAIN["seed"], epoch])).permutation(rows["train"].astype("int32"))
    for chosen in np.take(order, np.arange(steps * batch), mode="wrap").reshape(steps, batch):
        step({name: tf.constant(values) for name, values in pick(chosen).items()}, tf.constant(label[chosen]))
    swap_average()
    if MODEL["batch_normalization"] and (TRAIN["ema_decay"] or epoch * steps < 1_000):
        measure_statistics(order)
    found = scores(rows["validation"])
    print(f"epoch {epoch}: validation", found)
    if sign * found[watched] < best:
        best, best_epoch, kept = sign * found[watched], epoch, [variable.numpy() for variable in model.variables]
    swap_average()
    if epoch - best_epoch >= TRAIN["patience"]:
        break
for variable, value in zip(model.variables, kept, strict=True):
    variable.assign(value)
# %% [markdown] compared
# ## Compared with the run
# %% code compared
for part in ("validation", "test"):
    if len(rows[part]):
        print(part, scores(rows[part]))
print(f"trained from the start: largest difference {largest_difference():.2e}")
