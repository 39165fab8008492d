"""The network among simple predictors on the same split, as a picture."""

import numpy as np
import pandas as pd

from dcn_core.insight.ladder import FLOOR
from dcn_core.insight.report import Section
from dcn_core.insight.speech import Speech
from dcn_core.insight.wording import sentence
from dcn_core.pictures import dots
from dcn_core.pictures.picture import Picture


def ladder(found: Section, speech: Speech | None = None) -> Picture:
    """Every rung with its validation error, of the section `ladder` of a report."""
    return Picture(
        key="ladder",
        title="Ladder",
        sentence=found.sentences["ladder"],
        figure=dots.ladder(
            rungs(found, speech), lowest(found), "noise alone" if "best_possible" in found.facts else "floor"
        ),
        alt="Validation error of this network and of simple predictors",
        about="Every predictor is fitted on this run's training ratings and measured on its validation ratings. The network chose "
        "its best epoch on the validation ratings, which flatters it a little. The floor is what no predictor can beat: "
        "in a generated world it is known; else it is the variance among ratings that the features cannot tell apart, "
        "where enough ratings share them.",
        numbers=found.tables["ladder"],
    )


def rungs(found: Section, speech: Speech | None = None) -> pd.DataFrame:
    """Returns `label`, `mse`, `kind` and `about` of all predictors and the network, worst first, in the words of a run."""
    speech = speech or Speech()
    frame = found.tables["ladder"]
    frame = frame[(frame["rung"] != FLOOR) & frame["validation_mse"].notna()]
    shown = pd.DataFrame(
        {
            "label": [speech.prose(sentence(str(name))) for name in frame["rung"]],
            "mse": frame["validation_mse"].astype(float),
            "kind": np.where(frame["own_features"].astype(bool), "own", "other"),
            "about": frame["about"].map(speech.prose),
        }
    )
    network = pd.DataFrame(
        [{"label": "This network", "mse": found.facts["mse"], "kind": "network", "about": "The run that is shown."}]
    )
    return pd.concat([shown, network]).sort_values("mse", ascending=False, ignore_index=True, kind="stable")


def lowest(found: Section) -> float | None:
    """The error that nothing can beat: known in a generated world, else estimated from the features."""
    if "best_possible" in found.facts:
        return found.facts["best_possible"]
    floor = found.tables["ladder"].set_index("rung")["validation_mse"].get(FLOOR)
    return None if floor is None or floor != floor else float(floor)
