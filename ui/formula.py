"""The formula of a cross layer with the numbers of one rating filled in; each number tells where it comes from."""

import streamlit as st

from dcn_core.config.run import RunConfig
from dcn_core.data.dataset import Dataset
from dcn_core.errors import PlaygroundError
from dcn_core.insight.formula import Terms, busiest_place, terms
from dcn_core.insight.interactions import num_cross_layers
from dcn_core.insight.network import Indices, Network
from dcn_core.insight.path import pair_indices
from dcn_core.insight.wording import decimal, signed, words
from dcn_core.model.shapes import feature_slices
from dcn_core.runs.store import RunSummary
from ui import caches, insight_parts, insight_path, insight_store
from ui.errors import show_problem

_LAYER, _PLACE, _TERM = "formula-layer", "formula-place", "formula-term"
_FEATURE, _NUMBER = "formula-feature", "formula-number"
_ABOUT_NUMBER = "Each feature's embedding has several numbers; a cross layer has one such formula for each of them."
_SHOWN = {
    "vector": "x_{{{l}}} = x_0 \\,(w^\\top x_{{{m}}}) + b + x_{{{m}}}",
    "matrix": "x_{{{l}}} = x_0 \\odot (W x_{{{m}}} + b) + x_{{{m}}}",
    "low_rank": "x_{{{l}}} = x_0 \\odot (U V^\\top x_{{{m}}} + b) + x_{{{m}}}",
    "mixture": "x_{{{l}}} = \\sum_i G_i(x_{{{m}}})\\; x_0 \\odot (U_i\\, g(C_i\\, g(V_i^\\top x_{{{m}}})) + b) + x_{{{m}}}",
    "gated": "x_{{{l}}} = x_0 \\odot (W x_{{{m}}} + b) \\odot \\sigma(W_g x_{{{m}}}) + x_{{{m}}}",
}


def show(run: RunSummary, config: RunConfig) -> None:
    """Draws the formula for the rating, layer and number that are chosen."""
    layers = num_cross_layers(config.model)
    if not layers:
        st.markdown(
            "This network has no cross layers, so there is no formula to fill in. Train one with structure parallel or cross."
        )
        return
    try:
        dataset, facts = caches.ratings_of(run.id, config.data), caches.knowledge(config.data)
    except PlaygroundError as error:
        show_problem(error, "The data of this run cannot be read")
        return
    asked = insight_path.pick(run, config, dataset, facts)
    st.text(insight_path.words(dataset, asked))
    network = Network(config.model, insight_store.encoder(run.id).specs, caches.weights(run.id))
    indices = pair_indices(insight_store.encoder(run.id), dataset, *asked)
    layer, place = _choose(network, indices, layers)
    found = terms(network, indices, layer, place)
    st.latex(_SHOWN[config.model.cross_kind].format(l=layer, m=layer - 1))
    _numbers(found, config.model.cross_kind == "vector")
    with st.container(border=True, key="formula-origin", gap="small"):
        _origin(found, run, config, dataset, indices)


def _choose(network: Network, indices: Indices, layers: int) -> tuple[int, int]:
    """The layer and the place in its vectors. A place is chosen as a feature and a number of its embedding."""
    st.session_state[_LAYER] = min(max(st.session_state.get(_LAYER) or 1, 1), layers)
    slices: dict[str, slice] = dict(feature_slices(network.config, network.specs))
    if network.config.combination == "token_mean":  # all features share the whole of x0
        slices = {"all features": next(iter(slices.values()))}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        if layers > 1:
            st.segmented_control("Cross layer", range(1, layers + 1), key=_LAYER, required=True)
        layer = int(st.session_state[_LAYER])
        if not 0 <= st.session_state.get(_PLACE, -1) < next(reversed(slices.values())).stop:
            st.session_state[_PLACE] = busiest_place(network, indices, layer)
        place = int(st.session_state[_PLACE])
        feature = next(name for name, part in slices.items() if part.start <= place < part.stop)
        st.session_state[_FEATURE], st.session_state[_NUMBER] = feature, place - slices[feature].start + 1
        size = slices[feature].stop - slices[feature].start
        st.selectbox(
            "Feature",
            list(slices),
            format_func=insight_parts.speech().feature,
            key=_FEATURE,
            on_change=_move,
            args=(slices,),
            width=190,
            filter_mode=None,
        )
        st.number_input("Number", 1, size, key=_NUMBER, on_change=_move, args=(slices,), width=120, help=_ABOUT_NUMBER)
        st.button("The one that changes most", key="formula-busiest", on_click=_busiest, args=(network, indices, layer))
    return layer, place


def _move(slices: dict[str, slice]) -> None:
    part = slices[st.session_state[_FEATURE]]
    st.session_state[_PLACE] = min(part.start + int(st.session_state[_NUMBER]), part.stop) - 1


