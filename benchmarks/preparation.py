"""From the archive to what training reads: the notebook's pandas way beside ours."""

import os
import shutil
import time
from typing import Any

from benchmarks.bench import Bench
from benchmarks.notebook_steps import prepare
from benchmarks.results import Section, Timing
from benchmarks.turns import take_turns
from dcn_core.config.presets import preset_config
from dcn_core.data.encoder import Encoder, encode
from dcn_core.data.sources import load_dataset
from dcn_core.data.splits import split_rows

PEER = "pandas, as the notebook"


class Pandas:
    """Unpack, `read_csv(sep="::", engine="python")`, merge, `LabelEncoder`, `train_test_split`."""

    name = PEER

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def turn(self) -> dict[str, Any]:
        """Prepares once."""
        begin = time.perf_counter()
        prepare(self._bench.archive, self._bench.folder / "unpacked")
        return {"seconds": time.perf_counter() - begin}


class Ours:
    """`load_dataset`, `split_rows`, `Encoder.fit`, `encode`; with the cache emptied first or not."""

    def __init__(self, bench: Bench, name: str, cold: bool) -> None:
        self.name, self._cold = name, cold
        self._config = preset_config("notebook", str(bench.archive)).data
        self._cache = bench.folder / "preparation-cache"

    def turn(self) -> dict[str, Any]:
        """Prepares once."""
        if self._cold:
            shutil.rmtree(self._cache, ignore_errors=True)
        os.environ["PLAYGROUND_CACHE"] = str(self._cache)
        begin = time.perf_counter()
        dataset = load_dataset(self._config)
        split = split_rows(dataset, self._config)
        encode(dataset, Encoder.fit(dataset, split.train, self._config.features))
        return {"seconds": time.perf_counter() - begin}


def measure(bench: Bench) -> Section:
    """Prepares the archive in turns."""
    section = Section(
        "preparation",
        "Data preparation, archive to arrays",
        notes=["In one process that has everything imported. Ours: first from the archive, then from its cache."],
    )
    players = [Pandas(bench), Ours(bench, "first time", cold=True), Ours(bench, "cached", cold=False)]
    for name, answers in take_turns(players, 3).items():
        seconds = [answer["seconds"] for answer in answers]
        section.timings.append(Timing(PEER, seconds) if name == PEER else Timing("Playground", seconds, name))
    return section
