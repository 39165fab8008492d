"""Pictures of what the error becomes when a part is taken away."""

import numpy as np
import pandas as pd

from dcn_core.insight.report import Section
from dcn_core.insight.wording import label
from dcn_core.pictures import bars, maps, measures
from dcn_core.pictures.picture import Picture

NEEDED = 1e-3
"""Relative rise of the error from which on a part counts as needed: 0.1 %."""
HEADS = {"cross": "Cross part", "deep": "Deep part", "user_bias": "User bias", "movie_bias": "Movie bias"}
_KINDS = {"layer": "Cross layer {}", "feature": "{} (feature)", "head": "{} (head)"}


def part_label(kind: str, name: str) -> str:
    """`Cross layer 2`, `Age (feature)`, `Deep part (head)`."""
    return _KINDS[kind].format(label(name) if kind == "feature" else HEADS.get(name, name))


def parts(found: Section) -> Picture:
    """The rise of the error without each layer, feature and head."""
    frame, mse = found.tables["parts"], found.facts["mse"]
    labels = [part_label(str(kind), str(name)) for kind, name in zip(frame["kind"], frame["name"], strict=True)]
    change = frame["change_beside_shift"].astype(float)
    needed, better = int((change > NEEDED * mse).sum()), int((change < -NEEDED * mse).sum())
    return Picture(
        key="parts",
        title="Without a part, in MSE",
        sentence=f"{needed} of {len(frame)} parts are needed: without any of them the error rises by more than 0.1 %."
        + (f" Without {better} it falls by as much." if better else ""),
        figure=bars.changes(labels, change.tolist(), "Rise of validation MSE"),
        alt="Rise of the validation error without each part",
        about="Each bar is one part zeroed in the trained network: a layer passes its input on, a feature loses its embedding, a head "
        f"is no longer read. The error of the whole network is {mse:.3f} MSE. A mere shift of the mean, which a new bias "
        "would repair, is not counted. The rest was trained with the part in place, so this says how much this very network "
        "leans on it, not how much one trained without it would lose.",
        numbers=frame.assign(part=labels)[["part", "mse", "change", "shift", "change_beside_shift"]],
    )


def blocks(found: Section, names: list[str]) -> Picture | None:
    """The rise of the error without each block of the cross layers; None for a network that has none.

    Args:
        found: The section `knockouts` of a report.
        names: Features in the order of the matrix.
    """
    changes = found.arrays["blocks"]
    if not np.isfinite(changes).any():
        return None
    frame = pd.DataFrame(1000 * changes, columns=names)
    frame.insert(0, "feature of x0", names)
    i, j = np.unravel_index(np.nanargmax(changes), changes.shape)
    needed = int((changes > NEEDED * found.facts["mse"]).sum())
    return Picture(
        key="blocks",
        title="Without a cross, in thousandths of MSE",
        sentence=f"{measures.pair_label((names[i], names[j]))} is worth most, {1000 * changes[i, j]:.1f} thousandths; {needed} of "
        f"{changes.size} blocks are worth more than 0.1 % of the error, {int((changes < 0).sum())} less than nothing. A block is one direction of a pair, in the cross layers alone; the section Crosses "
        "tells what the whole network makes of a pair.",
        figure=maps.feature_map(
            1000 * changes, [label(name) for name in names], "thousandths of MSE", signed=True, teal_high=True
        ),
        alt="Rise of the validation error without each block of the cross layers",
        about="Each cell is one block of weights zeroed in all cross layers at once, and what that adds to the validation error, in "
        "thousandths of MSE. Rows are the feature of x₀ that is multiplied, columns the feature of x it is crossed with. "
        "Negative: on these ratings the network is better without it. Crosses that the deep part makes are not touched.",
        numbers=frame,
    )
