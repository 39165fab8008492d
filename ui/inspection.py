"""The parts of the inspect page: heat map, ranking, and the weights themselves."""

import numpy as np
import streamlit as st

from dcn_core.config.run import RunConfig
from dcn_core.data.dataset import PlantedCross
from dcn_core.errors import PlaygroundError
from dcn_core.insight.interactions import effective_kernel
from dcn_core.runs.store import RunSummary
from ui import caches, charts, crosses, texts


def planted_crosses(config: RunConfig) -> tuple[PlantedCross, ...]:
    """What was planted, if the run learned from a generated world."""
    if not config.data.source.startswith("generated"):
        return ()
    try:
        truth = caches.dataset(config.data).truth
    except PlaygroundError:
        return ()
    return truth.crosses if truth else ()


def explain(config: RunConfig, measure: crosses.Measure) -> None:
    """What is seen and how far it can be trusted."""
    st.caption(crosses.ABOUT[measure])
    if config.model.combination == "token_mean":
        st.caption(
            "This network averages all embeddings before it crosses them, so features share one block of weights. "
            "What is shown is each feature's share of the mean; there are no blocks to compare."
        )
    elif config.model.cross_kind == "vector":
        st.caption(
            "A vector layer has one weight vector: the rows of a layer differ only by the embeddings they are multiplied "
            "with. It can say how much a feature is used, hardly which pair."
        )
    if config.model.structure in ("parallel", "stacked"):
        st.caption("The deep part can cross features too; what it does is not in this picture.")


def interactions(run: RunSummary, config: RunConfig, insight: dict[str, np.ndarray]) -> None:
    """Heat map and ranking."""
    names = [str(name) for name in insight["feature_names"]]
    layers = len(insight["strength"])
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        layer = _layer(layers)
        measure = _measure(["strength"] if config.model.combination == "token_mean" else list(crosses.MEASURES))
    every = crosses.matrices(insight, measure)
    matrix = every.sum(axis=0) if layer == 0 else every[layer - 1]
    picture, ranking = st.columns([7, 5], gap="large")
    with picture:
        labels = [texts.FEATURES.get(name, name) for name in names]
        st.plotly_chart(
            charts.feature_heatmap(matrix, labels, crosses.MEASURES[measure]),
            key="feature-heatmap",
            config=charts.CONFIG,
            alt="Strength of each cross, feature of x0 by feature of x",
        )
    with ranking:
        rank(matrix, names, planted_crosses(config))
    explain(config, measure)


def _layer(layers: int) -> int:
    """The layer to show, from 1; 0 for the sum of all."""
    numbers = [0, *range(1, layers + 1)] if layers > 1 else [1]
    chosen = st.segmented_control(
        "Layer",
        numbers,
        format_func=lambda number: str(number or "All"),
        default=numbers[0],
        required=True,
        key="inspect-layer",
    )
    return numbers[0] if chosen not in numbers else int(chosen)


def _measure(allowed: list[crosses.Measure]) -> crosses.Measure:
    chosen = st.segmented_control(
        "Measure",
        allowed,
        format_func=lambda name: crosses.MEASURES[name],
        default=allowed[0],
        required=True,
        key="inspect-measure",
        wrap=True,
    )
    return chosen if chosen in allowed else allowed[0]


def rank(matrix: np.ndarray, names: list[str], planted: tuple[PlantedCross, ...]) -> None:
    """The strongest crosses as a list, beside what was planted."""
    st.markdown("#### Strongest crosses", anchors=False)
    frame = crosses.pairs(matrix, names)
    table = crosses.ranking(frame, planted)
    if planted:
        found, there = crosses.recovered(frame, planted)
        st.markdown(f"**{found} of {there}** crosses planted in this world are among the {there} strongest pairs.")
    top = float(table["Strength"].max()) or 1.0
    digits = charts.digits(top)
    st.dataframe(
        table,
        hide_index=True,
        key="strongest",
        height="content",
        placeholder="",
        column_config={
            "Strength": st.column_config.ProgressColumn(format=f"%.{digits}f", min_value=0.0, max_value=top),
            "Planted": st.column_config.NumberColumn(
                format="%.2f stars",
                help="Standard deviation of what only this pair explains, as it was built into the world.",
            ),
        },
    )


def weights(run: RunSummary, config: RunConfig, insight: dict[str, np.ndarray]) -> None:
    """The weights themselves, layer by layer."""
    names = [texts.FEATURES.get(str(name), str(name)) for name in insight["feature_names"]]
    sizes = [int(size) for size in insight["block_sizes"]]
    if config.model.combination == "token_mean":
        names, sizes = ["Mean of all tokens"], sizes[:1]
    layers = list(range(1, len(insight["strength"]) + 1))
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown("#### Weights of a layer", anchors=False, width="content")
        chosen = st.segmented_control(
            "Cross layer", layers, default=1, required=True, key="weights-layer", label_visibility="collapsed"
        )
    number = chosen if chosen in layers else 1  # another run may have fewer layers
    kept = caches.weights(run.id)
    if config.model.cross_kind == "vector":
        figure = charts.weight_bars(kept[f"cross_{number}/w"], names, sizes)
        st.plotly_chart(figure, key="kernel", config=charts.CONFIG, alt="Weight vector by feature")
        st.caption("The weight vector $w$ of $x_0 \\, (x^\\top w) + b + x$: one number for each number of $x$.")
        return
    picture, reading = st.columns([7, 5], gap="large")
    kernel = effective_kernel(kept, number)
    with picture:
        cells, step = crosses.thinned(kernel)
        figure = charts.kernel_heatmap(cells, names, sizes, step)
        st.plotly_chart(figure, key="kernel", config=charts.CONFIG, alt="Weight matrix, x0 by x")
    with reading:
        _read_kernel(kernel, config, step)


def _read_kernel(kernel: np.ndarray, config: RunConfig, step: int) -> None:
    """How to read the matrix, and how many directions it uses."""
    low_rank = config.model.cross_kind == "low_rank"
    what = "The product $UV^\\top$ that stands in for $W$" if low_rank else "The matrix $W$"
    st.caption(
        f"{what} in $x_0 \\circ (Wx + b) + x$. Rows belong to $x_0$, columns to $x$; a Keras kernel is the transpose. "
        "Drag to zoom, double-click to go back." + (f" Each cell averages {step} × {step} weights." if step > 1 else "")
    )
    values, enough = crosses.spectrum(kernel)
    st.markdown(f"**{enough} of {len(values)}** directions carry nine tenths of its weight.")
    st.plotly_chart(
        charts.spectrum(values, enough),
        key="spectrum",
        config=charts.CONFIG | {"displayModeBar": False},
        alt="Singular values",
    )
    st.caption(
        "Singular values of the matrix, largest first. "
        + (
            f"The layer's rank is at most {config.model.projection_dim}."
            if low_rank
            else f"A low-rank layer of rank {enough} could hold most of it."
        )
    )
