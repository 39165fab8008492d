"""The network with the numbers of one example written along its way: HTML that follows the page's colours, and a figure."""

import html
from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dcn_core.config.model import ModelConfig
from dcn_core.insight.path import LIKES, Path
from dcn_core.insight.speech import Speech
from dcn_core.insight.wording import choice_label, decimal, label, signed
from dcn_core.pictures.knockouts import HEADS
from dcn_core.pictures.picture import Picture
from dcn_core.pictures.theme import FIRST, GREY, SECOND, finish

ABOUT = (
    "The network as it answers one question. Beside each feature stand the categories that were looked up and the "
    "length of their embedding. Beside x₀ and each cross layer stands the length of x there and, where the head reads it, how many "
    "stars the step adds; beside each deep layer the length of its output and how many of its values are above zero. What the "
    "parts add leads to the rating. It says how this one answer came about, not what the network does in general, and a length "
    "is not a merit: a long vector may say little to the head."
)
_STYLE = """<style>
.path{display:flex;align-items:stretch;gap:14px;font-size:13.5px;line-height:1.35;padding:6px 0 4px}
.path>*{display:flex;flex-direction:column;justify-content:center;gap:6px;min-width:0}
.path>.to{opacity:.4;flex:none;font-size:17px}
.path b{font-weight:600;font-variant-numeric:tabular-nums}
.path small{font-size:11.5px;opacity:.68;font-variant-numeric:tabular-nums}
.path .who{flex:3 1 230px}
.path .feature{display:grid;grid-template-columns:minmax(0,1fr) auto;gap:0 10px;padding:4px 9px;border-radius:7px;
  background:color-mix(in srgb,#5f83bf 15%,transparent)}
.path .feature span{overflow-wrap:anywhere}
.path .feature small{grid-column:1}
.path .feature b{grid-column:2;grid-row:1/span 2;align-self:center}
.path .lanes{flex:6 1 320px;gap:18px}
.path .lane>em{display:block;font-style:normal;font-size:12px;opacity:.7;padding-bottom:5px}
.path .lane>div{display:flex;flex-wrap:wrap;gap:8px}
.path .box{flex:1 1 86px;max-width:170px;padding:6px 9px;border:1.5px solid;border-radius:8px;display:flex;flex-direction:column}
.path .box i{display:block;height:4px;border-radius:2px;margin:5px 0 2px;background:currentColor}
.path .x0{border-color:color-mix(in srgb,currentColor 35%,transparent);flex:none;max-width:none;width:92px}
.path .cross{border-color:#1f978d;background:color-mix(in srgb,#1f978d 12%,transparent)}.path .cross i{background:#1f978d}
.path .deep{border-color:#dd7140;background:color-mix(in srgb,#dd7140 12%,transparent)}.path .deep i{background:#dd7140}
.path .end{flex:2 1 170px}
.path .end div{display:flex;justify-content:space-between;gap:12px}
.path .end .sum{border-top:1.5px solid color-mix(in srgb,currentColor 35%,transparent);padding-top:6px;font-size:16px}
@media(max-width:700px){.path{flex-direction:column}.path>.to{transform:rotate(90deg);align-self:center}
  .path>*{flex:none!important}.path .x0{width:auto}}
</style>"""


def drawing(found: Path, config: ModelConfig, actual: float | None = None, speech: Speech | None = None) -> str:
    """Returns the network from left to right with the numbers of one example, as HTML.

    Args:
        found: The example's path.
        config: The architecture.
        actual: The real rating, None if there is none.
        speech: Words of its run; those of ratings in stars if there are none.
    """
    speech = speech or Speech()
    arrow = '<span class="to" aria-hidden="true">→</span>'
    features = "".join(
        f'<div class="feature"><small>{html.escape(speech.name(label(row["feature"])))}</small><span>{html.escape(row["categories"])}</span>'
        f"<b>{row['norm']:.2f}</b></div>"
        for row in found.features.to_dict("records")
    )
    rows = found.layers.to_dict("records")
    x0 = next(row for row in rows if row["part"] == "x0")
    longest = max(row["norm"] for row in rows) or 1.0
    lanes = "".join(
        f'<div class="lane"><em>{title}</em><div>{"".join(_box(row, longest, speech) for row in rows if row["part"] == part)}</div></div>'
        for part, title in (("cross", f"Cross, {config.cross_kind.replace('_', ' ')}"), ("deep", _deep_title(config)))
        if any(row["part"] == part for row in rows)
    )
    ends = "".join(
        f"<div><span>{html.escape(speech.prose(name))}</span><b>{signed(value, 2)}</b></div>"
        for name, value in [(HEADS.get(part, "Constant"), value) for part, value in found.contributions.items()]
    )
    given = ""
    if actual is not None:
        real = f"{round(actual, 2):g}" if found.likely is None else speech.sentence(LIKES.get(actual, "neither"))
        given = f"<div><small>{html.escape(speech.prose('Real rating'))}</small><b>{html.escape(real)}</b></div>"
    end = f'{ends}<div class="sum"><span>{html.escape(speech.prose(_total(found)))}</span><b>{decimal(found.rating, 2)}</b></div>{given}'
    stations = [f'<div class="who">{features}</div>', f"<div>{_box(x0, longest, speech)}</div>"]
    stations += [f'<div class="lanes">{lanes}</div>'] if lanes else []
    stations.append(f'<div class="end">{end}</div>')
    return f'{_STYLE}<div class="path" role="img" aria-label="{html.escape(speech.sentence(found.sentence(actual), raw=True))}">{arrow.join(stations)}</div>'


