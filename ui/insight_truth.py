"""What was planted in the generated world, beside what the network learned."""

import pandas as pd
import streamlit as st

from dcn_core.insight.report import Section
from ui import crosses, insight_charts, insight_parts, insight_store


def show(found: Section) -> None:
    """Draws the planted crosses next to the learned ones, and how well each measure finds them."""
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
