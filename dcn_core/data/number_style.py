"""How people write numbers: with a decimal comma or point, signs between groups of three digits, and units."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

_BLANKS = " \u00a0\u2009\u202f"
_MONEY = r"[€$£¥]|EUR|USD|GBP|CHF"
_PARTS = rf"(?P<before>(?:{_MONEY})[{_BLANKS}]?)?(?P<number>[-+]?\d[\d.,'’{_BLANKS}]*?)(?P<after>[{_BLANKS}]?(?:%|[Ss]tars?|/\d{{1,3}}|{_MONEY}))?"
"""A regular expression of numbers in whatever style."""


class NumberStyle(NamedTuple):
    """The signs of a column's numbers.

    Attributes:
        thousands: Each may stand between groups of three digits; none do if empty.
        decimal: Before the fraction.
        before: A regular expression of the unit in front, such as €.
        after: Likewise behind, such as %, stars or /5.
    """

    thousands: str
    decimal: str
    before: str = ""
    after: str = ""

    @property
    def number(self) -> str:
        """A regular expression of a whole number, or one with a fraction, without its unit."""
        grouped = rf"|[1-9]\d{{0,2}}([{self.thousands}]\d{{3}})+" if self.thousands else ""
        return rf"[-+]?(\d+{grouped})({re.escape(self.decimal)}\d+)?"

    def plain(self, texts: pa.ChunkedArray) -> pa.ChunkedArray:
        """The numbers among some texts as programs write them; other texts as they are, without blanks around them."""
        texts = pc.utf8_trim_whitespace(texts)
        numbers = pc.replace_substring_regex(texts, f"^({self.before})|({self.after})$", "")
        if self.thousands:
            numbers = pc.replace_substring_regex(numbers, f"[{self.thousands}]", "")
        numbers = pc.replace_substring(numbers, self.decimal, ".")
        return pc.if_else(
            pc.match_substring_regex(texts, f"^({self.before}){self.number}({self.after})$"), numbers, texts
        )


_COMMA, _POINT = NumberStyle("", ","), NumberStyle("", ".")
_GROUPED = (
    NumberStyle(".", ","),
    NumberStyle(",", "."),
    NumberStyle(_BLANKS, ","),
    NumberStyle(_BLANKS, "."),
    NumberStyle("'’", "."),
    NumberStyle("'’", ","),
)


def number_style(values: Sequence[str], separator: str) -> NumberStyle | None:
    """The style that all of some values have, if some of them are no numbers for programs.

    A single comma is decimal, as much of Europe writes it, but where commas separate the values of a line. A single point always is.

    Args:
        values: Known ones of one column, without blanks around them.
        separator: Between the values of a line.
    """
    found = [re.fullmatch(_PARTS, value) for value in values]
    parts = [match for match in found if match]
    units = {(_unit(match["before"]), _unit(match["after"])) for match in parts}
    if len(parts) < len(values) or len(units) != 1:
        return None
    before, after = units.pop()
    style = _signs([match["number"] for match in parts], separator)
    return style._replace(before=before, after=after) if style and (style != _POINT or before or after) else None


def _signs(numbers: Sequence[str], separator: str) -> NumberStyle | None:
    """The style that all of some numbers have."""
    alone = r"[-+]?\d+(\.\d+)?" if separator == "," else r"[-+]?\d+([.,]\d+)?"
    proofs = [number for number in numbers if not re.fullmatch(alone, number)]
    styles = [style for style in _GROUPED if any(sign in number for number in proofs for sign in style.thousands)]
    for style in [_POINT, *([] if separator == "," else [_COMMA]), *styles]:
        if all(re.fullmatch(style.number, number) for number in numbers):
            return style
    return None


def _unit(text: str | None) -> str:
    """A regular expression of a unit however it is set off, in the singular and plural."""
    unit = re.sub("[Ss]tars?", "[Ss]tars?", re.escape((text or "").strip()))
    return f"[{_BLANKS}]?{unit}[{_BLANKS}]?" if unit else ""


def column_style(texts: pa.ChunkedArray, separator: str) -> NumberStyle | None:
    """The style of those texts of a column that are numbers."""
    values = pc.utf8_trim_whitespace(texts.unique().drop_null())
    return number_style(values.filter(pc.match_substring_regex(values, f"^{_PARTS}$")).to_pylist(), separator)


def plain_numbers(texts: pa.ChunkedArray, separator: str) -> pa.ChunkedArray:
    """Some texts with the numbers among them as programs write them."""
    style = column_style(texts, separator)
    return style.plain(texts) if style else texts
