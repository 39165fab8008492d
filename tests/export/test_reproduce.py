"""A run in plain Keras: the same network, the same training, the same predictions."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dcn_core.config.features import FeatureSpec
from dcn_core.config.run import RunConfig, override
from dcn_core.errors import RunError
from dcn_core.export.reproduce import TEMPLATE, bundle, standalone
from dcn_core.model.builder import build_model
from dcn_core.model.weights import named_weights
from dcn_core.runs.folder import RunFolder
from dcn_core.training.metrics import log_odds
from tests.model.examples import SPECS as CATEGORIES
from tests.model.examples import predict, random_indices

SPECS = (*CATEGORIES, FeatureSpec("price", 3, knots=(-1.0, 1.0)))

RUN_BOTH = """
import json, runpy
from pathlib import Path
script = runpy.run_path("reproduce.py")
cells = json.loads(Path("reproduce.ipynb").read_text())["cells"]
notebook = {}
exec("\\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"), notebook)
np = script["np"]
np.savez("found.npz", script=script["predict"](script["asked"]), notebook=notebook["predict"](notebook["asked"]))
"""


def test_script_and_notebook_reproduce_a_run_without_the_playground(finished: RunFolder, tmp_path: Path) -> None:
    files = bundle(finished)
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    cached = {"TF_XLA_FLAGS": f"--tf_xla_persistent_cache_directory={tmp_path}"}  # the second need not compile again
    done = subprocess.run(
        [sys.executable, "-I", "-c", RUN_BOTH],
        cwd=tmp_path,
        env=os.environ | cached,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    with np.load(tmp_path / "found.npz") as found, np.load(tmp_path / "expected.npz") as expected:
        np.testing.assert_allclose(found["script"], expected["prediction"], atol=1e-4)
        np.testing.assert_allclose(found["notebook"], expected["prediction"], atol=1e-4)
        assert expected["prediction"].std() > 1e-3
    kept = [line for line in done.stdout.splitlines() if line.startswith("with the weights of the run")]
    assert len(kept) == 2 and all(float(line.split()[-1]) < 1e-4 for line in kept)
    assert "dcn_core" not in files["reproduce.py"].decode() + files["reproduce.ipynb"].decode()
    assert "<b>" not in files["reproduce.ipynb"].decode()  # what a person typed is not read as Markdown


NETWORKS = [
    ["model.cross_kind=vector", "model.num_cross_layers=3"],
    ["model.cross_kind=low_rank", "model.projection_dim=2", "model.structure=stacked", "model.activation=silu"],
    ["model.cross_kind=gated", "model.structure=cross", "model.genre_pooling=sum", "model.movie_bias=true"],
    ["model.cross_kind=matrix", "model.combination=token_mean", "model.head=sum", "model.embedding_dim=auto"],
    ["model.cross_kind=mixture", "model.projection_dim=2", "model.gate=sigmoid", "model.center_output=false"],
    ["model.cross_kind=mixture", "model.projection_dim=2", "model.num_experts=1", "model.num_cross_layers=1"],
    ["data.target=like", "train.label_smoothing=0.1", "train.learning_rate_schedule=linear"],
    ["model.structure=deep", "model.deep_layer_sizes=[5,4]", "model.batch_normalization=true"],
    [
        "model.head=average",
        "model.batch_normalization=true",
        "model.normalization_position=after_activation",
        "model.deep_initializer=glorot_uniform",
    ],
]


@pytest.mark.parametrize("assignments", NETWORKS, ids=lambda values: values[0].partition("=")[2])
def test_every_network_starts_as_ours(assignments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    config = override(RunConfig(), ["model.embedding_dim=3", "model.deep_layer_sizes=[4]", *assignments])
    target, mean = config.data.target, 0.3 if config.data.target == "like" else 3.5
    start = log_odds(mean) if target == "like" else mean
    ours = build_model(config.model, SPECS, start, config.train.seed, target)
    indices, label = random_indices(SPECS), np.full(32, mean, np.float32)
    rows = {f"rows/{part}": np.arange(32) for part in ("train", "validation", "test")}
    stored = {f"input/{name}": values for name, values in indices.items()} | rows | {"label": label}
    files = {"ratings.npz": stored, "expected.npz": {"rows": np.arange(32), "prediction": predict(ours, indices)}}
    files["weights.npz"] = {name: value * 0.5 for name, value in named_weights(ours).items()}
    monkeypatch.setattr("numpy.load", lambda path: Opened(files[Path(path).name]))
    blocks = [block for block in standalone(config, SPECS) if block.kind == "code"]
    names = [block.name for block in blocks]
    space: dict[str, object] = {}
    exec("\n\n".join(block.text for block in blocks[: names.index("kept") + 1]), space)
    np.testing.assert_allclose(space["predict"](np.arange(32)), predict(ours, indices), atol=1e-5)  # type: ignore[operator]
    space["load_kept"]()  # type: ignore[operator]
    for variable in ours.variables:
        if "seed_generator" not in variable.path:
            variable.assign(variable.value * 0.5)
    np.testing.assert_allclose(space["predict"](np.arange(32)), predict(ours, indices), atol=1e-5)  # type: ignore[operator]


class Opened(dict[str, np.ndarray]):
    """Arrays as `np.load` gives them of a file."""

    @property
    def files(self) -> list[str]:
        return list(self)

    def __enter__(self) -> "Opened":
        return self

    def __exit__(self, *_: object) -> None:
        return None


def test_only_what_the_network_needs_is_written() -> None:
    config = override(RunConfig(), ["model.structure=cross", "model.cross_kind=gated"])
    text = "\n".join(block.text for block in standalone(config, SPECS))
    assert "class GatedCross" in text and "class MatrixCross" not in text
    assert "def deep(" not in text and "class Rate" not in text


def test_a_setting_that_the_script_does_not_know_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    template = tmp_path / "template.py"
    template.write_text(TEMPLATE.read_text().replace('"id_dropout"', '"other"'))
    monkeypatch.setattr("dcn_core.export.reproduce.TEMPLATE", template)
    standalone(RunConfig(), SPECS)
    with pytest.raises(RunError, match=r"id_dropout = 0\.2. Expected: 0\.0"):
        standalone(override(RunConfig(), ["model.id_dropout=0.2"]), SPECS)
