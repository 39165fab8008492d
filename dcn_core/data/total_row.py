"""The row below a table that sums it up, as spreadsheets have it."""

import re

import pyarrow as pa
import pyarrow.compute as pc

_TOTAL = re.compile(
    r"(grand |sub)?totals?|sum|average|mean|summe|gesamt(summe|ergebnis)?|insgesamt|mittelwert|durchschnitt|totale|somme|moyenne",
    re.IGNORECASE,
)


def without_total(table: pa.Table) -> pa.Table:
    """Returns a table without its last row if that sums up the others: it says total where no other row does, and has a gap."""
    last = table.slice(table.num_rows - 1)
    said = [name for name in table.column_names if _says_total(last[name][0].as_py())]
    gap = any(last[name].null_count for name in table.column_names)
    alone = any(pc.sum(pc.equal(table[name], last[name][0])).as_py() == 1 for name in said)
    return table.slice(0, table.num_rows - 1) if table.num_rows > 1 and gap and alone else table


def _says_total(value: object) -> bool:
    return isinstance(value, str) and _TOTAL.fullmatch(value.strip(" :")) is not None
