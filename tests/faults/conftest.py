"""What the tests of faults share."""

import pytest

from dcn_core.runs.folder import RunFolder
from dcn_core.runs.store import RunStore
from dcn_core.runs.supervisor import Supervisor
from tests.runs.steps import SMALL, wait_for


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A finished run, not to be changed."""
    store = RunStore(tmp_path_factory.mktemp("finished"))
    supervisor = Supervisor(store, keep_warm=False)
    run = store.open(supervisor.start(SMALL))
    wait_for(lambda: run.status().finished)
    supervisor.close()
    return run
