"""What the operator allows."""

import pytest

from dcn_core.config.run import RunConfig, override
from dcn_core.errors import ConfigError
from dcn_core.runs.limits import Limits


def test_limits_come_from_the_environment() -> None:
    limits = Limits.from_environment({"PLAYGROUND_MAX_ROWS": "10_000", "PLAYGROUND_MAX_MINUTES": "1.5"})
    assert (limits.max_rows, limits.max_minutes) == (10_000, 1.5)
    assert limits.max_queue == Limits().max_queue


@pytest.mark.parametrize("text", ["many", "-1", "1e400", "nan", "1.5"])
def test_a_limit_that_is_no_number_is_named(text: str) -> None:
    with pytest.raises(ConfigError, match="PLAYGROUND_MAX_QUEUE must be a whole number"):
        Limits.from_environment({"PLAYGROUND_MAX_QUEUE": text})


def test_too_many_ratings_are_refused_before_and_after_they_are_counted() -> None:
    limits = Limits(max_rows=10_000)
    with pytest.raises(ConfigError, match=r"at most 10,000 rows. Received: 100,000"):
        limits.check(RunConfig())
    with pytest.raises(ConfigError, match=r"Received: 900,000,000"):  # the number in a source counts too
        limits.check(override(RunConfig(), ["data.source=generated:900000000"]))
    other = override(RunConfig(), ["data.source=ml-1m.zip"])
    limits.check(other)
    with pytest.raises(ConfigError, match=r"Received: 1,000,209"):
        limits.check(other, 1_000_209)


def test_too_much_work_is_refused_with_the_epochs_that_would_do() -> None:
    limits = Limits(max_work=500_000)
    with pytest.raises(ConfigError, match=r"Take fewer epochs \(up to 5\)"):
        limits.check(RunConfig())
    limits.check(override(RunConfig(), ["train.epochs=5"]))


def test_too_large_a_network_is_refused() -> None:
    Limits(max_parameters=10).check_parameters(10)
    with pytest.raises(ConfigError, match=r"at most 10 weights\. Received: 11"):
        Limits(max_parameters=10).check_parameters(11)
