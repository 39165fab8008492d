"""What was planted in the generated world, beside what the network learned."""

import pandas as pd
import streamlit as st

from dcn_core.insight.report import Section
from dcn_core.runs.store import RunSummary
from ui import crosses, insight_charts, insight_dots, insight_parts, insight_store


def show(run: RunSummary, found: Section) -> None:
    """Draws the planted crosses next to the learned ones, how well each measure finds them, and since which epoch."""
    insight_parts.title("Truth beside learned")
    insight_parts.said(found.sentences["recovery"])
    pairs = insight_store.table(found, "planted")
    labels = [crosses.pair_label((row["feature"], row["other"])) for row in pairs.to_dict("records")]
    shown = [
        i for i, row in enumerate(pairs.to_dict("records")) if row["planted"] > 0 or row["effect in stars"] > 0.02
    ][:12]
    picture, scores = st.columns([7, 5], gap="large")
    with picture:
        figure = insight_charts.planted_and_learned(
            [labels[i] for i in shown],
            [float(pairs["planted"].iloc[i]) for i in shown],
            [float(pairs["effect in stars"].iloc[i]) for i in shown],
        )
        insight_parts.picture(
            figure,
            "truth",
            "Planted and learned effect of each pair of features",
            "The generated world has crosses of known size built in. Learned is the effect in stars of the map above, so the two "
            "bars are in the same unit. Only pairs of content features are scored: an id determines its owner's age and gender, "
            "so a network may carry a cross by the id.",
            pairs,
        )
    with scores:
        table = insight_store.table(found, "recovery")
        k = int(((pairs["planted"] > 0) & pairs["scored"]).sum())
        st.dataframe(
            pd.DataFrame(
                {
                    "Measure": [str(name)[:1].upper() + str(name)[1:] for name in table["measure"]],
                    "Rank correlation": table["rank_correlation"],
                    "Found": [f"{round(share * k)} of {k}" for share in table["precision"]],
                    "Top three": [f"{top:.0f} of 3" for top in table["top"]],
                }
            ),
            hide_index=True,
            key="recovery",
            height="content",
            column_config={
                "Rank correlation": st.column_config.NumberColumn(
                    format="%.2f", help="Spearman's, over content pairs."
                ),
                "Found": st.column_config.TextColumn(help="Planted crosses among as many strongest pairs."),
            },
        )
        best = found.facts.get("best_rank_correlation", float("nan"))
        st.caption(
            f"How well each measure recovers what was planted; {best:.2f} is the best any could reach, as pairs without a cross "
            "are tied. The measures of the weights see the cross layers only."
        )
    _by_epoch(run)


def _by_epoch(run: RunSummary) -> None:
    """How the recovery came about, where the run has snapshots."""
    report = insight_store.report(run.id)
    film = insight_store.section(run.id, "film") if "film" in report.missing else report.sections.get("film")
    if film is None or "recovery" not in film.tables:
        return
    insight_parts.title("Since when it is found")
    insight_parts.said(film.sentences["recovery"])
    scores, planted = film.tables["recovery"], int(film.facts["planted"])
    insight_parts.picture(
        insight_dots.recovery_by_epoch(scores, planted, film.facts["best_rank_correlation"]),
        "recovery-by-epoch",
        "Recovery of the planted crosses by epoch",
        "Left: Spearman's rank correlation of planted and learned over the content pairs; the dotted line is the best that any "
        f"measure could reach. Right: how many of the {planted} planted crosses are among the {planted} strongest. Epoch 0 is the "
        "network before training. Effects are measured on fewer ratings here than above, so the last points may differ a "
        "little from the table.",
        scores[["epoch", "measure", "rank_correlation", "precision", "top"]],
    )
