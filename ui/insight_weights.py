"""The cross layers' weights themselves, and how few dimensions of them the network needs."""

import numpy as np
import pandas as pd
import streamlit as st

from dcn_core.config.run import RunConfig
from dcn_core.insight.interactions import effective_kernel, num_cross_layers
from dcn_core.insight.report import Section
from dcn_core.insight.spectra import ALL_LAYERS, TOLERANCE, sufficient_rank
from dcn_core.runs.store import RunSummary
from ui import caches, charts, crosses, draft, insight_charts, insight_dots, insight_parts, insight_store, places, texts


def show(run: RunSummary, config: RunConfig) -> None:
    """Draws the section."""
    if not num_cross_layers(config.model):
        with st.container(border=True, key="no-crosses"):
            insight_parts.title("This network has no cross layers")
            st.markdown(
                "It can cross features only inside its deep layers, where weights cannot be read off. Crosses and "
                "Is it real? measure what it does from outside."
            )
        return
    with st.container(border=True, key="weights"):
        if config.model.cross_kind == "vector":
            _weights(run, config, _head(num_cross_layers(config.model)))
            return
        finding = st.container()
        left, right = st.columns([7, 5], gap="large")
        with left:
            number = _head(num_cross_layers(config.model))
            _weights(run, config, number)
        with right:
            found = insight_store.section(run.id, "ranks")
            if found is not None:
                with finding:
                    insight_parts.lead(found.sentences["ranks"])
                _ranks(config, found, number)


def _head(layers: int) -> int:
    numbers = list(range(1, layers + 1))
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        with st.container(width="content"):
            insight_parts.title("Weights of a layer")
        chosen = st.segmented_control(
            "Cross layer",
            numbers,
            format_func=lambda number: f"Layer {number}",
            default=1,
            required=True,
            key="weights-layer",
            label_visibility="collapsed",
        )
    return int(chosen) if chosen in numbers else 1  # another run may have fewer layers


def _weights(run: RunSummary, config: RunConfig, number: int) -> None:
    insight = caches.insight(run.id)
    names = [texts.FEATURES.get(str(name), str(name)) for name in insight["feature_names"]]
    sizes = [int(size) for size in insight["block_sizes"]]
    if config.model.combination == "token_mean":
        names, sizes = ["Mean of all tokens"], sizes[:1]
    kept = caches.weights(run.id)
    if config.model.cross_kind == "vector":
        w = kept[f"cross_{number}/w"]
        insight_parts.picture(
            charts.weight_bars(w, names, sizes),
            "kernel",
            "Weight vector by feature",
            "The one weight vector $w$ of $x_0 \\, (x^\\top w) + b + x$: one number for each number of $x$. It weighs what is "
            "crossed, and every feature of $x_0$ is multiplied by the same sum.",
            pd.DataFrame({"position": np.arange(len(w)), "feature": np.repeat(names, sizes), "w": w}),
            tools=True,
        )
        return
    gates = insight["gates"][number - 1] if config.model.cross_kind == "mixture" else None
    kernel = effective_kernel(kept, number, gates)
    cells, step = crosses.thinned(kernel)
    owners = np.repeat(names, sizes)
    frame = pd.DataFrame(kernel, columns=[f"{owner} {k}" for k, owner in enumerate(owners)])
    frame.insert(0, "feature of x0", owners)
    insight_parts.picture(
        charts.kernel_heatmap(cells, names, sizes, step),
        "kernel",
        "Weight matrix, x0 by x",
        f"{_what(config)} Rows belong to $x_0$, columns to $x$; a Keras kernel is the transpose. Teal and orange are the two signs. "
        "Single weights have no meaning by themselves, for embeddings can be turned; look for blocks that stand out. Drag to "
        "zoom, double-click to go back.",
        frame,
        tools=True,
        note=f"Each cell averages {step} × {step} weights." if step > 1 else "",
    )


