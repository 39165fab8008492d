"""The player of PyTorch: `python -m benchmarks.peers_torch TASK STEPS VARIANT`.

Written for speed as PyTorch's own guides say: all data in one tensor in memory, batches by index rather than by a
`DataLoader`, one table for all single-valued features, `EmbeddingBag` for the pooled ones, fused or `foreach` optimisers,
L2 as weight decay inside them, gradients set to None, no `.item()` in the loop. Variants: `eager`, `eager-1-thread` (small
batches lose more to the second thread's start than it brings) and `compiled` (`torch.compile`, which needs a C++ compiler).
"""

import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from benchmarks.task import Task
from benchmarks.turns import Turns

EVALUATION_BATCH = 4_096


class VectorCross(nn.Module):
    """`x0 * (x·w) + b + x`."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.empty(size, 1))
        self.b = nn.Parameter(torch.zeros(size))
        nn.init.xavier_uniform_(self.w)

    def forward(self, x0: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        return torch.addcmul(x + self.b, x0, x @ self.w)


class NotebookNetwork(nn.Module):
    """The mean of nine tokens is one `EmbeddingBag` over one table of all features."""

    def __init__(self, task: Task, rows: int) -> None:
        super().__init__()
        self.tokens = nn.EmbeddingBag(rows, 16, mode="mean")
        nn.init.uniform_(self.tokens.weight, -0.05, 0.05)
        self.cross = nn.ModuleList(VectorCross(16) for _ in range(4))
        sizes = (16, 64, 32)
        self.deep = nn.Sequential()
        for before, size in pairwise(sizes):
            self.deep.extend(
                [nn.Linear(before, size), nn.ReLU(inplace=True), nn.BatchNorm1d(size, eps=1e-3, momentum=0.01)]
            )
        self.heads = nn.ModuleList([nn.Linear(16, 1), nn.Linear(32, 1)])

    def forward(self, indices: torch.Tensor) -> torch.Tensor:
        x0 = x = self.tokens(indices)
        for layer in self.cross:
            x = layer(x0, x)
        return ((self.heads[0](x) + self.heads[1](self.deep(x0))) / 2)[:, 0]

    def penalties(self) -> dict[float, list[nn.Parameter]]:
        return {0.001: [layer.w for layer in self.cross]}


class IdsNetwork(nn.Module):
    """Genres by an `EmbeddingBag` that skips padding, the six other features from one table."""

    def __init__(self, task: Task, rows: int) -> None:
        super().__init__()
        model, genres = task.config.model, task.specs[0]
        size = model.embedding_dim
        self.slots = genres.slots
        self.genres = nn.EmbeddingBag(genres.vocabulary_size + 1, size, mode="mean", padding_idx=0)
        self.singles = nn.Embedding(rows - genres.vocabulary_size - 1, size)
        for table in (self.genres, self.singles):
            nn.init.uniform_(table.weight, -0.05, 0.05)
        width = size * len(task.specs)
        self.cross = nn.ModuleList(nn.Linear(width, width) for _ in range(model.num_cross_layers))
        self.deep = nn.Sequential()
        last = width
        for size in model.deep_layer_sizes:
            self.deep.extend([nn.Linear(last, size), nn.ReLU(inplace=True)])
            last = size
        self.head = nn.Linear(width + last, 1)

    def forward(self, indices: torch.Tensor) -> torch.Tensor:
        x0 = x = torch.cat(
            [self.genres(indices[:, : self.slots]), self.singles(indices[:, self.slots :]).flatten(1)], 1
        )
        for layer in self.cross:
            x = torch.addcmul(x, x0, layer(x))
        return self.head(torch.cat([x, self.deep(x0)], 1))[:, 0]

    def penalties(self) -> dict[float, list[nn.Parameter]]:
        return {1e-6: [self.genres.weight, self.singles.weight]}


def indices_of(task: Task) -> tuple[torch.Tensor, int]:
    """All indices with an offset for each feature, int64 `(num_ratings, slots)`, and the rows of a table for them."""
    flat, first, column = task.flat().astype(np.int64), 0, 0
    for spec in task.specs:
        part = flat[:, column : column + spec.slots]
        if spec.slots > 1:  # padding: row 0, in the network with ids a row of its own
            part[:] = part.clip(0) if task.is_notebook else part + 1
            first += 0 if task.is_notebook else 1
        elif task.is_notebook:
            part += first
        else:
            part += first - task.specs[0].vocabulary_size - 1
        first, column = first + spec.vocabulary_size, column + spec.slots
    return torch.from_numpy(flat), first


def optimizer_of(task: Task, network: Any) -> torch.optim.Optimizer:
    """Keras' RMSprop or Adam with its defaults; the gradient of `l2 * w²` is the weight decay `2 * l2`."""
    decayed = {id(weight): 2 * l2 for l2, weights in network.penalties().items() for weight in weights}
    groups: dict[float, list[nn.Parameter]] = {}
    for weight in network.parameters():
        groups.setdefault(decayed.get(id(weight), 0.0), []).append(weight)
    parameters = [{"params": weights, "weight_decay": decay} for decay, weights in groups.items()]
    if task.config.train.optimizer == "rmsprop":
        return torch.optim.RMSprop(parameters, lr=0.001, alpha=0.9, eps=1e-7, foreach=True)
    return torch.optim.Adam(parameters, lr=0.001, eps=1e-7, fused=True)


def main() -> None:
    """Plays."""
    turns, task, steps, variant = Turns(), Task.load(Path(sys.argv[1])), int(sys.argv[2]), sys.argv[3]
    if variant.endswith("1-thread"):
        torch.set_num_threads(1)
    torch.manual_seed(task.config.train.seed)
    *parts, share = task.part(steps)
    train, validation = map(torch.from_numpy, parts)
    indices, rows = indices_of(task)
    rating = torch.from_numpy(task.data.rating)
    network = (NotebookNetwork if task.is_notebook else IdsNetwork)(task, rows)
    if not task.is_notebook:
        network.head.bias.data.fill_(float(rating[train].mean()))
    optimizer = optimizer_of(task, network)

    def loss_of(batch: torch.Tensor) -> torch.Tensor:
        return nn.functional.mse_loss(network(indices[batch]), rating[batch])

    if variant.startswith("compiled"):
        loss_of = torch.compile(loss_of)
    while True:
        turns.wait()
        begin = time.perf_counter()
        network.train()
        order, total = train[torch.randperm(len(train))], torch.zeros(())
        for batch in order.split(task.batch_size):
            loss = loss_of(batch)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            total += loss.detach() * len(batch)
        train_mse = float(total) / len(train)
        trained = time.perf_counter()
        network.eval()
        with torch.inference_mode():
            squared = sum(float(loss_of(batch)) * len(batch) for batch in validation.split(EVALUATION_BATCH))
        turns.answer(
            train_s=trained - begin,
            validation_s=time.perf_counter() - trained,
            share=share,
            train_mse=train_mse,
            validation_mse=squared / len(validation),
        )


if __name__ == "__main__":
    main()
