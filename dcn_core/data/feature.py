"""One feature as the training rows taught it: its categories or its scale, and how values become a model's inputs."""

import re
from collections.abc import Sequence
from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import Field, StrictInt, StrictStr, model_validator

from dcn_core.config.features import PADDING, FeatureSpec, Level
from dcn_core.config.fields import Config
from dcn_core.data.categories import category_name, number_name
from dcn_core.data.column import Column, Kind

UNKNOWN = "unknown"
GENRE_SLOTS = 6
"""Most genres that a movie of MovieLens 1M has; more slots only where a training movie has more."""
KNOTS = 10
"""Values that stand for a number where categories are looked at: medians of so many equal shares of the training rows."""

Whole = Annotated[StrictInt, Field(gt=-(2**63), lt=2**63)]


class Feature(Config):
    """A fitted feature.

    Attributes:
        name: As of `Column`.
        level: As of `Column`.
        kind: As of `Column`; a number in buckets is a category with edges.
        values: Categories in the order of their indices, which start at 1; 0 is any other.
        slots: Width of the indices of a list.
        separator: As of `Column`.
        edges: Upper ends of all buckets but the last; empty where there are none.
        log: As of `Column`.
        mean: Of the training ratings' numbers, after the logarithm.
        scale: Their standard deviation, likewise; 1 where they do not vary.
        knots: As of `FeatureSpec`.
    """

    name: str = Field(min_length=1, max_length=100)
    level: Level
    kind: Kind = "category"
    values: tuple[StrictStr, ...] | tuple[Whole, ...] = ()
    slots: Annotated[StrictInt, Field(ge=1, le=1000)] = 1
    separator: str = Field(default="|", min_length=1, max_length=8)
    edges: tuple[float, ...] = ()
    log: bool = False
    mean: float = 0.0
    scale: float = Field(default=1.0, gt=0)
    knots: tuple[float, ...] = ()

    @model_validator(mode="after")
    def _is_whole(self) -> "Feature":
        if len(set(self.values)) != len(self.values):
            raise ValueError(f"expected each value of '{self.name}' once")
        if any(list(numbers) != sorted(set(numbers)) for numbers in (self.edges, self.knots)):
            raise ValueError(f"expected ascending numbers as edges and knots of '{self.name}'")
        if (self.kind == "number") != bool(self.knots):
            raise ValueError(f"expected knots of '{self.name}' exactly if it is a number")
        return self

    @property
    def spec(self) -> FeatureSpec:
        """What the model must know of it."""
        return FeatureSpec(self.name, len(self.categories()), self.slots, self.knots)

    def categories(self) -> list[str]:
        """The readable name of each index, "unknown" first."""
        if self.edges:
            low, high = self.edges[0], self.edges[-1]
            between = [
                f"{number_name(a)} to {number_name(b)}" for a, b in zip(self.edges, self.edges[1:], strict=False)
            ]
            return [UNKNOWN, f"up to {number_name(low)}", *between, f"over {number_name(high)}"]
        if self.kind == "number":
            return [UNKNOWN, *(f"about {number_name(value)}" for value in self.unscaled(np.array(self.knots)))]
        return [UNKNOWN, *(category_name(self.name, value) for value in self.values)]

    def unscaled(self, inputs: np.ndarray) -> np.ndarray:
        """The numbers behind a numeric feature's inputs."""
        values = np.asarray(inputs, float) * self.scale + self.mean
        return np.sign(values) * np.expm1(np.abs(values)) if self.log else values

    def encode(self, table: pd.DataFrame) -> np.ndarray:
        """The model's inputs, `(n,)` or `(n, slots)`, int32, of a number float32. A missing column or value is unknown.

        Empty slots hold `PADDING`, all of them where a list is empty.
        """
        if self.kind == "list":
            return self._lists(table)
        if self.edges or self.kind == "number":
            return self._numbers(table)
        return self._categories(table)

    def _numbers(self, table: pd.DataFrame) -> np.ndarray:
        values = numbers(table[self.name]) if self.name in table else np.full(len(table), np.nan)
        if self.edges:
            return np.where(np.isnan(values), 0, 1 + np.searchsorted(self.edges, values)).astype(np.int32)
        return ((logarithm(values) if self.log else values) - self.mean).astype(np.float32) / np.float32(self.scale)

    def _categories(self, table: pd.DataFrame) -> np.ndarray:
        if self.name not in table:
            return np.zeros(len(table), dtype=np.int32)
        texts = all(isinstance(value, str) for value in self.values)
        column = table[self.name]
        if texts and self.values:
            if isinstance(column.dtype, pd.CategoricalDtype):
                known = pd.Index(self.values, dtype="object").get_indexer(column.cat.categories.astype("object")) + 1
                return np.append(known, 0)[column.cat.codes.to_numpy()].astype(np.int32)
            return (pd.Index(self.values, dtype="object").get_indexer(pd.Index(column.astype("object"))) + 1).astype(
                np.int32
            )
        # Whatever is missing, no number, or fractional is unknown, not a neighbour.
        whole = numbers(column)
        missing = np.isnan(whole)
        exact = pd.to_numeric(column, errors="coerce").where(~missing, 0).to_numpy()
        integers = exact.astype(np.int64)
        found = pd.Index(self.values, dtype="int64").get_indexer(pd.Index(integers)) + 1
        return np.where(missing | (integers != exact), 0, found).astype(np.int32)

    def _lists(self, table: pd.DataFrame) -> np.ndarray:
        if self.name not in table:
            return np.full((len(table), self.slots), PADDING, dtype=np.int32)
        index_of = {value: index for index, value in enumerate(self.values, start=1)}
        # Each combination once: there are a few hundred among any number of movies.
        code, combinations = _texts(table[self.name])
        rows = np.full((len(combinations), self.slots), PADDING, dtype=np.int32)
        for row, combination in enumerate(combinations):
            names = parts(combination, self.separator)[: self.slots]
            rows[row, : len(names)] = [index_of.get(name, 0) for name in names]
        return rows[code]


