"""Makes the exported network of a run from elsewhere anew, of its config and weights: a foreign ONNX file is never run.

Even standard operations can take all memory of the process that runs them, for instance `Expand` by what an input says.
It takes TensorFlow, so a process of its own does it, whose memory is watched.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from dcn_core.config.features import FeatureSpec
from dcn_core.errors import PlaygroundError, RunError
from dcn_core.interpreter import run_module
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.limits import Limits
from dcn_core.runs.memory import watched_memory

LONGEST_S = 180
ASKED = 64
"""Made-up ratings on which the weights and the network that was made of them must agree."""
_REFUSED = 2
_ADVICE = "Export the run again, as a whole run."


def remake(run: RunFolder) -> None:
    """Writes `model.onnx` into a run's folder, in a process of its own.

    Raises:
        RunError: Config, encoder and weights do not belong together, or it takes too much memory or time; says which.
    """
    with tempfile.TemporaryDirectory(prefix="dcn-remake-") as place:  # TensorFlow leaves files in it
        try:
            folder = str(run.path.resolve())
            done = run_module("dcn_core.export.remake", folder, longest_s=LONGEST_S, TMPDIR=place)
        except subprocess.TimeoutExpired:
            raise RunError(f"the network of the run in the zip was not made within {LONGEST_S} seconds.") from None
    if done.returncode == _REFUSED and (lines := done.stderr.strip().splitlines()):
        raise RunError(lines[-1][:600])
    if done.returncode:
        raise RunError(f"the network of the run in the zip cannot be made of its config and weights. {_ADVICE}")


def _make(run: RunFolder) -> None:
    """What the process does.

    Raises:
        RunError: As of `remake`.
    """
    from dcn_core.insight.network import network_class
    from dcn_core.model.export import ONNX_FILE, onnx_graph, rebuilt, write_onnx
    from dcn_core.serving.predictor import Predictor

    config, encoder, weights = run.config(), run.encoder(), run.weights()
    if not all(np.isfinite(values).all() for values in weights.values()):
        raise RunError(f"the weights of the run in the zip are not all numbers. {_ADVICE}")
    write_onnx(onnx_graph(rebuilt(config, encoder.specs, weights)), weights, run.path / ONNX_FILE)
    rng = np.random.default_rng(0)
    asked = {spec.name: _some(spec, rng) for spec in encoder.specs}
    ours = network_class(config.data.target)(config.model, encoder.specs, weights).rating(asked)
    if not np.allclose(ours, Predictor.open(run.path).score(asked), atol=1e-3, rtol=1e-3):
        raise RunError("the network of the run in the zip predicts other ratings here than its weights say.")


def _some(spec: FeatureSpec, rng: np.random.Generator) -> np.ndarray:
    """Inputs of one feature for `ASKED` made-up ratings."""
    if spec.slots > 1:
        return rng.integers(0, spec.vocabulary_size, (ASKED, spec.slots), dtype=np.int32)
    return spec.values(rng.integers(0, spec.vocabulary_size, ASKED, dtype=np.int32))


def main() -> int:
    """Makes the network of the run whose folder is the argument. Returns the exit code; standard error ends with why not."""
    from dcn_core.training.setup import configure_tensorflow

    configure_tensorflow()

    def give_up(used_mb: float) -> None:
        text = f"the network of the run in the zip took {used_mb:,.0f} MB of memory, more than this server gives a run."
        print(text, file=sys.stderr, flush=True)  # noqa: T201  the caller reads it
        os._exit(_REFUSED)

    try:
        with watched_memory(Limits.from_environment().memory_mb, give_up):
            _make(RunFolder(Path(sys.argv[1])))
    except PlaygroundError as error:
        reason = str(error)
    except Exception as error:  # whatever a made-up network makes Keras, the exporter or NumPy say
        said = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        reason = f"the parts of the run in the zip do not fit each other: {said}. {_ADVICE}"
    else:
        return 0
    print(" ".join(reason.split()), file=sys.stderr)  # noqa: T201  the caller reads it
    return _REFUSED


if __name__ == "__main__":
    from dcn_core.training.setup import leave

    leave(main())
