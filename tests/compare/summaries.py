"""Runs in a list, made by hand."""

from dcn_core.config.run import RunConfig, override
from dcn_core.runs.status import Status
from dcn_core.runs.summary import RunSummary


def summary(
    name: str,
    *settings: str,
    rmse: float | None = None,
    data: str | None = "data",
    parameters: int = 100,
    seconds: float = 1.0,
    state: str = "done",
) -> RunSummary:
    """A run with its own fingerprint; without an error it has no result."""
    config = override(RunConfig(), settings)
    scores = {"mse": (rmse or 0) ** 2, "rmse": rmse, "mae": rmse}
    result = {
        "scores": {"validation": scores, "test": None},
        "parameters": parameters,
        "timing": {"epoch_s": [seconds]},
    }
    return RunSummary(
        id=name,
        name=name,
        created=0.0,
        status=Status(state=state),  # type: ignore[arg-type]
        settings=config.model_dump(mode="json"),
        fingerprint=config.fingerprint(data or ""),
        result=None if rmse is None else result,
        data=data,
    )
