"""Pictures of many runs side by side: scores with seed noise, error against cost, and two networks slice by slice."""

import html
import math
from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from dcn_core.compare.duel import ALL
from dcn_core.compare.metrics import axis_name, best_first, better, metric_name
from dcn_core.compare.noise import SeedScores
from dcn_core.compare.pareto import COSTS
from dcn_core.config.metrics import METRICS
from dcn_core.insight.comparison import compare
from dcn_core.insight.wording import sentence
from dcn_core.pictures import dots
from dcn_core.pictures.errors import slice_name
from dcn_core.pictures.picture import Picture
from dcn_core.pictures.theme import FIRST, GREY, SECOND, escaped, finish, folded

_MOST = 18


def scores(found: Sequence[SeedScores], names: Sequence[str], part: str, metric: str) -> Picture:
    """The score of each experiment: every seed as a dot, mean and standard deviation on top.

    Args:
        found: One an experiment.
        names: How each is called.
        part: Of the data.
        metric: Name of the score.
    """
    unit = axis_name(part, metric)
    labels, places = (
        escaped(names),
        list(range(len(found))),
    )  # places, as long names may look the same when they are cut
    figure = go.Figure()
    for place, own in zip(places, found, strict=True):
        figure.add_scatter(
            x=list(own.values.values()),
            y=[place] * len(own.values),
            mode="markers",
            marker={"size": 6, "color": GREY, "opacity": 0.7},
            customdata=list(own.values),
            hovertemplate="seed %{customdata}: %{x:.4f}<extra></extra>",
        )
    figure.add_scatter(
        x=[own.mean for own in found],
        y=places,
        error_x={
            "type": "data",
            "array": [own.spread or 0.0 for own in found],
            "thickness": 2,
            "width": 5,
            "color": FIRST,
        },
        mode="markers",
        marker={"size": 10, "color": FIRST},
        text=labels,
        hovertemplate="%{text}<br>mean %{x:.4f}<extra></extra>",
    )
    figure.update_xaxes(title=folded(unit), nticks=6)
    figure.update_yaxes(
        tickvals=places,
        ticktext=labels,
        range=[len(found) - 0.5, -0.5],
        ticksuffix="  ",
        showgrid=False,
        zeroline=False,
    )
    figure.update_layout(showlegend=False)
    return Picture(
        key="compare-scores",
        title="Scores with the noise of the seed",
        sentence=_verdict(found, names, metric),
        figure=finish(figure, 38 * len(labels) + 90),
        alt=f"{metric_name(metric)} of each experiment over its seeds",
        about="Small dots are runs with the same settings on the same ratings and another seed; the large dot is their mean, and "
        "the bar reaches one standard deviation to each side. The sentence compares the two best by Student's t: seed by seed where "
        "they share two seeds or more, since a seed moves both alike, so their bars may overlap and one still be better; else by "
        "the spread of each. It says what training anew would change, not what other ratings would.",
        numbers=pd.DataFrame(
            [
                (name, len(own.values), own.mean, own.spread, ", ".join(map(str, own.values)))
                for name, own in zip(names, found, strict=True)
            ],
            columns=["run", "seeds", "mean", "standard deviation", "which seeds"],
        ),
    )


def _verdict(found: Sequence[SeedScores], names: Sequence[str], metric: str) -> str:
    """Whether the best is better than the next by more than chance."""
    order = best_first({place: own.mean for place, own in enumerate(found)}, metric)[:2]
    (best, following), said = (found[place] for place in order), (names[order[0]], names[order[1]])
    gap = abs(best.mean - following.mean)
    if gap == 0:
        return sentence(f"{said[0]} and {said[1]} score the same.")
    if len(best.values) == len(following.values) == 1:
        text = f"{said[0]} is better than {said[1]} by {gap:.4f} {metric_name(metric)}"
        return sentence(f"{text}. Each was trained once, so nobody knows how much of that is the seed.")
    return sentence(compare(best.values, following.values, METRICS[metric], said).sentence())


