"""Pictures of a data set before anything is trained: how people rate, who rates what, and what a table shows already."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dcn_core.config.features import Level
from dcn_core.data.dataset import GroundTruth, Nouns
from dcn_core.data.leakage import Meter
from dcn_core.data.profile import Profile
from dcn_core.insight.wording import label, listed, pair_words, percent, words
from dcn_core.pictures import dots, maps, tallies, theme
from dcn_core.pictures.measures import pair_label
from dcn_core.pictures.picture import Picture

_FEWEST = 30
"""Ratings of a period whose mean is shown."""


def labels(profile: Profile, nouns: Nouns | None = None) -> Picture:
    """How often each number of stars was given, or each label as its source has it."""
    row, of_source = profile.counts.iloc[0], (nouns or Nouns()).of_source
    frame = profile.labels.assign(rating=of_source(profile.labels["rating"]))
    digits = theme.digits(float(frame["rating"].diff().min()) if len(frame) > 1 else 1.0)
    names = [f"{round(value, digits):,.12g}".replace("-", "−") for value in frame["rating"].tolist()]
    mean = f"{of_source(row['mean']):,.{max(2, digits)}f}".replace("-", "−")
    most = int(frame["count"].to_numpy().argmax())
    return Picture(
        key="labels",
        title="How people rate",
        sentence=f"{'' if row['stepped'] else 'Around '}{names[most]} is given most, in {percent(frame['share'].iloc[most])} of the ratings. The mean rating is {mean}, and "
        f"always saying so has an MSE of {row['std'] ** 2:.3f}.",
        figure=tallies.standing(names, frame["count"].tolist(), "ratings"),
        alt="Number of ratings of each number of stars",
        about="The distribution of the labels. The MSE of always saying the mean is their variance: a network that does not get "
        "below it has learned nothing. Steps of the scale that nobody used are shown as well.",
        numbers=frame,
    )


def tails(profile: Profile) -> Picture:
    """How unequally ratings are spread over users and movies."""
    counts = {"Movies": profile.per_movie, "Users": profile.per_user}
    said = []
    for name, frame in counts.items():
        tenth = max(1, len(frame) // 10)
        share = frame["count"].head(tenth).sum() / max(1, frame["count"].sum())
        said.append(
            f"the {'most rated' if name == 'Movies' else 'busiest'} tenth of the {name.lower()} has {percent(share)}"
        )
    numbers = pd.concat([frame.assign(kind=name) for name, frame in counts.items()], ignore_index=True)
    least = [int(frame["count"].iloc[-1]) if len(frame) else 0 for frame in counts.values()]
    return Picture(
        key="tails",
        title="Long tails",
        sentence=f"Of all ratings, {listed(said)}. The least rated movie has {least[0]:,}, the quietest user {least[1]:,}.",
        figure=tallies.tails(counts),
        alt="Number of ratings of each movie and each user, by rank, on logarithmic axes",
        about="Every movie and every user by rank, busiest first; both axes are logarithmic. Where a line falls far below ten "
        "ratings, an id alone teaches little, and the other features have to help.",
        numbers=numbers[["kind", "rank", "count"]],
    )


def filled(share: np.ndarray, count: np.ndarray) -> Picture:
    """How filled the table of users and movies is, by tenths of either.

    Args:
        share: `(U, M)`, shares of one, busiest first.
        count: `(U, M)`, ratings there.
    """
    rows, columns = ([f"{number}" for number in range(1, size + 1)] for size in share.shape)
    numbers = pd.DataFrame(
        [(u + 1, m + 1, share[u, m], count[u, m]) for u in range(share.shape[0]) for m in range(share.shape[1])],
        columns=["users_tenth", "movies_tenth", "filled", "ratings"],
    )
    return Picture(
        key="filled",
        title="Where the ratings are",
        sentence=f"The busiest users have rated {percent(share[0, 0])} of the most rated movies, the quietest {percent(share[-1, -1])} of "
        "the least rated.",
        figure=maps.category_map(
            100 * share, count, rows, columns, ("Users, by tenths", "Movies, by tenths"), unit="% filled", signed=False
        ),
        alt="Share of pairs of a user and a movie that have a rating, by tenths of users and of movies",
        about="Users and movies in tenths, 1 the busiest. Each cell is the share of its pairs that have a rating, in percent. What is "
        "pale a network has to guess from users and movies that are alike; a good error over all ratings says little of it.",
        numbers=numbers,
    )


def over_time(profile: Profile) -> Picture:
    """Ratings and their mean per month, or per day where all are within 90 days."""
    frame, row = profile.over_time, profile.counts.iloc[0]
    when = "%B %Y" if bool((frame["start"].dt.day == 1).all()) else "%-d %B %Y"
    busiest = frame.loc[frame["count"].idxmax()]
    known = frame[frame["count"] >= min(_FEWEST, int(frame["count"].max()))]
    drift = float(np.sqrt(np.cov(known["mean"], aweights=known["count"], ddof=0)))
    return Picture(
        key="over-time",
        title="Over time",
        sentence=f"From {row['first']:{when}} to {row['last']:{when}}, most {'in' if when == '%B %Y' else 'on'} {busiest['start']:{when}} "
        f"({busiest['count']:,} ratings). The "
        f"mean moves by {drift:.2f} stars around its own mean.",
        figure=tallies.over_time(frame.assign(mean=frame["mean"].where(frame.index.isin(known.index)))),
        alt="Number of ratings and their mean over time",
        about="Ratings per month, or per day where all lie within 90 days. Where the mean drifts, a split by time asks more than "
        f"one by row: the future has another level than the past. Of periods with fewer than {_FEWEST} ratings no mean is shown.",
        numbers=frame,
    )


def mix(means: pd.DataFrame, feature: str) -> Picture:
    """How often each category of a feature occurs.

    Args:
        means: From `category_means`.
        feature: One of its features.
    """
    frame = means[means["feature"] == feature].sort_values("count", ascending=False, ignore_index=True)
    several = int(frame["count"].sum())
    return Picture(
        key=f"mix-{feature}",
        title=f"{label(feature)}: how often",
        sentence=f"{frame['category'].iloc[0]} is the most frequent of {len(frame)}, {frame['category'].iloc[-1]} the rarest with "
        f"{frame['count'].iloc[-1]:,} ratings.",
        figure=tallies.lying(frame["category"].tolist(), frame["count"].tolist(), "ratings"),
        alt=f"Number of ratings by {words(feature)}",
        about="A rating counts for each category that it has, so those of a list may add up to more than the ratings; "
        f"here to {several:,}. Rare categories have embeddings that are hardly trained.",
        numbers=frame,
    )


def sizes(profile: Profile) -> Picture:
    """How many categories each feature has."""
    frame = profile.cardinality.dropna().sort_values("categories", ascending=False, ignore_index=True)
    top = frame.iloc[0]
    together = f"; all {len(frame)} features together {frame['categories'].sum():,}" if len(frame) > 1 else ""
    return Picture(
        key="sizes",
        title="Categories of each feature",
        sentence=f"{label(top['feature'])} has {'most, ' if together else ''}{top['categories']:,}{together}.",
        figure=tallies.lying(
            [label(name) for name in frame["feature"]], frame["categories"].tolist(), "categories", True
        ),
        alt="Number of categories of each feature, on a logarithmic axis",
        about="Distinct values of each feature. Each has a row of its own in an embedding table, where only very rare ones may share one, so "
        "the wide features hold most of the weights and need most ratings to learn them.",
        numbers=frame,
    )


def categories(means: pd.DataFrame, feature: str, mean: float) -> Picture:
    """The mean rating of each category of a feature.

    Args:
        means: From `category_means`.
        feature: One of its features.
        mean: Of all ratings.
    """
    frame = means[means["feature"] == feature].reset_index(drop=True)
    shown = frame.assign(
        label=[f"{row.category}  ·  {row.count:,}" for row in frame.itertuples(index=False)],
        mean_low=frame["low"].fillna(frame["mean"]),
        mean_high=frame["high"].fillna(frame["mean"]),
    )
    sure = frame[(frame["low"] > mean) | (frame["high"] < mean)]
    level = frame["level"].iloc[0]
    counted = f", which counts {level}s and not ratings, because the ratings of one {level} are alike"
    high, low = frame.loc[frame["mean"].idxmax()], frame.loc[frame["mean"].idxmin()]
    return Picture(
        key="category-means",
        title=f"Mean rating by {words(feature)}",
        sentence=f"From {low['mean']:.2f} stars ({low['category']}) to {high['mean']:.2f} ({high['category']}); {len(sure)} of "
        f"{len(frame)} differ from the mean of all beyond chance.",
        figure=dots.intervals(shown, "mean", "Mean rating, stars", mean),
        alt=f"Mean rating by {words(feature)} with 95 % intervals",
        about="Each dot is the mean rating of a category, with its number of ratings behind the name; the line is its 95 % interval"
        f"{'' if level == 'rating' else counted}. The dotted line is the mean of all. A mean says nothing of causes: other things "
        "differ between these ratings as well.",
        numbers=frame.drop(columns="level"),
    )


def crosses(
    gains: pd.DataFrame, truth: GroundTruth | None = None, sides: Sequence[Level] = ("user", "movie")
) -> Picture:
    """Which crosses a plain table shows already.

    Args:
        gains: From `table_crosses`, at least one row.
        truth: Of the generated world.
        sides: As of `Dataset`.
    """
    pairs = list(zip(gains["feature"], gains["other"], strict=True))
    shown = gains.assign(label=[pair_label(pair) for pair in pairs])
    planted, beside = None, ""
    if truth is not None:
        strengths = {frozenset(cross.features): cross.strength**2 for cross in truth.crosses}
        planted = [strengths.get(frozenset(pair), 0.0) for pair in pairs]
        gains = gains.assign(planted=planted)
    sure, top = gains[gains["low"] > 0], gains.iloc[0]
    if truth is not None and len(sure):
        own = int((sure["planted"] > 0).sum())
        others = f"; {len(sure) - own} borrow from a planted pair whose features go together with theirs"
        beside = f" {own} of these were planted{others if own < len(sure) else ''}."
    if sure.empty:
        none = f"None of the {len(gains)} pairs saves" if len(gains) > 1 else "The only pair does not save"
        sentence = f"{none} any error for sure: a sum of main effects says what these features can say."
    else:
        sentence = (
            f"{pair_words(top['feature'], top['other']).capitalize()} save most, {top['gain']:.3f} stars² of held-out error beyond what either "
            f"says alone; {len(sure)} of {len(gains)} pairs save some beyond chance.{beside}"
        )
    return Picture(
        key="table-crosses",
        title="Crosses that a table shows already",
        sentence=sentence,
        figure=tallies.gains(shown, planted),
        alt="Squared error that each pair of features saves beyond its main effects, with intervals",
        about="For each pair, a table of means by both features is set against the best sum of two main effects; the number is by how much "
        "it lowers the squared error of ratings that neither was fitted on, in five folds, with a 95 % interval. Below zero the table "
        f"remembers noise. {_judged(sides)}It is what a cross network could find at least: it also crosses "
        f"{'ids, and ' if sides else ''}three features at once. Features that go together share crosses"
        f"{': students are young, so occupation shows some of what belongs to age' if 'occupation' in {*gains['feature'], *gains['other']} else ''}."
        + (
            " Grey lines: the variance that was planted, before rounding to whole stars." if planted is not None else ""
        ),
        numbers=gains,
    )


def _judged(sides: Sequence[Level]) -> str:
    """How a pair is kept from taking single users or movies for a cross."""
    if len(sides) == 2:
        return (
            "Pairs of a user's and a movie's feature are judged after the mean of every user and movie; pairs within users or movies on "
            "users or movies left out, as else the taste of single ones would pass for a cross. "
        )
    return "".join(
        f"Pairs within {side}s are judged on {side}s left out, as else what single ones are like would pass for a cross; others after the "
        f"mean of every {side}. "
        for side in sides
    )


def meter(meters: Sequence[Meter], split: str) -> Picture:
    """How much of the held-out parts is about users and movies that training has not seen, and what it knows too early.

    Args:
        meters: One of each part, at least one.
        split: What the ratings are split by: "row", "time", "user" or "movie".
    """
    rows = []
    sides = [side for side, there in (("user", meters[-1].users), ("movie", meters[-1].movies)) if there]
    for one in meters:
        known = 1 - one.of_new_users - one.of_new_movies + one.of_both
        rows.append((one.part, "both known" if len(sides) == 2 else f"known {sides[0]}", known))
        new = {"user": one.of_new_users, "movie": one.of_new_movies}
        rows += [(one.part, f"new {side}", new[side] - one.of_both) for side in sides]
        rows += [(one.part, "both new", one.of_both)] * (len(sides) == 2)
    numbers = pd.DataFrame(meters).dropna(axis="columns", how="all")
    if len(sides) < 2:
        there = ["part", "ratings", f"{sides[0]}s", f"new_{sides[0]}s", f"of_new_{sides[0]}s", "before", "overlap"]
        numbers = numbers[[name for name in there if name in numbers]]
    by = {"user": "by new users", "movie": "about new movies"}
    return Picture(
        key="meter",
        title="Cold start and leakage",
        sentence=" ".join([_cold(meters[-1]), *_leaks(meters[-1], split)]),
        figure=tallies.parts_of_ratings(pd.DataFrame(rows, columns=["part", "kind", "share"])),
        alt=f"Share of the held-out ratings {listed([by[side] for side in sides])}",
        about="New is who or what has no rating in training: there, an id says nothing, and only other features can help. A later rating "
        "in training means that the model is told of a future that it would not know in use; a split by time avoids that."
        + (" A pair of user and movie that training has as well may give its answer away." if len(sides) == 2 else ""),
        numbers=numbers,
    )


def _cold(one: Meter) -> str:
    sides = (("users", one.users, one.new_users), ("movies", one.movies, one.new_movies))
    said = [f"{percent(new)} of the {count:,} {one.part} {name}" for name, count, new in sides if count]
    return f"{listed(said)} are new: {percent(one.of_new_users + one.of_new_movies - one.of_both)} of the {one.part} ratings."


def _leaks(one: Meter, split: str) -> list[str]:
    said = []
    if one.repeated > 0:
        said.append(
            f"{percent(one.repeated)} of them are pairs of user and movie that training has too: it may know their answer."
        )
    if one.before > 0:
        said.append(f"For {percent(one.before)}, training holds a later rating by the same user.")
    elif one.overlap > 0:
        said.append(f"{percent(one.overlap)} are older than the newest training rating.")
    elif split == "time":
        said.append("Training knows nothing of what comes after.")
    return said
