"""Tables of one's own for tests, as files in every format."""

import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import pandas as pd

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def cars(rows: int = 400, seed: int = 0) -> pd.DataFrame:
    """Used cars, without users, items or titles: the price is a cross of power and fuel."""
    rng = np.random.default_rng(seed)
    fuel, power = rng.choice(["petrol", "diesel"], rows), np.round(rng.gamma(4, 30, rows))
    extras = [";".join(rng.choice(["ABS", "radio", "roof"], rng.integers(0, 4), replace=False)) for _ in range(rows)]
    return pd.DataFrame(
        {
            "Brand": rng.choice(["VW", "Fiat", "Škoda"], rows),
            "Fuel type": fuel,
            "Power (PS)": power,
            "Extras": extras,
            "Sold": pd.date_range("2024-01-01", periods=rows, freq="h").strftime("%Y-%m-%d %H:%M"),
            "Price": 2000 + 90 * power * np.where(fuel == "diesel", 2, 1) + rng.normal(0, 300, rows).round(),
        }
    )


def purchases(rows: int = 300, seed: int = 0) -> pd.DataFrame:
    """Ratings of products by customers, some of it known of the customer, the product or the single purchase."""
    rng = np.random.default_rng(seed)
    customer, product = rng.integers(0, 20, rows), rng.integers(0, 12, rows)
    city, price = rng.choice(["Rome", "Oslo"], 20), rng.integers(100, 9000, 12) / 100
    return pd.DataFrame(
        {
            "customer_id": [f"C{number:03}" for number in customer],
            "product_id": product + 1,
            "product_name": [f"Thing {number}" for number in product],
            "city": city[customer],
            "price": price[product],
            "channel": rng.choice(["web", "shop"], rows),
            "when": 1_700_000_000 + 60 * np.arange(rows),
            "rating": rng.integers(1, 6, rows),
        }
    )


def stays(rows: int = 600, seed: int = 0) -> pd.DataFrame:
    """Scores that guests gave hotels: a table with users and items, and headers as programs write them."""
    rng = np.random.default_rng(seed)
    guest, hotel = rng.integers(0, 30, rows), rng.integers(0, 15, rows)
    trip = rng.choice(["business", "family"], rows)
    return pd.DataFrame(
        {
            "Guest": [f"G{number}" for number in guest],
            "Hotel": [f"H{number}" for number in hotel],
            "Hotel name": [f"Inn {number}" for number in hotel],
            "trip_type": trip,
            "gender": rng.choice(["m", "w"], 30)[guest],
            "Price per night": rng.integers(40, 300, 15)[hotel],
            "amenities": np.array(["pool|bar", "bar", "spa|pool", "pool"])[hotel % 4],
            "date": 1_700_000_000 + 3_600 * np.arange(rows),
            "score": np.clip(6 + 2 * (trip == "family") * (hotel % 2) + rng.normal(0, 1, rows), 0, 10).round(1),
        }
    )


def write_xlsx(frame: pd.DataFrame, path: Path, sheet: str = "Cars") -> None:
    """Writes a workbook of one sheet with numbers and inline texts, the least that a spreadsheet program opens."""
    rows = [list(frame.columns), *frame.to_numpy(dtype=object).tolist()]
    body = "".join("<row>" + "".join(map(_cell, row)) + "</row>" for row in rows)
    kinds = "http://schemas.openxmlformats.org/package/2006/content-types"
    main = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{kinds}"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{main}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{main}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="r1" Type="{_LINKS}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_SHEET}" xmlns:r="{_LINKS}"><sheets>'
        f'<sheet name="{escape(sheet)}" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="r1" Type="{_LINKS}/worksheet" '
        'Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_SHEET}"><sheetData>{body}</sheetData></worksheet>',
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, _HEAD + text)


def _cell(value: object) -> str:
    if isinstance(value, int | float):
        return f"<c><v>{value}</v></c>" if value == value else "<c/>"
    return f'<c t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'