def fit_feature(column: Column, values: pd.Series, times: np.ndarray) -> Feature:
    """Returns the feature that training rows teach.

    Args:
        column: What it is.
        values: Its values in the table of its level.
        times: Training ratings of each of these, `(len(values),)`; those with none are not looked at.
    """
    seen, weight = values[times > 0], times[times > 0]
    name, level = column.name, column.level
    if column.kind == "number":
        return _fit_number(column, numbers(seen), weight)
    if column.kind == "list":
        code, combinations = _texts(seen)
        often = np.bincount(code, weight, minlength=len(combinations))
        lists = [parts(combination, column.separator) for combination in combinations]
        count: dict[str, float] = {}
        for found, n in zip(lists, often, strict=True):
            for value in found:
                count[value] = count.get(value, 0) + n
        kept = tuple(sorted(value for value, n in count.items() if n >= column.rare))
        slots = max([GENRE_SLOTS if column.name == "genres" else 1, *map(len, lists)])
        # One slot would make it a single value, which cannot be empty.
        return Feature(
            name=name, level=level, kind="list", values=kept, slots=min(max(2, slots), 1000), separator=column.separator
        )
    if column.rare > 1:
        counted = pd.Series(weight, index=seen.index).groupby(seen, observed=True).sum()
        return Feature(name=name, level=level, values=tuple(sorted(counted[counted >= column.rare].index.tolist())))
    return Feature(name=name, level=level, values=tuple(sorted(seen.dropna().unique().tolist())))


def _fit_number(column: Column, values: np.ndarray, weight: np.ndarray) -> Feature:
    there = ~np.isnan(values)
    values, weight = values[there], weight[there]
    order = np.argsort(values, kind="stable")
    values, weight = values[order], weight[order]
    if column.buckets:
        cuts = _quantiles(values, weight, np.arange(1, column.buckets) / column.buckets)
        edges = np.unique(cuts[cuts < values[-1]]) if len(values) else np.empty(0)
        return Feature(name=column.name, level=column.level, edges=tuple(map(float, edges)) or (0.0,))
    values = logarithm(values) if column.log else values
    mean = float(np.average(values, weights=weight)) if len(values) else 0.0
    scale = float(np.sqrt(np.average((values - mean) ** 2, weights=weight))) if len(values) else 0.0
    scale = scale if np.isfinite(scale) and scale > 1e-12 * max(1.0, abs(mean)) else 1.0
    shares = (np.arange(KNOTS) + 0.5) / KNOTS
    knots = np.unique((_quantiles(values, weight, shares) - mean) / scale) if len(values) else [0.0]
    return Feature(
        name=column.name,
        level=column.level,
        kind="number",
        log=column.log,
        mean=mean,
        scale=scale,
        knots=tuple(map(float, knots)),
    )


def _quantiles(values: np.ndarray, weight: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """The ascending value at or under which each share of the weight lies."""
    total = np.cumsum(weight)
    if not len(values):
        return values
    return values[np.minimum(np.searchsorted(total, shares * total[-1]), len(values) - 1)]


def numbers(column: pd.Series) -> np.ndarray:
    """Values as float64 `(n,)`; NaN where there is none, or none that is finite."""
    found = pd.to_numeric(column, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    return np.where(np.isfinite(found), found, np.nan)


def logarithm(values: np.ndarray) -> np.ndarray:
    """sign(x) · log(1 + |x|): defined everywhere, and nearly the identity around 0."""
    return np.sign(values) * np.log1p(np.abs(values))


def _texts(column: pd.Series) -> tuple[np.ndarray, Sequence[str]]:
    """The text of each row by its number among all of them, and these texts; a gap is an empty one."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes = column.cat.codes.to_numpy()
        return np.where(codes < 0, len(column.cat.categories), codes), [*column.cat.categories, ""]
    return pd.factorize(column.astype("object").fillna(""))


def parts(text: str, separator: str) -> list[str]:
    """The categories in a text: without the blanks around them, each once and in order; nor brackets and quotes, as in ['a', 'b']."""
    text, around = str(text).strip(), None
    if re.fullmatch(r"\[[^\[\]]*\]", text):
        text, around = text[1:-1], " '\""
    return list(dict.fromkeys(name for part in text.split(separator) if (name := part.strip(around))))
