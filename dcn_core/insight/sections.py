"""The sections of the report, the first ones first: what the page opens with, and what takes longest last."""

import itertools

import numpy as np
import pandas as pd

from dcn_core.insight import gates, heads, ladder, neighbourhoods, orders, residuals, spectra
from dcn_core.insight.category_pairs import category_grid
from dcn_core.insight.clusters import clusters
from dcn_core.insight.film import film, recovery_sentence
from dcn_core.insight.interactions import SAMPLE_ROWS, interactions, num_cross_layers, symmetrised
from dcn_core.insight.knockouts import knockouts
from dcn_core.insight.pair_effects import pair_effects
from dcn_core.insight.recovery import recovery
from dcn_core.insight.report import Section, Subject, Write
from dcn_core.model.shapes import has_cross, has_gates, has_two_heads

MOST_COUNTED = 1_000_000
"""Training ratings by which combinations of categories are counted; a random sample of more."""


def write_crosses(subject: Subject) -> Section:
    """Pairs of features by their effect on the rating, and how well that finds what was planted."""
    network = subject.network
    effects = pair_effects(network, *subject.sample())
    section = Section(
        {"pairs": effects.sentence()},
        {"pairs": effects.frame()},
        {"effect": effects.effect, "total": effects.total, "worth": effects.worth},
        {"rows": len(subject.rows)},
    )
    indices, _ = subject.sample(SAMPLE_ROWS)
    polynomial = num_cross_layers(network.config) and not has_gates(network.config)
    if network.config.structure in ("parallel", "cross") and polynomial:
        section.arrays["signed"] = _square(orders.orders(network, indices).pairs, network.feature_names, "mean")
    if subject.dataset.truth is not None:
        found = interactions(*network, indices)
        measures = _measures(effects.effect, found.strength, found.block_norm)
        found_again = recovery(subject.dataset.truth, network.feature_names, measures)
        section.sentences["recovery"] = found_again.sentence()
        section.tables.update(planted=found_again.pairs, recovery=found_again.scores)
        section.facts["best_rank_correlation"] = found_again.best_rank_correlation
    return section


def _measures(effect: np.ndarray, strength: np.ndarray, block_norm: np.ndarray) -> dict[str, np.ndarray]:
    """What recovery is scored by: `effect` `(F, F)`, and the cross layers' matrices `(L, F, F)`, where there are any."""
    measures = {"effect in stars": effect}
    if len(strength):
        measures["strength on data"] = symmetrised(strength.sum(axis=0))
        measures["block norm"] = np.sqrt(symmetrised((block_norm**2).sum(axis=0)))
    return measures


def _square(frame: pd.DataFrame, names: tuple[str, ...], column: str) -> np.ndarray:
    """A column of a frame of pairs as a symmetric matrix, `(F, F)`."""
    matrix = np.zeros((len(names), len(names)))
    for row in frame.to_dict("records"):
        i, j = names.index(row["feature"]), names.index(row["other"])
        matrix[i, j] = matrix[j, i] = row[column]
    return matrix


def write_knockouts(subject: Subject) -> Section:
    """What each part is needed for."""
    found = knockouts(subject.network, *subject.sample())
    return Section({"parts": found.sentence()}, {"parts": found.parts}, {"blocks": found.blocks}, {"mse": found.mse})


def write_depth(subject: Subject) -> Section:
    """Heads, their mix, layers and orders."""
    network, section = subject.network, Section()
    indices, rating = subject.sample()
    shares = heads.head_shares(heads.contributions(network, indices))
    section.sentences["heads"], section.tables["heads"] = heads.head_sentence(shares), shares
    if has_two_heads(network.config):
        curve = heads.mix_curve(network, indices, rating, steps=101)
        section.sentences["mix"], section.tables["mix"] = heads.mix_sentence(curve), curve
    if has_gates(network.config):
        section.sentences["orders"] = orders.GATED
        section.tables["layers"] = orders.layer_lengths(network, subject.sample(SAMPLE_ROWS)[0])
    elif has_cross(network.config):
        found = orders.orders(network, subject.sample(SAMPLE_ROWS)[0])
        section.sentences["orders"] = found.sentence()
        section.tables.update(orders=found.orders, layers=found.layers, order_pairs=found.pairs)
    return section


def write_errors(subject: Subject) -> Section:
    """Calibration and errors by slice, on all validation ratings."""
    rows, prediction = subject.split.validation, subject.prediction
    bins = residuals.calibration(prediction, subject.data.rating[rows], *clusters(subject.dataset, rows))
    slices = residuals.slices(subject.dataset, rows, prediction, subject.split.train, subject.data.rating[rows])
    return Section(
        {"calibration": residuals.calibration_sentence(bins), "slices": residuals.slice_sentence(slices)},
        {"calibration": bins, "slices": slices},
        facts={
            "calibration_error": residuals.calibration_error(bins),
            "mse": float(np.mean((prediction - subject.data.rating[rows]) ** 2)),
            "rows": len(rows),
        },
    )


def write_ranks(subject: Subject) -> Section:
    """Singular values, and the error by rank."""
    network = subject.network
    if not num_cross_layers(network.config):
        return Section()
    indices, rating = subject.sample(SAMPLE_ROWS)
    errors, plain = spectra.rank_errors(network, indices, rating), network.without_experts(indices)
    rank = spectra.sufficient_rank(errors)
    weighed = network.expert_gates(indices) if network.config.cross_kind == "mixture" else None
    return Section(
        {"ranks": spectra.rank_sentence(network, errors)},
        {
            "values": spectra.beside_start(network, spectra.spectrum(plain), weighed),
            "ranks": spectra.ranks(plain),
            "errors": errors,
        },
        facts={} if rank is None else {"rank": rank},
    )


