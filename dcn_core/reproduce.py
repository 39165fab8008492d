"""Trains what a claim is about with several seeds and holds the mean against the band; keeps the table of results."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dcn_core.claims import CLAIMS, Claim, Verdict
from dcn_core.config.metrics import METRICS
from dcn_core.config.run import RunConfig
from dcn_core.data.dataset import Dataset
from dcn_core.data.encoder import Encoder, encode
from dcn_core.data.sources import load_dataset
from dcn_core.data.splits import split_rows
from dcn_core.errors import ConfigError
from dcn_core.files import write_atomic
from dcn_core.here import with_seed_here
from dcn_core.insight.ladder import ladder
from dcn_core.runs.store import RunStore
from dcn_core.training.metrics import auc, rating_scores

HEAD = """# Results

Written by `python -m dcn_core reproduce NAME --data PATH --write docs/results.md`, row by row. Mean ± standard deviation over seeds. Every network is scored with the weights of its best
validation epoch; test rows are looked at once. On the MovieLens sets the split is the same for all seeds. Cold start has no published figure: beside it stands what simple predictors, fitted on
the same training rows, reach on the same test rows.

| claim | protocol | score | ours | band | published | source | verdict | seeds and data |
|---|---|---|---|---|---|---|---|---|
"""


@dataclass(frozen=True)
class Outcome:
    """What came out of a claim.

    Attributes:
        claim: The claim.
        values: The score of each seed.
        data: Name of the ratings; empty for polynomials.
        beside: What simple predictors reach on the same rows, in words.
    """

    claim: Claim
    values: tuple[float, ...]
    data: str = ""
    beside: str = ""

    @property
    def mean(self) -> float:
        """Over the seeds."""
        return float(np.mean(self.values))

    @property
    def spread(self) -> float:
        """Standard deviation over the seeds, divided by their number less one; 0 for a single one."""
        return float(np.std(self.values, ddof=1)) if len(self.values) > 1 else 0.0

    @property
    def verdict(self) -> Verdict:
        """That of the mean."""
        return self.claim.verdict(self.mean)

    def cells(self) -> list[str]:
        """The row of the table."""
        claim, number = self.claim, _number(self.claim)
        score = METRICS[claim.metric].short
        low, high = (None if end is None else number(end) for end in (claim.low, claim.high))
        band = (
            f"{low} to {high}" if low and high else f"at most {high}" if high else f"at least {low}" if low else "none"
        )
        seeds = f"{len(self.values)} seed{'' if len(self.values) == 1 else 's'}"
        return [
            f"`{claim.title}`",
            claim.protocol,
            f"{claim.part} {score}",
            number(self.mean) + (f" ± {number(self.spread)}" if len(self.values) > 1 else ""),
            band,
            "" if claim.published is None else number(claim.published),
            claim.source or self.beside,
            self.verdict,
            ", ".join(filter(None, (seeds, self.data))),
        ]

    def line(self) -> str:
        """The outcome for a terminal."""
        title, _, score, ours, band, published, source, verdict, seeds = self.cells()
        beside = f"  published {published} ({source})" if published else f"  beside {source}" if source else ""
        return f"{title.strip('`'):26} {score} {ours}  band {band}{beside}  {seeds}: {verdict}"


def reproduce(claims: Sequence[Claim], data: Mapping[str, Any], seeds: int, store: RunStore) -> Iterator[Outcome]:
    """Trains what claims are about, seed by seed; what was trained before is not trained again.

    Args:
        claims: One after the other.
        data: The fields of `DataConfig` that name the ratings.
        seeds: How many, from 1 on.
        store: Where the runs are kept.

    Raises:
        ConfigError: A claim is about another kind of data.
    """
    formulas: dict[tuple[str, int], dict[str, float]] = {}
    for claim in claims:
        if claim.formula[0]:
            values = []
            for seed in range(1, seeds + 1):
                key = claim.formula[0], seed
                if key not in formulas:
                    formulas[key] = _formula_errors(*key)
                values.append(formulas[key][claim.formula[1]])
            yield Outcome(claim, tuple(values))
            continue
        config = claim.config(data)
        dataset = load_dataset(config.data)
        if (dataset.truth is not None) != (claim.name == "generated"):
            wanted = "the generated world" if claim.name == "generated" else "MovieLens ratings: give --data PATH"
            raise ConfigError(f"'{claim.name}' is measured on {wanted}. Received: {dataset.name}.")
        scores = []
        for seed in range(1, seeds + 1):
            run = with_seed_here(store, config, seed, dataset.fingerprint, f"{claim.title} · seed {seed}")
            part = ((run.result() or {}).get("scores") or {}).get(claim.part) or {}
            scores.append(float(part[claim.metric]))
        yield Outcome(claim, tuple(scores), dataset.name, _simple(claim, config, dataset) if claim.is_cold else "")


def _simple(claim: Claim, config: RunConfig, dataset: Dataset) -> str:
    """What the mean and the best simple predictor of all reach on the test rows of a claim."""

    def score(prediction: np.ndarray, label: np.ndarray) -> float:
        return auc(prediction, label) if claim.metric == "auc" else rating_scores(prediction, label)[claim.metric]

    split = split_rows(dataset, config.data)
    data = encode(dataset, Encoder.fit(dataset, split.train, config.data.features), config.data)
    rungs = ladder(data, split, config.data.features, score=score).set_index("rung")["test_score"]
    best = rungs.idxmax() if claim.higher_is_better else rungs.idxmin()
    return f"mean {rungs['mean']:.4f}, best of {len(rungs)} simple predictors {rungs[best]:.4f} ({best})"


def write_results(path: Path, outcomes: Sequence[Outcome]) -> None:
    """Puts outcomes into the table of a file, in place of older rows of the same claims.

    Raises:
        ConfigError: The file cannot be written.
    """
    order = [f"`{claim.title}`" for claim in CLAIMS]
    rows = {}
    try:
        if path.exists():
            for line in path.read_text().splitlines():
                cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
                if cells[0] in order:
                    rows[cells[0]] = cells
        rows |= {outcome.cells()[0]: outcome.cells() for outcome in outcomes}
        lines = [f"| {' | '.join(rows[title])} |" for title in order if title in rows]
        write_atomic(path, (HEAD + "\n".join(lines) + "\n").encode())
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"--write must name a text file that can be written. {path}: {error}") from None


def _formula_errors(example: str, seed: int) -> dict[str, float]:
    """Test RMSE of V1, V2 and DNN on an example."""
    from dcn_core.polynomials.examples import EXAMPLES
    from dcn_core.polynomials.experiment import learn
    from dcn_core.polynomials.formula import parse
    from dcn_core.training.setup import configure_tensorflow

    configure_tensorflow()
    return {one.name: one.test_rmse for one in learn(parse(EXAMPLES[example]), seed=seed)}


def _number(claim: Claim) -> Any:
    """How a score of the claim is written."""
    return (lambda value: f"{value:.1e}") if claim.formula[0] else (lambda value: f"{value:.4f}")
