"""Which runs can be compared: those that were measured on the same ratings, split in the same way."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from dcn_core.config.data import DataConfig
from dcn_core.config.run import WHICH_DATA
from dcn_core.runs.summary import RunSummary

FREE = frozenset({"features", *WHICH_DATA})
"""Data settings in which comparable runs may differ: what a network sees, and what the fingerprint of the ratings tells."""
OF_LIKES = frozenset({"like_from", "dislike_to"})
"""Settings that only matter where likes are predicted."""
_DEFAULTS = DataConfig().model_dump(mode="json")


class Terms:
    """Tells on what terms each run was measured.

    A run that has not read its ratings yet has those of another one with the same source.

    Args:
        runs: All runs.
    """

    def __init__(self, runs: Iterable[RunSummary]) -> None:
        self._known = {source: run.data for run in runs if run.data and (source := _source(run))}

    def of(self, run: RunSummary) -> str | None:
        """A text that is equal for two runs exactly if their scores can be compared; None while that is not known."""
        data = run.data or self._known.get(_source(run) or "")
        settings = _data_settings(run)
        if data is None or settings is None:
            return None
        left_out = FREE if settings.get("target") == "like" else FREE | OF_LIKES
        asked = {name: value for name, value in settings.items() if name not in left_out}
        return json.dumps([data, asked], sort_keys=True)

    def groups(self, runs: Sequence[RunSummary]) -> dict[str, list[RunSummary]]:
        """Comparable runs together: the group of the first run first."""
        found: dict[str, list[RunSummary]] = {}
        for run in runs:
            if (terms := self.of(run)) is not None:
                found.setdefault(terms, []).append(run)
        return found


def _source(run: RunSummary) -> str | None:
    settings = _data_settings(run)
    if settings is None:
        return None
    return json.dumps({name: settings.get(name) for name in WHICH_DATA}, sort_keys=True)


def _data_settings(run: RunSummary) -> dict[str, Any] | None:
    settings = (run.settings or {}).get("data")
    # A run that is older than a setting was measured as its default says.
    return _DEFAULTS | settings if isinstance(settings, dict) else None