def write_gates(subject: Subject) -> Section:
    """Where the gates of a mixture or gated network stand, by category of every feature."""
    network = subject.network
    if not has_gates(network.config):
        return Section()
    indices, _ = subject.sample()
    values = gates.gates(network, indices)
    tables = {
        (layer, name): gates.gates_by_category(own, network.spec(name).codes(indices[name]))
        for layer, own in enumerate(values, start=1)
        for name in network.feature_names
    }
    names = {str(spec.name): subject.encoder.categories(spec.name) for spec in network.specs}
    table, spread = gates.gate_table(network, values), gates.gate_spread(network, tables, names)
    section = Section(
        {"gates": gates.gate_sentence(network, table, spread)},
        {"gates": table, "spread": spread},
        facts={"even": gates.even_gate(network.config), "rows": len(subject.rows)},
    )
    for (layer, name), found in tables.items():
        for part in ("mean", "count", "rows"):
            section.arrays[f"{layer}/{name}/{part}"] = getattr(found, part)
    return section


def write_categories(subject: Subject) -> Section:
    """Every pair of features, category by category."""
    train = np.random.default_rng(0).permutation(subject.split.train)[:MOST_COUNTED]
    indices = subject.data.inputs(train)
    section = Section(facts={"rows": len(train)})
    for a, b in itertools.combinations(subject.network.feature_names, 2):
        grid = category_grid(subject.network, indices, a, b)
        for name in ("effect", "count", "rows", "columns"):
            section.arrays[f"{a}/{b}/{name}"] = getattr(grid, name)
    return section


def write_film(subject: Subject) -> Section:
    """The maps and the embeddings of every snapshot, and how well they find what was planted. Empty without snapshots."""
    found = film(subject.network, subject.frames, subject.data, subject.split)
    if found is None:
        return Section()
    section = Section(
        arrays={"epochs": found.epochs, "effect": found.effect}
        | {"strength": found.strength, "block_norm": found.block_norm}
        | {
            f"{kind}/{feature}": array
            for kind in ("rows", "places", "explained")
            for feature, array in getattr(found, kind).items()
        }
    )
    truth = subject.dataset.truth
    if truth is not None:
        frames = [
            recovery(truth, subject.network.feature_names, _measures(*maps))
            for maps in zip(found.effect, found.strength, found.block_norm, strict=True)
        ]
        scores = pd.concat(
            [frame.scores.assign(epoch=epoch) for epoch, frame in zip(found.epochs, frames, strict=True)],
            ignore_index=True,
        )
        pairs = frames[-1].pairs
        planted = int(((pairs["planted"] > 0) & pairs["scored"]).sum())
        if planted and len(scores):
            section.tables["recovery"] = scores
            section.sentences["recovery"] = recovery_sentence(scores, planted, frames[-1].best_rank_correlation)
            section.facts.update(planted=planted, best_rank_correlation=frames[-1].best_rank_correlation)
    return section


def write_ladder(subject: Subject) -> Section:
    """The network among simple predictors."""
    frame = ladder.ladder(subject.data, subject.split, [spec.name for spec in subject.encoder.specs])
    rows, rating = subject.split.validation, subject.data.rating[subject.split.validation]
    mse = float(np.mean((subject.prediction - rating) ** 2))
    section = Section({"ladder": ladder.ladder_sentence(frame, mse)}, {"ladder": frame}, facts={"mse": mse})
    if subject.dataset.truth is not None and subject.config.data.target == "rating":
        best = subject.dataset.truth.best_prediction[rows]
        section.facts["best_possible"] = float(np.mean((best - rating) ** 2))
    return section


def write_maps(subject: Subject) -> Section:
    """Embedding tables as maps of neighbourhoods, in two and three dimensions."""
    train = np.random.default_rng(0).permutation(subject.split.train)[:MOST_COUNTED]
    indices, section = subject.data.inputs(train), Section()
    for spec in subject.encoder.specs:
        if spec.is_number:
            continue
        table, slots = subject.network.weights[f"embedding/{spec.name}"], indices[spec.name].ravel()
        count = np.bincount(slots[slots > 0], minlength=len(table))[1:]
        rows = 1 + np.sort(np.argsort(-count, kind="stable")[: neighbourhoods.MOST_POINTS])
        if len(rows) < neighbourhoods.FEWEST_POINTS:
            continue
        section.arrays[f"{spec.name}/rows"] = rows
        for axes in (2, 3):
            places = neighbourhoods.neighbour_map(table[rows], axes)
            section.arrays[f"{spec.name}/{axes}"] = places
            section.facts[f"{spec.name}/{axes}"] = neighbourhoods.kept_neighbours(table[rows], places)
    return section


SECTIONS: dict[str, Write] = {
    "crosses": write_crosses,
    "depth": write_depth,
    "errors": write_errors,
    "knockouts": write_knockouts,
    "ranks": write_ranks,
    "gates": write_gates,
    "categories": write_categories,
    "film": write_film,
    "ladder": write_ladder,
    "maps": write_maps,
}
"""Every section by name, in the order in which they are written."""
