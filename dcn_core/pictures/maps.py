"""Heat maps of insight: matrices in, a Plotly figure out. Names are escaped: they are data."""

import html
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dcn_core.pictures import theme


def feature_map(
    matrix: np.ndarray,
    names: Sequence[str],
    unit: str,
    *,
    directed: bool = True,
    signed: bool = False,
    teal_high: bool = False,
    top: float | None = None,
) -> go.Figure:
    """Returns a feature-by-feature map with its numbers written in, whose cells can be clicked.

    Args:
        matrix: `(F, F)`; NaN cells stay empty.
        names: F readable names.
        unit: What the numbers are.
        directed: Row: feature of x0 that is multiplied; column: feature of x. Else only the lower half is drawn.
        signed: Whether zero is in the middle of the colours.
        teal_high: Whether teal, and not orange, is the side above zero.
        top: Where the colours end; None for the largest number of this map.
    """
    labels = [html.escape(name) for name in names]
    size = len(names)
    shown = drawn(matrix, directed)
    labels_y, labels_x = (labels, labels) if len(shown) == size else (labels[1:], labels[:-1])
    top = top or float(np.nanmax(np.abs(shown), initial=0.0)) or 1.0
    digits = theme.digits(top)
    figure = go.Figure(
        go.Heatmap(
            z=shown,
            x=labels_x,
            y=labels_y,
            zmin=-top if signed else 0,
            zmax=top,
            xgap=2,
            ygap=2,
            text=cell_texts(shown, digits, signed),
            texttemplate="%{text}",
            textfont={"size": 13},
            hoverinfo="skip",
            hoverongaps=False,
            showscale=False,
            colorscale=theme.under_numbers(signed),
            reversescale=signed and teal_high,
        )
    )
    cells = [(i, j) for i in range(shown.shape[0]) for j in range(shown.shape[1]) if np.isfinite(shown[i, j])]
    # Heat maps cannot be clicked, invisible markers on them can.
    figure.add_scatter(
        x=[labels_x[j] for _, j in cells],
        y=[labels_y[i] for i, _ in cells],
        mode="markers",
        marker={"symbol": "square", "size": 44, "opacity": 0},
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
        customdata=[
            [names.index(_raw(labels_y[i], names)), names.index(_raw(labels_x[j], names)), shown[i, j]]
            for i, j in cells
        ],
        hovertemplate=f"%{{y}} × %{{x}}<br>{html.escape(unit)}: %{{customdata[2]:{'+' if signed else ''}.4f}}<extra></extra>",
        showlegend=False,
    )
    figure.update_xaxes(showgrid=False, zeroline=False, constrain="domain", tickangle=-30, ticks="", fixedrange=True)
    figure.update_xaxes(range=[-0.5, len(labels_x) - 0.5]).update_yaxes(range=[len(labels_y) - 0.5, -0.5])
    figure.update_yaxes(showgrid=False, zeroline=False, ticks="", ticklabelstandoff=6, fixedrange=True)
    if directed:
        figure.update_xaxes(title=theme.COLUMNS).update_yaxes(title=theme.ROWS)
    height = max(300, 50 * len(labels_y) + (130 if directed else 100))
    return figure.update_layout(height=height, margin={"l": 8, "r": 8, "t": 12, "b": 8}, dragmode=False)


def drawn(matrix: np.ndarray, directed: bool) -> np.ndarray:
    """The part of `(F, F)` that a map draws: all, or the lower half, without the diagonal's row and column if that is empty."""
    if directed:
        return matrix
    half = np.where(np.tri(len(matrix), dtype=bool), matrix, np.nan)
    return half[1:, :-1] if len(matrix) > 1 and np.isnan(np.diag(matrix)).all() else half


def cell_texts(shown: np.ndarray, digits: int, signed: bool = False) -> list[list[str]]:
    """The numbers that are written into a map's cells."""
    return [["" if np.isnan(value) else theme.written(value, digits, signed) for value in row] for row in shown]


def _raw(label: str, names: Sequence[str]) -> str:
    return next(name for name in names if html.escape(name) == label)


def category_map(
    effect: np.ndarray,
    count: np.ndarray,
    rows: Sequence[str],
    columns: Sequence[str],
    titles: tuple[str, str],
    *,
    unit: str = "stars",
    signed: bool = True,
) -> go.Figure:
    """Returns what each combination of two features' categories adds, in stars; pale where few ratings stand behind it.

    Args:
        effect: `(A, B)`.
        count: `(A, B)`, ratings behind each.
        rows: A readable names.
        columns: B readable names.
        titles: Names of the two features.
        unit: What the numbers are.
        signed: Whether zero is in the middle of the colours.
    """
    known = np.where(count > 0, effect, np.nan)
    top = float(np.nanmax(np.abs(known), initial=0.0)) or 1.0
    labels_y, labels_x = ([html.escape(_short(name)) for name in names] for names in (rows, columns))
    positions = {"tickmode": "array", "showgrid": False, "zeroline": False, "ticks": ""}
    figure = go.Figure(
        go.Heatmap(
            z=known,
            x=np.arange(len(columns)),
            y=np.arange(len(rows)),
            customdata=np.dstack(
                [count, *np.broadcast_arrays(np.array(labels_y, object)[:, None], np.array(labels_x, object)[None, :])]
            ),
            zmin=-top if signed else 0,
            zmax=top,
            xgap=1,
            ygap=1,
            **({"colorscale": theme.diverging()} if signed else {}),
            hoverongaps=False,
            hovertemplate="%{customdata[1]}<br>%{customdata[2]}<br>%{z:"
            + f"{'+' if signed else ''}.3f}} "
            + f"{html.escape(unit)}, %{{customdata[0]:,}} ratings<extra></extra>",
            colorbar=theme.colour_bar(top, signed),
        )
    )
    few = len(columns) <= 30
    figure.update_xaxes(
        title=html.escape(titles[1]),
        tickvals=np.arange(len(columns)),
        ticktext=labels_x,
        showticklabels=few,  # of more, hovering tells the names
        tickangle=0 if max(map(len, labels_x), default=0) <= 2 else -45 if len(columns) > 8 else -30,
        tickfont={"size": 12 if few else 9},
        **positions,
    )
    figure.update_yaxes(
        title=html.escape(titles[0]),
        tickvals=np.arange(len(rows)),
        ticktext=labels_y,
        tickfont={"size": 12 if len(rows) <= 30 else 9},
        range=[len(rows) - 0.5, -0.5],
        **positions,
    )
    height = min(900, max(300, (24 if len(rows) <= 30 else 13) * len(rows) + 150))
    return figure.update_layout(height=height, margin={"l": 8, "r": 8, "t": 48, "b": 8}, dragmode=False)


def _short(name: str, most: int = 26) -> str:
    return name if len(name) <= most else name[: most - 1] + "…"
