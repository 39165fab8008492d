"""Columns of two values, such as yes and no, as 0 and 1."""

from collections.abc import Iterable

_YES = {"yes", "y", "true", "t", "ja", "j", "wahr", "1"}
_NO = {"no", "n", "false", "f", "nein", "falsch", "0"}


def is_yes_or_no(texts: Iterable[str]) -> bool:
    """Whether distinct texts are some form of yes and one of no."""
    kinds = {_plain(text) for text in texts}
    return len(kinds) == 2 and len(kinds & _YES) == len(kinds & _NO) == 1


def zeros_and_ones(texts: Iterable[str]) -> dict[str, int] | None:
    """Returns 0 or 1 for each distinct text: 1 for a yes, else for the later one of two by the alphabet; None if there are more.

    Upper case and blanks around a text make no difference.
    """
    plain = {text: _plain(text) for text in texts}
    kinds = sorted(set(plain.values()), key=lambda kind: ((kind in _YES) - (kind in _NO), kind))
    return {text: kinds.index(kind) for text, kind in plain.items()} if len(kinds) == 2 else None


def _plain(text: str) -> str:
    return text.strip().casefold()