def _total(found: Path) -> str:
    """What all parts add up to."""
    return "Rating" if found.likely is None else "Log-odds"


def _deep_title(config: ModelConfig) -> str:
    return f"Deep, {choice_label(config.activation)}" + (", on top of cross" if config.structure == "stacked" else "")


def _box(row: dict, longest: float, speech: Speech) -> str:
    """One station: its name, its length as a number and a bar, and what else is known of it."""
    width = f'<i style="width:{100 * row["norm"] / longest:.0f}%"></i>'
    if row["part"] == "deep":
        name, more = f"h{_below(row['layer'])}", f"{row['active']:.0f} of {row['size']} above 0"
    else:
        name = f"x{_below(row['layer'])}"
        more = (
            f"{signed(row['stars'], 2)} {html.escape(speech.raw.amount)}"
            if np.isfinite(row["stars"])
            else f"{row['size']} numbers"
        )
    return (
        f'<div class="box {row["part"]}"><span>{name} <b>{row["norm"]:.2f}</b></span>{width}<small>{more}</small></div>'
    )


def _below(number: int) -> str:
    return str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def numbers(found: Path) -> pd.DataFrame:
    """All numbers of a path as one table: `part`, `name`, `length`, `stars`, `detail`."""
    rows = [
        (
            "feature",
            row["feature"],
            row["norm"],
            np.nan,
            f"{row['categories']}, index {', '.join(map(str, row['indices']))}",
        )
        for row in found.features.to_dict("records")
    ]
    for row in found.layers.to_dict("records"):
        detail = f"{row['size']} numbers" + (f", {row['active']:.0f} above 0" if row["part"] == "deep" else "")
        detail += f", changed by {row['change']:.4f}" if np.isfinite(row["change"]) else ""
        name = "x0" if row["part"] == "x0" else f"layer {row['layer']}"
        rows.append((row["part"], name, row["norm"], row["stars"], detail))
    rows += [("rating", part, np.nan, value, "") for part, value in found.contributions.items()]
    rows.append(("rating", "sum", np.nan, found.rating, ""))
    return pd.DataFrame(rows, columns=["part", "name", "length", "stars", "detail"])


def steps(found: Path, actual: float | None = None) -> Picture:
    """From the constant of the head to the rating, part by part, as a figure. A like is no line among log-odds."""
    actual = actual if found.likely is None else None
    parts = [part for part in found.contributions if part != "bias"]
    largest = max(parts, key=lambda part: abs(found.contributions[part]))
    names: Sequence[str] = ["Constant", *(HEADS[part] for part in parts), _total(found)]
    values = [found.contributions["bias"], *(found.contributions[part] for part in parts), found.rating]
    figure = go.Figure(
        go.Waterfall(
            x=names,
            y=values,
            measure=["absolute", *["relative"] * len(parts), "total"],
            text=[
                signed(value, 2) if name in HEADS.values() else decimal(value, 2)
                for name, value in zip(names, values, strict=True)
            ],
            textposition="outside",
            cliponaxis=False,
            connector={"line": {"color": GREY, "width": 1}},
            increasing={"marker": {"color": FIRST}},
            decreasing={"marker": {"color": SECOND}},
            totals={"marker": {"color": GREY}},
            hovertemplate="%{x}: %{y:.4f} stars<extra></extra>",
        )
    )
    if actual is not None:
        line = {"color": GREY, "dash": "dot", "width": 1.5}
        figure.add_hline(y=actual, line=line)
        figure.add_scatter(x=[None], y=[None], mode="lines", name="Real rating", line=line)  # for the legend alone
    reached = [*np.cumsum(values[:-1]), actual if actual is not None else found.rating]
    room = 0.3 * ((max(reached) - min(reached)) or 0.5)
    figure.update_yaxes(title="Stars", range=[min(reached) - room, max(reached) + room])
    figure.data[0].update(showlegend=False)
    figure.update_layout(
        showlegend=actual is not None,
        bargap=0.45,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )
    return Picture(
        key="path-steps",
        title=f"From the constant to the {_total(found).lower()}",
        sentence=f"The {HEADS[largest].lower()} moves the {_total(found).lower()} most, by "
        f"{signed(found.contributions[largest], 2)}{' stars' if found.likely is None else ''}.",
        figure=finish(figure, 320, t=28),
        alt="What each part of the head adds to this rating",
        about="The head adds up what its parts say. Each bar begins where the one before ends; the last one is the rating before it is "
        "put within the scale. The axis does not begin at zero, so compare the steps, not the heights of the outer bars.",
        numbers=pd.DataFrame({"part": names, "stars": values}),
        raw=True,
    )
