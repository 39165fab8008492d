"""All that is told of one trained network, in sections: computed once, kept as plain arrays and tables, shown many times."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from dcn_core.config.run import RunConfig
from dcn_core.data.dataset import Dataset
from dcn_core.data.encoder import EncodedData, Encoder, encode
from dcn_core.data.splits import Split, split_rows
from dcn_core.insight.network import Indices, Network, network_class
from dcn_core.insight.speech import Speech
from dcn_core.model.cost import flops_per_example

SAMPLE_ROWS = 10_000
"""Validation ratings that a section looks at in a network of `SAMPLE_FLOPS` operations; fewer in a larger one."""
SAMPLE_FLOPS, FEWEST_ROWS = 100_000, 2_000


RAW = ("orders", "heads")
"""Sentences on what adds up to the raw output."""


@dataclass(frozen=True, eq=False)
class Section:
    """One part of the report.

    Attributes:
        sentences: What the numbers say in plain language, by name. Plain text: names of categories are data.
        tables: Small frames of texts and numbers, by name.
        arrays: Whatever is larger or has more axes, by name.
        facts: Single numbers, by name.
    """

    sentences: dict[str, str] = field(default_factory=dict)
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    facts: dict[str, float] = field(default_factory=dict)

    def said_in(self, speech: Speech) -> "Section":
        """The section with its amounts in the unit of a run."""
        said = {name: speech.amounts(text, raw=name in RAW) for name, text in self.sentences.items()}
        return replace(self, sentences=said)

    def plain(self) -> dict[str, Any]:
        """Everything but the arrays as values of JSON, where missing numbers are null."""
        tables = {
            name: {
                "columns": list(frame.columns),
                "rows": frame.astype(object).where(frame.notna(), None).to_numpy().tolist(),
            }
            for name, frame in self.tables.items()
        }
        facts = {name: float(value) for name, value in self.facts.items() if np.isfinite(value)}
        return {"sentences": self.sentences, "tables": tables, "facts": facts}

    @classmethod
    def of_plain(cls, values: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> "Section":
        """The section that `plain` was made of."""
        for name, table in values["tables"].items():
            if any(len(row) != len(table["columns"]) for row in table["rows"]):
                raise ValueError(f"expected a value for each column in each row of the table '{name}'")
        tables = {
            name: pd.DataFrame(table["rows"], columns=table["columns"]).infer_objects()
            for name, table in values["tables"].items()
        }
        return cls(dict(values["sentences"]), tables, dict(arrays), dict(values["facts"]))


@dataclass(frozen=True, eq=False)
class Subject:
    """What the report is about: a network, and the ratings that it learned from and is measured on.

    Attributes:
        frames: Snapshots of the network by epoch, see `dcn_core.insight.film`.
    """

    config: RunConfig
    dataset: Dataset
    split: Split
    encoder: Encoder
    data: EncodedData
    network: Network
    frames: Mapping[int, Mapping[str, np.ndarray]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        config: RunConfig,
        dataset: Dataset,
        encoder: Encoder,
        weights: Mapping[str, np.ndarray],
        frames: Mapping[int, Mapping[str, np.ndarray]] | None = None,
    ) -> "Subject":
        """Encodes and splits the ratings as training did."""
        network = network_class(config.data.target)(config.model, encoder.specs, weights)
        data, split = encode(dataset, encoder, config.data), split_rows(dataset, config.data)
        return cls(config, dataset, split, encoder, data, network, frames or {})

    @cached_property
    def rows(self) -> np.ndarray:
        """A random sample of the validation rows, in order, as large as the network's size allows."""
        flops = flops_per_example(self.config.model, self.encoder.specs)["total"]
        most = int(np.clip(SAMPLE_ROWS * SAMPLE_FLOPS / max(flops, 1), FEWEST_ROWS, SAMPLE_ROWS))
        return np.sort(np.random.default_rng(0).permutation(self.split.validation)[:most])

    def sample(self, most: int = SAMPLE_ROWS) -> tuple[Indices, np.ndarray]:
        """Features and labels of `rows`, thinned to at most so many."""
        rows = self.rows[:: -(-len(self.rows) // most)]
        return self.data.inputs(rows), self.data.rating[rows]

    @cached_property
    def prediction(self) -> np.ndarray:
        """The raw output on all validation rows."""
        found = np.empty(len(self.split.validation))
        for start in range(0, len(found), 1 << 18):  # in parts: features of all at once could be gigabytes
            part = slice(start, start + (1 << 18))
            found[part] = self.network.rating(self.data.inputs(self.split.validation[part]))
        return found


Write = Callable[[Subject], Section]
