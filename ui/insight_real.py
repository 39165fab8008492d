"""Is it real? What a part is worth, and what comes out again with other seeds."""

from dcn_core.config.run import RunConfig
from dcn_core.runs.store import RunSummary
from ui import insight_knockouts, insight_seeds


def show(run: RunSummary, config: RunConfig) -> None:
    """Draws both."""
    insight_knockouts.show(run, config)
    insight_seeds.show(run, config)
