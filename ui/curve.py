"""The learning curve as an ECharts option: updates in place while a run goes on."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from ui import axes
from ui.history import MOST_POINTS, History

Points = Sequence[tuple[float, float]]
"""Epochs done, and a value there."""
_MOST_CIRCLES = 60
"""Epochs that have a circle each; more would touch."""


def learning_curve(
    history: History, epochs: int, references: dict[str, float] | None = None, siblings: Sequence[Points] = ()
) -> dict[str, Any]:
    """Returns the training loss within epochs and the validation loss per epoch over `epochs` epochs.

    Args:
        history: What the run told so far.
        epochs: Most epochs of the run; the axis reaches as far as the run went once it is over.
        references: Levels to compare with, for instance the loss of always saying the mean.
        siblings: Validation points of the same experiment with other seeds: a band from the lowest to the highest of all.
    """
    train, validation = history.training(), _thinned(history.validation())
    levels = references or {}
    bands = band([history.validation(), *siblings]) if siblings else []
    ends = [(epoch, value) for epoch, *both in bands for value in both]
    floor, ceiling = _range(train, [*validation, *ends], levels)
    option: dict[str, Any] = {
        "animation": False,  # it would draw thirty pictures for each piece of news, on the cores that train
        "grid": {"left": 8, "right": 16, "top": 44, "bottom": 24, "containLabel": True},
        "legend": {"top": 0, "left": 0, "itemWidth": 18, "itemHeight": 8, "icon": "roundRect"},
        "tooltip": {"trigger": "axis", "valueFormatter": "%.4f"},
        "dataset": [{"source": _table("train", train)}, {"source": _table("validation", validation)}],
        "xAxis": axes.counted("Epoch", max=max(1, epochs), axisPointer={"label": {"precision": 2}}),
        "yAxis": axes.measured(history.loss.title, floor, ceiling),
        "series": [
            {
                "name": "Training",
                "type": "line",
                "datasetIndex": 0,
                "encode": {"x": "epoch", "y": "train"},
                "symbol": "circle",
                "symbolSize": 7,
                "showSymbol": len(train) == 1,  # a line needs two
                "lineStyle": {"width": 1.6},
            },
            {
                "name": "Validation",
                "type": "line",
                "datasetIndex": 1,
                "encode": {"x": "epoch", "y": "validation"},
                "symbol": "circle",
                "symbolSize": 7,
                "showSymbol": len(validation) <= _MOST_CIRCLES,
                "lineStyle": {"width": 2.2},
                "markLine": {
                    "silent": True,
                    "symbol": "none",
                    "lineStyle": {"type": "dashed", "width": 1, "color": "#8b9197"},
                    "label": {"formatter": "{b}", "position": "insideEndTop", "color": "#8b9197"},
                    "data": [_level(name, value, levels) for name, value in levels.items()],
                },
            },
        ],
    }
    if bands:
        option["series"] += _band_series(bands, 1 + len(siblings))
        option["legend"]["data"] = ["Training", "Validation", f"{1 + len(siblings)} seeds"]
    return option


def in_large_type(curve: dict[str, Any], size: int = 18) -> dict[str, Any]:
    """The learning curve for those who sit far away; the given one is left as it is."""
    text = {"fontSize": size}
    axes_ = {
        name: curve[name]
        | {"axisLabel": {**curve[name].get("axisLabel", {}), **text}, "nameGap": gap}
        | {"nameTextStyle": {**curve[name].get("nameTextStyle", {}), **text}}
        for name, gap in (("xAxis", 40), ("yAxis", 20))
    }
    series = []
    for line in curve["series"]:
        thick = {**line, "lineStyle": {**line["lineStyle"], "width": 1.6 * line["lineStyle"].get("width", 2)}}
        if "markLine" in line:
            levels = [level | {"label": {**level["label"], **text}} for level in line["markLine"]["data"]]
            thick["markLine"] = {**line["markLine"], "label": {**line["markLine"]["label"], **text}, "data": levels}
        series.append(thick)
    legend = {**curve["legend"], "textStyle": text, "itemWidth": 28, "itemHeight": 12}
    return {**curve, **axes_, "series": series, "legend": legend, "grid": {**curve["grid"], "top": 76, "bottom": 36}}


def band(seeds: Sequence[Points]) -> list[tuple[float, float, float]]:
    """Epoch, lowest and highest value over the seeds, for the epochs that at least two of them have."""
    by_epoch: dict[float, list[float]] = {}
    for points in seeds:
        for epoch, value in points:
            by_epoch.setdefault(epoch, []).append(value)
    return [(epoch, min(values), max(values)) for epoch, values in sorted(by_epoch.items()) if len(values) > 1]


def _band_series(bands: Sequence[tuple[float, float, float]], seeds: int) -> list[dict[str, Any]]:
    """Two stacked lines without ink: the lower end, and an area as high as the rest."""
    plain = {"type": "line", "stack": "seeds", "symbol": "none", "lineStyle": {"opacity": 0}, "silent": True, "z": 1}
    hidden = {"tooltip": {"show": False}}
    return [
        {**plain, **hidden, "name": "lowest", "data": [[epoch, low] for epoch, low, _ in bands]},
        {
            **plain,
            **hidden,
            "name": f"{seeds} seeds",
            "data": [[epoch, high - low] for epoch, low, high in bands],
            "areaStyle": {"color": "#8b9197", "opacity": 0.3},
        },
    ]


def _level(name: str, value: float, levels: dict[str, float]) -> dict[str, Any]:
    """One reference line; the lowest has its name below it, out of the curve's way."""
    lowest = value == min(levels.values())
    return {"name": name, "yAxis": value, "label": {"position": "insideEndBottom" if lowest else "insideEndTop"}}


def _thinned(points: Sequence[tuple[float, float]]) -> Sequence[tuple[float, float]]:
    """Some of many points, evenly, and always the last."""
    every = -(-len(points) // MOST_POINTS) or 1
    return points[::-1][::every][::-1]


def _table(name: str, points: Sequence[tuple[float, float]]) -> pa.Table:
    """Columns `epoch` and `name`. An Arrow table is what goes to the browser; a data frame would be made one at each tick."""
    epochs, values = zip(*points, strict=True) if points else ((), ())
    return pa.table({"epoch": pa.array(epochs, pa.float64()), name: pa.array(values, pa.float64())})


def _range(
    train: Sequence[tuple[float, float]], validation: Sequence[tuple[float, float]], levels: dict[str, float]
) -> tuple[float | None, float | None]:
    """Lowest and highest value of the axis: the first wild steps would otherwise flatten all that follows.

    Training that begins further above what it is compared with than three times the height of all else comes in from above.
    """
    ordered = sorted(value for _, value in train)
    settled = [value for _, value in validation] + [*levels.values()]
    if not ordered and not settled:
        return None, None
    if settled:
        lowest = min([*settled, *ordered[:1]])
        highest = max(settled)
        highest = max(highest, min([highest + 3 * (highest - lowest), *ordered[-1:]]))
    else:
        lowest, highest = ordered[0], ordered[int(0.95 * (len(ordered) - 1))]
    margin = max(0.08 * (highest - lowest), 0.01)
    return round(max(0.0, lowest - margin), 2), round(highest + margin, 2)
