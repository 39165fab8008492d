"""What the players of one comparison all do: a network, its training and its encoded ratings, handed over in a folder."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from dcn_core.config.features import FeatureSpec
from dcn_core.config.presets import preset_config
from dcn_core.config.run import RunConfig, override, parse_config
from dcn_core.data.dataset import Dataset
from dcn_core.data.encoder import EncodedData, Encoder, encode
from dcn_core.data.splits import Split, split_rows

IDS = ["model.embedding_dim=32", "model.deep_layer_sizes=[128,64]"]
"""What turns the default network into the one with ids of the benchmarks."""


@dataclass(frozen=True)
class Task:
    """A network and what it is trained on.

    Attributes:
        config: Architecture and training.
        specs: The input features.
        data: All ratings, encoded.
        split: Which of them train and which validate.
    """

    config: RunConfig
    specs: tuple[FeatureSpec, ...]
    data: EncodedData
    split: Split

    @classmethod
    def make(cls, dataset: Dataset, network: str, batch_size: int) -> "Task":
        """Prepares the "notebook" network or the one with "ids"."""
        config = preset_config("notebook") if network == "notebook" else override(preset_config("default"), IDS)
        config = override(config, [f"train.batch_size={batch_size}", "train.epochs=1000", "train.patience=1000"])
        split = split_rows(dataset, config.data)
        encoder = Encoder.fit(dataset, split.train, config.data.features)
        return cls(config, encoder.specs, encode(dataset, encoder), split)

    @property
    def batch_size(self) -> int:
        """Ratings in a step."""
        return self.config.train.batch_size

    @property
    def is_notebook(self) -> bool:
        """Whether the network is the notebook's: one mean of all tokens."""
        return self.config.model.combination == "token_mean"

    @property
    def steps(self) -> int:
        """Steps in an epoch."""
        return -(-len(self.split.train) // self.batch_size)

    def part(self, steps: int) -> tuple[np.ndarray, np.ndarray, float]:
        """Rows of so many steps (all for 0), validation rows in the same proportion, and this share of an epoch."""
        train, validation, _ = self.split
        if not 0 < steps < self.steps:
            return train, validation, 1.0
        share = steps * self.batch_size / len(train)
        return train[: steps * self.batch_size], validation[: round(share * len(validation))], share

    def flat(self) -> np.ndarray:
        """All indices side by side, int32 `(num_ratings, slots)`, in the order of `specs`; -1 in empty slots."""
        inputs = self.data.inputs(np.arange(len(self.data.rating)))
        return np.concatenate([inputs[spec.name].reshape(-1, spec.slots) for spec in self.specs], axis=1)

    def save(self, folder: Path) -> Path:
        """Writes the task for other processes to load, and returns the folder."""
        folder.mkdir(parents=True)
        record = {"config": self.config.model_dump(mode="json"), "specs": [asdict(spec) for spec in self.specs]}
        (folder / "task.json").write_text(json.dumps(record))
        data = self.data
        arrays = {f"user/{name}": values for name, values in data.user_features.items()}
        arrays |= {f"movie/{name}": values for name, values in data.movie_features.items()}
        arrays |= {"user_row": data.user_row, "movie_row": data.movie_row, "rating": data.rating}
        np.savez(folder / "task.npz", **arrays, **{f"split/{k}": v for k, v in self.split._asdict().items()})
        return folder

    @classmethod
    def load(cls, folder: Path) -> "Task":
        """Returns what `save` wrote."""
        record = json.loads((folder / "task.json").read_text())
        with np.load(folder / "task.npz") as file:
            arrays = dict(file)

        def below(prefix: str) -> dict[str, np.ndarray]:
            return {k.removeprefix(prefix): v for k, v in arrays.items() if k.startswith(prefix)}

        data = EncodedData(below("user/"), below("movie/"), arrays["user_row"], arrays["movie_row"], arrays["rating"])
        specs = tuple(FeatureSpec(**spec | {"knots": tuple(spec["knots"])}) for spec in record["specs"])
        return cls(parse_config(record["config"]), specs, data, Split(**below("split/")))
