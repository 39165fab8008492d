"""Is it real? What the error becomes when a part is taken away."""

import numpy as np
import pandas as pd
import streamlit as st

from dcn_core.config.run import RunConfig
from dcn_core.runs.store import RunSummary
from ui import insight_charts, insight_maps, insight_parts, insight_store, texts

_KINDS = {"layer": "Cross layer {}", "feature": "{} (feature)", "head": "{} (head)"}
_HEADS = {"cross": "Cross part", "deep": "Deep part", "user_bias": "User bias", "movie_bias": "Movie bias"}


def part_label(kind: str, name: str) -> str:
    """`Cross layer 2`, `Age (feature)`, `Deep part (head)`."""
    words = texts.FEATURES.get(name, name) if kind == "feature" else _HEADS.get(name, name)
    return _KINDS[kind].format(words)


def show(run: RunSummary, config: RunConfig) -> None:
    """Draws the section."""
    found = insight_store.section(run.id, "knockouts")
    if found is None:
        return
    with st.container(border=True, key="knockouts"):
        insight_parts.lead(found.sentences["parts"])
        parts, blocks = insight_store.table(found, "parts"), found.arrays["blocks"]
        known = bool(np.isfinite(blocks).any())
        left, right = st.columns([6, 6], gap="large") if known else (st.container(), None)
        with left:
            _parts(parts, found.facts["mse"])
        if right is not None:
            with right:
                _blocks(run, blocks)
        elif config.model.combination == "token_mean":
            st.caption("Features share one block of weights in this network, so no block can be taken away by itself.")
        else:
            st.caption("Without cross layers there are no blocks to take away.")


def _parts(parts: pd.DataFrame, mse: float) -> None:
    insight_parts.title("Without a part, in MSE")
    labels = [part_label(str(kind), str(name)) for kind, name in zip(parts["kind"], parts["name"], strict=True)]
    insight_parts.picture(
        insight_charts.changes(labels, parts["change_beside_shift"].tolist(), "Rise of validation MSE"),
        "parts",
        "Rise of the validation error without each part",
        "Each bar is one part zeroed in the trained network: a layer passes its input on, a feature loses its embedding, a head "
        f"is no longer read. The error of the whole network is {mse:.3f} MSE. A mere shift of the mean, which a new bias "
        "would repair, is not counted. The rest was trained with the part in place, so this says how much *this* network "
        "leans on it, not how much one trained without it would lose.",
        parts.assign(part=labels)[["part", "mse", "change", "shift", "change_beside_shift"]],
    )


def _blocks(run: RunSummary, blocks: np.ndarray) -> None:
    insight_parts.title("Without a cross, in thousandths of MSE")
    names = [str(name) for name in insight_store.feature_names(run.id)]
    labels = [texts.FEATURES.get(name, name) for name in names]
    frame = pd.DataFrame(1000 * blocks, columns=names)
    frame.insert(0, "feature of x0", names)
    insight_parts.picture(
        insight_maps.feature_map(1000 * blocks, labels, "thousandths of MSE", signed=True, teal_high=True),
        "blocks",
        "Rise of the validation error without each block of the cross layers",
        "Each cell is one block of weights zeroed in all cross layers at once, and what that adds to the validation error, in "
        "thousandths of MSE. Rows are the feature of x₀ that is multiplied, columns the feature of x it is crossed with. "
        "Negative: on these ratings the network is better without it. Crosses that the deep part makes are not touched.",
        frame,
    )
