"""Every page with a run that predicts likes: probabilities are never held against stars."""

import re
from pathlib import Path

import pytest

from dcn_core.runs.folder import RunFolder
from tests.ui.conftest import Open, train
from tests.ui.test_predict_views import VIEWS, view
from tests.ui.test_train_page import words


@pytest.fixture(scope="module")
def likes(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A finished run on likes."""
    values: dict[str, dict[str, object]] = {
        "data": {"num_ratings": 10_000, "target": "like"},
        "train": {"epochs": 1},
        "model": {"embedding_dim": 4, "deep_layer_sizes": [8]},
    }
    return train(tmp_path_factory.mktemp("likes"), values)


def test_every_page_shows_it(app: Open, likes: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_RUNS", str(likes.path.parent))
    page = app("predict")
    for name in VIEWS:
        view(page, name)
        assert not page.exception and "Something in this app went wrong" not in words(page), name
        if name == "fairness":
            html = "".join(str(element.value) for element in page.html)
            worst = re.search(r"The error is largest for .+?, (\d+\.\d+) Brier score", html)
            assert worst is not None and float(worst[1]) < 1  # of probabilities; of stars it would be several
    for other in ("inspect", "compare", "present", "data", "learn", "train"):
        page.switch_page(str(Path(__file__).parents[2] / "pages" / f"{other}.py")).run()
        assert not page.exception and "Something in this app went wrong" not in words(page), other
