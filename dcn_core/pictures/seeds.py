"""Pictures of an interaction map over runs that differ only by their seed."""

from dcn_core.config.model import ModelConfig
from dcn_core.insight.seeds import AcrossSeeds
from dcn_core.insight.wording import label
from dcn_core.pictures import dots, maps, measures
from dcn_core.pictures.measures import Measure
from dcn_core.pictures.picture import Picture

MOST_BLOCKS = 10
"""Blocks that have an error bar: the strongest."""


def mean(config: ModelConfig, found: AcrossSeeds, measure: Measure) -> Picture:
    """The mean of each pair of features over the seeds."""
    caveat = measures.caveat(config)
    return Picture(
        key="seeds-map",
        title="Mean over the seeds",
        sentence=found.sentence(measures.SAID[measure]),
        figure=maps.feature_map(
            found.mean, [label(name) for name in found.feature_names], measures.UNITS[measure], directed=found.directed
        ),
        alt=f"Mean over {len(found.seeds)} seeds of each pair of features",
        about=f"{measures.ABOUT[measure]} Each number is the mean over seed {', '.join(map(str, found.seeds))}: runs with the same "
        "settings on the same ratings, from other initial weights and with the ratings in another order. It says how far "
        "chance in training moves the map, not how far other people's ratings would."
        + (f" {caveat}" if caveat else ""),
        numbers=found.frame(),
    )


def spread(found: AcrossSeeds, measure: Measure) -> Picture:
    """The strongest blocks with their standard deviation over the seeds."""
    strongest = found.frame().head(MOST_BLOCKS)
    labels = [measures.pair_label(pair) for pair in zip(strongest["feature"], strongest["other"], strict=True)]
    values = strongest[[f"seed {seed}" for seed in found.seeds]].to_numpy(dtype=float).T
    means, spreads = (strongest[column].to_numpy(dtype=float) for column in ("mean", "spread"))
    return Picture(
        key="seeds-spread",
        title="Spread over the seeds",
        sentence=found.sentence(measures.SAID[measure]),
        figure=dots.spreads(labels, values, means, spreads, measures.UNITS[measure]),
        alt="Mean and standard deviation over seeds of the strongest blocks",
        about="Grey dots are the seeds one by one, the large dot is their mean, and the bar reaches one standard deviation to each side. "
        "Two blocks whose dots mix have no order that can be relied on."
        + (
            " The first feature is the one of x₀ that is multiplied, the second the one of x." if found.directed else ""
        ),
        numbers=strongest.drop(columns=["times_first"]),
    )
