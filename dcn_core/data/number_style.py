"""How people write numbers: with a decimal comma or point, and signs between groups of three digits."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc


class NumberStyle(NamedTuple):
    """The signs of a column's numbers.

    Attributes:
        thousands: Each may stand between groups of three digits; none do if empty.
        decimal: Before the fraction.
    """

    thousands: str
    decimal: str

    @property
    def pattern(self) -> str:
        """A regular expression of a whole number, or one with a fraction, in this style."""
        grouped = rf"|[1-9]\d{{0,2}}([{self.thousands}]\d{{3}})+" if self.thousands else ""
        return rf"[-+]?(\d+{grouped})({re.escape(self.decimal)}\d+)?"

    def plain(self, texts: pa.ChunkedArray) -> pa.ChunkedArray:
        """The numbers among some texts as programs write them; other texts as they are, without blanks around them."""
        texts = pc.utf8_trim_whitespace(texts)
        numbers = pc.replace_substring_regex(texts, f"[{self.thousands}]", "") if self.thousands else texts
        numbers = pc.replace_substring(numbers, self.decimal, ".")
        return pc.if_else(pc.match_substring_regex(texts, f"^{self.pattern}$"), numbers, texts)


DECIMAL_COMMA = NumberStyle("", ",")
_BLANKS = " \u00a0\u2009\u202f"
_LIKE_A_NUMBER = rf"^[-+]?\d[\d.,'’{_BLANKS}]*$"
_STYLES = (
    DECIMAL_COMMA,
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
    alone = r"[-+]?\d+(\.\d+)?" if separator == "," else r"[-+]?\d+([.,]\d+)?"
    unclear = [value for value in values if re.fullmatch(alone, value)]
    proofs = set(values).difference(unclear)
    for style in _STYLES:
        if style == DECIMAL_COMMA:
            shown = separator != "," and any("," in value for value in values)
        else:
            shown = any(sign in value for value in proofs for sign in style.thousands)
        if shown and all(re.fullmatch(style.pattern, value) for value in values):
            return style
    return None


def plain_numbers(texts: pa.ChunkedArray, separator: str) -> pa.ChunkedArray:
    """Some texts with the numbers among them as programs write them."""
    values = pc.utf8_trim_whitespace(texts.unique().drop_null())
    style = number_style(values.filter(pc.match_substring_regex(values, _LIKE_A_NUMBER)).to_pylist(), separator)
    return style.plain(texts) if style else texts