def front(frame: pd.DataFrame, chosen: Sequence[str], part: str, metric: str, kind: str) -> Picture:
    """Error against cost, with the line of the runs that nothing beats in both.

    Args:
        frame: As of `dcn_core.compare.pareto.pareto`.
        chosen: Ids of the runs to stand out.
        part: Of the data.
        metric: Name of the score.
        kind: Of the cost.
    """
    best = frame[frame["front"]]
    figure = go.Figure()
    figure.add_scatter(
        x=best["cost"],
        y=best["score"],
        mode="lines",
        line={"color": GREY, "dash": "dot", "width": 1.5, "shape": "hv"},
        hoverinfo="skip",
        showlegend=False,
    )
    unit = "weights" if kind == "parameters" else "s"
    groups = (
        ("Another run is better and cheaper", ~frame["front"], GREY),
        ("Worth its cost", frame["front"], FIRST),
    )
    for words, own, colour in groups:
        shown = frame[own.to_numpy(bool)]
        figure.add_scatter(
            x=shown["cost"],
            y=shown["score"],
            mode="markers",
            name=words,
            marker={"size": 9, "color": colour},
            text=escaped(shown["name"]),
            hovertemplate=f"%{{text}}<br>%{{x:,.4~g}} {unit}, %{{y:.4f}}<extra></extra>",
        )
    ringed = frame[frame["run"].isin(list(chosen))]
    if len(ringed) < len(frame):  # a ring on every dot tells nothing
        figure.add_scatter(
            x=ringed["cost"],
            y=ringed["score"],
            mode="markers",
            name="Chosen in the table",
            marker={"size": 15, "symbol": "circle-open", "color": SECOND, "line": {"width": 2.5}},
            hoverinfo="skip",
        )
    figure.update_xaxes(title="Weights" if kind == "parameters" else "Training time, s", type="log", showgrid=False)
    figure.update_yaxes(title=html.escape(axis_name(part, metric)), nticks=6)
    figure.update_layout(legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0})
    return Picture(
        key="compare-pareto",
        title="Error against cost" if better(metric) == "lower" else "Score against cost",
        sentence=_worth(frame, metric, kind),
        figure=finish(figure, 340, t=40),
        alt=f"{metric_name(metric)} of each comparable run over its {COSTS[kind].lower()}",
        about="Each dot is a finished run on the same ratings and split. On the line are the runs for which no other "
        "is at least as good for at most the same cost. Training time is that of the epochs, on the machine and beside the "
        "other work that the run had. The axis of the cost is logarithmic.",
        numbers=frame.drop(columns=["run"]),
        moves="2d",
    )


def _worth(frame: pd.DataFrame, metric: str, kind: str) -> str:
    best = frame[frame["front"]]
    first, last = best.iloc[0], best.iloc[-1]
    if len(best) == 1:
        return sentence(f"{first['name']} is the best and the cheapest of {len(frame)} runs.")
    cost = "weights" if kind == "parameters" else "training time"
    return sentence(
        f"{len(best)} of {len(frame)} runs are worth their cost. From {first['name']} to {last['name']} the "
        f"{metric_name(metric)} goes from {first['score']:.4f} to {last['score']:.4f} for {last['cost'] / first['cost']:.3g} "
        f"times the {cost}."
    )


def duel(frame: pd.DataFrame, names: tuple[str, str], part: str, kind: str = ALL, likes: bool = False) -> Picture:
    """The difference of two networks' errors on each slice.

    Args:
        frame: As of `dcn_core.compare.duel.duel`.
        names: Of the first and the second network.
        part: Of the data.
        kind: What to slice by; `ALL` for the slices that are decided most clearly.
        likes: Whether likes are predicted, and not stars.
    """
    shown = frame if kind == ALL else frame[frame["slice"].isin([ALL, kind])]
    shown = shown.head(_MOST).assign(
        label=[
            f"{category}  ·  {count:,}" if name in (ALL, kind) else f"{slice_name(name)}: {category}  ·  {count:,}"
            for name, category, count in zip(shown["slice"], shown["category"], shown["count"], strict=True)
        ][:_MOST]
    )
    error = "Brier score" if likes else "MSE"
    figure = dots.intervals(shown, "difference", f"{error} of {names[0]} minus {names[1]}", 0.0)
    colours = [FIRST if won == "first" else SECOND if won == "second" else GREY for won in shown["winner"]]
    figure.data[0].update(marker={"color": colours, "size": 9}, error_x={"color": GREY})
    figure.update_xaxes(title=f"Difference in {error}<br>← first better<br>second better →")
    return Picture(
        key="compare-duel",
        title="Where one is better",
        sentence=_won(frame, names, error),
        figure=figure,
        alt="Difference of the errors of two networks on each slice, with intervals",
        about=f"Each dot is a slice of the {part} ratings, with their number behind its name: squared error of the first network minus "
        "that of the second, on the same ratings. Teal: the first is better; orange: the second; grey: undecided. The intervals "
        "allow for the ratings of one person, and of one movie, being alike, and hold for all slices together with 95 %, so that no slice wins by "
        "being one of many. They say nothing of the seed. Slices with fewer than 30 ratings or 10 people are left out.",
        numbers=frame,
    )


def _won(frame: pd.DataFrame, names: tuple[str, str], error: str) -> str:
    """Who is better on all ratings, and on how many slices each is."""
    every, slices = frame[frame["slice"] == ALL].iloc[0], frame[frame["slice"] != ALL]
    gap = abs(every["difference"])
    if every["winner"]:
        better_one = names[0] if every["winner"] == "first" else names[1]
        first = f"On these ratings {better_one} is better by {gap:.4f} {error}."
    elif math.isfinite(every["difference_low"]):
        first = f"On these ratings the two cannot be told apart: they differ by {gap:.4f} {error}, and chance explains that."
    else:
        first = "These ratings are of one person only, so nothing can be said about others."
    wins = [int((slices["winner"] == side).sum()) for side in ("first", "second")]
    second = (
        f"{names[0]} is better on {wins[0]} of {len(slices)} slices, {names[1]} on {wins[1]}; the others are undecided."
    )
    unit = "stars apart" if error == "MSE" else "apart in probability"
    return f"{sentence(first)} {second} Their predictions are {every['apart']:.3f} {unit} (root mean square)."
