"""Pictures of a search: its trials as lines through their settings, and what each setting decides."""

import html
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dcn_core.compare.metrics import better, metric_name
from dcn_core.insight.wording import percent, sentence, short, value_label
from dcn_core.pictures.picture import Picture
from dcn_core.pictures.theme import FIRST, GREY, escaped, finish
from dcn_core.search.space import Dimension
from dcn_core.search.trials import Search, TrialRow

_TICKS = 5
_NO_EFFECT = "no effect"


def table(search: Search) -> pd.DataFrame:
    """One row a trial, the best first, those without a value last: `Trial`, `State`, the metric, each varied setting."""
    name = metric_name(search.plan.metric)
    trials = search.trials
    frame = pd.DataFrame(
        {
            "Trial": [trial.number for trial in trials],
            "State": [sentence(trial.state) for trial in trials],
            name: pd.Series([trial.value for trial in trials], dtype="float64"),
            **{
                own.label: _column([trial.settings.get(own.path) for trial in trials]) for own in search.plan.dimensions
            },
            "Problem": [trial.problem for trial in trials],
        }
    )
    whole = frame["State"].eq("Done")
    order = frame[name].map(search.order).where(whole, math.inf)
    frame = frame.assign(order=order).sort_values(["order", "Trial"], kind="stable").drop(columns=["order"])
    return frame.drop(columns=["Problem"]) if frame["Problem"].eq("").all() else frame


def _column(values: Sequence[Any]) -> pd.Series:
    """A setting of each trial, empty where it had no effect: numbers by which a table can be sorted, or else words."""
    given = [value for value in values if value is not None]
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in given):
        return pd.Series(values, dtype="Int64" if all(isinstance(value, int) for value in given) else "float64")
    return pd.Series([None if value is None else value_label(value) for value in values], dtype="object")


def parallel(search: Search) -> Picture:
    """Every trial that trained to its end as a line through its settings to its score, the best ones teal.

    Args:
        search: With at least two such trials.
    """
    done = sorted(search.done, key=lambda trial: -search.order(trial.value or 0.0))  # the best are drawn last, on top
    values = np.array([trial.value for trial in done], dtype=float)
    name = metric_name(search.plan.metric)
    axes = [_axis(own, done) for own in search.plan.dimensions]
    axes.append({"label": name, "values": values})
    figure = go.Figure(
        go.Parcoords(
            dimensions=axes,
            line={
                "color": values,
                "colorscale": [[0, FIRST], [1, GREY]]
                if better(search.plan.metric) == "lower"
                else [[0, GREY], [1, FIRST]],
                "cmin": float(values.min()),
                "cmax": float(np.quantile(values, 0.9))
                if better(search.plan.metric) == "lower"
                else float(values.max()),
            },
            labelangle=-20,  # on a phone the names would run into each other
            labelfont={"size": 13, "color": GREY},
            tickfont={"size": 11, "color": GREY},
            rangefont={"size": 1, "color": "rgba(0,0,0,0)"},
            unselected={"line": {"opacity": 0.06}},
        )
    )
    best = search.best
    assert best is not None
    words = ", ".join(
        f"{own.label} {value_label(best.settings[own.path])}"
        for own in search.plan.dimensions
        if best.settings.get(own.path) is not None
    )
    return Picture(
        key="search-parallel",
        title="Settings of the trials",
        sentence=sentence(
            f"the best of {len(done)} trials, number {best.number}, scores {best.value:.4f} {name}: {words}."
        ),
        figure=finish(figure, 360, l=60, r=50, t=64, b=20),
        alt="Each trial as a line through its settings to its score",
        about="Each line is a trial that trained to its end; teal are the best by the score on the last axis, grey the others. Drag along an axis to "
        "keep only the lines that pass there; click to let go. A setting that has no effect beside the others stands at the "
        "foot of its axis. Trials that were stopped early are not drawn.",
        numbers=table(search),
    )


def _axis(own: Dimension, trials: Sequence[TrialRow]) -> dict[str, Any]:
    """One axis: numbers on a line, logarithmic where the search was; everything else evenly, in order."""
    values = [trial.settings.get(own.path) for trial in trials]
    given = [value for value in values if value is not None]
    label = html.escape(own.label)
    if own.choices or not given:
        names = list(map(value_label, own.choices))
        places = [0.0 if value is None else float(names.index(value_label(value)) + 1) for value in values]
        ticks = [float(place) for place in range(1, len(names) + 1)]
        texts = escaped(names, 18)
        if 0.0 in places:
            ticks, texts = [0.0, *ticks], [_NO_EFFECT, *texts]
        return {
            "label": label,
            "values": places,
            "tickvals": ticks,
            "ticktext": texts,
            "range": [ticks[0] - 0.3, ticks[-1] + 0.3],
        }
    turn = math.log10 if own.log else float
    low, high = (turn(value) for value in (own.low, own.high) if value is not None)
    foot = low - 0.12 * (high - low)
    places = [turn(value) if value is not None else foot for value in values]
    ticks = np.linspace(low, high, _TICKS).tolist()
    texts = [short(10**tick, 2) if own.log else short(tick, 3) for tick in ticks]
    if None in values:
        ticks, texts = [foot, *ticks], [_NO_EFFECT, *texts]
    return {"label": label, "values": places, "tickvals": ticks, "ticktext": texts, "range": [ticks[0], high]}


def importances(search: Search, found: Mapping[str, float]) -> Picture:
    """How much of the score each varied setting decides.

    Args:
        search: The search.
        found: Share by path, largest first, adding up to 1.
    """
    labels = {own.path: own.label for own in search.plan.dimensions}
    names = [labels.get(path, path) for path in found]
    shares = [100 * share for share in found.values()]
    figure = go.Figure(
        go.Bar(
            x=shares,
            y=escaped(names),
            orientation="h",
            marker={"color": FIRST},
            hovertemplate="%{y}: %{x:.0f} %<extra></extra>",
        )
    )
    figure.update_xaxes(title="Share of what decides, %", range=[0, 100])
    figure.update_yaxes(autorange="reversed", ticksuffix="  ", showgrid=False)
    few = " These are few trials, so take it as a hint." if len(search.done) < 20 else ""
    return Picture(
        key="search-importances",
        title="What decides",
        sentence=sentence(
            f"{names[0]} decides most: {percent(shares[0] / 100)} of what tells good trials from the rest.{few}"
        ),
        figure=finish(figure, 34 * len(names) + 90),
        alt="Share of each varied setting in what decides the score",
        about="PED-ANOVA: how far the settings of the best trials lie from those of all trials, setting by setting, scaled to add up to "
        "100 %. It holds within the ranges that were searched and says nothing of settings that were not varied. A setting "
        "whose best value lies in the middle of many equal ones looks unimportant.",
        numbers=pd.DataFrame({"setting": names, "share": list(found.values())}),
    )
