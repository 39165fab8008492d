"""Moves one search on: begins trials as ordinary runs, reports their curves, stops the hopeless, tells how they ended."""

import optuna
from optuna.trial import FrozenTrial, TrialState

from dcn_core.compare.metrics import score
from dcn_core.errors import ConfigError, RunError
from dcn_core.runs.folder import RunFolder
from dcn_core.runs.status import CANCELLED
from dcn_core.runs.store import RunStore
from dcn_core.runs.summary import RunSummary, finished_one
from dcn_core.runs.supervisor import Supervisor
from dcn_core.search.sampling import draw
from dcn_core.search.searches import plan_of

MOST_RESUMES = 2
"""Times that a trial whose worker or server ended goes on: what it does might be what brought them down."""


class Driver:
    """One search at work.

    Args:
        study: Optuna's, with sampler and pruner.
        supervisor: Trains the runs.
        store: Where they are.
    """

    def __init__(self, study: optuna.Study, supervisor: Supervisor, store: RunStore) -> None:
        self._study, self._plan = study, plan_of(study)
        self._supervisor, self._store = supervisor, store
        self._offsets: dict[int, int] = {}

    def step(self, begin: bool = True) -> bool:
        """Looks at all trials that are under way, and begins new ones while there is room. Returns whether anything is left.

        Args:
            begin: Whether new ones may be begun.

        Raises:
            RunError: A run could not be begun. The trial has failed; the search can go on when the reason is gone.
        """
        self._plan = plan_of(self._study)  # it may have been extended
        for trial in self._under_way():
            self._follow(trial)
        made = len(self._study.get_trials(deepcopy=False))
        while begin and made < self._plan.wanted and len(self._under_way()) < self._plan.parallel:
            self._begin()
            made += 1
        return bool(self._under_way()) or (begin and made < self._plan.wanted)

    def _under_way(self) -> list[FrozenTrial]:
        return self._study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))

    def _begin(self) -> None:
        trial = self._study.ask()
        try:
            config = draw(trial, self._plan)
            fingerprint = config.fingerprint(self._plan.data) if self._plan.data else None
            run_id = finished_one(self._store.list(), fingerprint) if fingerprint else None
            if run_id is None:
                name = f"{self._study.study_name[:90]} · trial {trial.number + 1}"
                run_id = self._supervisor.start(config, name, fingerprint)
            trial.set_user_attr("run", run_id)
        except ConfigError as error:
            self._fail(trial.number, str(error))
        except RunError as error:
            self._fail(trial.number, str(error))
            raise

    def _follow(self, frozen: FrozenTrial) -> None:
        try:
            run = self._store.open(str(frozen.user_attrs.get("run")))
        except RunError:
            self._fail(frozen.number, "Its run is gone.")
            return
        status = run.status()
        trial = optuna.Trial(self._study, frozen._trial_id)
        if status.waiting_or_active:
            self._report(trial, run, frozen)
            if (
                self._plan.prune
                and status.state == "training"
                and "pruned" not in frozen.user_attrs
                and trial.should_prune()
            ):
                trial.set_user_attr("pruned", True)
                self._stop(run.id)
        elif status.state == "interrupted" and status.message != CANCELLED:
            if not self._supervisor.knows(run.id):  # its worker is not quite gone: at the next look
                self._resume(trial, frozen, run)
        elif status.finished:
            self._report(trial, run, frozen)
            value = score(RunSummary.read(run), "validation", self._plan.metric)
            if value is None:
                self._fail(frozen.number, f"Its run has no validation score called {self._plan.metric}.")
            elif status.state == "stopped":
                self._study.tell(frozen.number, state=TrialState.PRUNED)
            else:
                self._study.tell(frozen.number, value)
        else:
            self._fail(frozen.number, status.message or "It did not finish.")

    def _report(self, trial: optuna.Trial, run: RunFolder, frozen: FrozenTrial) -> None:
        """Tells the study of epochs that it does not know yet."""
        events, offset = run.events(self._offsets.get(frozen.number, 0))
        self._offsets[frozen.number] = offset
        for event in events:
            validation, epoch = event.get("validation"), event.get("epoch")
            if event.get("type") != "epoch" or not isinstance(validation, dict) or type(epoch) is not int:
                continue
            value = validation.get(self._plan.metric)
            if isinstance(value, int | float) and epoch not in frozen.intermediate_values:
                trial.report(float(value), epoch)
                frozen.intermediate_values[epoch] = float(value)

    def _stop(self, run_id: str) -> None:
        try:
            self._supervisor.stop(run_id)
        except RunError:  # it has just ended, or another server trains it
            return

    def _resume(self, trial: optuna.Trial, frozen: FrozenTrial, run: RunFolder) -> None:
        times = int(frozen.user_attrs.get("resumed", 0))
        if times >= MOST_RESUMES:
            self._fail(frozen.number, f"It was interrupted {times + 1} times.")
            return
        trial.set_user_attr("resumed", times + 1)
        try:
            self._supervisor.resume(run.id)
        except RunError as error:
            self._fail(frozen.number, str(error))

    def _fail(self, number: int, problem: str) -> None:
        trial = next(own for own in self._study.get_trials(deepcopy=False) if own.number == number)
        optuna.Trial(self._study, trial._trial_id).set_user_attr("problem", problem[:500])
        self._study.tell(number, state=TrialState.FAIL)
