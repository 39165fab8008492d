"""The compiled training loop: many steps a call, batches gathered inside the program.

What `Model.fit` does around each step (Python, callbacks, copies of the batch) takes many times what the mathematics of a
small network takes. Here one XLA program holds the whole loop; it is called with a place in the epoch and a number of
steps, so one compilation serves all of them. A step is the plain one: forward, mean loss plus penalties, backward,
optimiser.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from dcn_core.config.metrics import Target
from dcn_core.model.background import in_background
from dcn_core.model.builder import Lookup, split_model
from dcn_core.model.embedding import NumberValue
from dcn_core.model.weights import named_variables
from dcn_core.training.losses import make_loss
from dcn_core.training.metrics import scores
from dcn_core.training.optimizers import averaged_weights
from dcn_core.training.packing import PackedWeights
from dcn_core.training.resident import ResidentData
from dcn_core.training.setup import clear_program_cache

EVALUATION_BATCH = 4_096
EVALUATION_BATCHES_PER_CALL = 64
MOST_MEASURED = 16_384
"""Training ratings over which batch normalisation is measured: a mean is then known to a hundredth of a standard deviation."""
FORGOTTEN = 1_000
"""Steps after which Keras's moving averages have forgotten what they began with: 0.99 to the power of it is 4e-5."""