def _busiest(network: Network, indices: Indices, layer: int) -> None:
    st.session_state[_PLACE] = busiest_place(network, indices, layer)


def _numbers(found: Terms, outside: bool) -> None:
    """The formula in numbers, each a button."""
    bias = ("b", found.bias, "b")
    inside = [("(",), ("product", found.product, f"{'w·' if outside else 'W '}x{_low(found.layer - 1)}")]
    inside += [] if outside else [("+",), bias]
    after = [("+",), bias] if outside else []
    row = [
        ("output", found.output, f"x{_low(found.layer)}"),
        ("=",),
        ("x0", found.x0, "x₀"),
        ("×",),
        *inside,
        (")",),
        *after,
    ]
    row += [("+",), ("x", found.x, f"x{_low(found.layer - 1)}")]
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="formula-row"):
        for part in row:
            if len(part) == 1:
                st.markdown(f"**{part[0]}**", width="content")
                continue
            name, value, letter = part
            chosen = st.session_state.get(_TERM, "product") == name
            st.button(
                f"{letter}  {decimal(float(value), 4)}",
                key=f"formula-{name}",
                help="Where it comes from",
                type="primary" if chosen else "secondary",
                on_click=lambda which: st.session_state.update({_TERM: which}),
                args=(name,),
            )
    if found.gate is not None:
        st.caption(f"Both numbers in the brackets stand behind the gate, which is {found.gate:.0%} open here.")


def _origin(found: Terms, run: RunSummary, config: RunConfig, dataset: Dataset, indices: Indices) -> None:
    """Where the chosen number comes from, and a way to go there."""
    term = st.session_state.get(_TERM, "product")
    first, where = found.layer == 1, f"number {found.number + 1}"
    if term == "x0" or (term == "x" and first):
        st.markdown(
            "**The network's input.** It is the same in every layer."
            + ("" if term == "x0" else " In the first layer it is also what the layer reads.")
        )
        st.text(_embedding(found, run, config, indices, where))
    elif term == "x":
        st.markdown(f"**What layer {found.layer - 1} has put out** at this very place.")
        st.button(
            f"Show it in layer {found.layer - 1}", key="formula-before", on_click=_go, args=(found.layer - 1, "output")
        )
    elif term == "b":
        shown = f"cross_{found.layer}/b[{found.place}]"
        st.markdown(
            f"**A trained weight**, `{shown}` in the exported weights: what is crossed with x₀ whatever the layer reads."
        )
        if config.model.cross_kind in ("mixture", "gated"):
            st.caption("The weight itself is multiplied by the gates of this rating.")
    elif term == "product":
        weights = "its vector" if config.model.cross_kind == "vector" else f"row {found.place + 1} of its matrix"
        st.markdown(f"**What the layer reads, weighed by {weights}.** The numbers of each feature add their part:")
        table = found.parts.assign(feature=list(map(insight_parts.speech().feature, found.parts["feature"])))
        st.dataframe(
            table.rename(columns={"feature": "Feature", "product": "Adds"}),
            hide_index=True,
            height="content",
            width=360,
            key="formula-parts",
            alt="What each feature adds",
            column_config={"Adds": st.column_config.NumberColumn(format="%.4f")},
        )
    else:
        st.markdown(f"**What layer {found.layer} hands on.** It changes its input here by {signed(found.change, 4)}.")
        if found.layer < num_cross_layers(config.model):
            st.button(
                f"Follow it into layer {found.layer + 1}", key="formula-next", on_click=_go, args=(found.layer + 1, "x")
            )
        else:
            st.caption(
                "It was the last cross layer: the head weighs this number and all others into the rating, or the deep part reads them."
            )


def _embedding(found: Terms, run: RunSummary, config: RunConfig, indices: Indices, where: str) -> str:
    """Of which categories the number of x0 is made."""
    if not found.feature:
        return f"{where.capitalize()} of the mean of all embeddings of this rating."
    own = insight_parts.speech()
    if indices[found.feature].dtype.kind == "f":
        return f"{own.feature(found.feature)} as it is, scaled; 0 where it is missing."
    names = insight_store.categories(run.id, found.feature, config)
    used = [names[int(index)] for index in indices[found.feature].ravel() if index >= 0]
    several = f"{config.model.genre_pooling} of the embeddings" if len(used) > 1 else "embedding"
    return (
        f"{where.capitalize()} of the {several} of {own.sentence(words(found.feature))}: {', '.join(used) or 'none'}."
    )


def _go(layer: int, term: str) -> None:
    st.session_state.update({_LAYER: layer, _TERM: term})


def _low(number: int) -> str:
    return str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