def _what(config: RunConfig) -> str:
    """What the shown matrix is in this kind of layer."""
    equation = "$x_0 \\circ (Wx + b) + x$"
    match config.model.cross_kind:
        case "low_rank":
            return f"The product $UV^\\top$ that stands in for $W$ in {equation}."
        case "gated":
            return "The matrix $W$ in $x_0 \\circ (Wx + b) \\circ \\sigma(W_g x) + x$, before its gate: see Gates for how much passes."
        case "mixture":
            exact = (
                "their tanh is left out"
                if config.model.expert_activation == "tanh"
                else "each is such a matrix exactly"
            )
            return (
                "The mean of the experts, $\\sum_i E[G_i]\\, U_i C_i V_i^\\top$, each weighed by its mean gate over validation "
                f"ratings; {exact}. It stands in for $W$ in {equation} only as far as gates hardly vary: see Gates."
            )
    return f"The matrix $W$ in {equation}."


def _ranks(config: RunConfig, found: Section, number: int) -> None:
    errors, values = insight_store.table(found, "errors"), insight_store.table(found, "values")
    own = values[values["layer"] == number]
    with st.container(gap="xsmall"):
        insight_parts.title(f"Singular values of layer {number}")
        enough = sufficient_rank(errors, number) or 0
        insight_parts.picture(
            insight_charts.singular_values(own["value"].to_numpy(dtype=float), enough),
            "singular-values",
            "Singular values of the matrix, largest first",
            "How far the matrix stretches each of its directions. Coloured: the directions that are needed to keep the validation "
            f"error within {TOLERANCE:.1%} when only this layer is cut. A large value is not yet a useful one: the rest is what "
            "training started from.",
            own,
            note=_most(config),
        )
    rank = int(found.facts["rank"]) if "rank" in found.facts else None
    together = errors[errors["layer"] == ALL_LAYERS]
    together = together if len(together) else errors
    with st.container(gap="xsmall"):
        insight_parts.title("Error by rank")
        insight_parts.picture(
            insight_dots.rank_curve(together, rank, TOLERANCE),
            "rank-curve",
            "Change of the validation error by the rank that is kept",
            "Every $W$ is replaced by the closest matrix of that rank, without training again. The large dot is the lowest rank "
            f"from which on the error stays within {TOLERANCE:.1%}. Training at that rank may do better or worse.",
            together,
            note=_replaced(config),
        )
        if rank is not None:
            _retrain(config, rank, len(own))


def _most(config: RunConfig) -> str:
    """What limits the rank of a layer's matrix; empty if nothing does."""
    model = config.model
    if model.cross_kind == "low_rank":
        return f"The layer's rank is at most {model.projection_dim}."
    if model.cross_kind == "mixture":
        return f"{model.num_experts} experts of rank {model.projection_dim} make at most rank {model.num_experts * model.projection_dim}."
    return ""


def _replaced(config: RunConfig) -> str:
    """What else changes when a matrix is cut."""
    return {
        "mixture": "The experts of each layer are first replaced by their mean, so even the full rank loses what the gates decide "
        "rating by rating.",
        "gated": "Gates stay as they are.",
    }.get(config.model.cross_kind, "")


def _retrain(config: RunConfig, rank: int, size: int) -> None:
    """The button that leads to the same experiment with low-rank cross layers; they have no gates, so a gated one has none."""
    if (
        config.model.cross_kind == "gated"
        or not 1 <= rank < size
        or (config.model.cross_kind == "low_rank" and rank >= config.model.projection_dim)
    ):
        return
    if st.button(f"Train at rank {rank}", key="train-at-rank", icon=":material/compress:"):
        draft.use_config(config)
        for name in draft.WORLD:
            draft.set_value("data", name, getattr(config.data, name))
        draft.set_value("model", "cross_kind", "low_rank")
        draft.set_value("model", "projection_dim", rank)
        st.switch_page(places.page("train"))
