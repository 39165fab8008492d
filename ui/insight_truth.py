"""What was planted in the generated world, beside what the network learned."""

import pandas as pd
import streamlit as st

from dcn_core.insight.recovery import TOP
from dcn_core.insight.report import Section
from dcn_core.insight.wording import STARS, sentence
from dcn_core.pictures import crosses
from dcn_core.pictures import film as films
from dcn_core.runs.store import RunSummary
from ui import insight_parts, insight_store


def show(run: RunSummary, found: Section) -> None:
    """Draws the planted crosses next to the learned ones, how well each measure finds them, and since which epoch."""
    speech = insight_parts.speech()
    shown = crosses.truth(found, relative=speech.unit != STARS)
    insight_parts.title(shown.title)
    insight_parts.said(shown.sentence)
    picture, scores = st.columns([7, 5], gap="large")
    with picture:
        insight_parts.chart(shown)
    with scores:
        table = insight_store.table(found, "recovery")
        pairs = shown.numbers
        k = int(((pairs["planted"] > 0) & pairs["scored"]).sum())
        st.dataframe(
            pd.DataFrame(
                {
                    "Measure": [speech.prose(sentence(str(name))) for name in table["measure"]],
                    "Rank correlation": table["rank_correlation"],
                    "Found": [f"{round(share * k)} of {k}" for share in table["precision"]],
                    "Strongest": [f"{top:.0f} of {min(TOP, k)}" for top in table["top"]],
                }
            ),
            hide_index=True,
            key="recovery",
            alt="How well each measure finds the planted crosses",
            height="content",
            column_config={
                "Rank correlation": st.column_config.NumberColumn(
                    format="%.2f", help="Spearman's, over content pairs."
                ),
                "Found": st.column_config.TextColumn(help="Planted crosses among as many strongest pairs."),
                "Strongest": st.column_config.TextColumn(
                    help="The strongest planted crosses among as many strongest pairs."
                ),
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
    insight_parts.picture(films.recovery(film))
