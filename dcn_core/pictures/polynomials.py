"""A planted formula beside what networks learned of it: the sentence, and the coefficients as a picture."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dcn_core.pictures.picture import Picture
from dcn_core.pictures.theme import FIRST, GREY, SECOND, escaped, finish, written

NAMES = {"V1": "DCN", "V2": "DCN-V2", "DNN": "the deep network"}
"""Networks as a sentence calls them."""
FOUND = 1e-3
"""A network has found a formula if its error is below this share of the spread of the formula's values."""
MOST_DRAWN = 16
"""Products in the picture: those with the largest coefficients, true or learned."""
EXACT = 1e-4
"""Coefficients that are off by less are called right."""
_ABOUT = (
    "Without gates, a cross network is a polynomial of its inputs, so its weights can be multiplied out: each dot is the exact "
    "coefficient that it gives a product, no estimate. Rings are the formula's own. Products that only a network has are "
    "listed where they are larger than 0.0005, up to 200 products in all. A deep network is no polynomial and has no coefficients; only its error counts. "
    "Coefficients may differ although the errors are small where products can stand in for each other."
)


def sentence(networks: pd.DataFrame, spread: float) -> str:
    """What the errors say.

    Args:
        networks: `network` and `test_rmse`, one row each.
        spread: Standard deviation of the formula's values, above 0.
    """
    shares = dict(zip(networks["network"], networks["test_rmse"].astype(float) / spread, strict=True))
    hit = [NAMES[name] for name, share in shares.items() if share <= FOUND]
    missed = sorted((share, NAMES[name]) for name, share in shares.items() if share > FOUND)
    errors = [
        f"{'the error' if not n else 'that'} of {name} is {_percent(share)}" for n, (share, name) in enumerate(missed)
    ]
    start = _list(hit) if hit else "no network"
    text = f"{start[:1].upper()}{start[1:]} found the formula."
    return f"{text} As a share of how much its values vary, {_list(errors)}." if errors else text


def coefficients(products: pd.DataFrame) -> Picture:
    """The coefficients of the largest products, true and learned.

    Args:
        products: `product`, `truth`, and a column for each cross network, at least one row.
    """
    networks = [name for name in ("V1", "V2") if name in products]
    size = products[["truth", *networks]].abs().max(axis=1)
    drawn = products.loc[np.sort(size.sort_values(ascending=False, kind="stable").index[:MOST_DRAWN])]
    labels = escaped(drawn["product"])
    figure = go.Figure()
    marks = [("truth", "Formula", {"size": 17, "symbol": "circle-open", "color": GREY, "line": {"width": 3}})]
    for name, colour, size_px in (("V1", SECOND, 12), ("V2", FIRST, 7)):
        if name in networks:
            marks.append((name, NAMES[name], {"size": size_px, "color": colour}))
    for column, name, marker in marks:
        figure.add_scatter(
            x=drawn[column],
            y=labels,
            mode="markers",
            name=name,
            marker=marker,
            hovertemplate=f"%{{y}}<br>{name}: %{{x:.5f}}<extra></extra>",
        )
    ends = drawn[["truth", *networks]].to_numpy(float)
    low, high = min(0.0, float(ends.min())), max(0.0, float(ends.max()))  # with 0: rounding errors are no distance
    room = 0.08 * (high - low)
    figure.update_xaxes(title="Coefficient", zeroline=True, nticks=7, range=[low - room, high + room])
    figure.update_yaxes(autorange="reversed", ticksuffix="  ")
    figure.update_layout(legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0, "traceorder": "normal"})
    return Picture(
        key="coefficients",
        title="Coefficients, planted and learned",
        sentence=_furthest(products, networks, len(drawn)),
        figure=finish(figure, 26 * len(labels) + 110, t=36),
        alt="Coefficient of each product, in the formula and as learned",
        about=_ABOUT,
        numbers=products.rename(columns={name: NAMES[name] for name in networks} | {"truth": "formula"}),
    )


def _furthest(products: pd.DataFrame, networks: list[str], drawn: int) -> str:
    """How far each network's coefficients are from the formula's."""
    parts = []
    for name in networks:
        away = (products[name] - products["truth"]).abs()
        row = products.loc[away.idxmax()]
        if away.max() < EXACT:
            parts.append(f"{NAMES[name]} has every coefficient to within {EXACT:g}.")
        else:
            parts.append(
                f"{NAMES[name]} is furthest off at {row['product']}: {written(row[name], 3)} in place of {written(row['truth'], 3)}."
            )
    if drawn < len(products):
        parts.append(f"Drawn are the {drawn} largest of the {len(products)} listed products.")
    return " ".join(parts)


def _list(parts: list[str]) -> str:
    """Words as a sentence lists them."""
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


def _percent(share: float) -> str:
    return f"{100 * share:,.{0 if share >= 0.1 else 1}f} %"