class CompiledLoop:
    """Trains and evaluates one model on resident data.

    The model's own weights are stale while this trains: `write_to_model` brings them up to date.

    Args:
        model: As `build_model` returns it.
        optimizer: A Keras optimiser that is not built yet.
        data: The ratings.
        num_rows: Training ratings in an epoch.
        batch_size: Ratings in a step, at most `num_rows`.
        evaluation_rows: Most ratings of an evaluation.
        id_dropout: Share of the user and movie ids that a step hides.
        seed: Seed of the hidden ids.
        target: What the label is, and so the loss and the scores.
        label_smoothing: How far likes and dislikes are moved towards one half.
        jit: Whether XLA compiles the loop. Without, TensorFlow runs the same graph operation by operation: it starts
            sooner and is slower.
    """

    def __init__(
        self,
        model: keras.Model,
        optimizer: keras.optimizers.Optimizer,
        data: ResidentData,
        *,
        num_rows: int,
        batch_size: int,
        evaluation_rows: int,
        id_dropout: float = 0.0,
        seed: int = 0,
        target: Target = "rating",
        label_smoothing: float = 0.0,
        jit: bool = True,
    ) -> None:
        self._model, self._optimizer, self._data = model, optimizer, data
        self._lookups: dict[str, Lookup]
        self._lookups, self._tower = split_model(model)
        self._num_rows, self._batch_size = num_rows, batch_size
        self._evaluation_batch = max(1, min(EVALUATION_BATCH, evaluation_rows))
        self._evaluation_calls = min(EVALUATION_BATCHES_PER_CALL, -(-max(1, evaluation_rows) // self._evaluation_batch))
        self._evaluation_length = -(-evaluation_rows // self._evaluation_batch) * self._evaluation_batch
        self._id_dropout, self._seed = id_dropout, seed
        self._target, self._loss = target, make_loss(target, label_smoothing)
        self.weights = PackedWeights(model)
        self._state = self._tower.non_trainable_variables
        self._momentum = {  # of the state that is statistics; the other is that of random numbers
            id(variable): layer.momentum
            for layer in self._tower.layers
            if isinstance(layer, keras.layers.BatchNormalization)
            for variable in (layer.moving_mean, layer.moving_variance)
        }
        optimizer.build(self.weights.variables)
        self._jit = jit
        self._train, self._evaluate = self._program(self._train_steps), self._program(self._output_batches)
        self._measure = tf.function(self._batch_statistics, autograph=False)
        self._evaluation: Future[None] | None = None

    @property
    def variables(self) -> list[Any]:
        """Everything that training changes: weights, statistics and random state of the model, optimiser."""
        return [*self.weights.variables, *self._state, *self._optimizer.variables]

    def compile(self) -> None:
        """Compiles the training program, by calling it for no step."""
        self._compile(self._compile_training)

    def compile_evaluation(self) -> None:
        """Traces the evaluation and begins to compile it in the background, while training goes on."""
        if self._evaluation is None:
            # Traced here and not there: the names in a program, and so its place in the cache, depend on what is traced when.
            self._evaluate.get_concrete_function(*self._no_batches())
            self._evaluation = in_background(self._compile, self._compile_evaluation)

    def wait_for_evaluation(self) -> float:
        """Waits until the evaluation is compiled, and returns the seconds that it took to wait."""
        begin = time.perf_counter()
        self.compile_evaluation()
        assert self._evaluation is not None
        self._evaluation.result()
        return time.perf_counter() - begin

    def _program(self, steps: Callable[..., Any]) -> Any:
        return tf.function(steps, jit_compile=self._jit, autograph=False)

    @staticmethod
    def _compile(program: Callable[[bool], None]) -> None:
        try:
            program(False)
        except tf.errors.OpError:
            if not clear_program_cache():  # TensorFlow fails on a cached program that was cut off
                raise
            program(True)

    def _compile_training(self, again: bool) -> None:
        if again:
            self._train = self._program(self._train_steps)
        self._train(tf.zeros(self._num_rows, tf.int32), tf.constant(0), tf.constant(0))

    def _compile_evaluation(self, again: bool) -> None:
        if again:
            self._evaluate = self._program(self._output_batches)
        self._evaluate(*self._no_batches())

    def _no_batches(self) -> tuple[Any, ...]:
        """Arguments for an evaluation of nothing.

        They are no variables: XLA locks those that a program reads, and training would wait for the compiler.
        """
        values, state = (
            [tf.zeros(variable.shape, variable.dtype) for variable in variables]
            for variables in (self.weights.variables, self._state)
        )
        zero = tf.constant(0)
        return values, state, tf.zeros(self._evaluation_length, tf.int32), zero, zero

    def run(self, order: Any, first_step: int, num_steps: int) -> float:
        """Trains some steps of an epoch.

        Args:
            order: int32 `(num_rows,)`, rows of the data in the order of this epoch.
            first_step: Step of the epoch, from 0. Steps past the end of `order` go on at its start.
            num_steps: Number of steps.

        Returns:
            Sum of the losses of all `num_steps * batch_size` predictions, each made before its step's update.
        """
        return float(self._train(order, tf.constant(first_step), tf.constant(num_steps)))

    def kept_values(self) -> list[Any]:
        """The weights to validate and keep, packed: their moving average if the optimiser has one."""
        return averaged_weights(self._optimizer) if self._optimizer.use_ema else self.weights.values()

    def measure_statistics(self, order: Any) -> None:
        """Sets the means and variances of batch normalisation to those of `kept_values`; Algorithm 2 of arXiv:1502.03167.

        Only where the moving averages that training leaves are far from them: with averaged weights, which they are not of,
        and as long as they remember what they began with. Training itself never reads them.

        Args:
            order: int32 `(num_rows,)`, training rows in a random order, of which the first `MOST_MEASURED` are taken.
        """
        if not self._momentum or (self._optimizer.iterations >= FORGOTTEN and not self._optimizer.use_ema):
            return
        count = min(MOST_MEASURED, self._num_rows)
        batches = -(-count // EVALUATION_BATCH)
        values, size = list(map(tf.convert_to_tensor, self.kept_values())), count // batches
        parts = [self._measure(values, order[number * size : (number + 1) * size]) for number in range(batches)]
        statistics = [variable for variable in self._state if id(variable) in self._momentum]
        for variable, *own in zip(statistics, *parts, strict=True):
            variable.assign(tf.add_n(own) / batches)

    def evaluate(self, rows: np.ndarray) -> dict[str, float]:
        """Returns the scores of `kept_values` over some rows, each counted once."""
        padded = np.zeros(self._evaluation_length, np.int32)
        padded[: len(rows)] = rows
        resident = tf.constant(padded)
        num_batches = -(-len(rows) // self._evaluation_batch)
        # Read from their variables: for those, the program would be traced and compiled once more.
        values, state = (list(map(tf.convert_to_tensor, some)) for some in (self.kept_values(), self._state_values()))
        parts = []
        for first in range(0, num_batches, EVALUATION_BATCHES_PER_CALL):
            last = min(first + EVALUATION_BATCHES_PER_CALL, num_batches)
            found = self._evaluate(values, state, resident, tf.constant(first), tf.constant(last)).numpy()
            parts.append(found[: last - first].reshape(-1))
        return scores(self._target, np.concatenate(parts)[: len(rows)], self._data.labels(rows))

    def snapshot(self) -> list[np.ndarray]:
        """A copy of `kept_values` and of the model's statistics."""
        return [value.numpy().copy() for value in (*self.kept_values(), *self._state_values())]

    def named_values(self) -> dict[str, np.ndarray]:
        """The weights to validate and keep by name, as `named_weights` gives them of the model; training goes on."""
        started = int(self._optimizer.iterations.value) > 0  # before the first step there is no average yet
        weights = self.weights.unpack(self.kept_values() if started else self.weights.values())
        trained = {
            id(variable): weight for variable, weight in zip(self._model.trainable_variables, weights, strict=True)
        }
        return {
            name: trained.get(id(variable), variable.value).numpy().copy()
            for name, variable in named_variables(self._model).items()
        }

    def restore(self, snapshot: Sequence[np.ndarray]) -> None:
        """Puts a snapshot into the model and into what `evaluate` reads. Training cannot go on from here."""
        values, state = snapshot[: len(self.weights.variables)], snapshot[len(self.weights.variables) :]
        for variable, value in zip(self.weights.variables, values, strict=True):
            variable.assign(value)
        if self._optimizer.use_ema:
            for average, value in zip(self._optimizer._model_variables_moving_average, values, strict=True):
                average.assign(value)
        for variable, value in zip(self._state, state, strict=True):
            variable.assign(value)
        self.weights.write_to_model(self.weights.values())

    def _train_steps(self, order: Any, first_step: Any, num_steps: Any) -> Any:
        # Batches are cut out by a gather: `tf.slice` would make XLA compile anew for each `first_step`.
        in_batch = tf.range(self._batch_size)

        def step(number: Any, total: Any) -> tuple[Any, Any]:
            place = (first_step + number) * self._batch_size + in_batch
            rows = tf.gather(order, tf.where(place < self._num_rows, place, place - self._num_rows))
            return number + 1, total + tf.cast(self._step(rows), tf.float64)

        start = (tf.constant(0), tf.constant(0.0, tf.float64))
        return tf.while_loop(lambda number, _: number < num_steps, step, start, parallel_iterations=1)[1]

    def _step(self, rows: Any) -> Any:
        """Updates all weights once; returns the sum of the losses before."""
        inputs, label = self._data.batch(rows)
        inputs = self._hide_ids(inputs)
        weights = self.weights.unpack(self.weights.values())
        with tf.GradientTape() as tape:
            tape.watch(weights)
            vectors, tables = self._look_up(weights, inputs)
            penalties = [
                layer.l2 * tf.reduce_sum(tf.square(tables[name]))
                for name, (_, layer) in self._lookups.items()
                if name in tables and layer.l2
            ]
            prediction, state, losses = self._tower.stateless_call(
                self.weights.pick(weights, self._tower.trainable_variables),
                self._state_values(),
                vectors,
                training=True,
                return_losses=True,
            )
            minimised = self._loss.minimised(prediction[:, 0], label)  # (batch,)
            loss = tf.add_n([tf.reduce_mean(minimised), *penalties, *losses])
        gradients = tape.gradient(loss, weights, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        # The gradient of a gather is sparse; optimisers update every row all the same, as plain Keras training does.
        dense = [tf.convert_to_tensor(gradient) for gradient in gradients]
        self._optimizer.apply(self.weights.pack(dense), self.weights.variables)
        for variable, value in zip(self._state, state, strict=True):
            variable.assign(value)
        return tf.reduce_sum(self._loss.reported(prediction[:, 0], label))

    def _look_up(self, weights: Sequence[Any], inputs: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """The vectors `(batch, e)` of all lookups by name, and the tables of those that have one."""
        vectors, tables = {}, {}
        for name, (feature, layer) in self._lookups.items():
            if isinstance(layer, NumberValue):
                vectors[name] = layer(inputs[feature])
                continue
            (tables[name],) = self.weights.pick(weights, [layer.table])
            vectors[name] = layer.pool(tf.gather(tables[name], layer.rows(inputs[feature])), inputs[feature])
        return vectors, tables

    def _hide_ids(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """Replaces a share of the ids by 0, the unknown one. The step's number decides which, so a resumed run agrees."""
        if not self._id_dropout:
            return inputs
        step = tf.cast(self._optimizer.iterations.value, tf.int32)
        hidden = dict(inputs)
        for number, name in enumerate(("user_id", "movie_id")):
            if name in inputs:
                seed = tf.stack([tf.constant(self._seed * 2 + number, tf.int64), tf.cast(step, tf.int64)])
                draw = tf.random.stateless_uniform(inputs[name].shape, seed, alg="philox")
                hidden[name] = tf.where(draw < self._id_dropout, 0, inputs[name])
        return hidden

    def _state_values(self) -> list[Any]:
        return [variable.value for variable in self._state]

    def _batch_statistics(self, values: Sequence[Any], rows: Any) -> list[Any]:
        """The means and variances of batch normalisation over one batch, in the order of the state."""
        weights = self.weights.unpack(values)
        vectors, _ = self._look_up(weights, self._data.batch(rows)[0])
        _, state = self._tower.stateless_call(
            self.weights.pick(weights, self._tower.trainable_variables),
            [tf.zeros_like(variable) if id(variable) in self._momentum else variable.value for variable in self._state],
            vectors,
            training=True,
        )
        return [
            value / (1 - self._momentum[id(variable)])  # the moving average of a batch and zero
            for variable, value in zip(self._state, state, strict=True)
            if id(variable) in self._momentum
        ]

    def _output_batches(self, values: Sequence[Any], state: Sequence[Any], rows: Any, first: Any, last: Any) -> Any:
        """Raw outputs of some batches of `rows`, `(calls, batch)`; those past `last - first` are empty."""
        weights = self.weights.unpack(values)
        in_batch = tf.range(self._evaluation_batch)

        def add(number: Any, outputs: Any) -> tuple[Any, Any]:
            inputs, _ = self._data.batch(tf.gather(rows, number * self._evaluation_batch + in_batch))
            vectors, _ = self._look_up(weights, inputs)
            prediction, _ = self._tower.stateless_call(
                self.weights.pick(weights, self._tower.trainable_variables),
                state,
                vectors,
                training=False,
            )
            return number + 1, outputs.write(number - first, prediction[:, 0])

        empty = tf.TensorArray(tf.float32, self._evaluation_calls, element_shape=(self._evaluation_batch,))
        _, outputs = tf.while_loop(lambda number, _: number < last, add, (first, empty), parallel_iterations=1)
        return outputs.stack()
