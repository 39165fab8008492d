"""All searches of a runs folder, in Optuna's database beside the runs: made, listed, stopped, continued."""

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import TrialState
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError, SQLAlchemyError

from dcn_core.compare.metrics import better
from dcn_core.errors import ConfigError, RunError
from dcn_core.runs.texts import clean
from dcn_core.search import place
from dcn_core.search.plan import Plan, make_plan
from dcn_core.search.sampling import decode, make_pruner, make_sampler
from dcn_core.search.trials import Search, State, TrialRow

_ATTEMPTS = 5
WORDS = {
    TrialState.RUNNING: "running",
    TrialState.COMPLETE: "done",
    TrialState.PRUNED: "stopped early",
    TrialState.FAIL: "failed",
    TrialState.WAITING: "waiting",
}


class Searches:
    """The searches of one runs folder.

    Args:
        root: The runs folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._storage: optuna.storages.RDBStorage | None = None
        self._lock = threading.Lock()

    def exist(self) -> bool:
        """Whether there may be any, told without a look into the database."""
        return place.exist(self.root)

    def create(self, name: str, plan: Plan) -> str:
        """Begins a search and returns its name. Whoever conducts takes it up.

        Raises:
            ConfigError: There is one of that name, or the name is empty or too long.
            RunError: The database cannot be written.
        """
        name = _clean(name)
        with self.calm():
            try:
                lower = better(plan.metric) == "lower"
                study = optuna.create_study(
                    study_name=name, storage=self._open(), direction="minimize" if lower else "maximize"
                )
            except optuna.exceptions.DuplicatedStudyError:
                raise ConfigError(f"a search has a name of its own. There is one called '{name}'.") from None
            study.set_user_attr("plan", plan.model_dump_json())
            study.set_user_attr("state", "running")
        return name

    def names(self) -> list[str]:
        """Names of all searches, newest first."""
        if not self.exist():
            return []
        with self.calm():
            return [name for _, name in sorted(((s._study_id, s.study_name) for s in self._summaries()), reverse=True)]

    def running(self) -> list[str]:
        """Names of the searches that are to go on, oldest first."""
        if not self.exist():
            return []
        with self.calm():
            return [s.study_name for s in self._summaries() if s.user_attrs.get("state") == "running"]

    def read(self, name: str) -> Search:
        """Returns a search with its trials.

        Raises:
            RunError: There is none of that name, or the database cannot be read.
        """
        with self.calm():
            study = self._load(name)
            plan = plan_of(study)
            by_path = {dimension.path: dimension for dimension in plan.dimensions}
            rows = [
                TrialRow(
                    number=trial.number + 1,
                    state=WORDS[trial.state],
                    value=_value(trial),
                    settings={p: decode(v, by_path[p]) for p, v in trial.params.items() if p in by_path},
                    run=trial.user_attrs.get("run"),
                    problem=str(trial.user_attrs.get("problem", "")),
                )
                for trial in study.get_trials(deepcopy=False)
            ]
            attributes = study.user_attrs
            return Search(name, plan, attributes.get("state", "stopped"), str(attributes.get("problem", "")), rows)

    def study(self, name: str) -> optuna.Study:
        """Returns Optuna's study with the plan's sampler and pruner, to draw and tell trials.

        Raises:
            RunError: There is none of that name, or the database cannot be read.
        """
        with self.calm():
            study = self._load(name)
            plan = plan_of(study)
            made = len(study.get_trials(deepcopy=False))
            study.sampler, study.pruner = make_sampler(plan, made), make_pruner(plan)
            return study

    def set_state(self, name: str, state: State, problem: str = "") -> None:
        """Stops a search, continues it, or says that it is done. Trials that are being trained are not touched.

        Raises:
            RunError: There is none of that name, or the database cannot be written.
        """
        with self.calm():
            study = self._load(name)
            study.set_user_attr("state", state)
            study.set_user_attr("problem", problem)

    def extend(self, name: str, more: int) -> None:
        """Lets a search go on for so many more trials than were planned.

        Raises:
            ConfigError: There would be too many.
            RunError: There is none of that name, or the database cannot be written.
        """
        with self.calm():
            study = self._load(name)
            plan = plan_of(study)
            longer = make_plan(**{**dict(plan), "trials": plan.trials + more})
            study.set_user_attr("plan", longer.model_dump_json())
        self.set_state(name, "running")

    def delete(self, name: str) -> None:
        """Forgets a search. Its runs stay.

        Raises:
            RunError: There is none of that name, or the database cannot be written.
        """
        with self.calm():
            optuna.delete_study(study_name=name, storage=self._open())

    def importances(self, name: str) -> dict[str, float]:
        """How much of the score each varied setting decides, by path, largest first; they add up to 1. Empty for too few trials.

        PED-ANOVA (Watanabe et al., IJCAI 2023): how much the best tenth of the trials differs from all in that setting.
        """
        with self.calm():
            study = self._load(name)
            values = {trial.value for trial in study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))}
            if len(values) < 4:
                return {}
            return optuna.importance.get_param_importances(study)

    def close(self) -> None:
        """Ends the connections to the database. They are made anew when they are needed."""
        with self._lock:
            if self._storage is not None:
                self._storage.remove_session()
                self._storage.engine.dispose()
                self._storage = None

    def _load(self, name: str) -> optuna.Study:
        return optuna.load_study(study_name=name, storage=self._open())

    def _summaries(self) -> list[Any]:
        return optuna.get_all_study_summaries(self._open(), include_best_trial=False)

    def _open(self) -> optuna.storages.RDBStorage:
        with self._lock:
            if self._storage is None:
                optuna.logging.set_verbosity(optuna.logging.ERROR)
                url = place.database_url(self.root)
                if url.startswith("sqlite"):
                    self.root.mkdir(parents=True, exist_ok=True)
                arguments = {"connect_args": {"timeout": 10}} if url.startswith("sqlite") else {"pool_pre_ping": True}
                self._storage = _connected(url, arguments)
            return self._storage

    @contextlib.contextmanager
    def calm(self) -> Iterator[None]:
        """Turns what the database raises into an error for a person."""
        try:
            yield
        except (SQLAlchemyError, optuna.exceptions.StorageInternalError, OSError) as error:
            reason = str(getattr(error, "orig", None) or error).splitlines()[0][:200]
            raise RunError(
                f"the database of the searches must be readable and writable. It is not: {reason}. Runs are not touched by that."
            ) from None
        except KeyError:
            raise RunError("there is no such search. It may have been deleted.") from None


def _connected(url: str, arguments: dict[str, Any]) -> optuna.storages.RDBStorage:
    """Optuna's storage. Two processes that make its tables at the same moment get in each other's way: the later tries again."""
    for attempt in range(_ATTEMPTS):
        try:
            return optuna.storages.RDBStorage(url, engine_kwargs=arguments)
        except (OperationalError, ProgrammingError, IntegrityError):
            if attempt == _ATTEMPTS - 1:
                raise
            time.sleep(0.2)
    raise AssertionError


def plan_of(study: optuna.Study) -> Plan:
    """The plan of a study.

    Raises:
        RunError: It cannot be read.
    """
    try:
        return make_plan(**json.loads(study.user_attrs["plan"]))
    except (ConfigError, ValueError, TypeError) as error:
        raise RunError(f"the plan of the search '{study.study_name}' cannot be read: {error}") from None


def _value(trial: optuna.trial.FrozenTrial) -> float | None:
    if trial.state == TrialState.COMPLETE:
        return trial.value
    last = trial.last_step
    return trial.intermediate_values[last] if last is not None else None


def _clean(name: str) -> str:
    try:
        return clean("name", name)
    except RunError as error:
        raise ConfigError(str(error)) from None
