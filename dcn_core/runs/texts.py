"""Texts that people choose for a run: its name and its note. Any text is allowed, as long as it can be shown."""

import unicodedata

from dcn_core.errors import RunError

MOST_LETTERS = {"name": 120, "note": 2_000}


def clean(what: str, text: str) -> str:
    """Returns a name or note from outside without control characters and outer blanks. A note keeps its lines.

    Raises:
        RunError: It is too long, or an empty name.
    """
    text, most = _visible(what, text), MOST_LETTERS[what]
    if len(text) > most or (what == "name" and not text):
        raise RunError(f"a {what} has at most {most:,} letters and a name at least one. Received: {len(text):,}.")
    return text


def tidy(what: str, text: str) -> str:
    """Returns a name or note from a file that somebody may have edited as `clean` would, cut where it is too long."""
    return _visible(what, text[: 2 * MOST_LETTERS[what]])[: MOST_LETTERS[what]]


def _visible(what: str, text: str) -> str:
    kept = "\u200d\n" if what == "note" else "\u200d"  # what joins emoji, and lines
    return "".join(c if c in kept or unicodedata.category(c)[0] != "C" else " " for c in text).strip()
