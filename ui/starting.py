"""Starting a run from any page: what it asks of the machine, and the press itself."""

import streamlit as st

from dcn_core.config.run import RunConfig
from dcn_core.errors import PlaygroundError
from dcn_core.model.cost import memory_mb, parameter_counts
from dcn_core.model.shapes import check_model
from dcn_core.runs.limits import Demand
from dcn_core.runs.seeds import next_seeds, same_but_seed, with_seed
from dcn_core.runs.store import default_name
from ui import caches, draft, session
from ui.errors import show_problem

SHORTCUT = "Ctrl+Enter"
"""What presses the button that trains, on every page that has one."""
SEEDS = 3
"""Runs of one experiment that one press starts."""
_PROBLEM = "start-problem"


def check(config: RunConfig) -> Demand:
    """What training an experiment asks of the machine.

    Raises:
        PlaygroundError: If its settings do not fit together, or the operator's limits do not allow it.
    """
    specs = caches.specs(config.data)
    check_model(config.model, specs)
    num_ratings = caches.dataset(config.data).num_ratings
    parameters = parameter_counts(config.model, specs)["total"]
    demand = Demand(num_ratings, parameters, memory_mb(config, specs, num_ratings))
    caches.supervisor().limits.check_all(config, demand)
    return demand


def start(config: RunConfig | None = None, name: str | None = None) -> None:
    """Starts an experiment and shows its run; what is in the way is noted for `problem`.

    Args:
        config: None for what the form says at the press, which may be later than what was last drawn.
        name: Of the run; None for one that tells the model.
    """
    try:
        config = config or draft.config()
        fingerprint = config.fingerprint(caches.dataset(config.data).fingerprint)
        demand = check(config)
        session.show_run(caches.supervisor().start(config, name=name, fingerprint=fingerprint, demand=demand))
    except PlaygroundError as error:
        st.session_state[_PROBLEM] = error


def start_seeds() -> None:
    """Queues what the form says with `SEEDS` seeds, its own and the lowest free ones, and shows the first run of them.

    Seeds that were trained before, or are on their way, are not trained again.
    """
    try:
        config = draft.config()
        demand, data = check(config), caches.dataset(config.data).fingerprint
        group = same_but_seed(caches.store().list(), config, data)
        seeds = [config.train.seed, *next_seeds([config.train.seed], SEEDS - 1)]
        ids = []
        for seed in seeds:
            own = with_seed(config, seed)
            name = f"{default_name(own)} · seed {seed}"
            ids.append(
                group[seed].id
                if seed in group
                else caches.supervisor().start(own, name=name, fingerprint=own.fingerprint(data), demand=demand)
            )
        session.show_run(ids[0])
    except PlaygroundError as error:
        st.session_state[_PROBLEM] = error


def problem() -> None:
    """Says once why the last press started nothing."""
    if found := st.session_state.pop(_PROBLEM, None):
        show_problem(found, "The run could not be started")
