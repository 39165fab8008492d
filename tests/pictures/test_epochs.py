"""Pictures by epoch: there is no half an epoch."""

import pandas as pd
import pytest

from dcn_core.pictures import dots, summary


@pytest.mark.parametrize("last", [1, 2, 4, 8, 9, 200])
def test_ticks_stand_at_whole_epochs_only(last: int) -> None:
    epochs = range(1, last + 1)
    errors = pd.DataFrame({"epoch": epochs, "training": 1.0, "validation": 1.0})
    scores = pd.DataFrame({"epoch": epochs, "measure": "effect", "rank_correlation": 0.5, "precision": 0.5})
    learning = summary.curve(errors, "It learned.", None, "MSE").figure
    for axis in (learning.layout.xaxis, *dots.recovery_by_epoch(scores, 5, 1.0).select_xaxes()):
        # Plotly draws as many ticks as it may, at halves where the epochs are fewer.
        assert axis.dtick == 1 if last <= axis.nticks else axis.dtick is None
