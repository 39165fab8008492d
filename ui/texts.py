"""Words for a person in place of the names that the code uses. Plain text, never Markdown."""

import re
import time
from collections.abc import Mapping
from typing import Literal

from dcn_core.data.categories import AGE_NAMES, GENDER_NAMES

_DESCRIBED = ("gender", "age", "occupation")
Colour = Literal["gray", "blue", "orange", "green", "red"]
STATES: dict[str, tuple[str, Colour]] = {
    "queued": ("Waiting", "gray"),
    "preparing": ("Preparing data", "blue"),
    "compiling": ("Compiling", "blue"),
    "training": ("Training", "blue"),
    "paused": ("Paused", "orange"),
    "finishing": ("Finishing", "blue"),
    "done": ("Done", "green"),
    "stopped": ("Stopped early", "green"),
    "failed": ("Failed", "red"),
    "interrupted": ("Interrupted", "orange"),
}
"""State of a run: words, and the colour of its badge."""


def as_text(text: str) -> str:
    """Text that is data, for the few places that read Markdown: every sign that could mean something is escaped.

    Shortcodes such as `:smile:` are looked for after that, so an invisible sign stands behind each colon.
    """
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", " ".join(text.split())).replace(":", ":\u2060")


def compact(value: float) -> str:
    """A count in at most four signs or so: 812, 12.4 k, 3.1 M."""
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= 0.9995 * size:
            return f"{value / size:.3g} {unit}"
    return f"{value:.0f}"


def duration(seconds: float | None) -> str:
    """A time span for a person: 4 s, 3 min 10 s, 2 h 5 min."""
    if seconds is None:
        return "–"
    if seconds < 1:
        return "under 1 s"
    total = round(seconds)
    if total < 60:
        return f"{total} s"
    if total < 3600:
        return f"{total // 60} min {total % 60} s"
    return f"{total // 3600} h {total % 3600 // 60} min"


def moment(unix: float, now: float | None = None) -> str:
    """When something happened, as short as possible: time of day, with the date if it was not today."""
    then, today = time.localtime(unix), time.localtime(now)
    return time.strftime("%H:%M" if then[:3] == today[:3] else "%d %b, %H:%M", then)


def describe_user(user: Mapping[str, object], features: Mapping[str, str] | None = None) -> str:
    """A user in words: `Female, 25–34, programmer`; empty if nothing is known.

    Args:
        user: What is known.
        features: What a table of one's own calls that.
    """
    named = features or {}
    age = user.get("age")
    parts = [
        GENDER_NAMES.get(str(user.get("gender")), ""),
        AGE_NAMES.get(int(age), f"{age}") if isinstance(age, int | float) and age == age else "",
        str(user.get("occupation") or ""),
        *(
            f"{named.get(name, name)} {value}"
            for name, value in user.items()
            if name not in _DESCRIBED and value == value and value
        ),
    ]
    text = ", ".join(part for part in parts if part)
    return text[:1].upper() + text[1:]
