"""How surely networks find the planted crosses of a generated world: recovery of several seeds, measure by measure."""

from collections.abc import Mapping

import pandas as pd

from dcn_core.data.sources import load_dataset
from dcn_core.errors import RunError
from dcn_core.insight.recovery import TOP
from dcn_core.insight.report import Subject
from dcn_core.runs.folder import RunFolder
from dcn_core.study import read_report, write_report

BAR = 0.8
"""Rank correlation that counts as found, together with the three strongest planted crosses as the three strongest learned."""


def recovered(run: RunFolder) -> pd.DataFrame:
    """The scores of a finished run, as of `Recovery.scores`; its report is written as far as that takes.

    Raises:
        RunError: They could not be computed.
    """
    if "crosses" not in read_report(run).sections:
        config = run.config()
        dataset = load_dataset(config.data)
        run.check_ratings(dataset.fingerprint)
        subject = Subject.of(config, dataset, run.encoder(), run.weights())
        write_report(run, subject, most=1)
    report = read_report(run)
    scores = report.sections["crosses"].tables.get("recovery") if "crosses" in report.sections else None
    if scores is None or scores.empty:
        reason = report.problems.get("crosses", "none of the planted crosses is between features that it sees")
        raise RunError(f"run {run.id} has no recovery scores: {reason}.")
    return scores


def together(by_seed: Mapping[int, pd.DataFrame]) -> pd.DataFrame:
    """One row per measure and seed: `measure`, `seed`, `rank_correlation`, `precision`, `top`, and `met`, whether the bar is."""
    frame = pd.concat([scores.assign(seed=seed) for seed, scores in by_seed.items()], ignore_index=True)
    frame["met"] = (frame["rank_correlation"] >= BAR) & (frame["top"] == TOP)
    measures = list(dict.fromkeys(frame["measure"]))
    frame = frame.sort_values("measure", key=lambda names: names.map(measures.index), kind="stable", ignore_index=True)
    return frame[["measure", "seed", "rank_correlation", "precision", "top", "met"]]


def verdicts(frame: pd.DataFrame) -> list[str]:
    """One line a measure, of a table as of `together`: on how many seeds it meets the bar."""
    return [
        f"{measure}: rank correlation {own['rank_correlation'].min():.2f} to {own['rank_correlation'].max():.2f}, the three "
        f"strongest right on {int((own['top'] == TOP).sum())} of {len(own)} seeds; at least {BAR} and all three on "
        f"{int(own['met'].sum())} of {len(own)}."
        for measure, own in frame.groupby("measure", sort=False)
    ]
